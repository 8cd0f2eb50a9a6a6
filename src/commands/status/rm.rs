//! `ghp status rm`: an entry is taken off the board.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::commands::group::{Standings, leave};
use crate::commands::require_own_or_lead;
use crate::error::Result;
use crate::project::Project;

/// Remove an agent's entry from the board
///
/// Its issues stay assigned to it; its group goes on without it. One's own entry, or as an orchestrator or a person anybody's.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Whose entry
    #[arg(value_name = "AGENT")]
    pub name: String,
}

/// What was removed.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whose entry.
    pub agent: String,
    /// Issues that are still assigned to it.
    pub issues: Vec<u64>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    require_own_or_lead(project, &args.name, "removing another agent's entry")?;
    let standings = Standings::of(project, project.now())?;
    project.decide(&by, "status rm", |transaction| {
        leave::depart(transaction, &standings, &args.name)?;
        if !transaction.remove_entry(&args.name)? {
            let board = transaction.board()?;
            return Err(super::unknown(&args.name, board.agents.keys()));
        }
        transaction.say(format!("{} removed from the board", args.name), None);
        Ok(())
    })?;
    let issues = project.store()?.readable::<crate::domain::issue::Issue>()?;
    let issues = issues
        .iter()
        .filter(|issue| issue.is_open() && issue.is_held_by(&args.name))
        .map(|issue| issue.number)
        .collect();
    Ok(Report {
        agent: args.name,
        issues,
    })
}
