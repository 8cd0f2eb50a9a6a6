//! Providers: the usual one, those of the configuration, and what a missing one says.

use serde_json::json;

use super::harness::{Stage, backends};
use crate::support::{Playground, eventually, finish};

/// A program in a folder of its own that keeps its words.
fn program(playground: &Playground, name: &str) -> std::path::PathBuf {
    let bin = playground.path().join("bin");
    std::fs::create_dir_all(&bin).expect("a folder");
    let script = format!(
        "#!/bin/sh\nfor word; do printf '%s\\n' \"$word\"; done > {0}/{name}.words\n: > {0}/{name}.begun\nexec cat\n",
        playground.path().display()
    );
    std::fs::write(bin.join(name), script).expect("a file");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(bin.join(name), mode).expect("set");
    bin
}

fn words(playground: &Playground, name: &str) -> Vec<String> {
    let file = |what: &str| playground.path().join(format!("{name}.{what}"));
    eventually("it has said its words", || file("begun").exists());
    let text = std::fs::read_to_string(file("words")).expect("words");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn the_usual_one_is_claude_and_where_it_is_missing_that_is_said() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    let new = |path: &str, options: &[&str]| {
        let mut command = stage.repo.command(&[
            "session",
            "new",
            "worker-1",
            "--backend",
            "process",
            "-m",
            "Go",
        ]);
        command.args(options).env("PATH", path);
        finish(&mut command, b"")
    };
    let git = playground.path().join("git-only");
    std::fs::create_dir(&git).expect("a folder");
    for tool in ["git", "sh", "cat"] {
        let found = std::env::split_paths(&std::env::var_os("PATH").expect("PATH"))
            .map(|folder| folder.join(tool))
            .find(|path| path.is_file());
        std::os::unix::fs::symlink(found.expect("a tool"), git.join(tool)).expect("a link");
    }
    let bare = git.display().to_string();
    new(&bare, &[])
        .exit(7)
        .says("claude is not installed")
        .says("npm install -g @anthropic-ai/claude-code")
        .says("codex, gemini, opencode, aider");
    for (provider, install) in [
        ("codex", "@openai/codex"),
        ("gemini", "@google/gemini-cli"),
        ("opencode", "opencode-ai"),
        ("aider", "aider-install"),
    ] {
        new(&bare, &["--provider", provider]).exit(7).says(install);
    }
    let failed = new(&bare, &["--json"]).exit(7);
    assert_eq!(failed.json()["error"]["code"], "MISSING_PROGRAM");
    // Another that is installed is what is suggested.
    let with = format!("{}:{bare}", program(&playground, "codex").display());
    new(&with, &[]).exit(7).says("--provider codex");
    let made = new(&with, &["--provider", "codex"]).ok();
    assert!(made.stderr.contains("ghp install codex"), "{made}");
    let words = words(&playground, "codex");
    assert_eq!(
        (words[0].as_str(), words[1].as_str()),
        ("--no-daemon", "--add-dir")
    );
    assert_eq!(words[words.len() - 2..], ["--", "Go"]);
}

#[test]
fn the_configuration_adds_providers() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    let bin = program(&playground, "goose")
        .join("goose")
        .display()
        .to_string();
    let providers = json!({"goose": {"command": [bin, "run"], "prompt": "--text", "persona": "--system"}, "bad": {"command": "x"}});
    stage
        .repo
        .ghp(&[
            "config",
            "set",
            "coordination.providers",
            &providers.to_string(),
        ])
        .ok();
    stage.repo.ghp(&["trust", "--yes"]).ok();
    let persona = playground.path().join("persona");
    std::fs::write(&persona, "Brief").expect("a file");
    let made = stage
        .repo
        .ghp(&[
            "session",
            "new",
            "worker-1",
            "--backend",
            "process",
            "--provider",
            "goose",
            "-m",
            "Go",
            "--persona",
            &persona.display().to_string(),
            "--json",
        ])
        .ok()
        .json();
    assert_eq!(made["provider"], "goose");
    assert_eq!(
        words(&playground, "goose"),
        ["run", "--system", "Brief", "--text", "Go"]
    );
    stage
        .repo
        .ghp(&["session", "new", "worker-2", "--provider", "bad"])
        .exit(2)
        .says("\"command\" must be a list");
    stage
        .repo
        .ghp(&["session", "new", "worker-2", "--provider", "goos"])
        .exit(2)
        .says("--provider goose");
}

#[test]
fn what_is_too_long_for_a_word_is_pasted_or_refused() {
    for backend in backends("a first prompt that is too long for a word") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        let file = playground.path().join("long");
        let name = file.display().to_string();
        // Line by line, for a terminal that is not in raw mode yet takes no longer ones.
        let long = "a line of a prompt\n".repeat(10_000);
        std::fs::write(&file, &long).expect("a file");
        stage.make("worker-1", &["-F", &name], &[]).ok();
        eventually("it has the prompt", || {
            !stage.prompts("worker-1").is_empty()
        });
        assert_eq!(stage.prompts("worker-1")[0].trim_end(), long.trim_end());
        let refused = ["--persona", &name];
        stage
            .make("worker-2", &refused, &[])
            .exit(2)
            .says("longer than a program takes");
        stage
            .repo
            .ghp(&["session", "show", "worker-2"])
            .exit(2)
            .says("there is no session");
    }
}
