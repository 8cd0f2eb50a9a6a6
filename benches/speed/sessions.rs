//! Sessions: what looking at many costs, how soon a prompt arrives, what starting one costs over the bare program, what the host
//! process of one takes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::measure::{self, Pair, Program};
use crate::playground::Playground;

/// So many are looked at.
pub(crate) const MANY: usize = 50;
/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// A program that says for each line it gets, and at its start, when that was, in nanoseconds. Python, because every
/// machine has it, and it starts about as fast as a harness's own runtime.
const CLOCK: &str = "import sys, time, tty\ntty.setcbreak(0)\nout = open(sys.argv[1], 'a', buffering=1)\n\
                     print(time.time_ns(), file=out)\nwhile sys.stdin.read(1):\n    print(time.time_ns(), file=out)\n";

/// A repository with sessions of a backend, which end with it.
pub(crate) struct Sessions {
    place: Playground,
    ghp: PathBuf,
    backend: &'static str,
}

impl Sessions {
    pub(crate) fn new(at: &Path, ghp: &Path, backend: &'static str) -> Sessions {
        Sessions {
            place: Playground::new(at, ghp, 0, 0),
            ghp: ghp.to_owned(),
            backend,
        }
    }

    fn ghp(&self, words: &[&str]) -> Program {
        self.place.program(&self.ghp, words)
    }

    fn start(&self, name: &str, words: &[&str]) -> Program {
        let new = ["session", "new", name, "--here", "--backend", self.backend];
        self.ghp(&[&new[..], &["--"], words].concat())
    }

    /// Starts many that wait.
    pub(crate) fn fill(&self) {
        for number in 1..=MANY {
            let name = format!("worker-{number}");
            self.start(&name, &["sleep", "3600"]).run();
        }
    }

    /// A list of them beside what the backend itself, or the system, says of as many.
    pub(crate) fn list(&self, rounds: usize) -> (Pair, &'static str) {
        let ours = self.ghp(&["session", "list", "--json"]);
        let (theirs, name) = if self.backend == "tmux" {
            let words = [
                "list-panes",
                "-a",
                "-F",
                "#{pane_id} #{pane_pid} #{pane_dead}",
            ];
            (self.tmux(&words), "tmux list-panes -a")
        } else {
            let words = ["-A", "-o", "pid=,ppid=,stat=,comm="];
            (self.place.program(Path::new("ps"), &words), "ps -A")
        };
        (measure::pair(rounds, &ours, &theirs), name)
    }

    fn tmux(&self, words: &[&str]) -> Program {
        let socket = self
            .place
            .root
            .join(".git/ghp/tmux.sock")
            .display()
            .to_string();
        let all = [&["-S", &socket, "-f", "/dev/null"], words].concat();
        self.place.program(Path::new("tmux"), &all)
    }

    /// From the start of `session send` to the moment the program has the first byte, beside `tmux send-keys` to the same
    /// program: pairs in microseconds. A prompt is pasted and entered; the program takes each byte as a key.
    pub(crate) fn send(&self, rounds: usize) -> Vec<(f64, f64)> {
        let kept = self.place.root.join("clock");
        let script = self.place.root.join("clock.py");
        fs::write(&script, CLOCK).expect("a script");
        let shown = |path: &Path| path.display().to_string();
        self.start("clock", &["python3", &shown(&script), &shown(&kept)])
            .run();
        until("it has started", || lines(&kept).len() == 1);
        let send = self.ghp(&["session", "send", "clock", "x"]);
        let keys = self.tmux(&["send-keys", "-t", "clock", "-l", "x"]);
        let first = |program: &Program, keys: usize| {
            let before = lines(&kept).len();
            let began = now();
            program.run();
            until("it has all of it", || lines(&kept).len() >= before + keys);
            between(began, lines(&kept)[before])
        };
        // A prompt's Enter comes behind it.
        let pairs = (0..rounds).map(|_| {
            let ours = first(&send, 2);
            let is_tmux = self.backend == "tmux";
            (ours, if is_tmux { first(&keys, 1) } else { ours })
        });
        pairs.collect()
    }

    /// From the start of `session new` to the first line of the program, beside the program alone: pairs in microseconds.
    pub(crate) fn start_up(&self, rounds: usize) -> Vec<(f64, f64)> {
        let script = self.place.root.join("clock.py");
        fs::write(&script, CLOCK).expect("a script");
        let began_at = |name: String, program: &dyn Fn(&str) -> Program| {
            let path = self.place.root.join(name);
            let program = program(&path.display().to_string());
            let began = now();
            program.run();
            until("it has started", || !lines(&path).is_empty());
            between(began, lines(&path)[0])
        };
        let script = script.display().to_string();
        let bare = "import sys, time, tty\nprint(time.time_ns(), file=open(sys.argv[1], 'a'))\n";
        let pairs = (0..rounds).map(|round| {
            let name = format!("new-{round}");
            let new = |out: &str| self.start(&name, &["python3", &script, out]);
            let ours = began_at(format!("start-{round}"), &new);
            let python = |out: &str| {
                let words = ["-c", bare, out];
                self.place.program(Path::new("python3"), &words)
            };
            let theirs = began_at(format!("bare-{round}"), &python);
            self.ghp(&["session", "stop", &name, "--grace", "0s"]).run();
            self.ghp(&["session", "rm", &name]).run();
            (ours, theirs)
        });
        pairs.collect()
    }

    /// The memory of a session's host process, in MiB: the most it ever held, and what is its own and nobody else's.
    pub(crate) fn memory(&self) -> Option<(f64, f64)> {
        let record = self.place.root.join(".git/ghp/run/worker-1/record.json");
        let record: serde_json::Value = serde_json::from_slice(&fs::read(record).ok()?).ok()?;
        let host = record["handle"]["host"]
            .as_str()?
            .split(':')
            .next()?
            .to_owned();
        let of = |file: &str, name: &str| {
            let text = fs::read_to_string(format!("/proc/{host}/{file}")).ok()?;
            let line = text.lines().find(|line| line.starts_with(name))?;
            let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
            Some(kib / 1024.0)
        };
        let own = of("smaps_rollup", "Private_Clean:")? + of("smaps_rollup", "Private_Dirty:")?;
        Some((of("status", "VmHWM:")?, own))
    }
}

impl Drop for Sessions {
    fn drop(&mut self) {
        let run = self.place.root.join(".git/ghp/run");
        for session in fs::read_dir(run).into_iter().flatten().flatten() {
            let name = session.file_name().to_string_lossy().into_owned();
            // Ended already, or it ends with its terminal.
            let _ = self
                .ghp(&["session", "stop", &name, "--grace", "0s"])
                .runs();
        }
        if self.backend == "tmux" {
            let _ = self.tmux(&["kill-server"]).runs();
        }
    }
}

/// Nanoseconds since 1970, as the program counts them.
fn now() -> u128 {
    std::time::UNIX_EPOCH
        .elapsed()
        .map_or(0, |since| since.as_nanos())
}

/// Microseconds from one to the other.
fn between(began: u128, at: u128) -> f64 {
    u32::try_from(at.saturating_sub(began) / 1000).map_or(f64::MAX, f64::from)
}

fn lines(path: &Path) -> Vec<u128> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().filter_map(|line| line.parse().ok()).collect()
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_micros(200));
    }
}
