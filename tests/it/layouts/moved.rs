//! A repository that was moved or copied keeps to itself.

use std::fs;

use super::{peaceful, works};
use crate::support::{Playground, copy};

#[test]
fn moved() {
    let playground = Playground::new();
    let repo = playground.repo();
    works(&repo, &repo.documents(), "worker-1");
    let worktree = repo.worktree("left");
    let top = worktree.dir.display().to_string();
    fs::create_dir(playground.path().join("elsewhere")).expect("a folder");
    fs::rename(&repo.dir, playground.path().join("elsewhere/new")).expect("moved");
    let moved = repo.at("elsewhere/new");
    works(&moved, &moved.documents(), "worker-2");
    moved.ghp(&["doctor", "--fix"]).ok();
    moved.ghp(&["doctor"]).ok();
    let listed = moved.git(&["worktree", "list"]);
    assert!(listed.contains("elsewhere/new/.ghp"), "{listed}");
    assert!(!playground.path().join("app").exists());
    // Of a worktree that was left behind git knows nothing until it is told.
    let repair = format!("git worktree repair {top}");
    let lost = worktree.ghp(&["status"]).exit(7);
    lost.says("no longer there").says(&repair);
    moved.git(&["worktree", "repair", &top]);
    worktree.agent("worker-3", &["heartbeat"]).silent();
}

#[test]
fn a_copy_never_writes_into_the_original() {
    let playground = Playground::new();
    let repo = playground.repo();
    works(&repo, &repo.documents(), "worker-1");
    repo.agent("worker-1", &["escalate", "Not in a commit yet?"])
        .ok();
    copy(&repo.dir, &playground.path().join("copy"));
    let tip = repo.git(&["rev-parse", "ghp"]);
    let status = repo.read("agent-status.json");

    let copied = repo.at("copy");
    works(&copied, &copied.documents(), "worker-2");
    fs::write(copied.documents().join("note.md"), "by hand\n").expect("a file");
    let documents = repo.at("copy/.ghp");
    documents.git(&["add", "-A"]);
    documents.git(&["commit", "-q", "-m", "In the copy"]);
    copied
        .ghp(&["log"])
        .ok()
        .prints("In the copy")
        .prints("Not in a commit yet?");

    assert_eq!(repo.git(&["rev-parse", "ghp"]), tip);
    assert_eq!(repo.read("agent-status.json"), status);
    works(&repo, &repo.documents(), "worker-3");
    peaceful(&copied, &copied.documents());
    assert!(!copied.read("agent-status.json").contains("worker-3"));
    copied.git(&["fsck", "--strict"]);
}

#[test]
fn a_copied_worktree_folder_alone_is_not_taken_for_documents() {
    let playground = Playground::new();
    let repo = playground.repo();
    let other = playground.bare_of_documents("other");
    other.ghp(&["init"]).ok();
    fs::remove_dir_all(other.documents()).expect("gone");
    copy(&repo.documents(), &other.documents());
    works(&other, &other.documents(), "worker-1");
    assert!(!repo.read("agent-status.json").contains("worker-1"));
    assert!(!repo.ghp(&["log"]).ok().stdout.contains("worker-1"));
}
