//! Sessions of the real Claude Code and the real Codex, each against a scripted model on the loopback device.

use std::path::Path;
use std::time::Duration;

use ghp::sessions::{SessionManager as _, Sessions};
use serde_json::{Value, json};

use crate::support::clients::{ANTHROPIC, Model, RESPONSES, claude, codex, speaks_to};
use crate::support::{GHP, Playground, Repo, Run, finish};

/// Runs us where Claude Code finds the scripted model.
fn with_claude(repo: &Repo<'_>, model: &Model, words: &[&str]) -> Run {
    let mut command = repo.command(words);
    speaks_to(model, &mut command);
    finish(&mut command, b"")
}

/// What a person has answered Claude Code once: the theme, the key, and that they trust these folders.
fn answered(playground: &Playground, trusted: &[&Path]) {
    let root = playground.path().canonicalize().expect("a folder");
    let trusted = trusted.iter().map(|folder| {
        let folder = folder.strip_prefix(playground.path()).expect("within");
        let said = json!({"hasTrustDialogAccepted": true, "hasCompletedProjectOnboarding": true});
        (root.join(folder).display().to_string(), said)
    });
    let answered = json!({
        "hasCompletedOnboarding": true, "theme": "dark", "lastOnboardingVersion": "99.0.0",
        "customApiKeyResponses": {"approved": ["sk-ant-no-key-at-all"], "rejected": []},
        "projects": trusted.collect::<serde_json::Map<String, Value>>(),
    });
    let path = playground.path().join("home/.claude.json");
    std::fs::write(path, answered.to_string()).expect("a file");
}

#[test]
fn claude_code_asks_for_trust_until_it_was_given_in_the_main_worktree() {
    let Some(claude) = claude("trust in a new cave of Claude Code") else {
        return;
    };
    let playground = Playground::within(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let repo = playground.repo();
    let model = Model::start(&playground, ANTHROPIC, &json!([]));
    let run = |words: &[&str]| with_claude(&repo, &model, words);
    let program = claude.display().to_string();
    let new = |name: &str| {
        let new = [
            "session",
            "new",
            name,
            "--backend",
            "process",
            "--provider",
            "claude",
        ];
        run(&[&new[..], &["--", &program]].concat()).ok();
    };
    let ended = Ending(&repo);
    answered(&playground, &[]);
    new("worker-1");
    let asks = "answered once in the repository's main worktree";
    run(&["session", "wait", "worker-1", "--until", "ready", "20s"])
        .exit(9)
        .says(asks)
        .says("ghp session attach worker-1");
    let shown = run(&["session", "show", "worker-1", "--json"]).ok().json();
    assert_eq!(shown["state"], "waiting");
    assert!(
        shown["asks"]
            .as_str()
            .is_some_and(|said| said.contains(asks))
    );
    run(&["session", "send", "worker-1", "Go"])
        .exit(4)
        .says(asks);
    // As its dialog keeps the answer.
    answered(&playground, &[&repo.dir]);
    new("worker-2");
    run(&["session", "wait", "worker-2", "--until", "ready", "90s"]).ok();
    drop(ended);
    drop(model);
}

#[test]
fn a_session_of_claude_code_acknowledges_its_prompt() {
    let Some(claude) = claude("a session of Claude Code") else {
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
    answered(
        &playground,
        &[&playground.path().join("app.caves/worker-1")],
    );
    let run = |words: &[&str]| with_claude(&repo, &model, words);
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

/// A prompt, another in the same conversation, and a task.
fn three_turns(provider: &str, program: &Path, run: impl Fn(&[&str]) -> Run) {
    let program = program.display().to_string();
    let new = ["session", "new", "worker-1", "--headless", "-m", "Begin"];
    run(&[&new[..], &["--provider", provider, "--", &program]].concat()).ok();
    run(&["session", "wait", "worker-1", "--until", "idle", "90s"]).ok();
    run(&["session", "send", "worker-1", "Go on"]).ok();
    run(&["session", "wait", "worker-1", "--until", "idle", "90s"]).ok();
    run(&["session", "output", "worker-1"])
        .ok()
        .prints("The first.")
        .prints("The second.");
    run(&["delegate", "worker-1", "Finish", "--wait", "90s"])
        .ok()
        .prints("The answer.");
}

#[test]
fn turns_of_claude_code_without_a_screen_are_one_conversation() {
    let Some(claude) = claude("turns of Claude Code without a screen") else {
        return;
    };
    let playground = Playground::within(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let repo = playground.repo();
    let text = |text: &str| json!([{ "type": "text", "text": text }]);
    let turns = json!([text("The first."), text("The second."), text("The answer.")]);
    let model = Model::start(&playground, ANTHROPIC, &turns);
    let run = |words: &[&str]| with_claude(&repo, &model, words);
    let ended = Ending(&repo);
    three_turns("claude", &claude, run);
    let entry = &repo.status()["agents"]["worker-1"];
    assert_eq!(
        (&entry["interactions"], &entry["tasksCompleted"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(entry["status"], "idle");
    drop(ended);
    let told = model.end();
    let knew = |line: &Value| line["context"] == "ghp: you are worker-1";
    assert!(told.iter().any(knew), "{told:?}");
}

#[test]
fn turns_of_codex_without_a_screen_are_one_conversation() {
    let Some(codex) = codex("turns of Codex without a screen") else {
        return;
    };
    let playground = Playground::within(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let repo = playground.repo();
    let answers = json!(["The first.", "The second.", "The answer."]);
    let model = Model::start(&playground, RESPONSES, &answers);
    let home = playground.path().join("home/.codex");
    std::fs::create_dir_all(&home).expect("a folder");
    let config = format!(
        "model = \"gpt-5.5\"\nmodel_provider = \"scripted\"\n[model_providers.scripted]\nname = \"scripted\"\n\
         base_url = \"http://127.0.0.1:{}/v1\"\nenv_key = \"NO_KEY\"\nwire_api = \"responses\"\n",
        model.port
    );
    std::fs::write(home.join("config.toml"), config).expect("a file");
    let run = |words: &[&str]| {
        let mut command = repo.command(words);
        finish(command.env("NO_KEY", "none"), b"")
    };
    let ended = Ending(&repo);
    three_turns("codex", &codex, run);
    assert_eq!(repo.status()["agents"]["worker-1"]["tasksCompleted"], 1);
    drop(ended);
    let told = model.end();
    let last = told
        .iter()
        .rfind(|line| line.get("asked").is_some())
        .map(|line| line["asked"].to_string())
        .unwrap_or_default();
    let at = |words: &str| last.find(words);
    assert!(
        at("Begin").is_some() && at("Begin") < at("Go on"),
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
