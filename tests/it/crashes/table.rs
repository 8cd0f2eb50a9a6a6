//! The commands that are put through it, a row each.

use crate::support::{Playground, Repo, require, seen};

use super::invariants::{Documents, documents, violations};
use super::rig::{Fault, Rig, begun};

/// A command and the repository it runs in.
pub(super) struct Row {
    pub prepare: fn(&Playground) -> Repo<'_>,
    /// Who runs it; empty: the human.
    pub agent: &'static str,
    pub words: &'static [&'static str],
    /// It makes commits, so that git is asked as well.
    pub git: bool,
}

const HEARTBEAT: Row = Row {
    prepare: begun,
    agent: "worker-1",
    words: &["heartbeat", "-m", "still here"],
    git: false,
};
pub(super) const DECISION: Row = Row {
    prepare: begun,
    agent: "worker-1",
    words: &["status", "set", "testing", "-i", "147", "-m", "tests"],
    git: false,
};
pub(super) const ESCALATE: Row = Row {
    prepare: begun,
    agent: "worker-1",
    words: &[
        "escalate",
        "Which colour?",
        "-o",
        "red",
        "-o",
        "blue",
        "-m",
        "It must be one.",
    ],
    git: false,
};
const RESOLVE: Row = Row {
    prepare: asked,
    agent: "",
    words: &["resolve", "2026-01", "-c", "2"],
    git: false,
};
pub(super) const ACCEPT: Row = Row {
    prepare: handed_over,
    agent: "worker-2",
    words: &["accept"],
    git: false,
};
const CLAIM: Row = Row {
    prepare: with_an_issue,
    agent: "worker-1",
    words: &["claim", "1"],
    git: false,
};
const START: Row = Row {
    prepare: with_an_issue,
    agent: "worker-1",
    words: &["start", "1"],
    git: false,
};
const DELEGATE: Row = Row {
    prepare: begun,
    agent: "worker-1",
    words: &["delegate", "worker-2", "Count the files"],
    git: false,
};
/// A task and an entry at once.
const DONE: Row = Row {
    prepare: delegated,
    agent: "worker-2",
    words: &["done", "-m", "There are 12."],
    git: false,
};
/// Two groups and an entry at once.
const JOIN: Row = Row {
    prepare: with_groups,
    agent: "worker-1",
    words: &["group", "join", "two", "--move"],
    git: false,
};
/// A document goes.
const DISBAND: Row = Row {
    prepare: with_groups,
    agent: "",
    words: &["group", "disband", "one"],
    git: false,
};
pub(super) const CHECKPOINT: Row = Row {
    prepare: with_decisions,
    agent: "",
    words: &["log"],
    git: true,
};
pub(super) const INIT: Row = Row {
    prepare: without_documents,
    agent: "",
    words: &["init"],
    git: true,
};

fn without_documents(playground: &Playground) -> Repo<'_> {
    playground.bare_of_documents("app")
}

fn asked(playground: &Playground) -> Repo<'_> {
    let repo = begun(playground);
    repo.agent(
        "worker-1",
        &["escalate", "Which colour?", "-o", "red", "-o", "blue"],
    )
    .ok();
    repo
}

fn with_an_issue(playground: &Playground) -> Repo<'_> {
    let repo = begun(playground);
    repo.ghp(&["issue", "new", "A dashboard"]).ok();
    repo
}

fn delegated(playground: &Playground) -> Repo<'_> {
    let repo = begun(playground);
    repo.agent("worker-1", &["delegate", "worker-2", "Count the files"])
        .ok();
    repo.agent("worker-2", &["task", "take"]).ok();
    repo
}

fn with_groups(playground: &Playground) -> Repo<'_> {
    let repo = begun(playground);
    repo.agent("worker-1", &["group", "join", "one"]).ok();
    repo.agent("worker-2", &["group", "join", "two"]).ok();
    repo.agent("worker-3", &["group", "join", "part", "--parent", "one"])
        .ok();
    repo
}

fn handed_over(playground: &Playground) -> Repo<'_> {
    let repo = with_an_issue(playground);
    repo.agent("worker-1", &["claim", "1"]).ok();
    repo.agent(
        "worker-1",
        &["handoff", "worker-2", "-m", "The skeleton stands."],
    )
    .ok();
    repo
}

/// Two decisions, a heartbeat and an edit by hand wait for the checkpoint.
fn with_decisions(playground: &Playground) -> Repo<'_> {
    let repo = begun(playground);
    repo.agent(
        "worker-2",
        &["status", "set", "reviewing", "-i", "9", "-m", "second"],
    )
    .ok();
    repo.agent("worker-1", &["heartbeat", "-m", "third"]).ok();
    let config = repo.read("config.json");
    repo.write(
        "config.json",
        config.replace('{', "{\n  \"mainBranch\": \"main\""),
    );
    repo
}

/// What a search came to.
struct Search {
    /// What was wrong, a text for each point.
    found: Vec<String>,
    /// How many points were tried, and at how many of them the fault did not come about.
    tried: usize,
    missed: usize,
}

/// Puts a fault at every call that it can hit, and asks afterwards whether all is well. With a `seed` the program has
/// that fault as well, and the first point at which something is wrong is enough. `None`: no strace.
fn search(row: &Row, faults: &[Fault], seed: Option<&'static str>) -> Option<Search> {
    if !require(
        "strace",
        &format!("faults at every system call of {:?}", row.words),
    ) {
        return None;
    }
    let playground = Playground::new();
    let repo = (row.prepare)(&playground);
    let rig = Rig::new(repo, row.agent, row.words);
    let old = documents(&rig.repo, &Documents::new(), row.git);
    let (_, mut calls) = rig.calls();
    let new = documents(&rig.repo, &old, row.git);
    if let Some(seed) = seed {
        playground.sow(seed);
        calls = rig.calls().1;
    }
    let mut search = Search {
        found: Vec::new(),
        tried: 0,
        missed: 0,
    };
    for fault in faults {
        for call in Rig::points(&calls, *fault) {
            search.tried += 1;
            let (run, hit) = rig.hit(*fault, &call);
            search.missed += usize::from(!hit);
            let mut wrong = violations(&rig.repo, *fault, &run, &old, &new, row.git);
            if hit && fault.is_unheeded(&call, &run) {
                wrong.push("it said done, and the disk did not".to_owned());
            }
            if !wrong.is_empty() {
                search.found.push(format!(
                    "{fault:?} at {}\n{}\n{run}",
                    call.line,
                    wrong.join("\n")
                ));
                if seed.is_some() {
                    return Some(search);
                }
            }
        }
    }
    Some(search)
}

fn survives(row: &Row, faults: &[Fault]) {
    let Some(Search {
        found,
        tried,
        missed,
    }) = search(row, faults, None)
    else {
        return;
    };
    assert!(tried > 5, "hardly a point was tried: {tried}");
    // A call or two come and go from run to run; a rig that hits nothing proves nothing.
    assert!(
        missed * 10 < tried,
        "{missed} of {tried} points were not hit"
    );
    let few: Vec<String> = found.iter().take(6).cloned().collect();
    assert!(
        found.is_empty(),
        "{} of {tried} points:\n\n{}",
        found.len(),
        few.join("\n\n")
    );
}

/// The same search with a fault in the program: it must be seen.
fn sees(seed: &'static str, row: &Row, faults: &[Fault]) {
    if let Some(search) = search(row, faults, Some(seed)) {
        seen(seed, &search.found);
    }
}

macro_rules! rows {
    ($($name:ident: $row:expr;)*) => {
        $(mod $name {
            use super::*;

            #[test]
            fn survives_a_kill_at_every_call() {
                survives(&$row, &[Fault::Kill]);
            }

            #[test]
            fn survives_a_failure_of_every_call() {
                survives(&$row, &[Fault::Full, Fault::Broken, Fault::Interrupted]);
            }
        })*
    };
}

rows! {
    heartbeat: HEARTBEAT;
    decision: DECISION;
    escalate: ESCALATE;
    resolve: RESOLVE;
    accept: ACCEPT;
    claim: CLAIM;
    start: START;
    delegate: DELEGATE;
    done: DONE;
    group_join: JOIN;
    group_disband: DISBAND;
    checkpoint: CHECKPOINT;
    init: INIT;
}

mod seeds {
    use super::*;

    #[test]
    fn a_document_written_in_place_is_seen() {
        sees("in-place", &HEARTBEAT, &[Fault::Kill]);
    }

    #[test]
    fn documents_before_their_record_are_seen() {
        sees("early-apply", &ACCEPT, &[Fault::Kill]);
    }

    #[test]
    fn a_recovery_left_out_is_seen() {
        sees("never-recovered", &DECISION, &[Fault::Kill]);
    }

    #[test]
    fn an_unheeded_error_of_a_write_is_seen() {
        sees("write-unheeded", &DECISION, &[Fault::Full]);
    }

    #[test]
    fn an_unheeded_error_of_a_sync_is_seen() {
        sees("sync-unheeded", &DECISION, &[Fault::Broken]);
    }
}
