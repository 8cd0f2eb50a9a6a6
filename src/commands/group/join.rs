//! `ghp group join`: an agent becomes a member.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::registration::register;
use super::{Standings, member, parents};
use crate::documents::status::Status;
use crate::domain::group::{BadParent, DEEPEST, Full, Group, GroupName, Standing, check_parent};
use crate::error::{Error, Kind, Result};
use crate::project::Project;
use crate::store::Transaction;

/// Join a coordination group; the first to join makes it and coordinates it
///
/// An agent is in one group at a time. Joining counts as a heartbeat. Another agent (-t AGENT) is an orchestrator's or a
/// person's to put into a group.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The group
    pub name: GroupName,
    /// Coordinate it, whoever did so before
    #[arg(long)]
    pub coordinator: bool,
    /// The group it is to be part of
    #[arg(long, value_name = "G")]
    pub parent: Option<GroupName>,
    /// Leave the group you are in
    #[arg(long = "move")]
    pub moving: bool,
}

/// Who is in the group now.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The group.
    pub group: String,
    /// The agent.
    pub agent: String,
    /// Who leads the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coordinator: Option<String>,
    /// All members, the longest-standing first.
    pub members: Vec<String>,
    /// The group it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Whether the group was made just now.
    pub created: bool,
    /// Whether the agent was a member before.
    pub already: bool,
    /// The group that it left for this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let (me, by) = member(
        project,
        "putting another agent into a group",
        &format!("ghp -t worker-1 group join {}", args.name),
    )?;
    let me = me.as_str();
    let standings = Standings::of(project, project.now())?;
    let most = project.config()?.max_peers()?;
    let joining = Joining {
        name: &args.name,
        coordinator: args.coordinator,
        parent: args.parent.as_ref(),
        moving: args.moving,
    };
    let report = project.decide(&by, "group join", |transaction| {
        let (report, said) = joining.enter(transaction, &standings, me, most)?;
        transaction.say(said, None);
        Ok(report)
    })?;
    if by == me {
        crate::commands::presence::note(project, project.me()?);
    }
    register(project, &report.group);
    if let Some(left) = &report.left {
        register(project, left);
    }
    Ok(report)
}

/// How an agent joins a group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Joining<'a> {
    /// The group.
    pub name: &'a GroupName,
    /// Whether it coordinates it from now on.
    pub coordinator: bool,
    /// The group it is to be part of.
    pub parent: Option<&'a GroupName>,
    /// Whether it leaves the one that it is in.
    pub moving: bool,
}

impl Joining<'_> {
    /// The agent becomes a member, as part of a decision; what became of it, and a line for the history. `most`: how many
    /// a group holds.
    pub(crate) fn enter(
        &self,
        transaction: &mut Transaction<'_>,
        standings: &Standings<'_>,
        me: &str,
        most: usize,
    ) -> Result<(Report, String)> {
        let (name, now) = (self.name.as_str(), standings.now);
        // Whoever joins lives, whatever the board says.
        let standing = |status: &Status, agent: &str| match agent {
            agent if agent == me => Standing::Live,
            agent => standings.on(status, agent),
        };
        let mut left = None;
        let other = transaction.group_of(me)?;
        if let Some(mut other) = other.filter(|other| other.name != name) {
            if !self.moving {
                return Err(elsewhere(me, &other.name, name));
            }
            let status = transaction.board()?;
            other.leave(me, now, |agent| standing(status, agent));
            transaction.save_group(&other)?;
            left = Some(other.name);
        }
        let found = transaction.group(name)?;
        let created = found.is_none();
        let mut group = found.unwrap_or_else(|| Group::new(name, now));
        let status = transaction.board()?;
        group.settle(|agent| standing(status, agent));
        if let Some(parent) = self.parent {
            adopt(transaction, &mut group, parent.as_str(), me)?;
        }
        let joined = group.join(me, now, most).map_err(|Full| full(name, most))?;
        if self.coordinator {
            group.coordinator = Some(me.to_owned());
        }
        transaction.save_group(&group)?;
        let is_new = transaction.known(me)?.is_none();
        let entry = transaction.entry(me)?;
        if is_new {
            entry.created_at = Some(now.to_string());
        }
        entry.group = Some(name.to_owned());
        entry.beat(now, None);
        let leads = if group.coordinator.as_deref() == Some(me) {
            " and coordinates it"
        } else {
            ""
        };
        let from = left
            .as_deref()
            .map(|left| format!(", from {left}"))
            .unwrap_or_default();
        let verb = if joined { "joins" } else { "is in" };
        let said = format!("{me} {verb} {name}{leads}{from}");
        let report = Report {
            group: group.name,
            agent: me.to_owned(),
            coordinator: group.coordinator,
            members: group
                .members
                .into_iter()
                .map(|member| member.agent)
                .collect(),
            parent: group.parent,
            created,
            already: !joined,
            left,
        };
        Ok((report, said))
    }
}

/// The group becomes part of another, or is so already.
fn adopt(
    transaction: &mut Transaction<'_>,
    group: &mut Group,
    parent: &str,
    me: &str,
) -> Result<()> {
    let name = group.name.clone();
    match &group.parent {
        Some(first) if first == parent => return Ok(()),
        Some(first) if group.coordinator.as_deref() != Some(me) => {
            return Err(Error::new(
                Kind::Changed,
                format!("{name} is part of {first} already; its coordinator may move it"),
            )
            .next(format!("ghp group show {name}")));
        }
        _ => {}
    }
    let all = transaction.groups()?;
    if parent != name && !all.iter().any(|group| group.name == parent) {
        return Err(Error::new(
            Kind::NotFound,
            format!("there is no group {parent} to be part of"),
        )
        .next("ghp group list"));
    }
    let wrong = match check_parent(&parents(&all), &name, parent) {
        Ok(()) => {
            group.parent = Some(parent.to_owned());
            return Ok(());
        }
        Err(BadParent::Cycle) if parent == name => format!("{name} cannot be a part of itself"),
        Err(BadParent::Cycle) => {
            format!("{parent} is a part of {name} already: groups form a tree")
        }
        Err(BadParent::TooDeep) => {
            format!("{name} as a part of {parent} would make more than {DEEPEST} levels of groups")
        }
    };
    Err(Error::new(Kind::Usage, wrong).next("ghp group list"))
}

fn elsewhere(me: &str, other: &str, name: &str) -> Error {
    Error::new(
        Kind::Changed,
        format!("{me} is in {other}; an agent is in one group at a time"),
    )
    .hint("to leave it for this one")
    .next(format!("ghp group join {name} --move"))
}

fn full(name: &str, most: usize) -> Error {
    let members = if most == 1 { "member" } else { "members" };
    Error::new(
        Kind::Conflict,
        format!("{name} holds {most} {members}, as many as coordination.maxPeers allows"),
    )
    .hint("begin a part of it, or have a person raise coordination.maxPeers")
    .next(format!("ghp group join NAME --parent {name}"))
}
