//! Sessions without a screen: each prompt is a turn of its own, and the conversation goes on.

use serde_json::{Value, json};

use super::harness::Stage;
use crate::support::{GHP, Playground, Run, eventually, finish, require};

/// Both harnesses whose events are known from them.
const PROVIDERS: [&str; 2] = ["claude", "codex"];

/// Makes one that speaks as this provider does.
fn make(stage: &Stage<'_>, provider: &str, options: &[&str]) -> Run {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fakes/headless.py");
    let kept = stage.kept("worker-1").display().to_string();
    let now = format!("GHP_NOW={}", stage.repo.playground.now());
    let new = ["session", "new", "worker-1", "--headless", "--provider"];
    let words = ["--", "env", &now, "python3", script, &kept];
    stage
        .repo
        .ghp(&[&new[..], &[provider], options, &words].concat())
}

fn idle(stage: &Stage<'_>) -> Value {
    let wait = ["session", "wait", "worker-1", "--until", "idle", "60s"];
    stage.repo.ghp(&wait).ok();
    stage.show("worker-1")
}

fn send(stage: &Stage<'_>, text: &str) {
    let sent = ["session", "send", "worker-1", text, "--json"];
    let sent = stage.repo.ghp(&sent).ok().json();
    assert_eq!(sent["receipt"], "submitted");
}

/// Whether the process is there, and more than an entry that nobody has fetched.
fn lives(pid: Option<u64>) -> bool {
    let pid = pid
        .and_then(|pid| u32::try_from(pid).ok())
        .expect("a number");
    ghp::host::processes::Process::of(pid).is_some_and(ghp::host::processes::Process::is_alive)
}

#[test]
fn its_conversation_goes_on_from_turn_to_turn() {
    if !require("python3", "headless") {
        return;
    }
    for provider in PROVIDERS {
        let playground = Playground::new();
        let stage = Stage::new(&playground, "process");
        let persona = playground.path().join("persona");
        std::fs::write(&persona, "Be brief.").expect("a file");
        let persona = persona.display().to_string();
        let made = make(
            &stage,
            provider,
            &["-i", "1", "-m", "Begin\n'$HOME`", "--persona", &persona],
        );
        made.ok()
            .prints("headless")
            .prints("ghp session wait worker-1");
        let row = idle(&stage);
        assert_eq!(
            (&row["state"], &row["headless"], &row["exitCode"]),
            (&json!("idle"), &json!(true), &json!(0)),
            "{row}"
        );
        assert_eq!(stage.repo.status()["agents"]["worker-1"]["status"], "idle");
        send(&stage, "Go on");
        idle(&stage);
        let story = stage.story("worker-1");
        assert_eq!(story.len(), 2, "{story:?}");
        let (first, second) = (&story[0], &story[1]);
        assert_eq!(first["conversation"], second["conversation"]);
        assert_eq!(
            (&first["agent"], &first["session"]),
            (&json!("worker-1"), &row["id"])
        );
        assert_eq!(second["session"], row["id"]);
        let has = |turn: &Value, word: &str| {
            turn["words"]
                .as_array()
                .is_some_and(|words| words.iter().any(|it| it == word))
        };
        if provider == "claude" {
            // Its system prompt is told each time.
            assert_eq!(
                (&first["prompt"], &second["prompt"]),
                (&json!("Begin\n'$HOME`"), &json!("Go on"))
            );
            assert!(
                has(first, "Be brief.") && has(second, "Be brief."),
                "{story:?}"
            );
            assert!(
                !has(first, "--resume") && has(second, "--resume"),
                "{story:?}"
            );
        } else {
            assert_eq!(first["prompt"], "Be brief.\n\nBegin\n'$HOME`");
            assert_eq!(second["prompt"], "Go on");
            assert!(!has(first, "resume") && has(second, "resume"), "{story:?}");
        }
        let said = stage.repo.ghp(&["session", "output", "worker-1"]).ok();
        let answer = if provider == "claude" {
            "Begin"
        } else {
            "Be brief."
        };
        let said = said.prints(&format!("Answer 1 to: {answer}"));
        said.prints("> Go on").prints("Answer 2 to: Go on");
        let list = stage.repo.ghp(&["session", "list"]).ok();
        list.prints(&format!("{provider}, headless"));
        assert_eq!(stage.repo.status()["agents"]["worker-1"]["status"], "idle");
        // Its processes are gone; the session is not.
        stage.repo.ghp(&["session", "gc", "--apply"]).ok();
        assert_eq!(stage.show("worker-1")["state"], "idle");
    }
}

#[test]
fn a_prompt_arrives_as_it_is_however_long() {
    if !require("python3", "headless") {
        return;
    }
    for provider in PROVIDERS {
        let playground = Playground::new();
        let stage = Stage::new(&playground, "process");
        make(&stage, provider, &[]).ok();
        assert_eq!(stage.show("worker-1")["state"], "ready");
        let line = "--help $(x) `y` \"z\" 'a' \\ \u{200d}é🙂 \u{1b}[31m\t|\n";
        let prompt = format!("{}end", line.repeat(240 * 1024 / line.len()));
        let file = playground.path().join("prompt");
        std::fs::write(&file, &prompt).expect("a file");
        let file = file.display().to_string();
        stage
            .repo
            .ghp(&["session", "send", "worker-1", "-F", &file])
            .ok();
        idle(&stage);
        assert_eq!(
            stage.story("worker-1")[0]["prompt"],
            prompt.as_str(),
            "{provider}"
        );
        assert!(!stage.repo.dir.join(".git/ghp/run/worker-1/prompt").exists());
    }
}

#[test]
fn a_turn_that_fails_says_why_and_the_next_goes_on() {
    if !require("python3", "headless") {
        return;
    }
    for provider in PROVIDERS {
        let playground = Playground::new();
        let stage = Stage::new(&playground, "process");
        // A first one that never began has no conversation to go on with.
        make(&stage, provider, &["-m", "fail"]).ok();
        let row = idle(&stage);
        assert_eq!(row["exitCode"], 1, "{row}");
        let why = if provider == "claude" {
            "not logged in"
        } else {
            "exit code 1"
        };
        assert!(
            row["failed"]
                .as_str()
                .is_some_and(|failed| failed.contains(why)),
            "{row}"
        );
        stage
            .repo
            .ghp(&["session", "output", "worker-1"])
            .ok()
            .prints("not logged in");
        stage
            .repo
            .ghp(&["session", "list"])
            .ok()
            .prints("idle(failed: 1)");
        send(&stage, "Once more");
        let row = idle(&stage);
        assert_eq!(
            (&row["exitCode"], row.get("failed")),
            (&json!(0), None),
            "{row}"
        );
        send(&stage, "exit 7");
        let row = idle(&stage);
        assert_eq!(
            (&row["exitCode"], &row["failed"]),
            (&json!(7), &json!("out of tokens"))
        );
        send(&stage, "die");
        assert_eq!(idle(&stage)["exitCode"], 137);
        send(&stage, "At last");
        assert_eq!(idle(&stage)["exitCode"], 0);
        let story = stage.story("worker-1");
        assert_ne!(story[0]["conversation"], story[1]["conversation"]);
        for later in &story[2..] {
            assert_eq!(story[1]["conversation"], later["conversation"], "{story:?}");
        }
    }
}

#[test]
fn one_turn_at_a_time_and_the_others_wait() {
    if !require("python3", "headless") {
        return;
    }
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    make(&stage, "claude", &["-m", "hold"]).ok();
    eventually("its turn goes on", || stage.story("worker-1").len() == 1);
    assert_eq!(stage.show("worker-1")["state"], "working");
    stage
        .repo
        .ghp(&["session", "send", "worker-1", "Now"])
        .exit(4)
        .says("worker-1 is working")
        .says("ghp session wait worker-1");
    stage
        .repo
        .ghp(&["session", "wait", "worker-1", "--until", "idle", "1s"])
        .exit(9);
    make(&stage, "claude", &[])
        .exit(4)
        .says("worker-1 has a session, which is working");
    std::thread::scope(|scope| {
        for text in ["one", "two"] {
            let stage = &stage;
            scope.spawn(move || {
                let sent = ["session", "send", "worker-1", text, "--wait", "60s"];
                stage.repo.ghp(&sent).ok();
            });
        }
        stage.go("worker-1");
    });
    idle(&stage);
    let mut prompts: Vec<String> = stage.prompts("worker-1").split_off(1);
    prompts.sort();
    assert_eq!(prompts, ["one", "two"]);
}

#[test]
fn stopping_ends_the_turn_and_the_session() {
    if !require("python3", "headless") {
        return;
    }
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    make(&stage, "codex", &["-m", "leave"]).ok();
    idle(&stage);
    let said = stage.repo.ghp(&["session", "output", "worker-1"]).ok();
    let left = said
        .stdout
        .split("left ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    let left: u32 = left.expect("a number").parse().expect("a number");
    send(&stage, "hold");
    eventually("its turn goes on", || stage.story("worker-1").len() == 2);
    let pid = stage.story("worker-1")[1]["pid"]
        .as_u64()
        .expect("a number");
    stage.repo.ghp(&["session", "stop", "worker-1"]).ok();
    for pid in [u64::from(left), pid] {
        assert!(!lives(Some(pid)), "{pid} lives on");
    }
    assert_eq!(stage.show("worker-1")["state"], "exited");
    assert_eq!(
        stage.repo.status()["agents"]["worker-1"]["status"],
        "stopped"
    );
    stage
        .repo
        .ghp(&["session", "send", "worker-1", "x"])
        .exit(4)
        .says("worker-1 is exited");
    stage.repo.ghp(&["session", "stop", "worker-1"]).ok();
    stage.repo.ghp(&["session", "rm", "worker-1"]).ok();
    // Another begins in its place, with a conversation of its own.
    make(&stage, "codex", &["-m", "Anew"]).ok();
    idle(&stage);
    let story = stage.story("worker-1");
    assert_ne!(story[1]["conversation"], story[2]["conversation"]);
}

#[test]
fn a_turn_that_was_killed_costs_only_itself() {
    if !require("python3", "headless") {
        return;
    }
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    make(&stage, "claude", &["-m", "Remember"]).ok();
    idle(&stage);
    let path = stage.repo.dir.join(".git/ghp/run/worker-1/record.json");
    for (turn, handle) in [(1, false), (2, true)] {
        send(&stage, "hold");
        eventually("its turn goes on", || {
            stage.story("worker-1").len() == turn + 1
        });
        let record: Value =
            serde_json::from_slice(&std::fs::read(&path).expect("a record")).expect("JSON");
        let host = record["handle"]["host"]
            .as_str()
            .and_then(|host| host.split(':').next());
        let pid = if handle {
            host.map(str::to_owned)
        } else {
            Some(record["process"]["pid"].to_string())
        };
        let pid = pid.expect("a process");
        let mut kill = playground.command("kill", playground.path());
        finish(kill.args(["-9", &pid]), b"").ok();
        eventually("it rests", || stage.show("worker-1")["state"] == "idle");
        let pid = stage.story("worker-1")[turn]["pid"].as_u64();
        eventually("nothing of it is left", || !lives(pid));
    }
    // Nor does a machine that was started anew.
    let mut record: Value =
        serde_json::from_slice(&std::fs::read(&path).expect("a record")).expect("JSON");
    record["boot"] = json!("another");
    std::fs::write(&path, record.to_string()).expect("a record");
    assert_eq!(stage.show("worker-1")["state"], "idle");
    send(&stage, "And now?");
    idle(&stage);
    let story = stage.story("worker-1");
    assert_eq!(story[0]["conversation"], story[3]["conversation"]);
    stage
        .repo
        .ghp(&["session", "attach", "worker-1"])
        .exit(4)
        .says("ghp session send worker-1");
    stage
        .repo
        .ghp(&["session", "turn", "worker-1"])
        .exit(2)
        .says("ghp session send worker-1");
}

#[test]
fn a_person_looks_at_a_turn_and_ends_it() {
    if !require("python3", "headless") {
        return;
    }
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    make(&stage, "claude", &["-m", "hold"]).ok();
    eventually("it has spoken", || {
        let said = stage.repo.ghp(&["session", "output", "worker-1"]).ok();
        said.stdout.contains("I hold.")
    });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fakes/terminal.py");
    let mut terminal = playground.command("python3", &stage.repo.dir);
    let attach = [
        "I hold.", "\\x03", "--", GHP, "session", "attach", "worker-1",
    ];
    finish(terminal.arg(script).args(attach), b"").ok();
    let row = idle(&stage);
    assert_eq!(
        (&row["state"], &row["signal"]),
        (&json!("idle"), &json!(2)),
        "{row}"
    );
    send(&stage, "Go on");
    assert_eq!(idle(&stage)["exitCode"], 0);
}

#[test]
fn any_program_can_be_run_turn_by_turn() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    stage
        .repo
        .ghp(&[
            "session",
            "new",
            "worker-1",
            "--headless",
            "-m",
            "one two",
            "--",
            "printf",
            "<%s>\n",
        ])
        .ok();
    idle(&stage);
    stage
        .repo
        .ghp(&["session", "output", "worker-1"])
        .ok()
        .prints("<one two>");
    stage
        .repo
        .ghp(&[
            "session",
            "new",
            "w2",
            "--headless",
            "--backend",
            "tmux",
            "--",
            "true",
        ])
        .exit(2);
}
