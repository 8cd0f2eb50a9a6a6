//! What git's index holds of a document, asked from inside a filter that git runs.

use std::path::Path;

use git2::Repository;

use super::GitError;

/// The content staged for a document in the worktree that git runs us for (its `GIT_DIR` and `GIT_INDEX_FILE`
/// hold); `None` when nothing is.
pub fn content(path: &str) -> Result<Option<Vec<u8>>, GitError> {
    let repository =
        Repository::open_from_env().map_err(|error| GitError::opening(Path::new("."), &error))?;
    let index = repository
        .index()
        .map_err(GitError::at("reading the index"))?;
    let Some(entry) = index.get_path(Path::new(path), 0) else {
        return Ok(None);
    };
    let blob = repository
        .find_blob(entry.id)
        .map_err(GitError::at("reading a staged document"))?;
    Ok(Some(blob.content().to_vec()))
}
