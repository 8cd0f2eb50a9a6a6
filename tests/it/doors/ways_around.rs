//! Ways around the rules that somebody has tried; each is closed.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use serde_json::json;

use super::check::{rules, world, write};
use super::share;
use crate::support::{Playground, Repo, finish};

/// What the hook of an edit answers.
fn hook(at: &Repo<'_>, cwd: &str, path: &str) -> String {
    let event = json!({"session_id": "s", "cwd": cwd, "hook_event_name": "PreToolUse", "tool_name": "Write",
                       "tool_input": {"file_path": path, "content": "x"}});
    let mut command = at.command(&["hook", "claude"]);
    let run = finish(
        command.env("GHP_AGENT", "worker-1"),
        event.to_string().as_bytes(),
    );
    run.ok().stdout
}

fn text(path: &std::path::Path) -> String {
    path.display().to_string()
}

#[test]
fn standing_among_the_documents() {
    let playground = Playground::new();
    let (repo, at) = world(&playground);
    let notes = repo.documents().join("caves/worker-1");
    let notes = repo.at(notes.strip_prefix(playground.path()).expect("beneath"));
    for path in [
        text(&repo.dir.join(".git/config")),
        text(&at.dir.join("README.md")),
        text(&repo.documents().join("config.json")),
    ] {
        notes.agent("worker-1", &["check", &path]).exit(3);
        assert!(
            hook(&notes, &text(&notes.dir), &path).contains("deny"),
            "{path}"
        );
    }
    let plan = text(&notes.dir.join("plan.md"));
    notes.agent("worker-1", &["check", &plan]).silent();
}

#[test]
fn a_patch_with_half_a_character_or_a_nul_in_it() {
    let playground = Playground::new();
    let (_, at) = world(&playground);
    for odd in [r"+\ud83e", r"+\u0000", r"*** Add File: a\u0000b\n+x"] {
        let event = format!(
            r#"{{"session_id": "s", "cwd": "{}", "hook_event_name": "PreToolUse", "tool_name": "apply_patch", "tool_input":
            {{"command": "*** Begin Patch\n{odd}\n*** Update File: README.md\n+x\n*** End Patch"}}}}"#,
            text(&at.dir)
        );
        let mut command = at.command(&["hook", "codex"]);
        let run = finish(command.env("GHP_AGENT", "worker-1"), event.as_bytes());
        assert!(run.ok().stdout.contains("deny"), "{odd}");
    }
}

#[test]
fn names_that_are_no_text() {
    let playground = Playground::new();
    let (_, at) = world(&playground);
    std::fs::write(at.dir.join(".gitignore"), "*.bin\n").expect("a file");
    std::fs::write(at.dir.join(OsStr::from_bytes(b"\xff.bin")), "x").expect("a file");
    std::fs::write(at.dir.join(OsStr::from_bytes(b"\xfe.rs")), "x").expect("a file");
    at.git(&["add", "-A", "-f"]);
    let report = at.ghp(&["check", "--staged", "--json"]).exit(3).json();
    let told = rules(&report);
    assert!(
        told.contains(&("./%FF.bin".to_owned(), "out-of-scope".to_owned())),
        "{told:?}"
    );
    assert!(
        told.contains(&("./%FE.rs".to_owned(), "out-of-scope".to_owned())),
        "{told:?}"
    );
    at.feed(&["check", "--stdin"], b"\xff\nREADME.md\n").exit(3);
    at.feed(&["check", "--stdin"], b"a\0b\n")
        .exit(2)
        .says("--stdin -z");
}

#[test]
fn a_session_that_stands_elsewhere() {
    let playground = Playground::new();
    let (repo, at) = world(&playground);
    let plain = playground.path().join("plain");
    std::fs::create_dir(&plain).expect("a folder");
    let shared = text(&at.dir.join("README.md"));
    let outside = repo.at("plain");
    assert!(hook(&outside, &text(&plain), &shared).contains("deny"));
    symlink(&shared, plain.join("link")).expect("a link");
    assert!(hook(&outside, &text(&plain), &text(&plain.join("link"))).contains("deny"));
    // In a repository within the worktree.
    let inner = at.dir.join("src/metrics/inner");
    at.git(&["init", "-q", &text(&inner)]);
    let within = at.at(inner.strip_prefix(playground.path()).expect("beneath"));
    assert!(hook(&within, &text(&inner), &text(&inner.join("f"))).contains("deny"));
    // A `.git` that somebody wrote makes no worktree of its own.
    let false_top = at.dir.join("src/metrics/false");
    std::fs::create_dir_all(&false_top).expect("a folder");
    let admin = at.git(&["rev-parse", "--absolute-git-dir"]);
    std::fs::write(false_top.join(".git"), format!("gitdir: {admin}")).expect("a file");
    at.ghp(&["check", "src/metrics/false/src/dashboard/a.rs"])
        .exit(3);
}

#[test]
fn what_was_touched_is_noted_where_it_leads() {
    let playground = Playground::new();
    let (repo, at) = world(&playground);
    symlink("a.rs", at.dir.join("src/dashboard/link.rs")).expect("a link");
    let event = json!({"session_id": "s", "cwd": at.dir, "hook_event_name": "PostToolUse", "tool_name": "Edit",
                       "tool_input": {"file_path": at.dir.join("src/dashboard/link.rs")}});
    let mut command = at.command(&["hook", "claude"]);
    let told = event.to_string();
    finish(command.env("GHP_AGENT", "worker-1"), told.as_bytes()).silent();
    // The check of another's edit asks for the same path, however that one is spelled.
    repo.ghp(&["issue", "edit", "2", "--scope", "src/**"]).ok();
    let other = repo.at("app.caves/worker-2");
    let path = text(&other.dir.join("src/dashboard/a.rs"));
    let event = json!({"session_id": "t", "cwd": other.dir, "hook_event_name": "PreToolUse", "tool_name": "Edit",
                       "tool_input": {"file_path": path}});
    let mut command = other.command(&["hook", "claude"]);
    let told = event.to_string();
    let run = finish(command.env("GHP_AGENT", "worker-2"), told.as_bytes());
    assert!(run.stdout.contains("worker-1 has changed it too"), "{run}");
}

#[test]
fn what_stands_in_the_place_of_a_folder() {
    let playground = Playground::new();
    let (repo, at) = world(&playground);
    repo.ghp(&["issue", "edit", "2", "--scope", "lib/new/**"])
        .ok();
    repo.ghp(&["issue", "edit", "1", "--scope", "lib/**"]).ok();
    share(&repo, "lib/shared/**");
    std::fs::create_dir_all(at.dir.join("lib")).expect("a folder");
    symlink("/tmp", at.dir.join("lib/shared")).expect("a link");
    at.git(&["add", "-A"]);
    let report = at.ghp(&["check", "--staged", "--json"]).exit(3).json();
    assert_eq!(
        rules(&report),
        [("lib/shared".to_owned(), "shared".to_owned())]
    );
    // One's own folder may be made.
    repo.ghp(&["issue", "edit", "1", "--scope", "own/**"]).ok();
    at.ghp(&["check", "own"]).silent();
}

#[test]
fn out_of_the_index_and_into_the_ignored() {
    let playground = Playground::new();
    let (_, at) = world(&playground);
    at.git(&["rm", "-q", "--cached", "README.md"]);
    write(&at, ".git-ignored", "");
    std::fs::write(at.dir.join(".gitignore"), "README.md\n").expect("a file");
    at.ghp(&["check", "README.md"]).exit(3).prints("shared");
}

#[test]
fn long_and_odd_paths_end() {
    let playground = Playground::new();
    let (_, at) = world(&playground);
    let long = "a/".repeat(50_000);
    at.feed(&["check", "--stdin"], long.as_bytes()).exit(3);
    write(&at, "-x.md", "x");
    let report = at.ghp(&["check", "--json", "--", "-x.md"]).exit(3).json();
    assert_eq!(report["paths"][0]["next"], "ghp request ./-x.md -m \"WHY\"");
    at.ghp(&["request", "./-x.md", "-m", "WHY"]).ok();
    at.ghp(&[
        "check",
        "--branch",
        "refs/heads/worker-1/1-dashboard",
        "src/dashboard/a.rs",
    ])
    .silent();
    at.git(&["config", "branch.worker-1/1-dashboard.ghpIssue", "99"]);
    at.ghp(&["check", "src/dashboard/a.rs"])
        .exit(3)
        .prints("names no issue");
}
