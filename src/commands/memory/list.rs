//! `ghp memories`: all of them.

use clap::Args as ClapArgs;

use super::{Line, List};
use crate::domain::id::IssueId;
use crate::error::Result;
use crate::project::Project;

/// List the memories, the newest first
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Only those with this tag (repeatable: with all of them)
    #[arg(long = "tag", value_name = "T")]
    pub tags: Vec<String>,
    /// Only of this issue
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<List> {
    let mut memories = super::all(project)?;
    memories.retain(|memory| {
        let of_issue = args.issue.is_none_or(|issue| memory.issue == Some(issue.0));
        of_issue && super::has_tags(memory, &args.tags)
    });
    Ok(List {
        memories: memories
            .iter()
            .map(|memory| Line::of(memory, "", None))
            .collect(),
        searched: false,
    })
}
