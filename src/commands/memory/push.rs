//! `ghp memory push`: what is here goes to the mem0 server.

use std::collections::BTreeSet;

use clap::Args as ClapArgs;

use super::{Moved, server::Server};
use crate::domain::secrets;
use crate::error::Result;
use crate::project::Project;

/// Copy the memories here to the mem0 server
///
/// Those that it does not have yet. The server is the one that your own configuration names.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {}

/// Runs the verb.
pub fn run(project: &Project, _: Args) -> Result<Moved> {
    project.by()?;
    let server = Server::named(project)?;
    let _alone = Server::alone(project)?;
    let there: BTreeSet<String> = server
        .all()?
        .into_iter()
        .map(|held| held.memory.id)
        .collect();
    let mut moved = Moved::to(server.url());
    for memory in super::local(project)? {
        let whole = format!("{}\n{}", memory.title, memory.body);
        if there.contains(&memory.id) {
            moved.already += 1;
        } else if let Some(found) = secrets::find(&whole) {
            project.warn(format!("{} stays here: it holds {}", memory.id, found.what));
        } else {
            server.add(&memory)?;
            moved.ids.push(memory.id);
        }
    }
    Ok(moved)
}
