//! Rule 10: what other agents have changed, at an edit, before a commit and over many files.

use serde_json::{Value, json};

use super::check::{rules, world, write};
use crate::support::{Playground, Repo, finish};

const FILE: &str = "src/both.rs";

/// Both agents may change [`FILE`]; their worktrees.
fn shared_by_both(playground: &Playground) -> (Repo<'_>, Repo<'_>, Repo<'_>) {
    let (repo, one) = world(playground);
    for (issue, own) in [("1", "src/dashboard/**"), ("2", "src/metrics/**")] {
        let words = [
            "issue",
            "edit",
            issue,
            "--scope",
            own,
            "--scope",
            FILE,
            "--scope",
            "src/many/**",
        ];
        repo.ghp(&words).ok();
    }
    let two = repo.at("app.caves/worker-2");
    (repo, one, two)
}

fn tool(at: &Repo<'_>, agent: &str, event: &str, tool: &str, input: Value) -> String {
    let told = json!({"session_id": agent, "cwd": at.dir, "hook_event_name": event, "tool_name": tool, "tool_input": input});
    let mut command = at.command(&["hook", "claude"]);
    let told = told.to_string();
    finish(command.env("GHP_AGENT", agent), told.as_bytes())
        .ok()
        .stdout
}

fn edit(at: &Repo<'_>, agent: &str) -> String {
    let path = at.dir.join(FILE);
    tool(
        at,
        agent,
        "PreToolUse",
        "Write",
        json!({"file_path": path, "content": "x"}),
    )
}

fn ran(at: &Repo<'_>, agent: &str) {
    assert_eq!(
        tool(at, agent, "PostToolUse", "Bash", json!({"command": "true"})),
        ""
    );
}

#[test]
fn before_an_edit_what_another_s_branch_holds() {
    let playground = Playground::new();
    let (repo, one, two) = shared_by_both(&playground);
    assert_eq!(edit(&two, "worker-2"), "");
    // Neither by a tool that says so, nor within the hour: by a command, and committed.
    write(&one, FILE, "one\n");
    one.git(&["add", "-A"]);
    one.git(&["commit", "-q", "-m", "One"]);
    ran(&one, "worker-1");
    playground.pass(3 * 3600);
    ran(&one, "worker-1");
    let said = edit(&two, "worker-2");
    assert!(
        said.contains("worker-1 has changed it too on worker-1/1-dashboard"),
        "{said}"
    );
    assert_eq!(edit(&one, "worker-1"), "");
    // Merged, it is everybody's.
    repo.git(&["merge", "-q", "--ff-only", "worker-1/1-dashboard"]);
    ran(&one, "worker-1");
    assert_eq!(edit(&two, "worker-2"), "");
}

#[test]
fn an_agent_that_is_no_more_at_work_is_in_nobody_s_way() {
    let playground = Playground::new();
    let (_, one, two) = shared_by_both(&playground);
    write(&one, FILE, "one\n");
    ran(&one, "worker-1");
    let told = json!({"file_path": one.dir.join(FILE)});
    tool(&one, "worker-1", "PostToolUse", "Write", told);
    two.ghp(&["check", FILE]).exit(4);
    assert!(edit(&two, "worker-2").contains("worker-1 has changed it too"));
    one.ghp(&["status", "set", "done"]).ok();
    two.ghp(&["check", FILE]).silent();
    assert_eq!(edit(&two, "worker-2"), "");
    one.ghp(&["status", "set", "working"]).ok();
    two.ghp(&["check", FILE]).exit(4);
    // Expired: nobody has heard of it for longer than coordination.expireAfter.
    playground.pass(2 * 3600);
    two.ghp(&["heartbeat"]).silent();
    two.ghp(&["check", FILE]).silent();
}

#[test]
fn before_a_commit_what_another_s_worktree_holds() {
    let playground = Playground::new();
    let (_, one, two) = shared_by_both(&playground);
    write(&one, FILE, "not committed\n");
    write(&two, FILE, "two\n");
    two.git(&["add", "-A"]);
    let report = two.ghp(&["check", "--staged", "--json"]).exit(4).json();
    assert_eq!(rules(&report), [(FILE.to_owned(), "conflict".to_owned())]);
    // As its commit has it, it is no change; and what a sparse worktree leaves out is none.
    std::fs::remove_file(one.dir.join(FILE)).expect("removed");
    two.ghp(&["check", "--staged"]).silent();
    two.git(&["commit", "-q", "-m", "Two"]);
    one.git(&["merge", "-q", "--ff-only", "worker-2/2-metrics"]);
    one.git(&["sparse-checkout", "set", "src/dashboard"]);
    assert!(!one.dir.join("src/metrics").exists());
    two.git(&["reset", "-q", "--soft", "HEAD~1"]);
    write(&two, "src/metrics/api.rs", "two\n");
    let report = two
        .ghp(&["check", "--json", "src/metrics/api.rs"])
        .ok()
        .json();
    assert_eq!(
        rules(&report),
        [("src/metrics/api.rs".to_owned(), "owner".to_owned())]
    );
}

#[test]
fn of_many_files_what_another_has_committed() {
    let playground = Playground::new();
    let (_, one, two) = shared_by_both(&playground);
    write(&one, "src/many/7.rs", "one\n");
    one.git(&["add", "-A"]);
    one.git(&["commit", "-q", "-m", "One"]);
    for number in 0..100 {
        write(&two, &format!("src/many/{number}.rs"), "two\n");
    }
    two.git(&["add", "-A"]);
    let report = two.ghp(&["check", "--staged", "--json"]).exit(4).json();
    let told = rules(&report);
    assert_eq!(told.len(), 100);
    let conflicts: Vec<_> = told.iter().filter(|(_, rule)| rule == "conflict").collect();
    assert_eq!(
        conflicts,
        [&("src/many/7.rs".to_owned(), "conflict".to_owned())]
    );
}

#[test]
fn a_protected_branch_by_a_glob_and_a_rebase_by_its_own() {
    let playground = Playground::new();
    let (repo, one) = world(&playground);
    repo.ghp(&[
        "config",
        "set",
        "coordination.protectedBranches",
        "[\"main\", \"release/*\"]",
    ])
    .ok();
    one.ghp(&["check", "--branch", "release/1.0", "src/dashboard/a.rs"])
        .exit(3)
        .prints("release/1.0 is protected");
    // HEAD is detached in a rebase; the branch is the one that is rebased.
    write(&one, "src/dashboard/a.rs", "one\n");
    one.git(&["commit", "-q", "-am", "One"]);
    write(&repo, "src/dashboard/a.rs", "main\n");
    repo.git(&["commit", "-q", "-am", "Main"]);
    assert_ne!(one.try_git(&["rebase", "-q", "main"]).code, Some(0));
    let report = one
        .ghp(&["check", "--json", "src/dashboard/a.rs"])
        .ok()
        .json();
    assert_eq!(report["branch"], "worker-1/1-dashboard");
    one.git(&["rebase", "--abort"]);
    one.git(&["checkout", "-q", "--detach"]);
    one.ghp(&["check", "src/dashboard/a.rs"])
        .exit(3)
        .prints("HEAD is detached");
}
