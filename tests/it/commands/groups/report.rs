//! `group report`: what a group has done, counted while its members were in it, and kept as a memory; `group log` beside it.

use serde_json::{Value, json};

use crate::commands::{json, only, tail};
use crate::support::{Playground, Repo};

/// A group that works for a day: two issues closed by members, one by another; a question and a conflict decided; a handoff.
fn a_day(playground: &Playground) -> Repo<'_> {
    let repo = playground.repo();
    let as_agent = |who: &str, words: &[&str]| repo.agent(who, words).ok().stdout;
    for title in ["Store", "Page", "Elsewhere"] {
        repo.ghp(&["issue", "new", title]).ok();
    }
    as_agent("worker-1", &["group", "join", "dashboard"]);
    repo.ghp(&["goal", "new", "Ten users", "--group", "dashboard"])
        .ok();
    playground.pass(3600);
    as_agent("worker-2", &["group", "join", "dashboard"]);
    as_agent("worker-1", &["group", "share", "store=SQLite"]);
    as_agent("worker-1", &["group", "share", "port=8080"]);
    for (agent, issue) in [("worker-1", "1"), ("worker-2", "2"), ("worker-3", "3")] {
        as_agent(agent, &["claim", issue]);
    }
    let asked = as_agent(
        "worker-2",
        &["escalate", "-q", "Which port?", "-i", "2", "-o", "80"],
    );
    playground.pass(600);
    repo.ghp(&["answer", asked.trim(), "1"]).ok();
    as_agent("worker-2", &["escalate", "Still open?"]);
    as_agent("worker-3", &["escalate", "Not theirs"]);
    as_agent("worker-2", &["handoff", "-i", "2", "-m", "Half done"]);
    playground.pass(3600);
    for (agent, issue) in [("worker-1", "1"), ("worker-2", "2"), ("worker-3", "3")] {
        as_agent(agent, &["issue", "close", issue]);
    }
    playground.pass(3600);
    as_agent("worker-2", &["group", "leave"]);
    playground.pass(86_400 - 3 * 3600 - 600);
    repo
}

#[test]
fn counted_and_kept() {
    let playground = Playground::new();
    let repo = a_day(&playground);
    let report = json(&repo, "worker-1", &["group", "report", "dashboard"]);
    let id = only(&repo, "memory");
    assert_eq!(report["memory"], json!(id));
    assert_eq!(report["durationSeconds"], 86_400);
    assert_eq!(
        report["members"],
        json!([
            {"agent": "worker-1", "memberSeconds": 86_400, "present": true, "issues": [1], "tasksCompleted": 0},
            {"agent": "worker-2", "memberSeconds": 7_800, "present": false, "issues": [2], "tasksCompleted": 0},
        ])
    );
    assert_eq!(
        report["closed"],
        json!([
            {"issue": 1, "title": "Store", "agent": "worker-1", "tookSeconds": 7_800},
            {"issue": 2, "title": "Page", "agent": "worker-2", "tookSeconds": 7_800},
        ])
    );
    assert_eq!(
        report["escalations"],
        json!({"asked": 2, "decided": 1, "medianSeconds": 600})
    );
    assert_eq!(report["conflicts"], json!({"asked": 0, "decided": 0}));
    let counted = ["handoffs", "shares", "issuesPerDay"].map(|key| report[key].clone());
    assert_eq!(counted, [json!(1), json!(2), json!(2.0)]);
    let text = repo.read(&format!("memory/{id}.md"));
    assert!(
        text.contains("title: \"dashboard: 2 issues closed by 2 members in 1d\"")
            && text.contains("- Questions: 2, 1 decided, half within 10m\n")
            && text.contains("- worker-2: 2h, left, closed #2\n"),
        "{text}"
    );
    // A later one takes its place; on request there is none.
    repo.agent("worker-1", &["group", "share", "more=1"]).ok();
    assert_eq!(
        repo.agent("worker-1", &["group", "report", "-q"])
            .ok()
            .stdout
            .trim(),
        id
    );
    assert_eq!(only(&repo, "memory"), id);
    assert!(
        repo.read(&format!("memory/{id}.md"))
            .contains("Values shared: 3")
    );
    let printed = repo
        .ghp(&["group", "report", "dashboard", "--no-memory"])
        .ok()
        .stdout;
    assert!(
        printed.starts_with("dashboard: 2 issues closed by 2 members in 1d\n")
            && printed.contains("#1 Store (worker-1, 2h)\n")
            && !printed.contains("kept as"),
        "{printed}"
    );
    assert_eq!(only(&repo, "memory"), id);
    repo.ghp(&["memory", "search", "dashboard report"])
        .ok()
        .prints(tail(&id));
}

#[test]
fn the_log_is_the_groups_own() {
    let playground = Playground::new();
    let repo = a_day(&playground);
    let log = json(&repo, "", &["group", "log", "dashboard"]);
    let what: Vec<&str> = log["events"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|event| event["what"].as_str().expect("text"))
        .collect();
    assert_eq!(
        what,
        [
            "worker-2 leaves dashboard",
            "#2 closed: Page",
            "#1 closed: Store",
            "worker-1 shares port in dashboard",
            "worker-1 shares store in dashboard",
            "worker-2 joins dashboard",
            "goal for dashboard: Ten users",
            "worker-1 joins dashboard and coordinates it",
        ]
    );
    let members: Vec<(&Value, bool)> = log["members"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|member| (&member["agent"], member["until"].is_string()))
        .collect();
    assert_eq!(
        members,
        [(&json!("worker-1"), false), (&json!("worker-2"), true)]
    );
    // Whoever was taken off the board has left as well; what it does later is not the group's.
    repo.ghp(&["status", "rm", "worker-1"]).ok();
    playground.pass(1);
    repo.agent("worker-1", &["issue", "comment", "3", "Elsewhere"])
        .ok();
    let log = json(&repo, "", &["group", "log", "dashboard"]);
    assert!(log["members"][0]["until"].is_string(), "{log}");
    assert_eq!(log["events"][0]["what"], "worker-1 removed from the board");
    let two = json(&repo, "", &["group", "log", "dashboard", "-n", "2"]);
    assert_eq!(two["events"].as_array().map(Vec::len), Some(2));
    // A group of the same name is another group.
    repo.ghp(&["group", "disband", "dashboard"]).ok();
    playground.pass(1);
    repo.agent("worker-9", &["group", "join", "dashboard"]).ok();
    let events = json(&repo, "", &["group", "log", "dashboard"])["events"].clone();
    assert_eq!(events.as_array().map(Vec::len), Some(1), "{events}");
}

#[test]
fn closing_an_issue_offers_a_memory_where_something_was_learned() {
    let playground = Playground::new();
    let repo = a_day(&playground);
    let offer = |issue: &str| -> Value {
        repo.ghp(&["issue", "reopen", issue]).ok();
        json(&repo, "", &["issue", "close", issue])["next"].clone()
    };
    assert_eq!(offer("1"), "ghp next");
    assert_eq!(offer("2"), "ghp memory add \"What was learned\" --issue 2");
    repo.ghp(&["memory", "add", "Port 80", "--issue", "2"]).ok();
    assert_eq!(offer("2"), "ghp next");
    // An open question teaches nothing.
    repo.ghp(&["escalate", "Now?", "-i", "1"]).ok();
    assert_eq!(offer("1"), "ghp next");
}

/// A person's git is at work in the documents' worktree, so that no checkpoint can be made.
#[test]
fn the_log_has_what_is_in_no_commit_yet() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("a", &["group", "join", "team"]).ok();
    repo.agent("x", &["group", "join", "other"]).ok();
    let lock = repo.dir.join(".git/worktrees/ghp/index.lock");
    std::fs::write(&lock, "").expect("a lock");
    repo.agent("a", &["group", "share", "k=1"]).ok();
    repo.agent("x", &["group", "share", "k=1"]).ok();
    let log = repo.ghp(&["group", "log", "team", "--json"]);
    let log = log.ok().says("in no commit yet").json();
    assert_eq!(log["events"][0]["what"], "a shares k in team", "{log}");
    assert_eq!(log["members"][0]["agent"], "a", "{log}");
    std::fs::remove_file(&lock).expect("our own lock");
}
