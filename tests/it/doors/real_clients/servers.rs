//! `ghp mcp` in the hands of real harnesses, entered by `ghp install --mcp`: the model calls a tool, the answer comes back.

use std::path::Path;

use serde_json::{Value, json};

use super::client;
use crate::doors::at_work;
use crate::support::clients::{ANTHROPIC, Model, RESPONSES, claude, codex, speaks_to};
use crate::support::{Playground, Repo, Run, finish};

/// Runs a client to its end.
fn run(program: &Path, here: &Repo, words: &[&str]) -> Run {
    finish(client(program, here).args(words), b"")
}

/// What the client told the model of this call.
#[track_caller]
fn answer(told: &[Value], call: &str) -> String {
    let found = told.iter().find(|line| line["tool"] == call);
    let found = found.unwrap_or_else(|| panic!("{call} in {told:?}"));
    assert_ne!(found["failed"], true, "{found}");
    found["said"].to_string().replace("\\\"", "\"")
}

/// The two calls did what they say: the board came back, and the question is there.
#[track_caller]
fn check(main: &Repo, told: &[Value]) {
    let status = answer(told, "toolu_status");
    assert!(status.contains("\"agent\":\"worker-1\""), "{status}");
    let asked = answer(told, "toolu_ask");
    assert!(asked.contains("\"status\":\"open\""), "{asked}");
    let open = main.ghp(&["escalations", "--json"]).ok().json();
    let open = &open["escalations"][0];
    assert_eq!(open["title"], "Which store?", "{open}");
    assert_eq!(open["from"], "worker-1", "{open}");
    let id = open["id"].as_str().expect("an id");
    assert!(asked.contains(id), "{asked}");
}

fn question() -> Value {
    json!({ "title": "Which store?", "option": ["A", "B"] })
}

#[test]
fn claude_code_calls_tools_and_hears_their_answers() {
    let Some(claude) = claude("Claude Code works with ghp mcp") else {
        return;
    };
    let playground = Playground::within(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let (main, here) = at_work(&playground);
    // For the person it is connected at once, for everybody it is asked about first.
    here.ghp(&["install", "claude", "--mcp", "--user"]).ok();
    let listed = run(&claude, &here, &["mcp", "list"])
        .ok()
        .prints("Connected");
    // What it finds odd about our schemas it says there.
    assert!(!listed.stderr.contains("schema"), "{listed}");
    here.ghp(&["install", "claude", "--mcp", "--user", "--remove"])
        .ok();
    run(&claude, &here, &["mcp", "list"])
        .ok()
        .prints("No MCP servers");
    here.ghp(&["install", "claude", "--mcp"]).ok();
    run(&claude, &here, &["mcp", "list"]).ok().prints("ghp mcp");
    let settings = here.dir.join(".claude/settings.local.json");
    std::fs::create_dir_all(settings.parent().expect("a folder")).expect("a folder");
    let answered = json!({ "enabledMcpjsonServers": ["ghp"] });
    std::fs::write(&settings, answered.to_string()).expect("a file");
    let call = |id: &str, name: &str, input: Value| json!([{ "type": "tool_use", "id": id, "name": name, "input": input }]);
    let model = Model::start(
        &playground,
        ANTHROPIC,
        &json!([
            call("toolu_status", "mcp__ghp__agent_status", json!({})),
            call("toolu_ask", "mcp__ghp__agent_escalate", question()),
            [{ "type": "text", "text": "Done." }],
        ]),
    );
    let mut command = client(&claude, &here);
    speaks_to(&model, &mut command);
    command
        .args(["-p", "Ask", "--output-format", "json", "--allowedTools"])
        .arg("mcp__ghp__agent_status,mcp__ghp__agent_escalate")
        // The first turn has the tools, and they are connected by then.
        .env("ENABLE_TOOL_SEARCH", "false")
        .env("MCP_CONNECTION_NONBLOCKING", "0");
    let ended = finish(&mut command, b"").ok();
    assert_eq!(ended.json()["result"], "Done.", "{ended}");
    check(&main, &model.end());
}

#[test]
fn codex_calls_tools_and_hears_their_answers() {
    let Some(codex) = codex("Codex works with ghp mcp") else {
        return;
    };
    let playground = Playground::within(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let (main, here) = at_work(&playground);
    let call = |id: &str, name: &str, arguments: Value| json!({ "call_id": id, "name": name, "namespace": "mcp__ghp", "arguments": arguments });
    let model = Model::start(
        &playground,
        RESPONSES,
        &json!([
            call("toolu_status", "agent_status", json!({})),
            call("toolu_ask", "agent_escalate", question()),
            "Done.",
        ]),
    );
    let config = playground.path().join("home/.codex/config.toml");
    std::fs::create_dir_all(config.parent().expect("a folder")).expect("a folder");
    let mine = format!(
        "# mine\nmodel = \"scripted\"\nmodel_provider = \"scripted\"\napproval_policy = \"never\"\n\n\
         [model_providers.scripted]\nname = \"scripted\"\nbase_url = \"http://127.0.0.1:{}/v1\"\nwire_api = \"responses\"\n\
         env_key = \"NO_KEY\"\n",
        model.port
    );
    std::fs::write(&config, &mine).expect("a file");
    here.ghp(&["install", "codex", "--mcp"]).ok();
    run(&codex, &here, &["mcp", "list"]).ok().prints("enabled");
    // What a person adds once they trust it.
    let with = std::fs::read_to_string(&config).expect("a file");
    std::fs::write(
        &config,
        with + "default_tools_approval_mode = \"approve\"\n",
    )
    .expect("a file");
    here.ghp(&["install", "codex", "--mcp", "--check"]).ok();
    let mut command = client(&codex, &here);
    command
        .args(["exec", "--json", "--sandbox", "workspace-write", "Ask"])
        .env("NO_KEY", "none");
    let ended = finish(&mut command, b"").ok();
    assert!(ended.stdout.contains("Done."), "{ended}");
    check(&main, &model.end());
    here.ghp(&["install", "codex", "--mcp", "--remove"]).ok();
    let left = std::fs::read_to_string(&config).expect("a file");
    // Codex itself notes there which folders it was told to trust.
    assert!(left.starts_with(&mine), "{left}");
    run(&codex, &here, &["mcp", "list"])
        .ok()
        .prints("No MCP servers");
}
