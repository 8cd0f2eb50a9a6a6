//! What the next commit would change.

use std::collections::BTreeSet;
use std::path::Path;

use super::command::{Running, git};
use super::place::Place;
use super::{GitError, changes};
use crate::host::env;

/// The paths in which the index differs from HEAD, being looked for: both ends of a rename; in a merge, only those in which
/// it differs from each of the merged commits. The index is the one that `GIT_INDEX_FILE` names: `git commit PATH` stages
/// only there. The `git` program is asked, which on a large index is three times as fast as libgit2, and leaves us free
/// meanwhile.
#[derive(Debug)]
pub struct Staged(Vec<Running>);

impl Staged {
    /// Begins to look.
    pub fn start(worktree: &Path, place: &Place) -> Result<Staged, GitError> {
        let merged = changes::merge_heads(place)?;
        // Without a name it is HEAD, also where that has no commit yet.
        let commits = std::iter::once(None).chain(merged.lines().map(Some));
        let all = commits.map(|commit| differing(worktree, commit));
        Ok(Staged(all.collect::<Result<_, _>>()?))
    }

    /// Waits for them.
    pub fn paths(self) -> Result<BTreeSet<String>, GitError> {
        let mut common: Option<BTreeSet<String>> = None;
        for running in self.0 {
            let out = running.bytes()?;
            let paths = out.split(|byte| *byte == 0).filter(|path| !path.is_empty());
            let paths: BTreeSet<String> = paths.map(changes::text).collect();
            common = Some(match common {
                Some(common) => &common & &paths,
                None => paths,
            });
        }
        Ok(common.unwrap_or_default())
    }
}

fn differing(worktree: &Path, from: Option<&str>) -> Result<Running, GitError> {
    let mut git = git(worktree)?;
    if let Some(index) = env::var("GIT_INDEX_FILE") {
        // Relative to the folder that git runs its hooks in, the top of the worktree.
        git = git.env("GIT_INDEX_FILE", worktree.join(index));
    }
    git.args([
        "diff",
        "--cached",
        "--name-only",
        "-z",
        "--no-renames",
        "--no-ext-diff",
    ])
    .args(from)
    .arg("--")
    .start()
}
