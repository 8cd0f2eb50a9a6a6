//! Git: where the repository is, the branch of documents and its worktree. Hot verbs read a few small files by
//! hand; everything else asks libgit2, and the `git` program only where it is measurably better.

pub mod branch;
pub mod changes;
pub mod checkout;
pub mod checkouts;
pub mod code_config;
pub mod command;
pub mod commits;
mod differences;
pub mod differs;
mod files;
mod first;
mod guarded;
pub mod history;
pub mod hook_files;
pub mod ignored;
mod index;
pub mod index_changes;
mod index_file;
mod link;
pub mod locks;
pub mod migrate;
mod objects;
pub mod pack;
pub mod place;
mod quarantine;
pub mod radar;
pub mod refs;
pub mod removal;
pub mod settings;
pub mod sides;
pub mod snapshot;
pub mod staged;
#[cfg(test)]
mod testing;
pub mod tracked;
pub mod trailers;
pub mod uncommitted;
pub mod untracked;
pub mod work;
pub mod worktree;

use std::io;
use std::path::{Path, PathBuf};

use crate::domain::shell::{self, word};
use crate::error::{Explain, Kind};
use crate::store::branch::BranchError;
use crate::store::layout;

/// What the git room could not do.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// Neither this folder nor one above it is a git repository.
    #[error("{} is {}", at.display(), match gone {
        None => "not in a git repository".to_owned(),
        Some(gone) => format!("in a worktree of a repository that is no longer there: {}", gone.display()),
    })]
    NoRepository {
        /// Where the search began.
        at: PathBuf,
        /// What a worktree's `.git` there leads to, and is gone.
        gone: Option<PathBuf>,
    },
    /// A repository of a kind that libgit2 does not read (SHA-256, reftable).
    #[error("cannot open the git repository at {}: {why}", at.display())]
    Unsupported {
        /// Where the search began.
        at: PathBuf,
        /// What libgit2 said.
        why: String,
    },
    /// A bare repository inside another one's work tree.
    #[error("the bare repository at {} lies inside another repository, which may have brought it", at.display())]
    Embedded {
        /// Its place.
        at: PathBuf,
    },
    /// Another user's repository.
    #[error("the git repository at {} belongs to another user", at.display())]
    NotOwned {
        /// Where the search began.
        at: PathBuf,
    },
    /// A linked worktree whose main worktree cannot be told.
    #[error("from this worktree git does not tell where the main worktree of {} is", common.display())]
    MainUnknown {
        /// The common git dir.
        common: PathBuf,
    },
    /// There is no such revision of the documents.
    #[error("the documents have no revision {revision}")]
    NoRevision {
        /// What was asked for.
        revision: String,
    },
    /// There is no such commit of the code.
    #[error("there is no commit {name}")]
    NoCommit {
        /// What was asked for.
        name: String,
    },
    /// There is no branch of documents here.
    #[error("no documents: there is no branch \"{}\"", layout::BRANCH)]
    NoDocuments,
    /// The branch's name is in use for something else.
    #[error(
        "the branch \"{name}\" stands in the way: \"{}\" is the branch of the documents",
        layout::BRANCH
    )]
    ForeignBranch {
        /// The branch that is somebody's.
        name: String,
    },
    /// A symlink stands where the documents' folder belongs.
    #[error("{} is a symlink or no folder: not followed", at.display())]
    NotAFolder {
        /// The thing in the way.
        at: PathBuf,
    },
    /// The `git` program is not installed.
    #[error("the program \"git\" was not found")]
    NoProgram,
    /// The `git` program failed.
    #[error("git {command} failed: {said}")]
    Command {
        /// Its first words.
        command: String,
        /// What it said.
        said: String,
    },
    /// A file could not be read or written.
    #[error("{}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// libgit2 failed.
    #[error("{what}: {}", source.message())]
    Library {
        /// What was tried.
        what: &'static str,
        /// What it said.
        source: git2::Error,
    },
}

impl GitError {
    /// A failure of libgit2 at opening the repository around `at`.
    fn opening(at: &Path, error: &git2::Error) -> GitError {
        let at = at.to_owned();
        match error.code() {
            git2::ErrorCode::Owner => GitError::NotOwned { at },
            git2::ErrorCode::NotFound => {
                let (at, gone) = match place::gone(&at) {
                    Some((top, gone)) => (top, Some(gone)),
                    None => (at, None),
                };
                GitError::NoRepository { at, gone }
            }
            _ => GitError::Unsupported {
                at,
                why: error.message().to_owned(),
            },
        }
    }

    /// For `map_err`: libgit2 failed at `what`.
    fn at(what: &'static str) -> impl Fn(git2::Error) -> GitError {
        move |source| GitError::Library { what, source }
    }

    /// For `map_err`: this file could not be read or written.
    fn file(path: &Path) -> impl Fn(io::Error) -> GitError + '_ {
        move |source| GitError::File {
            path: path.to_owned(),
            source,
        }
    }
}

impl Explain for GitError {
    fn kind(&self) -> Kind {
        match self {
            GitError::NoRepository { .. }
            | GitError::Unsupported { .. }
            | GitError::MainUnknown { .. } => Kind::NoRepository,
            GitError::NoDocuments => Kind::NoDocuments,
            GitError::NoRevision { .. } | GitError::NoCommit { .. } => Kind::NotFound,
            GitError::NotOwned { .. } | GitError::Embedded { .. } | GitError::NotAFolder { .. } => {
                Kind::Unsafe
            }
            GitError::ForeignBranch { .. } => Kind::Conflict,
            GitError::NoProgram => Kind::MissingProgram,
            GitError::Command { .. } | GitError::File { .. } | GitError::Library { .. } => {
                Kind::Failed
            }
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            GitError::Unsupported { .. } => {
                "repositories with SHA-1 objects and ordinary ref files can be used".into()
            }
            GitError::NoRepository { gone: Some(_), .. } => {
                "if it was moved, say so in its main worktree".into()
            }
            GitError::NotOwned { .. } => "if you trust it, tell git so".into(),
            GitError::Embedded { .. } => "if you mean it, name it".into(),
            GitError::MainUnknown { .. } => "run ghp init in the main worktree".into(),
            GitError::NoProgram => "install git 2.34 or newer".into(),
            _ => return None,
        })
    }

    fn next(&self) -> Option<String> {
        Some(match self {
            GitError::NoRepository { at, gone: Some(_) } => {
                format!("git worktree repair {}", shell::path(at))
            }
            GitError::NoRepository { .. } => "git init".into(),
            GitError::NoCommit { .. } => "git log --oneline --all".into(),
            GitError::Unsupported { at, .. } => {
                format!("git -C {} config --list --local", shell::path(at))
            }
            GitError::Embedded { at } => format!("GIT_DIR={} ghp status", at.display()),
            GitError::NotOwned { at } => {
                format!(
                    "git config --global --add safe.directory {}",
                    shell::path(at)
                )
            }
            GitError::NoRevision { .. } => "ghp log".into(),
            GitError::NoDocuments | GitError::MainUnknown { .. } => "ghp init".into(),
            GitError::ForeignBranch { name } => {
                let other = name.replacen("ghp", "other", 1);
                format!("git branch -m {} {}", word(name), word(&other))
            }
            GitError::NotAFolder { at } => format!("ls -ld {}", shell::path(at)),
            GitError::NoProgram => "sudo apt install git".into(),
            GitError::Command { .. } | GitError::File { .. } | GitError::Library { .. } => {
                "ghp doctor".into()
            }
        })
    }
}

impl From<GitError> for BranchError {
    fn from(error: GitError) -> BranchError {
        let cause =
            std::error::Error::source(&error).filter(|_| matches!(error, GitError::File { .. }));
        BranchError {
            what: cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}")),
        }
    }
}
