//! Where a command may stand.

use std::fs;
use std::os::unix::fs::symlink;

use super::{peaceful, works};
use crate::support::{Playground, finish};

#[test]
fn a_subfolder() {
    let playground = Playground::new();
    let repo = playground.bare_of_documents("app");
    fs::create_dir_all(repo.dir.join("src/deep")).expect("a folder");
    let deep = repo.at("app/src/deep");
    deep.ghp(&["init"]).ok();
    works(&deep, &repo.documents(), "worker-1");
    assert!(!deep.documents().exists());
    let elsewhere = repo.at("home");
    elsewhere
        .ghp(&["-C", "../app/src", "status"])
        .ok()
        .prints("worker-1");
}

#[test]
fn a_linked_worktree() {
    let playground = Playground::new();
    let repo = playground.bare_of_documents("app");
    let linked = repo.worktree("linked");
    linked.ghp(&["init"]).ok();
    works(&linked, &repo.documents(), "worker-1");
    works(&repo, &repo.documents(), "worker-2");
    assert!(!linked.documents().exists());
    // The documents' own folder is a worktree too.
    works(&repo.at("app/.ghp"), &repo.documents(), "worker-3");
}

#[test]
fn a_submodule() {
    let playground = Playground::new();
    let library = playground.bare_of_documents("library");
    let outer = playground.bare_of_documents("outer");
    outer.git(&[
        "submodule",
        "--quiet",
        "add",
        library.dir.to_str().expect("UTF-8"),
        "lib",
    ]);
    outer.git(&["commit", "-q", "-m", "With a library"]);
    let inner = outer.at("outer/lib");
    inner.ghp(&["init"]).ok();
    works(&inner, &inner.documents(), "worker-1");
    outer.ghp(&["init"]).ok();
    works(&outer, &outer.documents(), "worker-2");
    assert!(!outer.ghp(&["status"]).ok().stdout.contains("worker-1"));
    assert_eq!(outer.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_git_dir_elsewhere() {
    let playground = Playground::new();
    let repo = playground.bare_of_documents("app");
    fs::create_dir(playground.path().join("store")).expect("a folder");
    repo.git(&["init", "-q", "--separate-git-dir", "../store/app.git"]);
    assert!(repo.dir.join(".git").is_file());
    repo.ghp(&["init"]).ok();
    works(&repo, &repo.documents(), "worker-1");
    let beside: Vec<_> = fs::read_dir(playground.path().join("store"))
        .expect("a folder")
        .map(|entry| entry.expect("a name").file_name())
        .collect();
    assert_eq!(beside, ["app.git"]);
}

#[test]
fn bare_repositories_with_worktrees() {
    let playground = Playground::new();
    let seed = playground.bare_of_documents("seed");
    for (bare, documents) in [
        ("srv/a.git", "srv/a.ghp"),
        ("srv/b.git", "srv/b.ghp"),
        ("p/.bare", "p/.ghp"),
    ] {
        seed.git(&["clone", "-q", "--bare", ".", &format!("../{bare}")]);
        let hub = seed.at(bare);
        let name = bare.replace(['/', '.'], "-");
        hub.git(&[
            "worktree",
            "add",
            "-q",
            "-b",
            "work",
            playground.path().join(&name).to_str().expect("UTF-8"),
        ]);
        let work = seed.at(&name);
        work.ghp(&["init"]).ok();
        let documents = playground.path().join(documents);
        works(&work, &documents, "worker-1");
        works(&hub, &documents, "worker-2");
    }
}

#[test]
fn a_symlink_on_the_way() {
    let playground = Playground::new();
    let repo = playground.bare_of_documents("app");
    symlink("app", playground.path().join("link")).expect("a link");
    let linked = repo.at("link");
    linked.ghp(&["init"]).ok();
    works(&linked, &repo.documents(), "worker-1");
    works(&repo, &repo.documents(), "worker-2");
    // A git dir that is a symlink.
    let odd = playground.bare_of_documents("odd");
    fs::rename(odd.dir.join(".git"), playground.path().join("odd-store")).expect("moved");
    symlink("../odd-store", odd.dir.join(".git")).expect("a link");
    odd.ghp(&["init"]).ok();
    works(&odd, &odd.documents(), "worker-1");
    assert!(!playground.path().join(".ghp").exists());
}

#[test]
fn inside_a_hook() {
    let playground = Playground::new();
    let repo = playground.repo();
    let linked = repo.worktree("linked");
    let index = linked.git(&["rev-parse", "--absolute-git-dir"]);
    // As git sets them when it runs a hook of a commit in a linked worktree.
    let hooked = |words: &[&str]| {
        let mut command = linked.command(words);
        command
            .env("GHP_AGENT", "worker-1")
            .env("GIT_DIR", index.trim())
            .env("GIT_INDEX_FILE", format!("{}/index.lock.tmp", index.trim()))
            .env("GIT_PREFIX", "")
            .env("GIT_AUTHOR_NAME", "Somebody");
        finish(&mut command, b"")
    };
    hooked(&["heartbeat", "-m", "in a hook"]).silent();
    hooked(&["escalate", "From a hook?"]).ok();
    hooked(&["log"]).ok().prints("From a hook?");
    hooked(&["status"]).ok().prints("in a hook");
    hooked(&["doctor"]).ok();
    hooked(&["init"]).ok();
    peaceful(&repo, &repo.documents());
    assert!(
        !std::path::Path::new(index.trim())
            .join("index.lock.tmp")
            .exists()
    );
}

#[test]
fn a_repository_without_a_commit() {
    let playground = Playground::new();
    let seed = playground.bare_of_documents("seed");
    let unborn = seed.at("unborn");
    fs::create_dir(&unborn.dir).expect("a folder");
    unborn.git(&["init", "-q"]);
    unborn.ghp(&["init"]).ok();
    works(&unborn, &unborn.documents(), "worker-1");
    assert_eq!(unborn.git(&["status", "--porcelain"]), "");
    fs::write(unborn.dir.join("a"), "a\n").expect("a file");
    unborn.git(&["add", "-A"]);
    unborn.git(&["commit", "-q", "-m", "First"]);
    assert_eq!(unborn.git(&["ls-files"]), "a\n");
}

#[test]
fn a_worktree_of_somebodys_that_is_named_ghp() {
    let playground = Playground::new();
    let repo = playground.bare_of_documents("app");
    repo.git(&["worktree", "add", "-q", "-b", "tool", "../ghp"]);
    repo.ghp(&["init"]).ok();
    works(&repo, &repo.documents(), "worker-1");
    let theirs = repo.at("ghp");
    assert_eq!(theirs.git(&["branch", "--show-current"]), "tool\n");
    works(&theirs, &repo.documents(), "worker-2");
    let listed = repo.git(&["worktree", "list", "--porcelain"]);
    assert_eq!(listed.matches("worktree ").count(), 3, "{listed}");
}

#[test]
fn no_repository_and_no_documents() {
    let playground = Playground::new();
    let repo = playground.bare_of_documents("app");
    repo.ghp(&["status"]).exit(7).says("ghp init");
    repo.agent("worker-1", &["heartbeat"])
        .exit(7)
        .says("ghp init");
    repo.at("home").ghp(&["init"]).exit(7);
    repo.at("home").ghp(&["status"]).exit(7);
    repo.at("home").ghp(&["prime"]).silent();
    repo.ghp(&["prime"]).silent();
    assert!(!repo.documents().exists());
    // Another repository's documents above are not ours.
    repo.ghp(&["init"]).ok();
    let inner = repo.at("app/vendored");
    fs::create_dir(&inner.dir).expect("a folder");
    inner.git(&["init", "-q"]);
    inner.agent("worker-1", &["heartbeat"]).exit(7);
}
