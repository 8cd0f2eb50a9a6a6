//! Repositories that libgit2 does not read: exit 7 with the reason, and nothing made.

use crate::support::{Playground, skip};

fn refused(what: &str, words: &[&str], reason: &[&str]) {
    let playground = Playground::new();
    let seed = playground.bare_of_documents("seed");
    let repo = seed.at("app");
    let made = seed.try_git(&[&["init", "-q"], words, &["../app"]].concat());
    if made.code != Some(0) {
        skip(what, "this git cannot make one");
        return;
    }
    let run = repo.ghp(&["init"]).exit(7);
    let said = run.stderr.to_lowercase();
    assert!(reason.iter().any(|word| said.contains(word)), "{run}");
    repo.ghp(&["status"]).exit(7);
    repo.agent("worker-1", &["heartbeat"]).exit(7);
    assert!(!repo.documents().exists());
    assert!(!repo.git(&["branch", "--list", "ghp"]).contains("ghp"));
}

#[test]
fn reftable() {
    refused(
        "a repository with reftable",
        &["--ref-format=reftable"],
        &["reftable", "refstorage"],
    );
}

#[test]
fn sha256() {
    refused(
        "a repository with SHA-256",
        &["--object-format=sha256"],
        &["sha256", "objectformat", "object format"],
    );
}
