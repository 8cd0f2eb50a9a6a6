use super::*;
use crate::git::migrate;
use crate::git::place::find;
use crate::git::testing::{Scratch, run, succeeds, write};
use crate::git::tracked::code_branches_tracking_documents;
use crate::store::branch::{Branch, NewCommit, Published};

const NOWHERE: &str = "/nowhere/ghp";

fn made(at: &Path) -> Ensured {
    ensure(&find(at).expect("a repository"), None, Path::new(NOWHERE)).expect("made")
}

fn project() -> Scratch {
    let scratch = Scratch::repository();
    scratch.commit("f", "code");
    made(scratch.path());
    scratch
}

/// A checkpoint as the store makes it: the documents lie on disk, then the branch takes them.
fn checkpoint(at: &Path, documents: &[(&str, &str)]) {
    let place = find(at).expect("a repository");
    let root = place.documents().expect("readable").expect("made");
    let branch = crate::git::branch::DocumentsBranch::new(&place.common, &root);
    let parent = branch.tip().expect("a branch").expect("a tip");
    let changes = documents
        .iter()
        .map(|(path, text)| ((*path).to_owned(), Some(text.as_bytes().to_vec())))
        .collect();
    let commit = NewCommit {
        author: "worker-1".into(),
        at: crate::domain::time::Timestamp::from_seconds(1_700_000_000),
        message: "a record".into(),
        changes,
    };
    let tip = branch.write(&parent, &[commit]).expect("written");
    let folder = Dir::open(&root, layout::ASIDE).expect("a folder");
    let on_disk: Vec<_> = documents
        .iter()
        .map(|(path, text)| crate::store::branch::OnDisk {
            path: (*path).to_owned(),
            blob: Some(crate::documents::hash::BlobId::of(text.as_bytes())),
            stat: Some(
                folder
                    .replace_with_stat(path, text.as_bytes())
                    .expect("a document"),
            ),
        })
        .collect();
    assert_eq!(
        branch.publish(&parent, &tip, &on_disk).expect("published"),
        Published::Done
    );
}

fn status(at: &Path) -> String {
    run(&at.join(".ghp"), &["status", "--porcelain"])
}

fn restored(at: &Path) -> Restored {
    restore(&find(at).expect("a repository")).expect("restored")
}

#[test]
fn made_once_and_again() {
    let scratch = project();
    let at = scratch.path();
    assert_eq!(scratch.read(".ghp/.git"), "gitdir: ../.git/worktrees/ghp\n");
    assert_eq!(scratch.read(".git/ghp/root"), "../.ghp\n");
    assert_eq!(run(at, &["rev-parse", "ghp"]), first::id().to_string());
    assert_eq!(
        run(at, &["log", "-1", "--format=%an %ae %at %s", "ghp"]),
        "ghp ghp@ghp.invalid 0 ghp: documents"
    );
    assert_eq!(run(at, &["status", "--porcelain"]), "");
    assert_eq!(status(at), "");
    let list = run(at, &["worktree", "list", "--porcelain"]);
    assert!(
        list.contains(&format!("worktree {}/.ghp\n", at.display()))
            && list.contains("locked ghp: documents")
    );
    let again = made(at);
    assert_eq!((again.begun, again.written.len()), (Begun::Before, 0));
    assert_eq!(
        run(at, &["config", "--get-all", "filter.ghp.clean"])
            .lines()
            .count(),
        1
    );
    assert_eq!(
        scratch.read(".git/info/exclude").matches("/.ghp").count(),
        1
    );
    assert_eq!(state(&find(at).expect("a repository")).expect("known"), []);
    run(at, &["fsck", "--strict"]);
}

#[test]
fn git_in_the_code_leaves_the_documents_alone() {
    let scratch = project();
    let at = scratch.path();
    checkpoint(
        at,
        &[("agent-status.json", "{}\n"), ("issues/1.md", "one\n")],
    );
    scratch.write("f", "changed");
    for words in [
        &["add", "-A"][..],
        &["stash", "-q", "-u"],
        &["stash", "pop", "-q"],
        &["reset", "-q", "--hard"],
        &["clean", "-q", "-fdx"],
        &["checkout", "-q", "-b", "other"],
        &["worktree", "prune", "--expire=now"],
        &["gc", "-q", "--prune=now"],
    ] {
        run(at, words);
    }
    assert_eq!(run(at, &["ls-files"]), "f");
    assert_eq!(scratch.read(".ghp/issues/1.md"), "one\n");
    assert_eq!(status(at), "");
    assert_eq!(state(&find(at).expect("a repository")).expect("known"), []);
}

#[test]
fn in_every_layout() {
    let scratch = Scratch::new();
    let top = scratch.path();
    run(top, &["init", "-q", "-b", "main", "plain"]);
    let plain = top.join("plain");
    run(&plain, &["commit", "-q", "--allow-empty", "-m", "one"]);
    run(top, &["init", "-q", "unborn"]);
    run(top, &["clone", "-q", "--bare", "plain", "b.git"]);
    run(
        &top.join("b.git"),
        &["worktree", "add", "-q", "../of-bare", "main"],
    );
    run(top, &["clone", "-q", "--bare", "plain", "p/.bare"]);
    scratch.write("p/.git", "gitdir: ./.bare\n");
    run(&plain, &["worktree", "add", "-q", "../linked"]);
    run(
        &plain,
        &[
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "add",
            "-q",
            "./",
            "sub",
        ],
    );
    std::fs::create_dir(top.join("else")).expect("a folder");
    run(
        top,
        &["init", "-q", "--separate-git-dir", "else/g.git", "separate"],
    );
    for (from, root) in [
        ("unborn", "unborn/.ghp"),
        ("of-bare", "b.ghp"),
        ("p", "p/.ghp"),
        ("linked", "plain/.ghp"),
        ("plain/sub", "plain/sub/.ghp"),
        ("separate", "separate/.ghp"),
    ] {
        let cwd = top.join(from);
        assert_eq!(made(&cwd).root, top.join(root), "{from}");
        checkpoint(&cwd, &[("issues/1.md", "one\n")]);
        let place = find(&cwd).expect("a repository");
        assert_eq!(
            place.documents().expect("readable"),
            Some(top.join(root)),
            "{from}"
        );
        assert_eq!(
            run(&top.join(root), &["status", "--porcelain"]),
            "",
            "{from}"
        );
        assert_eq!(
            run(&top.join(root), &["rev-list", "--count", "HEAD"]),
            "2",
            "{from}"
        );
        assert_eq!(made(&cwd).root, top.join(root), "{from}");
        std::fs::remove_dir_all(top.join(root)).expect("removed");
        assert_eq!(restored(&cwd).written, ["issues/1.md"], "{from}");
        assert_eq!(
            run(&top.join(root), &["status", "--porcelain"]),
            "",
            "{from}"
        );
    }
}

#[test]
fn a_worktree_of_somebodys_named_ghp_keeps_its_name() {
    let scratch = Scratch::repository();
    scratch.commit("f", "code");
    run(
        scratch.path(),
        &["worktree", "add", "-q", "-b", "topic", "w/ghp"],
    );
    made(scratch.path());
    made(scratch.path());
    assert_eq!(
        scratch.read(".ghp/.git"),
        "gitdir: ../.git/worktrees/ghp1\n"
    );
    assert_eq!(
        run(&scratch.path().join("w/ghp"), &["branch", "--show-current"]),
        "topic"
    );
}

#[test]
fn foreign_branches_and_symlinks_are_refused() {
    let refused = |branch: &str| {
        let scratch = Scratch::repository();
        scratch.commit("f", "code");
        run(scratch.path(), &["branch", branch]);
        let place = find(scratch.path()).expect("a repository");
        let error = ensure(&place, None, Path::new(NOWHERE)).expect_err("foreign");
        assert!(
            matches!(&error, GitError::ForeignBranch { name } if name == branch),
            "{error}"
        );
        assert!(!scratch.path().join(".ghp").exists());
    };
    refused("ghp");
    refused("ghp/x");

    let scratch = project();
    std::fs::rename(scratch.path().join(".ghp"), scratch.path().join("away")).expect("moved");
    std::os::unix::fs::symlink("away", scratch.path().join(".ghp")).expect("a symlink");
    let place = find(scratch.path()).expect("a repository");
    assert!(matches!(restore(&place), Err(GitError::NotAFolder { .. })));
    assert!(matches!(
        ensure(&place, None, Path::new(NOWHERE)),
        Err(GitError::NotAFolder { .. })
    ));
}

#[test]
fn whatever_is_lost_comes_back() {
    let scratch = project();
    let at = scratch.path();
    checkpoint(
        at,
        &[("agent-status.json", "{}\n"), ("issues/1.md", "one\n")],
    );
    let lose = |path: &str| std::fs::remove_dir_all(at.join(path)).expect(path);

    lose(".ghp");
    let back = restored(at);
    assert_eq!(
        (back.faults, back.written.len()),
        (vec![Fault::FolderGone], 2)
    );
    assert_eq!(status(at), "");

    run(at, &["clean", "-q", "-ffdx"]);
    restored(at);
    assert_eq!(status(at), "");

    run(at, &["worktree", "remove", "-f", "-f", ".ghp"]);
    restored(at);
    assert_eq!(status(at), "");

    // Only git's own folder: no document is touched, and only the hand edit shows.
    scratch.write(".ghp/issues/1.md", "mine\n");
    std::fs::remove_file(at.join(".ghp/agent-status.json")).expect("removed");
    lose(".git/worktrees");
    assert_eq!(
        state(&find(at).expect("a repository")).expect("known"),
        [Fault::AdminGone]
    );
    assert!(!is_linked(&at.join(".ghp"), &at.join(".git")).expect("readable"));
    assert_eq!(restored(at).written.len(), 0);
    assert!(is_linked(&at.join(".ghp"), &at.join(".git")).expect("readable"));
    assert_eq!(status(at), " D agent-status.json\n M issues/1.md");

    // Both, with something left in the folder: what is there stays.
    std::fs::remove_file(at.join(".ghp/.git")).expect("removed");
    lose(".git/worktrees");
    assert_eq!(restored(at).written, ["agent-status.json"]);
    assert_eq!(status(at), " M issues/1.md");

    for broken in [
        "",
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        "DIRC",
    ] {
        scratch.write(".git/worktrees/ghp/index", broken);
        assert_eq!(restored(at).faults, [Fault::IndexUnreadable]);
        assert_eq!(status(at), " M issues/1.md");
    }
    run(at, &["update-ref", "-d", "refs/heads/ghp"]);
    assert!(matches!(
        restore(&find(at).expect("a repository")),
        Err(GitError::NoDocuments)
    ));
}

#[test]
fn moved_and_copied_repositories_keep_to_themselves() {
    let scratch = Scratch::new();
    let top = scratch.path();
    run(top, &["init", "-q", "-b", "main", "a"]);
    made(&top.join("a"));
    checkpoint(&top.join("a"), &[("issues/1.md", "one\n")]);
    let copy = std::fs::rename(top.join("a"), top.join("b"));
    copy.expect("moved");
    assert_eq!(status(&top.join("b")), "");
    assert_eq!(restored(&top.join("b")).faults, [Fault::PlaceStale]);
    assert!(run(&top.join("b"), &["worktree", "list"]).contains("/b/.ghp "));

    copy_all(&top.join("b"), &top.join("c"));
    assert_eq!(restored(&top.join("c")).faults, [Fault::PlaceStale]);
    checkpoint(&top.join("c"), &[("issues/2.md", "two\n")]);
    let count = |name: &str| {
        run(
            &top.join(name).join(".ghp"),
            &["rev-list", "--count", "HEAD"],
        )
    };
    assert_eq!((count("b"), count("c")), ("2".to_owned(), "3".to_owned()));
    assert_eq!(status(&top.join("b")), "");

    // Somebody's git wrote the link absolutely before the copy.
    let absolute = format!("gitdir: {}\n", top.join("b/.git/worktrees/ghp").display());
    scratch.write("c/.ghp/.git", &absolute);
    assert_eq!(restored(&top.join("c")).faults, [Fault::LinkAstray]);
    assert_eq!(
        scratch.read("c/.ghp/.git"),
        "gitdir: ../.git/worktrees/ghp\n"
    );
    assert_eq!(
        (count("b"), count("c"), status(&top.join("c"))),
        ("2".to_owned(), "3".to_owned(), String::new())
    );
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

#[test]
fn clones_pick_the_branch_up_and_clones_made_apart_merge() {
    let scratch = Scratch::new();
    let top = scratch.path();
    run(top, &["init", "-q", "-b", "main", "a"]);
    let (a, b, c) = (top.join("a"), top.join("b"), top.join("c"));
    run(&a, &["commit", "-q", "--allow-empty", "-m", "code"]);
    run(top, &["clone", "-q", "a", "c"]);
    made(&a);
    checkpoint(
        &a,
        &[(".gitattributes", ATTRIBUTES), ("issues/1.md", "one\n")],
    );
    // A clone without ghp is an ordinary clone, and the branch can be read there.
    run(top, &["clone", "-q", "a", "b"]);
    assert_eq!(run(&b, &["status", "--porcelain"]), "");
    assert_eq!(run(&b, &["show", "origin/ghp:issues/1.md"]), "one");

    run(&b, &["config", "core.autocrlf", "true"]);
    let ensured = made(&b);
    assert_eq!(ensured.begun, Begun::From("origin".into()));
    assert_eq!(
        run(&b, &["rev-parse", "--abbrev-ref", "ghp@{upstream}"]),
        "origin/ghp"
    );
    assert_eq!(scratch.read("b/.ghp/issues/1.md"), "one\n");
    assert_eq!(status(&b), "");

    made(&c);
    checkpoint(&c, &[("issues/2.md", "two\n")]);
    run(&c, &["fetch", "-q"]);
    run(&c.join(".ghp"), &["merge", "-q", "origin/ghp"]);
    assert_eq!(scratch.read("c/.ghp/issues/1.md"), "one\n");
    assert_eq!(made(&c).begun, Begun::Before);
    assert_eq!(run(&c, &["config", "branch.ghp.remote"]), "origin");

    // A shallow clone cannot show its first commit.
    let url = format!("file://{}", a.display());
    checkpoint(&a, &[("config.json", "{}\n")]);
    run(
        top,
        &["clone", "-q", "--depth=1", "--no-single-branch", &url, "d"],
    );
    assert_eq!(made(&top.join("d")).begun, Begun::From("origin".into()));
}

#[test]
fn drivers_that_are_gone_change_nothing_and_say_nothing() {
    let scratch = project();
    let at = scratch.path();
    let (old, new) = ("{\"agents\":{}}\n", "{\"agents\":{\"a\":{}}}\n");
    checkpoint(
        at,
        &[(".gitattributes", ATTRIBUTES), ("agent-status.json", old)],
    );
    scratch.write(".ghp/agent-status.json", new);
    let ghp = at.join(".ghp");
    assert_eq!(status(at), " M agent-status.json");
    assert!(run(&ghp, &["diff"]).contains("+{\"agents\":{\"a\":{}}}"));
    run(&ghp, &["commit", "-q", "-a", "-m", "mine"]);
    assert_eq!(run(&ghp, &["show", "HEAD:agent-status.json"]), new.trim());
    run(&ghp, &["switch", "-q", "-c", "side", "HEAD~1"]);
    scratch.write(".ghp/agent-status.json", "{\"agents\":{\"b\":{}}}\n");
    run(&ghp, &["commit", "-q", "-a", "-m", "theirs"]);
    assert!(!succeeds(&ghp, &["merge", "-q", "ghp"]));
    assert!(
        scratch
            .read(".ghp/agent-status.json")
            .starts_with("<<<<<<< ours\n")
    );
}

#[test]
fn a_driver_in_a_folder_with_a_strange_name_runs() {
    let scratch = Scratch::repository();
    scratch.commit("f", "code");
    scratch.write("it's 100%/ghp", "#!/bin/sh\ncase $1 in filter) sed s/beat/quiet/;; diff-driver) echo table;; *) echo merged >$3; esac\n");
    let program = scratch.path().join("it's 100%/ghp");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, mode).expect("executable");
    ensure(&find(scratch.path()).expect("a repository"), None, &program).expect("made");
    checkpoint(
        scratch.path(),
        &[
            (".gitattributes", ATTRIBUTES),
            ("agent-status.json", "quiet\n"),
        ],
    );
    let ghp = scratch.path().join(".ghp");
    write(&ghp.join("agent-status.json"), "beat\n");
    run(&ghp, &["add", "-A"]);
    assert_eq!(run(&ghp, &["show", ":agent-status.json"]), "quiet");
    run(&ghp, &["switch", "-q", "-c", "side"]);
    for (branch, text) in [("side", "1\n"), ("ghp", "2\n")] {
        run(&ghp, &["switch", "-q", branch]);
        write(&ghp.join("agent-status.json"), text);
        run(&ghp, &["commit", "-q", "-a", "-m", text]);
    }
    assert!(run(&ghp, &["show", "--textconv", "HEAD:agent-status.json"]).contains("table"));
    run(&ghp, &["merge", "-q", "side"]);
    assert_eq!(scratch.read(".ghp/agent-status.json"), "merged\n");
}

#[test]
fn code_branches_that_track_documents_are_named() {
    let scratch = Scratch::repository();
    let at = scratch.path();
    scratch.commit("f", "code");
    run(at, &["switch", "-q", "-c", "old"]);
    scratch.commit(".ghp/config.json", "{}");
    let place = find(at).expect("a repository");
    assert_eq!(
        code_branches_tracking_documents(&place).expect("listed"),
        ["old"]
    );
    assert_eq!(
        migrate::staged(&place).expect("listed"),
        [".ghp/config.json"]
    );
    made(at);
    migrate::unstage(&place, &[".ghp/config.json".to_owned()]).expect("unstaged");
    assert_eq!(migrate::staged(&place).expect("listed").len(), 0);
    assert_eq!(run(at, &["status", "--porcelain"]), "D  .ghp/config.json");
    assert_eq!(scratch.read(".ghp/config.json"), "{}");
}
