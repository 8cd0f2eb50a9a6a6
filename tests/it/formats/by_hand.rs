//! What a person types is as good as what the program wrote, and what the program does not know it keeps.

use serde_json::{Value, json};

use super::SEED;
use crate::support::{Playground, Repo};

#[test]
fn the_seeds_document_works_with_every_status_verb() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write("agent-status.json", SEED);
    repo.ghp(&["status"])
        .ok()
        .prints("Created dashboard command skeleton")
        .prints("#147")
        .prints("STALE");
    let board = repo.ghp(&["agent-status", "--json"]).ok().json();
    assert_eq!(board["agents"][0]["ageSeconds"], 60);
    assert_eq!(board["agents"][0]["liveness"], "fresh");
    assert_eq!(board["agents"][1]["liveness"], "stale");
    repo.ghp(&["status", "worker-2"])
        .ok()
        .prints("Waiting for #147");
    let one = repo
        .ghp(&["status", "--issue", "148", "--json"])
        .ok()
        .json();
    assert_eq!(one["agents"].as_array().map(Vec::len), Some(1));
    let silent = repo.ghp(&["status", "--stale", "--json"]).ok().json();
    assert_eq!(silent["agents"][0]["agent"], "worker-2");
    repo.ghp(&["stale", "--exit-code"])
        .exit(8)
        .prints("worker-2");
    repo.agent("worker-1", &["agent-heartbeat"]).silent();
    repo.agent("worker-1", &["agent-status", "set", "testing", "-m", "e2e"])
        .silent();
    repo.ghp(&["status", "rm", "worker-2"]).ok();
    assert_eq!(
        repo.status(),
        json!({"agents": {"worker-1": {"issue": 147, "status": "testing", "lastAction": "e2e", "timestamp": playground.now()}}})
    );
}

/// The issues that a typed status document names have no documents: what is assigned is written down.
#[test]
fn issues_that_only_the_seeds_document_names_change_hands() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write("agent-status.json", SEED);
    repo.ghp(&["assign", "148", "worker-3"]).ok();
    repo.ghp(&["assign", "149", "worker-3"]).exit(2);
    repo.agent("worker-1", &["agent-handoff", "worker-2", "-m", "Go on"])
        .ok();
    repo.agent("worker-2", &["accept"]).ok();
    repo.agent("worker-1", &["agent-heartbeat"])
        .exit(6)
        .says("#147 is worker-2's now");
    repo.agent("worker-2", &["start", "147", "--worktree"]).ok();
    assert_eq!(repo.ghp(&["issues", "-q"]).ok().stdout, "147\n148\n");
}

#[test]
fn an_issue_that_only_the_seeds_document_names_blocks_until_its_agent_is_done() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write("agent-status.json", SEED);
    let wait = |issue| ["agent-status", "set", "--blocked-on", issue, "--wait", "1"];
    repo.agent("worker-2", &wait("147"))
        .exit(9)
        .says("still blocked by #147");
    repo.agent("worker-1", &["agent-status", "set", "done"])
        .silent();
    repo.agent("worker-2", &wait("147"))
        .ok()
        .prints("Nothing blocks you any more");
}

#[test]
fn the_silent_of_the_seeds_document_are_replaced() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write("agent-status.json", SEED);
    playground.pass(3540);
    repo.ghp(&[
        "config",
        "set",
        "coordination.stalePolicy",
        "reassign:worker-9",
    ])
    .ok();
    let report = repo.ghp(&["stale", "--apply", "--json"]).ok().json();
    let done = report["done"].to_string();
    assert!(
        done.contains("#148 is worker-9's now; worker-2 has gone"),
        "{done}"
    );
    assert!(!done.contains("worker-1 has gone"), "only stale: {done}");
    repo.agent("worker-2", &["heartbeat"]).exit(6);
    repo.write("agent-status.json", SEED);
    repo.ghp(&["config", "set", "coordination.stalePolicy", "release"])
        .ok();
    let report = repo.ghp(&["stale", "--apply"]).ok();
    assert!(!report.stdout.contains("Next:"), "{report}");
    playground.pass(120);
    repo.ghp(&["stale", "--apply"])
        .ok()
        .prints("#147 is free again; worker-1 has gone");
    repo.agent("worker-3", &["claim", "147"]).ok();
}

#[test]
fn a_heartbeat_changes_nothing_but_the_time_in_the_seeds_document() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write("agent-status.json", SEED);
    repo.agent("worker-1", &["heartbeat"]).silent();
    let after = SEED.replace("2026-01-25T10:29:00Z", &playground.now());
    assert_eq!(repo.read("agent-status.json"), after);
}

/// A document with fields nobody knows at every level.
fn strange() -> Value {
    json!({
        "version": 2,
        "agents": {
            "worker-1": {"zeta": {"deep": [1, {"deeper": null}]}, "alpha": null, "status": "planning"},
            "worker-2": {"colour": "red"}
        },
        "more": {"of": ["it", 1.5]}
    })
}

/// What must be left of [`strange`].
#[track_caller]
fn kept(repo: &Repo<'_>, after: &str) {
    let now = repo.status();
    let was = strange();
    for path in [
        "/version",
        "/more",
        "/agents/worker-1/zeta",
        "/agents/worker-1/alpha",
        "/agents/worker-2/colour",
    ] {
        assert_eq!(
            now.pointer(path),
            was.pointer(path),
            "{path} after {after}: {now}"
        );
    }
}

#[test]
fn row_26_unknown_fields_survive_every_writer() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard"]).ok();
    let issue = repo.read("issues/1.md");
    repo.write(
        "issues/1.md",
        issue.replacen("---\n", "---\nteam: [red, blue] # ours\n", 1),
    );
    repo.write(
        "config.json",
        "{\"theirs\": {\"a\": 1}, \"coordination\": {}}\n",
    );
    repo.write("agent-status.json", strange().to_string());

    repo.agent("worker-1", &["heartbeat", "-m", "x"]).silent();
    kept(&repo, "heartbeat");
    repo.agent("worker-1", &["status", "set", "testing", "-i", "1"])
        .silent();
    kept(&repo, "status set");
    repo.agent("worker-1", &["start", "1"]).ok();
    kept(&repo, "start");
    repo.agent("worker-1", &["handoff", "worker-2", "-m", "half done"])
        .ok();
    repo.agent("worker-2", &["accept"]).ok();
    kept(&repo, "accept");
    assert_eq!(repo.status()["agents"]["worker-2"]["issue"], 1);
    assert!(
        repo.read("issues/1.md")
            .contains("team: [red, blue] # ours\n")
    );
    repo.ghp(&[
        "--agent",
        "human",
        "config",
        "set",
        "coordination.staleAfter",
        "5m",
    ])
    .ok();
    let config: Value = serde_json::from_str(&repo.read("config.json")).expect("JSON");
    assert_eq!(config["theirs"], json!({"a": 1}));
}

#[test]
fn row_24_byte_order_mark_and_line_ends_of_other_systems_are_read() {
    let playground = Playground::new();
    let repo = playground.repo();
    let crlf = SEED.replace('\n', "\r\n");
    for (what, text) in [
        ("BOM", format!("\u{feff}{SEED}")),
        ("CRLF", crlf.clone()),
        ("both", format!("\u{feff}{crlf}")),
    ] {
        repo.write("agent-status.json", &text);
        let board = repo.ghp(&["status", "--json"]).ok().json();
        assert_eq!(board["agents"][0]["issue"], 147, "{what}");
        repo.agent("worker-1", &["heartbeat"]).silent();
        repo.agent("worker-2", &["status", "set", "working"])
            .silent();
        assert_eq!(
            repo.status()["agents"]["worker-1"]["timestamp"],
            playground.now(),
            "{what}"
        );
    }
    repo.ghp(&["issue", "new", "Dashboard", "-m", "Its text"])
        .ok();
    let issue = repo.read("issues/1.md").replace('\n', "\r\n");
    repo.write("issues/1.md", format!("\u{feff}{issue}"));
    let shown = repo.ghp(&["issue", "show", "1", "--json"]).ok().json();
    assert_eq!(shown["title"], "Dashboard");
    repo.ghp(&["issue", "comment", "1", "Seen"]).ok();
    repo.ghp(&["issue", "show", "1"])
        .ok()
        .prints("Its text")
        .prints("Seen");
}

#[test]
fn what_editors_leave_behind_is_no_document() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard"]).ok();
    repo.agent("worker-1", &["escalate", "Which?"]).ok();
    for folder in ["issues", "escalations"] {
        for name in [
            ".#1.md",
            "1.md~",
            ".1.md.swp",
            "4913",
            "1.md.orig",
            "#1.md#",
        ] {
            repo.write(&format!("{folder}/{name}"), "\0\u{1}not a document");
        }
    }
    std::os::unix::fs::symlink(
        "ana@host.1234:1",
        repo.documents().join(".#agent-status.json"),
    )
    .expect("a lock of emacs's");
    let issues = repo.ghp(&["issues", "--json"]).ok().json();
    assert_eq!(issues["issues"].as_array().map(Vec::len), Some(1));
    let open = repo.ghp(&["escalations", "--json"]).ok();
    assert_eq!(open.stdout.matches("\"id\"").count(), 1, "{open}");
    repo.agent("worker-1", &["heartbeat"]).silent();
    repo.ghp(&["issue", "comment", "1", "x"]).ok();
    let log = repo.ghp(&["log"]).ok();
    assert_eq!(log.stderr, "", "{log}");
    repo.ghp(&["doctor"]).ok();
    let tracked = repo.git(&["ls-tree", "-r", "--name-only", "ghp"]);
    assert!(
        !tracked.contains('~') && !tracked.contains("4913") && !tracked.contains('#'),
        "{tracked}"
    );
}
