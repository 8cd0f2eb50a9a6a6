//! Why a branch was not checked out.

use std::path::PathBuf;

use crate::domain::shell::{self, word};
use crate::error::{Explain, Kind};
use crate::git::GitError;
use crate::host::lock::LockError;

/// Why a branch was not checked out. Nothing was changed, unless it is `HalfUndone`.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// Somebody else kept the lock under which git's configuration is changed.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Here is no worktree of the code.
    #[error("here is no worktree of the code to work in")]
    NoWorktree {
        /// The command that makes one.
        instead: Option<String>,
    },
    /// The worktree is another agent's.
    #[error("{} is {other}'s worktree; two agents never work in one checkout", at.display())]
    Labelled {
        /// The agent.
        other: String,
        /// The worktree.
        at: PathBuf,
        /// The command that makes one of its own.
        instead: Option<String>,
    },
    /// There is work that no commit holds.
    #[error("{} has uncommitted work: {first}{}", at.display(), if *more > 0 { format!(" and {more} more") } else { String::new() })]
    Unclean {
        /// The worktree.
        at: PathBuf,
        /// One of its paths.
        first: String,
        /// How many others.
        more: usize,
        /// The command that leaves it alone.
        instead: Option<String>,
    },
    /// The branch is checked out in another worktree.
    #[error("the branch {branch} is checked out in {}", at.display())]
    Elsewhere {
        /// The branch.
        branch: String,
        /// The other worktree.
        at: PathBuf,
    },
    /// Something stands where the worktree belongs.
    #[error("{} is there already, and is no worktree of this repository", at.display())]
    Occupied {
        /// The place.
        at: PathBuf,
    },
    /// The branch was made for another issue.
    #[error("the branch {branch} is #{other}'s, not #{issue}'s")]
    OtherIssue {
        /// The branch.
        branch: String,
        /// The issue it is for.
        other: u64,
        /// The issue that was asked for.
        issue: u64,
    },
    /// The issue's document names a branch that cannot be, or an agent's name makes no branch.
    #[error("{}the branch \"{name}\", which no branch can be called", issue.map(|issue| format!("#{issue} names ")).unwrap_or_default())]
    BadName {
        /// The name, shown.
        name: String,
        /// The issue.
        issue: Option<u64>,
    },
    /// A branch `a` leaves no room for `a/b`.
    #[error("the branch {name} stands in the way of {branch}")]
    InTheWay {
        /// The one that is there.
        name: String,
        /// The one that was to be made.
        branch: String,
    },
    /// There is nothing to begin at.
    #[error("there is no branch {main} to begin at")]
    NoMain {
        /// The configured main branch.
        main: String,
        /// The branch that is checked out, when it has a commit.
        head: Option<String>,
    },
    /// It failed, and taking it back failed in part.
    #[error("{error}")]
    HalfUndone {
        /// What failed.
        #[source]
        error: Box<CheckoutError>,
        /// What is left behind.
        left: Vec<String>,
    },
}

impl Explain for CheckoutError {
    fn kind(&self) -> Kind {
        match self {
            CheckoutError::Git(error) => error.kind(),
            CheckoutError::HalfUndone { error, .. } => error.kind(),
            CheckoutError::Lock(LockError::Busy { .. }) => Kind::LockTimeout,
            CheckoutError::Labelled { .. } => Kind::ClaimHeld,
            CheckoutError::Elsewhere { .. }
            | CheckoutError::Occupied { .. }
            | CheckoutError::OtherIssue { .. }
            | CheckoutError::InTheWay { .. } => Kind::Conflict,
            CheckoutError::BadName { .. } => Kind::Unsafe,
            CheckoutError::Lock(LockError::Open { .. })
            | CheckoutError::NoWorktree { .. }
            | CheckoutError::Unclean { .. }
            | CheckoutError::NoMain { .. } => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            CheckoutError::Git(error) => error.hint(),
            CheckoutError::HalfUndone { left, .. } => Some(format!(
                "not everything could be taken back ({})",
                left.join("; ")
            )),
            CheckoutError::Labelled { .. } | CheckoutError::NoWorktree { .. } => {
                Some("take a worktree of your own".to_owned())
            }
            CheckoutError::Unclean { instead, .. } => Some(match instead {
                Some(_) => {
                    "commit it, or leave it alone and take a worktree of your own".to_owned()
                }
                None => "commit it, or put it aside (git stash -u); look first".to_owned(),
            }),
            CheckoutError::Elsewhere { .. } => {
                Some("work there, or if nobody does, free the branch; its commits stay".to_owned())
            }
            CheckoutError::Occupied { .. } => {
                Some("move it away, or set coordination.caves".to_owned())
            }
            CheckoutError::OtherIssue { .. } => Some("put {number} into branchPattern".to_owned()),
            CheckoutError::BadName { issue: None, .. } => {
                Some("give the agent a name that ends in a letter or a digit".to_owned())
            }
            CheckoutError::BadName { .. } => {
                Some("take the line `branch:` out of its document".to_owned())
            }
            _ => None,
        }
    }

    fn next(&self) -> Option<String> {
        Some(match self {
            CheckoutError::Git(error) => return error.next(),
            CheckoutError::Lock(_) => "ghp status".to_owned(),
            CheckoutError::NoWorktree {
                instead: Some(instead),
            }
            | CheckoutError::Labelled {
                instead: Some(instead),
                ..
            }
            | CheckoutError::Unclean {
                instead: Some(instead),
                ..
            } => instead.clone(),
            CheckoutError::HalfUndone { .. }
            | CheckoutError::NoWorktree { .. }
            | CheckoutError::Labelled { .. } => "git worktree list".to_owned(),
            CheckoutError::Unclean { at, .. } => format!("git -C {} status", shell::path(at)),
            CheckoutError::Elsewhere { at, .. } => {
                format!("git -C {} switch --detach", shell::path(at))
            }
            CheckoutError::Occupied { at } => format!("ls -la {}", shell::path(at)),
            CheckoutError::OtherIssue { .. } => {
                "ghp config set branchPattern \"{user}/{number}-{title}\"".to_owned()
            }
            CheckoutError::BadName {
                issue: Some(issue), ..
            } => format!("ghp issue show {issue}"),
            CheckoutError::BadName { issue: None, .. } => "ghp session new --help".to_owned(),
            CheckoutError::InTheWay { name, .. } => {
                format!(
                    "git branch -m {} {}",
                    word(name),
                    word(&format!("{name}-old"))
                )
            }
            CheckoutError::NoMain {
                head: Some(head), ..
            } => format!("ghp config set mainBranch {}", word(head)),
            CheckoutError::NoMain { head: None, .. } => {
                "git commit --allow-empty -m \"first commit\"".to_owned()
            }
        })
    }
}
