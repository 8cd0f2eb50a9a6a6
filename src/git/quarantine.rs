//! A repository while a push arrives in it: git keeps the new objects apart until its hook agrees (githooks(5),
//! "pre-receive").

use std::path::Path;

use git2::Repository;

use super::GitError;
use crate::host::env;

/// Set by git while objects are kept apart.
const QUARANTINE: &str = "GIT_QUARANTINE_PATH";
/// Where the objects of the push lie, and those that were there before.
const OBJECTS: [&str; 2] = ["GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"];

/// Opens the repository or worktree at `at`, with the objects that a push under way has brought. Nothing is ever written
/// through it.
pub(super) fn open(at: &Path) -> Result<Repository, GitError> {
    let repository = Repository::open(at).map_err(|error| GitError::opening(at, &error))?;
    if env::is_set(QUARANTINE) {
        let failed = GitError::at("reading the objects of a push");
        let objects = repository.odb().map_err(&failed)?;
        let folders = OBJECTS.iter().filter_map(|name| env::var(name));
        for folder in folders
            .flat_map(|list| std::env::split_paths(&list).collect::<Vec<_>>())
            .filter(|folder| folder.is_absolute() && folder.is_dir())
        {
            let folder = folder.to_string_lossy();
            objects.add_disk_alternate(&folder).map_err(&failed)?;
        }
    }
    Ok(repository)
}
