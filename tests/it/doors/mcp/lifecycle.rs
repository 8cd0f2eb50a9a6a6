//! Opening a session in every revision, and ending it.

use serde_json::json;

use super::{Client, Revision};
use crate::support::Playground;

#[test]
fn every_revision_opens_lists_and_ends() {
    let playground = Playground::new();
    let repo = playground.repo();
    for revision in Revision::ALL {
        let mut client = Client::of(&repo, "worker-1", revision);
        let listed = client.request("tools/list", json!({}));
        let tools = listed["result"]["tools"].as_array().expect("tools").clone();
        assert!(
            (5..=18).contains(&tools.len()),
            "{revision:?}: {}",
            tools.len()
        );
        for tool in &tools {
            assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
            assert_eq!(
                tool["inputSchema"]["properties"]["agent"]["type"], "string",
                "{tool}"
            );
            assert!(tool["annotations"]["readOnlyHint"].is_boolean(), "{tool}");
        }
        let names: Vec<_> = tools
            .iter()
            .filter_map(|tool| tool["name"].as_str())
            .collect();
        for name in [
            "agent_status",
            "agent_heartbeat",
            "check",
            "agent_escalate",
            "agent_handoff",
            "group_share",
        ] {
            assert!(names.contains(&name), "{revision:?}: {names:?}");
        }
        let prompts = client.request("prompts/list", json!({}));
        assert_eq!(
            prompts["result"]["prompts"].as_array().map(Vec::len),
            Some(3)
        );
        let is_new = revision == Revision::July2026;
        assert_eq!(
            listed["result"]["resultType"] == "complete",
            is_new,
            "{listed}"
        );
        assert_eq!(client.close(), Vec::<serde_json::Value>::new());
    }
}

#[test]
fn discovery_names_the_revisions_and_us() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut client = Client::start(repo.command(&["mcp"]), Revision::July2026);
    let found = client.request("server/discover", json!({}));
    let versions = &found["result"]["supportedVersions"];
    assert_eq!(
        *versions,
        json!(["2025-06-18", "2025-11-25", "2026-07-28"]),
        "{found}"
    );
    assert!(found.to_string().contains("\"name\":\"ghp\""), "{found}");
    // Discovery alone is a session, too.
    client.close();
}

#[test]
fn discovery_may_be_followed_by_the_older_handshake() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut client = Client::start(repo.command(&["mcp", "--agent", "a"]), Revision::July2026);
    client.request("server/discover", json!({}));
    client.revision = Revision::November2025;
    let opened = client.request(
        "initialize",
        json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}),
    );
    assert_eq!(opened["result"]["serverInfo"]["name"], "ghp", "{opened}");
    client.notify("notifications/initialized", json!({}));
    assert_eq!(client.ok("agent_status", &json!({}))["agents"], json!([]));
    client.close();
}

#[test]
fn an_older_client_is_offered_what_is_served() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut client = Client::start(repo.command(&["mcp"]), Revision::November2025);
    let opened = client.request(
        "initialize",
        json!({"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}),
    );
    let offered = opened["result"]["protocolVersion"]
        .as_str()
        .expect("a revision");
    assert!(offered.starts_with("2025-"), "{opened}");
    client.close();
}

#[test]
fn a_server_that_nobody_speaks_to_ends_with_its_input() {
    let playground = Playground::new();
    let repo = playground.repo();
    Client::start(repo.command(&["mcp"]), Revision::June2025).close();
}

#[test]
fn all_lists_more_and_what_is_odd_is_explained() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut client = Client::open(repo.command(&["mcp", "--all"]), Revision::July2026);
    let listed = client.request("tools/list", json!({}));
    let tools = listed["result"]["tools"].as_array().map_or(0, Vec::len);
    assert!(tools > 40, "{tools}");
    client.close();
    repo.ghp(&["mcp", "extra"]).exit(2).says("ghp mcp --help");
    repo.ghp(&["mcp", "--help"]).ok().prints("2026-07-28");
}

#[test]
fn outside_a_project_it_serves_and_each_call_says_what_is_missing() {
    let playground = Playground::new();
    let repo = playground.bare_of_documents("bare");
    let mut client = Client::of(&repo, "worker-1", Revision::November2025);
    let error = client.refused("agent_status", &json!({}));
    assert_eq!(error["code"], "NO_DOCUMENTS");
    assert_eq!(error["next"], "ghp init");
    assert_eq!(
        client.request("resources/list", json!({}))["result"]["resources"],
        json!([])
    );
    // Set up meanwhile, it need not be started again.
    repo.ghp(&["init"]).ok();
    assert_eq!(client.ok("agent_status", &json!({}))["agents"], json!([]));
    client.close();
}
