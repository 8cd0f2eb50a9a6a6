//! `ghp goals`: what is to be achieved.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::team::Teams;
use super::{Did, Report};
use crate::documents::paged::Paged;
use crate::domain::goal::{Goal, Status};
use crate::error::Result;
use crate::project::Project;

/// List the goals, the oldest first
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Completed and cancelled ones, too
    #[arg(short, long, conflicts_with = "status")]
    pub all: bool,
    /// Only these: active, completed or cancelled (default: active)
    #[arg(long, value_name = "STATUS")]
    pub status: Option<Status>,
}

/// Goals.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct List {
    /// The oldest first.
    pub goals: Vec<Report>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<List> {
    let wanted = args.status.unwrap_or_default();
    let found = project.store()?.readable::<Goal>()?;
    let mut goals: Vec<Goal> = found.into_iter().map(Paged::into_inner).collect();
    goals.retain(|goal| args.all || goal.status == wanted);
    goals.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    let teams = Teams::of(project)?;
    let goals = goals.iter();
    Ok(List {
        goals: goals
            .map(|goal| Report::of(project, goal, &teams, Did::Shown))
            .collect(),
    })
}
