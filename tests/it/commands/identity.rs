//! Who is calling: the order of the rules, agents without a name, names that are none.

use super::{Refusal, json, refused};
use crate::support::{Playground, Repo, Run, finish};

fn with(repo: &Repo, variable: &str, value: &str, words: &[&str]) -> Run {
    let mut command = repo.command(words);
    finish(command.env(variable, value), b"")
}

#[test]
fn the_flag_before_the_environment_before_the_label_before_nobody() {
    let playground = Playground::new();
    let repo = playground.repo();
    let labelled = repo.worktree("labelled");
    labelled.ghp(&["whoami", "--set", "by-label"]).ok();
    for (run, agent, rule) in [
        (
            labelled.agent("by-env", &["whoami", "--json", "--agent", "by-flag"]),
            "by-flag",
            "--agent",
        ),
        (
            labelled.agent("by-env", &["-t", "by-flag", "whoami", "--json"]),
            "by-flag",
            "--agent",
        ),
        (
            labelled.agent("by-env", &["whoami", "--json"]),
            "by-env",
            "GHP_AGENT",
        ),
        (
            labelled.ghp(&["whoami", "--json"]),
            "by-label",
            "the label of this worktree",
        ),
        (
            repo.ghp(&["whoami", "--json"]),
            "human",
            "no name and no agent's marker",
        ),
    ] {
        let run = run.ok();
        let report = run.json();
        assert_eq!(report["agent"], agent, "{run}");
        assert_eq!(report["foundBy"], rule, "{run}");
    }
}

#[test]
fn whoami_says_where_and_why() {
    let playground = Playground::new();
    let repo = playground.repo();
    let worktree = repo.worktree("one");
    worktree.ghp(&["whoami", "--set", "worker-1"]).ok();
    worktree.ghp(&["heartbeat", "-i", "147"]).silent();
    let report = json(&worktree, "", &["whoami"]);
    assert_eq!(
        super::keys(&report),
        [
            "agent",
            "foundBy",
            "role",
            "issue",
            "branch",
            "worktree",
            "documents"
        ]
    );
    assert_eq!(report["role"], "worker");
    assert_eq!(report["issue"], 147);
    assert_eq!(report["branch"], "one");
    let real = |path: std::path::PathBuf| path.canonicalize().expect("a folder");
    assert_eq!(
        report["worktree"],
        *real(worktree.dir.clone()).to_string_lossy()
    );
    assert_eq!(
        report["documents"],
        *real(repo.documents()).to_string_lossy()
    );
    assert_eq!(worktree.ghp(&["whoami", "-q"]).ok().stdout, "worker-1\n");
    worktree.ghp(&["whoami", "--unset"]).ok();
    let human = json(&worktree, "", &["whoami"]);
    assert_eq!(human["agent"], "human");
    assert_eq!(human["person"], "Ana");
    assert_eq!(human["role"], "human");
}

#[test]
fn two_agents_never_share_a_checkout() {
    let playground = Playground::new();
    let repo = playground.repo();
    let worktree = repo.worktree("one");
    worktree.ghp(&["whoami", "--set", "worker-1"]).ok();
    worktree.ghp(&["whoami", "--set", "worker-1"]).ok();
    refused(
        &worktree,
        "",
        &["whoami", "--set", "worker-2"],
        &Refusal {
            exit: 4,
            code: "CLAIM_HELD",
            says: "this worktree is worker-1's",
            next: "ghp start N --worktree",
        },
    );
    assert_eq!(json(&worktree, "", &["whoami"])["agent"], "worker-1");
}

/// One variable of each harness.
const MARKERS: [&str; 11] = [
    "CLAUDECODE",
    "CLAUDE_CODE_SESSION_ID",
    "CODEX_CI",
    "CODEX_SANDBOX",
    "CODEX_SANDBOX_NETWORK_DISABLED",
    "CODEX_THREAD_ID",
    "CODEX_OF_A_LATER_VERSION",
    "GEMINI_SESSION_ID",
    "OPENCODE",
    "AI_AGENT",
    "GHP_SESSION",
];

#[test]
fn a_harness_without_a_name_is_an_unnamed_agent() {
    let playground = Playground::new();
    let repo = playground.repo();
    for marker in MARKERS {
        let run = with(&repo, marker, "1", &["heartbeat", "--json"]).exit(2);
        assert_eq!(run.json()["error"]["code"], "NO_AGENT", "{marker}: {run}");
        let report = with(&repo, marker, "1", &["whoami", "--json"]).ok().json();
        assert!(report.get("agent").is_none(), "{marker}: {report}");
        assert_eq!(report["role"], "worker");
        with(&repo, marker, "1", &["prime"])
            .ok()
            .prints("GHP_AGENT=worker-1")
            .prints("ghp whoami --set worker-1");
        // A name, whichever way it is said, makes it an agent like any other.
        with(&repo, marker, "1", &["-t", "worker-1", "heartbeat"]).silent();
    }
    assert_eq!(
        repo.status()["agents"]
            .as_object()
            .map(serde_json::Map::len),
        Some(1)
    );
}

#[test]
fn a_setting_that_a_person_exports_is_no_marker() {
    let playground = Playground::new();
    let repo = playground.repo();
    for setting in ["CODEX_HOME", "CODEX_API_KEY", "CODEX_SQLITE_HOME"] {
        let report = with(&repo, setting, "/c", &["whoami", "--json"]).ok();
        assert_eq!(report.json()["role"], "human", "{setting}: {report}");
        with(&repo, setting, "/c", &["issue", "new", "One"]).ok();
    }
}

#[test]
fn an_unnamed_agent_reads_and_never_writes() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One"]).ok();
    repo.agent("worker-1", &["heartbeat"]).silent();
    let id = super::ask(&repo, "worker-1", &["Which?"]);
    for words in [
        &["status"][..],
        &["stale"],
        &["log"],
        &["issues"],
        &["issue", "show", "1"],
        &["show", &id],
        &["escalations"],
        &["handoffs"],
        &["config", "list"],
        &["doctor"],
        &["help"],
    ] {
        with(&repo, "CLAUDECODE", "1", words).ok();
    }
    let before = super::documents(&repo);
    for words in [
        &["heartbeat"][..],
        &["status", "set", "testing"],
        &["status", "rm", "worker-1"],
        &["issue", "new", "Two"],
        &["issue", "edit", "1", "--title", "Other"],
        &["issue", "comment", "1", "Hello"],
        &["issue", "close", "1"],
        &["issue", "reopen", "1"],
        &["start", "1", "--worktree"],
        &["start", "1", "--worktree", "--for", "worker-2"],
        &["claim", "1"],
        &["assign", "1", "worker-2"],
        &["release", "1"],
        &["escalate", "Why?"],
        &["answer", &id, "yes"],
        &["resolve", &id, "yes"],
        &["reply", &id, "Because"],
        &["cancel", &id],
        &["handoff", "worker-2", "-i", "1"],
        &["accept"],
        &["config", "set", "mainBranch", "trunk"],
        &["restore", "issues/1.md", "--rev", "HEAD"],
    ] {
        let run = with(&repo, "CLAUDECODE", "1", words).exit(2);
        let run = run.says("must say its name").says("GHP_AGENT=worker-1");
        let run = run.says("ghp whoami --set worker-1");
        assert!(run.stdout.is_empty(), "{run}");
        assert_eq!(super::documents(&repo), before, "{run}");
    }
    // A human may be at such a keyboard too, and says so.
    with(
        &repo,
        "CLAUDECODE",
        "1",
        &["--agent", "human", "answer", &id, "yes"],
    )
    .ok();
    assert_eq!(json(&repo, "", &["show", &id])["by"], "Ana");
}

#[test]
fn names_that_are_none_and_words_that_are_reserved() {
    let playground = Playground::new();
    let repo = playground.repo();
    let long = "a".repeat(65);
    for name in [
        "Worker", "-x", ".x", "a b", "a..b", "a.lock", "wörker", "a/b", "../x", &long,
    ] {
        let run = repo.agent(name, &["heartbeat", "--json"]).exit(2);
        assert_eq!(run.json()["error"]["code"], "USAGE", "{run}");
        assert_eq!(run.json()["error"]["next"], "ghp help agents", "{run}");
    }
    for name in [
        "any", "all", "none", "set", "rm", "show", "list", "here", "ghp",
    ] {
        repo.agent(name, &["heartbeat"])
            .exit(2)
            .says("reserved word");
        repo.ghp(&["whoami", "--set", name])
            .exit(2)
            .says("reserved word");
    }
    repo.ghp(&["whoami", "--set", "human"])
        .exit(2)
        .says("reserved word");
    assert_eq!(repo.status()["agents"], serde_json::json!({}));
    // The longest that is one, and the oddest.
    for name in [&long[1..], "0", "a.b_c-d"] {
        repo.agent(name, &["heartbeat"]).silent();
    }
}

#[test]
fn a_verb_for_agents_tells_a_human_to_name_one() {
    let playground = Playground::new();
    let repo = playground.repo();
    for words in [
        &["heartbeat"][..],
        &["status", "set", "testing"],
        &["handoff", "worker-2"],
        &["accept"],
    ] {
        refused(
            &repo,
            "",
            words,
            &Refusal {
                exit: 2,
                code: "NO_AGENT",
                says: "you are the human here",
                next: "ghp --agent worker-1 status",
            },
        );
    }
}
