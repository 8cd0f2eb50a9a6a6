//! The pre-commit framework and GitHub Actions.

use super::{repo, write};
use crate::support::Playground;

#[test]
fn the_frameworks_file_is_extended_and_given_back() {
    let playground = Playground::new();
    let repo = repo(&playground);
    let path = repo.dir.join(".pre-commit-config.yaml");
    let text = || std::fs::read_to_string(&path).expect("a file");
    repo.ghp(&["install", "pre-commit"]).ok();
    assert!(text().contains("entry: ghp check --staged"), "{}", text());
    repo.ghp(&["install", "pre-commit", "--remove"]).ok();
    assert!(!path.exists());
    let theirs =
        "# ours\nrepos:\n  - repo: https://example.com/x\n    rev: v1\n    hooks:\n      - id: x\n";
    write(&repo, ".pre-commit-config.yaml", theirs);
    repo.ghp(&["install", "pre-commit"]).ok();
    let with = text();
    assert!(
        with.starts_with(theirs) && with.len() > theirs.len(),
        "{with}"
    );
    repo.ghp(&["install", "pre-commit"]).ok();
    repo.ghp(&["install", "pre-commit", "--check"]).ok();
    assert_eq!(text(), with);
    repo.ghp(&["install", "pre-commit", "--remove"]).ok();
    assert_eq!(text(), theirs);
    repo.ghp(&["install", "pre-commit", "--check"]).exit(8);
    let flow = "repos: [{repo: local, hooks: []}]\n";
    write(&repo, ".pre-commit-config.yaml", flow);
    repo.ghp(&["install", "pre-commit"])
        .exit(65)
        .says("left as it is");
    assert_eq!(text(), flow);
    // One file that cannot be read does not hide the others.
    repo.ghp(&["install"]).ok().prints("github-actions");
}

#[test]
fn the_workflow_is_ours_alone() {
    let playground = Playground::new();
    let repo = repo(&playground);
    let path = repo.dir.join(".github/workflows/ghp.yml");
    repo.ghp(&["install", "github-actions"])
        .ok()
        .prints("GHP_SOURCE");
    let text = std::fs::read_to_string(&path).expect("a workflow");
    assert!(
        text.contains("git fetch") && text.contains("--documents origin/ghp"),
        "{text}"
    );
    let printed = repo.ghp(&["install", "github-actions", "--print"]).ok();
    assert!(printed.stdout.contains(text.trim_end()), "{printed}");
    repo.ghp(&["install", "github-actions", "--remove"]).ok();
    assert!(!repo.dir.join(".github").exists());
    write(&repo, ".github/workflows/ghp.yml", "name: theirs\n");
    repo.ghp(&["install", "github-actions"]).exit(77);
    repo.ghp(&["install", "github-actions", "--remove"]).ok();
    assert_eq!(
        std::fs::read_to_string(&path).expect("there"),
        "name: theirs\n"
    );
}
