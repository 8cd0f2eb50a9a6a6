//! `ghp heartbeat`: an agent says it is alive and what it is doing.

use std::time::Duration as StdDuration;

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::documents::issue::plain_assignee;
use crate::domain::agent::Liveness;
use crate::domain::id::{AgentId, IssueId};
use crate::domain::issue::Issue;
use crate::domain::time::{Duration, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::host::{clock, process, signals};
use crate::project::Project;
use crate::store::layout;

/// Say that you are alive, and perhaps what you are doing
///
/// Refreshes the timestamp of your entry in agent-status.json (made as `working` if there is none). Neither status nor
/// issue change unless told. Prints nothing when all is well. Exit 6: your issue is somebody else's now, stop writing.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Issue you are working on
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
    /// One line: your last action
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub message: Option<String>,
    /// Keep beating (every 2m if no duration follows) until the process ends
    #[arg(long, value_name = "DUR", num_args = 0..=1, default_missing_value = "2m")]
    pub every: Option<Duration>,
    /// With --every: the process to follow (default: whoever started ghp)
    #[arg(long, value_name = "PID", requires = "every")]
    pub pid: Option<u32>,
}

/// A heartbeat that was taken.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Who beat.
    pub agent: AgentId,
    /// How alive it now looks: always fresh.
    pub liveness: Liveness,
    /// How long it had been silent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silent_for_seconds: Option<i64>,
    /// Whether more follow (`--every`).
    #[serde(skip)]
    pub one_of_many: bool,
}

/// Runs the verb.
pub fn run(
    project: &Project,
    args: Args,
    emit: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<()> {
    let Some(every) = args.every else {
        return emit(&beat(
            project,
            args.issue,
            args.message,
            project.now(),
            false,
        )?);
    };
    let stop = signals::Stop::listen().map_err(super::system("listen for signals"))?;
    let pid = args.pid.unwrap_or_else(process::parent);
    let follow = signals::Follow::new(pid).ok_or_else(|| {
        Error::new(Kind::NotFound, format!("there is no process {pid}"))
            .next("ghp heartbeat --every")
    })?;
    let interval = every.to_std().max(StdDuration::from_secs(1));
    let (mut issue, mut message) = (args.issue, args.message);
    let mut is_noted = false;
    loop {
        project.refresh()?;
        // Said once: what comes later is only that it lives.
        match beat(project, issue.take(), message.take(), clock::now(), true) {
            Ok(report) => {
                if !std::mem::replace(&mut is_noted, true) {
                    // So that its death can be proven.
                    super::presence::note_process(project, project.me()?, Some(pid))?;
                }
                emit(&report)?;
            }
            Err(error) if error.kind.retryable() => project.warn(error.message),
            Err(error) => return Err(error),
        }
        if stop
            .wait(interval, Some(&follow))
            .map_err(super::system("wait"))?
            != signals::Woken::Time
        {
            return Ok(());
        }
    }
}

fn beat(
    project: &Project,
    issue: Option<IssueId>,
    message: Option<String>,
    now: Timestamp,
    one_of_many: bool,
) -> Result<Report> {
    let me = project.me()?;
    let store = project.store()?;
    let message = message
        .map(|text| super::one_line(&text, "message"))
        .transpose()?;
    if let Some(issue) = issue {
        take_issue(project, me, issue)?;
    }
    let (seen, holds) = store.beat(|status| -> Result<_> {
        let entry = status.agents.entry(me.to_string()).or_default();
        let seen = entry.seen();
        entry.beat(now, message.clone());
        Ok((seen, entry.issue))
    })?;
    super::presence::note(project, me);
    if let Some(number) = holds {
        refuse_if_dispossessed(project, me, number)?;
    }
    let silent_for_seconds = seen.map(|seen| now.since(seen).max(0));
    Ok(Report {
        agent: me.clone(),
        liveness: Liveness::Fresh,
        silent_for_seconds,
        one_of_many,
    })
}

/// `-i N`: working on another issue than before is a decision; on another's issue it is refused.
fn take_issue(project: &Project, me: &AgentId, issue: IssueId) -> Result<()> {
    let store = project.store()?;
    if let Some(owner) = assignee(project, issue.0)?.filter(|owner| owner != me.as_str()) {
        let holds = store
            .status()?
            .agents
            .get(me.as_str())
            .and_then(|entry| entry.issue);
        // It may be that we held it: then the beat below says so, with the way out.
        if holds != Some(issue.0) {
            return Err(
                Error::new(Kind::ClaimHeld, format!("{issue} is {owner}'s, not yours"))
                    .next("ghp next"),
            );
        }
    }
    let holds = store
        .status()?
        .agents
        .get(me.as_str())
        .and_then(|entry| entry.issue);
    if holds == Some(issue.0) {
        return Ok(());
    }
    project.decide(me.as_str(), "heartbeat", |transaction| {
        super::holding::name(transaction, me, issue.0)?;
        transaction.entry(me.as_str())?.beat(project.now(), None);
        transaction.say(format!("{me} works on {issue}"), Some(issue.0));
        Ok(())
    })
}

/// The agent an issue is assigned to, read the short way where the document is plain.
fn assignee(project: &Project, number: u64) -> Result<Option<String>> {
    let store = project.store()?;
    let Some(text) = store.text(&layout::issue(number))? else {
        return Ok(None);
    };
    Ok(match plain_assignee(&text) {
        Some(name) => name.map(str::to_owned),
        None => store
            .load::<Issue>(&number.to_string())?
            .and_then(|issue| issue.into_inner().assignee),
    })
}

fn refuse_if_dispossessed(project: &Project, me: &AgentId, number: u64) -> Result<()> {
    match assignee(project, number)? {
        Some(owner) if owner != me.as_str() => {
            Err(super::dispossessed(me.as_str(), number, &owner))
        }
        _ => Ok(()),
    }
}
