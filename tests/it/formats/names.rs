//! Names of agents, as anybody may write them.

use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

use crate::support::{Playground, finish};

#[test]
fn rows_1_to_11_names_that_are_none_are_refused_and_change_nothing() {
    let playground = Playground::new();
    let repo = playground.repo();
    let before = repo.read("agent-status.json");
    let long = "a".repeat(65);
    let huge = "a".repeat(100_000);
    for (row, name) in [
        (2, "../../etc/passwd"),
        (2, "a/b"),
        (3, "-rf"),
        (4, "#(touch PWN)"),
        (5, "$(touch PWN)"),
        (5, "`id`"),
        (5, "a;b"),
        (5, "a|b"),
        (5, "a b"),
        (5, "a\nb"),
        (7, "WORKER-1"),
        (8, "a.lock"),
        (8, ".a"),
        (8, "a..b"),
        (8, "@"),
        (8, "HEAD"),
        (8, "all"),
        (8, "none"),
        (8, "set"),
        (8, "ghp"),
        (9, &long),
        (9, &huge),
        (10, "w\u{43e}rker-1"),
        (10, "a\u{200d}b"),
        (10, "a\u{202e}b"),
    ] {
        let said = format!("--agent={name}");
        for words in [
            &[said.as_str(), "heartbeat"][..],
            &[&said, "status", "set", "working"],
        ] {
            let run = repo.ghp(words);
            assert_eq!(run.code, Some(2), "row {row}, {:.80}: {run:.500}", name);
        }
        if !name.is_empty() {
            let run = repo.agent(name, &["heartbeat"]);
            assert_eq!(
                run.code,
                Some(2),
                "row {row}, GHP_AGENT={:.80}: {run:.500}",
                name
            );
        }
    }
    // Row 1: said, and empty.
    repo.ghp(&["--agent", "", "heartbeat"]).exit(2);
    // Row 11: what is not text.
    let mut command = repo.command(&["--agent"]);
    command
        .arg(std::ffi::OsString::from_vec(vec![b'a', 0xff]))
        .arg("heartbeat");
    finish(&mut command, b"", Duration::from_secs(20)).exit(2);
    assert_eq!(repo.read("agent-status.json"), before);
    assert!(!repo.dir.join("PWN").exists() && !repo.documents().join("PWN").exists());
    let names = std::fs::read_dir(repo.dir.join(".git/ghp"))
        .expect("a folder")
        .count();
    assert!(names < 12, "something was made");
}

#[test]
fn row_6_a_name_is_never_a_prefix_of_another() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-10", &["heartbeat"]).silent();
    repo.ghp(&["status", "worker-1"]).exit(2);
    repo.agent("worker-1", &["heartbeat"]).silent();
    assert_eq!(
        repo.status()["agents"]
            .as_object()
            .map(serde_json::Map::len),
        Some(2)
    );
}

#[test]
fn an_agent_without_a_name_may_read_and_is_told_how_to_say_one() {
    let playground = Playground::new();
    let repo = playground.repo();
    for marker in [
        "CLAUDECODE",
        "CODEX_SANDBOX",
        "GEMINI_SESSION_ID",
        "OPENCODE",
        "AI_AGENT",
        "GHP_SESSION",
    ] {
        let run = |words: &[&str]| {
            finish(
                repo.command(words).env(marker, "1"),
                b"",
                Duration::from_secs(20),
            )
        };
        run(&["status"]).ok();
        for words in [
            &["heartbeat"][..],
            &["status", "set", "working"],
            &["escalate", "Why?"],
            &["issue", "new", "X"],
        ] {
            run(words).exit(2).says("GHP_AGENT").says("whoami --set");
        }
    }
}
