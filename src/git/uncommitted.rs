//! Work in a worktree that no commit holds.

use std::path::Path;

use git2::{Repository, StatusOptions};

use super::GitError;

/// The paths that `git status` shows in a worktree: changed, staged or untracked ones, an untracked folder as one.
pub fn paths(worktree: &Path) -> Result<Vec<String>, GitError> {
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
        .map(|entry| String::from_utf8_lossy(entry.path_bytes()).into_owned())
        .collect())
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
        assert!(is_tracked(scratch.path(), "staged").expect("an index"));
        assert!(!is_tracked(scratch.path(), "new/b").expect("an index"));
    }
}
