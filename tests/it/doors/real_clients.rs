//! Real clients against scripted models on the loopback device: what we print is what they obey.

mod servers;

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::{at_work, entry, share};
use crate::support::clients::{ANTHROPIC, Model, claude, speaks_to};
use crate::support::{GHP, Playground, Repo, finish};

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
    let run = finish(&mut command, b"").ok();
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
