//! Branches of the code that track documents: checking one out overwrites live documents, so they are named.

use git2::{BranchType, Repository};

use super::GitError;
use super::place::Place;
use crate::store::layout;

/// The branches, local and fetched, whose tip holds a documents' folder; sorted by name.
pub fn code_branches_tracking_documents(place: &Place) -> Result<Vec<String>, GitError> {
    let repository = Repository::open(&place.common)
        .map_err(|error| GitError::opening(&place.common, &error))?;
    let mut names = Vec::new();
    for branch in repository
        .branches(None)
        .map_err(GitError::at("listing branches"))?
    {
        let (branch, kind) = branch.map_err(GitError::at("listing branches"))?;
        // A name that is not UTF-8 cannot be told.
        let Some(name) = branch.name().ok().flatten().map(str::to_owned) else {
            continue;
        };
        let own = match kind {
            BranchType::Local => name.as_str(),
            BranchType::Remote => name.split_once('/').map_or("", |(_, name)| name),
        };
        let tracks = || {
            branch
                .get()
                .peel_to_tree()
                .is_ok_and(|tree| tree.get_name(layout::DOCUMENTS).is_some())
        };
        if own != layout::BRANCH && tracks() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
