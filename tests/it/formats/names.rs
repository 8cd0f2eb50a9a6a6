//! Names that are none (rows 1 to 11): exit 2, nothing changed, nothing made, nothing run.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use super::run;
use crate::support::{Playground, Repo};

fn begun(playground: &Playground) -> Repo<'_> {
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard"]).ok();
    repo.agent("worker-10", &["heartbeat"]).ok();
    repo.ghp(&["log"]).ok();
    repo
}

/// The documents' bytes and every name in the playground but git's own.
fn world(repo: &Repo<'_>) -> Vec<String> {
    let mut command = repo.playground.command("sh", repo.playground.path());
    let line = "find . -path '*/.git/*' -prune -o -print | sort; cat app/.ghp/*.json app/.ghp/*/*.md app/.git/ghp/log";
    let run = run(command.args(["-c", line]));
    run.ok().stdout.lines().map(str::to_owned).collect()
}

#[test]
fn rows_1_to_10_names_of_agents() {
    let playground = Playground::new();
    let repo = begun(&playground);
    let before = world(&repo);
    let long = "a".repeat(65);
    let huge = "a".repeat(100_000);
    let rows = [
        (1, ""),
        (2, "../../etc/passwd"),
        (2, "a/b"),
        (3, "-rf"),
        (3, "--help"),
        (4, "#(touch PWN)"),
        (5, "$(touch PWN)"),
        (5, "`id`"),
        (5, "a;b"),
        (5, "a|b"),
        (5, "a b"),
        (5, "a\nb"),
        (7, "WORKER-1"),
        (8, "a.lock"),
        (8, ".a"),
        (8, "a..b"),
        (8, "@"),
        (8, "HEAD"),
        (9, &long),
        (9, &huge),
        (10, "w\u{43e}rker-1"),
        (10, "worker\u{200d}-1"),
        (10, "worker-\u{202e}1"),
    ];
    for (row, name) in rows {
        let uses: [&[&str]; 8] = [
            &["--agent", name, "heartbeat"],
            &["-t", name, "status", "set", "testing"],
            &["assign", "1", name],
            &["handoff", name, "-i", "1", "-m", "x"],
            &["whoami", "--set", name],
            &["issue", "new", "More", "--assign", name],
            &["start", "1", "--for", name],
            &["status", "rm", name],
        ];
        for words in uses {
            let run = repo.ghp(words);
            // Help is no change either.
            let helped =
                row == 3 && name == "--help" && run.code == Some(0) && run.stdout.contains("Usage");
            assert!(run.code == Some(2) || helped, "row {row}: {run}");
            assert!(run.took.as_secs() < 10, "row {row}: {run}");
        }
        if !name.is_empty() {
            repo.agent(name, &["heartbeat"]).exit(2);
        }
        assert_eq!(world(&repo), before, "row {row}: {name:?}");
    }
}

#[test]
fn row_2_a_path_is_no_id() {
    let playground = Playground::new();
    let repo = begun(&playground);
    fs::write(
        playground.path().join("secret.md"),
        "---\ntitle: secret\nstatus: open\n---\n",
    )
    .expect("a file");
    let before = world(&repo);
    for id in [
        "../../../secret",
        "../issues/1",
        "/etc/passwd",
        "..",
        "1.md",
        "issues/1",
        "0",
        "-1",
        "18446744073709551616",
        "#",
        "147x",
    ] {
        for words in [
            &["issue", "show", id][..],
            &["show", id],
            &["answer", id, "yes"],
            &["issue", "close", id],
            &["start", id],
            &["wait", id, "1s"],
        ] {
            let run = repo.ghp(words);
            assert_eq!(run.code, Some(2), "{run}");
            assert!(!run.stdout.contains("secret"), "{run}");
        }
    }
    assert_eq!(world(&repo), before);
}

#[test]
fn row_6_a_name_is_never_found_by_its_beginning() {
    let playground = Playground::new();
    let repo = begun(&playground);
    repo.ghp(&["status", "worker-1"]).exit(2).says("worker-10");
    repo.ghp(&["status", "rm", "worker-1"]).exit(2);
    assert!(repo.status()["agents"]["worker-10"].is_object());
}

#[test]
fn row_8_reserved_words_are_no_names() {
    let playground = Playground::new();
    let repo = begun(&playground);
    for name in [
        "any", "all", "none", "set", "rm", "show", "list", "here", "ghp",
    ] {
        repo.ghp(&["--agent", name, "heartbeat"]).exit(2);
        repo.ghp(&["assign", "1", name]).exit(2);
    }
}

#[test]
fn row_11_what_is_not_utf_8() {
    let playground = Playground::new();
    let repo = begun(&playground);
    let before = world(&repo);
    let bad = OsStr::from_bytes(b"worker-\xff");
    for words in [
        &["status"][..],
        &["--agent"],
        &["issue", "new"],
        &["-C"],
        &["escalate"],
    ] {
        let mut command = repo.command(words);
        run(command.arg(bad)).exit(2);
    }
    // A name that cannot be read is still the name of an agent: never taken for a person.
    for words in [&["heartbeat"][..], &["issue", "new", "x"], &["whoami"]] {
        let mut command = repo.command(words);
        run(command.env("GHP_AGENT", bad)).exit(2).says("GHP_AGENT");
    }
    assert_eq!(world(&repo), before);
}
