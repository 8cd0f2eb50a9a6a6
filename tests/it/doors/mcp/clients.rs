//! The official clients at work with the real server: the Python SDK's, and the inspector's command line.
//!
//! `tests/run` puts them into target/clients; where one is not, its test is skipped and counted.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::channel;

use serde_json::{Value, json};

use super::scene;
use crate::support::{GHP, PATIENCE, Playground, Repo, finish, found, skip};

/// An installed client; when there is none, the skip is said.
pub(super) fn installed(path: &str, what: &str) -> Option<PathBuf> {
    let client = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target/clients")
        .join(path);
    if client.exists() {
        return Some(client);
    }
    skip(
        what,
        "the client is not in target/clients (tests/run puts it there)",
    );
    None
}

/// Ends with the test, whatever becomes of it.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the Python client did and heard; a person answers its question once it waits.
fn python(repo: &Repo, python: &Path, mode: &str) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fakes/mcp_client.py");
    let errors = repo.playground.path().join("python-errors");
    let mut command = repo
        .playground
        .command(&python.display().to_string(), &repo.dir);
    let child = command
        .arg(script)
        .args([mode, GHP])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&errors).expect("a file"))
        .spawn()
        .expect("python runs");
    let mut child = Ended(child);
    let said = BufReader::new(child.0.stdout.take().expect("piped"));
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in said.lines().map_while(Result::ok) {
            let line: Value = serde_json::from_str(&line).unwrap_or_else(|_| json!(line));
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let mut heard = Vec::new();
    while let Ok(line) = lines.recv_timeout(PATIENCE) {
        if line["waiting"] == true {
            // Its progress is told before the question is there.
            let id = found("the question", || {
                let open = repo.ghp(&["escalations", "--json"]).ok().json();
                let open = open["escalations"].as_array().expect("a list").clone();
                let asked = open.iter().find(|one| one["title"] == "Which store?")?;
                asked["id"].as_str().map(str::to_owned)
            });
            repo.ghp(&["answer", &id, "2"]).ok();
        }
        heard.push(line);
    }
    let ended = child.0.wait().expect("our own child");
    let errors = std::fs::read_to_string(errors).expect("a file");
    assert!(ended.success(), "{errors}\n{heard:?}");
    heard
}

#[test]
fn the_official_python_client_does_its_work() {
    let what = "the Python SDK's client works with ghp mcp";
    let Some(interpreter) = installed("python/bin/python", what) else {
        return;
    };
    for (mode, protocol) in [("auto", "2026-07-28"), ("legacy", "2025-11-25")] {
        let playground = Playground::new();
        let repo = scene(&playground);
        repo.ghp(&["issue", "new", "Nobody's"]).ok();
        let heard = python(&repo, &interpreter, mode);
        let one = |key: &str| {
            let found = heard.iter().find(|line| !line[key].is_null());
            found.unwrap_or_else(|| panic!("{mode}: no {key} in {heard:?}"))
        };
        assert_eq!(one("protocol")["protocol"], protocol);
        assert_eq!(one("protocol")["server"], "ghp");
        let with_schema = one("tools")["schemas"].as_array().map_or(0, Vec::len);
        assert!(
            with_schema >= 10,
            "{with_schema} tools say what they answer"
        );
        let calls: Vec<&Value> = heard
            .iter()
            .filter(|line| line["tool"].is_string())
            .collect();
        assert!(calls.len() >= 15, "{heard:?}");
        for call in calls {
            assert_eq!(
                (&call["error"], &call["same"]),
                (&json!(false), &json!(true)),
                "{mode}: {call}"
            );
        }
        assert_eq!(one("refused")["refused"]["error"]["code"], "NOT_FOUND");
        assert_eq!(
            one("resource")["resource"]["agents"][0]["agent"],
            "worker-1"
        );
        assert!(
            !one("event")["uri"].is_null() || one("event")["event"] == "ResourcesListChanged",
            "{heard:?}"
        );
        assert_eq!(one("decided")["decided"]["text"], "B");
    }
}

#[test]
fn the_inspector_lists_reads_and_calls() {
    let what = "the MCP inspector works with ghp mcp";
    let Some(inspector) = installed("node_modules/.bin/mcp-inspector", what) else {
        return;
    };
    let playground = Playground::new();
    let repo = scene(&playground);
    let inspect = |words: &[&str]| {
        let mut command = playground.command(&inspector.display().to_string(), &repo.dir);
        command
            .args(["--cli", GHP, "mcp", "-e", "GHP_AGENT=worker-1", "-e"])
            .arg(format!("GHP_NOW={}", playground.now()))
            .args(words);
        finish(&mut command, b"").ok().json()
    };
    let listed = inspect(&["--method", "tools/list"]);
    assert!(
        listed["tools"]
            .as_array()
            .is_some_and(|tools| tools.len() > 5),
        "{listed}"
    );
    let read = inspect(&["--method", "resources/read", "--uri", "ghp://issues/1"]);
    assert!(read.to_string().contains("Dashboard"), "{read}");
    let call = |tool: &str, argument: &str| {
        inspect(&[
            "--method",
            "tools/call",
            "--tool-name",
            tool,
            "--tool-arg",
            argument,
        ])
    };
    call("agent_heartbeat", "message=Here");
    let status = call("agent_status", "stale=false");
    assert_eq!(
        status["structuredContent"]["agents"][0]["agent"], "worker-1",
        "{status}"
    );
    let check = call("check", "paths=[\"README.md\"]");
    assert_eq!(check["structuredContent"]["verdict"], "deny", "{check}");
    let asked = call("agent_escalate", "title=Which store?");
    assert_eq!(asked["structuredContent"]["status"], "open", "{asked}");
}
