//! Git's locks among the documents that nobody holds any more: git locks by a file's existence, and whoever is killed, or
//! meets a broken disk, leaves the file behind. Every checkpoint then waits for good.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::link::{self, Link};
use super::place::{self, Place};
use super::{GitError, files, index};
use crate::domain::time::Timestamp;
use crate::host::process;
use crate::store::layout;

/// A younger one is somebody at work, in seconds.
const OLD: i64 = 60;

/// A lock that was left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The file.
    pub path: PathBuf,
    /// It locks the branch of documents, which is ours to move; any other lock may be a person's unfinished work.
    pub of_branch: bool,
}

/// The locks that are older than a minute while no git works in any worktree of this repository. Where the system does not
/// tell which programs run, none.
pub fn left_behind(place: &Place, now: Timestamp) -> Result<Vec<Left>, GitError> {
    let common = files::physical(&place.common)?;
    let branch = format!("refs/heads/{}.lock", layout::BRANCH);
    let mut left = vec![Left {
        path: common.join(branch),
        of_branch: true,
    }];
    if let Some(root) = place.documents()?
        && let Link::Sound(admin) = link::read(&root, &common)?
    {
        let mut names = vec!["HEAD.lock"];
        // The next checkpoint removes its own.
        if !index::is_ours(&admin)? {
            names.push("index.lock");
        }
        left.extend(names.into_iter().map(|name| Left {
            path: admin.join(name),
            of_branch: false,
        }));
    }
    left.retain(|lock| is_old(&lock.path, now));
    if !left.is_empty() && is_git_at_work(&common) {
        left.clear();
    }
    Ok(left)
}

/// Removes a lock of the branch of documents. The caller holds the store's lock, and looked with it.
pub fn remove(lock: &Left) -> Result<(), GitError> {
    files::remove(&lock.path)
}

fn is_old(path: &Path, now: Timestamp) -> bool {
    path.symlink_metadata()
        .is_ok_and(|there| now.seconds() - there.mtime() > OLD)
}

fn is_git_at_work(common: &Path) -> bool {
    let is_here = |folder: &Option<PathBuf>| {
        folder.as_ref().is_none_or(|folder| {
            place::guess(folder)
                .and_then(|place| files::physical(&place.common).ok())
                .is_none_or(|theirs| theirs == common)
        })
    };
    process::folders_of("git").is_none_or(|folders| folders.iter().any(is_here))
}
