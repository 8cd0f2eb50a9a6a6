//! A documents' folder that a code branch tracks: what this worktree's index holds of it.

use std::path::Path;

use git2::Repository;

use super::GitError;
use super::place::Place;
use crate::store::layout;

/// Paths beneath the documents' folder that this worktree's index tracks; sorted. None in a bare repository.
pub fn staged(place: &Place) -> Result<Vec<String>, GitError> {
    if place.worktree.is_none() {
        return Ok(Vec::new());
    }
    let repository = Repository::open(&place.git_dir).map_err(|error| GitError::opening(&place.git_dir, &error))?;
    let index = repository.index().map_err(GitError::at("reading the index"))?;
    let folder = format!("{}/", layout::DOCUMENTS);
    let paths = index.iter().filter_map(|entry| String::from_utf8(entry.path).ok());
    Ok(paths.filter(|path| path.starts_with(&folder) || path == layout::DOCUMENTS).collect())
}

/// Takes these paths out of this worktree's index; the files stay.
pub fn unstage(place: &Place, paths: &[String]) -> Result<(), GitError> {
    let repository = Repository::open(&place.git_dir).map_err(|error| GitError::opening(&place.git_dir, &error))?;
    let mut index = repository.index().map_err(GitError::at("reading the index"))?;
    for path in paths {
        index.remove_path(Path::new(path)).map_err(GitError::at("changing the index"))?;
    }
    index.write().map_err(GitError::at("writing the index"))
}
