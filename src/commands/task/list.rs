//! `ghp tasks`: the tasks there are.

use clap::Args as ClapArgs;

use crate::commands::escalations::list;
use crate::commands::matter::List;
use crate::domain::id::IssueId;
use crate::domain::waiting::Kind;
use crate::error::Result;
use crate::project::Project;

/// List the tasks that are not settled
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
    list(project, Kind::Task, args.all, args.issue)
}
