//! What the next commit would change.

use std::collections::BTreeSet;
use std::path::Path;

use super::GitError;
use super::changes;
use super::command::{Running, git};
use crate::host::env;

/// The paths in which the index differs from HEAD, being looked for: both ends of a rename. The index is the one that
/// `GIT_INDEX_FILE` names: `git commit PATH` stages only there. The `git` program is asked, which on a large index is three
/// times as fast as libgit2, and leaves us free meanwhile.
#[derive(Debug)]
pub struct Staged(Running);

impl Staged {
    /// Begins to look.
    pub fn start(worktree: &Path) -> Result<Staged, GitError> {
        let mut git = git(worktree)?;
        if let Some(index) = env::var("GIT_INDEX_FILE") {
            // Relative to the folder that git runs its hooks in, the top of the worktree.
            git = git.env("GIT_INDEX_FILE", worktree.join(index));
        }
        let words = [
            "diff",
            "--cached",
            "--name-only",
            "-z",
            "--no-renames",
            "--no-ext-diff",
        ];
        Ok(Staged(git.args(words).start()?))
    }

    /// Waits for them.
    pub fn paths(self) -> Result<BTreeSet<String>, GitError> {
        let out = self.0.bytes()?;
        let paths = out.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.map(changes::text).collect())
    }
}
