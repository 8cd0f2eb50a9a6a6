//! Taking back what was made for a decision that failed.

use std::fs;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, Oid, Repository};

use super::{CheckoutError, key, local_config};
use crate::git::command::git;
use crate::git::place::{Head, Place};
use crate::git::{GitError, checkouts};

/// How to take one step back.
#[derive(Debug)]
pub(super) enum Undo {
    Branch { name: String, at: Oid },
    Worktree(PathBuf),
    Switch { worktree: PathBuf, back: Head },
    Label(Place),
    Record(String),
}

/// Takes the steps back, the last first; what could not be, in words.
pub(super) fn undo(common: &Path, steps: Vec<Undo>) -> Vec<String> {
    let mut left = Vec::new();
    for step in steps.into_iter().rev() {
        if let Err(error) = back(common, &step) {
            left.push(error.to_string());
        }
    }
    left
}

fn back(common: &Path, step: &Undo) -> Result<(), CheckoutError> {
    match step {
        Undo::Label(place) => Ok(place.set_label(None)?),
        Undo::Worktree(path) => {
            if fs::symlink_metadata(path.join(".git")).is_ok() {
                // Forced because of the files we copied into it a moment ago.
                git(common)?
                    .args(["worktree", "remove", "--force", "--"])
                    .arg(path)
                    .bytes()?;
            }
            if let Some(parent) = path.parent() {
                // Made with it, unless others are in it; then it stays.
                let _ = fs::remove_dir(parent);
            }
            Ok(())
        }
        Undo::Switch { worktree, back } => {
            let git = git(worktree)?.args(["switch", "--quiet", "--no-guess"]);
            match back {
                Head::Branch(name) | Head::Rebasing(name) => git.arg(name).bytes()?,
                Head::Detached(id) => git.arg("--detach").arg(id).bytes()?,
            };
            Ok(())
        }
        Undo::Record(branch) => {
            let repository =
                Repository::open(common).map_err(|error| GitError::opening(common, &error))?;
            match local_config(&repository)?.remove(&key(branch)) {
                Err(error) if error.code() != ErrorCode::NotFound => {
                    Err(GitError::at("taking a note out of git's configuration")(error).into())
                }
                _ => Ok(()),
            }
        }
        Undo::Branch { name, at } => {
            let repository =
                Repository::open(common).map_err(|error| GitError::opening(common, &error))?;
            // Not `Branch::delete`: it stumbles over worktrees that others make or remove at this moment.
            match repository.find_reference(&format!("refs/heads/{name}")) {
                // Somebody has worked on it meanwhile, or does so now: it stays.
                Ok(branch) if branch.target() != Some(*at) || is_in_use(common, name)? => Ok(()),
                Ok(mut branch) => Ok(branch
                    .delete()
                    .map_err(GitError::at("removing the branch"))?),
                Err(error) if error.code() == ErrorCode::NotFound => Ok(()),
                Err(error) => Err(GitError::at("reading a branch")(error).into()),
            }
        }
    }
}

fn is_in_use(common: &Path, branch: &str) -> Result<bool, GitError> {
    let place = Place {
        worktree: None,
        git_dir: common.to_owned(),
        common: common.to_owned(),
    };
    Ok(!checkouts::on_branch(&place, branch)?.is_empty())
}
