//! The harnesses' door, `ghp hook HARNESS`: one event on standard input, in the harness's own words; its decision, if
//! there is one, on standard output.
//!
//! It fails open: whatever goes wrong in here must not stop an agent, so it ends with 0 and at most a line on stderr, and
//! `ghp doctor` shows the last fault. It is silent outside a project. Only tools that change files are checked; what a
//! shell command does is seen by git's hooks alone.

mod claude;
mod codex;
mod cursor;
mod gemini;
mod opencode;
mod payload;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::commands::event::{self, Answer, Event, What};
use crate::domain::escape::one_line;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::host::{env, input, process, signals};
use crate::project::Project;
use payload::Payload;

/// A larger event is not looked at.
const LARGEST: usize = 1 << 20;

/// A harness: how its events read and how it is answered.
struct Harness {
    /// Its word.
    name: &'static str,
    /// Whether its agent hears what is said before an edit that is allowed.
    hears_at_edit: bool,
    /// What an event means; `None`: nothing that we care about.
    read: fn(&Payload) -> Option<Reading>,
    /// The answer in its own format.
    say: fn(What, Answer) -> Option<Value>,
}

/// What an event means.
struct Reading {
    what: What,
    /// The files that a tool changes.
    paths: Vec<String>,
}

impl Reading {
    fn of(what: What) -> Reading {
        let paths = Vec::new();
        Reading { what, paths }
    }
}

/// Every harness.
const HARNESSES: &[Harness] = &[
    claude::HARNESS,
    codex::HARNESS,
    gemini::HARNESS,
    opencode::HARNESS,
    cursor::HARNESS,
];

/// What the command line asked for.
#[derive(Debug, Default, PartialEq)]
struct Call {
    harness: Option<String>,
    directory: Option<PathBuf>,
    agent: Option<String>,
}

/// Whether the command line asks for this door. `ghp hook --help` asks for help.
pub fn is_called() -> bool {
    call(std::env::args_os()).is_some()
}

/// Serves one event and ends the process, with 0 whatever happens.
pub fn main() -> ! {
    process::mend_mask();
    // A fault is said in one line, and a panic is one.
    panic::set_hook(Box::new(|_| {}));
    let served = panic::catch_unwind(AssertUnwindSafe(|| {
        serve(&call(std::env::args_os()).unwrap_or_default());
    }));
    if served.is_err() {
        complain("a fault of ghp's own; this event was not looked at");
    }
    process::end(Exit::Done.code())
}

/// The words of the command line, when its verb is `hook`. Read by hand: no parser may end this process with a code that
/// a harness takes for a refusal.
fn call(words: impl Iterator<Item = OsString>) -> Option<Call> {
    let mut words = words
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned());
    let mut call = Call::default();
    let mut is_hook = false;
    while let Some(word) = words.next() {
        match word.as_str() {
            "-C" | "--directory" => call.directory = words.next().map(PathBuf::from),
            "-t" | "--agent" => call.agent = words.next(),
            "--color" => drop(words.next()),
            "-h" | "--help" | "-V" | "--version" => return None,
            option if option.starts_with('-') => {
                if let Some(agent) = option.strip_prefix("--agent=") {
                    call.agent = Some(agent.to_owned());
                }
            }
            "hook" if !is_hook => is_hook = true,
            _ if !is_hook => return None,
            // Git's own hooks go by their exit code: the terminal's door serves them, as a verb.
            "git" if call.harness.is_none() => return None,
            _ => call.harness = Some(word),
        }
    }
    is_hook.then_some(call)
}

fn serve(call: &Call) {
    if io::stdin().is_terminal() {
        return complain("a harness runs this; see ghp help agents");
    }
    // Always to its end: a harness may be killed by a pipe that nobody reads.
    let read = input::drained(LARGEST);
    let name = call.harness.as_deref().unwrap_or_default();
    let Some(harness) = HARNESSES.iter().find(|harness| harness.name == name) else {
        let names: Vec<&str> = HARNESSES.iter().map(|harness| harness.name).collect();
        let said = format!("\"{name}\" is no harness; they are {}", names.join(", "));
        if let Ok(Some(project)) = open(call, None, None) {
            event::record_fault(&project, "hook", &Error::new(Kind::Usage, said.as_str()));
        }
        return complain(&said);
    };
    let payload =
        read.map_err(|error| Error::new(Kind::Usage, "the event was not looked at").because(error));
    let payload = payload.and_then(|bytes| Payload::parse(&bytes));
    let cwd = payload.as_ref().ok().and_then(Payload::cwd);
    let paths = payload.as_ref().ok().and_then(|payload| {
        let reading = (harness.read)(payload)?;
        Some((reading.what, absolute(reading.paths, cwd.as_deref())))
    });
    let project = match open(
        call,
        cwd.as_deref(),
        paths.as_ref().map(|(_, paths)| &paths[..]),
    ) {
        Ok(Some(project)) => project,
        Ok(None) => return,
        Err(error) => return complain(&error.message),
    };
    let answered = payload.and_then(|payload| {
        let Some((what, paths)) = paths else {
            return Ok(());
        };
        let event = Event {
            harness: harness.name,
            session: payload.session(),
            what,
            tool: payload.tool_name.text().unwrap_or_default().to_owned(),
            paths,
            last_message: payload.last_message(),
            fault: payload.error.text().map(str::to_owned),
            transcript: payload.transcript(),
            hears_at_edit: harness.hears_at_edit,
        };
        answer(harness, what, event::happened(&project, &event)?)
    });
    if let Err(error) = answered {
        let noted = event::record_fault(&project, harness.name, &error);
        let more = if noted { "; ghp doctor shows it" } else { "" };
        complain(&format!("{}{more}", error.message));
    }
    if let Some(warning) = project.warnings().first() {
        complain(warning);
    }
}

/// The project that the event is about; `None`: there is none, and nothing to say. Where the session stands outside any,
/// the first one that holds a file which is to be changed.
fn open(call: &Call, cwd: Option<&Path>, paths: Option<&[PathBuf]>) -> Result<Option<Project>> {
    // Without it the limit on files' sizes kills us, as it does any other program.
    let _ = signals::outlive_file_limits();
    let here = call.directory.as_deref().or(cwd).filter(|dir| dir.is_dir());
    let here = here.map(Path::to_owned).or_else(|| env::current_dir().ok());
    let files = paths.unwrap_or_default().iter();
    let of_files = files.filter_map(|path| event::folder_of(path));
    for folder in here.into_iter().chain(of_files) {
        if let Some(project) = around(call, folder)? {
            return Ok(Some(project));
        }
    }
    Ok(None)
}

/// The project around a folder. A repository without documents is a part of the worktree that it lies in.
fn around(call: &Call, mut folder: PathBuf) -> Result<Option<Project>> {
    loop {
        match Project::open(Some(&folder), call.agent.clone()) {
            Ok(project) => return Ok(Some(project)),
            Err(error) if is_nowhere(&error) => {}
            Err(error) => return Err(error),
        }
        let top = folder
            .ancestors()
            .find(|above| above.join(".git").symlink_metadata().is_ok());
        match top.and_then(Path::parent) {
            Some(above) => folder = above.to_owned(),
            None => return Ok(None),
        }
    }
}

fn is_nowhere(error: &Error) -> bool {
    matches!(error.kind, Kind::NoRepository | Kind::NoDocuments)
}

fn absolute(paths: Vec<String>, cwd: Option<&Path>) -> Vec<PathBuf> {
    let here = cwd.map(Path::to_owned).or_else(|| env::current_dir().ok());
    let here = here.unwrap_or_default();
    // No file has a NUL in its name, so the tool fails there; whatever else it names is judged.
    let possible = paths.into_iter().filter(|path| !path.contains('\0'));
    possible.map(|path| here.join(path)).collect()
}

/// Prints the answer, if the harness has a form for it.
fn answer(harness: &Harness, what: What, answer: Answer) -> Result<()> {
    let Some(said) = (harness.say)(what, answer) else {
        return Ok(());
    };
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{said}").and_then(|()| stdout.flush());
    written.map_err(|error| {
        Error::new(Kind::Failed, "the harness did not take the answer").because(error)
    })
}

/// One line on stderr.
fn complain(what: &str) {
    // Nobody listens to a closed stderr.
    let _ = writeln!(io::stderr().lock(), "ghp hook: {}", one_line(what, 500));
}

#[cfg(test)]
mod tests;
