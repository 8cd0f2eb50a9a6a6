//! `ghp assign`: whoever leads gives an issue to an agent.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::holding::{self, Holding};
use super::issue::{self, Rights};
use super::{presence, stale};
use crate::documents::paged::Paged;
use crate::domain::id::{AgentId, IssueId};
use crate::domain::issue::Issue;
use crate::error::{Error, Kind, Result};
use crate::project::Project;
use crate::store::Transaction;

/// Give an issue to an agent
///
/// For an orchestrator or a person, and for an epic with its own parts. Only the first two take an issue from an agent
/// that is alive; whoever loses it learns so from its next heartbeat (exit 6).
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Which
    #[arg(value_name = "N")]
    pub issue: IssueId,
    /// To whom
    #[arg(value_name = "AGENT")]
    pub to: AgentId,
}

/// Who now holds it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The new holder.
    #[serde(flatten)]
    pub holding: Holding,
    /// Who held it before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let rights = Rights::of(project)?;
    let (number, to) = (args.issue.0, &args.to);
    let (silent, _) = stale::silent(project, None)?;
    let report = project.decide(&rights.by, "assign", |transaction| {
        let mut issue = known(project, transaction, &rights, number)?;
        holding::refuse_closed(&issue)?;
        let next = format!("ghp start {number} --worktree --for {to}");
        if issue.is_held_by(to.as_str()) {
            return Ok(Report {
                holding: Holding::of(&issue, Some(to.as_str()), true).then(next),
                from: None,
            });
        }
        let manages = rights.leads || rights.manages(number, &issue::all_in(transaction)?);
        let from = issue.assignee.clone();
        let holder_is_silent = from
            .as_ref()
            .is_none_or(|from| silent.iter().any(|agent| agent.agent == *from));
        if !manages || !rights.leads && !holder_is_silent {
            return Err(refused(&rights, &issue, to));
        }
        issue.assign(to.as_str());
        holding::point(transaction, to, &issue)?;
        let was = from
            .as_deref()
            .map(|from| format!(", no longer {from}'s"))
            .unwrap_or_default();
        transaction.say(format!("#{number} is {to}'s{was}"), Some(number));
        issue::save(transaction, &issue)?;
        Ok(Report {
            holding: Holding::of(&issue, Some(to.as_str()), false).then(next),
            from,
        })
    })?;
    presence::warn_of_stranger(project, to.as_str())?;
    Ok(report)
}

/// The issue, also one that only an agent's entry names.
fn known(
    project: &Project,
    transaction: &mut Transaction<'_>,
    rights: &Rights,
    number: u64,
) -> Result<Paged<Issue>> {
    let mut entries = transaction.board()?.agents.values();
    let is_named = entries.any(|entry| entry.issue == Some(number));
    match issue::load(transaction, number) {
        Err(unknown) if unknown.kind == Kind::NotFound && is_named => {
            Ok(holding::untold(number, &rights.by, project.now()))
        }
        found => found,
    }
}

fn refused(rights: &Rights, issue: &Issue, to: &AgentId) -> Error {
    let number = issue.number;
    let error = Error::new(
        Kind::NotAuthorised,
        format!("giving #{number} to {to} is for an orchestrator or a person"),
    );
    match &issue.assignee {
        Some(holder) if rights.is(holder) => error
            .hint("you hold it: hand it over")
            .next(format!("ghp handoff {to} -i {number}")),
        None if rights.is(to.as_str()) => error
            .hint("it is free: take it")
            .next(format!("ghp claim {number}")),
        _ => error.hint("ask one").next(format!(
            "ghp escalate \"Give #{number} to {to}?\" -i {number}"
        )),
    }
}
