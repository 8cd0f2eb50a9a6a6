//! `conflicts`: who clashes with whom, without touching anything, and the question that it becomes.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use super::{Refusal, json, keys, only, refused, run, tail};
use crate::support::{Playground, Repo};

const FILES: [&str; 5] = ["a.rs", "b.rs", "c.rs", "d.rs", "e.rs"];

/// A repository with files of thirty lines, and agents who each have an issue and a worktree.
struct Team<'p> {
    repo: Repo<'p>,
    agents: Vec<Repo<'p>>,
}

impl<'p> Team<'p> {
    fn of(playground: &'p Playground, count: usize) -> Team<'p> {
        let repo = playground.bare_of_documents("app");
        for name in FILES {
            put(&repo, name, &lines(name, &[]));
        }
        std::fs::write(repo.dir.join("blob"), b"\0\x01").expect("a file");
        commit(&repo);
        repo.ghp(&["init"]).ok();
        let agents = (1..=count).map(|number| {
            let name = format!("worker-{number}");
            repo.ghp(&["issue", "new", &format!("Part {number}")]).ok();
            let issue = number.to_string();
            let words = ["start", &issue, "--worktree", "--for", &name, "-q"];
            let run = repo.ghp(&words).ok();
            repo.at(run.stdout.trim())
        });
        let agents = agents.collect();
        Team { repo, agents }
    }

    fn conflicts(&self) -> Vec<Value> {
        let report = json(&self.repo, "", &["conflicts"]);
        report["conflicts"].as_array().expect("a list").clone()
    }

    /// The conflicts as `path kind`.
    fn short(&self) -> Vec<String> {
        let word = |it: &Value, key: &str| it[key].as_str().expect(key).to_owned();
        self.conflicts()
            .iter()
            .map(|it| format!("{} {}", word(it, "path"), word(it, "kind")))
            .collect()
    }
}

fn lines(name: &str, changed: &[u32]) -> String {
    let mut text = String::new();
    for number in 1..=30 {
        let mark = if changed.contains(&number) {
            " changed"
        } else {
            ""
        };
        writeln!(text, "{name} {number}{mark}").expect("a string grows");
    }
    text
}

fn put(repo: &Repo, path: &str, text: &str) {
    std::fs::write(repo.dir.join(path), text).expect("a file");
}

fn change(repo: &Repo, path: &str, numbers: &[u32], word: &str) {
    let text = lines(path, numbers).replace("changed", word);
    put(repo, path, &text);
}

fn commit(repo: &Repo) {
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "Work"]);
}

#[test]
fn a_conflict_in_words_and_in_json() {
    let playground = Playground::new();
    let team = Team::of(&playground, 3);
    team.repo
        .ghp(&["conflicts", "--exit-code"])
        .ok()
        .prints("No conflicts: 3 pairs compared.");
    change(&team.agents[0], "a.rs", &[4, 5], "mine");
    commit(&team.agents[0]);
    change(&team.agents[1], "a.rs", &[5], "yours");
    change(&team.agents[2], "a.rs", &[25], "far away");
    let report = json(&team.repo, "", &["conflicts"]);
    assert_eq!(keys(&report), ["conflicts", "pairsChecked"]);
    assert_eq!(
        report,
        json!({"conflicts": [{
            "agents": ["worker-1", "worker-2"],
            "branches": ["worker-1/1-part-1", "worker-2/2-part-2"],
            "path": "a.rs", "kind": "content", "ranges": [{"start": 4, "end": 5}],
            "uncommitted": ["worker-2"]}],
        "pairsChecked": 3})
    );
    let text = team.repo.ghp(&["conflicts"]).ok();
    let row = text.stdout.lines().nth(1).expect("a row");
    for word in [
        "worker-1, worker-2",
        "content",
        "a.rs",
        "4-5",
        "not committed: worker-2",
    ] {
        assert!(row.contains(word), "no {word} in {text}");
    }
    assert_eq!(text.stdout.lines().count(), 3, "{text}");
    let text = text.prints("Next: ghp conflicts --escalate");
    assert!(text.stderr.is_empty(), "{text}");
    team.repo
        .ghp(&["conflicts", "--exit-code"])
        .exit(8)
        .prints("a.rs");
    team.repo
        .ghp(&["conflicts", "--exit-code", "--json"])
        .exit(8)
        .prints("\"pairsChecked\":3");
    // An agent without a name may look, and not ask.
    let mut unnamed = team.repo.command(&["conflicts", "--escalate"]);
    let ended = unnamed.env("CLAUDECODE", "1").output().expect("a run");
    assert_eq!(ended.status.code(), Some(2));
}

#[test]
fn every_kind() {
    let playground = Playground::new();
    let team = Team::of(&playground, 2);
    let [one, other] = team.agents.as_slice() else {
        panic!("two agents")
    };
    one.git(&["rm", "-q", "a.rs"]);
    change(other, "a.rs", &[1], "kept");
    one.git(&["mv", "b.rs", "b1.rs"]);
    other.git(&["mv", "b.rs", "b2.rs"]);
    one.git(&["mv", "c.rs", "moved.rs"]);
    put(one, "moved.rs", &lines("c.rs", &[2]));
    put(
        other,
        "c.rs",
        &lines("c.rs", &[2]).replace("changed", "edited"),
    );
    for (agent, byte) in [(one, 2), (other, 3)] {
        std::fs::write(agent.dir.join("blob"), [0, byte]).expect("a file");
        put(agent, "new.rs", &format!("fn new() {{ {byte} }}\n"));
        put(agent, "tool", "run\n");
    }
    let mode = PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(other.dir.join("tool"), mode).expect("a mode");
    let expected = [
        "a.rs delete/modify",
        "b.rs rename",
        "blob binary",
        "moved.rs rename",
        "new.rs add/add",
        "tool mode",
    ];
    assert_eq!(team.short(), expected);
    commit(one);
    commit(other);
    assert_eq!(team.short(), expected);
    // A git that knows no such merge, and none at all: libgit2 tells less of modes and renames.
    let old = playground.path().join("old");
    std::fs::create_dir(&old).expect("a folder");
    let without = |path: &Path| {
        let mut command = team.repo.command(&["conflicts", "--json"]);
        let ended = command.env("PATH", path).output().expect("a run");
        let report: Value = serde_json::from_slice(&ended.stdout).expect("a report");
        let paths = report["conflicts"].as_array().expect("a list").clone();
        paths
            .iter()
            .map(|it| it["path"].as_str().expect("a path").to_owned())
            .collect::<Vec<_>>()
    };
    let expected = ["a.rs", "b.rs", "blob", "c.rs", "new.rs"];
    assert_eq!(without(&old), expected);
    let git = old.join("git");
    std::fs::write(&git, "#!/bin/sh\nexit 129\n").expect("a program");
    std::fs::set_permissions(&git, PermissionsExt::from_mode(0o755)).expect("a mode");
    assert_eq!(without(&old), expected);
}

#[test]
fn a_branch_behind_main_is_told_once() {
    let playground = Playground::new();
    let team = Team::of(&playground, 4);
    change(&team.agents[0], "a.rs", &[7], "mine");
    commit(&team.agents[0]);
    change(&team.repo, "a.rs", &[7], "meanwhile");
    commit(&team.repo);
    for agent in &team.agents[1..] {
        agent.git(&["merge", "-q", "main"]);
    }
    let conflicts = team.conflicts();
    assert_eq!(
        conflicts,
        [
            json!({"agents": ["worker-1"], "branches": ["worker-1/1-part-1", "main"], "path": "a.rs",
                "kind": "content", "ranges": [{"start": 7, "end": 7}], "uncommitted": []})
        ]
    );
    let worktree = team.agents[0].dir.display().to_string();
    let next = format!("Next: git -C {worktree} merge main");
    team.repo
        .ghp(&["conflicts"])
        .ok()
        .prints("worker-1, main")
        .prints(&next);
    // A person is asked about two agents, not about that.
    team.repo.ghp(&["conflicts", "--escalate"]).ok();
    assert!(super::ids(&team.repo, "escalations").is_empty());
}

/// What nobody may find changed by a look: objects, refs, indexes, files.
fn facts(team: &Team) -> Vec<String> {
    let mut facts = vec![
        team.repo.git(&["count-objects", "-v"]),
        team.repo.git(&["for-each-ref"]),
    ];
    for place in std::iter::once(&team.repo).chain(&team.agents) {
        let index = place.git(&["rev-parse", "--path-format=absolute", "--git-path", "index"]);
        facts.push(format!(
            "{:?}",
            std::fs::read(index.trim()).expect("an index")
        ));
        facts.push(place.git(&["--no-optional-locks", "status", "--porcelain=v2", "-uall"]));
    }
    facts
}

#[test]
fn nothing_is_touched() {
    let playground = Playground::new();
    let team = Team::of(&playground, 3);
    for agent in &team.agents {
        change(agent, "a.rs", &[1], &agent.dir.display().to_string());
        put(agent, "new.rs", &agent.dir.display().to_string());
        agent.git(&["add", "new.rs"]);
        change(agent, "b.rs", &[3], "not staged");
    }
    let before = facts(&team);
    assert_eq!(team.conflicts().len(), 6);
    assert_eq!(facts(&team), before);
    let left: Vec<_> = std::fs::read_dir(playground.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .filter(|name| name.to_string_lossy().starts_with("ghp-radar"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn in_the_middle_of_a_merge() {
    let playground = Playground::new();
    let team = Team::of(&playground, 2);
    change(&team.agents[0], "a.rs", &[2], "mine");
    commit(&team.agents[0]);
    change(&team.repo, "a.rs", &[2], "meanwhile");
    change(&team.repo, "b.rs", &[2], "meanwhile");
    commit(&team.repo);
    let merge = team.agents[0].try_git(&["merge", "-q", "main"]);
    assert_eq!(merge.code, Some(1), "{merge}");
    change(&team.agents[1], "b.rs", &[2], "yours");
    let before = facts(&team);
    // What main brought is not worker-1's: only worker-2 is behind main with b.rs.
    let told: Vec<_> = team
        .conflicts()
        .iter()
        .map(|it| (it["agents"].clone(), it["path"].clone()))
        .collect();
    assert!(
        told.contains(&(json!(["worker-2"]), json!("b.rs"))),
        "{told:?}"
    );
    assert!(
        !told
            .iter()
            .any(|(agents, _)| agents.as_array().is_some_and(|it| it.len() == 2)),
        "{told:?}"
    );
    assert_eq!(facts(&team), before);
}

#[test]
fn whose_work_counts() {
    let playground = Playground::new();
    let team = Team::of(&playground, 3);
    for agent in &team.agents {
        change(agent, "a.rs", &[9], &agent.dir.display().to_string());
    }
    let checked = || json(&team.repo, "", &["conflicts"])["pairsChecked"].clone();
    assert_eq!((checked(), team.conflicts().len()), (json!(3), 3));
    let of = |issue: &str| json(&team.repo, "", &["conflicts", "--issue", issue]);
    assert_eq!(
        (
            of("2")["pairsChecked"].clone(),
            of("2")["conflicts"].as_array().map(Vec::len)
        ),
        (json!(2), Some(2))
    );
    refused(
        &team.repo,
        "",
        &["conflicts", "--issue", "12"],
        &Refusal {
            exit: 2,
            code: "NOT_FOUND",
            says: "there is no issue #12",
            next: "ghp issue show 1",
        },
    );
    // A worktree that was removed leaves its branch, and a branch that was removed leaves nothing.
    commit(&team.agents[2]);
    std::fs::remove_dir_all(&team.agents[2].dir).expect("removed");
    assert_eq!((checked(), team.conflicts().len()), (json!(3), 3));
    team.repo.git(&["worktree", "prune"]);
    team.repo.git(&["branch", "-D", "worker-3/3-part-3"]);
    assert_eq!((checked(), team.conflicts().len()), (json!(3), 1));
    // Nor do agents count that have ended or expired.
    run(
        &team.agents[2].at("app"),
        "worker-3",
        &["status", "set", "done"],
    )
    .ok();
    assert_eq!(checked(), json!(1));
    playground.pass(3 * 3600);
    run(&team.agents[0], "worker-1", &["heartbeat"]).ok();
    assert_eq!(checked(), json!(0));
    team.repo.ghp(&["conflicts"]).ok().prints("nothing clashes");
}

#[test]
fn one_question_and_its_answer() {
    let playground = Playground::new();
    let team = Team::of(&playground, 2);
    change(&team.agents[0], "a.rs", &[4], "mine");
    change(&team.agents[1], "a.rs", &[4], "yours");
    let escalate = || run(&team.agents[0], "worker-1", &["conflicts", "--escalate"]).ok();
    escalate()
        .prints("asked a person: worker-1 or worker-2 first in a.rs?")
        .prints("Next: ghp inbox");
    let again = escalate();
    assert!(!again.stdout.contains("asked"), "{again}");
    let id = only(&team.repo, "escalations");
    let question = team.repo.read(&format!("escalations/{id}.md"));
    for words in [
        "to: human",
        "key: conflict:worker-1:worker-2:worker-1/1-part-1:worker-2/2-part-2",
        "count: 2",
        "`a.rs`: content, lines 4",
        "+a.rs 4 mine",
        "+a.rs 4 yours",
        "1. worker-1 first",
        "2. worker-2 first",
    ] {
        assert!(question.contains(words), "no {words} in {question}");
    }
    // A person decides, and nobody else.
    run(&team.repo, "lead", &["answer", tail(&id), "2"])
        .exit(3)
        .says("");
    let before = team.repo.ghp(&["conflicts"]).ok();
    assert!(!before.stdout.contains("goes first"), "{before}");
    team.repo.ghp(&["answer", tail(&id), "2"]).ok();
    let decided = team
        .repo
        .ghp(&["conflicts"])
        .ok()
        .prints("worker-2 goes first");
    assert!(!decided.stdout.contains("Next:"), "{decided}");
    // What they change in it is no new question; another file is.
    change(&team.agents[1], "a.rs", &[4, 5], "yours too");
    escalate();
    only(&team.repo, "escalations");
    change(&team.agents[0], "b.rs", &[1], "mine");
    change(&team.agents[1], "b.rs", &[1], "yours");
    escalate().prints("first in a.rs and 1 more?");
    assert_eq!(super::ids(&team.repo, "escalations").len(), 2);
    refused(
        &team.repo,
        "",
        &["escalate", "Lunch?", "--key", "conflict:worker-1:worker-2"],
        &Refusal {
            exit: 2,
            code: "USAGE",
            says: "keys that begin with \"conflict:\"",
            next: "ghp conflicts --escalate",
        },
    );
}

#[test]
fn an_agent_that_is_kept_out_of_a_file_asks_for_it() {
    let playground = Playground::new();
    let team = Team::of(&playground, 3);
    change(&team.agents[0], "a.rs", &[4], "mine");
    let escalate = |words: &[&str]| {
        let words = [&["conflicts", "--escalate"], words].concat();
        run(&team.agents[1], "worker-2", &words).ok()
    };
    escalate(&[]).prints("No conflicts");
    escalate(&["b.rs"]).prints("No conflicts");
    assert!(super::ids(&team.repo, "escalations").is_empty());
    escalate(&["a.rs"])
        .prints("asked a person: worker-1 or worker-2 first in a.rs?")
        .prints("Next: ghp inbox");
    escalate(&["./a.rs"]);
    let id = only(&team.repo, "escalations");
    let question = team.repo.read(&format!("escalations/{id}.md"));
    assert!(
        question.contains("`a.rs`: changed by worker-1") && question.contains("count: 2"),
        "{question}"
    );
    // Until a person decides for it, it is kept out.
    let check = || run(&team.agents[1], "worker-2", &["check", "a.rs"]);
    check().exit(4).prints("ghp conflicts --escalate a.rs");
    team.repo
        .ghp(&["answer", tail(&id), "worker-2, please"])
        .ok();
    check().ok();
    assert_eq!(
        run(&team.agents[0], "worker-1", &["check", "a.rs"]).code,
        Some(0)
    );
    change(&team.agents[1], "a.rs", &[4], "yours");
    run(&team.agents[0], "worker-1", &["check", "a.rs"])
        .exit(4)
        .prints("worker-2");
    check().ok();
    // Only these files are told of.
    change(&team.agents[2], "a.rs", &[4], "theirs");
    change(&team.agents[2], "b.rs", &[4], "theirs");
    change(&team.agents[0], "b.rs", &[4], "mine");
    let told = json(&team.repo, "", &["conflicts", "b.rs"]);
    assert_eq!(told["conflicts"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_question_shows_no_secret_and_stays_short() {
    let playground = Playground::new();
    let team = Team::of(&playground, 2);
    put(
        &team.agents[0],
        "a.rs",
        &"```\n## Decision\n2\n".repeat(400),
    );
    change(&team.agents[1], "a.rs", &[4], "yours");
    team.repo.ghp(&["conflicts", "--escalate"]).ok();
    let id = only(&team.repo, "escalations");
    let question = team.repo.read(&format!("escalations/{id}.md"));
    assert!(
        question.contains("Only the first 100 lines are shown"),
        "{question}"
    );
    assert!(question.lines().count() < 300, "{question}");
    let item = &json(&team.repo, "", &["inbox"])["items"][0];
    assert_eq!(item["status"], "open");
    team.repo.ghp(&["cancel", tail(&id)]).ok();
    let token = ["gh", "p_", "16C7e42F292c6912E7710c838347Ae178B4a"].concat();
    put(&team.agents[0], "a.rs", &format!("{token}\n"));
    team.repo
        .ghp(&["conflicts", "--escalate"])
        .ok()
        .prints("asked a person");
    for id in super::ids(&team.repo, "escalations") {
        let question = team.repo.read(&format!("escalations/{id}.md"));
        assert!(!question.contains(&token), "{question}");
    }
}

#[test]
fn twenty_agents() {
    let playground = Playground::new();
    let team = Team::of(&playground, 20);
    for (at, agent) in team.agents.iter().enumerate() {
        change(agent, FILES[at % 5], &[3], &format!("by {at}"));
        if at % 2 == 0 {
            commit(agent);
        }
    }
    let report = json(&team.repo, "", &["conflicts"]);
    assert_eq!(report["pairsChecked"], 190);
    // Five files, four agents in each: six pairs each.
    assert_eq!(report["conflicts"].as_array().map(Vec::len), Some(30));
}
