//! The rig: runs a command under strace, once to learn its system calls and once for each of them with a fault put in.
//! A kill lands before the call is made, so the points before and after each call are all there.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::support::{GHP, Playground, Repo, Run, copy, finish, finish_within};

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Kill,
    Full,
    Broken,
    Interrupted,
}

/// Calls that change something that outlives the process. A kill before any other call leaves what a kill before the
/// next of these leaves.
const CHANGING: &[&str] = &[
    "write",
    "pwrite64",
    "writev",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "mkdir",
    "mkdirat",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "ftruncate",
    "truncate",
    "fsync",
    "fdatasync",
    "sync_file_range",
    "flock",
    "fallocate",
    "fchmod",
    "fchmodat",
    "chmod",
    "utimensat",
    "copy_file_range",
    "sendfile",
    "execve",
    "exit_group",
];
/// Calls that need room on the disk; those that open do so when they create.
const ROOM: &[&str] = &[
    "write",
    "pwrite64",
    "writev",
    "rename",
    "renameat",
    "renameat2",
    "mkdir",
    "mkdirat",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "fallocate",
    "fsync",
    "fdatasync",
    "copy_file_range",
    "sendfile",
];
/// Calls that reach the disk.
const DISK: &[&str] = &[
    "read",
    "pread64",
    "readv",
    "getdents64",
    "ftruncate",
    "truncate",
    "unlink",
    "unlinkat",
    "rmdir",
    "fchmod",
    "fchmodat",
    "chmod",
    "utimensat",
];
/// Calls that look at a file (not `close`: it always closes, and a fault put in by strace keeps it from that); the same look again and again is one point.
const LOOKING: &[&str] = &[
    "readlink",
    "readlinkat",
    "stat",
    "lstat",
    "newfstatat",
    "statx",
    "fstat",
    "access",
    "faccessat",
    "faccessat2",
];
/// Calls that a signal can interrupt.
const WAITING: &[&str] = &[
    "read",
    "pread64",
    "write",
    "pwrite64",
    "writev",
    "flock",
    "fsync",
    "fdatasync",
    "ftruncate",
    "poll",
    "ppoll",
    "wait4",
    "waitid",
];
const OPENING: &[&str] = &["open", "openat", "openat2", "creat"];

impl Fault {
    /// What strace is to do.
    fn action(self) -> &'static str {
        match self {
            Fault::Kill => "signal=KILL",
            Fault::Full => "error=ENOSPC",
            Fault::Broken => "error=EIO",
            Fault::Interrupted => "error=EINTR",
        }
    }

    /// Whether a sync failed and nobody was told: what it was to make durable may be lost.
    pub(super) fn is_unheeded(self, call: &Call, run: &Run) -> bool {
        // A loose object whose sync failed is written once more by libgit2, into another file.
        let once_more = call.line.contains("/objects/") && !call.line.contains("/objects/pack");
        !once_more
            && matches!(self, Fault::Full | Fault::Broken)
            && ["fsync", "fdatasync"].contains(&call.name.as_str())
            && run.code == Some(0)
            && run.stderr.is_empty()
    }

    fn can_hit(self, call: &Call) -> bool {
        let (opens, name) = (OPENING.contains(&call.name.as_str()), call.name.as_str());
        match self {
            Fault::Kill => CHANGING.contains(&name) || opens && call.creates,
            Fault::Full => ROOM.contains(&name) || opens && call.creates,
            Fault::Broken if call.pipe => false,
            // Git's lock of a ref then stays, as it would after git's own command: nobody can tell whose it is. `ghp doctor`
            // names it when it is old (formats/locks.rs).
            Fault::Broken if name == "unlink" && call.line.contains("/refs/heads/") => false,
            Fault::Broken => {
                opens
                    || [ROOM, DISK, LOOKING]
                        .iter()
                        .any(|calls| calls.contains(&name))
            }
            Fault::Interrupted => WAITING.contains(&name) || opens,
        }
    }
}

/// A system call of the command.
#[derive(Debug, Clone)]
pub(super) struct Call {
    name: String,
    /// Which of its name it is in its process, from 1.
    nth: usize,
    /// It may make a file.
    creates: bool,
    /// It is about a pipe, in this process or at the same count in another: no disk can fail it.
    pipe: bool,
    /// The line strace wrote, for messages.
    pub line: String,
}

/// A repository as it stood before the command, to come back to for each point.
pub(super) struct Rig<'p> {
    pub repo: Repo<'p>,
    agent: &'static str,
    words: &'static [&'static str],
    rewind: Box<dyn Fn() + 'p>,
    /// Where strace writes.
    log: PathBuf,
}

impl<'p> Rig<'p> {
    /// Keeps the repository as it is now; `agent` empty: the human runs the command.
    pub(super) fn new(
        repo: Repo<'p>,
        agent: &'static str,
        words: &'static [&'static str],
    ) -> Rig<'p> {
        let before = repo.playground.path().join("before");
        let log = repo.playground.path().join("trace");
        copy(&repo.dir, &before);
        let dir = repo.dir.clone();
        let rewind = move || {
            fs::remove_dir_all(&dir).expect("our own folder");
            copy(&before, &dir);
        };
        Rig::with(repo, agent, words, Box::new(rewind), log)
    }

    /// With another way to put the repository back, and the place of strace's list.
    pub(super) fn with(
        repo: Repo<'p>,
        agent: &'static str,
        words: &'static [&'static str],
        rewind: Box<dyn Fn() + 'p>,
        log: PathBuf,
    ) -> Rig<'p> {
        Rig {
            repo,
            agent,
            words,
            rewind,
            log,
        }
    }

    fn trace(&self, options: &[&str]) -> Command {
        let mut command = self.repo.playground.command("strace", &self.repo.dir);
        command
            .args(["-f", "-qq", "-s", "256"])
            .args(options)
            .arg(GHP)
            .args(self.words);
        if self.agent.is_empty() {
            // Else a configuration that cannot be read makes a nameless human of them.
            command.env("GIT_AUTHOR_NAME", "Ana");
        } else {
            command.env("GHP_AGENT", self.agent);
        }
        command
    }

    /// Runs the command whole and lists its calls, from the first that touches the repository.
    pub(super) fn calls(&self) -> (Run, Vec<Call>) {
        (self.rewind)();
        let log = &self.log;
        let run = finish(
            &mut self.trace(&["-y", "-o", log.to_str().expect("UTF-8")]),
            b"",
        )
        .ok();
        let text = fs::read_to_string(log).expect("strace wrote it");
        let home = self.repo.dir.to_str().expect("UTF-8");
        let mut seen: HashMap<(&str, &str), usize> = HashMap::new();
        let mut calls = Vec::new();
        let mut pipes = HashSet::new();
        let mut begun = false;
        for line in text.lines() {
            let Some((pid, rest)) = line.split_once(' ') else {
                continue;
            };
            let Some((name, _)) = rest.trim_start().split_once('(') else {
                continue;
            };
            if !name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            {
                continue;
            }
            let nth = seen
                .entry((pid, name))
                .and_modify(|count| *count += 1)
                .or_insert(1);
            begun |= rest.contains(home) && name != "execve";
            if begun {
                let creates = rest.contains("O_CREAT") || rest.contains("O_TRUNC");
                calls.push(Call {
                    name: name.to_owned(),
                    nth: *nth,
                    creates,
                    pipe: false,
                    line: rest.to_owned(),
                });
            }
            if rest.contains("<pipe:") || rest.contains("<UNIX") {
                // How many reads a pipe takes is a matter of luck, so those beside it may be on it the next time.
                pipes.extend(
                    (nth.saturating_sub(4)..nth.saturating_add(5)).map(|near| (name, near)),
                );
            }
        }
        for call in &mut calls {
            call.pipe = pipes.contains(&(call.name.as_str(), call.nth));
        }
        assert!(
            calls.len() > 10,
            "strace saw nothing of {:?}:\n{text}",
            self.words
        );
        (run, calls)
    }

    /// The points at which this fault can hit.
    pub(super) fn points(calls: &[Call], fault: Fault) -> Vec<Call> {
        let mut looks = HashSet::new();
        let mut again =
            |call: &Call| LOOKING.contains(&call.name.as_str()) && !looks.insert(call.line.clone());
        calls
            .iter()
            .filter(|call| fault.can_hit(call) && !again(call))
            .cloned()
            .collect()
    }

    /// Runs the command with a fault at one call; says as well whether the fault came about.
    pub(super) fn hit(&self, fault: Fault, call: &Call) -> (Run, bool) {
        (self.rewind)();
        let inject = format!("inject={}:{}:when={}", call.name, fault.action(), call.nth);
        let traced = format!("trace={}", call.name);
        let log = &self.log;
        let mut options = vec![
            "-o",
            log.to_str().expect("UTF-8"),
            "-e",
            &traced,
            "-e",
            &inject,
        ];
        if fault != Fault::Kill {
            // Faster, but then strace sends no signals.
            options.push("--seccomp-bpf");
        }
        let run = finish_within(&mut self.trace(&options), b"", Duration::from_secs(20));
        let text = fs::read_to_string(log).expect("strace wrote it");
        let hit = if fault == Fault::Kill {
            "killed by SIGKILL"
        } else {
            "INJECTED"
        };
        (run, text.contains(hit))
    }
}

/// A playground whose repository has documents and two agents at work.
pub(super) fn begun(playground: &Playground) -> Repo<'_> {
    let repo = playground.repo();
    repo.agent(
        "worker-1",
        &["status", "set", "implementing", "-m", "began"],
    )
    .ok();
    repo.agent("worker-2", &["heartbeat"]).ok();
    playground.pass(60);
    repo
}
