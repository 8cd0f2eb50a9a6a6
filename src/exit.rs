//! The public exit codes: by what the caller should do next.

use crate::error::Kind;

/// An exit code of `ghp`. These numbers are a promise to scripts and agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// It was tried and failed: read the message.
    Failed = 1,
    /// The command or a name on it is not known: correct it.
    Usage = 2,
    /// Not authorised: ask whoever the message names.
    NotAuthorised = 3,
    /// Somebody else has it: take another.
    Unavailable = 4,
    /// Changed under you: read again.
    Changed = 5,
    /// Your issue is somebody else's now: stop writing.
    Dispossessed = 6,
    /// Something is missing: set it up.
    Missing = 7,
    /// Findings: `doctor`, `conflicts --exit-code`, `stale --exit-code`.
    Findings = 8,
    /// Waited, and time ran out; the thing itself stands.
    TimedOut = 9,
    /// A document cannot be read: `ghp doctor`.
    Unreadable = 65,
    /// The lock was not had in time, or the outcome is unknown: retry later.
    Retry = 75,
    /// Refused for safety.
    Unsafe = 77,
}

impl Exit {
    /// Every code with its meaning, for `ghp help exit-codes` and docs/exit-codes.md.
    pub const ALL: &[(Exit, &str)] = &[
        (Exit::Done, "done"),
        (Exit::Failed, "failed: read the message"),
        (
            Exit::Usage,
            "usage, or an unknown name: correct the command",
        ),
        (
            Exit::NotAuthorised,
            "not authorised: ask whoever the message names",
        ),
        (
            Exit::Unavailable,
            "unavailable, somebody else has it: take another",
        ),
        (Exit::Changed, "changed under you: read again"),
        (
            Exit::Dispossessed,
            "your issue is somebody else's now: stop writing",
        ),
        (
            Exit::Missing,
            "something is missing (repository, .ghp, a program): set it up",
        ),
        (
            Exit::Findings,
            "findings (doctor, conflicts --exit-code, stale --exit-code)",
        ),
        (
            Exit::TimedOut,
            "waited, and time ran out; the thing itself stands",
        ),
        (Exit::Unreadable, "a document cannot be read: ghp doctor"),
        (Exit::Retry, "lock timeout or outcome unknown: retry later"),
        (Exit::Unsafe, "refused for safety"),
    ];
}

/// The exit code of a kind of failure.
pub fn code_of(kind: Kind) -> Exit {
    match kind {
        Kind::Failed => Exit::Failed,
        Kind::Usage | Kind::NotFound | Kind::Ambiguous | Kind::NoAgent => Exit::Usage,
        Kind::NotAuthorised => Exit::NotAuthorised,
        Kind::ClaimHeld | Kind::Conflict => Exit::Unavailable,
        Kind::Changed => Exit::Changed,
        Kind::Dispossessed => Exit::Dispossessed,
        Kind::NoRepository | Kind::NoDocuments | Kind::MissingProgram => Exit::Missing,
        Kind::TimedOut => Exit::TimedOut,
        Kind::Unreadable => Exit::Unreadable,
        Kind::LockTimeout => Exit::Retry,
        Kind::Unsafe => Exit::Unsafe,
    }
}
