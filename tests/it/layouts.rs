//! The same few commands in every shape that a repository takes.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use crate::support::{Playground, Repo, copy, finish};

/// A heartbeat from here must reach these documents, without a word, and leave git clean.
#[track_caller]
fn beats(from: &Repo<'_>, documents: &std::path::Path) {
    let agent = "walker";
    from.agent(agent, &["heartbeat", "-m", &from.dir.display().to_string()])
        .silent();
    let text = fs::read_to_string(documents.join("agent-status.json")).expect("the documents");
    assert!(
        text.contains(&from.dir.display().to_string()),
        "it did not reach {}: {text}",
        documents.display()
    );
    let told = from.agent(agent, &["whoami", "--json"]).ok().json();
    let root = told["documents"]
        .as_str()
        .or(told["documents"]["path"].as_str())
        .unwrap_or_default();
    assert!(
        told.to_string().contains(&documents.display().to_string()),
        "{root}: {told}"
    );
}

#[test]
fn from_subfolders_linked_worktrees_and_through_links() {
    let playground = Playground::new();
    let main = playground.repo();
    let documents = main.documents();
    fs::create_dir_all(main.dir.join("a/b")).expect("a folder");
    beats(&main.at("app/a/b"), &documents);
    beats(&main.worktree("linked"), &documents);
    fs::create_dir_all(main.at("linked").dir.join("deep")).expect("a folder");
    beats(&main.at("linked/deep"), &documents);
    symlink(&main.dir, playground.path().join("alias")).expect("a link");
    main.at("alias").agent("aliased", &["heartbeat"]).silent();
    assert!(main.read("agent-status.json").contains("aliased"));
    beats(&main.at("app/.git"), &documents);
}

#[test]
fn from_inside_the_documents() {
    let playground = Playground::new();
    let main = playground.repo();
    beats(&main.at("app/.ghp"), &main.documents());
}

#[test]
fn in_a_submodule_of_its_own() {
    let playground = Playground::new();
    let outer = playground.repo();
    let inner = playground.bare_of_documents("inner");
    outer.git(&[
        "submodule",
        "--quiet",
        "add",
        inner.dir.to_str().expect("UTF-8"),
        "sub",
    ]);
    let sub = outer.at("app/sub");
    sub.ghp(&["status"]).exit(7).says("ghp init");
    sub.ghp(&["init"]).ok();
    beats(&sub, &sub.documents());
    assert!(!outer.read("agent-status.json").contains("walker"));
    assert_eq!(sub.git(&["status", "--porcelain"]), "");
}

#[test]
fn with_a_separate_git_dir() {
    let playground = Playground::new();
    let repo = playground.bare_of_documents("apart");
    repo.git(&["init", "-q", "--separate-git-dir", "../apart.git"]);
    repo.ghp(&["init"]).ok();
    beats(&repo, &repo.documents());
    repo.ghp(&["log", "-q"]).ok();
    assert_eq!(repo.git(&["-C", ".ghp", "status", "--porcelain"]), "");
}

#[test]
fn in_a_bare_repository_with_worktrees() {
    let playground = Playground::new();
    let source = playground.bare_of_documents("source");
    source.git(&["clone", "-q", "--bare", ".", "../hub.git"]);
    let hub = source.at("hub.git");
    hub.git(&["worktree", "add", "-q", "../work", "main"]);
    let work = source.at("work");
    work.ghp(&["init"]).ok();
    let documents = playground.path().join("hub.ghp");
    beats(&work, &documents);
    beats(&hub, &documents);
}

#[test]
fn in_a_hooks_environment() {
    let playground = Playground::new();
    let main = playground.repo();
    let other = playground.bare_of_documents("other");
    let hook = |dir: &Repo<'_>, git_dir: &str| {
        let mut command = dir.command(&["heartbeat", "-m", "from a hook"]);
        command
            .env("GHP_AGENT", "hooked")
            .env("GIT_DIR", git_dir)
            .env("GIT_INDEX_FILE", "/nowhere/index");
        command
            .env("GIT_AUTHOR_DATE", "@0 +0000")
            .env("GIT_PREFIX", "");
        finish(&mut command, b"", Duration::from_secs(20))
    };
    hook(&main, ".git").ok();
    assert!(main.read("agent-status.json").contains("from a hook"));
    // A real commit hook, in a linked worktree, where git says an absolute GIT_DIR.
    let linked = main.worktree("linked");
    let line = format!(
        "#!/bin/sh\nexec {} --agent committer heartbeat -m committing\n",
        crate::support::GHP
    );
    let hook_file = main.dir.join(".git/hooks/pre-commit");
    fs::create_dir_all(hook_file.parent().expect("a folder")).expect("a folder");
    fs::write(&hook_file, line).expect("a hook");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&hook_file, mode).expect("our own");
    fs::write(linked.dir.join("new"), "text").expect("a file");
    linked.git(&["add", "-A"]);
    linked.git(&["commit", "-q", "-m", "With a hook"]);
    assert!(main.read("agent-status.json").contains("committing"));
    assert_eq!(linked.git(&["show", "--name-only", "--format="]), "new\n");
    assert!(!other.documents().exists());
}

#[test]
fn moved_and_copied() {
    let playground = Playground::new();
    let main = playground.repo();
    main.ghp(&["issue", "new", "Before the move"]).ok();
    fs::rename(&main.dir, playground.path().join("moved")).expect("moved");
    let moved = main.at("moved");
    beats(&moved, &moved.documents());
    moved.ghp(&["issue", "new", "After the move"]).ok();
    moved.ghp(&["log", "-q"]).ok();
    assert_eq!(moved.git(&["-C", ".ghp", "status", "--porcelain"]), "");

    copy(&moved.dir, &playground.path().join("copied"));
    let copied = main.at("copied");
    copied.ghp(&["issue", "new", "In the copy"]).ok();
    copied.ghp(&["log", "-q"]).ok();
    assert!(
        copied
            .git(&["log", "--format=%s", "ghp"])
            .contains("In the copy")
    );
    assert!(
        !moved
            .git(&["log", "--format=%s", "ghp"])
            .contains("In the copy"),
        "the copy wrote into the original"
    );
    assert!(!moved.documents().join("issues/3.md").exists());
    assert_eq!(copied.git(&["-C", ".ghp", "status", "--porcelain"]), "");
}

#[test]
fn what_git_and_people_remove_comes_back() {
    let playground = Playground::new();
    let main = playground.repo();
    main.ghp(&["issue", "new", "Committed"]).ok();
    main.ghp(&["log", "-q"]).ok();
    main.ghp(&["issue", "new", "Only in the log"]).ok();
    main.agent("worker-1", &["status", "set", "testing", "-i", "1"])
        .silent();
    let lose: &[(&str, &dyn Fn())] = &[
        ("rm -r .ghp", &|| {
            fs::remove_dir_all(main.documents()).expect("removed")
        }),
        ("git worktree prune", &|| {
            drop(main.git(&["worktree", "prune", "--expire=now"]))
        }),
        ("git clean -ffdx", &|| drop(main.git(&["clean", "-ffdxq"]))),
        ("the admin folder", &|| {
            fs::remove_dir_all(main.dir.join(".git/worktrees/ghp")).expect("removed")
        }),
        ("rm -r .ghp and prune", &|| {
            fs::remove_dir_all(main.documents()).expect("removed");
            main.git(&["worktree", "prune", "--expire=now"]);
        }),
        ("git gc", &|| drop(main.git(&["gc", "-q", "--prune=now"]))),
    ];
    for (what, lose) in lose {
        lose();
        main.agent("worker-1", &["status", "set", "working", "-m", what])
            .ok();
        let status = main.status();
        assert_eq!(status["agents"]["worker-1"]["lastAction"], *what);
        assert_eq!(status["agents"]["worker-1"]["issue"], 1, "{what}");
        for n in [1, 2] {
            assert!(
                main.documents().join(format!("issues/{n}.md")).exists(),
                "{what}: issue {n} is gone"
            );
        }
        main.ghp(&["log", "-q"]).ok();
        assert_eq!(
            main.git(&["-C", ".ghp", "status", "--porcelain"]),
            "",
            "{what}"
        );
        assert_eq!(main.git(&["status", "--porcelain"]), "", "{what}");
    }
}

#[test]
fn documents_stay_through_what_people_do_to_code() {
    let playground = Playground::new();
    let main = playground.repo();
    main.agent("worker-1", &["heartbeat", "-m", "kept"])
        .silent();
    fs::write(main.dir.join("README.md"), "changed\n").expect("a file");
    fs::write(main.dir.join("untracked"), "x\n").expect("a file");
    for words in [
        &["add", "-A"][..],
        &["stash", "-q", "-u"],
        &["switch", "-q", "-c", "elsewhere"],
        &["reset", "-q", "--hard"],
        &["clean", "-fdxq"],
    ] {
        main.git(words);
        assert!(main.read("agent-status.json").contains("kept"), "{words:?}");
        assert!(!main.git(&["ls-files", "-s"]).contains(".ghp"), "{words:?}");
    }
}

#[test]
fn a_clone_picks_the_branch_up_and_two_clones_merge_with_plain_git() {
    let playground = Playground::new();
    let main = playground.repo();
    main.agent("worker-1", &["status", "set", "working", "-m", "first"])
        .silent();
    main.ghp(&["log", "-q"]).ok();
    main.git(&["clone", "-q", "--bare", ".", "../hub.git"]);
    let clone = |name: &str| {
        main.at("").git(&["clone", "-q", "hub.git", name]);
        let clone = main.at(name);
        clone.ghp(&["status"]).exit(7).says("ghp init");
        clone.ghp(&["init"]).ok();
        clone
    };
    let (left, right) = (clone("left"), clone("right"));
    assert!(left.read("agent-status.json").contains("first"));
    playground.pass(60);
    left.agent(
        "worker-1",
        &["status", "set", "testing", "-m", "from the left"],
    )
    .silent();
    right
        .agent(
            "worker-2",
            &["status", "set", "reviewing", "-m", "from the right"],
        )
        .silent();
    for repo in [&left, &right] {
        repo.ghp(&["log", "-q"]).ok();
    }
    left.git(&["push", "-q", "origin", "ghp"]);
    right.git(&[
        "-C",
        ".ghp",
        "pull",
        "-q",
        "--no-rebase",
        "--no-edit",
        "origin",
        "ghp",
    ]);
    let status = right.status();
    assert_eq!(status["agents"]["worker-1"]["lastAction"], "from the left");
    assert_eq!(status["agents"]["worker-2"]["lastAction"], "from the right");
    right
        .agent("worker-2", &["status", "set", "working", "-m", "after"])
        .silent();
    right.ghp(&["log", "-q"]).ok();
    assert_eq!(right.git(&["-C", ".ghp", "status", "--porcelain"]), "");
    right.git(&["push", "-q", "origin", "ghp"]);
}

#[test]
fn clones_initialised_apart_still_merge() {
    let playground = Playground::new();
    let source = playground.bare_of_documents("source");
    source.git(&["clone", "-q", "--bare", ".", "../hub.git"]);
    for name in ["left", "right"] {
        source.at("").git(&["clone", "-q", "hub.git", name]);
        let clone = source.at(name);
        clone.ghp(&["init"]).ok();
        clone.agent(name, &["status", "set", "working"]).silent();
        clone.ghp(&["log", "-q"]).ok();
    }
    source.at("left").git(&["push", "-q", "origin", "ghp"]);
    let right = source.at("right");
    right.git(&[
        "-C",
        ".ghp",
        "pull",
        "-q",
        "--no-rebase",
        "--no-edit",
        "origin",
        "ghp",
    ]);
    let agents = right.status()["agents"]
        .as_object()
        .map(serde_json::Map::len);
    assert_eq!(agents, Some(2));
}

#[test]
fn a_clone_without_ghp_is_an_ordinary_branch() {
    let playground = Playground::new();
    let main = playground.repo();
    main.agent("worker-1", &["status", "set", "working"])
        .silent();
    main.ghp(&["log", "-q"]).ok();
    main.at("")
        .git(&["clone", "-q", "-b", "ghp", "app", "plain"]);
    let plain = main.at("plain");
    assert_eq!(plain.git(&["status", "--porcelain"]), "");
    let path = plain.dir.join("agent-status.json");
    let text = fs::read_to_string(&path)
        .expect("the document")
        .replace("working", "done");
    fs::write(&path, text).expect("the document");
    plain.git(&["diff", "--stat"]);
    plain.git(&["commit", "-q", "-a", "-m", "By hand"]);
    plain.git(&["push", "-q", "origin", "HEAD:refs/heads/theirs"]);
    main.git(&["-C", ".ghp", "merge", "-q", "theirs"]);
    assert_eq!(main.status()["agents"]["worker-1"]["status"], "done");
}

#[test]
fn a_heartbeat_leaves_git_clean_and_a_change_shows() {
    let playground = Playground::new();
    let main = playground.repo();
    main.agent("worker-1", &["status", "set", "working", "-m", "began"])
        .silent();
    main.ghp(&["log", "-q"]).ok();
    for _ in 0..3 {
        playground.pass(45);
        main.agent("worker-1", &["heartbeat"]).silent();
        assert_eq!(main.git(&["-C", ".ghp", "status", "--porcelain"]), "");
        assert_eq!(main.git(&["-C", ".ghp", "diff"]), "");
    }
    main.agent("worker-1", &["status", "set", "testing"])
        .silent();
    assert_eq!(
        main.git(&["-C", ".ghp", "status", "--porcelain"]),
        " M agent-status.json\n"
    );
    assert!(main.git(&["-C", ".ghp", "diff"]).contains("testing"));
}

#[test]
fn where_there_is_nothing_it_is_said() {
    let playground = Playground::new();
    let repo = playground.bare_of_documents("app");
    for words in [&["status"][..], &["heartbeat"], &["inbox"], &["log"]] {
        repo.agent("a", words).exit(7).says("ghp init");
    }
    fs::create_dir(playground.path().join("plain")).expect("a folder");
    let plain = repo.at("plain");
    for words in [&["status"][..], &["init"], &["heartbeat"]] {
        let run = plain.agent("a", words).exit(7);
        assert!(run.stderr.contains("git"), "{run}");
    }
    plain.agent("a", &["prime"]).silent();
    assert!(!plain.documents().exists());
}

#[test]
fn a_person_on_another_branch_among_the_documents_is_told_the_way_back() {
    let playground = Playground::new();
    let main = playground.repo();
    main.git(&["-C", ".ghp", "switch", "-q", "-c", "mine"]);
    main.agent("worker-1", &["status", "set", "testing"])
        .exit(7)
        .says("git -C .ghp switch ghp");
    main.git(&["-C", ".ghp", "switch", "-q", "--detach"]);
    main.agent("worker-1", &["status", "set", "testing"])
        .exit(7)
        .says("git -C .ghp switch ghp");
    main.git(&["-C", ".ghp", "switch", "-q", "ghp"]);
    main.agent("worker-1", &["status", "set", "testing"])
        .silent();
}
