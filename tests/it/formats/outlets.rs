//! Nobody reads what we print, or it cannot be printed (row 42): no panic, and what was asked for is done.

use std::process::Stdio;

use super::through_shell;
use crate::support::{Playground, Repo};

const READERS: &[&[&str]] = &[
    &["status"],
    &["status", "--json"],
    &["log"],
    &["help"],
    &["--version"],
    &["issues"],
    &["doctor"],
    &["nonsense"],
    &["help", "all"],
    &["completions", "bash"],
];

fn begun(playground: &Playground) -> Repo<'_> {
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard"]).ok();
    repo.agent("worker-1", &["heartbeat"]).ok();
    repo
}

#[test]
fn row_42_stdout_is_closed() {
    let playground = Playground::new();
    let repo = begun(&playground);
    for words in READERS {
        let run = through_shell(&repo, "exec \"$@\" >&-", words);
        let expected = if *words == ["nonsense"] { 2 } else { 0 };
        assert_eq!(run.code, Some(expected), "{run}");
        let run = through_shell(&repo, "exec \"$@\" >&- 2>&- <&-", words);
        assert_eq!(run.code, Some(expected), "{run}");
    }
    through_shell(
        &repo,
        "exec \"$@\" >&- 2>&- <&-",
        &["-t", "worker-1", "escalate", "Which?"],
    )
    .ok();
    repo.ghp(&["inbox"]).ok().prints("Which?");
}

#[test]
fn row_42_stdout_is_a_full_device() {
    let playground = Playground::new();
    let repo = begun(&playground);
    for words in READERS.iter().filter(|words| **words != ["nonsense"]) {
        let run = through_shell(&repo, "exec \"$@\" >/dev/full", words);
        assert_eq!(run.code, Some(1), "{run}");
        let run = through_shell(&repo, "exec \"$@\" >/dev/full 2>/dev/full", words);
        assert_eq!(run.code, Some(1), "{run}");
    }
    through_shell(
        &repo,
        "exec \"$@\" >/dev/full",
        &["-t", "worker-1", "escalate", "Which?"],
    )
    .exit(1)
    .says("done");
    repo.ghp(&["inbox"]).ok().prints("Which?");
    through_shell(&repo, "exec \"$@\" 2>/dev/full", &["nonsense"]).exit(2);
}

#[test]
fn row_42_the_reader_has_gone() {
    let playground = Playground::new();
    let repo = begun(&playground);
    let gone = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        Stdio::from(writer)
    };
    for words in READERS.iter().filter(|words| **words != ["nonsense"]) {
        let ended = repo
            .command(words)
            .stdin(Stdio::null())
            .stdout(gone())
            .status()
            .expect("runs");
        assert_eq!(ended.code(), Some(0), "{words:?}");
        let ended = repo
            .command(words)
            .stdin(Stdio::null())
            .stdout(gone())
            .stderr(gone())
            .status()
            .expect("runs");
        assert_eq!(ended.code(), Some(0), "{words:?}");
    }
    let mut escalate = repo.command(&["-t", "worker-1", "escalate", "Which?"]);
    assert_eq!(
        escalate
            .stdin(Stdio::null())
            .stdout(gone())
            .status()
            .expect("runs")
            .code(),
        Some(0)
    );
    repo.ghp(&["inbox"]).ok().prints("Which?");
}
