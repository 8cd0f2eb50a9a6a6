//! `ghp escalations`: the questions there are.

use clap::Args as ClapArgs;

use super::matter::{self, Item, List};
use crate::domain::id::IssueId;
use crate::domain::waiting::Kind;
use crate::error::Result;
use crate::project::Project;

/// List the questions that are open
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// The settled ones, too
    #[arg(short, long)]
    pub all: bool,
    /// Only about this issue
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<List> {
    list(project, Kind::Escalation, args.all, args.issue)
}

/// The things of a kind, whoever they wait on.
pub(crate) fn list(
    project: &Project,
    kind: Kind,
    all: bool,
    issue: Option<IssueId>,
) -> Result<List> {
    let mut matters = if all {
        matter::all(project, &[kind], |_, _| true)?
    } else {
        matter::open(project, &[kind])?
    };
    matters.retain(|matter| issue.is_none_or(|issue| matter.core().issue == Some(issue.0)));
    matter::hand::note(project, &mut matters);
    let caller = project.caller()?;
    let items = matters
        .iter()
        .map(|matter| Item::of(matter, caller, project.now()))
        .collect();
    Ok(List { kind, items, all })
}
