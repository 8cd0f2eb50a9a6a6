//! `ghp session wait`: until a session is ready, idle, or over.

use std::time::{Duration, Instant};

use clap::{Args as ClapArgs, ValueEnum};

use super::{Row, Seen, named, show};
use crate::domain::session::State;
use crate::domain::time::Duration as Span;
use crate::error::{Error, Kind, Result};
use crate::host::clock;
use crate::host::watch::Patience;
use crate::project::Project;
use crate::store::layout::run as files;

/// What no hook says, the screen and the process are asked after so long.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Wait until a session takes a prompt, has ended its turn, or is over
///
/// Exit 9 when time runs out, 4 when it is over before it was ready.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Which
    pub name: String,
    /// ready or idle: it takes a prompt; exit: it is over
    #[arg(long, value_name = "ready|idle|exit", default_value = "idle")]
    pub until: Until,
    /// How long at most (default: for ever)
    #[arg(value_name = "DUR")]
    pub span: Option<Span>,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Until {
    /// It takes its next prompt.
    Ready,
    /// Its turn has ended.
    Idle,
    /// Its program has ended.
    Exit,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<show::Report> {
    let name = args.name.as_str();
    let patience = args.span.map_or(Patience::Forever, Patience::For);
    let deadline = patience.deadline();
    named(project, name)?;
    let watch = project.watch_local(&files::folder(name))?;
    loop {
        let seen = named(project, name)?;
        let is_there = match args.until {
            Until::Ready | Until::Idle => seen.state.takes_prompts(),
            Until::Exit => seen.state.is_over(),
        };
        if is_there {
            return show::run(
                project,
                show::Args {
                    name: name.to_owned(),
                },
            );
        }
        if seen.state.is_over() {
            let row = Row::of(&seen, clock::now());
            return Err(over(&row));
        }
        let now = Instant::now();
        if deadline.is_some_and(|deadline| deadline <= now) {
            return Err(late(project, &seen));
        }
        let soon = now + LOOK_AGAIN;
        watch.changed(Some(deadline.map_or(soon, |deadline| deadline.min(soon))))?;
    }
}

fn over(row: &Row) -> Error {
    let how = match (row.exit_code, row.signal) {
        (Some(code), _) => format!(" with code {code}"),
        (_, Some(signal)) => format!(" by signal {signal}"),
        _ => String::new(),
    };
    let said = format!("{} is {}{how}", row.name, row.state.word());
    Error::new(Kind::Conflict, said).next(format!("ghp session output {}", row.name))
}

fn late(project: &Project, seen: &Seen) -> Error {
    let (name, state) = (&seen.record.name, seen.state);
    let error = Error::new(
        Kind::TimedOut,
        format!("time ran out: {name} is still {}", state.word()),
    );
    match state {
        State::Waiting => error
            .hint(seen.asks(project))
            .next(format!("ghp session attach {name}")),
        _ => error.next(format!("ghp session show {name}")),
    }
}
