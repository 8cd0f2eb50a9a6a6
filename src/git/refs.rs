//! Branches of the code.

use git2::{BranchType, Repository};

use super::GitError;
use super::place::Place;

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
