//! `ghp session stop`: every process of a session ends.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::{Row, named};
use crate::commands::{require_own_or_lead, system};
use crate::domain::agent::SEEN;
use crate::domain::time::Duration;
use crate::error::Result;
use crate::host::signals;
use crate::project::Project;
use crate::sessions::{Session, SessionManager};

/// End a session: every process of it, also those that left its terminal
///
/// SIGTERM, the deepest first; what is there after --grace, SIGKILL. What it printed stays (ghp session output), and its
/// cave with everything in it.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Which
    pub name: String,
    /// How long its processes may take to end by themselves
    #[arg(long, value_name = "DUR", default_value = "5s")]
    pub grace: Duration,
}

/// A session that runs no more.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// As it stands in a list.
    #[serde(flatten)]
    pub row: Row,
    /// How many processes were ended.
    pub ended: usize,
    /// How many of them only SIGKILL ended.
    pub killed: usize,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let mut session = project.sessions()?.get(&args.name)?;
    let is_own = |by: &String| project.by().is_ok_and(|me| me == *by);
    if !session.record().started_by.as_ref().is_some_and(is_own) {
        require_own_or_lead(project, &args.name, "stopping another agent's session")?;
    }
    // Whoever ends the session that it is in itself loses its terminal on the way.
    signals::outlive_terminal().map_err(system("listen to signals"))?;
    let stopped = session.stop(args.grace.to_std())?;
    note(project, session.as_ref())?;
    let seen = named(project, &args.name)?;
    Ok(Report {
        row: Row::of(&seen, project.now()),
        ended: stopped.ended,
        killed: stopped.killed,
    })
}

/// Its agent is at work no more, unless its entry says something of the agent's own.
fn note(project: &Project, session: &dyn Session) -> Result<()> {
    let agent = session.record().agent.as_str();
    let is_at_work = |word: &str| SEEN.contains(&word) && word != "stopped";
    let entry = project.store()?.status()?;
    let at_work = entry
        .agents
        .get(agent)
        .is_some_and(|entry| is_at_work(entry.word()));
    if !at_work {
        return Ok(());
    }
    let by = project.by()?;
    project.decide(&by, "session stop", |transaction| {
        let issue = session.record().issue;
        if let Some(entry) = transaction.known(agent)?
            && is_at_work(entry.word())
        {
            entry.set_status("stopped");
            transaction.say(format!("The session of {agent} was stopped"), issue);
        }
        Ok(())
    })
}
