//! What was learned about a path is said before an edit of it: once a session, and at next to no cost where there is nothing.

use std::time::Duration;

use super::{at_work, edit, hook, recorded};
use crate::support::{GHP, Playground, Repo, finish, require};

/// What the door says before an edit that is allowed; nothing, mostly.
#[track_caller]
fn said(here: &Repo, path: &str, session: &str) -> String {
    let run = hook(here, "claude", &edit(here, path, session), &[]);
    if run.stdout.is_empty() {
        return String::new();
    }
    let output = &run.json()["hookSpecificOutput"];
    assert_eq!(output["hookEventName"], "PreToolUse", "{run}");
    assert!(output.get("permissionDecision").is_none(), "{run}");
    output["additionalContext"]
        .as_str()
        .expect("text")
        .to_owned()
}

fn keep(main: &Repo, text: &str, scope: &str) {
    main.ghp(&["memory", "add", text, "--scope", scope]).ok();
}

#[test]
fn once_a_session_and_only_for_what_it_is_about() {
    let playground = Playground::new();
    let (main, here) = at_work(&playground);
    assert_eq!(said(&here, "src/cache/a.rs", "s"), "");
    main.ghp(&["memory", "add", "About everything"]).ok();
    keep(&main, "Flush redis \u{1b}[2J\n\nAnd more.", "src/cache/**");
    keep(&main, "Elsewhere", "docs/**");
    let line = said(&here, "src/cache/a.rs", "s");
    assert!(
        line.starts_with("ghp: a memory about src/cache/a.rs: \"Flush redis")
            && line.contains("ghp memory show ")
            && !line.contains('\u{1b}')
            && line.lines().count() == 1,
        "{line}"
    );
    for path in ["src/cache/a.rs", "src/cache/b.rs", "src/main.rs"] {
        assert_eq!(said(&here, path, "s"), "", "{path}");
    }
    // Another session is told; a second memory is said at the next edit.
    assert!(said(&here, "src/cache/a.rs", "t").contains("Flush redis"));
    keep(&main, "Expiry is in seconds", "src/cache/**");
    assert!(said(&here, "src/cache/a.rs", "t").contains("Expiry is in seconds"));
    assert_eq!(said(&here, "src/cache/a.rs", "t"), "");
    // A refusal says why and no more; a harness that does not hand it on is silent.
    let refused = hook(&here, "claude", &edit(&here, "README.md", "u"), &[]);
    assert!(refused.stdout.contains("deny") && !refused.stdout.contains("additionalContext"));
    for harness in ["codex", "gemini", "cursor", "opencode"] {
        let event = match harness {
            "codex" => recorded("codex", "PreToolUse", &here, "s"),
            "gemini" => recorded("gemini", "BeforeTool", &here, "s"),
            "cursor" => recorded("cursor", "preToolUse", &here, "s"),
            _ => recorded("opencode", "tool.execute.before", &here, "s"),
        };
        keep(&main, "All of it", "**");
        let run = hook(&here, harness, &event, &[]);
        assert!(!run.stdout.contains("All of it"), "{run}");
    }
}

#[test]
fn what_the_session_began_with_is_not_said_again() {
    let playground = Playground::new();
    let (main, here) = at_work(&playground);
    keep(&main, "Flush redis", "src/cache/**");
    let start = recorded("claude", "SessionStart", &here, "s");
    let begun = hook(&here, "claude", &start, &[]).stdout;
    assert!(begun.contains("Flush redis"), "{begun}");
    assert_eq!(said(&here, "src/cache/a.rs", "s"), "");
}

#[test]
fn nothing_to_remember_costs_one_look() {
    if !require("strace", "the cost of reminders at an edit") {
        return;
    }
    let playground = Playground::new();
    let (main, here) = at_work(&playground);
    let looks = |session: &str| {
        let list = playground.path().join("calls");
        let mut command = playground.command("strace", &here.dir);
        command.args(["-f", "-e", "trace=%file", "-o"]).arg(&list);
        command.args([GHP, "hook", "claude"]);
        let event = edit(&here, "src/a.rs", session).to_string();
        finish(&mut command, event.as_bytes()).ok();
        let calls = std::fs::read_to_string(list).expect("a list");
        assert!(calls.contains("sessions/claude-"), "{calls}");
        calls
            .lines()
            .filter(|call| call.contains("/memory\"") || call.contains("\"memory\""))
            .count()
    };
    assert_eq!(looks("s"), 1, "missing");
    // An empty folder is read once, and then looked at.
    let folder = main.documents().join("memory");
    std::fs::create_dir_all(&folder).expect("a folder");
    let old = std::fs::File::open(&folder).expect("a folder");
    old.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000))
        .expect("a time");
    looks("s");
    assert_eq!(looks("s"), 1, "empty");
    assert_eq!(looks("s"), 1, "empty again");
}
