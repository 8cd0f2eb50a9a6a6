//! Trailers of a commit's message.

use std::path::Path;

use super::GitError;
use super::command::git;

/// Adds trailers to the message in a file, each unless there is one of that name. Comment lines, which begin with `comment`
/// or as git's configuration says, and what stands below a scissors line keep their places; a line of dashes ends no
/// message.
pub fn add(
    worktree: &Path,
    file: &Path,
    comment: Option<char>,
    trailers: &[String],
) -> Result<(), GitError> {
    let mut git = git(worktree)?;
    if let Some(comment) = comment {
        git = git.arg("-c").arg(format!("core.commentChar={comment}"));
    }
    git = git.args([
        "interpret-trailers",
        "--in-place",
        "--no-divider",
        "--where=end",
        "--if-exists=doNothing",
        "--if-missing=add",
    ]);
    for trailer in trailers {
        git = git.arg("--trailer").arg(trailer);
    }
    git.arg(file).bytes().map(|_| ())
}
