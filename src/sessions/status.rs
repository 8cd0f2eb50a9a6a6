//! Whether a session runs.

use std::fmt;

/// The state of a session's program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It runs.
    Running {
        /// Its first process.
        pid: u32,
    },
    /// It has no screen, and no turn of it goes on: the next prompt starts its program again.
    Resting {
        /// The exit code of its last turn.
        code: Option<i32>,
        /// The signal that ended its last turn.
        signal: Option<i32>,
    },
    /// It has ended.
    Exited {
        /// With this exit code.
        code: Option<i32>,
        /// By this signal.
        signal: Option<i32>,
    },
    /// Its terminal is gone, and nobody saw how it ended: killed from outside, or the machine was started anew.
    Lost,
    /// Nobody can tell, for this reason. It may well run: nothing of it may be touched.
    Unknown(String),
}

impl Status {
    /// Whether it certainly does not run.
    pub fn is_over(&self) -> bool {
        matches!(self, Status::Exited { .. } | Status::Lost)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Running { .. } => f.write_str("running"),
            Status::Resting { .. } => f.write_str("idle"),
            Status::Exited {
                signal: Some(signal),
                ..
            } => write!(f, "exited(signal {signal})"),
            Status::Exited {
                code: Some(code), ..
            } => write!(f, "exited({code})"),
            Status::Exited { .. } => f.write_str("exited"),
            Status::Lost => f.write_str("lost"),
            Status::Unknown(reason) => write!(f, "unknown: {reason}"),
        }
    }
}

/// What a stop did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stopped {
    /// How many processes ended.
    pub ended: usize,
    /// How many of them only SIGKILL ended.
    pub killed: usize,
}
