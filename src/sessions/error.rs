//! What goes wrong with sessions.

use std::io;

use crate::error::{Explain, Kind};
use crate::host::lock::LockError;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// A program that is needed is not installed.
    #[error("{program} is not installed, or not on PATH")]
    NoProgram {
        /// Its name.
        program: String,
        /// How to get it.
        hint: Option<&'static str>,
    },
    /// A program that is needed is too old.
    #[error("{what}")]
    TooOld {
        /// Which, and how old it may be.
        what: String,
        /// How to get it.
        hint: &'static str,
    },
    /// No program was named.
    #[error("a session needs a program to run")]
    NoWords,
    /// A word, a variable or a folder holds a NUL byte.
    #[error("a word of the program, or a variable, holds a NUL byte")]
    Nul,
    /// A word of the program is too long.
    #[error("a word of the program is longer than a program takes ({} KiB)", super::LONGEST_WORD.div_ceil(1024))]
    TooLong,
    /// There is no such backend.
    #[error("there is no backend \"{name}\": {known}")]
    NoBackend {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// There is no such session.
    #[error("there is no session \"{name}\"")]
    Nobody {
        /// What was asked for.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
    },
    /// It runs, or may run.
    #[error("the session {name} is {status}")]
    Runs {
        /// Its name.
        name: String,
        /// What is known of it.
        status: String,
    },
    /// Somebody makes it just now.
    #[error("{name} is being started")]
    Made {
        /// Its name.
        name: String,
    },
    /// It does not run, so nothing can be typed or watched.
    #[error("the session {name} is {status}")]
    Over {
        /// Its name.
        name: String,
        /// What is known of it.
        status: String,
    },
    /// It takes no turn now.
    #[error("the session {name} is {status} and takes no turn now")]
    NoTurn {
        /// Its name.
        name: String,
        /// What is known of it.
        status: String,
    },
    /// Some of its processes are still there.
    #[error("{left} of the processes of {name} did not end, even by SIGKILL")]
    Unending {
        /// Its name.
        name: String,
        /// How many are left.
        left: usize,
    },
    /// The backend could not do it.
    #[error("{backend}: {said}")]
    Backend {
        /// Which backend.
        backend: &'static str,
        /// What it said.
        said: String,
    },
    /// A person's terminal is needed.
    #[error("attaching needs a terminal")]
    NoTerminal,
    /// The backend shows one terminal at a time.
    #[error("a session of the backend {backend} is shown alone")]
    NothingBeside {
        /// Which backend.
        backend: &'static str,
    },
    /// Another command is at work on it.
    #[error(transparent)]
    Busy(#[from] LockError),
    /// The record cannot be read.
    #[error("the record of the session {name} cannot be read")]
    Unreadable {
        /// Its name.
        name: String,
        /// Why.
        source: serde_json::Error,
    },
    /// A system call failed.
    #[error("cannot {what} {path}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: String,
        /// Why not.
        source: io::Error,
    },
}

impl SessionError {
    /// A failure of the system while doing `what` to `path`.
    pub(super) fn io(
        what: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(io::Error) -> SessionError + use<> {
        let path = path.display().to_string();
        move |source| SessionError::Io { what, path, source }
    }
}

impl Explain for SessionError {
    fn kind(&self) -> Kind {
        match self {
            SessionError::NoProgram { .. } | SessionError::TooOld { .. } => Kind::MissingProgram,
            SessionError::NoWords
            | SessionError::Nul
            | SessionError::TooLong
            | SessionError::NoTerminal
            | SessionError::NothingBeside { .. } => Kind::Usage,
            SessionError::NoBackend { .. } | SessionError::Nobody { .. } => Kind::NotFound,
            SessionError::Runs { .. }
            | SessionError::Made { .. }
            | SessionError::Over { .. }
            | SessionError::NoTurn { .. } => Kind::Conflict,
            SessionError::Busy(LockError::Busy { .. }) => Kind::LockTimeout,
            SessionError::Unreadable { .. } => Kind::Unreadable,
            SessionError::Busy(LockError::Open { .. })
            | SessionError::Unending { .. }
            | SessionError::Backend { .. }
            | SessionError::Io { .. } => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            SessionError::NoProgram { hint, .. } => hint.map(str::to_owned),
            SessionError::TooOld { hint, .. } => Some((*hint).to_owned()),
            SessionError::Nobody {
                nearest: Some(nearest),
                ..
            } => Some(format!("do you mean {nearest}?")),
            SessionError::Unreadable { .. } => {
                Some("its processes may still run; nothing of it is touched".to_owned())
            }
            _ => None,
        }
    }

    fn next(&self) -> Option<String> {
        let next = match self {
            SessionError::NoProgram { .. }
            | SessionError::TooOld { .. }
            | SessionError::NoBackend { .. } => {
                "ghp session new NAME --backend process -- COMMAND".to_owned()
            }
            SessionError::NoWords | SessionError::Nul | SessionError::TooLong => {
                "ghp session new --help".to_owned()
            }
            SessionError::Nobody {
                nearest: Some(nearest),
                ..
            } => format!("ghp session show {nearest}"),
            SessionError::Runs { name, .. } => format!("ghp session stop {name}"),
            SessionError::Over { name, .. } => format!("ghp session output {name}"),
            SessionError::NoTurn { name, .. } => format!("ghp session show {name}"),
            SessionError::NothingBeside { .. } => "ghp status --watch".to_owned(),
            SessionError::NoTerminal => "ghp session output NAME".to_owned(),
            _ => "ghp session list".to_owned(),
        };
        Some(next)
    }
}
