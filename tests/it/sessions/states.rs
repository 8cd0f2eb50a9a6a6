//! What a session is doing: hooks say it first, the screen corrects them, the process has the last word.

use serde_json::{Value, json};

use super::harness::{Stage, backends};
use crate::support::{Playground, eventually};

#[test]
fn a_permission_an_interrupt_a_sub_agent_and_another_session() {
    for backend in backends("what a session is doing") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        let send = |text: &str| stage.repo.ghp(&["session", "send", "worker-1", text]);
        stage.make("worker-1", &[], &[]).ok();
        stage.until("worker-1", "ready");
        // A permission is asked for, and given by hand.
        send("ask").ok();
        stage.until("worker-1", "waiting");
        send("x")
            .exit(4)
            .says("worker-1 is waiting")
            .says("ghp session attach worker-1");
        stage.keys("worker-1", "1");
        stage.until("worker-1", "idle");
        // Esc tells no hook anything.
        send("hold").ok();
        stage.until("worker-1", "working");
        stage.keys("worker-1", "\u{1b}");
        playground.pass(3);
        stage.until("worker-1", "idle");
        // A sub-agent's end is none of its own.
        send("below").ok();
        eventually("the sub-agent has ended", || {
            stage
                .story("worker-1")
                .iter()
                .any(|line| line["hook"] == "SubagentStop")
        });
        assert_eq!(stage.show("worker-1")["state"], "working");
        stage.go("worker-1");
        stage.until("worker-1", "idle");
        // Another session of the harness in the same terminal.
        send("/clear").ok();
        send("tool").ok();
        stage.until("worker-1", "idle");
        let starts = stage.story("worker-1");
        let starts = starts.iter().filter(|line| line["hook"] == "SessionStart");
        assert_eq!(starts.count(), 2);
    }
}

#[test]
fn what_a_person_types_is_left_alone() {
    for backend in backends("sessions that a person types in") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        stage.make("worker-1", &[], &[]).ok();
        stage.until("worker-1", "ready");
        // A draft.
        stage.keys("worker-1", "hold");
        stage.until("worker-1", "interactive");
        let refused = stage
            .repo
            .ghp(&["session", "send", "worker-1", "x"])
            .exit(4);
        assert!(refused.stderr.contains("a person types in it"), "{refused}");
        // A turn that the person began.
        stage.keys("worker-1", "\r");
        eventually("the prompt is there", || {
            stage.prompts("worker-1") == ["hold"]
        });
        stage.until("worker-1", "interactive");
        stage
            .repo
            .ghp(&["session", "send", "worker-1", "x"])
            .exit(4);
        stage.go("worker-1");
        stage.until("worker-1", "idle");
        stage
            .repo
            .ghp(&["session", "send", "worker-1", "tool"])
            .ok();
        assert_eq!(stage.prompts("worker-1"), ["hold", "tool"]);
    }
}

#[test]
fn a_killed_one_is_seen_and_so_is_one_that_nobody_saw_end() {
    for backend in backends("sessions that are killed") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        stage.make("worker-1", &[], &[]).ok();
        stage.until("worker-1", "ready");
        stage
            .repo
            .ghp(&["session", "send", "worker-1", "hold"])
            .ok();
        let record =
            std::fs::read_to_string(stage.repo.dir.join(".git/ghp/run/worker-1/record.json"))
                .expect("a record");
        let record: Value = serde_json::from_str(&record).expect("JSON");
        let pid = record["process"]["pid"]
            .as_u64()
            .expect("a number")
            .to_string();
        playground
            .command("kill", playground.path())
            .args(["-9", &pid])
            .status()
            .expect("kill runs");
        let over = stage.until("worker-1", "exited");
        assert_eq!((&over["signal"], over.get("exitCode")), (&json!(9), None));
        stage
            .repo
            .ghp(&["session", "list"])
            .ok()
            .prints("exited(signal 9)");
    }
}

#[test]
fn another_boot_has_lost_it() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    stage.make("worker-1", &[], &[]).ok();
    stage.until("worker-1", "ready");
    stage
        .repo
        .ghp(&["session", "send", "worker-1", "exit 0"])
        .ok();
    stage.until("worker-1", "exited");
    let folder = stage.repo.dir.join(".git/ghp/run/worker-1");
    let record = std::fs::read_to_string(folder.join("record.json")).expect("a record");
    let mut record: Value = serde_json::from_str(&record).expect("JSON");
    record["boot"] = json!("another");
    std::fs::write(folder.join("record.json"), record.to_string()).expect("a file");
    std::fs::remove_file(folder.join("ended.json")).expect("removed");
    assert_eq!(stage.show("worker-1")["state"], "lost");
}

#[test]
fn words_of_an_earlier_session_count_no_more() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    stage.make("worker-1", &[], &[]).ok();
    let first = stage.until("worker-1", "ready")["id"].clone();
    stage
        .repo
        .ghp(&["session", "send", "worker-1", "exit 0"])
        .ok();
    stage.until("worker-1", "exited");
    stage.make("worker-1", &[], &["slow"]).ok();
    // A hook that is late, of the session before.
    let late = json!({"session_id": "old", "hook_event_name": "Stop", "cwd": stage.repo.at("app.caves/worker-1").dir});
    let mut hook = stage.repo.command(&["hook", "claude"]);
    hook.env("GHP_AGENT", "worker-1")
        .env("GHP_SESSION", first.as_str().expect("an id"));
    crate::support::finish(&mut hook, late.to_string().as_bytes()).ok();
    assert_eq!(stage.show("worker-1")["state"], "starting");
    stage.go("worker-1");
    stage.until("worker-1", "ready");
}

#[test]
fn a_harness_without_hooks_is_known_by_its_screen() {
    for backend in backends("sessions without hooks") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        stage.make("worker-1", &[], &["mute"]).ok();
        // For a while a hook may still speak.
        playground.pass(30);
        stage.until("worker-1", "ready");
        let sent = stage
            .repo
            .ghp(&["session", "send", "worker-1", "hold", "--json"])
            .ok()
            .json();
        assert_eq!(sent["receipt"], "sent");
        stage.until("worker-1", "working");
        stage.go("worker-1");
        stage.until("worker-1", "ready");
    }
}
