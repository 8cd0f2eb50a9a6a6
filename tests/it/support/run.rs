//! Runs of programs: they cannot hang, and what they said must be looked at.

use std::fmt;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use serde_json::Value;

use super::patience::PATIENCE;

/// How a program ended and what it said.
pub(crate) struct Run {
    /// What was run, for messages.
    pub words: String,
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
    /// It was still running when patience ended, and was killed.
    pub hung: bool,
}

impl Run {
    /// It must have succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> Run {
        self.exit(0)
    }

    /// It must have ended with this code.
    #[track_caller]
    pub(crate) fn exit(self, code: i32) -> Run {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// It must have succeeded and said nothing at all.
    #[track_caller]
    pub(crate) fn silent(self) -> Run {
        let run = self.ok();
        assert!(run.stdout.is_empty() && run.stderr.is_empty(), "{run}");
        run
    }

    /// Its answer, one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }

    /// Stderr must say this.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Run {
        assert!(self.stderr.contains(words), "no \"{words}\" in:\n{self}");
        self
    }

    /// Stdout must hold this.
    #[track_caller]
    pub(crate) fn prints(self, words: &str) -> Run {
        assert!(self.stdout.contains(words), "no \"{words}\" in:\n{self}");
        self
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ended with {:?}, signal {:?}",
            self.words, self.code, self.signal
        )?;
        if self.hung {
            write!(f, ", killed because it hung")?;
        }
        write!(f, "\nstdout: {}\nstderr: {}", self.stdout, self.stderr)
    }
}

/// A command's words, for messages.
pub(crate) fn shell_words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs it to its end, feeding it `input`; one that hangs is killed, which the run then says.
#[must_use = "a run that nobody looks at proves nothing"]
pub(crate) fn finish(command: &mut Command, input: &[u8]) -> Run {
    finish_within(command, input, PATIENCE)
}

/// The same; one that outlives `patience` is killed, which the run then says.
#[must_use = "a run that nobody looks at proves nothing"]
pub(crate) fn finish_within(command: &mut Command, input: &[u8], patience: Duration) -> Run {
    let words = shell_words(command);
    let began = Instant::now();
    let stdin = if input.is_empty() {
        Stdio::null()
    } else {
        Stdio::piped()
    };
    let mut child = command
        .process_group(0)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run {words}: {error}"));
    let (mut out, mut err) = (
        child.stdout.take().expect("piped"),
        child.stderr.take().expect("piped"),
    );
    let feed = child.stdin.take();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            if let Some(mut feed) = feed {
                // A program may end without having read all that it was given.
                let _ = feed.write_all(input);
            }
        });
        let stdout = scope.spawn(move || everything(&mut out));
        let stderr = scope.spawn(move || everything(&mut err));
        let hung = !ends_within(&child, patience);
        if hung {
            // With all that it started, which may keep its pipes open.
            kill_process_group(pid_of(&child), Signal::KILL).expect("our own child");
        }
        let status = child.wait().expect("our own child");
        Run {
            words,
            code: status.code(),
            signal: status.signal(),
            stdout: stdout.join().expect("a reader"),
            stderr: stderr.join().expect("a reader"),
            took: began.elapsed(),
            hung,
        }
    })
}

fn everything(from: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).expect("a pipe can be read");
    String::from_utf8_lossy(&bytes).into_owned()
}

fn pid_of(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).expect("a process id")).expect("not 0")
}

fn ends_within(child: &Child, patience: Duration) -> bool {
    let fd = pidfd_open(pid_of(child), PidfdFlags::empty()).expect("our own child");
    let until = Instant::now() + patience;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let span = Timespec {
            tv_sec: i64::try_from(left.as_secs()).expect("short"),
            tv_nsec: left.subsec_nanos().into(),
        };
        match poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&span)) {
            Ok(ready) => return ready > 0,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => panic!("poll: {error}"),
        }
    }
}
