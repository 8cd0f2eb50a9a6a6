//! `ghp group log`: what happened in a group.

use clap::Args as ClapArgs;
use clap::builder::RangedU64ValueParser;
use serde::Serialize;

use super::past::Past;
use super::{Board, named_or_own};
use crate::commands::log::Event;
use crate::domain::group::GroupName;
use crate::domain::time::Timestamp;
use crate::error::Result;
use crate::project::Project;

/// Show what happened in a group, newest first: who joined, left and shared, and its members' tasks, comments and closed issues
///
/// What members who have left did while they were in it belongs to it as well.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// The group (default: yours)
    pub name: Option<GroupName>,
    /// At most so many
    #[arg(
        short = 'n',
        long,
        value_name = "COUNT",
        default_value_t = 100,
        value_parser = RangedU64ValueParser::<usize>::new().range(1..)
    )]
    pub count: usize,
}

/// What members do that belongs to their group's history.
const TELLING: &[&str] = &["issue comment", "issue close", "delegate", "done", "fail"];

/// What happened.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The group.
    pub group: String,
    /// Everybody who was in it, in the order in which they came; who came again is there again.
    pub members: Vec<Membership>,
    /// Newest first.
    pub events: Vec<Event>,
}

/// A time in the group.
#[derive(Debug, Serialize)]
pub struct Membership {
    /// The agent.
    pub agent: String,
    /// Since when.
    pub from: Timestamp,
    /// Until when; absent: it still is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let board = Board::of(project, project.now())?;
    let name = args.name.as_ref().map(GroupName::as_str);
    let group = named_or_own(project, &board, name)?;
    let past = Past::of(project, &group)?;
    // What one did before it came or after it left is not the group's.
    let events = past.newest(args.count, |event| {
        tells(event.command.as_deref()) && past.was_member(&event.by, event.at)
    })?;
    let members = past.stays.into_iter().map(|stay| Membership {
        agent: stay.agent,
        from: stay.from,
        until: stay.until,
    });
    Ok(Report {
        group: group.name,
        members: members.collect(),
        events,
    })
}

fn tells(command: Option<&str>) -> bool {
    command.is_some_and(|command| TELLING.contains(&command))
}
