//! Documents as resources, and what is none.

use serde_json::{Value, json};

use super::{Client, Revision};
use crate::support::Playground;

#[test]
fn documents_are_resources_by_their_place() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard", "--assign", "worker-1"])
        .ok();
    repo.ghp(&["start", "1", "--worktree", "--for", "worker-1"])
        .ok();
    repo.agent("worker-1", &["escalate", "Which?"]).ok();
    repo.agent("worker-1", &["group", "join", "team"]).ok();
    for revision in Revision::ALL {
        let mut client = Client::of(&repo, "worker-1", revision);
        let listed = client.request("resources/list", json!({}));
        let resources = listed["result"]["resources"]
            .as_array()
            .expect("resources")
            .clone();
        let uris: Vec<&str> = resources
            .iter()
            .filter_map(|one| one["uri"].as_str())
            .collect();
        for uri in [
            "ghp://status",
            "ghp://issues",
            "ghp://escalations",
            "ghp://handoffs",
            "ghp://groups",
            "ghp://issues/1",
            "ghp://groups/team",
            "ghp://caves/worker-1/plan",
        ] {
            assert!(uris.contains(&uri), "{uri} in {uris:?}");
        }
        // Every one that is listed can be read, in the format it was listed with.
        for resource in &resources {
            let read = client.request("resources/read", json!({"uri": resource["uri"]}));
            let contents = &read["result"]["contents"][0];
            assert_eq!(contents["uri"], resource["uri"], "{read}");
            assert_eq!(contents["mimeType"], resource["mimeType"], "{read}");
        }
        let issue = client.request("resources/read", json!({"uri": "ghp://issues/1"}));
        assert_eq!(
            issue["result"]["contents"][0]["text"],
            repo.read("issues/1.md")
        );
        let status = client.request("resources/read", json!({"uri": "ghp://status"}));
        let board: Value = serde_json::from_str(
            status["result"]["contents"][0]["text"]
                .as_str()
                .expect("text"),
        )
        .expect("JSON");
        assert_eq!(board["agents"][0]["agent"], "worker-1");
        let templates = client.request("resources/templates/list", json!({}));
        assert!(
            templates.to_string().contains("ghp://issues/{number}"),
            "{templates}"
        );
        client.close();
    }
}

#[test]
fn many_documents_come_in_pages_each_once() {
    let playground = Playground::new();
    let repo = playground.repo();
    for number in 1..=450 {
        repo.write(
            &format!("issues/{number}.md"),
            format!("---\ntitle: Issue {number}\nstatus: open\n---\n"),
        );
    }
    let mut client = Client::of(&repo, "worker-1", Revision::July2026);
    let mut seen = std::collections::BTreeSet::new();
    let mut cursor = Value::Null;
    let mut pages = 0;
    loop {
        let params = if cursor.is_null() {
            json!({})
        } else {
            json!({"cursor": cursor})
        };
        let listed = client.request("resources/list", params);
        for resource in listed["result"]["resources"].as_array().expect("resources") {
            assert!(seen.insert(resource["uri"].to_string()), "{resource} twice");
        }
        pages += 1;
        cursor = listed["result"]["nextCursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert!(
        pages >= 3 && seen.len() > 450,
        "{pages} pages, {} resources",
        seen.len()
    );
    client.close();
}

#[test]
fn what_is_no_resource_is_refused_and_nothing_outside_is_read() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "First"]).ok();
    std::fs::write(repo.dir.join("secret.md"), "not a document").expect("a file");
    std::os::unix::fs::symlink(
        repo.dir.join("secret.md"),
        repo.documents().join("issues/7.md"),
    )
    .expect("a link");
    for (revision, code) in [
        (Revision::November2025, -32002),
        (Revision::July2026, -32602),
    ] {
        let mut client = Client::of(&repo, "worker-1", revision);
        for uri in [
            "ghp://issues/99",
            "ghp://nothing",
            "ghp://",
            "ghp://../secret",
            "ghp://issues/../../secret",
            "ghp://issues/%2e%2e/secret",
            "ghp:///etc/passwd",
            "file:///etc/passwd",
            "ghp://issues/1.md",
            "ghp://issues/1\u{0}",
            "",
            "ghp://.git/config",
        ] {
            let read = client.request("resources/read", json!({"uri": uri}));
            assert_eq!(read["error"]["code"], code, "{uri}: {read}");
        }
        let linked = client.request("resources/read", json!({"uri": "ghp://issues/7"}));
        assert!(
            linked["error"].is_object() && !linked.to_string().contains("not a document"),
            "{linked}"
        );
        let listed = client.request("resources/list", json!({}));
        assert!(!listed.to_string().contains("ghp://issues/7"), "{listed}");
        client.close();
    }
}
