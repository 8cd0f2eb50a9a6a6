//! `ghp groups`: all of them.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::view::view;
use super::{Board, View, parents};
use crate::error::Result;
use crate::project::Project;

/// List the coordination groups: state, coordinator, members
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Count the members of a group's parts with its own
    #[arg(long)]
    pub deep: bool,
}

/// Groups, by name.
#[derive(Debug, Serialize)]
pub struct Report {
    /// By name.
    pub groups: Vec<View>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let board = Board::of(project, project.now())?;
    let all = project.store()?.groups()?;
    let parents = parents(&all);
    let view = |group| view(group, &all, &parents, &board, args.deep);
    Ok(Report {
        groups: all.iter().map(view).collect(),
    })
}
