//! What harnesses get: context at the start, refusals before an edit, and what the board shows of them.

use serde_json::{Value, json};

use super::{at_work, edit, entry, hook, recorded};
use crate::support::{Playground, Repo};

/// Which agent a session was bound to.
fn bound(main: &Repo, harness: &str, session: &str) -> Value {
    let path = main
        .dir
        .join(format!(".git/ghp/sessions/{harness}-{session}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{error}"));
    serde_json::from_str::<Value>(&text).expect("JSON")["agent"].clone()
}

#[test]
fn a_session_from_its_start_to_its_end() {
    let playground = Playground::new();
    let (main, here) = at_work(&playground);
    for (harness, start, prompt, after, asked, stop, end) in [
        (
            "claude",
            "SessionStart",
            "UserPromptSubmit",
            "PostToolUse",
            "PermissionRequest",
            "Stop",
            "SessionEnd",
        ),
        (
            "codex",
            "SessionStart",
            "UserPromptSubmit",
            "PostToolUse",
            "PermissionRequest",
            "Stop",
            "SessionEnd",
        ),
        (
            "gemini",
            "SessionStart",
            "BeforeAgent",
            "AfterTool",
            "Notification",
            "AfterAgent",
            "SessionEnd",
        ),
        (
            "opencode",
            "session.created",
            "chat.message",
            "tool.execute.after",
            "permission.asked",
            "session.idle",
            "session.deleted",
        ),
        (
            "cursor",
            "sessionStart",
            "beforeSubmitPrompt",
            "afterFileEdit",
            "",
            "stop",
            "sessionEnd",
        ),
    ] {
        let session = format!("s-{harness}");
        let event = |name: &str| recorded(harness, name, &here, &session);
        let said = hook(&here, harness, &event(start), &[]).stdout;
        assert!(
            said.contains("you are worker-1 (worker)") && said.contains("Issue #1"),
            "{harness}: {said}"
        );
        assert_eq!(said.lines().count(), 1);
        assert_eq!(bound(&main, harness, &session), "worker-1");
        std::fs::create_dir_all(here.dir.join("src")).expect("a folder");
        std::fs::write(here.dir.join("src/new.txt"), "x").expect("a file");
        for (event_name, status) in [
            (start, "starting"),
            (prompt, "working"),
            (asked, "waiting"),
            (after, "working"),
            (stop, "idle"),
            (end, "stopped"),
        ] {
            if event_name.is_empty() {
                continue;
            }
            playground.pass(60);
            let run = hook(&here, harness, &event(event_name), &[]);
            assert!(
                event_name == start || run.stdout.is_empty(),
                "{harness} {event_name}: {run}"
            );
            assert!(run.stderr.is_empty(), "{run}");
            let entry = entry(&main, "worker-1");
            assert_eq!(entry["status"], status, "{harness} {event_name}");
            assert_eq!(entry["timestamp"], playground.now());
        }
        let agent = std::fs::read_to_string(main.dir.join(".git/ghp/agents/worker-1.json"))
            .expect("a note");
        let agent: Value = serde_json::from_str(&agent).expect("JSON");
        assert!(
            agent["touched"]["src/new.txt"].is_string(),
            "{harness}: {agent}"
        );
        // The next one begins from a state that hooks may change.
        main.agent("worker-1", &["status", "set", "idle"]).ok();
    }
    main.ghp(&["doctor"]).ok();
}

#[test]
fn an_edit_that_is_not_its_own_is_refused_with_the_way_out() {
    let playground = Playground::new();
    let (main, here) = at_work(&playground);
    let refused = |path: &str, env: &[(&str, &str)]| -> Option<String> {
        let run = hook(&here, "claude", &edit(&here, path, "s1"), env);
        assert!(run.stderr.is_empty(), "{run}");
        if run.stdout.is_empty() {
            return None;
        }
        let said = run.json()["hookSpecificOutput"].clone();
        assert_eq!(
            (&said["hookEventName"], &said["permissionDecision"]),
            (&json!("PreToolUse"), &json!("deny"))
        );
        Some(
            said["permissionDecisionReason"]
                .as_str()
                .expect("a reason")
                .to_owned(),
        )
    };
    assert_eq!(refused("src/lib.rs", &[]), None);
    let shared = refused("README.md", &[]).expect("refused");
    assert!(
        shared.contains("README.md: needs approval")
            && shared.contains("Next: ghp request README.md"),
        "{shared}"
    );
    let documents = refused(
        &main
            .documents()
            .join("agent-status.json")
            .display()
            .to_string(),
        &[],
    );
    assert!(
        documents.expect("refused").contains("refused"),
        "the documents"
    );
    // A person may; an agent without a name may not.
    assert_eq!(refused("README.md", &[("GHP_AGENT", "human")]), None);
    let unnamed = edit(&main, "README.md", "s2");
    let unnamed = hook(&main, "claude", &unnamed, &[]).stdout;
    assert!(
        unnamed.contains("deny") && unnamed.contains("whoami --set"),
        "{unnamed}"
    );
    // The others, each in its own words.
    let patch = recorded("codex", "PreToolUse-move", &here, "s1");
    let said = hook(&here, "codex", &patch, &[]).stdout;
    assert!(
        said.contains("\"permissionDecision\":\"deny\"")
            && said.contains("docs/a b.md")
            && !said.contains("src/old.rs"),
        "{said}"
    );
    for (harness, event, field, wanted) in [
        ("gemini", "BeforeTool", "file_path", "\"decision\":\"deny\""),
        ("opencode", "tool.execute.before", "filePath", "{\"deny\":"),
        (
            "cursor",
            "preToolUse",
            "file_path",
            "\"permission\":\"deny\"",
        ),
    ] {
        let mut event = recorded(harness, event, &here, "s1");
        hook(&here, harness, &event, &[]).silent();
        event["tool_input"][field] = json!(here.dir.join("README.md"));
        let said = hook(&here, harness, &event, &[]).stdout;
        assert!(
            said.contains(wanted) && said.contains("ghp request README.md"),
            "{harness}: {said}"
        );
    }
}

#[test]
fn where_the_session_stands_does_not_matter() {
    let playground = Playground::new();
    let (main, here) = at_work(&playground);
    // `cd` in a shell of the harness: its cwd is elsewhere, the file is not.
    let outside = playground.path().join("elsewhere");
    std::fs::create_dir(&outside).expect("a folder");
    let mut event = edit(&here, "README.md", "s1");
    event["cwd"] = json!(outside);
    let said = hook(&here, "claude", &event, &[]).stdout;
    assert!(said.contains("deny"), "{said}");
    // From another repository, too.
    let other = playground.bare_of_documents("other");
    other.ghp(&["init"]).ok();
    event["cwd"] = json!(other.dir);
    let said = hook(&other, "claude", &event, &[("GHP_AGENT", "worker-1")]).stdout;
    assert!(
        said.contains("deny") && said.contains("README.md"),
        "{said}"
    );
    // A relative path is relative to where the session stands.
    let mut event = edit(&here, "x", "s1");
    event["tool_input"]["file_path"] = json!("../README.md");
    std::fs::create_dir_all(here.dir.join("src")).expect("a folder");
    event["cwd"] = json!(here.dir.join("src"));
    assert!(hook(&main, "claude", &event, &[]).stdout.contains("deny"));
}

#[test]
fn a_session_stays_the_agent_it_was() {
    let playground = Playground::new();
    let (main, here) = at_work(&playground);
    let event = |name: &str, session: &str| recorded("claude", name, &here, session);
    hook(&here, "claude", &event("SessionStart", "one"), &[]).ok();
    // A later event whose environment is another terminal's.
    playground.pass(5);
    hook(
        &here,
        "claude",
        &event("UserPromptSubmit", "one"),
        &[("GHP_AGENT", "worker-9")],
    )
    .silent();
    assert_eq!(entry(&main, "worker-1")["timestamp"], playground.now());
    assert!(entry(&main, "worker-9").is_null());
    // `/clear`: the old session ends without a word, the new one is bound again.
    hook(&here, "claude", &event("SessionEnd-clear", "one"), &[]).silent();
    assert_eq!(entry(&main, "worker-1")["status"], "working");
    hook(&here, "claude", &event("SessionStart-clear", "two"), &[]).prints("you are worker-1");
    assert_eq!(bound(&main, "claude", "two"), "worker-1");
    // What starts it says anew who it is; `--agent` says it for good.
    hook(
        &here,
        "claude",
        &event("SessionStart", "one"),
        &[("GHP_AGENT", "worker-2")],
    )
    .prints("you are worker-2");
    assert_eq!(bound(&main, "claude", "one"), "worker-2");
    let input = event("UserPromptSubmit", "one").to_string();
    here.feed(&["--agent", "worker-3", "hook", "claude"], input.as_bytes())
        .silent();
    assert_eq!(entry(&main, "worker-3")["status"], "working");
    // Nobody has a name: the session is told how to get one.
    let bare = hook(
        &main,
        "gemini",
        &recorded("gemini", "SessionStart", &main, "g"),
        &[],
    );
    assert!(
        bare.stdout.contains("you have not said your name"),
        "{bare}"
    );
}

#[test]
fn a_word_of_the_agents_own_stays() {
    let playground = Playground::new();
    let (main, here) = at_work(&playground);
    for word in ["blocked", "testing", "done"] {
        here.ghp(&["status", "set", word]).ok();
        for name in [
            "UserPromptSubmit",
            "PostToolUse",
            "Stop",
            "Notification",
            "SessionEnd",
        ] {
            playground.pass(1);
            hook(&here, "claude", &recorded("claude", name, &here, "s"), &[]).silent();
            let entry = entry(&main, "worker-1");
            assert_eq!(
                (&entry["status"], &entry["timestamp"]),
                (&json!(word), &json!(playground.now())),
                "{name}"
            );
        }
    }
    here.ghp(&["status", "set", "working"]).ok();
    let mut below = recorded("claude", "PostToolUse", &here, "s");
    hook(
        &here,
        "claude",
        &recorded("claude", "Stop", &here, "s"),
        &[],
    )
    .silent();
    below["agent_id"] = json!("a1");
    for event in [recorded("claude", "SubagentStop", &here, "s"), below] {
        hook(&here, "claude", &event, &[]).silent();
        assert_eq!(entry(&main, "worker-1")["status"], "idle");
    }
    hook(
        &here,
        "claude",
        &recorded("claude", "UserPromptSubmit", &here, "s"),
        &[],
    )
    .silent();
    hook(
        &here,
        "claude",
        &recorded("claude", "SubagentStop", &here, "s"),
        &[],
    )
    .silent();
    assert_eq!(entry(&main, "worker-1")["status"], "working");
    // No history is made of all that, and the next checkpoint takes it for nobody's edit.
    assert!(!main.ghp(&["log"]).ok().stdout.contains("by hand"));
}

#[test]
fn what_waits_is_said_once_before_the_agent_stops() {
    let playground = Playground::new();
    let (main, here) = at_work(&playground);
    let event = |name: &str| recorded("claude", name, &here, "s");
    hook(&here, "claude", &event("SessionStart"), &[]).ok();
    hook(&here, "claude", &event("Stop"), &[]).silent();
    here.ghp(&["escalate", "Which store?", "-o", "A", "-o", "B"])
        .ok();
    playground.pass(5);
    main.ghp(&["answer", "1"]).ok();
    let said = hook(&here, "claude", &event("Stop"), &[]).json();
    assert_eq!(said["decision"], "block");
    let reason = said["reason"].as_str().expect("a reason");
    assert!(
        reason.contains("Which store?") && reason.contains("ghp inbox"),
        "{reason}"
    );
    assert_eq!(entry(&main, "worker-1")["status"], "working");
    // It is kept going once, and told of nothing twice.
    hook(&here, "claude", &event("Stop-active"), &[]).silent();
    assert_eq!(entry(&main, "worker-1")["status"], "idle");
    hook(&here, "claude", &event("Stop"), &[]).silent();
    for (harness, stop) in [
        ("codex", "Stop"),
        ("gemini", "AfterAgent"),
        ("cursor", "stop"),
        ("opencode", "session.idle"),
    ] {
        let event = recorded(harness, stop, &here, "s");
        let said = hook(&here, harness, &event, &[]).stdout;
        assert!(said.contains("Which store?"), "{harness}: {said}");
        hook(&here, harness, &event, &[]).silent();
    }
}

#[test]
fn what_one_has_touched_another_does_not_change() {
    let playground = Playground::new();
    let (main, one) = at_work(&playground);
    main.ghp(&["issue", "new", "Other"]).ok();
    let started = main
        .ghp(&["start", "2", "--worktree", "--for", "worker-2", "--json"])
        .ok()
        .json();
    let two = main.at(started["worktree"].as_str().expect("a worktree"));
    std::fs::create_dir_all(one.dir.join("src")).expect("a folder");
    std::fs::write(one.dir.join("src/new.txt"), "x").expect("a file");
    hook(
        &one,
        "codex",
        &recorded("codex", "PostToolUse", &one, "s1"),
        &[],
    )
    .silent();
    let asked = edit(&two, "src/new.txt", "s2");
    let said = hook(&two, "claude", &asked, &[]).stdout;
    assert!(
        said.contains("conflict") && said.contains("worker-1"),
        "{said}"
    );
    // The one who touched it goes on.
    hook(&one, "claude", &edit(&one, "src/new.txt", "s1"), &[]).silent();
    playground.pass(3700);
    two.ghp(&["heartbeat"]).ok();
    let said = hook(&two, "claude", &asked, &[]).stdout;
    assert!(!said.contains("conflict"), "{said}");
}
