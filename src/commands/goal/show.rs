//! `ghp goal show`: one whole.

use clap::Args as ClapArgs;

use super::{Did, Report};
use crate::commands::named;
use crate::domain::goal::Goal;
use crate::error::Result;
use crate::project::Project;

/// Show a goal whole: who works on it, what its group shares
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// An id, its beginning or its last four characters
    #[arg(value_name = "ID")]
    pub goal: String,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let goal = named::find::<Goal>(project, &args.goal)?;
    Report::whole(project, &goal, Did::Shown)
}
