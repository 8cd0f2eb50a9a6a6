//! What went wrong, why, and the command to type next.

use std::fmt;

/// What kind of failure this is: the word a program reads (`error.code` in JSON), and through
/// [`crate::exit::code_of`] the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It was tried and did not work.
    Failed,
    /// The command line or a value on it makes no sense.
    Usage,
    /// A name that was looked up does not exist.
    NotFound,
    /// A name that was looked up could mean several things.
    Ambiguous,
    /// An agent without a name tried to write.
    NoAgent,
    /// The caller may not do this.
    NotAuthorised,
    /// Somebody else holds it.
    ClaimHeld,
    /// It collides with something that is already so.
    Conflict,
    /// It changed under the caller.
    Changed,
    /// The caller's issue is now somebody else's.
    Dispossessed,
    /// Not inside a git repository that can be opened.
    NoRepository,
    /// The repository has no documents yet.
    NoDocuments,
    /// A program that is needed is not installed.
    MissingProgram,
    /// Waited, and time ran out.
    TimedOut,
    /// A document cannot be read as what it should be.
    Unreadable,
    /// The lock was not had in time, or the outcome is unknown.
    LockTimeout,
    /// Refused for safety.
    Unsafe,
}

impl Kind {
    /// The word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Failed => "FAILED",
            Kind::Usage => "USAGE",
            Kind::NotFound => "NOT_FOUND",
            Kind::Ambiguous => "AMBIGUOUS",
            Kind::NoAgent => "NO_AGENT",
            Kind::NotAuthorised => "NOT_AUTHORISED",
            Kind::ClaimHeld => "CLAIM_HELD",
            Kind::Conflict => "CONFLICT",
            Kind::Changed => "CHANGED",
            Kind::Dispossessed => "DISPOSSESSED",
            Kind::NoRepository => "NO_REPOSITORY",
            Kind::NoDocuments => "NO_DOCUMENTS",
            Kind::MissingProgram => "MISSING_PROGRAM",
            Kind::TimedOut => "TIMED_OUT",
            Kind::Unreadable => "UNREADABLE",
            Kind::LockTimeout => "LOCK_TIMEOUT",
            Kind::Unsafe => "UNSAFE",
        }
    }

    /// Whether the same command may succeed later without anything else being done.
    pub fn retryable(self) -> bool {
        matches!(self, Kind::LockTimeout | Kind::Changed | Kind::TimedOut)
    }
}

/// A room's own errors say what kind they are and what to type next.
pub trait Explain: std::error::Error {
    /// What kind of failure this is.
    fn kind(&self) -> Kind;

    /// What to do about it, in words; usually empty because the command says enough.
    fn hint(&self) -> Option<String> {
        None
    }

    /// The command to type next.
    fn next(&self) -> Option<String> {
        None
    }
}

/// A failure on its way to a door.
#[derive(Debug)]
pub struct Error {
    /// What kind of failure this is.
    pub kind: Kind,
    /// What happened, as a sentence naming the thing.
    pub message: String,
    /// Why, outermost first.
    pub causes: Vec<String>,
    /// What to do, in words.
    pub hint: Option<String>,
    /// The command to type next.
    pub next: Option<String>,
}

impl Error {
    /// A failure of this kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Error {
        Error {
            kind,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
            next: None,
        }
    }

    /// With what to do about it, in words.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }

    /// With the command to type next.
    #[must_use]
    pub fn next(mut self, command: impl Into<String>) -> Error {
        self.next = Some(command.into());
        self
    }

    /// With a cause.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Error {
        self.causes.push(cause.to_string());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<E: Explain> From<E> for Error {
    fn from(error: E) -> Error {
        let message = error.to_string();
        let mut causes = Vec::new();
        let mut source = error.source();
        while let Some(cause) = source {
            let said = cause.to_string();
            // Many an error's own sentence ends in its cause.
            if !message.contains(&said) {
                causes.push(said);
            }
            source = cause.source();
        }
        Error {
            kind: error.kind(),
            message,
            causes,
            hint: error.hint(),
            next: error.next(),
        }
    }
}

/// What every verb returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;
