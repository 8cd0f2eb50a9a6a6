//! Clones: the branch of documents travels with git alone.

use std::path::Path;

use super::{peaceful, works};
use crate::support::{GHP, Playground, Repo, copy};

/// A repository with documents, pushed to a bare one.
fn with_hub(playground: &Playground) -> Repo<'_> {
    let repo = playground.repo();
    works(&repo, &repo.documents(), "worker-1");
    repo.git(&["init", "-q", "--bare", "../hub.git"]);
    let hub = playground.path().join("hub.git");
    repo.git(&["remote", "add", "origin", hub.to_str().expect("UTF-8")]);
    repo.git(&["push", "-q", "-u", "origin", "main", "ghp"]);
    repo
}

fn clone<'p>(repo: &Repo<'p>, name: &str) -> Repo<'p> {
    repo.git(&["clone", "-q", "../hub.git", &format!("../{name}")]);
    repo.at(name)
}

#[test]
fn a_clone_takes_the_remotes_branch() {
    let playground = Playground::new();
    let repo = with_hub(&playground);
    let other = clone(&repo, "other");
    let init = other.ghp(&["init", "--json"]).ok().json();
    assert_eq!(init["from"], "origin");
    other.ghp(&["status"]).ok().prints("worker-1");
    assert_eq!(
        other.git(&["rev-parse", "ghp"]),
        repo.git(&["rev-parse", "ghp"])
    );
    peaceful(&other, &other.documents());
    works(&other, &other.documents(), "worker-2");
    // The upstream is set: plain push and pull know where to.
    other.at("other/.ghp").git(&["push", "-q"]);
    repo.at("app/.ghp").git(&["pull", "-q"]);
    repo.ghp(&["status"]).ok().prints("worker-2");
    peaceful(&repo, &repo.documents());
    works(&repo, &repo.documents(), "worker-3");
}

/// Two clones in which different agents, and one agent differently, went on; the second pulls.
fn both_went_on<'p>(
    playground: &'p Playground,
    pull: &[&str],
    pending_beat: bool,
) -> (Repo<'p>, Repo<'p>) {
    let repo = with_hub(playground);
    let other = clone(&repo, "other");
    other.ghp(&["init"]).ok();
    repo.agent(
        "worker-1",
        &["status", "set", "testing", "-i", "1", "-m", "here"],
    )
    .ok();
    repo.agent("worker-3", &["status", "set", "working", "-m", "here too"])
        .ok();
    repo.ghp(&["log"]).ok();
    repo.at("app/.ghp").git(&["push", "-q"]);
    playground.pass(60);
    other
        .agent(
            "worker-2",
            &["status", "set", "reviewing", "-i", "2", "-m", "there"],
        )
        .ok();
    other
        .agent(
            "worker-1",
            &["status", "set", "implementing", "-m", "there, later"],
        )
        .ok();
    other.ghp(&["log"]).ok();
    if pending_beat {
        playground.pass(5);
        other.agent("worker-2", &["heartbeat"]).silent();
    }
    other
        .at("other/.ghp")
        .git(&[&["pull", "-q"], pull].concat());
    (repo, other)
}

#[track_caller]
fn both_are_there(repo: &Repo<'_>) {
    let status = repo.status();
    for (agent, last) in [
        ("worker-1", "there, later"),
        ("worker-2", "there"),
        ("worker-3", "here too"),
    ] {
        assert_eq!(status["agents"][agent]["lastAction"], last, "{status}");
    }
}

#[test]
fn plain_pull_merges_by_agent() {
    for pull in ["--no-rebase", "--rebase"] {
        for pending_beat in [false, true] {
            let playground = Playground::new();
            let (repo, other) = both_went_on(&playground, &[pull], pending_beat);
            both_are_there(&other);
            let text = other.read("agent-status.json");
            assert!(!text.contains("<<<<"), "{text}");
            works(&other, &other.documents(), "worker-4");
            other.at("other/.ghp").git(&["push", "-q"]);
            repo.at("app/.ghp").git(&["pull", "-q", pull]);
            both_are_there(&repo);
            works(&repo, &repo.documents(), "worker-5");
            repo.ghp(&["doctor"]).ok();
        }
    }
}

#[test]
fn pull_before_a_checkpoint_loses_nothing() {
    let playground = Playground::new();
    let repo = with_hub(&playground);
    let other = clone(&repo, "other");
    other.ghp(&["init"]).ok();
    repo.agent("worker-1", &["status", "set", "testing", "-m", "here"])
        .ok();
    repo.ghp(&["log"]).ok();
    repo.at("app/.ghp").git(&["push", "-q"]);
    other
        .agent("worker-2", &["status", "set", "testing", "-m", "pending"])
        .ok();
    let documents = other.at("other/.ghp");
    // Git refuses to overwrite what is in no commit yet.
    let early = documents.try_git(&["pull", "-q", "--no-rebase"]);
    assert_eq!(
        other.status()["agents"]["worker-2"]["lastAction"],
        "pending",
        "{early}"
    );
    other.ghp(&["log"]).ok();
    documents.git(&["pull", "-q", "--no-rebase"]);
    assert_eq!(
        other.status()["agents"]["worker-2"]["lastAction"],
        "pending"
    );
    assert_eq!(other.status()["agents"]["worker-1"]["lastAction"], "here");
}

#[test]
fn clones_initialised_apart_merge() {
    let playground = Playground::new();
    let seed = playground.bare_of_documents("seed");
    seed.git(&["clone", "-q", "--bare", ".", "../hub.git"]);
    let (one, two) = (clone(&seed, "one"), clone(&seed, "two"));
    for (repo, agent) in [(&one, "worker-1"), (&two, "worker-2")] {
        repo.ghp(&["init"]).ok();
        works(repo, &repo.documents(), agent);
    }
    one.at("one/.ghp")
        .git(&["push", "-q", "-u", "origin", "ghp"]);
    let documents = two.at("two/.ghp");
    documents.git(&["pull", "-q", "--no-rebase", "origin", "ghp"]);
    let status = two.status();
    assert!(
        status["agents"]["worker-1"].is_object() && status["agents"]["worker-2"].is_object(),
        "{status}"
    );
    works(&two, &two.documents(), "worker-3");
    two.ghp(&["escalations"])
        .ok()
        .prints("Question of worker-1?")
        .prints("Question of worker-2?");
    two.ghp(&["doctor"]).ok();
}

#[test]
fn a_clone_without_the_program_works_with_git_alone() {
    for gone in [false, true] {
        let playground = Playground::new();
        let repo = with_hub(&playground);
        let other = clone(&repo, "other");
        let documents = other.at("other-documents");
        other.git(&["worktree", "add", "-q", "../other-documents", "ghp"]);
        if gone {
            // A checkout whose program has been removed since.
            let program = "/nowhere/ghp";
            for (key, value) in [
                (
                    "filter.ghp.clean",
                    format!("test -x '{program}' && exec '{program}' filter clean; exec cat"),
                ),
                (
                    "merge.ghp.driver",
                    format!(
                        "test -x '{program}' && exec '{program}' merge-driver %O %A %B %P; exec git merge-file -L ours -L base -L theirs %A %O %B"
                    ),
                ),
            ] {
                other.git(&["config", key, &value]);
            }
        }
        let status = documents.try_git(&["status", "--porcelain"]).silent();
        drop(status);
        let path = documents.dir.join("agent-status.json");
        let text = std::fs::read_to_string(&path).expect("a document");
        std::fs::write(
            &path,
            text.replace("beat of worker-1", "edited by hand, without ghp"),
        )
        .expect("a document");
        assert_eq!(
            documents.git(&["status", "--porcelain"]),
            " M agent-status.json\n"
        );
        documents.git(&["diff", "--stat"]);
        documents.git(&["commit", "-q", "-a", "-m", "By hand"]);
        documents.git(&["push", "-q"]);
        repo.at("app/.ghp").git(&["pull", "-q", "--no-rebase"]);
        repo.ghp(&["status"])
            .ok()
            .prints("edited by hand, without ghp");
        peaceful(&repo, &repo.documents());
    }
}

#[test]
fn the_drivers_survive_a_program_that_was_moved_away() {
    let playground = Playground::new();
    let program = playground.path().join("bin/ghp");
    std::fs::create_dir(playground.path().join("bin")).expect("a folder");
    copy(Path::new(GHP), &program);
    let repo = playground.bare_of_documents("app");
    let mut init = playground.command(program.to_str().expect("UTF-8"), &repo.dir);
    crate::support::finish(init.arg("init"), b"").ok();
    works(&repo, &repo.documents(), "worker-1");
    std::fs::remove_file(&program).expect("gone");
    let documents = repo.at("app/.ghp");
    let status = documents.try_git(&["status", "--porcelain"]).ok();
    assert_eq!(status.stderr, "", "{status}");
    documents.git(&["diff"]);
    documents.git(&["log", "-p", "--ext-diff"]);
    repo.ghp(&["doctor"]).exit(8);
    repo.ghp(&["doctor", "--fix"]).ok();
    works(&repo, &repo.documents(), "worker-2");
}
