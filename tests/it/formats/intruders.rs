//! Something that is no regular file, or leads elsewhere, stands where a document belongs: refused, not waited on, and what it
//! leads to is as it was.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::run;
use crate::support::{Playground, Repo, fails, finish_within};

/// The most that any of this may take. The promise is a second; a machine that does other things gets a little more.
const SOON: Duration = Duration::from_secs(15);

fn begun(playground: &Playground) -> Repo<'_> {
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard"]).ok();
    repo.agent("worker-1", &["heartbeat"]).ok();
    repo.ghp(&["log"]).ok();
    repo
}

fn fifo(path: &Path) {
    let made = finish_within(Command::new("mkfifo").arg(path), b"", SOON);
    assert_eq!(made.code, Some(0), "{made}");
}

/// Each of these commands ends soon with 77 and names the document.
#[track_caller]
fn refused(repo: &Repo<'_>, path: &str, what: &str, commands: &[&[&str]]) {
    for words in commands {
        let run = finish_within(repo.command(words).env("GHP_AGENT", "worker-1"), b"", SOON);
        assert!(run.code == Some(77) && !run.hung, "{what} as {path}: {run}");
        assert!(run.stderr.contains(path), "{what} as {path}: {run}");
    }
}

/// Every other document can still be read and written.
const STATUS_USERS: &[&[&str]] = &[&["status"], &["heartbeat"], &["status", "set", "testing"]];
const ISSUE_USERS: &[&[&str]] = &[
    &["issue", "show", "1"],
    &["issue", "comment", "1", "x"],
    &["start", "1"],
];

#[test]
fn row_33_pipes_sockets_folders_and_devices_are_not_waited_on() {
    let playground = Playground::new();
    let repo = begun(&playground);
    for (path, users, other) in [
        (
            "agent-status.json",
            STATUS_USERS,
            &["issue", "comment", "1", "x"][..],
        ),
        ("issues/1.md", ISSUE_USERS, &["status", "set", "working"]),
        (
            "config.json",
            &[
                &["status"][..],
                &["config", "set", "coordination.staleAfter", "5m"],
            ],
            &["heartbeat"],
        ),
    ] {
        let at = repo.documents().join(path);
        let aside = repo.dir.join("aside");
        for what in ["pipe", "socket", "folder", "device"] {
            fs::rename(&at, &aside).expect("aside");
            let listener = match what {
                "pipe" => {
                    fifo(&at);
                    None
                }
                "socket" => Some(UnixListener::bind(&at).expect("a socket")),
                "folder" => {
                    fs::create_dir(&at).expect("a folder");
                    None
                }
                _ => {
                    let made = finish_within(
                        Command::new("mknod").arg(&at).args(["c", "1", "5"]),
                        b"",
                        SOON,
                    );
                    if made.code != Some(0) {
                        crate::support::skip("a device as a document", "mknod is not permitted");
                        fs::rename(&aside, &at).expect("back");
                        continue;
                    }
                    None
                }
            };
            refused(&repo, path, what, users);
            finish_within(repo.command(other).env("GHP_AGENT", "worker-1"), b"", SOON).ok();
            let doctor = finish_within(&mut repo.command(&["doctor"]), b"", SOON).exit(8);
            assert!(doctor.stdout.contains(path), "{what} as {path}: {doctor}");
            finish_within(&mut repo.command(&["log"]), b"", SOON).ok();
            drop(listener);
            if what == "folder" {
                fs::remove_dir(&at)
            } else {
                fs::remove_file(&at)
            }
            .expect("gone");
            fs::rename(&aside, &at).expect("back");
        }
    }
}

fn a_symlink_instead_of_a_document(playground: &Playground) {
    let repo = begun(playground);
    let victim = playground.path().join("victim");
    for (path, users) in [
        ("agent-status.json", STATUS_USERS),
        ("issues/1.md", ISSUE_USERS),
    ] {
        let at = repo.documents().join(path);
        fs::copy(&at, &victim).expect("a copy");
        let before = fs::read(&victim).expect("a file");
        fs::remove_file(&at).expect("gone");
        symlink(&victim, &at).expect("a link");
        refused(&repo, path, "a link", users);
        assert_eq!(fs::read(&victim).expect("a file"), before);
        assert!(at.is_symlink());
        fs::remove_file(&at).expect("gone");
        fs::copy(&victim, &at).expect("back");
    }
}

#[test]
fn row_31_a_symlink_instead_of_a_document_is_not_followed() {
    a_symlink_instead_of_a_document(&Playground::new());
}

#[test]
fn a_symlink_that_is_followed_is_seen() {
    fails("links-followed", a_symlink_instead_of_a_document);
}

#[test]
fn a_symlink_instead_of_a_folder_of_documents_is_not_followed() {
    let playground = Playground::new();
    let repo = begun(&playground);
    let victim = playground.path().join("victim");
    fs::rename(repo.documents().join("issues"), &victim).expect("moved");
    symlink(&victim, repo.documents().join("issues")).expect("a link");
    let before = fs::read(victim.join("1.md")).expect("a file");
    refused(
        &repo,
        "issues",
        "a linked folder",
        &[
            &["issue", "show", "1"],
            &["issue", "comment", "1", "x"],
            &["issue", "new", "More"],
        ],
    );
    assert_eq!(fs::read(victim.join("1.md")).expect("a file"), before);
    let names = fs::read_dir(&victim).expect("a folder").count();
    assert_eq!(names, 1, "something was made in the victim's folder");
    run(repo.command(&["heartbeat"]).env("GHP_AGENT", "worker-1")).ok();
}

#[test]
fn row_30_a_symlink_instead_of_all_documents_is_not_followed() {
    let playground = Playground::new();
    let repo = begun(&playground);
    let victim = playground.path().join("victim");
    fs::rename(repo.documents(), &victim).expect("moved");
    symlink(&victim, repo.documents()).expect("a link");
    let look = || {
        let mut names: Vec<_> = fs::read_dir(&victim)
            .expect("a folder")
            .map(|entry| entry.expect("a name"))
            .map(|entry| {
                (
                    entry.file_name(),
                    entry.metadata().expect("a file").mtime_nsec(),
                    entry.metadata().expect("a file").ino(),
                )
            })
            .collect();
        names.sort();
        names
    };
    let before = look();
    refused(
        &repo,
        ".ghp",
        "a linked folder",
        &[
            &["heartbeat"],
            &["status", "set", "testing"],
            &["status"],
            &["init"],
        ],
    );
    assert_eq!(look(), before);
}

#[test]
fn row_34_a_hard_link_is_replaced_and_the_other_name_keeps_its_text() {
    let playground = Playground::new();
    let repo = begun(&playground);
    let other = playground.path().join("other");
    fs::hard_link(repo.documents().join("agent-status.json"), &other).expect("a link");
    let before = fs::read(&other).expect("a file");
    playground.pass(5);
    repo.agent("worker-1", &["heartbeat", "-m", "new"]).silent();
    repo.agent("worker-1", &["status", "set", "testing"])
        .silent();
    assert_eq!(fs::read(&other).expect("a file"), before);
    assert_eq!(repo.status()["agents"]["worker-1"]["status"], "testing");
}

#[test]
fn rows_32_and_33_the_lock_is_a_regular_file_or_nothing() {
    let playground = Playground::new();
    let repo = begun(&playground);
    let lock = repo.dir.join(".git/ghp/lock");
    let victim = playground.path().join("victim");
    fs::write(&victim, "mine\n").expect("a file");
    let writers: &[&[&str]] = &[&["heartbeat"], &["status", "set", "testing"]];
    fs::remove_file(&lock).expect("gone");

    symlink(&victim, &lock).expect("a link");
    refused(&repo, "lock", "a link", writers);
    assert_eq!(fs::read_to_string(&victim).expect("a file"), "mine\n");
    fs::remove_file(&lock).expect("gone");

    symlink(playground.path().join("nowhere"), &lock).expect("a link");
    refused(&repo, "lock", "a dangling link", writers);
    assert!(!playground.path().join("nowhere").exists());
    fs::remove_file(&lock).expect("gone");

    fs::create_dir(&lock).expect("a folder");
    refused(&repo, "lock", "a folder", writers);
    fs::remove_dir(&lock).expect("gone");

    fifo(&lock);
    refused(&repo, "lock", "a pipe", writers);
    fs::remove_file(&lock).expect("gone");

    let socket = UnixListener::bind(&lock).expect("a socket");
    refused(&repo, "lock", "a socket", writers);
    drop(socket);
    fs::remove_file(&lock).expect("gone");
    repo.agent("worker-1", &["heartbeat"]).silent();
}
