//! The code's own git: it leaves the documents alone, and old branches that track some do no lasting harm.

use std::fs;

use super::{peaceful, works};
use crate::support::{Playground, Repo};

#[test]
fn add_stash_reset_and_clean_leave_the_documents_alone() {
    let playground = Playground::new();
    let repo = playground.repo();
    works(&repo, &repo.documents(), "worker-1");
    repo.git(&["branch", "other"]);
    let before = repo.read("agent-status.json");
    fs::write(repo.dir.join("new"), "new\n").expect("a file");
    assert_eq!(repo.git(&["status", "--porcelain"]), "?? new\n");
    repo.git(&["add", "-A"]);
    assert_eq!(repo.git(&["ls-files"]), "README.md\nnew\n");
    repo.git(&["stash", "-q", "-u"]);
    repo.git(&["stash", "pop", "-q"]);
    repo.git(&["add", "--all", "--", "."]);
    repo.git(&["commit", "-q", "-m", "More"]);
    fs::write(repo.dir.join("junk"), "junk\n").expect("a file");
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(&["clean", "-q", "-fdx"]);
    repo.git(&["checkout", "-q", "other"]);
    repo.git(&["stash", "-q", "-a"]);
    assert!(!repo.dir.join("junk").exists());
    assert_eq!(repo.read("agent-status.json"), before);
    peaceful(&repo, &repo.documents());
    works(&repo, &repo.documents(), "worker-2");
    // Nothing of it is in the code's history.
    assert_eq!(repo.git(&["log", "--all", "--format=%s", "--", ".ghp"]), "");
}

#[test]
fn a_heartbeat_is_no_change_to_git() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["status", "set", "testing", "-m", "x"])
        .silent();
    repo.ghp(&["log"]).ok();
    let documents = repo.at("app/.ghp");
    for _ in 0..3 {
        playground.pass(61);
        repo.agent("worker-1", &["heartbeat"]).silent();
        peaceful(&repo, &repo.documents());
        assert_eq!(documents.git(&["diff"]), "");
        assert_eq!(documents.git(&["diff", "--stat", "HEAD"]), "");
    }
    let commit = documents.try_git(&["commit", "-a", "-m", "Nothing"]);
    assert_eq!(commit.code, Some(1), "{commit}");
    // A real change shows, and once it is in a commit there is peace again.
    repo.agent("worker-1", &["heartbeat", "-m", "y"]).silent();
    assert!(
        documents
            .git(&["status", "--porcelain"])
            .contains("agent-status.json")
    );
    documents
        .git(&["diff"])
        .lines()
        .find(|line| line.starts_with('+') && line.contains('y'))
        .expect("the change");
    repo.ghp(&["log"]).ok();
    peaceful(&repo, &repo.documents());
}

/// A repository whose branch `old` tracks a configuration of the npm program's.
fn with_tracked_config(playground: &Playground) -> Repo<'_> {
    let repo = playground.bare_of_documents("app");
    fs::create_dir(repo.documents()).expect("a folder");
    repo.write(
        "config.json",
        "{\n  \"mainBranch\": \"main\",\n  \"npm\": true\n}\n",
    );
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "A configuration of the npm ghp's"]);
    repo.git(&["branch", "old"]);
    repo
}

#[test]
fn a_code_branch_that_tracks_documents_is_refused_by_name_and_migrated() {
    let playground = Playground::new();
    let repo = with_tracked_config(&playground);
    repo.ghp(&["init"])
        .exit(4)
        .says("ghp init --migrate")
        .says(".ghp");
    assert!(!repo.documents().join("agent-status.json").exists());
    let init = repo.ghp(&["init", "--migrate"]).ok();
    assert_eq!(
        repo.git(&["status", "--porcelain"]),
        "D  .ghp/config.json\n",
        "{init}"
    );
    assert!(repo.read("config.json").contains("\"npm\": true"));
    repo.git(&["commit", "-q", "-m", "Documents live on their own branch"]);
    works(&repo, &repo.documents(), "worker-1");
    assert!(
        repo.git(&["show", "ghp:config.json"])
            .contains("\"npm\": true")
    );
    let named = repo.ghp(&["init", "--json"]).ok().json();
    assert_eq!(named["trackedBy"], serde_json::json!(["old"]));
    repo.ghp(&["init"]).ok().prints("old");
}

#[test]
fn checking_out_an_old_branch_and_back_loses_nothing() {
    let set = [
        "--agent",
        "human",
        "config",
        "set",
        "coordination.staleAfter",
        "8m",
    ];
    for first in [&["log"][..], &["doctor", "--fix"], &set] {
        let playground = Playground::new();
        let repo = with_tracked_config(&playground);
        repo.ghp(&["init", "--migrate"]).ok();
        repo.git(&["commit", "-q", "-m", "Documents live on their own branch"]);
        repo.ghp(&["config", "set", "coordination.staleAfter", "8m"])
            .ok();
        repo.ghp(&["log"]).ok();
        repo.ghp(&["config", "set", "coordination.lockTimeout", "7s"])
            .ok();
        let live = repo.read("config.json");
        // The checkout overwrites the live document, since git ignores it; the way back deletes it.
        repo.git(&["checkout", "-q", "old"]);
        repo.agent("worker-1", &["heartbeat"]).ok();
        // Doctor has the old branch to warn about.
        assert!(matches!(repo.ghp(first).code, Some(0 | 8)), "{first:?}");
        assert_eq!(
            repo.read("config.json"),
            live,
            "on the old branch, after {first:?}"
        );
        repo.git(&["checkout", "-q", "-f", "main"]);
        repo.agent("worker-1", &["heartbeat"]).ok();
        assert!(matches!(repo.ghp(first).code, Some(0 | 8)), "{first:?}");
        assert_eq!(repo.read("config.json"), live, "back, after {first:?}");
        let log = repo.ghp(&["log"]).ok();
        // Once, when it was imported.
        assert_eq!(log.stdout.matches("by hand").count(), 1, "{log}");
        assert_eq!(repo.git(&["show", "ghp:config.json"]), live);
        peaceful(&repo, &repo.documents());
    }
}
