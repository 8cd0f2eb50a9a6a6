//! A session as verbs see it: its record, its locks, and its backend for what only that can do.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use super::backend::{self, Backend};
use super::launch::Order;
use super::{
    Input, Launch, PATIENCE, Record, Room, Session, SessionError, Status, Stopped, Wanted,
    environment,
};
use crate::config::env_vars::{KEEPER, SESSION};
use crate::domain::escape::plain;
use crate::host::lock::{Lock, lock};
use crate::host::processes::{self, Tree};
use crate::host::{clock, process};
use crate::store::layout::run;

/// How long a prompt of somebody else may take to be typed.
const WRITERS_PATIENCE: Duration = Duration::from_secs(30);

/// How long a backend may take to see that its processes have ended.
const UNTIL_SEEN: Duration = Duration::from_secs(5);
/// It is asked again after so long.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

pub(super) struct Live {
    room: Room,
    record: Record,
    /// Held from `create` until the session has started.
    starting: Option<Lock>,
}

impl Live {
    pub(super) fn new(room: Room, record: Record) -> Live {
        Live {
            room,
            record,
            starting: None,
        }
    }

    pub(super) fn starting(room: Room, record: Record, held: Lock) -> Live {
        Live {
            room,
            record,
            starting: Some(held),
        }
    }

    fn backend(&self) -> Result<&'static dyn Backend, SessionError> {
        backend::named(&self.record.backend)
    }

    fn lock(&self, file: &str, patience: Duration) -> Result<Lock, SessionError> {
        let path = self.room.file(self.record.name.as_str(), file);
        Ok(lock(&path, || patience)?)
    }

    /// The backend, when it certainly runs.
    fn require_running(&self) -> Result<&'static dyn Backend, SessionError> {
        match self.record.status(&self.room) {
            Status::Running { .. } => self.backend(),
            status => Err(SessionError::Over {
                name: self.record.name.to_string(),
                status: status.to_string(),
            }),
        }
    }

    /// What was known may be old: it may have been started anew.
    fn refresh(&mut self) -> Result<(), SessionError> {
        if let Some(record) = Record::load(&self.room, self.record.name.as_str())?
            && record.id == self.record.id
        {
            self.record = record;
        }
        Ok(())
    }

    fn launch(&mut self, launch: &Launch) -> Result<(), SessionError> {
        let order = Order {
            directory: launch.directory.clone(),
            program: launch.program.clone(),
            environment: environment::of(&launch.environment, &launch.id),
        };
        if order.has_nul() {
            return Err(SessionError::Nul);
        }
        self.room.put_order(self.record.name.as_str(), &order)?;
        process::keep_descriptors();
        let started = self
            .backend()?
            .start(&self.room, &self.record, launch.size)?;
        self.record.process = Some(started.process);
        self.record.handle = started.handle;
        self.record.save(&self.room)
    }

    /// Waits until its backend has seen that its processes have ended, and how. One that hangs is not waited for: there
    /// is nothing left that it could keep.
    fn await_end(&self) {
        let deadline = Instant::now() + UNTIL_SEEN;
        while !self.record.status_held(&self.room).is_over() && Instant::now() < deadline {
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// Ends the processes of the session, whether it runs or has ended and left some behind.
    fn end_tree(&self, grace: Duration) -> Result<Stopped, SessionError> {
        let tree = Tree {
            root: self.record.process,
            keeper: self.backend()?.keeper(&self.record),
            mark: (SESSION, &self.record.id),
            spared: KEEPER,
        };
        let ended = processes::end(&tree, grace);
        if ended.left > 0 {
            return Err(SessionError::Unending {
                name: self.record.name.to_string(),
                left: ended.left,
            });
        }
        Ok(Stopped {
            ended: ended.ended,
            killed: ended.killed,
        })
    }
}

impl Session for Live {
    fn id(&self) -> &str {
        &self.record.id
    }

    fn workspace_id(&self) -> String {
        self.record.directory.display().to_string()
    }

    fn record(&self) -> &Record {
        &self.record
    }

    fn status(&self) -> Result<Status, SessionError> {
        Ok(self.record.status(&self.room))
    }

    fn start(&mut self, launch: &Launch) -> Result<(), SessionError> {
        let held = match self.starting.take() {
            Some(held) => held,
            None => self.lock(run::LOCK, PATIENCE)?,
        };
        let started = self.launch(launch);
        if started.is_err() {
            self.end_tree(Duration::ZERO)?;
            self.backend()?.discard(&self.room, &self.record)?;
            self.room.remove_folder(self.record.name.as_str())?;
        }
        drop(held);
        started
    }

    fn turn(&mut self, launch: &Launch) -> Result<(), SessionError> {
        let _held = match self.starting.take() {
            Some(held) => held,
            None => self.lock(run::LOCK, PATIENCE)?,
        };
        self.refresh()?;
        let status = self.record.status_held(&self.room);
        if !matches!(status, Status::Resting { .. }) {
            return Err(SessionError::NoTurn {
                name: self.record.name.to_string(),
                status: status.to_string(),
            });
        }
        // The host of the turn before may be about to end; how that turn ended is not how this one did.
        self.backend()?.discard(&self.room, &self.record)?;
        let name = self.record.name.as_str();
        for file in [run::ORDER, run::ENDED] {
            self.room.discard(name, file)?;
        }
        // The machine may have been started anew since its last turn.
        self.record.boot = clock::boot();
        self.launch(launch)
    }

    fn stop(&mut self, grace: Duration) -> Result<Stopped, SessionError> {
        let _held = self.lock(run::LOCK, PATIENCE)?;
        self.refresh()?;
        if let Status::Unknown(reason) = self.record.status_held(&self.room) {
            return Err(SessionError::Over {
                name: self.record.name.to_string(),
                status: format!("unknown: {reason}"),
            });
        }
        if self.record.headless && !self.record.stopped {
            self.record.stopped = true;
            self.record.save(&self.room)?;
        }
        let stopped = self.end_tree(grace)?;
        self.await_end();
        self.backend()?.discard(&self.room, &self.record)?;
        Ok(stopped)
    }

    fn send_input(&self, input: &Input) -> Result<(), SessionError> {
        let _writer = self.lock(run::WRITER, WRITERS_PATIENCE)?;
        let backend = self.require_running()?;
        let (room, record) = (&self.room, &self.record);
        match input {
            Input::Keys(bytes) => backend.keys(room, record, bytes),
            Input::Text { text, enter } => {
                let text = plain(text);
                if !text.is_empty() {
                    backend.paste(room, record, &text)?;
                }
                let Some(pause) = enter else {
                    return Ok(());
                };
                // No condition tells that a harness has taken the paste in; its own time limit is what is waited for.
                std::thread::sleep(*pause);
                backend.keys(room, record, b"\r")
            }
        }
    }

    fn get_output(&self, wanted: &Wanted) -> Result<String, SessionError> {
        let backend = self.backend()?;
        let text = backend.output(&self.room, &self.record, wanted.styled)?;
        Ok(wanted.of(&text))
    }

    fn follow(&self, sink: &mut dyn FnMut(&[u8]) -> bool) -> Result<(), SessionError> {
        let backend = self.require_running()?;
        backend.follow(&self.room, &self.record, sink)
    }

    fn attach(&self, beside: Option<&[OsString]>) -> Result<(), SessionError> {
        let backend = self.require_running()?;
        backend.attach(&self.room, &self.record, beside)
    }
}
