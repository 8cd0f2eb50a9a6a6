//! `status`, `status set`, `status rm`, `heartbeat`.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::{Refusal, json, keys, refused};
use crate::support::{Playground, Repo};

/// Three agents as the design shows them.
fn three(repo: &Repo) {
    let set = |agent: &str, words: &[&str]| {
        let words: Vec<&str> = ["status", "set"].iter().chain(words).copied().collect();
        repo.agent(agent, &words).silent();
    };
    set("worker-3", &["testing", "-i", "149", "-m", "Running e2e"]);
    repo.playground.pass(12 * 60);
    let why = "Waiting for #147 to complete";
    set(
        "worker-2",
        &["blocked", "-i", "148", "-m", why, "--blocked-on", "147"],
    );
    repo.playground.pass(108);
    let action = "Created dashboard command skeleton";
    set("worker-1", &["implementing", "-i", "147", "-m", action]);
    repo.playground.pass(12);
}

#[test]
fn the_board_for_people() {
    let playground = Playground::new();
    let repo = playground.repo();
    three(&repo);
    super::ask(&repo, "worker-1", &["Which store?"]);
    super::ask(&repo, "worker-1", &["Which colour?"]);
    let board = "\
AGENT     STATUS        ISSUE  LAST ACTION                         SEEN
worker-1  implementing  #147   Created dashboard command skeleton  12s
worker-2  blocked       #148   Waiting for #147 to complete        2m    by #147
worker-3  testing       #149   Running e2e                         14m   STALE

Waiting on you: 2 questions, 1 silent agent";
    for words in [&["status"][..], &["agent-status"], &[]] {
        let run = repo.ghp(words).ok();
        assert!(run.stdout.starts_with(board), "{run}");
        assert!(
            run.stdout.ends_with(" ghp inbox\n") && run.stderr.is_empty(),
            "{run}"
        );
    }
}

#[test]
fn the_board_for_programs() {
    let playground = Playground::new();
    let repo = playground.repo();
    three(&repo);
    let report = json(&repo, "", &["status"]);
    assert_eq!(keys(&report), ["agents", "counts", "waiting"]);
    assert_eq!(
        report["counts"],
        json!({"blocked": 1, "implementing": 1, "testing": 1})
    );
    assert_eq!(report["waiting"], 1);
    let first = &report["agents"][0];
    assert_eq!(
        keys(first),
        [
            "agent",
            "role",
            "issue",
            "status",
            "lastAction",
            "timestamp",
            "ageSeconds",
            "liveness",
            "blockedOn",
            "worktree"
        ]
    );
    assert_eq!(first["ageSeconds"], 12);
    assert_eq!(first["liveness"], "fresh");
    assert_eq!(first["blockedOn"], json!([]));
    let names = |report: &Value| -> Vec<String> {
        let rows = report["agents"].as_array().expect("a list");
        rows.iter()
            .map(|row| row["agent"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(report["agents"][1]["blockedOn"], json!([147]));
    assert_eq!(report["agents"][2]["liveness"], "stale");
    let of = |words: &[&str]| names(&json(&repo, "", words));
    assert_eq!(of(&["status", "--stale"]), ["worker-3"]);
    assert_eq!(of(&["status", "--issue", "148"]), ["worker-2"]);
    assert_eq!(of(&["status", "-i", "#148"]), ["worker-2"]);
    assert_eq!(
        of(&["status", "worker-3", "worker-1"]),
        ["worker-1", "worker-3"]
    );
    let how = Refusal {
        exit: 2,
        code: "NOT_FOUND",
        says: "there is no agent worker-4",
        next: "ghp status worker-1",
    };
    refused(&repo, "", &["status", "worker-4"], &how);
}

#[test]
fn liveness_has_more_than_two_values() {
    let playground = Playground::new();
    let repo = playground.repo();
    let now = playground.now();
    let later = "2026-01-25T10:40:00Z";
    let typed = json!({"agents": {
        "a": {"status": "working", "timestamp": now},
        "b": {"status": "done", "timestamp": "2020-01-01T00:00:00Z"},
        "c": {"status": "working", "timestamp": later},
        "d": {"status": "working"},
    }});
    repo.write("agent-status.json", typed.to_string());
    let liveness = || {
        let report = json(&repo, "", &["status"]);
        let rows = report["agents"].as_array().expect("a list").clone();
        rows.iter()
            .map(|row| row["liveness"].as_str().expect("a word").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(liveness(), ["fresh", "fresh", "clock-suspect", "never"]);
    playground.pass(6 * 60);
    assert_eq!(liveness()[0], "quiet");
    playground.pass(5 * 60);
    assert_eq!(liveness()[0], "stale");
    playground.pass(3600);
    // Ended states never alert.
    assert_eq!(liveness(), ["expired", "fresh", "expired", "never"]);
}

#[test]
fn setting_ones_status_is_silent_and_keeps_what_it_is_not_told() {
    let playground = Playground::new();
    let repo = playground.repo();
    for verb in ["status", "agent-status"] {
        repo.agent(
            "worker-1",
            &[verb, "set", "implementing", "-i", "147", "-m", "Began"],
        )
        .silent();
    }
    repo.agent(
        "worker-1",
        &[
            "status",
            "set",
            "--blocked-on",
            "148",
            "--blocked-on",
            "issue-149",
        ],
    )
    .silent();
    let entry = || repo.status()["agents"]["worker-1"].clone();
    assert_eq!(
        entry(),
        json!({"issue": 147, "status": "blocked", "lastAction": "Began", "timestamp": playground.now(),
               "blockedOn": [148, 149]})
    );
    repo.agent("worker-1", &["status", "set", "waiting"])
        .silent();
    assert_eq!(entry()["blockedOn"], json!([148, 149]));
    let report = json(&repo, "worker-1", &["status", "set", "testing"]);
    assert_eq!(
        report,
        json!({"agent": "worker-1", "status": "testing", "issue": 147, "blockedOn": []})
    );
    assert!(entry().get("blockedOn").is_none(), "absent means absent");
    let how = Refusal {
        exit: 2,
        code: "USAGE",
        says: "is not a status",
        next: "ghp status set --help",
    };
    refused(&repo, "worker-1", &["status", "set", "Not A Word"], &how);
    let how = Refusal {
        exit: 3,
        code: "NOT_AUTHORISED",
        says: "naming an orchestrator",
        next: "ghp escalate \"naming an orchestrator\"",
    };
    refused(
        &repo,
        "worker-1",
        &["status", "set", "--role", "orchestrator"],
        &how,
    );
}

#[test]
fn an_entry_is_removed_by_itself_or_by_who_leads() {
    let playground = Playground::new();
    let repo = playground.repo();
    for agent in ["worker-1", "worker-2", "worker-3"] {
        repo.agent(agent, &["heartbeat"]).silent();
    }
    let how = Refusal {
        exit: 3,
        code: "NOT_AUTHORISED",
        says: "removing another agent's entry",
        next: "ghp escalate \"removing another agent's entry\"",
    };
    refused(&repo, "worker-1", &["status", "rm", "worker-2"], &how);
    repo.agent("worker-1", &["status", "rm", "worker-1"])
        .ok()
        .prints("worker-1");
    assert_eq!(
        json(&repo, "", &["agent-status", "rm", "worker-2"]),
        json!({"agent": "worker-2", "issues": []})
    );
    let how = Refusal {
        exit: 2,
        code: "NOT_FOUND",
        says: "there is no agent worker-2",
        next: "ghp status worker-3",
    };
    refused(&repo, "", &["status", "rm", "worker-2"], &how);
}

#[test]
fn a_heartbeat_is_silent_and_changes_only_the_time() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["heartbeat"]).silent();
    let entry = || repo.status()["agents"]["worker-1"].clone();
    assert_eq!(
        entry(),
        json!({"status": "working", "timestamp": playground.now()})
    );
    repo.agent("worker-1", &["status", "set", "testing", "-i", "7"])
        .silent();
    playground.pass(60);
    repo.agent("worker-1", &["agent-heartbeat", "-m", "Ran\nthem all"])
        .silent();
    assert_eq!(
        entry(),
        json!({"issue": 7, "status": "testing", "lastAction": "Ran them all", "timestamp": playground.now()})
    );
    playground.pass(60);
    let report = json(&repo, "worker-1", &["heartbeat"]);
    assert_eq!(
        report,
        json!({"agent": "worker-1", "liveness": "fresh", "silentForSeconds": 60})
    );
    repo.agent("worker-1", &["heartbeat", "-q", "-v"]).silent();
    let long = "x".repeat(600);
    repo.agent("worker-1", &["heartbeat", "-m", &long])
        .exit(2)
        .says("at most 512");
}

#[test]
fn a_heartbeat_asking_for_anothers_issue_is_told_whose_it_is() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One", "--assign", "worker-1"])
        .ok();
    let how = Refusal {
        exit: 4,
        code: "CLAIM_HELD",
        says: "#1 is worker-1's",
        next: "ghp next",
    };
    refused(&repo, "worker-2", &["heartbeat", "-i", "1"], &how);
    // A number without a document is anybody's to name.
    repo.agent("worker-2", &["heartbeat", "-i", "99"]).silent();
}

#[test]
fn a_dispossessed_agent_is_told_so_and_how_to_go_on() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One"]).ok();
    repo.agent("worker-1", &["claim", "1"]).ok();
    repo.ghp(&["assign", "1", "worker-5"]).ok();
    playground.pass(30);
    let text = repo.agent("worker-1", &["heartbeat"]).exit(6);
    assert_eq!(
        text.stderr,
        "error: #1 is worker-5's now. You are worker-1: stop writing.\n\
         hint: your commits are safe: ghp handoff worker-5 -m \"…\", then ghp release 1\n"
    );
    let error = repo
        .agent("worker-1", &["heartbeat", "--json"])
        .exit(6)
        .json();
    assert_eq!(error["error"]["code"], "DISPOSSESSED");
    assert_eq!(error["error"]["next"], "ghp release 1");
    // The timestamp is written all the same: it is alive.
    assert_eq!(
        repo.status()["agents"]["worker-1"]["timestamp"],
        playground.now()
    );
    repo.agent("worker-1", &["handoff", "worker-5", "-m", "Half done"])
        .ok();
    repo.agent("worker-1", &["release", "1"]).ok();
    repo.agent("worker-1", &["heartbeat"]).silent();
}

/// A program whose answers are read as they come.
struct Talking {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Talking {
    fn start(mut command: Command) -> Talking {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().expect("a program");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        Talking { child, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("a line").expect("text")
    }
}

impl Drop for Talking {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn watching_prints_a_line_a_change() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut board = Talking::start(repo.command(&["status", "--watch", "--json"]));
    let read = |board: &mut Talking| serde_json::from_str::<Value>(&board.line()).expect("JSON");
    assert_eq!(read(&mut board)["agents"], json!([]));
    repo.agent("worker-1", &["heartbeat", "-m", "Here"])
        .silent();
    assert_eq!(read(&mut board)["agents"][0]["lastAction"], "Here");
    repo.agent("worker-1", &["status", "set", "testing"])
        .silent();
    // Where it works is noted beside its entry, so that one change may be seen in two steps.
    while read(&mut board)["agents"][0]["status"] != "testing" {}
    super::ask(&repo, "worker-1", &["Which?"]);
    while read(&mut board)["waiting"] != 1 {}
}

#[test]
fn beating_again_and_again_ends_with_the_process() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut followed = playground
        .command("sleep", &repo.dir)
        .arg("600")
        .spawn()
        .expect("sleep");
    let pid = followed.id().to_string();
    let mut command = repo.command(&[
        "heartbeat",
        "--every",
        "1",
        "--pid",
        &pid,
        "--json",
        "-m",
        "Here",
    ]);
    command.env("GHP_AGENT", "worker-1");
    let mut beats = Talking::start(command);
    for _ in 0..2 {
        let beat: Value = serde_json::from_str(&beats.line()).expect("JSON");
        assert_eq!(beat["agent"], "worker-1");
    }
    followed.kill().expect("our own child");
    followed.wait().expect("our own child");
    assert!(beats.child.wait().expect("our own child").success());
    assert_eq!(repo.status()["agents"]["worker-1"]["lastAction"], "Here");
    repo.agent("worker-1", &["heartbeat", "--every", "--pid", &pid])
        .exit(2)
        .says("there is no process");
    repo.agent("worker-1", &["heartbeat", "--pid", "1"]).exit(2);
}
