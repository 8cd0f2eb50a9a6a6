//! `ghp show`: one thing of any kind, whole.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::matter::{self, Decided, Matter};
use super::{goal, group, issue, log, memory, status};
use crate::domain::group::GroupName;
use crate::domain::id::{AgentId, IssueId};
use crate::domain::waiting::Kind;
use crate::error::{Kind as Wrong, Result};
use crate::project::Project;

/// Show one thing whole: a question, an approval, a handoff, a task, an issue (147, #147), an agent, a group, a goal, a
/// memory, a line of `ghp log`
///
/// Without a word, the only open question, request or handoff there is.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// An id or its last four characters, an issue's number, an agent's or a group's name, an id from `ghp log`
    pub what: Option<String>,
}

/// The thing.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// A question, an approval, a handoff or a task.
    Matter(Box<Shown>),
    /// An issue.
    Issue(Box<issue::Report>),
    /// An agent.
    Agent(Box<status::Report>),
    /// A coordination group.
    Group(Box<group::show::Report>),
    /// A goal.
    Goal(Box<goal::Report>),
    /// A memory.
    Memory(Box<memory::Report>),
    /// What was decided, with the changes it made.
    Event(Box<log::Event>),
}

/// A question, an approval, a handoff or a task, with its text.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// As it stands.
    #[serde(flatten)]
    pub decided: Decided,
    /// The document's text.
    pub body: String,
    /// The document.
    pub path: PathBuf,
}

impl Report {
    /// Whether an agent that has read it knows what was decided, and need not be told again.
    pub fn informs(&self) -> bool {
        matches!(self, Report::Matter(shown) if shown.decided.decided_at.is_some())
    }
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let what = match args.what {
        Some(what) => what,
        None => matter::only(project, Kind::ALL, |_| true, "show")?.id,
    };
    match thing(project, &what) {
        Err(unknown) if unknown.kind == Wrong::NotFound && is_commit(&what) => {
            let event = log::event(project, &what)?.ok_or(unknown)?;
            Ok(Report::Event(Box::new(event)))
        }
        found => found,
    }
}

/// Whether the word may be a commit's id, as long as git would shorten it or longer.
fn is_commit(word: &str) -> bool {
    let is_hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (7..=64).contains(&word.len()) && word.bytes().all(is_hexadecimal)
}

fn thing(project: &Project, what: &str) -> Result<Report> {
    if let Ok(number) = what.parse::<IssueId>() {
        let shown = issue::show::run(
            project,
            issue::show::Args {
                issue: Some(number),
            },
        )?;
        return Ok(Report::Issue(Box::new(shown)));
    }
    match matter::find(project, what) {
        Ok(found) => Ok(Report::Matter(Box::new(shown(project, found)))),
        Err(unknown) if unknown.kind == Wrong::NotFound => {
            if let Some(agent) = agent(project, what)? {
                return Ok(agent);
            }
            if let Some(group) = group(project, what)? {
                return Ok(group);
            }
            let args = goal::show::Args {
                goal: what.to_owned(),
            };
            match goal::show::run(project, args) {
                Ok(goal) => return Ok(Report::Goal(Box::new(goal))),
                Err(error) if error.kind == Wrong::NotFound => {}
                Err(error) => return Err(error),
            }
            match memory::show::document(project, what) {
                Ok(memory) => Ok(Report::Memory(Box::new(memory))),
                Err(error) if error.kind == Wrong::NotFound => Err(unknown),
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

fn shown(project: &Project, found: Matter) -> Shown {
    let mut found = [found];
    matter::hand::note(project, &mut found);
    let [found] = &found;
    Shown {
        decided: Decided::of(found),
        body: found.core().body.clone(),
        path: project.documents().join(found.path()),
    }
}

fn group(project: &Project, word: &str) -> Result<Option<Report>> {
    let Ok(name) = word.parse::<GroupName>() else {
        return Ok(None);
    };
    if project.store()?.group(name.as_str())?.is_none() {
        return Ok(None);
    }
    let args = group::show::Args {
        name: Some(name),
        deep: false,
    };
    let shown = group::show::run(project, args)?;
    Ok(Some(Report::Group(Box::new(shown))))
}

fn agent(project: &Project, word: &str) -> Result<Option<Report>> {
    if word.parse::<AgentId>().is_err() || !project.store()?.status()?.agents.contains_key(word) {
        return Ok(None);
    }
    let args = status::Args {
        agents: vec![word.to_owned()],
        ..status::Args::default()
    };
    Ok(Some(Report::Agent(Box::new(status::board(
        project,
        &args,
        project.now(),
    )?))))
}
