//! Running somebody's program to its end and watching it: what it prints is read as it comes, and only the end of that
//! is kept. It runs without a shell, and reads only what it is given; when it is to end, all that it started ends with it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::process::{absolute_path, command, find_in};
use super::processes::{self, Process, Tree};
use super::signals::Stop;

/// How long a program may take to end when it is told to.
const GRACE: Duration = Duration::from_secs(5);
/// Where the system does not tell that a process has ended, it is looked at this often.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// The longest line that is told while it runs, in bytes.
const LONGEST_LINE: usize = 400;

/// A program to be run.
#[derive(Debug)]
pub struct Order<'o> {
    /// The program and its words, as they are.
    pub words: &'o [String],
    /// Where it runs.
    pub directory: &'o Path,
    /// What it can read; none of it needs to be read.
    pub input: &'o [u8],
    /// Variables that it has beside ours, or not at all.
    pub environment: &'o [(OsString, Option<OsString>)],
    /// A variable and a value of its own that all it starts will have: what calls setsid is found by it.
    pub mark: (&'o str, &'o str),
    /// A variable of processes that outlive it on purpose.
    pub spared: &'o str,
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// How many bytes of the end of its output are kept.
    pub keep: usize,
    /// Where its output goes instead: then none is kept, and how far it is is told though it says nothing.
    pub log: Option<&'o File>,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself, with this code.
    Code(u8),
    /// By this signal.
    Signal(i32),
    /// It took too long, and was ended.
    TimedOut,
    /// Somebody told us to stop, and it was ended.
    Stopped,
}

impl End {
    /// Its exit code as shells have it.
    pub fn code(self) -> u8 {
        match self {
            End::Code(code) => code,
            End::Signal(signal) => u8::try_from(128 + signal).unwrap_or(255),
            End::TimedOut => 124,
            End::Stopped => 130,
        }
    }
}

impl fmt::Display for End {
    /// How it ended, in words that follow its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Code(0) => f.write_str("succeeded"),
            End::Code(code) => write!(f, "failed with exit code {code}"),
            End::Signal(signal) => write!(f, "was ended by signal {signal}"),
            End::TimedOut => f.write_str("did not end in time"),
            End::Stopped => f.write_str("was stopped"),
        }
    }
}

/// What became of it.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// The end of what it printed, as UTF-8; what is none is replaced.
    pub tail: String,
    /// How much it printed in all, in bytes.
    pub printed: u64,
    /// How long it took.
    pub took: Duration,
}

/// How far it is.
#[derive(Debug)]
pub struct Seen<'s> {
    /// How long it has run.
    pub since: Duration,
    /// The last line that it printed and that says something; as it came, to be escaped. Empty, where its output goes elsewhere.
    pub line: &'s str,
}

/// Runs it. `seen` is told when it has printed something, but not more often than `every`. An error: it could not be
/// started, `NotFound` when there is no such program.
pub fn run(
    order: &Order<'_>,
    stop: &Stop,
    every: Duration,
    seen: &mut dyn FnMut(&Seen<'_>),
) -> io::Result<Ran> {
    let began = Instant::now();
    let deadline = order.timeout.map(|timeout| began + timeout);
    let (mut pipe, mut child) = start(order)?;
    feed(&mut child, order.input);
    let ticks = order.log.is_some();
    let root = Process::of(child.id());
    let ended = ended(&child);
    let mut tail = Tail::new(order.keep);
    let mut told = ticks.then_some(began);
    let mut untold = ticks;
    let end = loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let until_told = told.map_or(Duration::ZERO, |told| every.saturating_sub(told.elapsed()));
        let left = left.into_iter().chain(untold.then_some(until_told)).min();
        let woken = wait(&stop.fd(), ended.as_ref(), tail.open.then_some(&pipe), left)?;
        if woken.printed {
            tail.read(&mut pipe)?;
            untold = ticks || !tail.line.trim().is_empty();
        }
        if untold && told.is_none_or(|told| told.elapsed() >= every) {
            (told, untold) = (Some(Instant::now()), ticks);
            seen(&Seen {
                since: began.elapsed(),
                line: &tail.line,
            });
        }
        if woken.stopped {
            break End::Stopped;
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            break End::TimedOut;
        }
        if let Some(status) = child.try_wait()? {
            // What it started may keep the pipe for ever: only what is in it now is its output.
            tail.drain(&mut pipe)?;
            break how(status);
        }
    };
    if matches!(end, End::Stopped | End::TimedOut) {
        let tree = Tree {
            root,
            keeper: None,
            mark: order.mark,
            spared: order.spared,
        };
        processes::end(&tree, GRACE);
        child.wait()?;
        tail.drain(&mut pipe)?;
    }
    Ok(Ran {
        end,
        printed: tail.printed,
        tail: tail.text(),
        took: began.elapsed(),
    })
}

fn start(order: &Order<'_>) -> io::Result<(PipeReader, Child)> {
    let none = || io::Error::new(io::ErrorKind::NotFound, "there is no such program");
    let [word, words @ ..] = order.words else {
        return Err(none());
    };
    let program = find_in(&absolute_path(), order.directory, word.as_ref()).ok_or_else(none)?;
    let (reader, writer) = io::pipe()?;
    let flags = rustix::fs::fcntl_getfl(&reader)?;
    rustix::fs::fcntl_setfl(&reader, flags | rustix::fs::OFlags::NONBLOCK)?;
    let (name, value) = order.mark;
    let mut command = command(program);
    for (name, value) in order.environment {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let (stdout, stderr) = match order.log {
        Some(log) => (Stdio::from(log.try_clone()?), Stdio::from(log.try_clone()?)),
        None => (Stdio::from(writer.try_clone()?), Stdio::from(writer)),
    };
    command
        .arg0(word)
        .args(words)
        .current_dir(order.directory)
        .env(name, value)
        .stdin(if order.input.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        })
        .stdout(stdout)
        .stderr(stderr)
        // A terminal's Ctrl-C reaches us alone, and we end all of it in order.
        .process_group(0);
    // With the command our ends of the pipe go.
    Ok((reader, command.spawn()?))
}

/// Writes its input beside us: what is longer than a pipe waits until it is read.
fn feed(child: &mut Child, input: &[u8]) {
    if let Some(mut pipe) = child.stdin.take() {
        let input = input.to_owned();
        // A program that does not want all of it closes its end; how it ended is what counts.
        std::thread::spawn(move || drop(pipe.write_all(&input)));
    }
}

/// A descriptor that is ready when the child has ended; `None` where there is no such thing.
fn ended(child: &Child) -> Option<OwnedFd> {
    #[cfg(target_os = "linux")]
    {
        let pid = rustix::process::Pid::from_child(child);
        rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _unknown_there = child;
        None
    }
}

fn how(status: ExitStatus) -> End {
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Code(u8::try_from(code).unwrap_or(255)),
        (None, signal) => End::Signal(signal.unwrap_or(0)),
    }
}

struct Woken {
    stopped: bool,
    printed: bool,
}

fn wait(
    stop: &impl AsFd,
    ended: Option<&OwnedFd>,
    pipe: Option<&PipeReader>,
    left: Option<Duration>,
) -> io::Result<Woken> {
    let mut fds = vec![PollFd::new(stop, PollFlags::IN)];
    fds.extend(pipe.map(|pipe| PollFd::new(pipe, PollFlags::IN)));
    fds.extend(ended.map(|ended| PollFd::new(ended, PollFlags::IN)));
    let look = if ended.is_some() {
        Duration::from_hours(1)
    } else {
        LOOK_AGAIN
    };
    let span = left.unwrap_or(look).min(look);
    let span = Timespec {
        tv_sec: i64::try_from(span.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: span.subsec_nanos().into(),
    };
    match poll(&mut fds, Some(&span)) {
        Ok(_) => {}
        // A signal that is ours is in the pipe as well.
        Err(rustix::io::Errno::INTR) => {
            return Ok(Woken {
                stopped: false,
                printed: false,
            });
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Woken {
        stopped: !fds[0].revents().is_empty(),
        printed: pipe.is_some() && !fds[1].revents().is_empty(),
    })
}

/// The end of an output, however long that is.
struct Tail {
    bytes: VecDeque<u8>,
    keep: usize,
    printed: u64,
    /// Whether more may come.
    open: bool,
    /// The last line that was ended, or the one that is being printed.
    line: String,
    unfinished: Vec<u8>,
}

impl Tail {
    fn new(keep: usize) -> Tail {
        Tail {
            bytes: VecDeque::new(),
            keep,
            printed: 0,
            open: true,
            line: String::new(),
            unfinished: Vec::new(),
        }
    }

    /// Reads what is there, at most one buffer of it; `false`: nothing was.
    fn read(&mut self, pipe: &mut PipeReader) -> io::Result<bool> {
        let mut buffer = [0; 16 << 10];
        match pipe.read(&mut buffer) {
            Ok(0) => {
                self.open = false;
                Ok(false)
            }
            Ok(count) => {
                self.take(&buffer[..count]);
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Reads what is in the pipe now: no more than it holds, or who goes on printing would keep us.
    fn drain(&mut self, pipe: &mut PipeReader) -> io::Result<()> {
        let most = self.printed + (1 << 20);
        while self.open && self.printed < most && self.read(pipe)? {}
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) {
        self.printed += bytes.len() as u64;
        let last = &bytes[bytes.len().saturating_sub(self.keep)..];
        let surplus = (self.bytes.len() + last.len()).saturating_sub(self.keep);
        self.bytes.drain(..surplus);
        self.bytes.extend(last);
        for byte in bytes {
            match byte {
                b'\n' | b'\r' => self.end_line(),
                _ if self.unfinished.len() < LONGEST_LINE => self.unfinished.push(*byte),
                _ => {}
            }
        }
        if !self.unfinished.is_empty() {
            self.line = String::from_utf8_lossy(&self.unfinished).into_owned();
        }
    }

    fn end_line(&mut self) {
        let line = String::from_utf8_lossy(&self.unfinished);
        if !line.trim().is_empty() {
            self.line = line.into_owned();
        }
        self.unfinished.clear();
    }

    /// As text. When its beginning was thrown away it begins with a whole line, if it has one.
    fn text(mut self) -> String {
        let is_cut = self.printed > self.bytes.len() as u64;
        let bytes = &*self.bytes.make_contiguous();
        let line = bytes.iter().position(|byte| *byte == b'\n');
        let from = line.filter(|at| is_cut && at + 1 < bytes.len());
        let from = from.map_or(0, |at| at + 1);
        String::from_utf8_lossy(&bytes[from..]).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(words: &[&str], timeout: Option<Duration>, keep: usize) -> io::Result<Ran> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let value = format!("{}-{:?}", std::process::id(), Instant::now());
        let order = Order {
            words: &words,
            directory: Path::new("/"),
            input: b"",
            environment: &[],
            log: None,
            mark: ("GHP_TEST_CHILD", &value),
            spared: "GHP_TEST_SPARED",
            timeout,
            keep,
        };
        let stop = Stop::listen().expect("signals");
        run(&order, &stop, Duration::ZERO, &mut |_| {})
    }

    #[test]
    fn how_it_ended_and_what_it_printed_last() {
        let ran = script(&["sh", "-c", "echo one; echo two >&2; exit 3"], None, 100);
        let ran = ran.expect("sh starts");
        assert_eq!((ran.end, ran.tail.as_str()), (End::Code(3), "one\ntwo\n"));
        let ran = script(&["sh", "-c", "kill -9 $$"], None, 100).expect("sh starts");
        assert_eq!((ran.end, ran.end.code()), (End::Signal(9), 137));
        let error = script(&["no-such-program-here"], None, 100).expect_err("no program");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn what_it_leaves_behind_does_not_keep_us() {
        let ran = script(&["sh", "-c", "sleep 600 & echo $!"], None, 100).expect("sh starts");
        assert_eq!(ran.end, End::Code(0));
        let pid = ran.tail.trim().parse().expect("a number");
        let left = Process::of(pid).expect("it runs");
        left.signal(rustix::process::Signal::KILL).expect("ours");
    }

    #[test]
    fn what_takes_too_long_ends_with_all_it_started() {
        let words = ["sh", "-c", "echo begun; setsid sleep 600 & wait"];
        let ran = script(&words, Some(Duration::from_millis(500)), 100).expect("sh starts");
        assert_eq!((ran.end, ran.end.code()), (End::TimedOut, 124));
    }

    #[test]
    fn of_an_endless_output_the_end_is_kept() {
        let words = [
            "sh",
            "-c",
            "yes 0123456789 | head -c 5000000; echo; echo end",
        ];
        let ran = script(&words, None, 64).expect("sh starts");
        assert!(ran.printed >= 5_000_000);
        assert!(
            ran.tail.ends_with("\nend\n") && ran.tail.len() <= 64,
            "{}",
            ran.tail
        );
        assert!(ran.tail.starts_with("0123456789\n"), "{}", ran.tail);
    }

    #[test]
    fn the_last_line_that_says_something() {
        let mut tail = Tail::new(10);
        tail.take(b"a\nbuilding 3/7\r\n\n");
        assert_eq!(tail.line, "building 3/7");
        tail.take(b"half");
        assert_eq!(tail.line, "half");
        tail.take("x".repeat(100_000).as_bytes());
        assert_eq!((tail.line.len(), tail.bytes.len()), (LONGEST_LINE, 10));
    }
}
