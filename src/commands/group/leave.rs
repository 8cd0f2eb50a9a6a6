//! `ghp group leave`: an agent is no member any more.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::registration::register;
use super::{Standings, member, unknown};
use crate::domain::group::GroupName;
use crate::error::Result;
use crate::project::Project;
use crate::store::Transaction;

/// Leave your coordination group
///
/// When its coordinator leaves, the longest-standing live member coordinates it from then on. A group that nobody is in
/// any more keeps what it shared.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// The group (default: the one you are in)
    pub name: Option<GroupName>,
}

/// Who leads the group now.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The group; absent for an agent that was in none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The agent.
    pub agent: String,
    /// Who leads the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coordinator: Option<String>,
    /// Who is left in it.
    pub members: Vec<String>,
    /// Whether the agent was not in it before.
    pub already: bool,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let (me, by) = member(
        project,
        "taking another agent out of a group",
        "ghp -t worker-1 group leave",
    )?;
    let me = me.as_str();
    let standings = Standings::of(project, project.now())?;
    let wanted = args.name.as_ref().map(GroupName::as_str);
    let report = project.decide(&by, "group leave", |transaction| {
        let group = match wanted {
            Some(name) => transaction.group(name)?,
            None => transaction.group_of(me)?,
        };
        let Some(mut group) = group else {
            if wanted.is_none() {
                forget(transaction, me, None)?;
            }
            return Ok(None);
        };
        let status = transaction.board()?;
        let left = group.leave(me, project.now(), |agent| standings.on(status, agent));
        if left {
            transaction.save_group(&group)?;
            transaction.say(format!("{me} leaves {}", group.name), None);
        }
        forget(transaction, me, Some(&group.name))?;
        Ok(Some((group, left)))
    })?;
    if let Some((group, _)) = &report {
        register(project, &group.name);
    }
    match (report, wanted) {
        (None, Some(name)) => Err(unknown(project, name)?),
        (None, None) => Ok(Report {
            group: None,
            agent: me.to_owned(),
            coordinator: None,
            members: Vec::new(),
            already: true,
        }),
        (Some((group, left)), _) => Ok(Report {
            group: Some(group.name),
            agent: me.to_owned(),
            coordinator: group.coordinator,
            members: group
                .members
                .into_iter()
                .map(|member| member.agent)
                .collect(),
            already: !left,
        }),
    }
}

/// The agent's entry names this group no more; `None`: nor any.
fn forget(transaction: &mut Transaction<'_>, agent: &str, group: Option<&str>) -> Result<()> {
    if let Some(entry) = transaction.known(agent)?
        && entry.group.is_some()
        && (group.is_none() || entry.group.as_deref() == group)
    {
        entry.group = None;
        let what = match group {
            Some(group) => format!("leaves {group}"),
            None => "is in no group".to_owned(),
        };
        transaction.say(format!("{agent} {what}"), None);
    }
    Ok(())
}

/// An agent that goes from the board goes from its group, too.
pub(crate) fn depart(
    transaction: &mut Transaction<'_>,
    standings: &Standings<'_>,
    agent: &str,
) -> Result<()> {
    if let Some(mut group) = transaction.group_of(agent)? {
        let status = transaction.board()?;
        group.leave(agent, standings.now, |agent| standings.on(status, agent));
        transaction.save_group(&group)?;
    }
    Ok(())
}
