//! `ghp memory pull`: what the mem0 server has becomes documents.

use clap::Args as ClapArgs;

use super::{Moved, server::Server};
use crate::commands::{LONGEST_LINE, LONGEST_TEXT, matter};
use crate::documents::mem0::Held;
use crate::documents::paged::Paged;
use crate::domain::memory::Memory;
use crate::domain::secrets;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::store::Transaction;

/// Copy the memories of the mem0 server here, as documents
///
/// Those that are not here yet, all or none. What looks like a credential stays there.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {}

/// Runs the verb.
pub fn run(project: &Project, _: Args) -> Result<Moved> {
    let by = project.by()?;
    let server = Server::named(project)?;
    let there: Vec<Held> = server
        .all()?
        .into_iter()
        .filter(|held| fits(project, held))
        .collect();
    project.decide(&by, "memory pull", |transaction| {
        let here = transaction.all::<Memory>()?;
        let mut moved = Moved::from(server.url());
        for held in &there {
            let mark = mark(held);
            let is_same = |it: &Paged<Memory>| {
                it.id == held.memory.id || mark.is_some() && it.request_id == mark
            };
            if here.iter().any(is_same) || moved.ids.contains(&held.memory.id) {
                moved.already += 1;
                continue;
            }
            let memory = Paged::new(own(project, transaction, &by, held)?);
            transaction.add(&memory);
            moved.ids.push(memory.id.clone());
        }
        transaction.say(
            format!("{} memories copied from {}", moved.ids.len(), server.url()),
            None,
        );
        Ok::<_, Error>(moved)
    })
}

/// How one that ghp did not write is known again: its id there.
fn mark(held: &Held) -> Option<String> {
    (!held.is_ours()).then(|| format!("mem0:{}", held.key))
}

/// The memory as a document of ours.
fn own(
    project: &Project,
    transaction: &Transaction<'_>,
    by: &str,
    held: &Held,
) -> Result<Memory, Error> {
    let mut memory = held.memory.clone();
    if let Some(mark) = mark(held) {
        memory.id = matter::fresh_id(transaction, &memory.title, project.now())?;
        memory.request_id = Some(mark);
    }
    if memory.from.is_empty() {
        by.clone_into(&mut memory.from);
    }
    Ok(memory)
}

/// Tags and globs make front matter, which has its own limit.
fn is_too_large(memory: &Memory) -> bool {
    let document = Paged::new(memory.clone()).render();
    Paged::<Memory>::parse(&memory.id, &document).is_err()
}

/// Whether it may become a document; what may not is warned about.
fn fits(project: &Project, held: &Held) -> bool {
    let memory = &held.memory;
    let parts = [&memory.title, &memory.body, &memory.from];
    let parts = parts.into_iter().chain(&memory.tags).chain(&memory.scope);
    let whole: Vec<&str> = parts.map(String::as_str).collect();
    let whole = whole.join("\n");
    let why = match secrets::find(&whole) {
        Some(found) => format!("it holds {}", found.what),
        None if memory.title.is_empty() || memory.title.len() > LONGEST_LINE => {
            format!("its first line has {} bytes", memory.title.len())
        }
        None if whole.len() > LONGEST_TEXT || whole.contains('\0') => {
            "it is no text of a document".to_owned()
        }
        None if is_too_large(memory) => "it is larger than a document".to_owned(),
        None => return true,
    };
    project.warn(format!("{} stays there: {why}", held.key));
    false
}
