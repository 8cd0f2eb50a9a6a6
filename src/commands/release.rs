//! `ghp release`: an agent gives an issue back.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::holding::{self, Holding};
use super::issue::{self, Rights};
use crate::domain::id::{AgentId, IssueId};
use crate::domain::issue::Issue;
use crate::error::{Error, Kind, Result};
use crate::project::Project;
use crate::store::Transaction;

/// Give an issue back, so that another can take it; branch and commits stay
///
/// An issue that is no longer yours: your entry lets go of it, exit 0. Another agent's (--for) is for an orchestrator, a
/// person, or its epic.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which; yours when left out
    #[arg(value_name = "N")]
    pub issue: Option<IssueId>,
    /// Whose, when it is not yours
    #[arg(long = "for", value_name = "AGENT")]
    pub for_agent: Option<AgentId>,
}

/// What was given back.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The issue, and who held it.
    #[serde(flatten)]
    pub holding: Holding,
    /// Who holds it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let rights = Rights::of(project)?;
    let number = match (&args.issue, &args.for_agent) {
        (None, Some(agent)) => works_on(project, agent)?,
        (named, _) => issue::meant(project, *named, "release")?,
    };
    project.decide(&rights.by, "release", |transaction| {
        release(
            project,
            transaction,
            &rights,
            number,
            args.for_agent.as_ref().map(AgentId::as_str),
        )
    })
}

/// The issue of an agent that somebody else names.
fn works_on(project: &Project, agent: &AgentId) -> Result<u64> {
    let works_on = project
        .store()?
        .status()?
        .agents
        .get(agent.as_str())
        .and_then(|entry| entry.issue);
    works_on.ok_or_else(|| {
        Error::new(Kind::Usage, format!("{agent} works on no issue: say which"))
            .next(format!("ghp issues --assignee {agent}"))
    })
}

fn release(
    project: &Project,
    transaction: &mut Transaction<'_>,
    rights: &Rights,
    number: u64,
    named: Option<&str>,
) -> Result<Report> {
    let found = transaction.load::<Issue>(&number.to_string())?;
    let assignee = found.as_ref().and_then(|issue| issue.assignee.clone());
    // A person who names nobody means whoever holds it.
    let who = named
        .map(str::to_owned)
        .or_else(|| rights.agent.clone())
        .or_else(|| assignee.clone());
    let own = who.as_deref().is_none_or(|who| rights.is(who));
    if !own && !rights.manages(number, &issue::all_in(transaction)?) {
        let who = who.unwrap_or_default();
        return Err(Error::new(
            Kind::NotAuthorised,
            format!("releasing an issue for {who} is for an orchestrator or a person"),
        )
        .hint("ask one")
        .next(format!(
            "ghp escalate \"Release #{number} of {}?\" -i {number}",
            super::agent_word(&who)
        )));
    }
    let mut let_go = false;
    if let Some(who) = &who
        && let Some(entry) = transaction.known(who)?
    {
        let_go = holding::let_go(entry, number);
        if let_go && rights.is(who) {
            entry.beat(project.now(), Some(format!("Released #{number}")));
        }
    }
    transaction.say(format!("{} releases #{number}", rights.by), Some(number));
    let Some(mut issue) = found else {
        if let_go {
            // An entry takes any number; there is no document to change.
            let gone = Issue {
                number,
                ..Default::default()
            };
            return Ok(Report {
                holding: Holding::of(&gone, who.as_deref(), false).then("ghp next"),
                assignee: None,
            });
        }
        return Err(issue::unknown(number, &transaction.stems::<Issue>()?));
    };
    // A closed one keeps the name of whoever did it.
    let held = issue.is_open() && who.as_deref().is_some_and(|who| issue.is_held_by(who));
    if held {
        issue.assignee = None;
        issue::save(transaction, &issue)?;
    }
    let holding = Holding::of(&issue, who.as_deref(), !held && !let_go);
    Ok(Report {
        holding: holding.then("ghp next"),
        assignee: issue.assignee.clone(),
    })
}
