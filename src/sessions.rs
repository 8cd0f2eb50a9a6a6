//! Sessions: running programs of agents, each in a terminal of its own that outlives whoever started it.
//!
//! A backend keeps the terminal: `tmux` (a private server) or `process` (a host process of ours with a PTY). What is
//! known of a session is one record on this machine, `<common>/ghp/run/NAME/record.json`; whether it runs is always
//! asked of the backend, and a question that failed is [`Status::Unknown`], never "gone".
//!
//! How a verb uses it:
//!
//! ```no_run
//! use std::time::Duration;
//! use ghp::sessions::{Input, Launch, SessionManager, Sessions, Wanted};
//! # fn verb(local: &std::path::Path, mut launch: Launch) -> ghp::error::Result<()> {
//! let sessions = Sessions::open(local)?;                  // project.sessions()? in a verb
//! launch.id = sessions.new_id()?;                         // becomes GHP_SESSION; or Launch::new does it all
//! let mut session = sessions.create(&launch)?;            // refused (exit 4) while one of this name runs
//! session.start(&launch)?;                                // on failure nothing is left behind
//! session.send_input(&Input::text("Hello", Duration::from_millis(150)))?; // pasted, then Enter: one lock for both
//! let text = session.get_output(&Wanted { lines: Some(50), styled: false })?;
//! for listed in sessions.all()?.sessions {                // every record with its state: one question a backend
//!     println!("{} {:?}", listed.record.name, listed.status);
//! }
//! sessions.get("worker-1")?.stop(Duration::from_secs(2))?; // the whole tree of processes
//! sessions.remove("worker-1")?;                           // forgets it; refused while it runs
//! # let _ = text; Ok(())
//! # }
//! ```
//!
//! What is *not* here: worktrees, Working Context, providers, whether an agent is idle (hooks say that), documents.
//! `run/NAME/` of a session is its own: [`Record::folder`] names it, for files that shall go with it.

pub mod backend;
mod environment;
mod error;
mod input;
mod launch;
mod live;
pub mod provider;
mod record;
mod room;
mod runner;
mod status;
mod stray;

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

pub use error::SessionError;
pub use input::{Input, Wanted};
pub use launch::{LONGEST_WORD, Launch, Size};
pub use record::{Listed, Listing, Record};
pub use room::Room;
pub use status::{Status, Stopped};
pub use stray::{Orphan, Strays, Terminal};

use crate::domain::id::AgentId;
use crate::domain::nearest::nearest;
use crate::host::lock::{Lock, LockError, lock};
use crate::host::process;
use crate::store::layout::run;
use backend::process::keeper;
use live::Live;

/// A session, running or not.
pub trait Session {
    /// Its unguessable id, the `GHP_SESSION` of every process in it.
    fn id(&self) -> &str;

    /// The folder that it works in, which is its cave's.
    fn workspace_id(&self) -> String;

    /// What is on record of it.
    fn record(&self) -> &Record;

    /// Whether it runs, asked now.
    fn status(&self) -> Result<Status, SessionError>;

    /// Starts the program; when this returns it has a terminal and is on record. A program that cannot be found is
    /// [`SessionError::NoProgram`]; after any error nothing of the session is left.
    fn start(&mut self, launch: &Launch) -> Result<(), SessionError>;

    /// Begins a turn of a session without a screen: its program is started again, with other words. Refused while a turn
    /// goes on, and once it was stopped. After an error it is as it was.
    fn turn(&mut self, launch: &Launch) -> Result<(), SessionError>;

    /// Ends every process of it: SIGTERM, the deepest first; after `grace` SIGKILL. Its record and output stay. Ending
    /// what has ended is no error.
    fn stop(&mut self, grace: Duration) -> Result<Stopped, SessionError>;

    /// Types into its terminal; returns when the terminal has taken all of it. One writer at a time, in the order they
    /// came.
    fn send_input(&self, input: &Input) -> Result<(), SessionError>;

    /// What is on its screen and above it, as lines of text without trailing empty ones. Also after its end, as far as
    /// its backend kept it. It comes from a program: escape it before it is shown.
    fn get_output(&self, wanted: &Wanted) -> Result<String, SessionError>;

    /// Hands on what the terminal is sent from now on, byte by byte, until the session ends or `sink` says `false`.
    fn follow(&self, sink: &mut dyn FnMut(&[u8]) -> bool) -> Result<(), SessionError>;

    /// Joins the caller's terminal to it until the person detaches or the session ends. `beside`: a program and its words
    /// that are shown beside it meanwhile, where the backend can.
    fn attach(&self, beside: Option<&[OsString]>) -> Result<(), SessionError>;
}

/// Makes, finds and forgets sessions.
pub trait SessionManager {
    /// Reserves the name and puts the session on record; [`Session::start`] starts it. An ended session of that name is
    /// replaced; one that runs, or of which nobody can tell, is refused ([`SessionError::Runs`]).
    fn create(&self, launch: &Launch) -> Result<Box<dyn Session>, SessionError>;

    /// The session of this name; [`SessionError::Nobody`] names the nearest.
    fn get(&self, name: &str) -> Result<Box<dyn Session>, SessionError>;

    /// Every session on record, by name; for their states at once see [`Sessions::all`].
    fn list(&self) -> Result<Vec<Box<dyn Session>>, SessionError>;

    /// Forgets a session that does not run: record, output, everything beneath `run/NAME/`. Not its cave.
    fn remove(&self, name: &str) -> Result<(), SessionError>;
}

/// The sessions of one repository on this machine.
#[derive(Debug, Clone)]
pub struct Sessions {
    room: Room,
}

/// A part that this program plays for a session, under words that no person types.
#[derive(Debug)]
pub struct Part {
    words: Vec<OsString>,
}

/// The part that the command line asks for, if it does.
pub fn part() -> Option<Part> {
    let words: Vec<OsString> = std::env::args_os().skip(1).take(4).collect();
    let first = words.first()?;
    (first == runner::WORD || first == keeper::WORD).then_some(Part { words })
}

impl Part {
    /// Plays it, and ends the process.
    pub fn play(self) -> ! {
        let folder = Path::new(
            self.words
                .get(1)
                .map_or("".as_ref(), |word| word.as_os_str()),
        );
        if self.words[0] == keeper::WORD {
            let number = |at: usize| self.words.get(at)?.to_str()?.parse::<u16>().ok();
            let size = number(2).zip(number(3));
            let size = size.map_or_else(Size::default, |(columns, rows)| Size { columns, rows });
            process::end(keeper::main(folder, size))
        }
        let takes_terminal = self
            .words
            .get(2)
            .is_some_and(|word| word == runner::TAKE_TERMINAL);
        process::end(runner::main(folder, takes_terminal))
    }
}

/// Whoever looks whether a lock is held has it for less than this.
const LOOKERS: Duration = Duration::from_millis(500);
/// How long to wait for another command that is at work on the same session.
const PATIENCE: Duration = Duration::from_secs(10);

impl Sessions {
    /// Those of the repository whose machine-local folder (`<common>/ghp`) this is.
    pub fn open(local: &Path) -> Result<Sessions, SessionError> {
        Ok(Sessions {
            room: Room::new(local)?,
        })
    }

    /// With another program than this one to keep terminals: `ghp`, for tests that are another program.
    #[must_use]
    pub fn with_program(mut self, program: &Path) -> Sessions {
        program.clone_into(&mut self.room.program);
        self
    }

    /// A fresh id: which repository, and 128 bits that nobody can guess.
    pub fn new_id(&self) -> Result<String, SessionError> {
        self.room.new_id()
    }

    /// Where sessions lie and what keeps their terminals.
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// Nobody else makes the session of this name, nor its cave, until this is dropped; [`SessionError::Made`] when somebody
    /// does already.
    pub fn make(&self, name: &AgentId) -> Result<Lock, SessionError> {
        self.room.make_folder(name.as_str())?;
        let path = self.room.local.join(run::file(name.as_str(), run::MAKER));
        lock(&path, || LOOKERS).map_err(|error| match error {
            LockError::Busy { .. } => SessionError::Made {
                name: name.to_string(),
            },
            error @ LockError::Open { .. } => error.into(),
        })
    }

    /// Whether somebody makes the session of this name just now.
    pub fn is_being_made(&self, name: &str) -> bool {
        self.room.is_locked(name, run::MAKER)
    }

    /// Every session on record with its state, by name.
    pub fn all(&self) -> Result<Listing, SessionError> {
        record::all(&self.room)
    }

    /// Whether somebody starts, stops or removes the session of this id just now.
    pub fn is_being_changed(&self, id: &str) -> Result<bool, SessionError> {
        for name in record::names(&self.room)? {
            if Record::load(&self.room, &name)?.is_some_and(|record| record.id == id) {
                return Ok(self.room.is_locked(&name, run::LOCK));
            }
        }
        Ok(false)
    }

    /// What stands on the screen of each of these, as text, in their order; `None`: it cannot be read now.
    pub fn screens(&self, records: &[&Record]) -> Vec<Option<String>> {
        let mut screens = vec![None; records.len()];
        for backend in backend::BACKENDS {
            let of = |at: &usize| records[*at].backend == backend.name();
            let asked: Vec<usize> = (0..records.len()).filter(of).collect();
            let theirs: Vec<&Record> = asked.iter().map(|at| records[*at]).collect();
            if !theirs.is_empty() {
                let seen = backend.screens(&self.room, &theirs);
                asked
                    .into_iter()
                    .zip(seen)
                    .for_each(|(at, seen)| screens[at] = seen);
            }
        }
        screens
    }

    fn live(&self, record: Record) -> Box<dyn Session> {
        Box::new(Live::new(self.room.clone(), record))
    }

    fn load(&self, name: &str) -> Result<Record, SessionError> {
        match Record::load(&self.room, name)? {
            Some(record) => Ok(record),
            None => Err(SessionError::Nobody {
                name: crate::domain::escape::one_line(name, 80),
                nearest: {
                    let names = record::names(&self.room)?;
                    nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
                },
            }),
        }
    }
}

impl SessionManager for Sessions {
    fn create(&self, launch: &Launch) -> Result<Box<dyn Session>, SessionError> {
        let backend = backend::named(&launch.backend)?;
        backend.require()?;
        launch.require_program()?;
        let name = launch.name.as_str();
        self.room.make_folder(name)?;
        let path = self.room.local.join(run::file(name, run::LOCK));
        let held = lock(&path, || PATIENCE)?;
        if let Some(before) = Record::load(&self.room, name)? {
            let status = before.status_held(&self.room);
            if !status.is_over() {
                return Err(SessionError::Runs {
                    name: name.to_owned(),
                    status: status.to_string(),
                });
            }
            // What is left of it would count as this one's.
            backend::named(&before.backend)?.discard(&self.room, &before)?;
        }
        self.room.empty_folder(name)?;
        let record = Record::new(launch);
        record.save(&self.room)?;
        Ok(Box::new(Live::starting(self.room.clone(), record, held)))
    }

    fn get(&self, name: &str) -> Result<Box<dyn Session>, SessionError> {
        Ok(self.live(self.load(name)?))
    }

    fn list(&self) -> Result<Vec<Box<dyn Session>>, SessionError> {
        let names = record::names(&self.room)?;
        let records = names
            .iter()
            .map(|name| Record::load(&self.room, name))
            .collect::<Result<Vec<_>, _>>()?;
        let records = records.into_iter().flatten();
        Ok(records.map(|record| self.live(record)).collect())
    }

    fn remove(&self, name: &str) -> Result<(), SessionError> {
        let record = self.load(name)?;
        let path = self.room.local.join(run::file(name, run::LOCK));
        let _held = lock(&path, || PATIENCE)?;
        let status = record.status_held(&self.room);
        if !status.is_over() {
            return Err(SessionError::Runs {
                name: name.to_owned(),
                status: status.to_string(),
            });
        }
        backend::named(&record.backend)?.discard(&self.room, &record)?;
        self.room.remove_folder(name)
    }
}
