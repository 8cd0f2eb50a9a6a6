//! What stands where a document should, and disks that cannot take one.

use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::fs::{CWD, FlockOperation, Mode, flock, mkfifoat};

use crate::support::{Playground, Repo, finish, is_root, require};

/// Both a reader and writers must refuse it, at once.
#[track_caller]
fn unsafe_status(repo: &Repo<'_>, what: &str) {
    for words in [
        &["status"][..],
        &["heartbeat"],
        &["status", "set", "working"],
    ] {
        let run = repo.agent("worker-1", words);
        assert_eq!(run.code, Some(77), "{what}: {run}");
        assert!(
            run.took < Duration::from_secs(2),
            "{what}: it took {:?}",
            run.took
        );
    }
}

#[test]
fn rows_30_to_33_links_pipes_folders_and_devices_are_refused_and_never_waited_on() {
    let playground = Playground::new();
    let repo = playground.repo();
    let path = repo.documents().join("agent-status.json");
    let victim = playground.path().join("victim");
    fs::write(&victim, "{\"agents\": {}}\n").expect("a file");
    let clear = || {
        if path.is_dir() && !path.is_symlink() {
            fs::remove_dir(&path).expect("removed");
        } else {
            fs::remove_file(&path).expect("removed");
        }
    };
    clear();
    symlink(&victim, &path).expect("a link");
    unsafe_status(&repo, "31 a symlink");
    clear();
    mkfifoat(CWD, &path, Mode::from_raw_mode(0o644)).expect("a pipe");
    unsafe_status(&repo, "33 a pipe");
    clear();
    fs::create_dir(&path).expect("a folder");
    unsafe_status(&repo, "33 a folder");
    clear();
    symlink("/dev/zero", &path).expect("a link");
    unsafe_status(&repo, "33 a device");
    clear();
    assert_eq!(
        fs::read_to_string(&victim).expect("the victim"),
        "{\"agents\": {}}\n"
    );

    let lock = repo.dir.join(".git/ghp/lock");
    fs::remove_file(&lock).expect("removed");
    symlink(&victim, &lock).expect("a link");
    repo.agent("worker-1", &["heartbeat"]).exit(77);
    fs::remove_file(&lock).expect("removed");
    mkfifoat(CWD, &lock, Mode::from_raw_mode(0o644)).expect("a pipe");
    let run = repo.agent("worker-1", &["heartbeat"]);
    assert!(
        run.took < Duration::from_secs(2) && run.code != Some(0),
        "33 the lock is a pipe: {run}"
    );
}

#[test]
fn row_30_a_documents_folder_that_is_a_link_is_refused() {
    let playground = Playground::new();
    let repo = playground.repo();
    let victim = playground.path().join("victim");
    fs::rename(repo.documents(), &victim).expect("moved");
    symlink(&victim, repo.documents()).expect("a link");
    let before = fs::read_to_string(victim.join("agent-status.json")).expect("the victim");
    for words in [
        &["heartbeat"][..],
        &["status", "set", "working"],
        &["status"],
    ] {
        repo.agent("worker-1", words).exit(77);
    }
    assert_eq!(
        fs::read_to_string(victim.join("agent-status.json")).expect("the victim"),
        before
    );
}

#[test]
fn row_31_a_folder_of_documents_that_is_a_link_is_not_written_through() {
    let playground = Playground::new();
    let repo = playground.repo();
    let victim = playground.path().join("victim");
    fs::create_dir(&victim).expect("a folder");
    symlink(&victim, repo.documents().join("issues")).expect("a link");
    let run = repo.ghp(&["issue", "new", "Out"]);
    assert_eq!(
        fs::read_dir(&victim).expect("the victim").count(),
        0,
        "{run}"
    );
    run.exit(77);
}

#[test]
fn row_34_a_hard_linked_status_is_replaced_and_the_other_name_keeps_its_words() {
    let playground = Playground::new();
    let repo = playground.repo();
    let other = playground.path().join("other");
    fs::hard_link(repo.documents().join("agent-status.json"), &other).expect("a second name");
    let before = fs::read_to_string(&other).expect("the other");
    repo.agent("worker-1", &["heartbeat"]).silent();
    assert_eq!(fs::read_to_string(&other).expect("the other"), before);
}

/// Mounts a small file system of its own; unmounted when dropped.
struct Mount<'a>(&'a Path);

impl<'a> Mount<'a> {
    fn new(at: &'a Path, options: &str) -> Mount<'a> {
        fs::create_dir_all(at).expect("a folder");
        finish(
            Command::new("mount")
                .args(["-t", "tmpfs", "-o", options, "ghp-it"])
                .arg(at),
            b"",
            Duration::from_secs(20),
        )
        .ok();
        Mount(at)
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        finish(
            Command::new("mount").args(["-o", &options]).arg(self.0),
            b"",
            Duration::from_secs(20),
        )
        .ok();
    }
}

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        let ended = Command::new("umount").arg("-l").arg(self.0).status();
        assert!(
            ended.is_ok_and(|status| status.success()) || std::thread::panicking(),
            "it stays mounted"
        );
    }
}

#[test]
fn row_35_a_read_only_disk_is_said_and_reading_goes_on() {
    if !is_root("row 35, a read-only disk") {
        return;
    }
    let playground = Playground::new();
    let at = playground.path().join("app");
    let mount = Mount::new(&at, "size=32m");
    let repo = playground.repo();
    repo.agent("worker-1", &["heartbeat"]).silent();
    mount.remount("ro");
    repo.ghp(&["status"]).ok().prints("worker-1");
    for words in [
        &["heartbeat"][..],
        &["status", "set", "testing"],
        &["escalate", "Why?"],
        &["log"],
    ] {
        let run = repo.agent("worker-1", words);
        if words != ["log"] {
            assert_eq!(run.code, Some(1), "{run}");
            assert!(run.stderr.contains("Read-only file system"), "{run}");
        }
        assert_ne!(run.code, Some(101), "{run}");
    }
    mount.remount("rw");
    repo.agent("worker-1", &["status", "set", "testing"])
        .silent();
}

#[test]
fn row_36_a_full_disk_keeps_the_old_and_leaves_nothing() {
    if !is_root("row 36, a full disk") {
        return;
    }
    for (what, full) in [
        ("blocks", "size=600k"),
        ("inodes", "size=32m,nr_inodes=160"),
    ] {
        let playground = Playground::new();
        let at = playground.path().join("app");
        let _mount = Mount::new(&at, full);
        let repo = playground.repo();
        repo.agent("worker-1", &["status", "set", "working"])
            .silent();
        let filler = at.join("filler");
        if what == "blocks" {
            // Ends when there is no room.
            let mut file = File::create(&filler).expect("a file");
            let ended = std::io::copy(&mut std::io::repeat(b'x'), &mut file);
            assert!(ended.is_err(), "the disk was not full");
        } else {
            fs::create_dir(&filler).expect("a folder");
            let ended = (0..1000).find_map(|n| File::create(filler.join(n.to_string())).err());
            assert!(ended.is_some(), "the disk was not full");
        }
        let before = repo.read("agent-status.json");
        let run = repo.agent(
            "worker-1",
            &["heartbeat", "-m", "more words than there were"],
        );
        assert_eq!(run.code, Some(1), "{what}: {run}");
        assert!(run.stderr.contains("No space left"), "{what}: {run}");
        // A small record may still find room in the log's last block: then it is decided, and said to be.
        let asked = repo.agent("worker-1", &["escalate", "Why?"]);
        assert!(
            matches!(asked.code, Some(0 | 1)) && asked.stderr.contains("No space left"),
            "{what}: {asked}"
        );
        assert_eq!(repo.read("agent-status.json"), before, "{what}");
        assert_eq!(
            repo.ghp(&["status", "--json"]).ok().json()["agents"]
                .as_array()
                .map(Vec::len),
            Some(1),
            "{what}"
        );
        if filler.is_dir() {
            fs::remove_dir_all(&filler)
        } else {
            fs::remove_file(&filler)
        }
        .expect("removed");
        repo.agent("worker-1", &["status", "set", "testing"])
            .silent();
        let questions =
            fs::read_dir(repo.documents().join("escalations")).map_or(0, Iterator::count);
        assert_eq!(
            questions,
            usize::from(asked.code == Some(0)),
            "{what}: {asked}"
        );
        repo.ghp(&["log", "-q"]).ok();
        let left = fs::read_dir(repo.documents().join(".new")).map_or(0, Iterator::count);
        assert_eq!(left, 0, "{what}: something was left");
        repo.git(&["fsck", "--strict", "--no-dangling", "--no-progress"]);
    }
}

#[test]
fn row_37_without_permission_the_path_is_said() {
    if !is_root("row 37, somebody without permission")
        || !require("setpriv", "row 37, somebody without permission")
    {
        return;
    }
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["heartbeat"]).silent();
    fs::set_permissions(playground.path(), fs::Permissions::from_mode(0o755)).expect("our own");
    let mut command = playground.command("setpriv", &repo.dir);
    command.args([
        "--reuid",
        "65534",
        "--regid",
        "65534",
        "--clear-groups",
        crate::support::GHP,
        "heartbeat",
    ]);
    let run = finish(
        command.env("GHP_AGENT", "worker-1"),
        b"",
        Duration::from_secs(20),
    );
    assert!(matches!(run.code, Some(1 | 7 | 77)), "{run}");
    assert!(run.stderr.contains("app"), "no path in: {run}");
}

#[test]
fn row_39_a_lock_that_is_held_is_waited_for_and_its_holder_named() {
    let playground = Playground::new();
    let repo = playground.repo();
    let file = File::open(repo.dir.join(".git/ghp/lock")).expect("the lock");
    flock(&file, FlockOperation::LockExclusive).expect("free");
    let run = finish(
        repo.command(&["heartbeat"])
            .env("GHP_AGENT", "a")
            .env("GHP_LOCK_TIMEOUT", "1s"),
        b"",
        Duration::from_secs(20),
    );
    let run = run
        .exit(75)
        .says(&format!("process {}", std::process::id()));
    assert!(
        run.took >= Duration::from_secs(1) && run.took < Duration::from_secs(5),
        "{:?}",
        run.took
    );
    repo.ghp(&["status"]).ok();
    drop(file);
    repo.agent("a", &["heartbeat"]).silent();
}

#[test]
fn row_40_a_lock_file_deleted_under_its_holder_does_no_harm() {
    let playground = Playground::new();
    let repo = playground.repo();
    let lock = repo.dir.join(".git/ghp/lock");
    let held = File::open(&lock).expect("the lock");
    flock(&held, FlockOperation::LockExclusive).expect("free");
    fs::remove_file(&lock).expect("removed");
    repo.agent("a", &["heartbeat"]).silent();
    assert!(lock.exists());
}

#[test]
fn row_42_nobody_listens() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["heartbeat"]).silent();
    let full = || {
        Stdio::from(
            File::options()
                .write(true)
                .open("/dev/full")
                .expect("a device"),
        )
    };
    let gone = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        Stdio::from(OwnedFd::from(writer))
    };
    for words in [
        &["status"][..],
        &["status", "--json"],
        &["log"],
        &["issue", "new", "Unheard"],
        &["--help"],
        &["help", "all"],
        &["nonsense"],
    ] {
        let end = |stdout: Stdio, stderr: Stdio| {
            repo.command(words)
                .stdin(Stdio::null())
                .stdout(stdout)
                .stderr(stderr)
                .status()
                .expect("run")
                .code()
        };
        let piped = end(gone(), gone());
        assert!(
            matches!(piped, Some(0 | 2)),
            "{words:?} into a closed pipe: {piped:?}"
        );
        let filled = end(full(), full());
        assert!(
            matches!(filled, Some(0..=2)),
            "{words:?} into a full device: {filled:?}"
        );
    }
    let shut = format!("exec {} status >&- 2>&-", crate::support::GHP);
    let run = finish(
        playground.command("sh", &repo.dir).args(["-c", &shut]),
        b"",
        Duration::from_secs(20),
    );
    assert!(matches!(run.code, Some(0 | 1)), "with stdout closed: {run}");
}

#[test]
fn row_43_limits_of_the_process_are_errors_and_no_signals() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["heartbeat"]).silent();
    let before = repo.read("agent-status.json");
    for limit in ["ulimit -f 0", "ulimit -n 4"] {
        for words in ["heartbeat -m more", "status set testing"] {
            let line = format!("{limit}; exec {} {words}", crate::support::GHP);
            let mut command = playground.command("sh", &repo.dir);
            let run = finish(
                command.args(["-c", &line]).env("GHP_AGENT", "worker-1"),
                b"",
                Duration::from_secs(20),
            );
            assert!(
                run.signal.is_none() && !matches!(run.code, Some(0 | 101)),
                "{limit}: {run}"
            );
        }
    }
    assert_eq!(repo.read("agent-status.json"), before);
}

#[test]
fn row_38_any_umask_makes_files_that_others_can_read_and_git_can_use() {
    let playground = Playground::new();
    let repo = playground.repo();
    for mask in ["000", "077"] {
        let line = format!(
            "umask {mask}; exec {} issue new Masked",
            crate::support::GHP
        );
        finish(
            playground.command("sh", &repo.dir).args(["-c", &line]),
            b"",
            Duration::from_secs(20),
        )
        .ok();
    }
    for n in [1, 2] {
        let mode = fs::metadata(repo.documents().join(format!("issues/{n}.md")))
            .expect("the issue")
            .mode()
            & 0o777;
        assert!(mode & 0o600 == 0o600 && mode & 0o133 == 0, "{mode:o}");
    }
    repo.ghp(&["issue", "list"]).ok();
}

#[test]
fn what_editors_leave_is_no_document() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One"]).ok();
    for name in [
        ".#1.md",
        "1.md~",
        ".1.md.swp",
        "#1.md#",
        "4913",
        "1.md.orig",
        "2.md.tmp",
        "notes.txt",
        ".2.md",
    ] {
        repo.write(&format!("issues/{name}"), "not a document");
    }
    let list = repo.ghp(&["issue", "list", "--json"]).ok();
    assert_eq!(
        list.json()["issues"].as_array().map(Vec::len),
        Some(1),
        "{list}"
    );
    assert!(list.stderr.is_empty(), "{list}");
    repo.ghp(&["issue", "new", "Two"]).ok();
    assert!(repo.documents().join("issues/2.md").exists());
    repo.ghp(&["log", "-q"]).ok();
    let tracked = repo.git(&["ls-tree", "-r", "--name-only", "ghp"]);
    assert!(
        !tracked.contains('~') && !tracked.contains("4913") && !tracked.contains("notes"),
        "{tracked}"
    );
}
