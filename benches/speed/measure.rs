//! Running programs in turn, all at once, and under the tools that count.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use crate::playground::Playground;

/// A program with its words, folder and environment.
#[derive(Clone)]
pub(crate) struct Program {
    path: PathBuf,
    words: Vec<String>,
    folder: PathBuf,
    env: Vec<(String, String)>,
    /// A file that holds this again before each run.
    reset: Option<(PathBuf, Arc<str>)>,
    /// What its standard input is.
    fed: Option<PathBuf>,
}

/// Stands for a number that no other run has, in a program's words.
pub(crate) const NEW: &str = "{n}";

static RUNS: AtomicUsize = AtomicUsize::new(0);

impl Program {
    pub(crate) fn new(program: &Path, words: &[&str]) -> Program {
        Program {
            path: program.to_owned(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            folder: PathBuf::from("."),
            env: vec![
                ("PATH".to_owned(), std::env::var("PATH").unwrap_or_default()),
                ("LC_ALL".to_owned(), "C".to_owned()),
            ],
            reset: None,
            fed: None,
        }
    }

    /// With this file as its standard input.
    pub(crate) fn fed(mut self, file: &Path) -> Program {
        self.fed = Some(file.to_owned());
        self
    }

    /// Before each run, and not in its time, the file is made to hold this again.
    pub(crate) fn reset(mut self, file: &Path, text: &str) -> Program {
        self.reset = Some((file.to_owned(), text.into()));
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Program {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn within(mut self, folder: &Path) -> Program {
        folder.clone_into(&mut self.folder);
        self
    }

    fn also(mut self, words: &[&str]) -> Program {
        self.words
            .extend(words.iter().map(|word| (*word).to_owned()));
        self
    }

    fn command(&self) -> Command {
        if let Some((file, text)) = &self.reset {
            // As a heartbeat before this one would have left it.
            let aside = file.with_extension("before");
            let put = std::fs::write(&aside, text.as_bytes());
            put.and_then(|()| std::fs::rename(&aside, file))
                .expect("a file to begin with");
        }
        let number = RUNS.fetch_add(1, Ordering::Relaxed).to_string();
        let mut command = Command::new(&self.path);
        command
            .args(self.words.iter().map(|word| word.replace(NEW, &number)))
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.env.iter().cloned());
        command
            .stdin(self.fed.as_ref().map_or_else(Stdio::null, |file| {
                std::fs::File::open(file).expect("its input").into()
            }))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Runs it: how long it took and the code it ended with.
    fn end(&self) -> (Duration, Option<i32>) {
        let mut command = self.command();
        let began = Instant::now();
        let ended = command
            .status()
            .unwrap_or_else(|error| panic!("{}: {error}", self.path.display()));
        (began.elapsed(), ended.code())
    }

    /// Runs it; it must succeed.
    pub(crate) fn run(&self) -> Duration {
        let (took, code) = self.end();
        assert_eq!(code, Some(0), "{} {:?}", self.path.display(), self.words);
        took
    }

    /// Whether it runs at all.
    pub(crate) fn runs(&self) -> bool {
        self.end().1 == Some(0)
    }

    /// Runs it under a tool that counts, and returns what that tool wrote to stderr; `None` when there is no such tool.
    fn beneath(&self, tool: &str, options: &[&str]) -> Option<String> {
        let mut words: Vec<&str> = options.to_vec();
        let program = self.path.display().to_string();
        words.push(&program);
        words.extend(self.words.iter().map(String::as_str));
        let counted = Program {
            path: PathBuf::from(tool),
            words: Vec::new(),
            ..self.clone()
        }
        .also(&words);
        let output = counted.command().stderr(Stdio::piped()).output().ok()?;
        String::from_utf8(output.stderr).ok()
    }

    /// Instructions, in millions: free of noise.
    pub(crate) fn instructions(&self) -> Option<f64> {
        let said = self.beneath(
            "valgrind",
            &["--tool=callgrind", "--callgrind-out-file=/dev/null"],
        )?;
        let count: f64 = said
            .split_once("Collected :")?
            .1
            .split_whitespace()
            .next()?
            .parse()
            .ok()?;
        Some(count / 1e6)
    }

    /// System calls by name, in order, of this process and of those it starts.
    pub(crate) fn calls(&self) -> Option<Vec<String>> {
        let said = self.beneath("strace", &["-f", "-qq"])?;
        let name = |line: &str| {
            let line = line
                .strip_prefix("[pid")
                .and_then(|line| line.split_once("] "))
                .map_or(line, |(_, call)| call);
            let (name, _) = line.split_once('(')?;
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                .then(|| name.to_owned())
        };
        Some(said.lines().filter_map(name).collect())
    }

    /// The most memory it had, in MiB.
    pub(crate) fn memory(&self) -> Option<f64> {
        Some(self.timed("%M")? / 1024.0)
    }

    /// How often it touched a page that was not mapped yet.
    pub(crate) fn faults(&self) -> Option<f64> {
        self.timed("%R")
    }

    fn timed(&self, what: &str) -> Option<f64> {
        let said = self.beneath("time", &["-f", what])?;
        said.lines().last()?.trim().parse().ok()
    }
}

pub(crate) fn micros(took: Duration) -> f64 {
    took.as_secs_f64() * 1e6
}

/// Two programs side by side: medians, in microseconds, and the median of the ratios.
pub(crate) struct Pair {
    pub ours: f64,
    pub theirs: f64,
    pub ratio: f64,
}

impl Pair {
    pub(crate) fn of(pairs: &[(f64, f64)]) -> Pair {
        Pair {
            ours: median(pairs.iter().map(|pair| pair.0)),
            theirs: median(pairs.iter().map(|pair| pair.1)),
            ratio: median(pairs.iter().map(|pair| pair.0 / pair.1)),
        }
    }
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Runs two programs in turn, A B B A …, so that neither always comes first.
pub(crate) fn pair(rounds: usize, ours: &Program, theirs: &Program) -> Pair {
    for warm in [ours, theirs] {
        warm.run();
    }
    let pairs: Vec<(f64, f64)> = (0..rounds.max(3))
        .map(|round| {
            if round % 2 == 0 {
                let first = micros(ours.run());
                (first, micros(theirs.run()))
            } else {
                let first = micros(theirs.run());
                (micros(ours.run()), first)
            }
        })
        .collect();
    Pair::of(&pairs)
}

/// Many processes at once.
pub(crate) struct Storm {
    /// How long all of them took together, in milliseconds.
    pub total: f64,
    /// The slowest single one, in milliseconds.
    pub worst: f64,
    /// How many failed.
    pub errors: usize,
}

/// So many agents, each running the program so many times, one after the other.
pub(crate) fn storm(agents: usize, times: usize, program: &Program) -> Storm {
    let began = Instant::now();
    let ends = together(agents, |agent| {
        let program = program.clone().env("GHP_AGENT", &format!("worker-{agent}"));
        (0..times).map(|_| program.end()).collect::<Vec<_>>()
    });
    let total = began.elapsed();
    let ends: Vec<_> = ends.into_iter().flatten().collect();
    let worst = ends.iter().map(|(took, _)| *took).max().unwrap_or_default();
    Storm {
        total: micros(total) / 1e3,
        worst: micros(worst) / 1e3,
        errors: ends.iter().filter(|(_, code)| *code != Some(0)).count(),
    }
}

/// The same with words that each agent looks for right after it said them: nobody else writes its entry, so what is
/// not there has been lost.
#[expect(clippy::cast_precision_loss, reason = "a small count")]
pub(crate) fn losses(agents: usize, times: usize, place: &Playground, program: &Program) -> f64 {
    let document = place.document();
    let lost = together(agents, |agent| {
        let name = format!("worker-{agent}");
        let lost = |time: &usize| {
            let said = format!("Beat {time} of {name}");
            program
                .clone()
                .env("GHP_AGENT", &name)
                .also(&["-m", &said])
                .run();
            !std::fs::read_to_string(&document)
                .is_ok_and(|text| text.contains(&format!("\"{said}\"")))
        };
        (0..times).filter(lost).count()
    });
    lost.into_iter().sum::<usize>() as f64
}

/// So many agents run the program at the same moment: how long it took in all, how many succeeded, and how many were
/// refused as too late (exit 4); `None` when the program knows no such verb.
pub(crate) fn race(agents: usize, program: &Program) -> Option<(Duration, u32, u32)> {
    if program.clone().also(&["--help"]).end().1 != Some(0) {
        return None;
    }
    let start = Barrier::new(agents + 1);
    let mut took = Duration::ZERO;
    let mut codes = Vec::new();
    std::thread::scope(|scope| {
        let running: Vec<_> = (1..=agents)
            .map(|agent| {
                let program = program.clone().env("GHP_AGENT", &format!("worker-{agent}"));
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    program.end().1
                })
            })
            .collect();
        start.wait();
        let began = Instant::now();
        codes = running
            .into_iter()
            .map(|one| one.join().expect("a runner"))
            .collect();
        took = began.elapsed();
    });
    let count = |code| {
        u32::try_from(codes.iter().filter(|ended| **ended == Some(code)).count())
            .unwrap_or(u32::MAX)
    };
    Some((took, count(0), count(4)))
}

fn together<T: Send>(agents: usize, one: impl Fn(usize) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let one = &one;
        let running: Vec<_> = (1..=agents)
            .map(|agent| scope.spawn(move || one(agent)))
            .collect();
        running
            .into_iter()
            .map(|running| running.join().expect("a runner"))
            .collect()
    })
}
