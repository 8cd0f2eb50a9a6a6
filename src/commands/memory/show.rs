//! `ghp memory show`: one whole.

use clap::Args as ClapArgs;

use super::{Did, Report};
use crate::error::Result;
use crate::project::Project;

/// Show a memory whole
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// An id, its beginning or its last four characters
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let memory = super::find(project, &args.id)?;
    Ok(Report::of(project, &memory, Did::Shown))
}
