//! `ghp group disband`: a group is no more.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::{Board, named_or_own, require_coordinator, unknown};
use crate::commands::goal;
use crate::domain::group::GroupName;
use crate::error::Result;
use crate::project::Project;
use crate::store::layout;

/// Disband a group: its members are in none, and what it shared stays in the history only
///
/// For its coordinator, an orchestrator or a person. Its parts become parts of the group above it.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The group
    pub name: GroupName,
}

/// What was.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The group.
    pub group: String,
    /// Who was in it.
    pub members: Vec<String>,
    /// Its parts, which are the group above's now, or nobody's.
    pub subgroups: Vec<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let name = args.name.as_str();
    let board = Board::of(project, project.now())?;
    let group = named_or_own(project, &board, Some(name))?;
    require_coordinator(project, &board, &group, &format!("disbanding {name}"))?;
    let report = project.decide(&by, "group disband", |transaction| {
        let Some(group) = transaction.group(name)? else {
            return Ok(None);
        };
        goal::give(transaction, name, None)?;
        let mut subgroups = Vec::new();
        for mut part in transaction.groups()? {
            if part.parent.as_deref() == Some(name) {
                part.parent = group.parent.clone().filter(|parent| *parent != part.name);
                transaction.save_group(&part)?;
                subgroups.push(part.name);
            }
        }
        let agents = transaction.board()?.agents.iter();
        let named: Vec<String> = agents
            .filter(|(_, entry)| entry.group.as_deref() == Some(name))
            .map(|(agent, _)| agent.clone())
            .collect();
        for agent in named {
            transaction.entry(&agent)?.group = None;
        }
        transaction.remove(&layout::group(name))?;
        transaction.say(format!("{name} is disbanded"), None);
        Ok(Some(Report {
            group: name.to_owned(),
            members: group
                .members
                .into_iter()
                .map(|member| member.agent)
                .collect(),
            subgroups,
        }))
    })?;
    match report {
        Some(report) => Ok(report),
        None => Err(unknown(project, name)?),
    }
}
