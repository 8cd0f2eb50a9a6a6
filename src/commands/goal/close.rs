//! `ghp goal close`: a goal is reached, or given up.

use clap::Args as ClapArgs;

use super::team::Teams;
use super::{Did, Report};
use crate::commands::named;
use crate::domain::goal::{Goal, Status};
use crate::error::{Error, Kind, Result};
use crate::project::Project;

/// Close a goal: it is reached, or with --cancelled given up
///
/// For whoever set it or works on it, an orchestrator or a person. Closed the same way again is fine; another way is
/// refused (exit 5): `ghp goal update ID --status` takes it back.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// An id, its beginning or its last four characters
    #[arg(value_name = "ID")]
    pub goal: String,
    /// It is given up
    #[arg(long)]
    pub cancelled: bool,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let goal = named::find::<Goal>(project, &args.goal)?;
    let teams = Teams::of(project)?;
    super::require_own_or_lead(project, &goal, &teams, "closing another's goal")?;
    let status = if args.cancelled {
        Status::Cancelled
    } else {
        Status::Completed
    };
    let (goal, did) = project.decide(&by, "goal close", |transaction| {
        let mut goal = super::load(transaction, &goal.id)?;
        match goal.close(status, &by, project.now()) {
            Ok(true) => {}
            Ok(false) => return Ok((goal.into_inner(), Did::Nothing)),
            Err(first) => return Err(decided(&goal, first)),
        }
        transaction.save(&goal)?;
        transaction.say(format!("goal {status}: {}", goal.name), None);
        Ok((goal.into_inner(), Did::Changed))
    })?;
    Report::whole(project, &goal, did)
}

/// It was closed the other way.
fn decided(goal: &Goal, first: Status) -> Error {
    let by = goal.by.as_deref().unwrap_or("somebody");
    let by = crate::domain::escape::one_line(by, 64);
    let at = goal.closed_at.map(|at| format!(" at {at}"));
    let said = format!("the goal was {first} by {by}{}", at.unwrap_or_default());
    Error::new(Kind::Changed, said)
        .hint("to open it again")
        .next(format!("ghp goal update {} --status active", goal.id))
}
