//! `ghp hook git EVENT`: what git's own hooks ask. `ghp install git` writes them.
//!
//! Only a verdict stops git. Whatever else goes wrong (a document that cannot be read, a lock, the system) is said in one
//! line, and git goes on: a fault of ours must never keep a person from committing.

mod message;
mod updates;

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use serde::Serialize;

use super::check::pushed::{End, pushed};
use super::{Outside, check, system};
use crate::error::{Error, Kind, Result};
use crate::git::place;
use crate::host::input;
use crate::project::Found;

/// The longest list of refs that git hands to a hook, in bytes.
const MOST_INPUT: u64 = 64 << 20;

/// Serve one of git's hooks (git runs this; see `ghp install git`)
///
/// pre-commit: what `ghp check --staged` says. prepare-commit-msg: adds the trailers `Agent:` and `Issue:` to an agent's
/// commit. pre-push and pre-receive: every new commit of each branch, judged as the agent that made it. Exit 3, 4 or 6:
/// refused, with the reason and the next command; anything that goes wrong in ghp itself is said in one line, exit 0.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Which hook
    #[arg(value_name = "EVENT", value_enum)]
    pub event: Event,
    /// What git gives it
    #[arg(value_name = "ARG")]
    pub args: Vec<String>,
}

/// A hook of git's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// Before a commit.
    PreCommit,
    /// Before a commit's message is edited.
    PrepareCommitMsg,
    /// Before a push goes out.
    PrePush,
    /// Before a push is taken in.
    PreReceive,
}

impl Event {
    /// What git is about to do.
    pub fn act(self) -> &'static str {
        match self {
            Event::PreCommit | Event::PrepareCommitMsg => "commit",
            Event::PrePush | Event::PreReceive => "push",
        }
    }
}

/// What was found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The hook.
    pub event: Event,
    /// The verdicts: one on a commit, one on each branch of a push.
    pub checks: Vec<check::Report>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unchecked: Option<String>,
    /// What there is to say beside it.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// Runs the verb.
pub fn run(outside: &Outside, args: Args) -> Result<Report> {
    let event = args.event;
    let mut report = Report {
        event,
        checks: Vec::new(),
        unchecked: None,
        warnings: Vec::new(),
    };
    match ask(outside, args) {
        Ok((checks, warnings)) => (report.checks, report.warnings) = (checks, warnings),
        Err(error) if matches!(error.kind, Kind::NoDocuments | Kind::NoRepository) => {}
        // What was to be said of this commit, the check before it has said.
        Err(_) if event == Event::PrepareCommitMsg => {}
        Err(error) => report.unchecked = Some(why(error)),
    }
    Ok(report)
}

type Answer = (Vec<check::Report>, Vec<String>);

fn ask(outside: &Outside, args: Args) -> Result<Answer> {
    let read = || input::all(MOST_INPUT).map_err(system("read which branches are pushed"));
    match args.event {
        Event::PreCommit => {
            let mut report = check::run(
                outside,
                check::Args {
                    staged: true,
                    ..check::Args::default()
                },
            )?;
            let mut warnings = std::mem::take(&mut report.warnings);
            if report.verdict != check::Verdict::Allow {
                warnings.extend(way_for_a_person(outside)?);
            }
            Ok((vec![report], warnings))
        }
        Event::PrepareCommitMsg => {
            let file = args.args.first().map(PathBuf::from);
            let file = file.ok_or_else(|| Error::new(Kind::Usage, "git names no message"))?;
            message::sign(outside, &file)?;
            Ok(Answer::default())
        }
        Event::PrePush => {
            let updates = updates::sent(&read()?);
            let remote = args.args.first().map_or("origin", String::as_str);
            if updates.is_empty() {
                return Ok(Answer::default());
            }
            pushed(outside, End::Sending(remote), &updates)
        }
        Event::PreReceive => {
            let updates = updates::received(&read()?);
            if updates.is_empty() {
                return Ok(Answer::default());
            }
            pushed(outside, End::Receiving, &updates)
        }
    }
}

/// In an agent's worktree a person is taken for that agent, and is never to be refused a commit.
fn way_for_a_person(outside: &Outside) -> Result<Option<String>> {
    let place = place::find(&check::directory(outside)?)?;
    let found = Found::of(outside.agent.as_deref(), &place)?;
    Ok(found.is_perhaps_a_person().map(|agent| {
        format!("this worktree is {agent}'s; if you are a person: GHP_AGENT=human git commit …")
    }))
}

fn why(error: Error) -> String {
    let causes = error.causes.iter().map(|cause| format!(": {cause}"));
    format!("{}{}", error.message, causes.collect::<String>())
}
