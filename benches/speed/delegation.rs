//! One step of delegation: from the prompt that a person saves to the agent that waits for work, and from its answer to the
//! file. Beside them one durable decision, and a shell that looks for a file ten times a second.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::measure::{Pair, Program, micros};
use crate::playground::Playground;

/// No step takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A repository in which an agent waits for work.
pub(crate) struct Delegation {
    place: Playground,
    ghp: PathBuf,
}

/// Each way beside each yardstick.
pub(crate) struct Measured {
    pub what: &'static str,
    pub decision: Pair,
    pub polling: Pair,
}

impl Delegation {
    pub(crate) fn new(at: &Path, ghp: &Path) -> Delegation {
        let place = Playground::new(at, ghp, 1, 0);
        let delegation = Delegation {
            place,
            ghp: ghp.to_owned(),
        };
        delegation.agent(&["status", "set", "idle"]).run();
        delegation
    }

    fn agent(&self, words: &[&str]) -> Program {
        self.place
            .program(&self.ghp, words)
            .env("GHP_AGENT", "planning-1")
    }

    /// So many steps, each way in microseconds beside its yardsticks.
    pub(crate) fn measure(&self, rounds: usize) -> [Measured; 2] {
        let decide = self
            .place
            .program(&self.ghp, &["status", "set", "testing", "-m", "x{n}"])
            .env("GHP_AGENT", "worker-1");
        let (mut there, mut back) = (Vec::new(), Vec::new());
        for round in 0..=rounds {
            let (to_agent, to_file) = self.step(round);
            let yardsticks = (micros(decide.run()), micros(self.polled(round)));
            // The first of each warms up.
            if round > 0 {
                there.push((micros(to_agent), yardsticks));
                back.push((micros(to_file), yardsticks));
            }
        }
        let measured = |what, ways: Vec<(f64, (f64, f64))>| Measured {
            what,
            decision: pair(&ways, |yardsticks| yardsticks.0),
            polling: pair(&ways, |yardsticks| yardsticks.1),
        };
        [
            measured("Ctrl-G: from save to agent", there),
            measured("Ctrl-G: from answer to file", back),
        ]
    }

    /// One step: how long until the agent has the task, and how long until the file has its answer.
    fn step(&self, round: usize) -> (Duration, Duration) {
        let file = self.place.root.join("../prompt.md");
        fs::write(&file, format!("@planning Plan part {round}\n")).expect("a prompt");
        let mut agent = self.start(&["inbox", "--kind", "task", "--wait"], "planning-1");
        until("the agent waits", || watches(&agent));
        let begun = Instant::now();
        let mut editor = self.start(&["editor", "../prompt.md"], "lead");
        assert!(agent.wait().expect("our own child").success());
        let to_agent = begun.elapsed();
        self.agent(&["task", "take"]).run();
        until("the editor waits", || watches(&editor));
        let done = self.agent(&["done", "-m", "One switch, one stylesheet."]);
        let begun = Instant::now();
        done.run();
        assert!(editor.wait().expect("our own child").success());
        let to_file = begun.elapsed();
        let text = fs::read_to_string(&file).expect("the prompt");
        assert!(text.starts_with("Answer of planning-1 "), "{text}");
        (to_agent, to_file)
    }

    /// How long a shell takes to see a file that it looks for every tenth of a second.
    fn polled(&self, round: usize) -> Duration {
        let file = self.place.root.join(format!("../done-{round}"));
        let script = format!(
            "echo; while [ ! -f {} ]; do sleep 0.1; done",
            file.display()
        );
        let mut shell = Command::new("sh")
            .args(["-c", &script])
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        // Somewhere between two looks, another place in each round.
        let between = Duration::from_millis(100 + u64::try_from(round * 37 % 100).unwrap_or(0));
        std::thread::sleep(between);
        let begun = Instant::now();
        fs::write(&file, "").expect("a file");
        assert!(shell.wait().expect("our own child").success());
        let took = begun.elapsed();
        fs::remove_file(&file).expect("a file");
        took
    }

    fn start(&self, words: &[&str], agent: &str) -> Child {
        let mut command = Command::new(&self.ghp);
        command
            .args(words)
            .current_dir(&self.place.root)
            .env("GHP_AGENT", agent)
            .env("GHP_EDITOR", "false")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().expect("a process")
    }
}

fn pair(ways: &[(f64, (f64, f64))], of: fn(&(f64, f64)) -> f64) -> Pair {
    let pairs: Vec<(f64, f64)> = ways.iter().map(|way| (way.0, of(&way.1))).collect();
    Pair::of(&pairs)
}

/// Whether it waits for documents to change.
fn watches(process: &Child) -> bool {
    let Ok(open) = fs::read_dir(format!("/proc/{}/fd", process.id())) else {
        return false;
    };
    let mut leads = open
        .flatten()
        .filter_map(|fd| fs::read_link(fd.path()).ok());
    leads.any(|to| to.to_string_lossy().contains("inotify")) && sleeps(process)
}

/// Whether all of it sleeps.
fn sleeps(process: &Child) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.id())).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or_default();
    state.trim_start().starts_with('S')
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::yield_now();
    }
}
