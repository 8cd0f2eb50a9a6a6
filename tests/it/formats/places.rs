//! Folders that cannot be written, disks that are full, limits and masks (rows 35 to 38 and 43): a clear error, the old content,
//! no unfinished file, and reading goes on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{run, temporaries, through_shell};
use crate::support::{GHP, Playground, Repo, Run, copy, finish, is_root, require, skip};

const WRITERS: &[&[&str]] = &[
    &["heartbeat", "-m", "new"],
    &["status", "set", "testing"],
    &["escalate", "Which?"],
    &["issue", "comment", "1", "new"],
];
const READERS: &[&[&str]] = &[
    &["status"],
    &["issue", "show", "1"],
    &["inbox"],
    &["issues"],
];

fn begun(playground: &Playground) -> Repo<'_> {
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard"]).ok();
    repo.agent("worker-1", &["heartbeat", "-m", "old"]).ok();
    repo.ghp(&["log"]).ok();
    repo
}

/// The documents a test changes, as they are.
fn content(repo: &Repo<'_>) -> [String; 2] {
    [repo.read("agent-status.json"), repo.read("issues/1.md")]
}

/// A mount that goes when it is dropped.
struct Mount(PathBuf);

impl Mount {
    /// A file system in memory of this size; `None`, and the skip said, where that is not permitted.
    fn new(at: &Path, size: &str, what: &str) -> Option<Mount> {
        if !is_root(what) || !require("mount", what) {
            return None;
        }
        let options = format!("size={size},mode=755");
        let mounted = finish(
            Command::new("mount")
                .args(["-t", "tmpfs", "-o", &options, "ghp-test"])
                .arg(at),
            b"",
        );
        if mounted.code != Some(0) {
            skip(what, "mounting is not permitted");
            return None;
        }
        Some(Mount(at.to_owned()))
    }

    fn remount(&self, options: &str) {
        let mut mount = Command::new("mount");
        mount
            .args(["-o", &format!("remount,{options}")])
            .arg(&self.0);
        let done = finish(&mut mount, b"");
        assert_eq!(done.code, Some(0), "{done}");
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let done = finish(Command::new("umount").arg("-l").arg(&self.0), b"");
        assert_eq!(done.code, Some(0), "{done}");
    }
}

/// It failed and said so, without a signal or a panic.
#[track_caller]
fn failed(run: Run) {
    assert!(matches!(run.code, Some(1 | 77)), "{run}");
    assert!(
        run.stderr.starts_with("error: ") || run.stderr.contains("\nerror: "),
        "{run}"
    );
    assert!(!run.stderr.contains("panicked"), "{run}");
}

#[test]
fn row_35_a_read_only_file_system() {
    let outside = Playground::new();
    let at = outside.path().join("disk");
    fs::create_dir(&at).expect("a folder");
    let Some(mount) = Mount::new(&at, "64m", "a read-only file system") else {
        return;
    };
    let playground = Playground::within(&at);
    let repo = begun(&playground);
    let before = content(&repo);
    mount.remount("ro");
    for words in WRITERS {
        let run = repo.agent("worker-1", words);
        assert!(run.stderr.contains("Read-only"), "{run}");
        failed(run);
    }
    for words in READERS {
        repo.ghp(words).ok();
    }
    assert_eq!(content(&repo), before);
    assert_eq!(temporaries(&repo), [""; 0]);
    repo.ghp(&["log"]).ok().prints("Dashboard");
    mount.remount("rw");
    drop(playground);
}

#[test]
fn row_36_a_full_disk() {
    let playground = Playground::new();
    let repo = begun(&playground);
    let documents = repo.documents();
    let aside = repo.dir.join("aside");
    fs::rename(&documents, &aside).expect("aside");
    fs::create_dir(&documents).expect("a folder");
    let Some(mount) = Mount::new(&documents, "16k", "a full disk") else {
        return;
    };
    // Sixteen kilobytes hold four of these files, a page each.
    for name in [".git", "agent-status.json", "issues/1.md"] {
        fs::create_dir_all(documents.join("issues")).expect("a folder");
        fs::copy(aside.join(name), documents.join(name)).expect("a copy");
    }
    fs::create_dir(documents.join(".new")).expect("a folder");
    let filler = documents.join("filler");
    fs::write(&filler, vec![b'x'; 4096]).expect("the last page");
    let before = content(&repo);
    for words in WRITERS {
        let run = repo.agent("worker-1", words);
        // The log lies on another disk: once it has the decision, the decision stands, and is in place when there is room.
        if run.code == Some(0) {
            assert!(run.stderr.contains("not yet in place"), "{run}");
        } else {
            failed(run);
        }
        assert_eq!(content(&repo), before, "{words:?}");
        assert_eq!(temporaries(&repo), [""; 0], "{words:?}");
    }
    for words in READERS {
        repo.ghp(words).ok();
    }
    mount.remount("size=1m");
    repo.agent("worker-2", &["heartbeat"]).ok();
    assert_eq!(
        repo.status()["agents"]["worker-1"]["issue"],
        serde_json::Value::Null
    );
    assert!(repo.status()["agents"]["worker-2"].is_object());
}

#[test]
fn row_36_a_full_disk_under_everything() {
    let outside = Playground::new();
    let at = outside.path().join("disk");
    fs::create_dir(&at).expect("a folder");
    let Some(_mount) = Mount::new(&at, "8m", "a full disk under everything") else {
        return;
    };
    let playground = Playground::within(&at);
    let repo = begun(&playground);
    let before = content(&repo);
    let filler = at.join("filler");
    let full = finish(
        Command::new("dd")
            .args(["if=/dev/zero", "bs=4096"])
            .arg(format!("of={}", filler.display())),
        b"",
    );
    assert_eq!(full.code, Some(1), "{full}");
    let mut stands = 0;
    for words in WRITERS {
        let run = repo.agent("worker-1", words);
        if run.code == Some(0) {
            assert!(run.stderr.contains("not yet in place"), "{run}");
            stands += 1;
        } else {
            failed(run);
        }
        assert_eq!(content(&repo), before, "{words:?}");
        assert_eq!(temporaries(&repo), [""; 0], "{words:?}");
    }
    for words in READERS {
        repo.ghp(words).ok();
    }
    fs::remove_file(&filler).expect("room");
    repo.agent("worker-1", &["status", "set", "reviewing"]).ok();
    assert_eq!(repo.status()["agents"]["worker-1"]["status"], "reviewing");
    let log = repo.ghp(&["log", "--json"]).ok();
    repo.git(&["fsck", "--strict"]);
    assert!(
        log.stdout.contains("reviewing") && stands < WRITERS.len() + 1,
        "{log}"
    );
}

#[test]
fn row_37_a_folder_that_may_not_be_written() {
    let playground = Playground::new();
    let repo = begun(&playground);
    let before = content(&repo);
    let program = playground.path().join("ghp");
    let root = rustix::process::geteuid().is_root();
    if root {
        if !require("setpriv", "a folder that may not be written") {
            return;
        }
        copy(Path::new(GHP), &program);
        let owned = finish(
            Command::new("chown")
                .args(["-R", "65534:65534"])
                .arg(playground.path()),
            b"",
        );
        assert_eq!(owned.code, Some(0), "{owned}");
    }
    let ghp = |words: &[&str]| {
        let mut command = if root {
            let mut command = playground.command("setpriv", &repo.dir);
            command
                .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
                .arg(&program)
                .args(words);
            command
        } else {
            repo.command(words)
        };
        run(command.env("GHP_AGENT", "worker-1"))
    };
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("its mode");
    };
    let documents = repo.documents();
    for (folders, what) in [
        (
            vec![
                documents.clone(),
                documents.join(".new"),
                documents.join("issues"),
            ],
            ".ghp",
        ),
        (
            vec![repo.dir.join(".git/ghp"), repo.dir.join(".git/ghp/lock")],
            "lock",
        ),
    ] {
        for path in &folders {
            mode(path, 0o500);
        }
        for words in WRITERS {
            let run = ghp(words);
            if run.code == Some(0) {
                assert!(run.stderr.contains("not yet in place"), "{what}: {run}");
            } else {
                assert!(run.stderr.contains("ermission denied"), "{what}: {run}");
                failed(run);
            }
            assert_eq!(content(&repo), before, "{what}: {words:?}");
        }
        for words in READERS {
            ghp(words).ok();
        }
        for path in &folders {
            mode(path, 0o755);
        }
        assert_eq!(temporaries(&repo), [""; 0]);
        // What stood in the log is in place now; from here on everything works.
        ghp(&["heartbeat", "-m", "old"]).ok();
        if what == ".ghp" {
            repo.write("agent-status.json", &before[0]);
            repo.write("issues/1.md", &before[1]);
            if root {
                for path in ["agent-status.json", "issues/1.md"] {
                    rustix::fs::chown(
                        documents.join(path),
                        Some(rustix::fs::Uid::from_raw(65534)),
                        None,
                    )
                    .expect("its owner");
                }
            }
        }
    }
    mode(&documents.join("agent-status.json"), 0o000);
    failed(ghp(&["status"]));
    mode(&documents.join("agent-status.json"), 0o644);
    ghp(&["status"]).ok();
}

#[test]
fn row_38_masks() {
    for mask in ["000", "022", "077", "777"] {
        let playground = Playground::new();
        let repo = playground.bare_of_documents("app");
        let line = format!("umask {mask}; exec \"$@\"");
        through_shell(&repo, &line, &["init"]).ok();
        through_shell(&repo, &line, &["-t", "worker-1", "heartbeat"]).ok();
        through_shell(&repo, &line, &["issue", "new", "Dashboard"]).ok();
        through_shell(&repo, &line, &["-t", "worker-1", "start", "1"]).ok();
        through_shell(&repo, &line, &["log"]).ok();
        let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
        for path in ["agent-status.json", "issues/1.md", "config.json"] {
            let mode = mode(&repo.documents().join(path));
            assert_eq!(
                mode & 0o600,
                0o600,
                "umask {mask}: {path} has {mode:o}: its owner is locked out"
            );
            assert_eq!(
                mode & 0o022,
                0,
                "umask {mask}: {path} has {mode:o}: others may write"
            );
        }
        let lock = mode(&repo.dir.join(".git/ghp/lock"));
        assert_eq!(lock & 0o622, 0o600, "umask {mask}: the lock has {lock:o}");
        for folder in [
            repo.documents(),
            repo.documents().join("issues"),
            repo.dir.join(".git/ghp"),
            repo.dir.join(".git/ghp/agents"),
        ] {
            let mode = mode(&folder);
            assert_eq!(
                mode & 0o700,
                0o700,
                "umask {mask}: {} has {mode:o}",
                folder.display()
            );
        }
    }
}

#[test]
fn row_43_limits_of_file_sizes_and_descriptors() {
    let playground = Playground::new();
    let repo = begun(&playground);
    let before = content(&repo);
    for words in WRITERS {
        let agent = [&["--agent", "worker-1"][..], words].concat();
        let run = through_shell(&repo, "ulimit -f 0; exec \"$@\"", &agent);
        assert_eq!(run.signal, None, "{run}");
        failed(run);
        assert_eq!(content(&repo), before, "{words:?}");
        assert_eq!(temporaries(&repo), [""; 0], "{words:?}");
    }
    for words in READERS {
        through_shell(&repo, "ulimit -f 0; exec \"$@\"", words).ok();
    }
    for words in WRITERS.iter().chain(READERS) {
        let agent = [&["--agent", "worker-1"][..], words].concat();
        let run = through_shell(&repo, "ulimit -n 4; exec \"$@\"", &agent);
        assert_eq!(run.signal, None, "{run}");
        assert!(run.code != Some(101) && !run.hung, "{run}");
        if run.code != Some(0) {
            failed(run);
        }
    }
    assert_eq!(temporaries(&repo), [""; 0]);
    repo.agent("worker-1", &["heartbeat"]).ok();
    repo.ghp(&["doctor"]).ok();
}
