//! What sessions left behind, as facts: who may be reaped, and what nobody can tell.

use super::backend::BACKENDS;
use super::{Listed, SessionError, Sessions, Status, record};
use crate::config::env_vars::{KEEPER, SESSION};
use crate::domain::id::AgentId;
use crate::host::processes::{self, Ended, Process, Tree};
use crate::store::layout::{local, run};

/// A process of a session that is over, or no longer on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// Which.
    pub process: Process,
    /// Its session's id.
    pub id: String,
    /// Its session's name, when that is still on record.
    pub name: Option<AgentId>,
    /// Its words; from outside, to be escaped.
    pub command: String,
}

/// A terminal in which nothing runs any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminal {
    /// Whose.
    pub backend: &'static str,
    /// The end of the id of the session that it belonged to.
    pub session: String,
    /// By what its backend finds it.
    pub handle: String,
    /// In words.
    pub shown: String,
}

/// What was left behind.
#[derive(Debug, Clone, Default)]
pub struct Strays {
    /// Sessions that are certainly over.
    pub over: Vec<Listed>,
    /// Processes of sessions that are over or forgotten.
    pub orphans: Vec<Orphan>,
    /// Terminals in which nothing runs, of no session on record.
    pub terminals: Vec<Terminal>,
    /// Folders without a record: what is left of a start or a removal that was killed.
    pub folders: Vec<String>,
    /// Of these nobody can tell whether they run: each with why. Nothing of them is reaped.
    pub unknown: Vec<(String, String)>,
}

impl Sessions {
    /// Looks for what was left behind, and touches nothing.
    pub fn strays(&self) -> Result<Strays, SessionError> {
        // Processes and terminals before the records: what is started in between is on record by then.
        let marked = processes::marked(SESSION, &self.room.tag()?);
        let terminals: Vec<_> = BACKENDS
            .iter()
            .map(|backend| (backend.name(), backend.idle_terminals(&self.room)))
            .collect();
        let listing = self.all()?;
        // Of a record that cannot be read nobody knows the id: what seems to be nobody's may be its.
        let is_blind = !listing.unreadable.is_empty();
        let mut strays = Strays {
            unknown: listing.unreadable,
            ..Strays::default()
        };
        for listed in &listing.sessions {
            if let Status::Unknown(reason) = &listed.status {
                strays
                    .unknown
                    .push((listed.record.name.to_string(), reason.clone()));
            } else if listed.status.is_over() && !self.is_being_made(listed.record.name.as_str()) {
                strays.over.push(listed.clone());
            }
        }
        for marked in marked {
            let session = listing
                .sessions
                .iter()
                .find(|listed| listed.record.id == marked.value);
            if session.map_or(!is_blind, |listed| listed.status.is_over()) {
                strays.orphans.push(Orphan {
                    process: marked.process,
                    name: session.map(|listed| listed.record.name.clone()),
                    id: marked.value,
                    command: marked.command,
                });
            }
        }
        for (backend, found) in terminals {
            let is_known = |terminal: &Terminal| {
                let mut sessions = listing.sessions.iter();
                sessions.any(|listed| listed.record.id.ends_with(&terminal.session))
            };
            match found {
                Ok(_) if is_blind => {}
                Ok(found) => strays
                    .terminals
                    .extend(found.into_iter().filter(|terminal| !is_known(terminal))),
                // Where it is not installed, nobody has used it.
                Err(SessionError::NoProgram { .. }) => {}
                Err(error) => strays.unknown.push((backend.to_owned(), error.to_string())),
            }
        }
        strays.folders = self.empty_folders()?;
        Ok(strays)
    }

    /// Folders of sessions that have no record, and that nobody is at work on.
    fn empty_folders(&self) -> Result<Vec<String>, SessionError> {
        let path = self.room.local.join(local::RUN);
        let list = match std::fs::read_dir(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            list => list.map_err(SessionError::io("read", &path))?,
        };
        let on_record = record::names(&self.room)?;
        let mut empty = Vec::new();
        for entry in list {
            let name = entry.map_err(SessionError::io("read", &path))?.file_name();
            let Some(name) = name.to_str().filter(|name| name.parse::<AgentId>().is_ok()) else {
                continue;
            };
            let is_used = self.room.is_locked(name, run::LOCK) || self.is_being_made(name);
            if !on_record.iter().any(|other| other == name) && !is_used {
                empty.push(name.to_owned());
            }
        }
        empty.sort();
        Ok(empty)
    }

    /// Ends an orphan and everything of its session. Nothing of a session that runs has its id.
    pub fn reap(&self, orphan: &Orphan, grace: std::time::Duration) -> Ended {
        let tree = Tree {
            root: None,
            keeper: None,
            mark: (SESSION, &orphan.id),
            spared: KEEPER,
        };
        processes::end(&tree, grace)
    }

    /// Takes down a terminal that [`Sessions::strays`] found.
    pub fn take_down(&self, terminal: &Terminal) -> Result<(), SessionError> {
        super::backend::named(terminal.backend)?.take_down(&self.room, terminal)
    }

    /// Removes a folder that [`Sessions::strays`] found.
    pub fn remove_folder(&self, name: &str) -> Result<(), SessionError> {
        let path = self.room.file(name, run::LOCK);
        let _held = crate::host::lock::lock(&path, || super::PATIENCE)?;
        if record::names(&self.room)?.iter().any(|other| other == name) {
            return Ok(());
        }
        self.room.remove_folder(name)
    }
}
