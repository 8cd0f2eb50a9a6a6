//! The public exit codes: by what the caller should do next.

use crate::error::Kind;

/// An exit code of `ghp`. These numbers are a promise to scripts and agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// It was tried and failed: read the message.
    Failed,
    /// The command or a name on it is not known: correct it.
    Usage,
    /// Not authorised: ask whoever the message names.
    NotAuthorised,
    /// Somebody else has it: take another.
    Unavailable,
    /// Changed under you: read again.
    Changed,
    /// Your issue is somebody else's now: stop writing.
    Dispossessed,
    /// Something is missing: set it up.
    Missing,
    /// Findings: `doctor`, `conflicts --exit-code`, `stale --exit-code`.
    Findings,
    /// Waited, and time ran out; the thing itself stands.
    TimedOut,
    /// A document cannot be read: `ghp doctor`.
    Unreadable,
    /// The lock was not had in time, or the outcome is unknown: retry later.
    Retry,
    /// Refused for safety.
    Unsafe,
    /// That of the program that was run on the caller's behalf (`monitor`).
    Theirs(u8),
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

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::NotAuthorised => 3,
            Exit::Unavailable => 4,
            Exit::Changed => 5,
            Exit::Dispossessed => 6,
            Exit::Missing => 7,
            Exit::Findings => 8,
            Exit::TimedOut => 9,
            Exit::Unreadable => 65,
            Exit::Retry => 75,
            Exit::Unsafe => 77,
            Exit::Theirs(code) => code,
        }
    }
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
