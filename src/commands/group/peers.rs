//! `ghp group peers`: who else is in the group.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::view::rows;
use super::{Board, Row, named_or_own, parents};
use crate::domain::group::{GroupName, above};
use crate::error::Result;
use crate::project::{Caller, Project};

/// Show who else is in your group
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// The group (default: yours)
    pub name: Option<GroupName>,
    /// Also who is in the groups above it
    #[arg(long)]
    pub inherit: bool,
}

/// Who else is there.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The group.
    pub group: String,
    /// The agent that asks; absent for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The others, the longest-standing first.
    pub peers: Vec<Row>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let board = Board::of(project, project.now())?;
    let name = args.name.as_ref().map(GroupName::as_str);
    let group = named_or_own(project, &board, name)?;
    let me = match project.caller()? {
        Caller::Agent(me) => Some(me.to_string()),
        _ => None,
    };
    let mut peers = rows(&group, &group.name, &board);
    if args.inherit {
        let all = project.store()?.groups()?;
        let parents = parents(&all);
        for higher in above(&parents, &group.name) {
            let higher = all.iter().filter(|other| other.name == higher);
            peers.extend(higher.flat_map(|higher| rows(higher, &group.name, &board)));
        }
    }
    peers.retain(|row| Some(&row.agent) != me.as_ref());
    Ok(Report {
        group: group.name,
        agent: me,
        peers,
    })
}
