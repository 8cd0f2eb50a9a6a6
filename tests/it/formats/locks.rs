//! The lock, held by somebody who does nothing (row 39), or taken away (row 40).

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use ghp::domain::time::Timestamp;
use rustix::process::{Pid, Signal, kill_process};

use super::run;
use crate::support::{Playground, Repo, eventually, require};

/// A process of another program that holds a lock until it is dropped.
struct Holder {
    child: Child,
}

impl Holder {
    fn of(lock: &Path) -> Holder {
        let mut child = Command::new("flock")
            .args(["--no-fork".as_ref(), lock.as_os_str()])
            .args(["sh", "-c", "echo held; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("flock runs");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        assert_eq!(line, "held\n");
        Holder { child }
    }

    fn pid(&self) -> u32 {
        self.child.id()
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.pid()).expect("a pid")).expect("not 0");
        kill_process(pid, signal).expect("our own child");
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // Killing also ends one that is stopped; that it is gone already is as good.
        let _ = self.child.kill();
        self.child.wait().expect("our own child");
    }
}

fn begun(playground: &Playground) -> Option<(Repo<'_>, std::path::PathBuf)> {
    if !require("flock", "a lock held by another process") {
        return None;
    }
    let repo = playground.repo();
    repo.agent("worker-1", &["heartbeat"]).ok();
    let lock = repo.dir.join(".git/ghp/lock");
    Some((repo, lock))
}

#[test]
fn row_39_a_stopped_holder_is_named_after_the_timeout() {
    let playground = Playground::new();
    let Some((repo, lock)) = begun(&playground) else {
        return;
    };
    let holder = Holder::of(&lock);
    holder.signal(Signal::STOP);
    let before = repo.read("agent-status.json");
    for words in [
        &["heartbeat", "-m", "x"][..],
        &["status", "set", "testing"],
        &["escalate", "Which?"],
    ] {
        let run = run(repo
            .command(words)
            .env("GHP_AGENT", "worker-1")
            .env("GHP_LOCK_TIMEOUT", "1s"))
        .exit(75);
        assert!(
            run.took >= Duration::from_secs(1) && run.took < Duration::from_secs(8),
            "{:?} {run}",
            run.took
        );
        let run = run.says(&format!("process {}", holder.pid()));
        assert!(run.stderr.contains("hint: "), "{run}");
    }
    let mut asked = repo.command(&["heartbeat", "--json"]);
    let error = run(asked
        .env("GHP_AGENT", "worker-1")
        .env("GHP_LOCK_TIMEOUT", "0"))
    .exit(75)
    .json();
    assert_eq!(error["error"]["code"], "LOCK_TIMEOUT");
    assert_eq!(error["error"]["retryable"], true);
    assert_eq!(repo.read("agent-status.json"), before);
    // Readers take no lock.
    repo.ghp(&["status"]).ok().prints("worker-1");
    repo.ghp(&["inbox"]).ok();
    drop(holder);
    repo.agent("worker-1", &["heartbeat"]).silent();
}

#[test]
fn the_configured_timeout_counts_and_a_wrong_one_is_said() {
    let playground = Playground::new();
    let Some((repo, lock)) = begun(&playground) else {
        return;
    };
    repo.ghp(&["config", "set", "coordination.lockTimeout", "1s"])
        .ok();
    let holder = Holder::of(&lock);
    let late = repo.agent("worker-1", &["heartbeat"]).exit(75);
    assert!(late.took < Duration::from_secs(8), "{:?} {late}", late.took);
    drop(holder);
    run(repo
        .command(&["heartbeat"])
        .env("GHP_AGENT", "worker-1")
        .env("GHP_LOCK_TIMEOUT", "soon"))
    .ok();
}

/// Waits until a process waits for this inode's lock, as the kernel lists it.
fn until_waited_for(inode: u64) {
    let suffix = format!(":{inode}");
    eventually("somebody waits for the lock", || {
        let locks = fs::read_to_string("/proc/locks").expect("the kernel's list");
        locks.lines().any(|line| {
            line.contains("->") && line.split_whitespace().any(|word| word.ends_with(&suffix))
        })
    });
}

#[test]
fn row_40_a_lock_file_that_was_deleted_locks_out_nobody_and_excludes_nobody_twice() {
    let playground = Playground::new();
    let Some((repo, lock)) = begun(&playground) else {
        return;
    };
    let first = Holder::of(&lock);
    let before = repo.read("agent-status.json");
    let waiting = repo
        .command(&["heartbeat", "-m", "never while another holds it"])
        .env("GHP_AGENT", "worker-1")
        .env("GHP_LOCK_TIMEOUT", "2s")
        .stderr(Stdio::piped())
        .spawn()
        .expect("ghp runs");
    until_waited_for(lock.metadata().expect("a file").ino());
    fs::remove_file(&lock).expect("gone");
    // Somebody made a new one and holds it when the old one comes free.
    let second = Holder::of(&lock);
    drop(first);
    let ended = waiting.wait_with_output().expect("our own child");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(75), "{said}");
    assert!(
        said.contains(&format!("process {}", second.pid())),
        "{said}"
    );
    assert_eq!(
        repo.read("agent-status.json"),
        before,
        "two had the lock at once"
    );
    drop(second);
    repo.agent("worker-1", &["heartbeat"]).silent();
}

/// A lock of git's that somebody left so many seconds ago.
fn left(repo: &Repo<'_>, path: &str, seconds: i64) -> std::path::PathBuf {
    let path = repo.dir.join(path);
    let now = Timestamp::parse(&repo.playground.now()).expect("a time");
    let then = u64::try_from(now.seconds() - seconds).expect("after 1970");
    fs::File::create(&path)
        .and_then(|file| file.set_modified(UNIX_EPOCH + Duration::from_secs(then)))
        .expect("a lock");
    path
}

const OF_THE_BRANCH: &str = ".git/refs/heads/ghp.lock";

#[test]
fn doctor_removes_an_old_lock_of_the_branch() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Waits for its commit"]).ok();
    let lock = left(&repo, OF_THE_BRANCH, 61);
    repo.ghp(&["doctor"])
        .exit(8)
        .prints("refs/heads/ghp.lock was left behind")
        .prints("ghp doctor --fix");
    assert!(lock.exists(), "only --fix removes it");
    repo.ghp(&["doctor", "--fix"]).ok();
    assert!(!lock.exists());
    let history = repo.git(&["log", "--format=%s", "ghp"]);
    assert!(history.contains("Waits for its commit"), "{history}");
    repo.ghp(&["doctor"]).ok();
}

#[test]
fn doctor_leaves_the_lock_of_somebody_at_work() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Waits for its commit"]).ok();
    let lock = left(&repo, OF_THE_BRANCH, 60);
    let fix = repo.ghp(&["doctor", "--fix"]).exit(8);
    assert!(!fix.stdout.contains("left behind"), "{fix}");
    assert!(lock.exists(), "it is young");
    // An old one, and a git that waits for words.
    left(&repo, OF_THE_BRANCH, 600);
    let mut git = playground.command("git", &repo.documents());
    let mut git = git
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git runs");
    let fix = repo.ghp(&["doctor", "--fix"]).exit(8);
    assert!(!fix.stdout.contains("left behind"), "{fix}");
    assert!(lock.exists(), "git is at work");
    drop(git.stdin.take());
    assert!(git.wait().expect("our own child").success());
    repo.ghp(&["doctor", "--fix"]).ok();
    assert!(!lock.exists());
}

#[test]
fn doctor_names_a_persons_old_lock_and_leaves_it() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Waits for its commit"]).ok();
    let lock = left(&repo, ".git/worktrees/ghp/index.lock", 600);
    for words in [&["doctor"][..], &["doctor", "--fix"]] {
        repo.ghp(words)
            .exit(8)
            .prints("index.lock was left behind")
            .prints(&format!("rm {}", lock.display()));
        assert!(lock.exists());
    }
}
