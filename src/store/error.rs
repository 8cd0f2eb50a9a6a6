//! Why documents could not be read or written.

use std::io;
use std::path::Path;

use super::branch::BranchError;
use crate::documents::front_matter::Malformed;
use crate::error::{Explain, Kind};
use crate::host::folder::is_refusal;
use crate::host::lock::LockError;

/// Why documents could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else kept the lock.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A document is not what it should be. It is left as it is.
    #[error("{path} cannot be read: {malformed}")]
    Unreadable {
        /// The document.
        path: String,
        /// Where and why.
        malformed: Malformed,
    },
    /// A document would be larger than what is read.
    #[error("{path} would become unreadable: {what}")]
    TooLarge {
        /// The document.
        path: String,
        /// Which limit.
        what: String,
    },
    /// A person saved a document again and again while we wanted to write it.
    #[error("{0} changed while it was being written")]
    Changed(String),
    /// The system refused.
    #[error("cannot {what} {path}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The record may or may not be on the disk.
    #[error("the disk failed while the decision was made durable: it may or may not stand")]
    Unknown(#[source] io::Error),
    /// A person has another branch checked out among the documents.
    #[error("the documents are on {0}, not on the branch ghp")]
    Detached(String),
    /// Git failed.
    #[error(transparent)]
    Branch(#[from] BranchError),
}

impl StoreError {
    pub(super) fn io(what: &'static str, path: impl AsRef<Path>, source: io::Error) -> StoreError {
        StoreError::Io {
            what,
            path: path.as_ref().display().to_string(),
            source,
        }
    }

    /// Whether the system forbids writing where the documents are, as a sandbox does.
    pub fn is_forbidden(&self) -> bool {
        let (StoreError::Io { source, .. } | StoreError::Lock(LockError::Open { source, .. })) =
            self
        else {
            return false;
        };
        matches!(
            source.kind(),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
        )
    }

    /// Whether somebody else kept the lock.
    pub fn is_busy(&self) -> bool {
        matches!(self, StoreError::Lock(LockError::Busy { .. }))
    }

    pub(super) fn not_text(path: &str, content: &[u8], valid: usize) -> StoreError {
        let before = &content[..valid];
        let line = before.split(|byte| *byte == b'\n').count();
        let column = before
            .iter()
            .rev()
            .take_while(|byte| **byte != b'\n')
            .count()
            + 1;
        let malformed = Malformed {
            line,
            column,
            what: "not UTF-8 text".to_owned(),
        };
        StoreError::Unreadable {
            path: path.to_owned(),
            malformed,
        }
    }
}

impl Explain for StoreError {
    fn kind(&self) -> Kind {
        match self {
            StoreError::Lock(LockError::Busy { .. }) | StoreError::Unknown(_) => Kind::LockTimeout,
            StoreError::Lock(LockError::Open { source, .. }) | StoreError::Io { source, .. } => {
                if is_refusal(source) {
                    Kind::Unsafe
                } else if source.kind() == io::ErrorKind::FileTooLarge
                    // Said by the system, it means that a limit forbids writing.
                    && source.raw_os_error().is_none()
                {
                    Kind::Unreadable
                } else {
                    Kind::Failed
                }
            }
            StoreError::Unreadable { .. } => Kind::Unreadable,
            StoreError::TooLarge { .. } => Kind::Usage,
            StoreError::Changed(_) => Kind::Changed,
            StoreError::Detached(_) => Kind::NoDocuments,
            StoreError::Branch(_) => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            StoreError::Lock(LockError::Busy { .. }) => {
                Some("nothing was changed; try again when it is done".to_owned())
            }
            StoreError::Unreadable { .. } => {
                Some("it is left as it is; correct it by hand, or let ghp rebuild it".to_owned())
            }
            StoreError::TooLarge { .. } => Some(
                "nothing was changed; say less, or put it into a file and name that".to_owned(),
            ),
            StoreError::Unknown(_) => Some("look whether it stands before trying again".to_owned()),
            StoreError::Changed(_) => Some("nothing was changed; run the command again".to_owned()),
            _ => None,
        }
    }

    fn next(&self) -> Option<String> {
        Some(match self {
            StoreError::Unreadable { .. } => "ghp doctor --fix".to_owned(),
            StoreError::Detached(_) => "git -C .ghp switch ghp".to_owned(),
            StoreError::Lock(LockError::Busy { .. })
            | StoreError::Unknown(_)
            | StoreError::Changed(_) => "ghp log".to_owned(),
            StoreError::TooLarge { .. } => "ghp help formats".to_owned(),
            _ => "ghp doctor".to_owned(),
        })
    }
}
