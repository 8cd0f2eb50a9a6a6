//! A documents' folder that a code branch tracks: what this worktree's index holds of it.

use super::place::Place;
use super::{GitError, command};
use crate::store::layout;

/// Paths beneath the documents' folder that this worktree's index tracks; sorted. None in a bare repository. Asked of
/// git itself: libgit2 reads no split index.
pub fn staged(place: &Place) -> Result<Vec<String>, GitError> {
    let Some(worktree) = &place.worktree else {
        return Ok(Vec::new());
    };
    let listed = command::git(worktree)?
        .args(["ls-files", "-z", "--", layout::DOCUMENTS])
        .bytes()?;
    let paths = listed
        .split(|byte| *byte == 0)
        .filter(|path| !path.is_empty());
    Ok(paths
        .map(|path| String::from_utf8_lossy(path).into_owned())
        .collect())
}

/// Takes these paths out of this worktree's index; the files stay.
pub fn unstage(place: &Place, paths: &[String]) -> Result<(), GitError> {
    let Some(worktree) = &place.worktree else {
        return Ok(());
    };
    let list = paths
        .iter()
        .flat_map(|path| [path.as_bytes(), b"\0"].concat())
        .collect::<Vec<u8>>();
    command::git(worktree)?
        .args(["update-index", "--force-remove", "-z", "--stdin"])
        .input(list)
        .bytes()
        .map(drop)
}
