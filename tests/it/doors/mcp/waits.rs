//! Calls that wait: ended by a person, cancelled, left alone; nobody else waits for them.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Client, Revision, scene};
use crate::support::{PATIENCE, Playground, Repo, eventually, found};

/// Waits until so many questions are open, and returns their ids.
#[track_caller]
fn open(repo: &Repo, kind: &str, wanted: usize) -> Vec<String> {
    found(&format!("{wanted} {kind}"), || {
        let listed = repo.ghp(&[kind, "--json"]).ok().json();
        let items = listed[kind]
            .as_array()
            .unwrap_or_else(|| panic!("{listed}"));
        let ids = items
            .iter()
            .map(|item| item["id"].as_str().expect("an id").to_owned());
        (items.len() == wanted).then(|| ids.collect())
    })
}

#[test]
fn a_person_ends_a_wait_while_others_are_served() {
    let playground = Playground::new();
    let repo = playground.repo();
    for revision in Revision::ALL {
        let mut client = Client::of(&repo, "worker-1", revision);
        let waiting = client.begin(
            "agent_escalate",
            &json!({"title": format!("Which store for {}?", revision.date()), "option": ["A", "B"], "wait": true}),
        );
        let ids = open(&repo, "escalations", 1);
        // It says that it waits, and others need not.
        let progress = client.expect("progress", |message| {
            message["method"] == "notifications/progress"
        });
        assert_eq!(progress["params"]["progressToken"], "p-agent_escalate");
        client.ok("agent_heartbeat", &json!({"message": "waiting"}));
        repo.ghp(&["answer", &ids[0], "2", "-m", "Cheaper"]).ok();
        let answer = client.answer(waiting);
        let decided = &answer["result"]["structuredContent"];
        assert_eq!(decided["choice"], 2, "{answer}");
        assert_eq!(decided["text"], "B");
        client.close();
    }
}

#[test]
fn every_wait_is_ended_by_what_it_waits_for() {
    let playground = Playground::new();
    let repo = scene(&playground);
    let mut client = Client::of(&repo, "worker-1", Revision::November2025);
    client.ok("agent_heartbeat", &json!({"issue": 1}));

    let request = client.begin(
        "request",
        &json!({"paths": ["README.md"], "message": "Links", "wait": "10m"}),
    );
    let ids = open(&repo, "approvals", 1);
    repo.ghp(&["approve", &ids[0]]).ok();
    assert_eq!(
        client.answer(request)["result"]["structuredContent"]["status"],
        "granted"
    );

    let blocked = client.begin(
        "agent_status_set",
        &json!({"status": "blocked", "blockedOn": [2], "wait": true}),
    );
    eventually("blocked", || {
        repo.status()["agents"]["worker-1"]["status"] == "blocked"
    });
    repo.ghp(&["issue", "close", "2"]).ok();
    assert_eq!(
        client.answer(blocked)["result"]["structuredContent"]["unblocked"],
        true
    );

    let asked = client.ok("agent_escalate", &json!({"title": "And now?"}));
    let wait = client.begin("wait", &json!({"ids": [asked["id"]]}));
    let inbox = client.begin("inbox", &json!({"wait": true}));
    // The two have begun once their progress is told.
    for tool in ["wait", "inbox"] {
        client.expect(tool, |message| {
            message["params"]["progressToken"] == format!("p-{tool}")
        });
    }
    repo.ghp(&["answer", asked["id"].as_str().expect("an id"), "Go on"])
        .ok();
    assert_eq!(
        client.answer(wait)["result"]["structuredContent"]["text"],
        "Go on"
    );
    let heard = client.answer(inbox);
    assert_eq!(
        heard["result"]["structuredContent"]["for"], "worker-1",
        "{heard}"
    );
    client.close();
}

#[test]
fn time_that_runs_out_is_an_error_and_the_question_stands() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut client = Client::of(&repo, "worker-1", Revision::July2026);
    for patience in [json!("1s"), json!(1)] {
        let error = client.refused(
            "agent_escalate",
            &json!({"title": "Which?", "key": "k", "wait": patience}),
        );
        assert_eq!(error["code"], "TIMED_OUT");
        assert_eq!(error["retryable"], true);
    }
    open(&repo, "escalations", 1);
    client.close();
}

#[test]
fn a_cancelled_wait_frees_its_place_and_the_question_stands() {
    let playground = Playground::new();
    let repo = playground.repo();
    for revision in [Revision::June2025, Revision::July2026] {
        let mut client = Client::of(&repo, "worker-1", revision);
        // More than may wait at once.
        for round in 0..20 {
            let waiting = client.begin(
                "agent_escalate",
                &json!({"title": "Which?", "key": "k", "wait": true}),
            );
            client.expect("progress", |message| {
                message["method"] == "notifications/progress"
            });
            client.notify(
                "notifications/cancelled",
                json!({"requestId": waiting, "reason": "never mind"}),
            );
            // Its place is free once the next one may wait.
            assert!(round < 20);
        }
        let rest = client.close();
        assert!(
            rest.iter().all(|message| message["id"].is_null()),
            "{rest:?}"
        );
        open(&repo, "escalations", 1);
    }
}

#[test]
fn a_client_that_goes_leaves_its_question_and_no_process() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut client = Client::of(&repo, "worker-1", Revision::November2025);
    client.begin("agent_escalate", &json!({"title": "Which?", "wait": true}));
    client.begin("next", &json!({"wait": true}));
    open(&repo, "escalations", 1);
    client.close();
    let ids = open(&repo, "escalations", 1);
    repo.ghp(&["answer", &ids[0], "Neither"]).ok();
    // Asked again elsewhere, the decision is there.
    let mut client = Client::of(&repo, "worker-1", Revision::July2026);
    let decided = client.ok("wait", &json!({"ids": [ids[0]]}));
    assert_eq!(decided["text"], "Neither");
    client.close();
}

#[test]
fn too_many_waits_are_refused_and_the_rest_is_served() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut client = Client::of(&repo, "worker-1", Revision::July2026);
    let waits: Vec<i64> = (0..17)
        .map(|_| client.begin("inbox", &json!({"wait": true})))
        .collect();
    let refused = client.expect("a refusal", |message| message["result"]["isError"] == true);
    let text = refused["result"]["content"][0]["text"]
        .as_str()
        .expect("text");
    let error: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(error["error"]["code"], "LOCK_TIMEOUT");
    assert!(waits.contains(&refused["id"].as_i64().expect("an id")));
    let began = Instant::now();
    client.ok("agent_heartbeat", &json!({}));
    assert!(began.elapsed() < PATIENCE + Duration::from_secs(1));
    client.close();
}
