//! Where the hooks are written, what was there before, and a ghp that is gone.

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::{DASHBOARD, commit, git, program, repo, run, worktree, write};
use crate::support::{GHP, Playground, Repo, require};

/// Every file with its mode and bytes, and where symlinks lead.
fn folder(path: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let entries = std::fs::read_dir(path).expect("a folder");
    let entry = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("an entry").path();
        let meta = path.symlink_metadata().expect("there");
        let bytes = if meta.is_symlink() {
            let to = std::fs::read_link(&path).expect("a link");
            to.into_os_string().into_encoded_bytes()
        } else {
            std::fs::read(&path).expect("a file")
        };
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        (name, (meta.permissions().mode(), bytes))
    };
    entries.map(entry).collect()
}

fn on_path(playground: &Playground) -> String {
    let path = std::env::var("PATH").expect("PATH");
    format!("{}:{path}", playground.path().join("bin").display())
}

/// As if the program that was installed had been removed.
fn forget_the_program(repo: &Repo<'_>) {
    for name in ["pre-commit", "prepare-commit-msg", "pre-push"] {
        let path = repo.dir.join(".git/hooks").join(name);
        let text = std::fs::read_to_string(&path).expect("a hook");
        let text = text.replace(&format!("own='{GHP}'"), "own='/nowhere/ghp'");
        assert!(text.contains("/nowhere/ghp"), "{text}");
        std::fs::write(&path, text).expect("a hook");
    }
}

#[test]
fn what_was_there_still_runs_and_comes_back() {
    let playground = Playground::new();
    let repo = repo(&playground);
    let hooks = repo.dir.join(".git/hooks");
    let log = playground.path().join("log");
    let shown = log.display();
    // One that looks at its own name, one that reads its input, and a link to a program.
    program(
        &hooks.join("pre-commit"),
        &format!(
            "#!/bin/sh\necho \"$(basename \"$0\") in $(dirname \"$0\")\" >>{shown}\n[ ! -e stop ] || exit 9\n"
        ),
    );
    let python = require("python3", "hooks in Python");
    let interpreter = if python {
        "#!/usr/bin/env python3"
    } else {
        "#!/bin/sh"
    };
    let reads = if python {
        format!(
            "import sys\nopen('{shown}', 'a').write(' '.join(sys.argv[1:]) + '\\n' + sys.stdin.read())\n"
        )
    } else {
        format!("echo \"$*\" >>{shown}\ncat >>{shown}\n")
    };
    program(&hooks.join("pre-push"), &format!("{interpreter}\n{reads}"));
    symlink("/bin/true", hooks.join("prepare-commit-msg")).expect("a link");
    std::fs::set_permissions(
        hooks.join("pre-push"),
        std::fs::Permissions::from_mode(0o711),
    )
    .expect("a mode");
    let before = folder(&hooks);

    repo.ghp(&["install", "git", "--check"]).exit(8);
    repo.ghp(&["install", "git"])
        .ok()
        .prints("pre-commit.before-ghp");
    let installed = folder(&hooks);
    repo.ghp(&["install", "git"]).ok().prints("already");
    assert_eq!(folder(&hooks), installed);
    repo.ghp(&["install", "git", "--check"]).ok();

    let one = worktree(&repo, "worker-1", DASHBOARD);
    commit(&one, "src/dashboard/a", "a").silent();
    let said = std::fs::read_to_string(&log).expect("the hook ran");
    assert_eq!(
        said,
        format!("pre-commit in {}\n", hooks.display()),
        "its own name"
    );
    // Its refusal counts, and so does ours behind it.
    write(&one, "stop", "");
    commit(&one, "src/dashboard/a", "b").exit(1);
    std::fs::remove_file(one.dir.join("stop")).expect("there");
    commit(&one, "README.md", "shared")
        .exit(1)
        .says("README.md");
    one.git(&["reset", "-q", "--hard"]);

    repo.git(&["init", "-q", "--bare", "../remote.git"]);
    repo.git(&["remote", "add", "origin", "../remote.git"]);
    std::fs::write(&log, "").expect("a log");
    let tip = one.git(&["rev-parse", "HEAD"]);
    one.try_git(&["push", "-q", "origin", DASHBOARD]).silent();
    let said = std::fs::read_to_string(&log).expect("the hook ran");
    let zeros = "0".repeat(40);
    let line = format!(
        "origin ../remote.git\nrefs/heads/{DASHBOARD} {} refs/heads/{DASHBOARD} {zeros}\n",
        tip.trim()
    );
    assert_eq!(said, line);

    // Another program writes over ours.
    program(&hooks.join("pre-commit"), "#!/bin/sh\n# of a manager\n");
    repo.ghp(&["install", "git", "--check"]).exit(8);
    repo.ghp(&["install", "git"]).ok();
    repo.ghp(&["install", "git", "--check"]).ok();
    std::fs::rename(
        hooks.join("pre-commit.before-ghp-2"),
        hooks.join("pre-commit.before-ghp"),
    )
    .expect("the first one was kept");

    repo.ghp(&["install", "git", "--remove"]).ok();
    assert_eq!(folder(&hooks), before);
    repo.ghp(&["install", "git", "--remove"])
        .ok()
        .prints("was not in");
    assert_eq!(folder(&hooks), before);
}

#[test]
fn a_manager_that_runs_what_it_found_runs_it_once() {
    let playground = Playground::new();
    let repo = repo(&playground);
    repo.ghp(&["install", "git"]).ok();
    let hooks = repo.dir.join(".git/hooks");
    // As the pre-commit framework does with a hook that is there.
    let (ours, legacy) = (hooks.join("pre-commit"), hooks.join("pre-commit.legacy"));
    std::fs::rename(&ours, &legacy).expect("moved");
    let ran = playground.path().join("ran");
    let manager = format!(
        "#!/bin/bash\necho ran >>{}\n\"$(dirname \"$0\")\"/pre-commit.legacy\n",
        ran.display()
    );
    program(&ours, &manager);
    let one = worktree(&repo, "worker-1", DASHBOARD);
    commit(&one, "README.md", "x").exit(1).says("README.md");
    repo.ghp(&["install", "git", "--check"]).exit(8);
    repo.ghp(&["install", "git"]).ok();
    let refused = commit(&one, "README.md", "x").exit(1);
    assert_eq!(refused.stderr.matches("Next:").count(), 1, "{refused}");
    let ran = std::fs::read_to_string(ran).expect("it ran");
    assert_eq!(ran.lines().count(), 2, "{ran}");
    one.git(&["reset", "-q", "--hard"]);
    commit(&one, "src/dashboard/a", "a").silent();
}

#[test]
fn a_hook_that_git_would_not_run_does_not_run() {
    let playground = Playground::new();
    let repo = repo(&playground);
    let hook = repo.dir.join(".git/hooks/pre-commit");
    program(&hook, "#!/bin/sh\nexit 1\n");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    repo.ghp(&["install", "git"]).ok();
    commit(&repo, "a", "a").ok();
    repo.ghp(&["install", "git", "--remove"]).ok();
    let mode = hook.metadata().expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}

#[test]
fn without_ghp_git_goes_on() {
    let playground = Playground::new();
    let repo = repo(&playground);
    repo.ghp(&["install", "git"]).ok();
    let one = worktree(&repo, "worker-1", DASHBOARD);
    forget_the_program(&repo);
    let gone = commit(&one, "README.md", "gone").ok();
    assert_eq!(gone.stderr.lines().count(), 1, "{gone}");
    let gone = gone.says("this commit was not checked: ghp is neither at /nowhere/ghp nor on PATH");
    assert!(gone.stdout.is_empty(), "{gone}");
    repo.git(&["init", "-q", "--bare", "../remote.git"]);
    repo.git(&["remote", "add", "origin", "../remote.git"]);
    let pushed = one.try_git(&["push", "-q", "origin", DASHBOARD]).ok();
    let pushed = pushed.says("this push was not checked");
    assert_eq!(pushed.stderr.lines().count(), 1, "{pushed}");
    // Another program of that name stops nobody, whatever it answers.
    let path = on_path(&playground);
    for answer in [
        "exit 1",
        "exit 3",
        "case $1 in --version) echo 0.9.1;; *) exit 3;; esac",
        "case $1 in --version) echo ghp 0.9.1;; *) echo unknown >&2; exit 1;; esac",
    ] {
        let other = format!("#!/bin/sh\n{answer}\n");
        program(&playground.path().join("bin/ghp"), &other);
        let words = ["commit", "-q", "--allow-empty", "-m", "x"];
        let impostor = run(git(&one, words).env("PATH", &path)).ok();
        impostor.says("this commit was not checked");
    }
    // The real one is found there.
    std::fs::remove_file(playground.path().join("bin/ghp")).expect("there");
    symlink(GHP, playground.path().join("bin/ghp")).expect("a link");
    write(&one, "README.md", "found");
    run(git(&one, ["commit", "-qam", "x"]).env("PATH", &path))
        .exit(1)
        .says("README.md");
    // Not one that lies in the worktree.
    let here = format!("worker-1:{}", std::env::var("PATH").expect("PATH"));
    program(
        &one.dir.join("worker-1/ghp"),
        "#!/bin/sh\necho ghp 1; touch ../ran\n",
    );
    let relative = run(git(&one, ["commit", "-qam", "x"]).env("PATH", here)).ok();
    relative.says("not checked");
    assert!(!playground.path().join("ran").exists());
}

#[test]
fn where_git_looks_for_hooks() {
    let playground = Playground::new();
    let repo = repo(&playground);
    repo.git(&["config", "core.hooksPath", ".husky/_"]);
    // As husky's: the script finds its name in $0, and reads a file beside it.
    let husky = repo.dir.join(".husky/_");
    program(
        &husky.join("h"),
        "n=$(basename \"$0\")\nsh -e \"$(dirname \"$0\")/../$n\" \"$@\"\n",
    );
    program(
        &husky.join("pre-commit"),
        "#!/usr/bin/env sh\n. \"${0%/*}/h\"\n",
    );
    write(&repo, ".husky/pre-commit", "touch ran\n");
    repo.ghp(&["install", "git"])
        .ok()
        .prints("core.hooksPath is .husky/_, in the worktree");
    assert!(!repo.dir.join(".git/hooks/pre-commit").exists());
    run(git(&repo, ["commit", "-q", "--allow-empty", "-m", "x"]).env("GHP_AGENT", "worker-1"))
        .silent();
    assert!(repo.dir.join("ran").exists(), "husky's hook ran");
    write(&repo, "README.md", "shared");
    run(git(&repo, ["commit", "-qam", "x"]).env("GHP_AGENT", "worker-1")).exit(1);
    repo.ghp(&["install", "git", "--remove"]).ok();
    let left = folder(&husky);
    assert_eq!(left.keys().collect::<Vec<_>>(), ["h", "pre-commit"]);
    // Everybody's folder, and none at all.
    let shared = playground.path().join("all hooks");
    let setting = shared.display().to_string();
    repo.git(&["config", "--unset", "core.hooksPath"]);
    repo.git(&["config", "--global", "core.hooksPath", &setting]);
    repo.ghp(&["install", "git"])
        .ok()
        .prints("every repository");
    run(git(&repo, ["commit", "-qam", "x"]).env("GHP_AGENT", "worker-1")).exit(1);
    repo.git(&["config", "core.hooksPath", "/dev/null"]);
    repo.ghp(&["install", "git"])
        .exit(2)
        .says("git config --unset core.hooksPath");
}
