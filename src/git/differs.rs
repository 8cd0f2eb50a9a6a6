//! Which of some paths a worktree has changed: without its index, which on a large repository costs more than all the rest.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use git2::{ErrorCode, ObjectType, Oid, Repository, Tree};

use super::command::git;
use super::{GitError, changes};

/// Those of `paths` that are not in the worktree as its commit has them.
pub fn among(worktree: &Path, paths: &BTreeSet<String>) -> Result<BTreeSet<String>, GitError> {
    let repository =
        Repository::open(worktree).map_err(|error| GitError::opening(worktree, &error))?;
    // Without an index nothing has been checked out yet, so nothing is missing.
    if !repository.path().join("index").exists() {
        return Ok(BTreeSet::new());
    }
    let tree = match repository.head().and_then(|head| head.peel_to_tree()) {
        Ok(tree) => Some(tree),
        Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => None,
        Err(error) => return Err(GitError::at("reading the worktree's commit")(error)),
    };
    let mut differing = BTreeSet::new();
    for path in paths {
        if differs(&repository, tree.as_ref(), worktree, path)? {
            differing.insert(path.clone());
        }
    }
    // What git converts on its way into the worktree, or leaves out of it, looks different and is not: git must say.
    if !differing.is_empty() && tree.is_some() && is_not_plain(&repository, worktree) {
        let changed = by_git(worktree)?;
        let is_new = |path: &str| {
            tree.as_ref().is_none_or(|tree| {
                tree.get_path(changes::as_path(&changes::bytes(path)))
                    .is_err()
            })
        };
        differing.retain(|path| changed.contains(path) || is_new(path));
    }
    Ok(differing)
}

/// The tracked files that differ from the commit, conversions taken into account.
fn by_git(worktree: &Path) -> Result<BTreeSet<String>, GitError> {
    let out = git(worktree)?
        .args([
            "diff",
            "HEAD",
            "--name-only",
            "-z",
            "--no-renames",
            "--no-ext-diff",
        ])
        .bytes()?;
    Ok(changes::listed(&out))
}

fn differs(
    repository: &Repository,
    tree: Option<&Tree<'_>>,
    worktree: &Path,
    path: &str,
) -> Result<bool, GitError> {
    let bytes = changes::bytes(path);
    let path = changes::as_path(&bytes);
    let file = worktree.join(path);
    let here = fs::symlink_metadata(&file).ok();
    let entry = tree.and_then(|tree| tree.get_path(path).ok());
    let (here, entry) = match (here, entry) {
        (None, None) => return Ok(false),
        (Some(here), Some(entry)) => (here, entry),
        // A folder stands for what is in it, and that is asked for by itself.
        (Some(here), None) => return Ok(!here.is_dir()),
        (None, Some(_)) => return Ok(true),
    };
    if entry.kind() != Some(ObjectType::Blob) {
        return Ok(!here.is_dir());
    }
    let reading = GitError::at("reading a file's object");
    if here.is_symlink() {
        let target = fs::read_link(&file).map_err(GitError::file(&file))?;
        let id = Oid::hash_object(ObjectType::Blob, target.as_os_str().as_bytes());
        return Ok(id.map_err(&reading)? != entry.id());
    }
    if !here.is_file() {
        return Ok(true);
    }
    let header = repository
        .odb()
        .and_then(|odb| odb.read_header(entry.id()))
        .map_err(&reading)?;
    if header.0 as u64 != here.len() {
        return Ok(true);
    }
    Ok(Oid::hash_file(ObjectType::Blob, &file).map_err(&reading)? != entry.id())
}

fn is_not_plain(repository: &Repository, worktree: &Path) -> bool {
    let configured = repository
        .config()
        .and_then(|mut config| config.snapshot())
        .is_ok_and(|config| {
            config.get_bool("core.sparsecheckout").is_ok_and(|is| is)
                || config
                    .get_string("core.autocrlf")
                    .is_ok_and(|said| said != "false")
        });
    configured
        || worktree.join(".gitattributes").exists()
        || repository.path().join("info/attributes").exists()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scratch, run};

    #[test]
    fn as_git_status_says() {
        let scratch = Scratch::repository();
        for name in ["same", "changed", "longer", "gone", "link", "crlf"] {
            scratch.write(name, "one\n");
        }
        run(scratch.path(), &["add", "-A"]);
        run(scratch.path(), &["commit", "-q", "-m", "one"]);
        scratch.write("changed", "two\n");
        scratch.write("longer", "one and more\n");
        scratch.write("new", "new\n");
        fs::remove_file(scratch.path().join("gone")).expect("removed");
        fs::remove_file(scratch.path().join("link")).expect("removed");
        std::os::unix::fs::symlink("same", scratch.path().join("link")).expect("a link");
        let asked = [
            "same", "changed", "longer", "gone", "link", "new", "nowhere", "crlf",
        ];
        let asked: BTreeSet<String> = asked.map(str::to_owned).into();
        let found = |expected: &[&str]| {
            let expected: BTreeSet<String> = expected.iter().map(|&path| path.to_owned()).collect();
            assert_eq!(among(scratch.path(), &asked).expect("readable"), expected);
        };
        found(&["changed", "longer", "gone", "link", "new"]);
        run(scratch.path(), &["config", "core.autocrlf", "true"]);
        scratch.write("crlf", "one\r\n");
        found(&["changed", "longer", "gone", "link", "new"]);
    }
}
