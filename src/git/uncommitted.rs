//! Work in a worktree that no commit holds.

use std::path::Path;

use git2::{Repository, Status, StatusOptions};

use super::GitError;
use super::work::Changed;

/// The paths that `git status` shows in a worktree: changed, staged or untracked ones, an untracked folder as one.
pub fn paths(worktree: &Path) -> Result<Vec<String>, GitError> {
    Ok(changes(worktree)?
        .into_iter()
        .map(|change| change.path)
        .collect())
}

/// The same, each with how.
pub fn changes(worktree: &Path) -> Result<Vec<Changed>, GitError> {
    let repository =
        Repository::open(worktree).map_err(|error| GitError::opening(worktree, &error))?;
    let mut options = StatusOptions::new();
    options
        .include_untracked(true)
        .recurse_untracked_dirs(false)
        .include_ignored(false);
    let statuses = repository
        .statuses(Some(&mut options))
        .map_err(GitError::at("comparing the worktree with its commit"))?;
    Ok(statuses
        .iter()
        .map(|entry| Changed {
            path: String::from_utf8_lossy(entry.path_bytes()).into_owned(),
            how: how(entry.status()),
        })
        .collect())
}

fn how(status: Status) -> &'static str {
    let worktree =
        Status::WT_MODIFIED | Status::WT_DELETED | Status::WT_RENAMED | Status::WT_TYPECHANGE;
    if status.is_conflicted() {
        "conflicted"
    } else if status.is_wt_new() {
        "untracked"
    } else if status.intersects(worktree) {
        "not staged"
    } else {
        "staged"
    }
}

/// Whether the worktree's index has this path.
pub fn is_tracked(worktree: &Path, path: &str) -> Result<bool, GitError> {
    let repository =
        Repository::open(worktree).map_err(|error| GitError::opening(worktree, &error))?;
    let index = repository
        .index()
        .map_err(GitError::at("reading the index"))?;
    Ok(index.get_path(Path::new(path), 0).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scratch, run};

    #[test]
    fn what_git_status_shows() {
        let scratch = Scratch::repository();
        scratch.commit("a", "one");
        scratch.write(".git/info/exclude", "/.ghp\n");
        scratch.write(".ghp/x", "ours");
        assert!(paths(scratch.path()).expect("a status").is_empty());
        scratch.write("a", "two");
        scratch.write("new/b", "x");
        scratch.write("new/c", "x");
        scratch.write("staged", "x");
        run(scratch.path(), &["add", "staged"]);
        assert_eq!(
            paths(scratch.path()).expect("a status"),
            ["a", "new/", "staged"]
        );
        let how = |change: Changed| change.how;
        let found: Vec<_> = changes(scratch.path())
            .expect("a status")
            .into_iter()
            .map(how)
            .collect();
        assert_eq!(found, ["not staged", "untracked", "staged"]);
        assert!(is_tracked(scratch.path(), "staged").expect("an index"));
        assert!(!is_tracked(scratch.path(), "new/b").expect("an index"));
    }
}
