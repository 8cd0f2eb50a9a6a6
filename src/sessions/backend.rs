//! What keeps a session's terminal: one file and one row each.
//!
//! A backend knows nothing of names, records or locks: [`super::live`] asks it, one question at a time. Its promises:
//! what it starts goes on when the caller ends; a handle that it gave never leads to somebody else's terminal; a question
//! that failed is [`Status::Unknown`].

pub(super) mod process;
mod tmux;

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::stray::Terminal;
use super::{Record, Room, SessionError, Size, Status};
use crate::host::processes::Process;

/// What was started.
#[derive(Debug)]
pub struct Started {
    /// The session's first process.
    pub process: Process,
    /// By what the backend finds it again ([`Record::handle`]).
    pub handle: BTreeMap<String, String>,
}

/// Something that can keep terminals.
pub trait Backend: Sync {
    /// Its word.
    fn name(&self) -> &'static str;

    /// Refuses when it cannot work here: a program is missing.
    fn require(&self) -> Result<(), SessionError>;

    /// Starts `ghp session-run FOLDER` in a new terminal of this size: that process becomes the session's program
    /// ([`super::runner`]).
    fn start(&self, room: &Room, record: &Record, size: Size) -> Result<Started, SessionError>;

    /// A process that adopts those of the session whose parent ends, if the backend has one.
    fn keeper(&self, _: &Record) -> Option<Process> {
        None
    }

    /// The state of each of these, in their order, with as few questions as can be.
    fn statuses(&self, room: &Room, records: &[&Record]) -> Vec<Status>;

    /// Pastes a text that can be pasted, in brackets if the program asked for them.
    fn paste(&self, room: &Room, record: &Record, text: &str) -> Result<(), SessionError>;

    /// Types bytes.
    fn keys(&self, room: &Room, record: &Record, bytes: &[u8]) -> Result<(), SessionError>;

    /// History and screen as text; `styled`: with escape sequences for colours.
    fn output(&self, room: &Room, record: &Record, styled: bool) -> Result<String, SessionError>;

    /// What stands on the screen of each of these, as text, in their order, with as few questions as can be; `None`: it cannot
    /// be read now.
    fn screens(&self, room: &Room, records: &[&Record]) -> Vec<Option<String>>;

    /// Hands on what the terminal is sent, until the session ends or `sink` says `false`.
    fn follow(
        &self,
        room: &Room,
        record: &Record,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), SessionError>;

    /// Joins the caller's terminal to it, another program beside it if one is wanted and this can be done.
    fn attach(
        &self,
        room: &Room,
        record: &Record,
        beside: Option<&[OsString]>,
    ) -> Result<(), SessionError>;

    /// Takes down what is left of a terminal whose processes have ended: a dead pane, a host process that hangs. Fine
    /// when nothing is left.
    fn discard(&self, room: &Room, record: &Record) -> Result<(), SessionError>;

    /// Terminals of this repository in which nothing runs that a person could miss. Those of sessions on record are among
    /// them; whoever asks knows which those are, by their ids.
    fn idle_terminals(&self, room: &Room) -> Result<Vec<Terminal>, SessionError>;

    /// Takes one of them down, if it is still idle.
    fn take_down(&self, room: &Room, terminal: &Terminal) -> Result<(), SessionError>;
}

/// Every backend, the best first.
pub const BACKENDS: &[&dyn Backend] = &[&tmux::Tmux, &process::Hosts];

/// The backend of this word.
pub fn named(name: &str) -> Result<&'static dyn Backend, SessionError> {
    let found = BACKENDS.iter().find(|backend| backend.name() == name);
    found.copied().ok_or_else(|| SessionError::NoBackend {
        name: crate::domain::escape::one_line(name, 40),
        known: BACKENDS
            .iter()
            .map(|backend| backend.name())
            .collect::<Vec<_>>()
            .join(", "),
    })
}

/// The backend that somebody asked for, else the first that can work here.
pub fn choose(asked: Option<&str>) -> Result<&'static dyn Backend, SessionError> {
    match asked {
        Some(asked) => named(asked),
        None => match BACKENDS.iter().find(|backend| backend.require().is_ok()) {
            Some(backend) => Ok(*backend),
            None => named(""),
        },
    }
}
