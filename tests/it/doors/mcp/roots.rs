//! A server that was started elsewhere works where the client's roots say.

use std::path::Path;

use serde_json::{Value, json};

use super::clients::installed;
use super::{Client, Revision};
use crate::support::{GHP, Playground, finish};

/// A server in a folder that is in no repository.
fn elsewhere(playground: &Playground, more: &[&str]) -> std::process::Command {
    let home = playground.path().join("home");
    let mut command = playground.command(GHP, &home);
    command.args(["mcp", "--agent", "worker-1"]).args(more);
    command
}

fn roots(paths: &[&Path]) -> Value {
    let roots = paths
        .iter()
        .map(|path| json!({"uri": format!("file://{}", path.display())}));
    json!({"roots": roots.collect::<Vec<_>>()})
}

/// Opens a session of the older revisions, in which the client has roots.
fn open(client: &mut Client, revision: Revision) {
    let opened = client.request(
        "initialize",
        json!({"protocolVersion": revision.date(), "capabilities": {"roots": {"listChanged": true}},
               "clientInfo": {"name": "ours", "version": "1"}}),
    );
    assert_eq!(opened["result"]["serverInfo"]["name"], "ghp", "{opened}");
    client.notify("notifications/initialized", json!({}));
}

/// Answers the server's question.
#[track_caller]
fn tell(client: &mut Client, roots: &Value) {
    let asked = client.expect("a question", |message| message["method"] == "roots/list");
    client.raw(json!({"jsonrpc": "2.0", "id": asked["id"], "result": roots}).to_string());
}

#[test]
fn the_first_root_that_is_a_repository() {
    let playground = Playground::new();
    let repo = playground.repo();
    let home = playground.path().join("home");
    let side = repo.worktree("side");
    for revision in [Revision::June2025, Revision::November2025] {
        let mut client = Client::start(elsewhere(&playground, &[]), revision);
        open(&mut client, revision);
        // One that is gone, one that is none, the right one, another.
        tell(
            &mut client,
            &roots(&[Path::new("/no/such"), &home, &repo.dir, &side.dir]),
        );
        let who = client.ok("whoami", &json!({}));
        assert_eq!(who["worktree"], json!(repo.dir.canonicalize().expect("it")));
        let listed = client.request("resources/list", json!({}));
        assert!(listed.to_string().contains("ghp://status"), "{listed}");
        // They change.
        client.notify("notifications/roots/list_changed", json!({}));
        tell(&mut client, &roots(&[&side.dir]));
        let who = client.ok("whoami", &json!({}));
        assert_eq!(who["worktree"], json!(side.dir.canonicalize().expect("it")));
        client.close();
    }
}

#[test]
fn a_call_of_the_newest_revision_comes_again_with_them() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut client = Client::start(elsewhere(&playground, &[]), Revision::July2026);
    let call = |client: &mut Client, id: u64, responses: Option<Value>| {
        let mut params = json!({"name": "whoami", "arguments": {}, "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "ours", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {"roots": {}}}});
        if let Some(responses) = responses {
            params["inputResponses"] = responses;
        }
        let request = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
        client.raw(request.to_string());
        client.answer(i64::try_from(id).expect("small"))["result"].clone()
    };
    let needed = call(&mut client, 901, None);
    assert_eq!(needed["resultType"], "input_required", "{needed}");
    assert_eq!(needed["inputRequests"]["roots"]["method"], "roots/list");
    // Roots that help nothing do not make it ask for ever.
    let home = playground.path().join("home");
    let refused = call(&mut client, 902, Some(json!({"roots": roots(&[&home])})));
    assert_eq!(refused["isError"], true, "{refused}");
    let who = call(
        &mut client,
        903,
        Some(json!({"roots": roots(&[&repo.dir])})),
    );
    assert_eq!(who["structuredContent"]["agent"], "worker-1", "{who}");
    // Known from then on.
    let who = call(&mut client, 904, None);
    assert_eq!(who["structuredContent"]["agent"], "worker-1", "{who}");
    client.close();
}

#[test]
fn where_it_was_started_or_told_goes_first() {
    let playground = Playground::new();
    let repo = playground.repo();
    let side = repo.worktree("side");
    let told = repo.dir.display().to_string();
    let here = repo.command(&["mcp", "--agent", "worker-1"]);
    for command in [elsewhere(&playground, &["-C", &told]), here] {
        let mut client = Client::start(command, Revision::November2025);
        open(&mut client, Revision::November2025);
        let who = client.ok("whoami", &json!({}));
        assert_eq!(who["worktree"], json!(repo.dir.canonicalize().expect("it")));
        let rest = client.close();
        assert!(
            rest.iter().all(|message| message["method"] != "roots/list"),
            "{rest:?} {side:?}",
            side = side.dir
        );
    }
    // Without roots the error says what to do.
    let mut client = Client::open(elsewhere(&playground, &[]), Revision::November2025);
    let error = client.refused("whoami", &json!({}));
    assert_eq!(error["code"], "NO_REPOSITORY", "{error}");
    client.close();
}

#[test]
fn the_official_python_client_says_its_roots() {
    let what = "the Python SDK's client says its roots";
    let Some(python) = installed("python/bin/python", what) else {
        return;
    };
    for mode in ["auto", "legacy"] {
        let playground = Playground::new();
        let repo = playground.repo();
        let home = playground.path().join("home");
        let mut command = playground.command(&python.display().to_string(), &repo.dir);
        command
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fakes/mcp_roots.py"))
            .args([mode, GHP])
            .args([&home, &home, &repo.dir]);
        let heard = finish(&mut command, b"").ok().stdout;
        let calls = heard
            .lines()
            .filter(|line| line.contains("\"error\": false"));
        assert_eq!(calls.count(), 2, "{mode}: {heard}");
        assert!(heard.contains("\"resource\""), "{mode}: {heard}");
        assert_eq!(repo.status()["agents"]["worker-1"]["lastAction"], "Here");
    }
}
