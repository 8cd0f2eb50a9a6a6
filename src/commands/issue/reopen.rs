//! `ghp issue reopen`: the work was not done after all.

use clap::Args as ClapArgs;

use super::{Did, Report, Rights};
use crate::domain::id::IssueId;
use crate::domain::issue::State;
use crate::error::Result;
use crate::project::Project;

/// Open a closed issue again; whoever held it holds it again
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Which
    #[arg(value_name = "N")]
    pub issue: IssueId,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let rights = Rights::of(project)?;
    let number = args.issue.0;
    project.decide(&rights.by, "issue reopen", |transaction| {
        let mut issue = super::load(transaction, number)?;
        if issue.is_open() {
            return Ok(Report::of(&issue, Did::Nothing));
        }
        let all = super::all_in(transaction)?;
        rights.require(&issue, &all, "reopening")?;
        issue.state = State::Open;
        issue.closed_at = None;
        super::refuse_contradictions(transaction, &issue)?;
        transaction.say(format!("#{number} reopened: {}", issue.title), Some(number));
        super::save(transaction, &issue)?;
        Ok(Report::of(&issue, Did::Reopened))
    })
}
