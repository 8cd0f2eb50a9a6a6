//! What the environment and the repository bring along is not run and does not lead astray (rows 48 to 53).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::run;
use crate::support::{GHP, Playground, Repo, copy, finish, is_root, require};

/// A program that leaves a trace when it is run.
fn payload(at: &Path, trace: &Path) {
    fs::create_dir_all(at.parent().expect("a folder")).expect("a folder");
    fs::write(
        at,
        format!(
            "#!/bin/sh\necho \"$0 $*\" >> '{}'\nexit 1\n",
            trace.display()
        ),
    )
    .expect("a file");
    fs::set_permissions(at, fs::Permissions::from_mode(0o755)).expect("its mode");
}

fn begun(playground: &Playground) -> (Repo<'_>, PathBuf) {
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard"]).ok();
    repo.agent("worker-1", &["start", "1"]).ok();
    fs::write(repo.dir.join("README.md"), "# Changed\n").expect("a file");
    (repo, playground.path().join("trace"))
}

/// Verbs that ask the git program or open the repository, each of which must succeed.
const ASKING: &[&[&str]] = &[
    &["heartbeat"],
    &["whoami"],
    &["handoff", "worker-2", "-m", "x"],
    &["log", "-p"],
    &["doctor"],
    &["issue", "new", "More"],
    &[
        "start",
        "2",
        "--worktree",
        "--for",
        "worker-3",
        "--agent",
        "human",
    ],
    &["status"],
    &["init"],
];

#[test]
fn row_50_variables_of_git_run_nothing() {
    let playground = Playground::new();
    let (repo, trace) = begun(&playground);
    let evil = playground.path().join("evil");
    payload(&evil.join("run"), &trace);
    payload(&evil.join("git"), &trace);
    payload(&evil.join("git-log"), &trace);
    let program = evil.join("run");
    for words in ASKING {
        let mut command = repo.command(words);
        command
            .env("GHP_AGENT", "worker-1")
            .env("GIT_EXEC_PATH", &evil);
        for (number, key) in [
            "core.fsmonitor",
            "core.sshCommand",
            "diff.external",
            "core.pager",
            "core.hooksPath",
            "core.editor",
            "diff.ghp.command",
        ]
        .iter()
        .enumerate()
        {
            command.env(format!("GIT_CONFIG_KEY_{number}"), key);
            command.env(
                format!("GIT_CONFIG_VALUE_{number}"),
                if *key == "core.hooksPath" {
                    &evil
                } else {
                    &program
                },
            );
        }
        command.env("GIT_CONFIG_COUNT", "7");
        for name in [
            "GIT_EXTERNAL_DIFF",
            "GIT_SSH",
            "GIT_SSH_COMMAND",
            "GIT_PAGER",
            "GIT_EDITOR",
            "GIT_ASKPASS",
            "PAGER",
            "EDITOR",
        ] {
            command.env(name, &program);
        }
        command
            .env("GIT_CONFIG_PARAMETERS", "'core.fsmonitor=false'")
            .env("GIT_NAMESPACE", "evil")
            .env("GIT_OBJECT_DIRECTORY", "/nowhere");
        run(&mut command).ok();
        assert!(
            !trace.exists(),
            "{words:?} ran {}",
            fs::read_to_string(&trace).unwrap_or_default()
        );
    }
}

#[test]
fn row_49_settings_of_the_repository_run_nothing() {
    let playground = Playground::new();
    let (repo, trace) = begun(&playground);
    let evil = playground.path().join("evil");
    let program = evil.join("run");
    payload(&program, &trace);
    for hook in [
        "post-checkout",
        "reference-transaction",
        "post-index-change",
        "pre-commit",
        "post-commit",
        "prepare-commit-msg",
    ] {
        payload(&evil.join(hook), &trace);
    }
    let said = program.to_str().expect("UTF-8");
    for key in [
        "core.fsmonitor",
        "core.sshCommand",
        "diff.external",
        "core.pager",
        "core.editor",
        "core.askPass",
        "credential.helper",
        "gpg.program",
    ] {
        repo.git(&["config", key, said]);
    }
    repo.git(&["config", "core.hooksPath", evil.to_str().expect("UTF-8")]);
    repo.git(&["config", "commit.gpgSign", "true"]);
    for words in ASKING {
        run(repo.command(words).env("GHP_AGENT", "worker-1")).ok();
        assert!(
            !trace.exists(),
            "{words:?} ran {}",
            fs::read_to_string(&trace).unwrap_or_default()
        );
    }
}

#[test]
fn row_53_programs_lying_in_the_work_tree_are_not_run() {
    let playground = Playground::new();
    let (repo, trace) = begun(&playground);
    for program in ["git", "tmux", "sh", "cat", "bin/git", "bin/ssh"] {
        payload(&repo.dir.join(program), &trace);
        payload(&repo.documents().join(program), &trace);
    }
    let path = std::env::var("PATH").expect("PATH is set");
    for words in ASKING {
        let mut command = repo.command(words);
        command
            .env("GHP_AGENT", "worker-1")
            .env("PATH", format!(".:bin::{path}:."));
        run(&mut command).ok();
        assert!(
            !trace.exists(),
            "{words:?} ran {}",
            fs::read_to_string(&trace).unwrap_or_default()
        );
    }
}

#[test]
fn row_48_another_users_repository_is_refused() {
    let what = "a repository of another user";
    if !is_root(what) || !require("setpriv", what) {
        return;
    }
    let playground = Playground::new();
    let (repo, _) = begun(&playground);
    // The test's folder is for its owner alone.
    fs::set_permissions(playground.path(), fs::Permissions::from_mode(0o755)).expect("its mode");
    let program = playground.path().join("ghp");
    // By another process: ours must hold no descriptor that writes a program about to be run.
    copy(Path::new(GHP), &program);
    for words in [&["status"][..], &["heartbeat"], &["init"]] {
        let mut command = playground.command("setpriv", &repo.dir);
        command
            .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
            .arg(&program)
            .args(words);
        let run = finish(command.env("GHP_AGENT", "worker-1"), b"");
        assert!(matches!(run.code, Some(77 | 7)), "{run}");
        assert!(
            run.stderr.contains("another user") || run.stderr.contains("not owned"),
            "{run}"
        );
    }
}
