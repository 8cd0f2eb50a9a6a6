use super::*;
use crate::git::testing::{Scratch, run};

fn layouts() -> Scratch {
    let scratch = Scratch::new();
    let top = scratch.path();
    run(top, &["init", "-q", "-b", "main", "plain"]);
    let plain = top.join("plain");
    fs::create_dir_all(plain.join("a/b")).expect("folders");
    run(&plain, &["commit", "-q", "--allow-empty", "-m", "one"]);
    run(&plain, &["worktree", "add", "-q", "../linked"]);
    fs::create_dir(top.join("elsewhere")).expect("a folder");
    run(
        top,
        &[
            "init",
            "-q",
            "--separate-git-dir",
            "elsewhere/g.git",
            "separate",
        ],
    );
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
    run(top, &["clone", "-q", "--bare", "plain", "b.git"]);
    run(
        &top.join("b.git"),
        &["worktree", "add", "-q", "../of-bare", "main"],
    );
    run(top, &["clone", "-q", "--bare", "plain", "p/.bare"]);
    scratch.write("p/.git", "gitdir: ./.bare\n");
    run(&top.join("p"), &["worktree", "add", "-q", "main", "main"]);
    run(top, &["init", "-q", "linked-git"]);
    fs::rename(top.join("linked-git/.git"), top.join("elsewhere/moved.git")).expect("moved");
    std::os::unix::fs::symlink("../elsewhere/moved.git", top.join("linked-git/.git"))
        .expect("a symlink");
    scratch
}

/// Walked by hand it is what git says, or it is left to libgit2.
#[test]
fn every_layout_as_git_sees_it() {
    let scratch = layouts();
    let top = scratch.path();
    let by_hand = [
        "plain",
        "plain/a/b",
        "linked",
        "separate",
        "plain/sub",
        "of-bare",
        "p/main",
    ];
    let by_library = ["b.git", "b.git/refs", "p", "plain/.git", "linked-git"];
    for (folder, hand) in by_hand
        .iter()
        .map(|f| (f, true))
        .chain(by_library.iter().map(|f| (f, false)))
    {
        let cwd = top.join(folder).canonicalize().expect("a folder");
        assert_eq!(walk(&cwd).is_some(), hand, "{folder}");
        let place = find(&cwd).expect(folder);
        let says = |question: &str| run(&cwd, &["rev-parse", "--path-format=absolute", question]);
        let real = |path: &Path| {
            path.canonicalize()
                .expect("a path")
                .to_string_lossy()
                .into_owned()
        };
        assert_eq!(
            real(&place.git_dir),
            real(Path::new(&says("--git-dir"))),
            "{folder}"
        );
        assert_eq!(
            real(&place.common),
            real(Path::new(&says("--git-common-dir"))),
            "{folder}"
        );
        if run(&cwd, &["rev-parse", "--is-inside-work-tree"]) == "true" {
            assert_eq!(
                place.worktree.as_deref().map(real),
                Some(says("--show-toplevel")),
                "{folder}"
            );
        }
    }
}

#[test]
fn the_documents_have_one_home_in_every_layout() {
    let scratch = layouts();
    let top = scratch.path();
    let home = |folder: &str| {
        let place = find(&top.join(folder).canonicalize().expect("a folder")).expect(folder);
        place
            .documents_home()
            .map(|home| home.strip_prefix(top).expect("inside").to_owned())
    };
    for (folder, expected) in [
        ("plain/a/b", "plain/.ghp"),
        ("linked", "plain/.ghp"),
        ("separate", "separate/.ghp"),
        ("plain/sub", "plain/sub/.ghp"),
        ("b.git", "b.ghp"),
        ("of-bare", "b.ghp"),
        ("p", "p/.ghp"),
        ("p/main", "p/.ghp"),
        ("linked-git", "linked-git/.ghp"),
    ] {
        assert_eq!(home(folder).expect(folder), Path::new(expected), "{folder}");
    }
}

#[test]
fn a_worktree_of_a_separate_git_dir_does_not_guess() {
    let scratch = Scratch::new();
    run(
        scratch.path(),
        &["init", "-q", "--separate-git-dir", "g.git", "main"],
    );
    let main = scratch.path().join("main");
    run(&main, &["commit", "-q", "--allow-empty", "-m", "one"]);
    run(&main, &["worktree", "add", "-q", "../linked"]);
    let place = find(&scratch.path().join("linked")).expect("a worktree");
    let error = place.documents_home().expect_err("not to be known");
    assert!(matches!(error, GitError::MainUnknown { .. }), "{error}");
}

#[test]
fn no_repository_reftable_and_sha256_say_so() {
    let scratch = Scratch::new();
    let at = |name: &str| find(&scratch.path().join(name)).and_then(|place| place.documents_home());
    assert!(matches!(at(""), Err(GitError::NoRepository { .. })));
    run(
        scratch.path(),
        &["init", "-q", "--object-format=sha256", "long"],
    );
    run(
        scratch.path(),
        &["init", "-q", "--ref-format=reftable", "table"],
    );
    assert!(matches!(at("long"), Err(GitError::Unsupported { .. })));
    assert!(matches!(at("table"), Err(GitError::Unsupported { .. })));
    let table = find(&scratch.path().join("table")).expect("walked by hand");
    assert!(matches!(table.head(), Err(GitError::Unsupported { .. })));
}

#[test]
fn head_on_a_branch_detached_and_in_a_rebase() {
    let scratch = Scratch::repository();
    let at = scratch.path();
    let head = || find(at).expect("a repository").head().expect("a HEAD");
    assert_eq!(head(), Head::Branch("main".into()));
    scratch.commit("f", "1");
    run(at, &["switch", "-q", "-c", "feat/x"]);
    scratch.commit("f", "2");
    run(at, &["switch", "-q", "main"]);
    scratch.commit("f", "3");
    run(at, &["switch", "-q", "--detach"]);
    assert!(matches!(head(), Head::Detached(id) if id.len() == 40));
    run(at, &["switch", "-q", "feat/x"]);
    for backend in ["--merge", "--apply"] {
        assert!(!crate::git::testing::succeeds(
            at,
            &["rebase", "-q", backend, "main"]
        ));
        assert_eq!(head(), Head::Rebasing("feat/x".into()));
        run(at, &["rebase", "--abort"]);
    }
}

#[test]
fn labels_belong_to_one_worktree() {
    let scratch = Scratch::repository();
    scratch.commit("f", "1");
    run(scratch.path(), &["worktree", "add", "-q", "w"]);
    let linked = find(&scratch.path().join("w")).expect("a worktree");
    linked.set_label(Some("worker-1")).expect("a label");
    assert_eq!(linked.label().as_deref(), Some("worker-1"));
    assert_eq!(find(scratch.path()).expect("the main one").label(), None);
    linked.set_label(None).expect("no label");
    assert_eq!(linked.label(), None);
}

/// Run by itself in a process of its own, where variables can be set.
#[test]
fn led_by_the_environment() {
    if env::is_set("GIT_DIR") || env::is_set("GIT_CEILING_DIRECTORIES") {
        let found = find(&env::current_dir().expect("a folder"));
        match env::var("LEADS_TO") {
            Some(common) => assert_eq!(found.expect("found").common, Path::new(&common)),
            None => assert!(matches!(found, Err(GitError::NoRepository { .. }))),
        }
        return;
    }
    let scratch = layouts();
    let at = |path: &str| scratch.path().join(path);
    std::os::unix::fs::symlink(at("plain/a"), at("symlink")).expect("a symlink");
    let plain = at("plain/.git");
    for (cwd, variable, value, leads_to) in [
        ("separate", "GIT_DIR", plain.clone(), Some(plain.clone())),
        ("plain", "GIT_DIR", ".git".into(), Some(plain.clone())),
        ("plain/a/b", "GIT_CEILING_DIRECTORIES", at("plain"), None),
        (
            "plain/a/b",
            "GIT_CEILING_DIRECTORIES",
            at("p"),
            Some(plain.clone()),
        ),
        (
            "symlink/b",
            "GIT_CEILING_DIRECTORIES",
            at("p"),
            Some(plain.clone()),
        ),
    ] {
        let mut child =
            crate::host::process::command(std::env::current_exe().expect("this program"));
        child
            .args(["--exact", "git::place::tests::led_by_the_environment"])
            .current_dir(at(cwd));
        child
            .env(variable, &value)
            .envs(leads_to.map(|common| ("LEADS_TO", common)));
        let output = child.output().expect("started");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{cwd} {variable} {value:?}: {said}"
        );
    }
}

/// Only root can make such a repository; for others there is nothing to see.
#[test]
fn anothers_repository_is_left_to_libgit2() {
    let scratch = Scratch::repository();
    assert!(walk(scratch.path()).is_some());
    if std::os::unix::fs::chown(scratch.path().join(".git"), Some(65_534), None).is_ok() {
        assert_eq!(walk(scratch.path()), None);
    }
}
