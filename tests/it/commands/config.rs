//! `config get, set, list`: which layer speaks, what is refused, what survives.

use serde_json::{Value, json};

use super::{Refusal, json, refused};
use crate::support::{Playground, Repo, finish};

const KEY: &str = "coordination.staleAfter";

fn user(repo: &Repo, text: &str) {
    let folder = repo.playground.path().join("home/.config/ghp-cli");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("config.json"), text).expect("a file");
}

fn from_environment(repo: &Repo, value: &str) -> crate::support::Run {
    let mut command = repo.command(&["config", "get", KEY, "--json"]);
    finish(command.env("GHP_STALE_AFTER", value), b"")
}

#[test]
fn each_layer_over_the_one_below() {
    let playground = Playground::new();
    let repo = playground.repo();
    let get = || {
        let report = json(&repo, "", &["config", "get", KEY]);
        (report["value"].clone(), report["origin"].clone())
    };
    assert_eq!(get(), (json!("10m"), json!("default")));
    user(&repo, r#"{"coordination": {"staleAfter": "20m"}}"#);
    assert_eq!(get(), (json!("20m"), json!("user")));
    assert_eq!(
        repo.ghp(&["config", "set", KEY, "30m"]).ok().stdout,
        "coordination.staleAfter = 30m\n"
    );
    assert_eq!(get(), (json!("30m"), json!("repository")));
    let report = from_environment(&repo, "40m").ok().json();
    assert_eq!(
        report,
        json!({"key": KEY, "value": "40m", "origin": "environment"})
    );
    from_environment(&repo, "soon").exit(2);
    assert_eq!(repo.ghp(&["config", "get", KEY]).ok().stdout, "30m\n");
    assert_eq!(
        repo.ghp(&["config", "get", KEY, "--show-origin"])
            .ok()
            .stdout,
        "30m  (repository)\n"
    );
    let list = repo.ghp(&["config", "list", "--show-origin"]).ok().stdout;
    for line in [
        "coordination.staleAfter",
        "coordination.copyFiles",
        "branchPattern",
    ] {
        assert!(list.contains(line), "{list}");
    }
    assert!(
        list.contains("30m") && list.contains("repository") && list.contains("default"),
        "{list}"
    );
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let playground = Playground::new();
    let repo = playground.repo();
    let list = json(&repo, "", &["config", "list"]);
    let values: serde_json::Map<String, Value> = list["values"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| {
            (
                row["key"].as_str().expect("a key").to_owned(),
                row["value"].clone(),
            )
        })
        .collect();
    let expected = json!({
        "mainBranch": "main", "branchPattern": "{user}/{number}-{title}",
        "coordination.staleAfter": "10m", "coordination.stalePolicy": "alert", "coordination.expireAfter": "60m",
        "coordination.orchestrators": [], "coordination.epics": {}, "coordination.humans": [],
        "coordination.assignees": {}, "coordination.sharedFiles": [], "coordination.protectedBranches": ["main"],
        "coordination.outsideScope": "approve", "coordination.maxPeers": 32, "coordination.issues": "local",
        "coordination.remote": null, "coordination.refSpace": "refs/ghp/", "coordination.lockTimeout": "10s",
        "coordination.caves": "../{repo}.caves/{name}", "coordination.copyFiles": [".env"],
        "coordination.setup": [], "coordination.setupTimeout": "10m", "coordination.providers": {},
        "coordination.memory": "local", "coordination.mem0": {}, "coordination.goals": {}, "coordination.profiles": {},
        "coordination.editorTimeout": "30m", "coordination.retries": 2, "coordination.senders": [], "coordination.reply": [],
        "coordination.limited": "reroute", "coordination.limitedFor": "15m",
    });
    assert_eq!(Value::Object(values), expected);
}

#[test]
fn an_unknown_key_is_a_warning_with_the_nearest() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write(
        "config.json",
        r#"{"coordination": {"staleAftr": "5m", "profiles": {"deploy": {"provder": "claude", "count": 2}}},
            "somebody": {"elses": 1}}"#,
    );
    let run = repo.ghp(&["config", "list"]).ok();
    assert!(
        run.stderr
            .contains("unknown key coordination.staleAftr; did you mean coordination.staleAfter?"),
        "{run}"
    );
    assert!(
        run.stderr
            .contains("unknown key coordination.profiles.deploy.provder; did you mean provider?"),
        "{run}"
    );
    assert!(
        !run.stderr.contains("somebody") && !run.stderr.contains("count"),
        "{run}"
    );
    assert_eq!(
        json(&repo, "", &["config", "get", "somebody.elses"])["value"],
        1
    );
    let how = Refusal {
        exit: 2,
        code: "NOT_FOUND",
        says: "did you mean coordination.stalePolicy?",
        next: "ghp config list --show-origin",
    };
    for key in ["coordination.stalePolicies", "stalePolicy"] {
        refused(&repo, "", &["config", "get", key], &how);
    }
    refused(
        &repo,
        "",
        &["config", "set", "coordination.stalePolicies", "alert"],
        &how,
    );
}

#[test]
fn a_wrong_type_names_file_key_and_form() {
    let playground = Playground::new();
    let repo = playground.repo();
    for (text, key, form) in [
        (
            r#"{"coordination": {"staleAfter": true}}"#,
            "coordination.staleAfter",
            "a duration such as \"10m\"",
        ),
        (
            r#"{"coordination": {"orchestrators": "lead"}}"#,
            "coordination.orchestrators",
            "a list of agents' names",
        ),
        (
            r#"{"coordination": {"maxPeers": 0}}"#,
            "coordination.maxPeers",
            "a whole number from 1 to 1024",
        ),
        (
            r#"{"coordination": {"outsideScope": "maybe"}}"#,
            "coordination.outsideScope",
            "one of approve, deny, allow",
        ),
        (r#"{"mainBranch": 3}"#, "mainBranch", "text"),
        (r#"{"coordination": []}"#, "coordination", "an object"),
    ] {
        repo.write("config.json", text);
        let run = repo.ghp(&["status"]).exit(2).says(key).says(form);
        assert!(run.stderr.contains(".ghp/config.json"), "{run}");
    }
    repo.write("config.json", "{\n  \"mainBranch\": \n}");
    let run = repo.ghp(&["status", "--json"]).exit(65);
    assert_eq!(run.json()["error"]["code"], "UNREADABLE");
    assert!(run.stdout.contains("line 3 column 1"), "{run}");
    repo.write("config.json", "{}");
    user(&repo, r#"{"coordination": {"staleAfter": 1.5}}"#);
    repo.ghp(&["status"]).exit(2).says("ghp-cli/config.json");
}

#[test]
fn what_is_set_wrongly_is_refused_and_other_keys_survive() {
    let playground = Playground::new();
    let repo = playground.repo();
    let upstream =
        r#"{"mainBranch":"trunk","workspace":{"type":"vscode","order":[3,1]},"z":null,"a":1}"#;
    repo.write("config.json", upstream);
    for (key, value, form) in [
        (KEY, "soon", "a duration"),
        ("coordination.maxPeers", "many", "a whole number"),
        (
            "coordination.orchestrators",
            "[\"Not A Name\"]",
            "a list of agents' names",
        ),
        ("coordination.stalePolicy", "reassign:", "reassign:AGENT"),
        ("coordination.sharedFiles", "[\"a[b\"]", "a list of paths"),
    ] {
        let how = Refusal {
            exit: 2,
            code: "USAGE",
            says: form,
            next: "ghp config list --show-origin",
        };
        refused(&repo, "", &["config", "set", key, value], &how);
    }
    repo.ghp(&["config", "set", "coordination.orchestrators", "[\"lead\"]"])
        .ok();
    let text = repo.read("config.json");
    let now: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(now["workspace"], json!({"type": "vscode", "order": [3, 1]}));
    assert_eq!(
        super::keys(&now),
        ["mainBranch", "workspace", "z", "a", "coordination"]
    );
    assert_eq!(
        json(
            &repo,
            "",
            &["config", "get", "coordination.protectedBranches"]
        )["value"],
        json!(["trunk"])
    );
    let how = Refusal {
        exit: 3,
        code: "NOT_AUTHORISED",
        says: "changing the configuration is for an orchestrator or a person",
        next: "ghp escalate \"changing the configuration\"",
    };
    refused(
        &repo,
        "worker-1",
        &["config", "set", "mainBranch", "main"],
        &how,
    );
    repo.agent("lead", &["config", "set", "mainBranch", "main"])
        .ok();
}
