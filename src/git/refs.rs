//! Branches of the code.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use git2::{BranchType, Repository};

use super::place::Place;
use super::{GitError, files};

/// A word that is another one whenever the branch has moved, had without opening the repository: of a branch among the
/// packed ones (thousands, perhaps) it moves with any of them.
pub fn mark(common: &Path, branch: &str) -> Result<String, GitError> {
    if let Some(id) = files::read(&common.join("refs/heads").join(branch))? {
        return Ok(id);
    }
    Ok(fs::metadata(common.join("packed-refs")).map_or_else(
        |_| String::new(),
        |packed| {
            format!(
                "{}-{}.{}",
                packed.len(),
                packed.mtime(),
                packed.mtime_nsec()
            )
        },
    ))
}

/// The branch that work ends up on, as far as git tells: the remote's default, else `main`, else `master`, else the one
/// that is checked out; `None` when there is none.
pub fn default_branch(place: &Place) -> Result<Option<String>, GitError> {
    let repository = Repository::open(&place.common)
        .map_err(|error| GitError::opening(&place.common, &error))?;
    let remote = repository.find_reference("refs/remotes/origin/HEAD").ok();
    let remote = remote.and_then(|head| head.symbolic_target().ok().flatten().map(str::to_owned));
    if let Some(name) = remote.and_then(|target| {
        target
            .strip_prefix("refs/remotes/origin/")
            .map(str::to_owned)
    }) {
        return Ok(Some(name));
    }
    for name in ["main", "master"] {
        if repository.find_branch(name, BranchType::Local).is_ok() {
            return Ok(Some(name.to_owned()));
        }
    }
    Ok(place.head()?.branch().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scratch, run};

    #[test]
    fn a_branch_that_moved_has_another_mark() {
        let scratch = Scratch::repository();
        scratch.commit("a", "one");
        let common = scratch.path().join(".git");
        let now = || mark(&common, "main").expect("readable");
        let mut seen = vec![now()];
        scratch.commit("a", "two");
        seen.push(now());
        run(scratch.path(), &["pack-refs", "--all"]);
        seen.push(now());
        scratch.commit("a", "three");
        seen.push(now());
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 4);
        assert_eq!(now(), now());
    }
}
