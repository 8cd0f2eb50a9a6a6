//! Whether git ignores a path.

use std::path::{Path, PathBuf};

use git2::{Index, Oid, Repository};

use super::{GitError, changes};

/// A worktree that is asked which of its paths git ignores.
pub struct Ignoring {
    worktree: PathBuf,
    repository: Repository,
    index: Index,
    /// The tree of its commit; none before the first.
    tree: Option<Oid>,
}

impl Ignoring {
    /// Opens it.
    pub fn open(worktree: &Path) -> Result<Ignoring, GitError> {
        let repository =
            Repository::open(worktree).map_err(|error| GitError::opening(worktree, &error))?;
        let index = repository
            .index()
            .map_err(GitError::at("reading the index"))?;
        let tree = repository.head().and_then(|head| head.peel_to_tree());
        let tree = tree.map(|tree| tree.id()).ok();
        Ok(Ignoring {
            worktree: worktree.to_owned(),
            repository,
            index,
            tree,
        })
    }

    /// Whether it is this worktree.
    pub fn is_of(&self, worktree: &Path) -> bool {
        self.worktree == worktree
    }

    /// Whether git ignores the path, relative to the top, and tracks it neither in the index nor in the commit.
    pub fn ignores(&self, path: &str) -> Result<bool, GitError> {
        let bytes = changes::bytes(path);
        let path = changes::as_path(&bytes);
        let asking = GitError::at("asking whether a path is ignored");
        if !self.repository.is_path_ignored(path).map_err(&asking)? {
            return Ok(false);
        }
        let in_commit = || {
            let tree = self
                .tree
                .and_then(|tree| self.repository.find_tree(tree).ok())?;
            tree.get_path(path).ok()
        };
        Ok(self.index.get_path(path, 0).is_none() && in_commit().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scratch, run};

    #[test]
    fn as_git_says() {
        let scratch = Scratch::repository();
        scratch.write(".gitignore", "target/\n*.log\n!keep.log\n*.bin\n");
        scratch.write("tracked.log", "x");
        scratch.write("was.log", "x");
        run(scratch.path(), &["add", "-f", "tracked.log", "was.log"]);
        run(scratch.path(), &["commit", "-q", "-m", "one"]);
        run(scratch.path(), &["rm", "-q", "--cached", "was.log"]);
        let ignoring = Ignoring::open(scratch.path()).expect("a worktree");
        let is = |path| ignoring.ignores(path).expect("readable");
        assert!(is("target/debug/x") && is("a.log") && is("deep/b.log"));
        assert!(!is("keep.log") && !is("tracked.log") && !is("src/a.rs"));
        // Out of the index alone it is still the commit's.
        assert!(!is("was.log"));
        // What is no UTF-8.
        assert!(is("./%FF.bin") && !is("./%FF.rs"));
    }
}
