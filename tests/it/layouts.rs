//! Every shape a repository may have: the documents are found, written, checkpointed and left in peace in all of them.

mod branches;
mod clones;
mod code;
mod lost;
mod moved;
mod places;
mod unsupported;

use std::path::Path;

use crate::support::Repo;

/// Everything that matters works from here: a heartbeat, a decision, a checkpoint; the documents lie in `documents`, and git
/// finds nothing to do there.
#[track_caller]
fn works(at: &Repo<'_>, documents: &Path, agent: &str) {
    let action = format!("beat of {agent}");
    at.agent(agent, &["heartbeat", "-i", "7", "-m", &action])
        .silent();
    let text = std::fs::read_to_string(documents.join("agent-status.json"))
        .expect("the documents are there");
    assert!(text.contains(&action), "{text}");
    let question = format!("Question of {agent}?");
    at.agent(agent, &["escalate", &question]).ok();
    let log = at.ghp(&["log"]).ok().prints(&question);
    assert_eq!(log.stderr, "", "{log}");
    peaceful(at, documents);
    at.agent(agent, &["heartbeat"]).silent();
    peaceful(at, documents);
    let history = at
        .playground
        .git(documents, &["log", "--format=%an %s", "ghp"]);
    assert!(
        history.contains(&format!("{agent} asked: {question}")),
        "{history}"
    );
    at.ghp(&["status"]).ok().prints(agent);
}

/// Git sees nothing to do among the documents.
#[track_caller]
fn peaceful(at: &Repo<'_>, documents: &Path) {
    let status = at
        .playground
        .git(documents, &["status", "--porcelain", "--branch"]);
    assert!(
        status.starts_with("## ghp") && status.lines().count() == 1,
        "{status}"
    );
}
