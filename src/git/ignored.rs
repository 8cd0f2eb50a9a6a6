//! Whether git ignores a path.

use std::path::Path;

use git2::Repository;

use super::GitError;

/// Whether git ignores the path, relative to the top of its worktree, and does not track it all the same.
pub fn is_ignored(worktree: &Path, path: &str) -> Result<bool, GitError> {
    let repository =
        Repository::open(worktree).map_err(|error| GitError::opening(worktree, &error))?;
    let ignored = repository
        .is_path_ignored(path)
        .map_err(GitError::at("asking whether a path is ignored"))?;
    if !ignored {
        return Ok(false);
    }
    let index = repository
        .index()
        .map_err(GitError::at("reading the index"))?;
    Ok(index.get_path(Path::new(path), 0).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scratch, run};

    #[test]
    fn as_git_says() {
        let scratch = Scratch::repository();
        scratch.write(".gitignore", "target/\n*.log\n!keep.log\n");
        scratch.write("tracked.log", "x");
        run(scratch.path(), &["add", "-f", "tracked.log"]);
        let is = |path| is_ignored(scratch.path(), path).expect("readable");
        assert!(is("target/debug/x") && is("a.log") && is("deep/b.log"));
        assert!(!is("keep.log") && !is("tracked.log") && !is("src/a.rs"));
    }
}
