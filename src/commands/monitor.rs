//! `ghp monitor`: watch a long thing, and tell whoever should know how it ended.

use std::path::Path;
use std::time::Duration as StdDuration;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::delegate::{self, Order};
use super::detached::{self, Detached};
use super::escalate::{self, Asked, Question};
use super::task::routing;
use super::{one_line, task};
use crate::config::env_vars;
use crate::documents::markdown::quoted;
use crate::domain::escape;
use crate::domain::id::AgentId;
use crate::domain::secrets;
use crate::domain::shell::word;
use crate::domain::slug::slug;
use crate::domain::time::{Duration, span};
use crate::domain::waiting::{HUMAN, tail};
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::host::child::{self, End, Ran, Seen};
use crate::host::signals::{Stop, Woken};
use crate::host::{clock, input, process};
use crate::project::Project;

/// How many bytes of the end of the output are told.
const TOLD: usize = 8 << 10;
/// How often a person at a terminal is shown how far it is, and a file that keeps our narration.
const OFTEN: StdDuration = StdDuration::from_millis(500);
const SELDOM: StdDuration = StdDuration::from_secs(10);

/// Run a long thing, and tell a person (or --to an agent) when it fails
///
/// It runs without a shell and without input. How far it is stands on stderr, the last line it printed. When it fails,
/// or with --until-success when it succeeds, the end of its output becomes a question in a person's inbox, once for as
/// long as that is open; with --to it becomes a task. The exit code is the command's own. Ctrl-C ends the command with
/// all that it started.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// What to call it (default: the command's name)
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Run it again this long after it ended (2m), until it fails or succeeds as asked, else for ever
    #[arg(long, value_name = "DUR", num_args = 0..=1, default_missing_value = "2m")]
    pub every: Option<Duration>,
    /// Stop when it has failed
    #[arg(long, conflicts_with = "until_success")]
    pub until_fail: bool,
    /// Stop when it has succeeded, and tell that instead
    #[arg(long)]
    pub until_success: bool,
    /// Ring the terminal's bell, and show a notice where the terminal can
    #[arg(long)]
    pub notify: bool,
    /// Whom to tell: `human` (a question), or an agent or profile (a task)
    #[arg(long, value_name = "WHO")]
    pub to: Option<String>,
    /// Go on without this terminal, in a session of that name (`ghp session list`, `output`, `stop`)
    #[arg(long)]
    pub detach: bool,
    /// The command, behind `--`
    #[arg(last = true, required = true, value_name = "CMD")]
    pub command: Vec<String>,
}

/// How far it is, or how it ended.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// It runs.
    Runs(Runs),
    /// It has ended.
    Ended(Ended),
    /// It goes on by itself.
    Detached(Box<Detached>),
}

/// It runs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Runs {
    /// What it is called.
    pub name: String,
    /// For how long it has run.
    pub since_seconds: u64,
    /// The last line that it printed.
    pub line: String,
}

/// It has ended.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    /// What it is called.
    pub name: String,
    /// Its exit code; 128 and the signal when one ended it.
    pub exit_code: u8,
    /// How it ended, in words that follow its name.
    #[serde(skip)]
    pub how: String,
    /// The signal that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Whether somebody stopped it through us.
    pub stopped: bool,
    /// How long it took.
    pub took_seconds: u64,
    /// How much it printed, in bytes.
    pub printed: u64,
    /// The end of that.
    pub tail: String,
    /// Who was told, and how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// Whether the terminal is to make itself noticed.
    #[serde(skip)]
    pub notify: bool,
    /// Whether there may be more such reports.
    #[serde(skip)]
    pub repeats: bool,
}

/// What was told.
#[derive(Debug, Serialize)]
pub struct Told {
    /// `escalation` or `task`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Whether it is a new one; an open one counts up.
    pub new: bool,
}

/// What is watched, once it is clear.
struct Watched<'a> {
    args: &'a Args,
    name: String,
    by: String,
    /// The command as somebody would type it.
    shown: String,
}

/// Runs the verb.
pub fn run(
    project: &Project,
    args: Args,
    emit: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<()> {
    let watched = Watched {
        name: name(&args)?,
        by: project.by()?,
        shown: shown(&args.command),
        args: &args,
    };
    if let Some(to) = agent(&args) {
        routing::addressee(project, to)?;
    }
    if args.detach {
        let detached = detach(project, &watched)?;
        return emit(&Report::Detached(Box::new(detached)));
    }
    let stop = Stop::listen().map_err(super::system("listen for signals"))?;
    loop {
        let ran = once(project, &watched, &stop, emit)?;
        let is_event = (ran.end == End::Code(0)) == args.until_success;
        let stopped = ran.end == End::Stopped || is_event && detached::is_stopping(project, &stop)?;
        let is_event = is_event && !stopped;
        let is_last = stopped || is_event && (args.until_fail || args.until_success);
        project.refresh()?;
        let told = is_event
            .then(|| tell(project, &watched, &ran))
            .transpose()?;
        let again = args.every.filter(|_| !is_last);
        emit(&Report::Ended(Ended {
            name: watched.name.clone(),
            exit_code: ran.end.code(),
            how: if stopped { End::Stopped } else { ran.end }.to_string(),
            signal: match ran.end {
                End::Signal(signal) => Some(signal),
                _ => None,
            },
            stopped,
            took_seconds: ran.took.as_secs(),
            printed: ran.printed,
            tail: ran.tail,
            told,
            notify: args.notify && is_event,
            repeats: args.every.is_some(),
        }))?;
        let Some(pause) = again else { return Ok(()) };
        let woken = stop.wait(pause.to_std(), None);
        if woken.map_err(super::system("wait"))? == Woken::Stop {
            return Ok(());
        }
    }
}

/// Runs the same in a session, once it is clear that it can be run.
fn detach(project: &Project, watched: &Watched<'_>) -> Result<Detached> {
    let args = watched.args;
    if let Some(program) = args.command.first()
        && process::find_in(&process::absolute_path(), project.here(), program.as_ref()).is_none()
    {
        let none = std::io::ErrorKind::NotFound.into();
        return Err(not_started(&args.command, none));
    }
    let name = slug(&watched.name, 40).parse::<AgentId>()?;
    let mut words = vec!["monitor".to_owned(), format!("--name={}", watched.name)];
    words.extend(args.every.map(|every| format!("--every={every}")));
    let flags = [
        (args.until_fail, "--until-fail"),
        (args.until_success, "--until-success"),
        (args.notify, "--notify"),
    ];
    let flags = flags.into_iter().filter(|(set, _)| *set);
    words.extend(flags.map(|(_, flag)| flag.to_owned()));
    words.extend(args.to.as_ref().map(|to| format!("--to={to}")));
    words.push("--".to_owned());
    words.extend(args.command.iter().cloned());
    detached::start(project, &name, words)
}

fn once(
    project: &Project,
    watched: &Watched<'_>,
    stop: &Stop,
    emit: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<Ran> {
    let mark = format!("{}-{}", std::process::id(), clock::nanos());
    let order = child::Order {
        words: &watched.args.command,
        directory: project.here(),
        input: b"",
        environment: &[],
        log: None,
        mark: (env_vars::WATCHED, &mark),
        spared: env_vars::KEEPER,
        timeout: None,
        keep: TOLD,
    };
    let every = if input::is_narration_seen() {
        OFTEN
    } else {
        SELDOM
    };
    let mut failed = None;
    let mut seen = |seen: &Seen<'_>| {
        let report = Report::Runs(Runs {
            name: watched.name.clone(),
            since_seconds: seen.since.as_secs(),
            line: escape::one_line(seen.line, 200),
        });
        if let Err(error) = emit(&report) {
            failed.get_or_insert(error);
        }
    };
    let ran = child::run(&order, stop, every, &mut seen);
    match (failed, ran) {
        (Some(error), _) => Err(error),
        (None, ran) => ran.map_err(|error| not_started(&watched.args.command, error)),
    }
}

/// The command did not begin.
fn not_started(command: &[String], error: std::io::Error) -> Error {
    let program = command.first().map(String::as_str).unwrap_or_default();
    let program = escape::one_line(program, 80);
    if error.kind() == std::io::ErrorKind::NotFound {
        return Error::new(
            Kind::MissingProgram,
            format!("there is no program {program}"),
        )
        .hint("nothing is run by a shell; one line for it is")
        .next("ghp monitor -- sh -c \"…\"");
    }
    Error::new(Kind::Failed, format!("cannot run {program}"))
        .because(error)
        .next("ghp monitor --help")
}

fn name(args: &Args) -> Result<String> {
    let name = if let Some(name) = &args.name {
        one_line(name, "name")?
    } else {
        let program = args.command.first().map(Path::new);
        let program = program.and_then(Path::file_name).unwrap_or_default();
        slug(&program.to_string_lossy(), 40)
    };
    if name.is_empty() || name.len() > 64 {
        let said = "the name has 1 to 64 characters";
        return Err(Error::new(Kind::Usage, said).next("ghp monitor --name build -- make"));
    }
    Ok(name)
}

fn shown(command: &[String]) -> String {
    let words: Vec<_> = command.iter().map(|text| word(text)).collect();
    let words = words.join(" ");
    match (secrets::find(&words), command.first()) {
        // What is told travels.
        (Some(found), Some(program)) => {
            let program = escape::one_line(program, 80);
            format!("{program} … (left out: it looks like {})", found.what)
        }
        _ => escape::one_line(&words, 160),
    }
}

/// The agent or profile that is told.
fn agent(args: &Args) -> Option<&str> {
    args.to.as_deref().filter(|to| *to != HUMAN)
}

fn tell(project: &Project, watched: &Watched<'_>, ran: &Ran) -> Result<Told> {
    let how = ran.end;
    let title = one_line(
        &format!("{} {how}", escape::one_line(&watched.name, 64)),
        "title",
    )?;
    let took = i64::try_from(ran.took.as_secs()).unwrap_or(i64::MAX);
    let text = format!(
        "`{}` {how} after {}.\n\n{}",
        watched.shown.replace('`', "'"),
        span(took),
        output(&ran.tail)
    );
    let issue = escalate::own_issue(project)?;
    if let Some(to) = agent(watched.args) {
        return delegated(project, watched, to, title, text, issue);
    }
    let question = Question {
        title,
        text: quoted(&text),
        key: Some(format!("monitor:{}", watched.name)),
        to: watched.args.to.clone(),
        issue,
        ..Question::default()
    };
    let (asked, new) = match escalate::ask(project, &watched.by, &question)? {
        Asked::New(asked) => (asked, true),
        Asked::Again(asked) => (asked, false),
    };
    Ok(Told {
        kind: "escalation",
        id: asked.core.id.clone(),
        new,
    })
}

/// The end of an output as text for a document: indented, so that nothing in it is Markdown; without what drives a
/// terminal; without lines that look like a credential.
pub(crate) fn output(tail: &str) -> String {
    if tail.trim().is_empty() {
        return "It printed nothing.".to_owned();
    }
    let tail = escape::terminal_lines(tail.trim_end());
    let line = |line: &str| match secrets::find(line) {
        Some(found) => format!("    (left out: it looks like {})\n", found.what),
        None => format!("    {line}\n"),
    };
    let lines: String = tail.lines().map(line).collect();
    format!("The end of its output:\n\n{lines}")
}

fn delegated(
    project: &Project,
    watched: &Watched<'_>,
    to: &str,
    title: String,
    text: String,
    issue: Option<u64>,
) -> Result<Told> {
    let to = routing::addressee(project, to)?;
    let told = |id: &str, new| Told {
        kind: "task",
        id: id.to_owned(),
        new,
    };
    // One that nobody has answered yet is not told again.
    let open = task::open(project)?;
    let same = |core: &crate::domain::waiting::Core| {
        core.from == watched.by && core.title == title && core.to.as_deref() == Some(to.word())
    };
    if let Some(open) = open.iter().find(|task| same(&task.core)) {
        return Ok(told(&open.core.id, false));
    }
    let order = Order {
        prompt: format!("{text}\nFind out why, and say what is to be done."),
        title: title.clone(),
        issue,
        ..Order::default()
    };
    let (task, _) = delegate::one(project, &watched.by, &to, order)?;
    task::delivery::push(project);
    Ok(told(&task.core.id, true))
}

impl Ended {
    /// How the command of ours ends: as theirs did.
    pub(crate) fn exit(&self) -> Exit {
        Exit::Theirs(self.exit_code)
    }

    /// Who was told, in words.
    pub(crate) fn told_words(&self) -> String {
        let Some(told) = &self.told else {
            return String::new();
        };
        let short = tail(&told.id);
        match (told.kind, told.new) {
            ("task", true) => format!("delegated as task {short}"),
            ("task", false) => format!("task {short} about it is still open"),
            (_, true) => format!("a person is asked: {short}"),
            (_, false) => format!("the question about it stands: {short}"),
        }
    }

    /// The last four characters of what was told.
    pub(crate) fn told_tail(&self) -> Option<&str> {
        self.told.as_ref().map(|told| tail(&told.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_no_markdown_drives_no_terminal_and_keeps_no_secret() {
        let text = output(
            "ok\n```\n## Decision\n\u{1b}[2Jx\nAWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYzz93kd02\n",
        );
        assert!(
            text.lines().skip(2).all(|line| line.starts_with("    ")),
            "{text}"
        );
        assert!(
            !text.contains('\u{1b}') && !text.contains("wJalr"),
            "{text}"
        );
        assert!(text.contains("(left out: it looks like "), "{text}");
        assert_eq!(output(" \n"), "It printed nothing.");
    }
}
