//! Seed 000's own lines, word for word but for the program's name.

use serde_json::json;

use super::harness::Stage;
use crate::support::Playground;

#[test]
fn a_standalone_session_as_the_seed_writes_it() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    let repo = &stage.repo;
    let new = [
        "session",
        "new",
        "-G",
        "research",
        "-o",
        "Study OAuth2",
        "-s",
        "oauth-research",
    ];
    let command = ["--backend", "process", "--", "cat"];
    let made = repo
        .ghp(&[&new[..], &["--json"], &command].concat())
        .ok()
        .json();
    // At once: a program that has no hooks will never say so itself.
    let shown = repo.ghp(&["show-agent", "-t", "oauth-research"]).ok();
    let shown = shown.prints("oauth-research").prints("research");
    assert!(shown.stdout.contains("Study OAuth2"), "{shown}");
    let shown = repo
        .ghp(&["show-agent", "-t", "oauth-research", "--json"])
        .ok()
        .json();
    assert_eq!(
        (
            &shown["type"],
            &shown["objective"],
            &shown["session"],
            &shown["status"]
        ),
        (
            &json!("research"),
            &json!("Study OAuth2"),
            &made["id"],
            &json!("starting")
        )
    );
    let board = repo.ghp(&["agent-status", "--json"]).ok().json();
    assert_eq!(board["agents"][0]["session"], made["id"], "{board}");
    assert_eq!(board["agents"][0]["worktree"], made["cave"], "{board}");
    let entry = &repo.status()["agents"]["oauth-research"];
    assert_eq!(
        (&entry["type"], &entry["objective"], &entry["provider"]),
        (
            &json!("research"),
            &json!("Study OAuth2"),
            &json!("command")
        )
    );
    // It is standalone until it joins a group, and every line of the seed takes it.
    assert!(entry.get("group").is_none(), "{entry}");
    repo.ghp(&["agent-join-group", "-t", "oauth-research", "research-team"])
        .ok();
    repo.ghp(&[
        "agent-share",
        "-t",
        "oauth-research",
        "research-team",
        "found_pattern=X",
    ])
    .ok();
    repo.ghp(&["agent-peers", "-t", "oauth-research"]).ok();
    repo.ghp(&["list-agent-groups"])
        .ok()
        .prints("research-team");
    assert_eq!(stage.show("oauth-research")["state"], "ready");
}

#[test]
fn whom_t_names_is_whose_session_it_is() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    let repo = &stage.repo;
    let new = [
        "-t", "auth", "session", "new", "-G", "coding", "-o", "Log in",
    ];
    let command = ["--backend", "process", "--", "cat"];
    repo.ghp(&[&new[..], &command].concat())
        .ok()
        .prints("auth runs command");
    assert_eq!(repo.status()["agents"]["auth"]["objective"], "Log in");
    repo.ghp(&["session", "new", "--", "cat"])
        .exit(2)
        .says("a session needs a name")
        .says("ghp session new NAME");
}
