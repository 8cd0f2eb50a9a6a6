//! Pushes: what pre-push lets out and pre-receive lets in.

use std::path::Path;

use super::{DASHBOARD, METRICS, commit, git, issue, repo, run, worktree, write};
use crate::support::{Playground, Repo, Run};

/// Commits without being checked, but signed as git's hook would have.
fn slip(at: &Repo<'_>, path: &str, agent: &str, number: u64) {
    write(at, path, &format!("{agent} {number}"));
    at.git(&["add", path]);
    let text = format!("Slip {path}\n\nAgent: {agent}\nIssue: #{number}");
    at.git(&[
        "-c",
        "core.hooksPath=/dev/null",
        "commit",
        "-q",
        "-m",
        &text,
    ]);
}

fn push(at: &Repo<'_>, words: &[&str]) -> Run {
    at.try_git(&[&["push", "-q", "origin"], words].concat())
}

/// A shared bare repository that has the main branch and the documents.
fn shared<'p>(repo: &Repo<'p>) -> Repo<'p> {
    repo.git(&["init", "-q", "--bare", "../shared.git"]);
    repo.git(&["remote", "add", "origin", "../shared.git"]);
    publish(repo);
    repo.git(&[
        "-c",
        "core.hooksPath=/dev/null",
        "push",
        "-q",
        "origin",
        "main",
    ]);
    repo.at("shared.git")
}

/// The documents as they are now, to the shared repository.
fn publish(repo: &Repo<'_>) {
    repo.ghp(&["log"]).ok();
    repo.git(&["push", "-q", "origin", "ghp"]);
}

#[test]
fn what_goes_out() {
    let playground = Playground::new();
    let repo = repo(&playground);
    shared(&repo);
    repo.ghp(&["install", "git"]).ok();
    let one = worktree(&repo, "worker-1", DASHBOARD);
    let two = worktree(&repo, "worker-2", METRICS);
    commit(&one, "src/dashboard/a", "a").silent();
    push(&one, &[DASHBOARD]).silent();
    commit(&two, "src/metrics/a", "a").silent();
    push(&two, &[METRICS]).silent();
    // A commit past the first check is met here, on a branch that exists and on a new one.
    slip(&one, "README.md", "worker-1", 147);
    push(&one, &[DASHBOARD])
        .exit(1)
        .says("README.md  needs approval")
        .says("(worker-1, ");
    push(&one, &["HEAD:refs/heads/new"])
        .exit(1)
        .says("README.md");
    push(&one, &["--no-verify", "HEAD:refs/heads/other"]).ok();
    one.git(&["reset", "-q", "--hard", "HEAD~1"]);
    // Another history, and one that the other end alone knows.
    one.git(&["commit", "-q", "--amend", "-m", "again"]);
    push(&one, &["--force", DASHBOARD]).silent();
    repo.git(&["clone", "-q", "../shared.git", "../elsewhere"]);
    let elsewhere = repo.at("elsewhere");
    elsewhere.git(&["switch", "-q", DASHBOARD]);
    commit(&elsewhere, "src/dashboard/z", "elsewhere").ok();
    push(&elsewhere, &[DASHBOARD]).ok();
    one.git(&["commit", "-q", "--amend", "-m", "once more"]);
    push(&one, &["--force", DASHBOARD]).silent();
    // Deletions, tags, the documents.
    push(&one, &["--delete", "other"]).silent();
    one.git(&["tag", "v1"]);
    push(&one, &["v1"]).silent();
    push(&one, &["ghp"]).silent();
    // Another's branch, and the protected one.
    push(&one, &["--force", &format!("HEAD:refs/heads/{METRICS}")])
        .exit(1)
        .says("worker-2");
    push(&one, &["HEAD:refs/heads/main"])
        .exit(1)
        .says("main is protected");
}

#[test]
fn what_others_made_was_judged_where_they_made_it() {
    let playground = Playground::new();
    let repo = repo(&playground);
    shared(&repo);
    repo.ghp(&["install", "git"]).ok();
    let one = worktree(&repo, "worker-1", DASHBOARD);
    let two = worktree(&repo, "worker-2", METRICS);
    commit(&one, "src/dashboard/a", "a").silent();
    commit(&two, "src/metrics/a", "a").silent();
    // A person brings both to main, one of them without a merge, and adds to a shared file.
    repo.git(&["merge", "-q", "--ff-only", DASHBOARD]);
    repo.git(&["merge", "-q", "--no-edit", METRICS]);
    commit(&repo, "README.md", "by a person").silent();
    push(&repo, &["main"]).silent();
    // What main has is no worker's, in whatever way it comes.
    one.git(&["merge", "-q", "--no-edit", "main"]);
    commit(&one, "src/dashboard/b", "b").silent();
    push(&one, &[DASHBOARD]).silent();
    two.git(&["rebase", "-q", "main"]);
    commit(&two, "src/metrics/b", "b").silent();
    push(&two, &[METRICS]).silent();
    // An orchestrator may, too; a worker may not; and no agent brings what was refused.
    repo.git(&["merge", "-q", "--no-edit", DASHBOARD]);
    let words = ["push", "-q", "origin", "main"];
    run(git(&repo, words).env("GHP_AGENT", "worker-1"))
        .exit(1)
        .says("protected");
    run(git(&repo, words).env("GHP_AGENT", "lead")).silent();
    slip(&two, "src/dashboard/c", "worker-2", 148);
    repo.git(&["merge", "-q", "--no-edit", METRICS]);
    run(git(&repo, words).env("GHP_AGENT", "lead"))
        .exit(1)
        .says("src/dashboard/c")
        .says("worker-2");
    // A person is told, and decides.
    push(&repo, &["main"])
        .ok()
        .says("src/dashboard/c")
        .says("for you are a person");
}

/// What lies in the object store, and whether a push left anything half done.
fn objects(shared: &Repo<'_>) -> String {
    let left = std::fs::read_dir(shared.dir.join("objects")).expect("objects");
    let names = left.map(|entry| entry.expect("an entry").file_name().into_string());
    let left: Vec<String> = names
        .map(|name| name.expect("a name"))
        .filter(|name| name.contains("incoming") || name.contains("tmp"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    shared.git(&["count-objects", "-v"])
}

#[test]
fn what_comes_in() {
    let playground = Playground::new();
    let repo = repo(&playground);
    let shared = shared(&repo);
    shared.ghp(&["install", "git"]).ok();
    assert!(shared.dir.join("hooks/pre-receive").exists());
    assert!(!shared.dir.join("hooks/pre-commit").exists());
    shared.ghp(&["install", "git", "--check"]).ok();
    let one = worktree(&repo, "worker-1", DASHBOARD);
    slip(&one, "src/dashboard/a", "worker-1", 147);
    push(&one, &[DASHBOARD]).ok();
    let before = objects(&shared);
    slip(&one, "src/metrics/a", "worker-1", 147);
    for words in [
        &[DASHBOARD][..],
        &["--force", DASHBOARD],
        &["HEAD:refs/heads/new"],
        &["HEAD:refs/heads/main"],
    ] {
        let refused = push(&one, words).exit(1);
        assert!(
            refused.stderr.contains("src/metrics/a"),
            "{words:?}: {refused}"
        );
        assert!(
            refused.stderr.contains("pre-receive hook declined"),
            "{refused}"
        );
        assert_eq!(
            objects(&shared),
            before,
            "{words:?}: objects of a refused push"
        );
    }
    // Documents that come with the push grant nothing to it; those that came before do.
    repo.ghp(&["assign", "148", "worker-1"]).ok();
    issue(&repo, 148, "worker-1", "src/elsewhere/**", METRICS);
    repo.ghp(&["log"]).ok();
    push(&one, &[DASHBOARD, "ghp"])
        .exit(1)
        .says("src/metrics/a");
    push(&repo, &["ghp"]).ok();
    issue(&repo, 147, "worker-1", "src/**", DASHBOARD);
    publish(&repo);
    push(&one, &[DASHBOARD]).ok();
    // A history that is replaced, a deletion, a tag.
    one.git(&["reset", "-q", "--hard", "HEAD~1"]);
    slip(&one, "src/dashboard/b", "worker-1", 147);
    push(&one, &["--force", DASHBOARD]).ok();
    slip(&one, "README.md", "worker-1", 147);
    push(&one, &["--force", DASHBOARD])
        .exit(1)
        .says("README.md");
    one.git(&["tag", "v1"]);
    push(&one, &["v1"]).ok();
    push(&one, &["--delete", DASHBOARD]).ok();
    // A merge by a person, of what has not come in by itself.
    one.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(&["merge", "-q", "--no-ff", "--no-edit", DASHBOARD]);
    push(&repo, &["main"]).ok();
}

#[test]
fn a_shared_repository_without_documents_or_with_bad_ones_takes_everything() {
    let playground = Playground::new();
    let repo = repo(&playground);
    repo.git(&["init", "-q", "--bare", "../shared.git"]);
    repo.git(&["remote", "add", "origin", "../shared.git"]);
    let shared = repo.at("shared.git");
    shared.ghp(&["install", "git"]).ok();
    let one = worktree(&repo, "worker-1", DASHBOARD);
    slip(&one, "README.md", "worker-1", 147);
    push(&one, &[DASHBOARD]).silent();
    publish(&repo);
    repo.write("config.json", "{");
    let documents = repo.at("app/.ghp");
    documents.git(&["commit", "-q", "-m", "Broken", "config.json"]);
    repo.git(&["push", "-q", "origin", "ghp"]);
    slip(&one, "README.md", "worker-1", 148);
    push(&one, &[DASHBOARD])
        .ok()
        .says("this push was not checked");
    // What was there before gets all of its input.
    let hook = Path::new("hooks/pre-receive");
    shared.ghp(&["install", "git", "--remove"]).ok();
    let seen = playground.path().join("seen");
    super::program(
        &shared.dir.join(hook),
        &format!("#!/bin/sh\ncat >{}\n", seen.display()),
    );
    shared.ghp(&["install", "git"]).ok();
    push(&one, &["HEAD:refs/heads/x", "HEAD:refs/heads/y"]).ok();
    let seen = std::fs::read_to_string(seen).expect("it ran");
    assert_eq!(seen.lines().count(), 2, "{seen}");
}

#[test]
fn a_person_is_told_and_not_refused() {
    let playground = Playground::new();
    let repo = repo(&playground);
    let there = shared(&repo);
    repo.ghp(&["install", "git"]).ok();
    let one = worktree(&repo, "worker-1", DASHBOARD);
    slip(&one, "README.md", "worker-1", 1);
    let refused = push(&one, &[DASHBOARD]);
    assert_eq!(refused.code, Some(1), "{refused}");
    let from_main = push(&repo, &[DASHBOARD]).ok();
    assert!(from_main.stderr.contains("README.md"), "{from_main}");
    assert!(
        from_main.stderr.contains("for you are a person"),
        "{from_main}"
    );
    assert_eq!(
        there.git(&["rev-parse", DASHBOARD]),
        one.git(&["rev-parse", "HEAD"])
    );
    // In an agent's worktree a person is shown how to say so.
    write(&one, "README.md", "by a person");
    let run = one.try_git(&["commit", "-q", "-am", "Mend it"]);
    assert!(run.stderr.contains("GHP_AGENT=human git commit"), "{run}");
}
