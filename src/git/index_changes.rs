//! What the next commit would change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::GitError;
use super::changes;
use super::command::{Git, Running, git};
use crate::host::env;

/// The paths in which the index differs from HEAD, being looked for: both ends of a rename. The index is the one that
/// `GIT_INDEX_FILE` names: `git commit PATH` stages only there. The `git` program is asked, which on a large index is three
/// times as fast as libgit2, and leaves us free meanwhile.
#[derive(Debug)]
pub struct Staged {
    worktree: PathBuf,
    running: Running,
}

impl Staged {
    /// Begins to look.
    pub fn start(worktree: &Path) -> Result<Staged, GitError> {
        // The plumbing has less to set up than `git diff`.
        let words = ["diff-index", "--cached", "HEAD"];
        Ok(Staged {
            worktree: worktree.to_owned(),
            running: compare(worktree, &words)?.start()?,
        })
    }

    /// Waits for them.
    pub fn paths(self) -> Result<BTreeSet<String>, GitError> {
        let out = match self.running.bytes() {
            Ok(out) => out,
            // Before the first commit there is no HEAD to compare with; `git diff` knows what that means.
            Err(_) => compare(&self.worktree, &["diff", "--cached"])?.bytes()?,
        };
        let paths = out.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.map(changes::text).collect())
    }
}

fn compare(worktree: &Path, words: &[&str]) -> Result<Git, GitError> {
    let mut git = git(worktree)?;
    if let Some(index) = env::var("GIT_INDEX_FILE") {
        // Relative to the folder that git runs its hooks in, the top of the worktree.
        git = git.env("GIT_INDEX_FILE", worktree.join(index));
    }
    let options = ["--name-only", "-z", "--no-renames", "--no-ext-diff"];
    Ok(git.arg(words[0]).args(options).args(&words[1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scratch, run};

    #[test]
    fn before_the_first_commit_and_after() {
        let scratch = Scratch::new();
        run(scratch.path(), &["init", "-q"]);
        let staged = || {
            Staged::start(scratch.path())
                .and_then(Staged::paths)
                .expect("an index")
        };
        assert!(staged().is_empty());
        scratch.write("a", "one\n");
        run(scratch.path(), &["add", "a"]);
        assert_eq!(staged(), ["a".to_owned()].into());
        run(scratch.path(), &["commit", "-q", "-m", "one"]);
        assert!(staged().is_empty());
        run(scratch.path(), &["mv", "a", "b"]);
        assert_eq!(staged(), ["a".to_owned(), "b".to_owned()].into());
    }
}
