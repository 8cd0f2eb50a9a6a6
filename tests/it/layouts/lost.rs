//! What a person or git removed comes back, with every decision.

use std::fs;

use super::{peaceful, works};
use crate::support::{Playground, Repo, fails};

/// One decision in a commit, one not yet, and a heartbeat.
fn begun(playground: &Playground) -> Repo<'_> {
    let repo = playground.repo();
    works(&repo, &repo.documents(), "worker-1");
    repo.ghp(&["issue", "new", "Committed"]).ok();
    repo.ghp(&["log"]).ok();
    repo.ghp(&["issue", "new", "Not yet committed"]).ok();
    repo.agent(
        "worker-1",
        &["status", "set", "testing", "-m", "not yet committed"],
    )
    .silent();
    repo
}

#[track_caller]
fn all_there(repo: &Repo<'_>) {
    repo.ghp(&["issues"])
        .ok()
        .prints("Committed")
        .prints("Not yet committed");
    assert_eq!(
        repo.status()["agents"]["worker-1"]["lastAction"],
        "not yet committed"
    );
    repo.ghp(&["issue", "new", "Afterwards"]).ok().prints("#3");
    let log = repo.ghp(&["log"]).ok().prints("Not yet committed");
    assert_eq!(log.stderr, "", "{log}");
    peaceful(repo, &repo.documents());
    repo.git(&["fsck", "--strict"]);
    repo.ghp(&["doctor"]).ok();
}

/// After each loss, the first command may be a decision, a heartbeat, or `init`.
const FIRST: &[&[&str]] = &[
    &["status", "set", "testing", "-m", "not yet committed"],
    &["heartbeat", "-m", "not yet committed"],
    &["init"],
];

fn every(lose: impl Fn(&Repo<'_>)) {
    for first in FIRST {
        comes_back(&Playground::new(), first, &lose);
    }
}

fn comes_back(playground: &Playground, first: &[&str], lose: impl Fn(&Repo<'_>)) {
    let repo = begun(playground);
    lose(&repo);
    repo.agent("worker-1", first).ok();
    all_there(&repo);
}

#[test]
fn a_log_forgotten_beside_the_branch_is_seen() {
    fails("undoubted", |playground| {
        comes_back(playground, FIRST[2], |repo| {
            fs::remove_dir_all(repo.documents()).expect("gone");
        });
    });
}

#[test]
fn the_documents_folder() {
    every(|repo| fs::remove_dir_all(repo.documents()).expect("gone"));
}

#[test]
fn gits_own_folder_of_the_worktree() {
    every(|repo| fs::remove_dir_all(repo.dir.join(".git/worktrees/ghp")).expect("gone"));
}

#[test]
fn both() {
    every(|repo| {
        fs::remove_dir_all(repo.documents()).expect("gone");
        fs::remove_dir_all(repo.dir.join(".git/worktrees/ghp")).expect("gone");
    });
}

#[test]
fn the_link() {
    every(|repo| fs::remove_file(repo.documents().join(".git")).expect("gone"));
}

#[test]
fn one_document() {
    every(|repo| {
        fs::remove_file(repo.documents().join("issues/1.md")).expect("gone");
        fs::remove_file(repo.documents().join("agent-status.json")).expect("gone");
    });
}

#[test]
fn the_index() {
    every(|repo| fs::write(repo.dir.join(".git/worktrees/ghp/index"), "").expect("emptied"));
}

#[test]
fn clean_of_everything() {
    every(|repo| drop(repo.git(&["clean", "-q", "-ffdx"])));
}

#[test]
fn worktree_prune_and_gc() {
    every(|repo| {
        repo.git(&["worktree", "prune", "--expire=now"]);
        repo.git(&["gc", "-q", "--prune=now"]);
        assert!(
            repo.dir.join(".git/worktrees/ghp").is_dir(),
            "the lock was not respected"
        );
        fs::remove_dir_all(repo.documents()).expect("gone");
        repo.git(&["worktree", "prune", "--expire=now"]);
    });
}

#[test]
fn worktree_remove_by_force() {
    every(|repo| drop(repo.git(&["worktree", "remove", "-f", "-f", ".ghp"])));
}

#[test]
fn a_hand_edit_survives_a_lost_link() {
    for lost in [".git/worktrees/ghp", ".ghp/.git"] {
        let playground = Playground::new();
        let repo = begun(&playground);
        repo.ghp(&["log"]).ok();
        let edited = repo.read("issues/1.md") + "\nBy hand.\n";
        repo.write("issues/1.md", &edited);
        let lost = repo.dir.join(lost);
        if lost.is_dir() {
            fs::remove_dir_all(&lost)
        } else {
            fs::remove_file(&lost)
        }
        .expect("gone");
        repo.agent(
            "worker-1",
            &["status", "set", "testing", "-m", "not yet committed"],
        )
        .ok();
        assert_eq!(repo.read("issues/1.md"), edited);
        repo.ghp(&["log"]).ok().prints("by hand");
        assert_eq!(repo.read("issues/1.md"), edited);
        all_there(&repo);
    }
}

#[test]
fn a_document_deleted_with_git_stays_deleted() {
    let playground = Playground::new();
    let repo = begun(&playground);
    repo.ghp(&["log"]).ok();
    let documents = repo.at("app/.ghp");
    documents.git(&["rm", "-q", "issues/1.md"]);
    documents.git(&["commit", "-q", "-m", "Not wanted"]);
    repo.agent("worker-1", &["escalate", "Which?"]).ok();
    repo.ghp(&["log"]).ok().prints("Not wanted");
    repo.ghp(&["doctor", "--fix"]).ok();
    assert!(!documents.dir.join("issues/1.md").exists());
    peaceful(&repo, &repo.documents());
}
