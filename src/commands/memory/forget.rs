//! `ghp memory forget`: what no longer holds.

use clap::Args as ClapArgs;

use super::server::Server;
use super::{Did, Report};
use crate::commands::{named, require_own_or_lead};
use crate::documents::paged::Paged;
use crate::domain::memory::Memory;
use crate::error::Result;
use crate::project::Project;

/// Remove a memory that no longer holds
///
/// One's own, or as an orchestrator or a person anybody's. The history of the documents keeps it (`ghp log -p`); a
/// mem0 server does not.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// An id, its beginning or its last four characters
    #[arg(value_name = "ID")]
    pub id: String,
}

/// What is refused to others.
const WANTED: &str = "forgetting another's memory";

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    if let Some(server) = Server::chosen(project)? {
        let held = super::find_there(&server, &args.id)?;
        require_own_or_lead(project, &held.memory.from, WANTED)?;
        server.remove(&held.memory)?;
        return Ok(Report::there(&held.memory, Some(&server), Did::Forgot));
    }
    let found = named::find::<Memory>(project, &args.id)?;
    require_own_or_lead(project, &found.from, WANTED)?;
    let memory = project.decide(&by, "memory forget", |transaction| {
        let memory: Paged<Memory> = transaction
            .load(&found.id)?
            .ok_or_else(|| named::gone::<Memory>(&found.id))?;
        transaction.say(format!("forgotten: {}", memory.title), memory.issue);
        transaction.remove(&memory.path())?;
        Ok::<_, crate::error::Error>(memory)
    })?;
    Ok(Report::of(project, &memory, Did::Forgot))
}
