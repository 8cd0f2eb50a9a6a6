//! `ghp approvals`: the approvals there are.

use clap::Args as ClapArgs;

use super::escalations::list;
use super::matter::List;
use crate::domain::id::IssueId;
use crate::domain::waiting::Kind;
use crate::error::Result;
use crate::project::Project;

/// List the approvals that are asked for and not yet decided
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Those granted, denied, revoked and taken back, too
    #[arg(short, long)]
    pub all: bool,
    /// Only for this issue
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<List> {
    list(project, Kind::Approval, args.all, args.issue)
}
