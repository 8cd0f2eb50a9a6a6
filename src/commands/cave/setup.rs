//! `coordination.setup`: what makes a new cave fit to work in, run once in it.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::commands::system;
use crate::config::env_vars::{AGENT, KEEPER, WATCHED};
use crate::domain::escape::one_line;
use crate::domain::id::AgentId;
use crate::domain::shell;
use crate::error::{Error, Kind, Result};
use crate::git::place::Place;
use crate::host::child::{self, End};
use crate::host::signals::Stop;
use crate::host::{clock, env, process};
use crate::project::Project;
use crate::store::layout::run;

/// The key.
const KEY: &str = "coordination.setup";
/// How often a step that takes long says so.
const SPAN: Duration = Duration::from_secs(10);
/// So much of the log's end is shown when a step has failed, in bytes.
const TAIL: u64 = 2000;

/// What is said while it runs.
pub(crate) type Say<'a> = &'a mut dyn FnMut(String) -> Result<()>;

/// Refuses set-up commands of the repository that no person has trusted.
pub(crate) fn require_trust(project: &Project) -> Result<()> {
    let (value, _) = project.config()?.get(KEY)?;
    if steps(&value).is_empty() {
        return Ok(());
    }
    project.require_trust(KEY, &value)
}

/// Runs the steps in the cave, unless they have run there before, as they stand now. A failure names the log and leaves the cave
/// as it is.
pub(crate) fn setup(
    project: &Project,
    agent: &AgentId,
    place: &Place,
    worktree: &Path,
    say: Say<'_>,
) -> Result<()> {
    let config = project.config()?;
    let (value, _) = config.get(KEY)?;
    let steps = steps(&value);
    if steps.is_empty() || place.setup_done().as_deref() == Some(&value.to_string()) {
        return Ok(());
    }
    project.require_trust(KEY, &value)?;
    let longest = config.setup_timeout()?.to_std();
    let path = project.local().join(run::file(agent.as_str(), run::SETUP));
    let log = open(&path).map_err(system("write the log of the set-up"))?;
    let environment = environment(project, agent);
    let stop = Stop::listen().map_err(system("listen for signals"))?;
    let began = Instant::now();
    for (at, step) in steps.iter().enumerate() {
        let words: Vec<_> = step.iter().map(|word| shell::word(word)).collect();
        let shown = one_line(&words.join(" "), 100);
        say(format!("set-up {}/{}: {shown}", at + 1, steps.len()))?;
        let mark = format!("{}-{}", process::own(), clock::nanos());
        let order = child::Order {
            words: step,
            directory: worktree,
            input: b"",
            environment: &environment,
            mark: (WATCHED, &mark),
            spared: KEEPER,
            timeout: Some(longest.saturating_sub(began.elapsed())),
            keep: 0,
            log: Some(&log),
        };
        let mut said = Ok(());
        let ran = child::run(&order, &stop, SPAN, &mut |seen| {
            if said.is_ok() {
                let ran = seen.since.as_secs();
                said = say(format!("set-up: {shown} has run for {ran}s"));
            }
        });
        said?;
        let why = match ran.map(|ran| ran.end) {
            Ok(End::Code(0)) => continue,
            Ok(end @ End::TimedOut) => {
                format!("{end}: coordination.setupTimeout is {}s", longest.as_secs())
            }
            Ok(end) => end.to_string(),
            Err(error) => format!("cannot be run: {error}"),
        };
        return Err(failed(&format!("{shown} {why}"), worktree, &path));
    }
    Ok(place.set_setup_done(&value.to_string())?)
}

/// The steps: a program and its words each.
fn steps(value: &Value) -> Vec<Vec<String>> {
    let words = |step: &Value| {
        let words = step.as_array()?.iter();
        words
            .map(|word| word.as_str().map(str::to_owned))
            .collect::<Option<Vec<String>>>()
            .filter(|words| !words.is_empty())
    };
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(words)
        .collect()
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let mut options = OpenOptions::new();
    options
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .and_then(|file| file.set_len(0).map(|()| file))
}

/// What a step has beside our own environment: nothing of git's, and who it is for.
fn environment(project: &Project, agent: &AgentId) -> Vec<(OsString, Option<OsString>)> {
    let ours = env::all().map(|(name, _)| name);
    let mut environment: Vec<(OsString, Option<OsString>)> = ours
        .filter(|name| name.as_encoded_bytes().starts_with(b"GIT_"))
        .map(|name| (name, None))
        .collect();
    environment.push(("PATH".into(), Some(process::absolute_path())));
    environment.push((AGENT.into(), Some(agent.to_string().into())));
    if let Ok(Some(main)) = project.place.main_worktree() {
        environment.push(("GHP_MAIN_WORKTREE".into(), Some(main.into())));
    }
    environment
}

fn failed(what: &str, worktree: &Path, log: &Path) -> Error {
    let said = format!("the set-up of the cave failed: {what}");
    let error = Error::new(Kind::Failed, said);
    let error = match tail(log) {
        Ok(text) if !text.is_empty() => error.because(io::Error::other(text)),
        _ => error,
    };
    error
        .hint(format!(
            "the cave {} stays as it is; mend it, and begin the session again. All it said",
            worktree.display()
        ))
        .next(format!("cat {}", shell::path(log)))
}

/// The last line that it said.
fn tail(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    Ok(one_line(last.unwrap_or_default(), 300))
}
