//! Being told that a document changed, whoever changed it and however.

use serde_json::{Value, json};

use super::{Client, Revision};
use crate::support::Playground;

fn updated(message: &Value, uri: &str) -> bool {
    message["method"] == "notifications/resources/updated" && message["params"]["uri"] == uri
}

#[test]
fn subscribers_are_told_of_their_resources() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "First"]).ok();
    for revision in [Revision::June2025, Revision::November2025] {
        let mut client = Client::of(&repo, "worker-1", revision);
        for uri in ["ghp://status", "ghp://issues/1"] {
            let answer = client.request("resources/subscribe", json!({"uri": uri}));
            assert_eq!(answer["result"], json!({}), "{answer}");
        }
        repo.agent("worker-2", &["heartbeat", "-m", revision.date()])
            .ok();
        client.expect("status", |message| updated(message, "ghp://status"));
        // By hand, with an editor.
        let text = repo.read("issues/1.md");
        repo.write("issues/1.md", format!("{text}\nBy hand.\n"));
        client.expect("issue", |message| updated(message, "ghp://issues/1"));
        client.request("resources/unsubscribe", json!({"uri": "ghp://issues/1"}));
        client.kept.clear();
        repo.ghp(&["issue", "comment", "1", "Once more"]).ok();
        playground.pass(1);
        repo.agent("worker-2", &["heartbeat"]).ok();
        client.expect("status", |message| updated(message, "ghp://status"));
        assert!(
            !client
                .kept
                .iter()
                .any(|message| updated(message, "ghp://issues/1")),
            "{:?}",
            client.kept
        );
        client.close();
    }
}

#[test]
fn older_sessions_hear_of_new_documents() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut client = Client::of(&repo, "worker-1", Revision::November2025);
    // Watched once this is answered.
    client.request("resources/subscribe", json!({"uri": "ghp://issues"}));
    repo.ghp(&["issue", "new", "First"]).ok();
    client.expect("list", |message| {
        message["method"] == "notifications/resources/list_changed"
    });
    client.expect("issues", |message| updated(message, "ghp://issues"));
    client.close();
}

#[test]
fn the_newest_revision_listens() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "First"]).ok();
    let mut client = Client::of(&repo, "worker-1", Revision::July2026);
    let id = client.send(
        "subscriptions/listen",
        json!({"notifications": {"resourcesListChanged": true, "resourceSubscriptions": ["ghp://issues/1"]}}),
    );
    client.expect("acknowledgement", |message| {
        message["method"] == "notifications/subscriptions/acknowledged"
    });
    // Acknowledged is not yet watched: what is asked later is answered later.
    client.ok("agent_status", &json!({}));
    let mut comments = 0;
    let told = loop {
        comments += 1;
        repo.ghp(&["issue", "comment", "1", &format!("Comment {comments}")])
            .ok();
        client.ok("agent_status", &json!({}));
        if let Some(at) = client
            .kept
            .iter()
            .position(|message| updated(message, "ghp://issues/1"))
        {
            break client.kept.remove(at);
        }
        assert!(comments < 200, "never told: {:?}", client.kept);
    };
    assert_eq!(
        told["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], id,
        "{told}"
    );
    repo.ghp(&["issue", "new", "Second"]).ok();
    client.expect("list", |message| {
        message["method"] == "notifications/resources/list_changed"
    });
    client.notify("notifications/cancelled", json!({"requestId": id}));
    client.ok("agent_status", &json!({}));
    client.close();
}
