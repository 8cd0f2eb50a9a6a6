//! Branches that stand in the way, and documents that are not on theirs.

use super::{peaceful, works};
use crate::support::{Playground, Repo};

#[test]
fn a_foreign_branch_of_our_name_is_refused_and_kept() {
    for branch in ["ghp", "ghp/topic"] {
        let playground = Playground::new();
        let repo = playground.bare_of_documents("app");
        repo.git(&["branch", branch]);
        let tip = repo.git(&["rev-parse", branch]);
        let run = repo.ghp(&["init"]);
        assert!(matches!(run.code, Some(1..=7)), "{run}");
        run.says(&format!("\"{branch}\"")).says("hint: ");
        assert_eq!(repo.git(&["rev-parse", branch]), tip);
        assert!(!repo.documents().join("agent-status.json").exists());
        repo.git(&["branch", "-q", "-m", branch, "theirs"]);
        repo.ghp(&["init"]).ok();
        works(&repo, &repo.documents(), "worker-1");
    }
}

#[test]
fn a_foreign_branch_of_a_remote_is_refused() {
    let playground = Playground::new();
    let origin = playground.bare_of_documents("origin");
    origin.git(&["branch", "ghp"]);
    origin.git(&["clone", "-q", ".", "../app"]);
    let repo = origin.at("app");
    let run = repo.ghp(&["init"]);
    assert!(matches!(run.code, Some(1..=7)), "{run}");
    run.says("origin/ghp");
}

#[test]
fn our_branch_checked_out_as_the_code_is_refused() {
    let playground = Playground::new();
    let repo = playground.bare_of_documents("app");
    repo.git(&["checkout", "-q", "-b", "ghp"]);
    let run = repo.ghp(&["init"]);
    assert!(matches!(run.code, Some(1..=7)), "{run}");
    run.says("ghp");
}

/// The documents are elsewhere: decisions are refused, heartbeats and readers work, and all is well once they are back.
fn off_the_branch(leave: impl Fn(&Repo<'_>)) {
    let playground = Playground::new();
    let repo = playground.repo();
    works(&repo, &repo.documents(), "worker-1");
    repo.ghp(&["issue", "new", "Pending"]).ok();
    repo.ghp(&["log"]).ok();
    let tip = repo.git(&["rev-parse", "ghp"]);
    let documents = repo.at("app/.ghp");
    leave(&documents);
    for words in [
        &["escalate", "Which?"][..],
        &["status", "set", "testing"],
        &["issue", "new", "More"],
        &["start", "1"],
    ] {
        repo.agent("worker-1", words)
            .exit(7)
            .says("git -C .ghp switch ghp");
    }
    repo.agent("worker-1", &["heartbeat", "-m", "still alive"])
        .ok();
    repo.ghp(&["status"]).ok().prints("still alive");
    let log = repo.ghp(&["log"]).ok();
    assert!(log.stderr.contains("warning: "), "{log}");
    repo.ghp(&["doctor"])
        .exit(8)
        .prints("git -C .ghp switch ghp");
    assert_eq!(repo.git(&["rev-parse", "ghp"]), tip);
    documents.git(&["switch", "-q", "ghp"]);
    repo.agent("worker-1", &["escalate", "Now?"]).ok();
    repo.ghp(&["log"]).ok().prints("Now?");
    peaceful(&repo, &repo.documents());
}

#[test]
fn documents_on_another_branch() {
    off_the_branch(|documents| drop(documents.git(&["switch", "-q", "-c", "trial"])));
}

#[test]
fn documents_detached() {
    off_the_branch(|documents| drop(documents.git(&["checkout", "-q", "--detach"])));
}

#[test]
fn documents_detached_in_the_past() {
    off_the_branch(|documents| drop(documents.git(&["checkout", "-q", "HEAD~1"])));
}
