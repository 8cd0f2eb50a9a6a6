//! `ghp memory show`: one whole.

use clap::Args as ClapArgs;

use super::server::Server;
use super::{Did, Report};
use crate::commands::named;
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
    match Server::chosen(project)? {
        Some(server) => {
            let held = super::find_there(&server, &args.id)?;
            Ok(Report::there(&held.memory, Some(&server), Did::Shown))
        }
        None => document(project, &args.id),
    }
}

/// The document that a word means, whole; no server is asked.
pub(crate) fn document(project: &Project, word: &str) -> Result<Report> {
    let memory = named::find(project, word)?;
    Ok(Report::of(project, &memory, Did::Shown))
}
