//! `ghp task show`: one task whole, its answer too.

use clap::Args as ClapArgs;

use crate::commands::{matter, show};
use crate::domain::waiting::Kind;
use crate::error::Result;
use crate::project::Project;

/// Show a task: its prompt, where it stands and why, its answer; changes nothing
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Its id or the last four characters (default: the only one that is not settled)
    pub id: Option<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<show::Report> {
    let name = match args.id {
        Some(id) => super::name(project, &id, "task show")?,
        None => matter::only(project, &[Kind::Task], |_| true, "task show")?,
    };
    show::run(
        project,
        show::Args {
            what: Some(name.id),
        },
    )
}
