//! `ghp group show`: one group, whole.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::context::Item;
use super::view::view;
use super::{Board, View, named_or_own, parents};
use crate::domain::group::GroupName;
use crate::error::Result;
use crate::project::Project;

/// Show one group: its state, who is in it, how many keys it shares
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// The group (default: yours)
    pub name: Option<GroupName>,
    /// With the members of its parts
    #[arg(long)]
    pub deep: bool,
}

/// The group.
#[derive(Debug, Serialize)]
pub struct Report {
    /// As it stands.
    #[serde(flatten)]
    pub view: View,
    /// What it shares, by key.
    pub context: std::collections::BTreeMap<String, Item>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let board = Board::of(project, project.now())?;
    let name = args.name.as_ref().map(GroupName::as_str);
    let group = named_or_own(project, &board, name)?;
    let all = project.store()?.groups()?;
    Ok(Report {
        view: view(&group, &all, &parents(&all), &board, args.deep),
        context: super::context::items(&group, &group.name),
    })
}
