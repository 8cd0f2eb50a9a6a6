//! `ghp issue show`: one issue, whole.

use std::collections::BTreeMap;

use clap::Args as ClapArgs;

use super::Report;
use crate::domain::id::IssueId;
use crate::domain::issue::Issue;
use crate::error::Result;
use crate::project::Project;

/// Show an issue with its text and comments
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which; yours when left out
    #[arg(value_name = "N")]
    pub issue: Option<IssueId>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let number = super::meant(project, args.issue, "issue show")?;
    let store = project.store()?;
    match store.load::<Issue>(&number.to_string())? {
        Some(issue) => {
            let mut blockers = BTreeMap::new();
            for number in &issue.blocked_by {
                match store.load::<Issue>(&number.to_string()) {
                    Ok(blocker) => blockers.extend(blocker.map(|it| (*number, it.into_inner()))),
                    Err(error) => project.warn(error.to_string()),
                }
            }
            Ok(Report::among(&issue, &blockers))
        }
        None => Err(super::unknown(number, &store.stems::<Issue>()?)),
    }
}
