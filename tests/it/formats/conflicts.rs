//! A person merged the branch of documents with plain git, and git left its marks in the status document.

use serde_json::Value;

use crate::support::{Playground, Repo};

/// A merge by git alone, in one of its styles, that stopped at agent-status.json.
fn in_conflict<'p>(playground: &'p Playground, style: &str) -> Repo<'p> {
    let repo = playground.repo();
    repo.agent(
        "worker-1",
        &["status", "set", "planning", "-i", "1", "-m", "base"],
    )
    .silent();
    repo.agent(
        "worker-5",
        &["status", "set", "planning", "-m", "untouched"],
    )
    .silent();
    repo.ghp(&["log"]).ok();
    repo.git(&["worktree", "add", "-q", "-b", "side", "../side", "ghp"]);
    playground.pass(60);
    repo.agent(
        "worker-1",
        &["status", "set", "testing", "-i", "1", "-m", "ours"],
    )
    .silent();
    repo.agent("worker-3", &["status", "set", "working", "-m", "ours too"])
        .silent();
    repo.ghp(&["log"]).ok();

    let side = repo.at("side");
    let path = side.dir.join("agent-status.json");
    let mut theirs: Value =
        serde_json::from_str(&std::fs::read_to_string(&path).expect("a document")).expect("JSON");
    theirs["agents"]["worker-1"]["lastAction"] = "theirs, later".into();
    theirs["agents"]["worker-1"]["timestamp"] = "2026-01-25T10:40:00Z".into();
    theirs["agents"]["worker-2"] = serde_json::json!({"issue": 2, "status": "reviewing", "lastAction": "theirs too", "timestamp": "2026-01-25T10:31:30Z"});
    let text = serde_json::to_string_pretty(&theirs).expect("JSON") + "\n";
    std::fs::write(&path, text).expect("a document");
    side.git(&["commit", "-q", "-a", "-m", "Their side"]);

    for key in ["merge.ghp.driver", "merge.ghp.name"] {
        repo.git(&["config", "--unset", key]);
    }
    let documents = repo.at("app/.ghp");
    let merge = documents.try_git(&[
        "-c",
        &format!("merge.conflictStyle={style}"),
        "merge",
        "side",
    ]);
    assert_eq!(merge.code, Some(1), "{merge}");
    let text = repo.read("agent-status.json");
    assert!(
        text.contains("<<<<<<<") && text.contains(">>>>>>>"),
        "{text}"
    );
    assert_eq!(text.contains("|||||||"), style != "merge", "{text}");
    repo
}

#[track_caller]
fn is_merged(repo: &Repo<'_>) {
    let status = repo.status();
    for (agent, last) in [
        ("worker-1", "theirs, later"),
        ("worker-2", "theirs too"),
        ("worker-3", "ours too"),
        ("worker-5", "untouched"),
    ] {
        assert_eq!(status["agents"][agent]["lastAction"], last, "{status}");
    }
}

#[test]
fn row_20_gits_marks_are_merged_by_agent_at_the_next_write() {
    for style in ["merge", "diff3", "zdiff3"] {
        let playground = Playground::new();
        let repo = in_conflict(&playground, style);
        let board = repo.ghp(&["status", "--json"]).ok().json();
        assert_eq!(board["agents"].as_array().map(Vec::len), Some(4), "{style}");
        repo.agent("worker-4", &["heartbeat"])
            .ok()
            .says("conflict markers");
        is_merged(&repo);
        repo.agent("worker-4", &["heartbeat"]).silent();
    }
}

#[test]
fn in_the_middle_of_a_merge_decisions_work_and_checkpoints_wait() {
    let playground = Playground::new();
    let repo = in_conflict(&playground, "merge");
    repo.agent("worker-4", &["status", "set", "testing", "-m", "meanwhile"])
        .ok()
        .says("conflict markers");
    is_merged(&repo);
    repo.agent("worker-4", &["escalate", "Which store?"]).ok();
    let before = repo.git(&["rev-parse", "ghp"]);
    repo.ghp(&["log"]).ok().prints("Which store?").says("merge");
    assert_eq!(
        repo.git(&["rev-parse", "ghp"]),
        before,
        "a checkpoint did not wait"
    );
    let documents = repo.at("app/.ghp");
    documents.git(&["add", "-A"]);
    documents.git(&["commit", "-q", "-m", "Merged"]);
    let log = repo.ghp(&["log"]).ok().prints("Which store?");
    assert_eq!(log.stderr, "", "{log}");
    is_merged(&repo);
    assert_eq!(documents.git(&["status", "--porcelain"]), "");
    assert!(
        repo.git(&["log", "--format=%s", "ghp"])
            .contains("Which store?")
    );
}

#[test]
fn marks_in_other_documents_are_left_to_the_person() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard"]).ok();
    repo.ghp(&["issue", "new", "Other"]).ok();
    let marked =
        "---\n<<<<<<< HEAD\ntitle: A\n=======\ntitle: B\n>>>>>>> side\nstatus: open\n---\n";
    repo.write("issues/1.md", marked);
    repo.ghp(&["issue", "comment", "1", "x"])
        .exit(65)
        .says("issues/1.md")
        .says("line 2");
    assert_eq!(repo.read("issues/1.md"), marked);
    repo.ghp(&["issue", "comment", "2", "x"]).ok();
}
