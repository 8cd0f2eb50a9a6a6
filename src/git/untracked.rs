//! Files of a worktree that git does not track, ignored ones included.

use std::path::Path;

use super::GitError;
use super::command::git;

/// The untracked files at or beneath `within` (relative to the worktree's top; empty: everywhere), sorted. Nested
/// repositories and names that are not UTF-8 are passed over.
pub fn beneath(worktree: &Path, within: &str) -> Result<Vec<String>, GitError> {
    let mut list = git(worktree)?.args(["ls-files", "--others", "-z", "--"]);
    if !within.is_empty() {
        list = list.arg(format!(":(top,literal){within}"));
    }
    let bytes = list.bytes()?;
    let names = bytes.split(|byte| *byte == 0);
    let mut paths: Vec<String> = names
        .filter_map(|name| std::str::from_utf8(name).ok())
        .filter(|name| !name.is_empty() && !name.ends_with('/'))
        .map(str::to_owned)
        .collect();
    paths.sort_unstable();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scratch, run};

    #[test]
    fn ignored_ones_too_and_no_other_repository() {
        let scratch = Scratch::repository();
        scratch.commit("a", "one");
        scratch.write(".gitignore", ".env\nconfig/*.local\n");
        run(scratch.path(), &["add", ".gitignore"]);
        scratch.write(".env", "K=1");
        scratch.write("config/x.local", "1");
        scratch.write("config/y z", "1");
        run(scratch.path(), &["init", "-q", "nested"]);
        scratch.write("nested/file", "1");
        let found = beneath(scratch.path(), "").expect("a list");
        assert_eq!(found, [".env", "config/x.local", "config/y z"]);
        let found = beneath(scratch.path(), "config").expect("a list");
        assert_eq!(found.len(), 2);
        assert!(
            beneath(scratch.path(), "nothing")
                .expect("a list")
                .is_empty()
        );
        let found = beneath(scratch.path(), ".env").expect("a list");
        assert_eq!(found, [".env"]);
    }
}
