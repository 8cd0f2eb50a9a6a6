//! Coordination groups: joined, left, shared with, shown; and what is refused.

mod external;
mod limits;
mod report;

use serde_json::{Value, json};

use super::{Refusal, json, keys, refused};
use crate::support::{Playground, Repo};

/// A group's document.
#[track_caller]
fn group(repo: &Repo, name: &str) -> Value {
    serde_json::from_str(&repo.read(&format!("groups/{name}.json"))).expect("JSON")
}

#[test]
fn the_usage_that_was_asked_for() {
    let playground = Playground::new();
    let repo = playground.repo();
    assert_eq!(
        repo.ghp(&["agent-join-group", "-t", "session1", "research-team"])
            .ok()
            .stdout,
        "session1 joined research-team: 1 member, session1 coordinates.\n"
    );
    for session in ["session2", "session3"] {
        repo.ghp(&["agent-join-group", "-t", session, "research-team"])
            .ok()
            .prints("session1 coordinates.");
    }
    assert_eq!(
        repo.ghp(&[
            "agent-share",
            "-t",
            "session1",
            "research-team",
            "found_pattern=X"
        ])
        .ok()
        .stdout,
        "found_pattern is shared with research-team, version 1.\n"
    );
    let peers = repo.ghp(&["agent-peers", "-t", "session1"]).ok().stdout;
    assert!(
        !peers.contains("session1") && peers.contains("session2") && peers.contains("session3"),
        "{peers}"
    );
    repo.ghp(&["list-agent-groups"])
        .ok()
        .prints("research-team  working  session1");
    assert_eq!(
        repo.ghp(&["groups"]).ok().stdout,
        repo.ghp(&["list-agent-groups"]).ok().stdout
    );
    repo.ghp(&["show-agent", "-t", "session1"])
        .ok()
        .prints("research-team")
        .prints("session2, session3");
    assert_eq!(
        repo.agent("session2", &["group", "context", "found_pattern"])
            .ok()
            .stdout,
        "X\n"
    );
    let status = repo.status();
    assert_eq!(status["agents"]["session2"]["group"], "research-team");
    assert_eq!(status["agents"]["session2"]["timestamp"], playground.now());
    // Whoever comes to the board by joining has been there since then, and no more is invented.
    assert_eq!(status["agents"]["session2"]["createdAt"], playground.now());
    repo.agent("session4", &["heartbeat"]).silent();
    repo.agent("session4", &["group", "join", "research-team"])
        .ok();
    assert!(
        repo.status()["agents"]["session4"]
            .get("createdAt")
            .is_none()
    );
    repo.agent("session4", &["group", "leave"]).ok();
    repo.ghp(&["agent-leave-group", "-t", "session1"])
        .ok()
        .prints("session2 coordinates");
    assert_eq!(group(&repo, "research-team")["coordinator"], "session2");
    assert!(repo.status()["agents"]["session1"].get("group").is_none());
    repo.ghp(&["doctor", "--json"]).ok();
}

#[test]
fn the_document_is_what_its_page_says() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("a", &["group", "join", "up"]).ok();
    repo.agent("b", &["group", "join", "team", "--parent", "up"])
        .ok();
    repo.agent("b", &["group", "share", "n={\"x\":[1, null]}", "t=1 2"])
        .ok();
    let at = playground.now();
    assert_eq!(
        group(&repo, "team"),
        json!({
            "name": "team", "coordinator": "b", "members": [{"agent": "b", "joinedAt": at}], "parent": "up",
            "createdAt": at, "lastActivity": at,
            "context": {
                "n": {"value": {"x": [1, null]}, "version": 1, "by": "b", "at": at},
                "t": {"value": "1 2", "version": 1, "by": "b", "at": at},
            }
        })
    );
    let text = repo.read("groups/team.json");
    let room = text.replace("{\n  \"name\"", "{\n  \"room\": {\"no\": 7},\n  \"name\"");
    repo.write("groups/team.json", room);
    repo.agent("c", &["group", "join", "team"]).ok();
    assert_eq!(group(&repo, "team")["room"]["no"], 7);
    let history = repo.ghp(&["log"]).ok().stdout;
    assert!(history.contains("c joins team"), "{history}");
}

#[test]
fn one_group_an_agent_and_the_way_from_one_to_the_other() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("a", &["group", "join", "one"]).ok();
    let again = json(&repo, "a", &["group", "join", "one"]);
    assert_eq!(
        (&again["already"], &again["created"]),
        (&json!(true), &json!(false))
    );
    repo.agent("b", &["group", "join", "one"]).ok();
    let how = Refusal {
        exit: 5,
        code: "CHANGED",
        says: "a is in one",
        next: "ghp group join two --move",
    };
    refused(&repo, "a", &["group", "join", "two"], &how);
    let moved = json(&repo, "a", &["group", "join", "two", "--move"]);
    assert_eq!(
        (&moved["left"], &moved["created"]),
        (&json!("one"), &json!(true))
    );
    assert_eq!(
        keys(&moved),
        [
            "group",
            "agent",
            "coordinator",
            "members",
            "created",
            "already",
            "left"
        ]
    );
    assert_eq!(group(&repo, "one")["coordinator"], "b");
    assert_eq!(repo.status()["agents"]["a"]["group"], "two");
    // Whoever asks for it leads.
    let led = json(
        &repo,
        "a",
        &["group", "join", "one", "--move", "--coordinator"],
    );
    assert_eq!(led["coordinator"], "a");
    // Leaving twice is once; the name is looked up.
    let left = json(&repo, "a", &["group", "leave"]);
    assert_eq!(
        (&left["group"], &left["already"]),
        (&json!("one"), &json!(false))
    );
    let left = json(&repo, "a", &["group", "leave"]);
    assert_eq!(left, json!({"agent": "a", "members": [], "already": true}));
    assert_eq!(
        json(&repo, "a", &["group", "leave", "one"])["already"],
        true
    );
    let how = Refusal {
        exit: 2,
        code: "NOT_FOUND",
        says: "there is no group onne",
        next: "ghp group show one",
    };
    refused(&repo, "a", &["group", "leave", "onne"], &how);
    refused(&repo, "", &["group", "show", "onne"], &how);
    let how = Refusal {
        exit: 2,
        code: "NOT_FOUND",
        says: "a is in no group",
        next: "ghp group join NAME",
    };
    refused(&repo, "a", &["group", "peers"], &how);
    // Without a group everything else is as it was.
    repo.agent("a", &["heartbeat"]).silent();
    repo.agent("a", &["status", "set", "testing"]).silent();
    assert!(repo.ghp(&["status", "rm", "b"]).code == Some(0));
    assert_eq!(group(&repo, "one")["members"], json!([]));
}

#[test]
fn names_never_leave_the_folder() {
    let playground = Playground::new();
    let repo = playground.repo();
    for bad in [
        "../x", "a/b", "..", ".a", "A", "join", "human", "", "a b", "a.lock",
    ] {
        let run = repo.agent("a", &["group", "join", bad]).exit(2);
        assert!(run.stdout.is_empty(), "{run}");
    }
    for bad in ["../config", "../../app/README"] {
        repo.agent("a", &["group", "context", bad, "k"]).exit(2);
        repo.agent("a", &["group", "disband", bad]).exit(2);
    }
    assert!(super::ids(&repo, "groups").is_empty());
}

#[test]
fn compare_and_set_has_one_winner() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("a", &["group", "join", "team"]).ok();
    repo.agent("b", &["group", "join", "team"]).ok();
    let first = json(
        &repo,
        "a",
        &["group", "share", "lock=a", "--if-version", "0"],
    );
    assert_eq!(
        first,
        json!({"group": "team", "deleted": [], "shared": [{"group": "team", "key": "lock", "value": "a",
               "version": 1, "by": "a", "at": playground.now()}]})
    );
    let how = Refusal {
        exit: 5,
        code: "CHANGED",
        says: "lock in team is version 1 now, by a",
        next: "ghp group context team lock",
    };
    refused(
        &repo,
        "b",
        &["group", "share", "lock=b", "--if-version", "0"],
        &how,
    );
    repo.agent("a", &["group", "share", "lock=", "--if-version", "1"])
        .ok();
    assert_eq!(group(&repo, "team")["context"], json!({}));
    repo.agent(
        "b",
        &["group", "share", "team", "lock=b", "--if-version", "0"],
    )
    .ok();
    assert_eq!(group(&repo, "team")["context"]["lock"]["version"], 2);
    for wrong in [
        &["x"][..],
        &["team"],
        &["=1"],
        &["a b=1"],
        &["a=1", "b=2", "--if-version", "0"],
    ] {
        let words: Vec<&str> = ["group", "share"].iter().chain(wrong).copied().collect();
        repo.agent("a", &words).exit(2);
    }
    let how = Refusal {
        exit: 3,
        code: "NOT_AUTHORISED",
        says: "sharing with team from outside",
        next: "ghp group join team",
    };
    refused(&repo, "c", &["group", "share", "team", "k=1"], &how);
    repo.ghp(&["group", "share", "team", "said=by a person"])
        .ok();
    let how = Refusal {
        exit: 2,
        code: "NOT_FOUND",
        says: "team shares no sayd",
        next: "ghp group context team said",
    };
    refused(&repo, "a", &["group", "context", "sayd"], &how);
}

#[test]
fn a_groups_log_is_what_its_members_did() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One"]).ok();
    repo.agent("a", &["group", "join", "team"]).ok();
    repo.agent("x", &["group", "join", "other"]).ok();
    repo.agent("a", &["group", "share", "k=1"]).ok();
    repo.agent("a", &["issue", "comment", "1", "Seen"]).ok();
    repo.agent("x", &["issue", "comment", "1", "Not a member's"])
        .ok();
    let log = json(&repo, "", &["group", "log", "team"]);
    let what: Vec<&str> = log["events"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|event| event["by"].as_str())
        .collect();
    assert_eq!(what, ["a", "a", "a"], "{log}");
    repo.ghp(&["group", "log", "team", "-n", "1"]).ok();
    repo.ghp(&["group", "list"]).ok().prints("other");
    repo.ghp(&["show", "other"]).ok().prints("x");
}

#[test]
fn a_watcher_sees_a_key_come_and_change() {
    use std::io::{BufRead, BufReader};
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("a", &["group", "join", "team"]).ok();
    let mut watcher = repo
        .command(&["group", "context", "team", "k", "--watch", "--json"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("ghp");
    let mut lines = BufReader::new(watcher.stdout.take().expect("piped")).lines();
    let mut next = || -> Value {
        let line = lines.next().expect("a line").expect("text");
        serde_json::from_str(&line).expect("JSON")
    };
    repo.agent("a", &["group", "share", "other=1"]).ok();
    repo.agent("a", &["group", "share", "k=1"]).ok();
    assert_eq!(next()["value"], 1);
    repo.agent("a", &["group", "share", "k=2"]).ok();
    assert_eq!(next()["version"], 2);
    watcher.kill().expect("our own child");
    watcher.wait().expect("our own child");
}
