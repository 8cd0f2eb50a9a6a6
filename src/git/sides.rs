//! The three files that git hands to a merge driver, and the one it takes back.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use super::GitError;
use super::command::git;

/// The text of one of the files; `None` when it is not UTF-8.
pub fn text(side: &Path) -> Result<Option<String>, GitError> {
    let mut bytes = Vec::new();
    File::open(side)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .map_err(GitError::file(side))?;
    Ok(String::from_utf8(bytes).ok())
}

/// Writes the result where git takes it from: over our side, a temporary file of git's.
pub fn settle(ours: &Path, merged: &str) -> Result<(), GitError> {
    File::create(ours)
        .and_then(|mut file| file.write_all(merged.as_bytes()))
        .map_err(GitError::file(ours))
}

/// Leaves git's own conflict markers in our side, as if there were no driver.
pub fn leave_markers(base: &Path, ours: &Path, theirs: &Path) -> Result<(), GitError> {
    let labels = ["merge-file", "-L", "ours", "-L", "base", "-L", "theirs"];
    // Its exit code is the number of conflicts; markers or not, the merge is a person's now.
    git(Path::new("."))?
        .args(labels)
        .args([ours, base, theirs])
        .output()
        .map(|_| ())
}
