//! `trust`: what the repository's configuration would run is looked at by a person first, and any change asks again.

use serde_json::{Value, json};

use super::{Refusal, json, refused};
use crate::support::{Playground, Repo, finish, require};

const KEY: &str = "coordination.profiles";

fn proposes(repo: &Repo, profiles: &Value) {
    let config = json!({"coordination": {"profiles": profiles}});
    repo.write("config.json", config.to_string());
}

fn states(repo: &Repo) -> Vec<(String, String)> {
    let report = json(repo, "", &["trust", "--list"]);
    let rows = report["programs"].as_array().expect("a list").clone();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    rows.iter()
        .map(|row| (text(&row["key"]), text(&row["state"])))
        .collect()
}

fn state(state: &str) -> Vec<(String, String)> {
    vec![(KEY.to_owned(), state.to_owned())]
}

#[test]
fn exactly_what_was_shown_is_trusted() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["trust"])
        .ok()
        .prints("This repository's configuration would run nothing.\n");
    let shown = json!({"planning": {"provider": "sh", "args": ["-c", "id"]}});
    proposes(&repo, &shown);
    assert_eq!(states(&repo), state("untrusted"));
    let how = Refusal {
        exit: 2,
        code: "USAGE",
        says: r#"coordination.profiles = {"planning":{"provider":"sh","args":["-c","id"]}}"#,
        next: "ghp trust --yes",
    };
    refused(&repo, "", &["trust"], &how);
    assert_eq!(states(&repo), state("untrusted"), "showing is no yes");
    repo.ghp(&["trust", "--yes"])
        .ok()
        .prints("trusted on this machine: coordination.profiles\n");
    let list = json(&repo, "", &["trust", "--list"]);
    let row = json!({"key": KEY, "value": shown, "state": "trusted", "by": "Ana", "at": playground.now()});
    assert_eq!(list, json!({"done": "shown", "programs": [row]}));
    // Again is nothing new.
    assert_eq!(json(&repo, "", &["trust"])["done"], "shown");
    // From a linked worktree it is the same repository.
    assert_eq!(states(&repo.worktree("other")), state("trusted"));
    for change in [
        json!({"planning": {"provider": "sh", "args": ["-c", "id;"]}}),
        json!({"planning": {"args": ["-c", "id"], "provider": "sh"}}),
        json!({"planning": {"provider": "sh"}}),
    ] {
        proposes(&repo, &change);
        assert_eq!(states(&repo), state("untrusted"), "{change}");
    }
    proposes(&repo, &shown);
    assert_eq!(states(&repo), state("trusted"));
    repo.write("config.json", "{}");
    assert_eq!(states(&repo), state("unused"));
}

#[test]
fn it_is_taken_back() {
    let playground = Playground::new();
    let repo = playground.repo();
    proposes(&repo, &json!({"a": {}}));
    let revoke = |words: &[&str]| {
        repo.ghp(&["trust", "--yes"]).ok();
        repo.ghp(&[&["trust", "--revoke"], words].concat()).ok()
    };
    for words in [&[] as &[&str], &[KEY]] {
        revoke(words).prints("no longer trusted: coordination.profiles\n");
        assert_eq!(states(&repo), state("untrusted"));
    }
    assert_eq!(revoke(&["-q"]).stdout, "coordination.profiles\n");
    let how = Refusal {
        exit: 2,
        code: "NOT_FOUND",
        says: "coordination.goals was not trusted here",
        next: "ghp trust --list",
    };
    refused(
        &repo,
        "",
        &["trust", "--revoke", "coordination.goals"],
        &how,
    );
    // Damaged notes trust nothing, and are written anew.
    std::fs::write(repo.dir.join(".git/ghp/trust"), "{").expect("notes");
    repo.ghp(&["trust", "--list"])
        .exit(65)
        .says("ghp trust --revoke");
    repo.ghp(&["trust", "--revoke"]).ok();
    assert_eq!(states(&repo), state("untrusted"));
}

#[test]
fn it_is_for_people() {
    let playground = Playground::new();
    let repo = playground.repo();
    proposes(&repo, &json!({"a": {}}));
    repo.ghp(&["config", "set", "coordination.orchestrators", "[\"lead\"]"])
        .ok();
    let how = Refusal {
        exit: 3,
        code: "NOT_AUTHORISED",
        says: "is for a person to say",
        next: "ghp trust --list",
    };
    for who in ["worker-1", "lead"] {
        refused(&repo, who, &["trust", "--yes"], &how);
        refused(&repo, who, &["trust", "--agent", "human", "--yes"], &how);
        refused(&repo, who, &["trust", "--revoke"], &how);
        assert_eq!(
            json(&repo, who, &["trust", "--list"])["programs"][0]["state"],
            "untrusted"
        );
    }
    let mut unnamed = repo.command(&["trust", "--yes"]);
    finish(unnamed.env("CLAUDECODE", "1"), b"").exit(3);
    assert_eq!(states(&repo), state("untrusted"));
}

#[test]
fn ones_own_needs_none() {
    let playground = Playground::new();
    let repo = playground.repo();
    let own = playground.path().join("home/.config/ghp-cli");
    std::fs::create_dir_all(&own).expect("a folder");
    std::fs::write(
        own.join("config.json"),
        r#"{"coordination": {"profiles": {"a": {}}}}"#,
    )
    .expect("a file");
    assert_eq!(states(&repo), []);
    // The same words in the repository's file are the person's own as well; others are not.
    proposes(&repo, &json!({"a": {}}));
    assert_eq!(states(&repo), []);
    proposes(&repo, &json!({"b": {}}));
    assert_eq!(states(&repo), state("untrusted"));
}

#[test]
fn on_a_terminal_a_person_is_asked() {
    let playground = Playground::new();
    let repo = playground.repo();
    proposes(&repo, &json!({"a\u{1b}[2J": {"run": "x"}}));
    if !require("script", "trust on a terminal") {
        return;
    }
    let asked = |answer: &[u8]| {
        let line = format!("{} trust", crate::support::GHP);
        let mut command = playground.command("script", &repo.dir);
        let run = command.args(["-qec", &line, "/dev/null"]);
        finish(run, answer).ok()
    };
    for no in [&b"n\n"[..], b"\n", b"maybe\n"] {
        let run = asked(no)
            .prints("Trust exactly this?")
            .prints("Nothing is trusted.");
        assert!(
            run.stdout.contains("\"run\": \"x\"") && !run.stdout.contains("\u{1b}[2J"),
            "{run}"
        );
        assert_eq!(states(&repo), state("untrusted"));
    }
    asked(b"yes\n").prints("trusted on this machine");
    assert_eq!(states(&repo), state("trusted"));
}
