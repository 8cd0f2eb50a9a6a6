//! What is known of a session: `<common>/ghp/run/NAME/record.json`, replaced as a whole, and `ended.json` once it is over.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::backend::{self, Backend};
use super::{Launch, Room, SessionError, Status};
use crate::domain::escape::one_line;
use crate::domain::id::AgentId;
use crate::host::clock;
use crate::host::folder::{Dir, Folder};
use crate::host::processes::Process;
use crate::store::layout::{local, run};

/// The longest word of the program that is kept on record, in bytes: a prompt is not kept.
const LONGEST_WORD: usize = 120;
/// So many of its words are kept.
const MOST_WORDS: usize = 16;

/// A session on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Its name.
    pub name: AgentId,
    /// Its id, `GHP_SESSION`.
    pub id: String,
    /// Its agent: the same as its name.
    pub agent: AgentId,
    /// The issue that it works on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<u64>,
    /// Which provider runs.
    pub provider: String,
    /// Which backend keeps its terminal.
    pub backend: String,
    /// The worktree that was made for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cave: Option<PathBuf>,
    /// The branch that it works on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Where its program was started.
    pub directory: PathBuf,
    /// The program and the beginning of its words, to be shown.
    pub program: Vec<String>,
    /// The machine.
    pub host: String,
    /// The boot of that machine.
    pub boot: String,
    /// Who started it, where that is not its agent's affair.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub started_by: Option<String>,
    /// When it was made (RFC 3339).
    pub created: String,
    /// Whether it has no screen: its program runs for one turn at a time.
    #[serde(skip_serializing_if = "is_false", default)]
    pub headless: bool,
    /// Whether one without a screen was stopped.
    #[serde(skip_serializing_if = "is_false", default)]
    pub stopped: bool,
    /// Its first process, of one without a screen that of its last turn; absent until it was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
    /// By what its backend finds it: tmux's pane and server, the host process.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub handle: BTreeMap<String, String>,
}

/// How a session ended, kept beside its record by whoever saw it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ended {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
}

/// A session with its state.
#[derive(Debug, Clone)]
pub struct Listed {
    /// What is on record.
    pub record: Record,
    /// Whether it runs.
    pub status: Status,
}

/// What is on record.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The sessions, by name.
    pub sessions: Vec<Listed>,
    /// Names whose record cannot be read, each with why. Something of theirs may run.
    pub unreadable: Vec<(String, String)>,
}

impl Record {
    /// The record of a session that is not started yet.
    pub(super) fn new(launch: &Launch) -> Record {
        let words = launch.program.iter().take(MOST_WORDS);
        Record {
            name: launch.name.clone(),
            id: launch.id.clone(),
            agent: launch.name.clone(),
            issue: launch.issue,
            provider: launch.provider.clone(),
            backend: launch.backend.clone(),
            cave: launch.cave.clone(),
            branch: launch.branch.clone(),
            directory: launch.directory.clone(),
            program: words
                .map(|word| one_line(&word.to_string_lossy(), LONGEST_WORD))
                .collect(),
            host: clock::host(),
            boot: clock::boot(),
            started_by: launch.started_by.clone(),
            created: clock::now().to_string(),
            headless: launch.headless,
            stopped: false,
            process: None,
            handle: BTreeMap::new(),
        }
    }

    /// The folder of this machine that is the session's own and goes when it is removed.
    pub fn folder(&self, room: &Room) -> PathBuf {
        room.folder(self.name.as_str())
    }

    pub(super) fn load(room: &Room, name: &str) -> Result<Option<Record>, SessionError> {
        if name.parse::<AgentId>().is_err() {
            return Ok(None);
        }
        let Some(bytes) = room.read(name, run::RECORD)? else {
            return Ok(None);
        };
        let read = serde_json::from_slice(&bytes);
        read.map(Some).map_err(|source| SessionError::Unreadable {
            name: name.to_owned(),
            source,
        })
    }

    pub(super) fn save(&self, room: &Room) -> Result<(), SessionError> {
        write(room, self.name.as_str(), run::RECORD, self)
    }

    /// How it ended, if somebody saw it.
    pub(super) fn ended(&self, room: &Room) -> Result<Option<Ended>, SessionError> {
        let bytes = room.read(self.name.as_str(), run::ENDED)?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Keeps how it ended.
    pub(super) fn end(&self, room: &Room, ended: Ended) -> Result<(), SessionError> {
        write(room, self.name.as_str(), run::ENDED, &ended)
    }

    /// What is known without asking the backend. `is_held`: the caller holds the session's lock.
    fn known(&self, room: &Room, is_held: bool) -> Option<Status> {
        match self.ended(room) {
            Ok(Some(ended)) => return Some(self.at_end(ended)),
            Ok(None) => {}
            Err(error) => return Some(Status::Unknown(error.to_string())),
        }
        if self.host != clock::host() {
            let host = one_line(&self.host, 60);
            return Some(Status::Unknown(format!("it was started on {host}")));
        }
        let boot = clock::boot();
        if self.boot != boot && !boot.is_empty() {
            return Some(self.unseen());
        }
        if self.process.is_some() {
            return None;
        }
        Some(
            if !is_held && room.is_locked(self.name.as_str(), run::LOCK) {
                Status::Unknown("it is being started".to_owned())
            } else {
                self.unseen()
            },
        )
    }

    /// Its program has ended so; one without a screen waits for its next prompt.
    fn at_end(&self, Ended { code, signal }: Ended) -> Status {
        if self.headless && !self.stopped {
            Status::Resting { code, signal }
        } else {
            Status::Exited { code, signal }
        }
    }

    /// Its program does not run, and nobody saw its end.
    fn unseen(&self) -> Status {
        if self.headless {
            self.at_end(Ended::default())
        } else {
            Status::Lost
        }
    }

    /// Whether it runs, asked now.
    pub fn status(&self, room: &Room) -> Status {
        statuses(room, &[self], false).remove(0)
    }

    /// The same for whoever holds the session's lock: it is not being started by another.
    pub(super) fn status_held(&self, room: &Room) -> Status {
        statuses(room, &[self], true).remove(0)
    }
}

/// The state of each of these, with one question to each backend.
fn statuses(room: &Room, records: &[&Record], is_held: bool) -> Vec<Status> {
    let mut statuses: Vec<Option<Status>> = records
        .iter()
        .map(|record| record.known(room, is_held))
        .collect();
    for backend in backend::BACKENDS {
        let asked: Vec<usize> = (0..records.len())
            .filter(|at| statuses[*at].is_none() && records[*at].backend == backend.name())
            .collect();
        if asked.is_empty() {
            continue;
        }
        let theirs: Vec<&Record> = asked.iter().map(|at| records[*at]).collect();
        for (at, status) in asked.into_iter().zip(backend.statuses(room, &theirs)) {
            statuses[at] = Some(seen(room, records[at], *backend, status));
        }
    }
    let unasked = |record: &Record| {
        let backend = one_line(&record.backend, 40);
        Status::Unknown(format!("this ghp has no backend \"{backend}\""))
    };
    let all = statuses.into_iter().zip(records);
    all.map(|(status, record)| status.unwrap_or_else(|| unasked(record)))
        .collect()
}

/// What a backend said, looked at once more: a session may have ended between the look at its record and the question,
/// and an exit code is kept once it was seen.
fn seen(room: &Room, record: &Record, backend: &dyn Backend, status: Status) -> Status {
    match status {
        Status::Lost => match record.ended(room) {
            Ok(Some(ended)) => record.at_end(ended),
            Ok(None) => record.unseen(),
            Err(error) => Status::Unknown(error.to_string()),
        },
        Status::Exited { code, signal } => match record.end(room, Ended { code, signal }) {
            Ok(()) => status,
            // The backend still knows it, so nothing is lost; `discard` would lose it.
            Err(error) => Status::Unknown(format!("{} ended, but {error}", backend.name())),
        },
        status => status,
    }
}

/// The names on record.
pub(super) fn names(room: &Room) -> Result<Vec<String>, SessionError> {
    let path = room.local.join(local::RUN);
    let list = Dir::open(&room.local, local::ASIDE).and_then(|folder| folder.list(local::RUN));
    let list = list.map_err(SessionError::io("read", &path))?;
    let mut names: Vec<String> = list
        .into_iter()
        .filter(|(name, is_folder)| *is_folder && name.parse::<AgentId>().is_ok())
        .filter(|(name, _)| room.file(name, run::RECORD).exists())
        .map(|(name, _)| name)
        .collect();
    names.sort();
    Ok(names)
}

/// Everything on record, with its state.
pub(super) fn all(room: &Room) -> Result<Listing, SessionError> {
    let mut records = Vec::new();
    let mut unreadable = Vec::new();
    for name in names(room)? {
        match Record::load(room, &name) {
            Ok(Some(record)) => records.push(record),
            // Removed a moment ago.
            Ok(None) => {}
            Err(error) => unreadable.push((name, error.to_string())),
        }
    }
    let statuses = statuses(room, &records.iter().collect::<Vec<_>>(), false);
    let listed = records.into_iter().zip(statuses);
    Ok(Listing {
        sessions: listed
            .map(|(record, status)| Listed { record, status })
            .collect(),
        unreadable,
    })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

fn write(room: &Room, name: &str, file: &str, what: &impl Serialize) -> Result<(), SessionError> {
    let mut text =
        serde_json::to_string_pretty(what).unwrap_or_else(|_| unreachable!("plain fields"));
    text.push('\n');
    room.write(name, file, text.as_bytes())
}
