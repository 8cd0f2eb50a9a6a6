//! `ghp group log`: what happened in a group.

use clap::Args as ClapArgs;
use clap::builder::RangedU64ValueParser;
use serde::Serialize;

use super::{Board, named_or_own};
use crate::commands::log::{self, Event};
use crate::domain::group::{Group, GroupName};
use crate::domain::time::Timestamp;
use crate::error::Result;
use crate::git::history;
use crate::project::Project;
use crate::store::layout;

/// Show what happened in a group, newest first: who joined, left and shared, and what its members said about issues
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
const TELLING: &[&str] = &["issue comment", "issue close"];

/// What happened.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The group.
    pub group: String,
    /// Newest first.
    pub events: Vec<Event>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let board = Board::of(project, project.now())?;
    let name = args.name.as_ref().map(GroupName::as_str);
    let group = named_or_own(project, &board, name)?;
    let wanted = log::Args {
        count: args.count,
        since: group.created_at.clone().filter(|at| is_time(at)),
        ..log::Args::default()
    };
    let path = layout::group(&group.name);
    let log = log::kept(project, wanted, |event| {
        event.documents.contains(&path) || is_a_members(event, &group)
    })?;
    Ok(Report {
        group: group.name,
        events: log.events,
    })
}

/// A group that was typed by hand may say anything of when it was made.
fn is_time(text: &str) -> bool {
    Timestamp::parse(text).is_some()
}

/// Whether a present member did this since it joined.
fn is_a_members(event: &history::Event, group: &Group) -> bool {
    let since = |text: &String| Timestamp::parse(text).is_none_or(|joined| event.at >= joined);
    event
        .command
        .as_deref()
        .is_some_and(|command| TELLING.contains(&command))
        && group
            .members
            .iter()
            .any(|member| member.agent == event.by && member.joined_at.as_ref().is_none_or(since))
}
