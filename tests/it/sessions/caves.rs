//! Caves: a worktree with the untracked files that it needs, never those of elsewhere.

use std::os::unix::fs::symlink;

use serde_json::json;

use super::harness::Stage;
use crate::support::{Playground, Repo, eventually, finish};

fn copying(repo: &Repo, patterns: &str) {
    repo.ghp(&["config", "set", "coordination.copyFiles", patterns])
        .ok();
}

#[test]
fn globs_of_untracked_files_are_copied() {
    let playground = Playground::new();
    let repo = playground.repo();
    std::fs::write(repo.dir.join(".gitignore"), "*.local\n.env*\n").expect("a file");
    std::fs::create_dir_all(repo.dir.join("config/deep")).expect("folders");
    std::fs::write(repo.dir.join("config/tracked.local.toml"), "t\n").expect("a file");
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "-m", "Configuration"]);
    for (path, text) in [
        (".env", "A=1\n"),
        (".env.test", "A=2\n"),
        ("config/a.local", "a\n"),
        ("config/deep/b.local", "b\n"),
        ("config/other", "not wanted\n"),
        ("secret", "not wanted\n"),
    ] {
        std::fs::write(repo.dir.join(path), text).expect("a file");
    }
    let outside = playground.path().join("outside");
    std::fs::create_dir(&outside).expect("a folder");
    std::fs::write(outside.join("x.local"), "elsewhere\n").expect("a file");
    symlink(outside.join("x.local"), repo.dir.join("config/link.local")).expect("a link");
    symlink(&outside, repo.dir.join("config/folder.local")).expect("a link");
    copying(
        &repo,
        r#"[".env*", "config/**/*.local", "/etc/passwd", "../x", ".git/**", ".ghp/**", "nothing"]"#,
    );
    repo.ghp(&["issue", "new", "One"]).ok();
    let run = repo
        .ghp(&["start", "1", "--worktree", "--for", "worker-1"])
        .ok()
        .says("config/link.local was not copied")
        .says("config/folder.local was not copied")
        .says("leaves the repository");
    assert!(!run.stderr.contains(".git/"), "{run}");
    let cave = playground.path().join("app.caves/worker-1");
    let read = |path: &str| std::fs::read_to_string(cave.join(path)).unwrap_or_default();
    assert_eq!(
        [".env", ".env.test", "config/a.local", "config/deep/b.local"].map(read),
        ["A=1\n", "A=2\n", "a\n", "b\n"]
    );
    for path in [
        "config/other",
        "secret",
        "config/link.local",
        "config/folder.local",
        "etc",
        ".ghp",
    ] {
        assert!(!cave.join(path).exists(), "{path}");
    }
}

/// Sets up with these commands, which a person has looked at.
fn setting_up(repo: &Repo, steps: &serde_json::Value) {
    repo.ghp(&["config", "set", "coordination.setup", &steps.to_string()])
        .ok();
    repo.ghp(&["trust", "--yes"]).ok();
}

#[test]
fn set_up_runs_once_in_a_new_cave() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    let repo = &stage.repo;
    std::fs::write(repo.dir.join(".env"), "A=1\n").expect("a file");
    setting_up(
        repo,
        &json!([
            ["sh", "-c", "cat .env; echo $GHP_AGENT >> made"],
            ["sh", "-c", "test -f made"]
        ]),
    );
    let new = || {
        repo.ghp(&[
            "session",
            "new",
            "worker-1",
            "--backend",
            "process",
            "--json",
            "--",
            "true",
        ])
    };
    let run = new()
        .ok()
        .says("copied 1 file (4 bytes)")
        .says("set-up 1/2: sh -c")
        .says("set-up 2/2: ");
    assert_eq!(run.json()["name"], "worker-1");
    let made = playground.path().join("app.caves/worker-1/made");
    assert_eq!(std::fs::read_to_string(&made).expect("made"), "worker-1\n");
    repo.ghp(&["session", "wait", "worker-1", "--until", "exit", "60s"])
        .ok();
    let run = new().ok();
    assert!(!run.stderr.contains("set-up"), "{run}");
    assert_eq!(std::fs::read_to_string(&made).expect("made"), "worker-1\n");
}

#[test]
fn a_set_up_that_fails_leaves_the_cave_and_says_the_log() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    let repo = &stage.repo;
    let steps = json!([
        ["sh", "-c", "echo fetching; echo no network >&2; exit 3"],
        ["touch", "never"]
    ]);
    setting_up(repo, &steps);
    let new = || {
        repo.ghp(&[
            "session",
            "new",
            "worker-1",
            "-i",
            "1",
            "--backend",
            "process",
            "--",
            "true",
        ])
    };
    let log = repo
        .dir
        .canonicalize()
        .expect("a folder")
        .join(".git/ghp/run/worker-1/setup.log");
    new()
        .exit(1)
        .says("the set-up of the cave failed: ")
        .says("no network")
        .says(&log.display().to_string());
    assert_eq!(
        std::fs::read_to_string(&log).expect("a log"),
        "fetching\nno network\n"
    );
    let cave = playground.path().join("app.caves/worker-1");
    assert!(cave.join("README.md").exists() && !cave.join("never").exists());
    assert_eq!(
        repo.ghp(&["sessions", "--json"]).ok().json(),
        json!({"sessions": []})
    );
    assert_eq!(repo.status()["agents"]["worker-1"]["status"], "stopped");
    // Mended, it is done again, and goes on in the same cave.
    setting_up(repo, &json!([["touch", "mended"]]));
    new().ok();
    assert!(cave.join("mended").exists());
    // What takes too long is ended.
    repo.ghp(&["config", "set", "coordination.setupTimeout", "1s"])
        .ok();
    let left = playground.path().join("left");
    let script = format!("setsid sleep 300 & echo $! > {}; wait", left.display());
    setting_up(repo, &json!([["sh", "-c", script]]));
    repo.ghp(&[
        "session",
        "new",
        "worker-2",
        "--backend",
        "process",
        "--",
        "true",
    ])
    .exit(1)
    .says("did not end in time: coordination.setupTimeout is 1s");
    // With all that it started, wherever that went.
    let pid = std::fs::read_to_string(left).expect("a number");
    let pid = pid.trim().parse().expect("a number");
    assert!(
        ghp::host::processes::Process::of(pid).is_none(),
        "{pid} lives on"
    );
}

#[test]
fn what_no_person_has_trusted_is_not_run() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    let repo = &stage.repo;
    repo.ghp(&[
        "config",
        "set",
        "coordination.setup",
        r#"[["touch", "run"]]"#,
    ])
    .ok();
    repo.ghp(&[
        "config",
        "set",
        "coordination.providers",
        r#"{"mine": {"command": ["touch", "ran"]}}"#,
    ])
    .ok();
    // Somebody else's file now says so: nobody here has looked at it.
    repo.ghp(&["trust", "--revoke"]).ok();
    repo.ghp(&[
        "session",
        "new",
        "worker-1",
        "--backend",
        "process",
        "--",
        "true",
    ])
    .exit(77)
    .says("ghp trust");
    repo.ghp(&[
        "session",
        "new",
        "worker-1",
        "--backend",
        "process",
        "--provider",
        "mine",
    ])
    .exit(77)
    .says("ghp trust");
    assert!(!playground.path().join("app.caves/worker-1").exists());
    assert!(repo.status()["agents"].get("worker-1").is_none());
    repo.ghp(&["config", "set", "coordination.setup", r#"["touch run"]"#])
        .exit(2)
        .says("a list of commands");
}

#[test]
fn what_is_being_set_up_is_nobodys_to_remove_or_to_start() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    let repo = &stage.repo;
    let (began, go) = (
        playground.path().join("began"),
        playground.path().join("go"),
    );
    let script = format!(
        "touch {}; until [ -e {} ]; do sleep 0.05; done",
        began.display(),
        go.display()
    );
    setting_up(repo, &json!([["sh", "-c", script]]));
    let new = [
        "session",
        "new",
        "worker-1",
        "--backend",
        "process",
        "--",
        "cat",
    ];
    let (found, others) = std::thread::scope(|scope| {
        let first = scope.spawn(|| repo.ghp(&new));
        eventually("it is being set up", || began.exists());
        let found = repo.ghp(&["session", "gc", "--apply", "--json"]);
        let others = [&new[..], &["session", "rm", "worker-1"]].map(|words| repo.ghp(words));
        std::fs::write(&go, "").expect("a file");
        first.join().expect("a run").ok();
        (found.ok().json(), others)
    });
    for other in others {
        other.exit(4).says("worker-1 is being started");
    }
    assert_eq!(
        (&found["caves"], &found["remains"]),
        (&json!([]), &json!([])),
        "{found}"
    );
    stage.until("worker-1", "ready");
    // A slip is set right; what is like nothing is not.
    let show = |name: &str| repo.ghp(&["session", "show", name]).exit(2).stderr;
    assert!(show("woker-1").contains("do you mean worker-1?"));
    assert!(!show("nobody").contains("do you mean"));
}

/// How tmux calls its version, and whether it is new enough.
#[test]
fn a_tmux_that_is_too_old_is_none() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    let bin = playground.path().join("bin");
    std::fs::create_dir(&bin).expect("a folder");
    let tmux = bin.join("tmux");
    std::fs::write(&tmux, "#!/bin/sh\necho tmux 3.1c\n").expect("a script");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&tmux, mode).expect("a script");
    let path = std::env::var("PATH").expect("PATH is set");
    let path = format!("{}:{path}", bin.display());
    let new = |words: &[&str]| {
        let mut command = stage.repo.command(&["session", "new"]);
        finish(command.args(words).env("PATH", &path), b"")
    };
    new(&["worker-1", "--backend", "tmux", "--", "cat"])
        .exit(7)
        .says("tmux 3.1c is too old: 3.2 is needed")
        .says("--backend process");
    assert!(!playground.path().join("app.caves").exists());
    // Where nobody asked for it, the other does.
    new(&["worker-2", "--", "cat"]).ok();
    assert_eq!(stage.show("worker-2")["backend"], "process");
}

#[test]
fn a_cave_whose_making_was_killed_is_finished() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    let repo = &stage.repo;
    let add = ["worktree", "add", "-q", "--no-checkout", "-b"];
    for (agent, own) in [("worker-1", None), ("worker-2", Some("mine"))] {
        let (branch, cave) = (format!("cave/{agent}"), format!("../app.caves/{agent}"));
        repo.git(&[&add[..], &[&branch, &cave, "main"]].concat());
        let cave = playground.path().join("app.caves").join(agent);
        if let Some(own) = own {
            std::fs::write(cave.join("README.md"), own).expect("a file");
        }
        let new = ["session", "new", agent, "--backend", "process", "--", "cat"];
        repo.ghp(&new).ok();
        let read = std::fs::read_to_string(cave.join("README.md")).unwrap_or_default();
        let there = std::fs::read_to_string(repo.dir.join("README.md")).expect("a file");
        // What somebody wrote there is theirs.
        assert_eq!(read, own.unwrap_or(&there), "{agent}");
        let status = ["-C", &cave.display().to_string(), "status", "--porcelain"];
        let mut git = playground.command("git", &repo.dir);
        let status = finish(git.args(status), b"").ok().stdout;
        assert_eq!(status.is_empty(), own.is_none(), "{status}");
    }
}
