//! `ghp issues`: all of them, by number.

use clap::{Args as ClapArgs, ValueEnum};
use serde::Serialize;

use crate::domain::issue::Issue;
use crate::error::Result;
use crate::project::Project;

/// List issues: open ones by default
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which
    #[arg(long, value_name = "STATE", value_enum, default_value_t = Which::Open)]
    pub state: Which,
    /// Closed ones too
    #[arg(short, long, conflicts_with = "state")]
    pub all: bool,
    /// Only those with this label (repeatable: with all of them)
    #[arg(long, value_name = "L")]
    pub label: Vec<String>,
    /// Only this agent's (`none`: nobody's)
    #[arg(long, value_name = "AGENT")]
    pub assignee: Option<String>,
}

/// Which issues are meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Which {
    /// Still to be done.
    #[default]
    Open,
    /// Done.
    Closed,
    /// All.
    All,
}

/// Issues, by number.
#[derive(Debug, Serialize)]
pub struct Report {
    /// By number.
    pub issues: Vec<super::Report>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let all = super::all(project)?;
    let wanted = |issue: &&Issue| {
        let state = match args.state {
            Which::Open => args.all || issue.is_open(),
            Which::Closed => !issue.is_open(),
            Which::All => true,
        };
        let assignee = match args.assignee.as_deref() {
            None => true,
            Some("none") => issue.assignee.is_none(),
            Some(name) => issue.is_held_by(name),
        };
        state && assignee && args.label.iter().all(|label| issue.labels.contains(label))
    };
    Ok(Report {
        issues: all
            .values()
            .filter(wanted)
            .map(|issue| super::Report::among(issue, &all))
            .collect(),
    })
}
