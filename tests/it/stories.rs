//! Whole stories: the founding document's hierarchy at work, the demo, and README.md as it is typed.

mod readme;

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{GHP, Playground, Repo, Run, eventually, finish};

/// bash with our ghp first on its path.
fn bash(playground: &Playground, dir: &Path, script: &str) -> Command {
    let path = std::env::var("PATH").expect("PATH is set");
    let ours = Path::new(GHP).parent().expect("a folder").display();
    let mut command = playground.command("bash", dir);
    command
        .env("PATH", format!("{ours}:{path}"))
        .args(["-c", script]);
    command
}

fn json(repo: &Repo, words: &[&str]) -> Value {
    let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
    repo.ghp(&words).ok().json()
}

/// Does the first issue, asks on the way, then takes over the second.
const WORKER_1: &str = r#"
set -eu
ghp prime | grep -q 'Issue #2 "Dashboard command"'
cd "$(ghp start 2 --worktree -q)"
ghp status set implementing -m "Created dashboard command skeleton"
mkdir -p src/dashboard
echo skeleton > src/dashboard/mod.rs
git add -A && git commit -q -m "Dashboard skeleton"
store=$(ghp escalate "Which store?" -o SQLite -o "Plain files" --wait 60)
test "$store" = "Plain files"
echo "$store" > src/dashboard/store
git add -A && git commit -q -m "Store: $store"
ghp issue close -q
ghp inbox --kind handoff --wait 60 -q
cd "$(ghp accept -q)"
ghp heartbeat -m "Writing tests"
echo tests > src/metrics/tests.rs
git add -A && git commit -q -m "Tests of the API"
ghp issue close -q
"#;

/// Waits for the first issue, does part of the second and gives it on.
const WORKER_2: &str = r#"
set -eu
ghp status set blocked -i 3 -m "Waiting for #2 to complete" --blocked-on 2 --wait 60
cd "$(ghp start 3 --worktree -q)"
mkdir -p src/metrics
echo api > src/metrics/api.rs
git add -A && git commit -q -m "API"
ghp handoff worker-1 -m "The API stands; it needs tests" -q
"#;

#[test]
fn human_orchestrator_epic_and_two_workers() {
    let playground = Playground::new();
    let repo = playground.repo();
    let main = repo.git(&["rev-parse", "main"]);
    // The human names who leads; the orchestrator makes the epic, its manager the parts.
    repo.ghp(&["config", "set", "coordination.orchestrators", "[\"lead\"]"])
        .ok();
    repo.agent("lead", &["issue", "new", "Dashboards"]).ok();
    repo.agent("lead", &["assign", "1", "epic-dash"]).ok();
    let epic = |words: &[&str]| repo.agent("epic-dash", words).ok();
    epic(&[
        "issue",
        "new",
        "Dashboard command",
        "--parent",
        "1",
        "--scope",
        "src/dashboard/**",
    ]);
    epic(&[
        "issue",
        "new",
        "Metrics API",
        "--parent",
        "1",
        "--blocked-by",
        "2",
        "--scope",
        "src/metrics/**",
    ]);
    epic(&["assign", "2", "worker-1"]);
    epic(&["assign", "3", "worker-2"]);
    epic(&[
        "status",
        "set",
        "waiting",
        "-i",
        "1",
        "-m",
        "Two workers are on it",
    ]);
    let worker = |name: &str, script: &str| {
        let mut command = bash(&playground, &repo.dir, script);
        command.env("GHP_AGENT", name);
        command
    };
    let (mut first, mut second) = (worker("worker-1", WORKER_1), worker("worker-2", WORKER_2));
    let (first, second): (Run, Run) = std::thread::scope(|scope| {
        let first = scope.spawn(|| finish(&mut first, b""));
        let second = scope.spawn(|| finish(&mut second, b""));
        lead_them(&repo);
        (
            first.join().expect("worker-1"),
            second.join().expect("worker-2"),
        )
    });
    drop((first.ok(), second.ok()));
    // The dispossessed one hears of it and lets go; the epic and its manager come to an end.
    repo.agent("worker-2", &["heartbeat"])
        .exit(6)
        .says("#3 is worker-1's now");
    repo.agent("worker-2", &["release", "3"]).ok();
    repo.agent("worker-2", &["heartbeat"]).silent();
    epic(&["issue", "close", "1"]);
    assert_eq!(json(&repo, &["issues"])["issues"], json!([]));
    let board = json(&repo, &["status"]);
    assert_eq!(board["waiting"], 0);
    let status = |agent: &str| repo.status()["agents"][agent]["status"].clone();
    assert_eq!(
        (status("worker-1"), status("epic-dash")),
        (json!("done"), json!("done"))
    );
    // Everybody's decisions are in the history, under their names.
    let log = json(&repo, &["log"]);
    for name in ["Ana", "lead", "epic-dash", "worker-1", "worker-2"] {
        let events = log["events"].as_array().expect("a list");
        assert!(
            events.iter().any(|event| event["by"] == name),
            "{name} is not in {log}"
        );
    }
    // The code is where it belongs, and the documents are in none of its branches.
    assert_eq!(repo.git(&["rev-parse", "main"]), main);
    assert_eq!(
        repo.git(&["log", "--format=%s", "main..worker-2/3-metrics-api"]),
        "Tests of the API\nAPI\n"
    );
    let store = repo.git(&["show", "worker-1/2-dashboard-command:src/dashboard/store"]);
    assert_eq!(store, "Plain files\n");
    for branch in [
        "main",
        "worker-1/2-dashboard-command",
        "worker-2/3-metrics-api",
    ] {
        assert!(
            !repo
                .git(&["ls-tree", "-r", "--name-only", branch])
                .contains(".ghp"),
            "{branch}"
        );
    }
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    repo.ghp(&["doctor"]).ok();
}

/// What the human and the orchestrator see and do meanwhile.
fn lead_them(repo: &Repo) {
    eventually("worker-2 is blocked on #2", || {
        let board = json(repo, &["status"]);
        let rows = board["agents"].as_array().expect("a list").clone();
        rows.iter()
            .any(|row| row["agent"] == "worker-2" && row["blockedOn"] == json!([2]))
    });
    let inbox = json(repo, &["inbox", "--kind", "escalation", "--wait", "60"]);
    let question = &inbox["items"][0];
    assert_eq!(
        (&question["title"], &question["from"]),
        (&json!("Which store?"), &json!("worker-1"))
    );
    repo.ghp(&["answer", "2", "-m", "People can read them"])
        .ok();
}

#[test]
fn the_demo_runs_to_its_end() {
    let playground = Playground::new();
    let play = |words: &[&str]| {
        let mut command = playground.command(GHP, playground.path());
        // It waits for silence, which with a fixed clock would never come.
        finish(command.args(words).env_remove("GHP_NOW"), b"").ok()
    };
    let run = play(&["demo"]);
    for words in [
        "ghp init",
        "ghp start 1 --worktree",
        "ghp escalate",
        "ghp answer",
        "ghp handoff",
        "ghp accept",
        "ghp session new planning-1 --backend process",
        "ghp workflow run plan-review-code-test-deploy",
        "12 tests pass, one of them new.",
        "ghp session stop planning-1",
        "ghp stale --apply",
        "ghp log",
    ] {
        assert!(run.stdout.contains(words), "no {words} in {run}");
    }
    let scratch = || {
        let folder = std::fs::read_dir(playground.path()).expect("a folder");
        let names = folder.map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        });
        names
            .filter(|name| name.starts_with("ghp-demo"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        scratch(),
        Vec::<String>::new(),
        "it cleans up behind itself"
    );
    let kept = play(&["demo", "--keep", "--json"]);
    assert_eq!(scratch().len(), 1);
    let last: Value =
        serde_json::from_str(kept.stdout.lines().last().expect("a line")).expect("JSON");
    let repo = last["kept"].as_str().expect("a folder");
    let mut doctor = playground.command(GHP, Path::new(repo));
    finish(
        doctor
            .args(["doctor"])
            .env_remove("GHP_NOW")
            .stdin(Stdio::null()),
        b"",
    )
    .ok();
}
