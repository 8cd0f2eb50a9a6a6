//! `ghp handoffs`: the handoffs there are.

use clap::Args as ClapArgs;

use super::escalations::list;
use super::matter::List;
use crate::domain::id::IssueId;
use crate::domain::waiting::Kind;
use crate::error::Result;
use crate::project::Project;

/// List the handoffs that nobody has accepted yet
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// The settled ones, too
    #[arg(short, long)]
    pub all: bool,
    /// Only of this issue
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<List> {
    list(project, Kind::Handoff, args.all, args.issue)
}
