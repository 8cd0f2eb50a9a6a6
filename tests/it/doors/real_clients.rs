//! Real clients against scripted models on the loopback device: what we print is what they obey.
//!
//! `tests/run` puts the client into target/clients; where it is not, the test is skipped and counted.

mod servers;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ghp::sessions::{SessionManager as _, Sessions};
use serde_json::{Value, json};

use super::{at_work, entry, share};
use crate::support::{GHP, Playground, Repo, finish, require, skip};

/// The client is slow to start on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// The model that Claude Code understands.
const ANTHROPIC: &str = "anthropic.js";

/// A scripted model; killed when it is dropped.
struct Model {
    server: Child,
    port: String,
    lines: Option<std::thread::JoinHandle<Vec<Value>>>,
}

impl Model {
    /// One of these that this client understands (a program in tests/fakes), with its turns.
    fn start(playground: &Playground, fake: &str, turns: &Value) -> Model {
        let script = playground.path().join("script.json");
        std::fs::write(&script, turns.to_string()).expect("a file");
        let fakes = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fakes");
        let mut server = Command::new("node")
            .arg(fakes.join(fake))
            .arg(&script)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs");
        let mut said = BufReader::new(server.stdout.take().expect("piped"));
        let mut port = String::new();
        said.read_line(&mut port).expect("a port");
        let lines = std::thread::spawn(move || {
            let lines = said.lines().map_while(Result::ok);
            lines
                .filter_map(|line| serde_json::from_str(&line).ok())
                .collect()
        });
        Model {
            server,
            port: port.trim().to_owned(),
            lines: Some(lines),
        }
    }

    /// What the client told it, in the end.
    fn end(mut self) -> Vec<Value> {
        self.server.kill().expect("our own child");
        let lines = self.lines.take().expect("once");
        lines.join().expect("a reader")
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The installed client, when there is one; else the skip is said.
fn claude(what: &str) -> Option<PathBuf> {
    if !require("node", what) {
        return None;
    }
    let clients =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients/node_modules/@anthropic-ai");
    let found = std::fs::read_dir(clients).into_iter().flatten().flatten();
    let found = found
        .map(|entry| entry.path().join("claude"))
        .find(|path| path.is_file());
    if found.is_none() {
        skip(
            what,
            "the client is not in target/clients (tests/run puts it there)",
        );
    }
    found
}

/// A client in this worktree, with ghp on its PATH.
fn client(program: &Path, here: &Repo) -> Command {
    let bin = here.playground.path().join("bin");
    if !bin.exists() {
        std::fs::create_dir(&bin).expect("a folder");
        std::os::unix::fs::symlink(GHP, bin.join("ghp")).expect("a link");
    }
    let path = std::env::var("PATH").expect("PATH is set");
    let program = program.display().to_string();
    let mut command = here.playground.command(&program, &here.dir);
    command.env("PATH", format!("{}:{path}", bin.display()));
    command
}

/// Claude Code speaks to this model and to nobody else.
fn speaks_to(model: &Model, command: &mut Command) {
    command
        .env(
            "ANTHROPIC_BASE_URL",
            format!("http://127.0.0.1:{}", model.port),
        )
        .env("ANTHROPIC_API_KEY", "sk-ant-no-key-at-all")
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        .env("DISABLE_AUTOUPDATER", "1");
}

#[test]
fn claude_code_obeys_a_refusal() {
    let Some(claude) = claude("Claude Code obeys a refusal") else {
        return;
    };
    let playground = Playground::within(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let (main, here) = at_work(&playground);
    here.ghp(&["install", "claude"]).ok();
    let write = |id: &str, path: &str| {
        json!([{ "type": "tool_use", "id": id, "name": "Write",
                 "input": { "file_path": here.dir.join(path), "content": "by the model\n" } }])
    };
    let model = Model::start(
        &playground,
        ANTHROPIC,
        &json!([
            write("toolu_own", "src/own.rs"),
            write("toolu_shared", "shared.md"),
            [{ "type": "text", "text": "Done." }],
        ]),
    );
    share(&main, "shared.md");
    let mut command = client(&claude, &here);
    speaks_to(&model, &mut command);
    command.args([
        "-p",
        "Write both files",
        "--permission-mode",
        "acceptEdits",
        "--output-format",
        "json",
    ]);
    let run = finish(&mut command, b"", PATIENCE).ok();
    assert_eq!(run.json()["result"], "Done.", "{run}");
    let told = model.end();
    // Its own file was written, the shared one was not, and the model was told why and what to do.
    assert!(here.dir.join("src/own.rs").exists(), "{told:?}");
    assert!(!here.dir.join("shared.md").exists(), "{told:?}");
    let result = |id: &str| {
        told.iter()
            .find(|line| line["tool"] == id)
            .unwrap_or_else(|| panic!("{id} in {told:?}"))
    };
    assert_eq!(result("toolu_own")["failed"], false);
    let refused = result("toolu_shared");
    assert_eq!(refused["failed"], true);
    assert!(
        refused["said"]
            .to_string()
            .contains("ghp request shared.md"),
        "{refused}"
    );
    // It knew who it was, and the board knew of it.
    assert!(
        told.iter()
            .any(|line| line["context"] == "ghp: you are worker-1"),
        "{told:?}"
    );
    assert_eq!(entry(&main, "worker-1")["status"], "stopped");
    let note =
        std::fs::read_to_string(main.dir.join(".git/ghp/agents/worker-1.json")).expect("a note");
    assert!(
        note.contains("src/own.rs") && !note.contains("shared.md"),
        "{note}"
    );
    main.ghp(&["doctor"]).ok();
}

#[test]
fn a_session_of_claude_code_acknowledges_its_prompt() {
    let Some(claude) = claude("a session of Claude Code acknowledges its prompt") else {
        return;
    };
    let playground = Playground::within(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard"]).ok();
    let model = Model::start(
        &playground,
        ANTHROPIC,
        &json!([[{ "type": "text", "text": "It is done." }]]),
    );
    // What a person has answered once: the theme, the key, and that they trust the folder.
    let root = playground.path().canonicalize().expect("a folder");
    let cave = root.join("app.caves/worker-1");
    let answered = json!({
        "hasCompletedOnboarding": true, "theme": "dark", "lastOnboardingVersion": "99.0.0",
        "customApiKeyResponses": {"approved": ["sk-ant-no-key-at-all"], "rejected": []},
        "projects": {cave.display().to_string():
            {"hasTrustDialogAccepted": true, "hasCompletedProjectOnboarding": true}},
    });
    std::fs::write(
        playground.path().join("home/.claude.json"),
        answered.to_string(),
    )
    .expect("a file");
    let run = |words: &[&str]| {
        let mut command = repo.command(words);
        speaks_to(&model, &mut command);
        finish(&mut command, b"", PATIENCE)
    };
    let program = claude.display().to_string();
    let new = [
        "session",
        "new",
        "worker-1",
        "-i",
        "1",
        "--backend",
        "process",
    ];
    let words = [&new[..], &["--provider", "claude", "--", &program]].concat();
    run(&words).ok();
    let ended = Ending(&repo);
    run(&["session", "wait", "worker-1", "--until", "ready", "90s"]).ok();
    let sent = run(&["session", "send", "worker-1", "Is it\ndone?", "--json"]).ok();
    assert_eq!(sent.json()["receipt"], "submitted");
    run(&["session", "wait", "worker-1", "--until", "idle", "90s"]).ok();
    run(&["session", "output", "worker-1"])
        .ok()
        .prints("It is done.");
    assert_eq!(repo.status()["agents"]["worker-1"]["interactions"], 1);
    drop(ended);
    let told = model.end();
    assert!(
        told.iter()
            .any(|line| line["context"] == "ghp: you are worker-1"),
        "{told:?}"
    );
}

/// Ends the repository's sessions, however the test ends.
struct Ending<'r, 'p>(&'r Repo<'p>);

impl Drop for Ending<'_, '_> {
    fn drop(&mut self) {
        let sessions = Sessions::open(&self.0.dir.join(".git/ghp")).expect("a folder of sessions");
        for mut session in sessions
            .with_program(Path::new(GHP))
            .list()
            .expect("sessions")
        {
            // A test that fails says so by itself.
            let _ = session.stop(Duration::ZERO);
        }
    }
}
