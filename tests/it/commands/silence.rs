//! `stale`: who has gone silent, the three policies, and silence of most at once.

use serde_json::json;

use super::{documents, json, keys};
use crate::support::{Playground, Repo};

/// Three agents with an issue each, of which worker-1 then says nothing for so long.
fn silent_for(repo: &Repo, seconds: i64) {
    for number in 1..=3 {
        repo.ghp(&["issue", "new", &format!("Issue {number}")]).ok();
        let agent = format!("worker-{number}");
        repo.agent(&agent, &["claim", &number.to_string()]).ok();
    }
    repo.playground.pass(seconds);
    for agent in ["worker-2", "worker-3"] {
        repo.agent(agent, &["heartbeat"]).silent();
    }
}

fn policy(repo: &Repo, policy: &str) {
    repo.ghp(&["config", "set", "coordination.stalePolicy", policy])
        .ok();
}

#[test]
fn the_silent_are_listed() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["stale", "--exit-code"])
        .ok()
        .prints("Nobody is silent.");
    silent_for(&repo, 14 * 60);
    let before = documents(&repo);
    let report = json(&repo, "", &["stale"]);
    assert_eq!(keys(&report), ["agents", "mass", "done"]);
    assert_eq!(
        report,
        json!({"agents": [{"agent": "worker-1", "issue": 1, "status": "starting", "ageSeconds": 840,
                           "liveness": "stale"}], "mass": false, "done": []})
    );
    let run = repo.ghp(&["stale", "--exit-code"]).exit(8);
    assert_eq!(
        run.stdout,
        "AGENT     STATUS    ISSUE  SILENT\nworker-1  starting  #1     14m     STALE\nNext: ghp stale --apply\n"
    );
    // With its report, not with an error.
    assert_eq!(
        repo.ghp(&["stale", "--exit-code", "--json"]).exit(8).json(),
        report
    );
    assert_eq!(
        json(&repo, "", &["stale", "--after", "15m"])["agents"],
        json!([])
    );
    assert_eq!(documents(&repo), before, "looking changes nothing");
    repo.ghp(&["stale", "--after", "soon"]).exit(2);
}

#[test]
fn alert_asks_a_person_once() {
    let playground = Playground::new();
    let repo = playground.repo();
    silent_for(&repo, 3 * 3600);
    let done = json(&repo, "", &["stale", "--apply"])["done"].clone();
    assert!(
        done[0]
            .as_str()
            .is_some_and(|done| done.starts_with("asked a person: worker-1")),
        "{done}"
    );
    assert_eq!(json(&repo, "", &["stale", "--apply"])["done"], json!([]));
    let items = json(&repo, "", &["inbox"])["items"].clone();
    assert_eq!(
        items.as_array().map(Vec::len),
        Some(1),
        "the question stands for the agent: {items}"
    );
    assert_eq!(items[0]["title"], "worker-1 has been silent on #1");
    assert_eq!(
        json(&repo, "", &["issue", "show", "1"])["assignee"],
        "worker-1",
        "nothing is taken from it"
    );
}

#[test]
fn release_needs_expiry() {
    let playground = Playground::new();
    let repo = playground.repo();
    policy(&repo, "release");
    silent_for(&repo, 14 * 60);
    let done = json(&repo, "", &["stale", "--apply"])["done"].clone();
    assert!(
        done[0]
            .as_str()
            .is_some_and(|done| done.starts_with("asked a person")),
        "{done}"
    );
    assert_eq!(
        json(&repo, "", &["issue", "show", "1"])["assignee"],
        "worker-1"
    );
    playground.pass(3600);
    for agent in ["worker-2", "worker-3"] {
        repo.agent(agent, &["heartbeat"]).silent();
    }
    assert_eq!(
        json(&repo, "", &["stale", "--apply"])["done"],
        json!(["#1 is free again; worker-1 has gone"])
    );
    assert!(
        json(&repo, "", &["issue", "show", "1"])
            .get("assignee")
            .is_none()
    );
    assert_eq!(repo.status()["agents"]["worker-1"]["status"], "stopped");
    assert_eq!(json(&repo, "", &["stale", "--apply"])["agents"], json!([]));
}

#[test]
fn reassign_gives_to_the_heir() {
    let playground = Playground::new();
    let repo = playground.repo();
    policy(&repo, "reassign:worker-2");
    silent_for(&repo, 61 * 60);
    assert_eq!(
        json(&repo, "", &["stale"])["agents"][0]["liveness"],
        "expired"
    );
    assert_eq!(
        json(&repo, "", &["stale", "--apply"])["done"],
        json!(["#1 is worker-2's now; worker-1 has gone"])
    );
    let issue = json(&repo, "", &["issue", "show", "1"]);
    assert_eq!(
        (&issue["assignee"], &issue["fence"]),
        (&json!("worker-2"), &json!(2))
    );
    // Should it come back, it hears so.
    repo.agent("worker-1", &["heartbeat"]).exit(6);
}

#[test]
fn when_most_go_silent_at_once_it_is_the_machine() {
    for name in ["alert", "release", "reassign:worker-9"] {
        let playground = Playground::new();
        let repo = playground.repo();
        policy(&repo, name);
        silent_for(&repo, 0);
        playground.pass(9 * 3600);
        let report = json(&repo, "", &["stale", "--apply"]);
        assert_eq!(report["mass"], true);
        assert_eq!(
            report["done"].as_array().map(Vec::len),
            Some(1),
            "one alarm: {report}"
        );
        assert_eq!(json(&repo, "", &["stale", "--apply"])["done"], json!([]));
        for number in ["1", "2", "3"] {
            let issue = json(&repo, "", &["issue", "show", number]);
            assert_eq!(
                issue["assignee"],
                format!("worker-{number}"),
                "nobody is reassigned"
            );
        }
        let questions = json(&repo, "", &["escalations"])["escalations"].clone();
        assert_eq!(questions.as_array().map(Vec::len), Some(1), "{questions}");
    }
}

#[test]
fn who_has_ended_is_not_missed() {
    let playground = Playground::new();
    let repo = playground.repo();
    for status in ["done", "stopped", "idle"] {
        repo.agent(&format!("w-{status}"), &["status", "set", status])
            .silent();
    }
    repo.agent("w-working", &["status", "set", "working"])
        .silent();
    playground.pass(24 * 3600);
    let names = json(&repo, "", &["stale"])["agents"].clone();
    let names: Vec<&str> = names
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|agent| agent["agent"].as_str())
        .collect();
    assert_eq!(names, ["w-idle", "w-working"]);
    // An idle agent without an issue keeps nothing waiting.
    let done = json(&repo, "", &["stale", "--apply"])["done"].clone();
    assert!(!done.to_string().contains("w-idle"), "{done}");
}
