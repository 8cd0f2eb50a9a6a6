//! Which paths work has changed: on a branch since it left the main branch, and in a worktree beyond its commit.
//!
//! A path is text as git has it. One that is no UTF-8 is `./` and its bytes with `%XX` for what is no plain ASCII: no
//! path of git's begins so, and two of them never become one.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

use git2::{ErrorCode, IndexEntryExtendedFlag, Oid, Repository, Status, StatusOptions};

use super::differences;
use super::place::Place;
use super::work::tip;
use super::{GitError, files};

/// What a branch changed since it left the main branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The commit where it left; none when the two have nothing in common, and then `paths` is empty.
    pub base: Option<String>,
    /// Its last commit. The same two commits always give the same paths.
    pub tip: String,
    /// The changed paths, both ends of a rename.
    pub paths: BTreeSet<String>,
}

/// What `branch` changed since it left `main`, both without `refs/heads/`, each here or at the remote alone. `None`: one
/// of them does not exist.
pub fn since(common: &Path, main: &str, branch: &str) -> Result<Option<Since>, GitError> {
    Branches::open(common, main)?.since(branch)
}

/// A repository whose branches are compared with its main one.
pub struct Branches {
    repository: Repository,
    main: Option<Oid>,
}

impl Branches {
    /// Opens it; `main`: as for [`since`].
    pub fn open(common: &Path, main: &str) -> Result<Branches, GitError> {
        let repository =
            Repository::open(common).map_err(|error| GitError::opening(common, &error))?;
        let main = tip(&repository, main)?.map(|commit| commit.id());
        Ok(Branches { repository, main })
    }

    /// What a branch changed since it left the main one; `None`: one of them does not exist.
    pub fn since(&self, branch: &str) -> Result<Option<Since>, GitError> {
        let (Some(main), Some(tip)) = (self.main, tip(&self.repository, branch)?) else {
            return Ok(None);
        };
        let base = match self.repository.merge_base(main, tip.id()) {
            Ok(base) => Some(base),
            Err(error) if error.code() == ErrorCode::NotFound => None,
            Err(error) => return Err(GitError::at("looking for the merge base")(error)),
        };
        let paths = base.map_or_else(
            || Ok(BTreeSet::new()),
            |base| between(&self.repository, base, tip.id()),
        )?;
        Ok(Some(Since {
            base: base.map(|base| base.to_string()),
            tip: tip.id().to_string(),
            paths,
        }))
    }
}

/// The paths in which two commits differ.
pub(super) fn between(
    repository: &Repository,
    from: Oid,
    to: Oid,
) -> Result<BTreeSet<String>, GitError> {
    differences::between(repository, from, to)
        .map(|found| found.into_keys().collect())
        .map_err(GitError::at("comparing two commits"))
}

/// Every path of a commit, as one without parents changed it.
pub(super) fn all_of(repository: &Repository, id: Oid) -> Result<BTreeSet<String>, GitError> {
    let all = || -> Result<BTreeSet<String>, git2::Error> {
        let tree = repository.find_commit(id)?.tree()?;
        let diff = repository.diff_tree_to_tree(None, Some(&tree), None)?;
        let paths = diff
            .deltas()
            .filter_map(|delta| delta.new_file().path_bytes().map(text));
        Ok(paths.collect())
    };
    all().map_err(GitError::at("reading a commit"))
}

/// The files in a worktree that differ from its commit: changed, staged, conflicted, untracked and deleted ones, an
/// untracked folder by its files. In the middle of a merge, what only comes from the other side is no change of its own.
pub fn uncommitted(worktree: &Path) -> Result<BTreeSet<String>, GitError> {
    let mut repository =
        Repository::open(worktree).map_err(|error| GitError::opening(worktree, &error))?;
    let own = files(&mut repository)?.into_iter().filter(|file| file.own);
    Ok(own.map(|file| text(&file.path)).collect())
}

/// A file that differs from the worktree's commit.
#[derive(Debug)]
pub(super) struct File {
    /// Its path's bytes.
    pub path: Vec<u8>,
    /// Whether it differs by more than what a merge under way brings in.
    pub own: bool,
}

/// Each of a worktree's files that differs from its commit.
pub(super) fn files(repository: &mut Repository) -> Result<Vec<File>, GitError> {
    let others = merging(repository)?;
    files_beside(repository, &others)
        .map_err(GitError::at("comparing the worktree with its commit"))
}

fn files_beside(repository: &Repository, others: &[Oid]) -> Result<Vec<File>, git2::Error> {
    let mut options = StatusOptions::new();
    options
        .include_untracked(true)
        .recurse_untracked_dirs(true)
        .include_ignored(false)
        .exclude_submodules(true);
    let staged_alone = Status::INDEX_NEW
        | Status::INDEX_MODIFIED
        | Status::INDEX_DELETED
        | Status::INDEX_TYPECHANGE;
    let mut files = Vec::new();
    for entry in &repository.statuses(Some(&mut options))? {
        let path = entry.path_bytes();
        if entry.status().is_wt_deleted() && is_left_out(repository, path)? {
            continue;
        }
        let own = others.is_empty()
            || !staged_alone.contains(entry.status())
            || !is_of_one(repository, others, path)?;
        files.push(File {
            path: path.to_vec(),
            own,
        });
    }
    Ok(files)
}

/// Whether a sparse checkout left this file out on purpose.
fn is_left_out(repository: &Repository, path: &[u8]) -> Result<bool, git2::Error> {
    let entry = repository.index()?.get_path(as_path(path), 0);
    let skip = IndexEntryExtendedFlag::SKIP_WORKTREE.bits();
    Ok(entry.is_some_and(|entry| entry.flags_extended & skip != 0))
}

/// The ids of the commits that a merge under way in this worktree brings in, one a line.
pub(super) fn merge_heads(place: &Place) -> Result<String, GitError> {
    let heads = files::read(&place.git_dir.join("MERGE_HEAD"))?;
    Ok(heads.unwrap_or_default())
}

/// The commits that a merge under way brings in.
pub(super) fn merging(repository: &mut Repository) -> Result<Vec<Oid>, GitError> {
    let mut others = Vec::new();
    let each = repository.mergehead_foreach(|id| {
        others.push(*id);
        true
    });
    match each {
        Ok(()) => Ok(others),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(Vec::new()),
        Err(error) => Err(GitError::at("reading which merge is under way")(error)),
    }
}

/// Whether the index has this path as one of these commits has it.
fn is_of_one(repository: &Repository, commits: &[Oid], path: &[u8]) -> Result<bool, git2::Error> {
    let path = as_path(path);
    let staged = repository
        .index()?
        .get_path(path, 0)
        .map(|entry| (entry.id, entry.mode));
    for commit in commits {
        let theirs = match repository.find_commit(*commit)?.tree()?.get_path(path) {
            Ok(entry) => Some((entry.id(), entry.filemode().cast_unsigned())),
            Err(error) if error.code() == ErrorCode::NotFound => None,
            Err(error) => return Err(error),
        };
        if theirs == staged {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A path's bytes as git has them.
pub(super) fn as_path(bytes: &[u8]) -> &Path {
    use std::os::unix::ffi::OsStrExt;
    Path::new(std::ffi::OsStr::from_bytes(bytes))
}

/// The paths that git lists with a NUL behind each.
pub(super) fn listed(out: &[u8]) -> BTreeSet<String> {
    let paths = out.split(|byte| *byte == 0);
    paths.filter(|path| !path.is_empty()).map(text).collect()
}

/// The bytes of a path that [`text`] made.
pub(super) fn bytes(path: &str) -> Cow<'_, [u8]> {
    let Some(escaped) = path.strip_prefix("./") else {
        return Cow::Borrowed(path.as_bytes());
    };
    let mut bytes = Vec::new();
    let mut rest = escaped.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    Cow::Owned(bytes)
}

/// A path as text that no other path has.
pub fn text(path: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(path) {
        return text.to_owned();
    }
    let mut escaped = String::from("./");
    for byte in path {
        if (b' '..=b'~').contains(byte) && *byte != b'%' {
            escaped.push(char::from(*byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scratch, run, succeeds};

    fn set(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn what_a_branch_changed_is_what_it_changed_itself() {
        let scratch = Scratch::repository();
        let common = scratch.path().join(".git");
        for name in ["a", "b", "c"] {
            scratch.commit(name, &format!("{name} one two three four five"));
        }
        run(scratch.path(), &["switch", "-q", "-c", "work"]);
        run(scratch.path(), &["mv", "a", "moved"]);
        run(scratch.path(), &["rm", "-q", "b"]);
        scratch.commit("é 1", "new");
        run(scratch.path(), &["switch", "-q", "main"]);
        scratch.commit("c", "meanwhile");
        let found = since(&common, "main", "work").expect("read").expect("both");
        assert_eq!(found.paths, set(&["a", "b", "moved", "é 1"]));
        assert_eq!(found.tip, run(scratch.path(), &["rev-parse", "work"]));
        assert_eq!(since(&common, "main", "gone").expect("read"), None);
        assert_eq!(since(&common, "trunk", "work").expect("read"), None);
        run(scratch.path(), &["switch", "-q", "--orphan", "alone"]);
        scratch.commit("z", "alone");
        let alone = since(&common, "main", "alone")
            .expect("read")
            .expect("both");
        assert_eq!((alone.base, alone.paths), (None, set(&[])));
    }

    #[test]
    fn every_file_that_no_commit_holds() {
        let scratch = Scratch::repository();
        scratch.write(".gitignore", "ignored\n");
        scratch.write("gone", "x");
        scratch.commit("a", "one");
        assert_eq!(uncommitted(scratch.path()).expect("a status"), set(&[]));
        scratch.write("a", "two");
        scratch.write("new/deep/b", "x");
        scratch.write("new/c", "x");
        scratch.write("ignored", "x");
        scratch.write("staged", "x");
        run(scratch.path(), &["add", "staged"]);
        std::fs::remove_file(scratch.path().join("gone")).expect("removed");
        assert_eq!(
            uncommitted(scratch.path()).expect("a status"),
            set(&["a", "gone", "new/c", "new/deep/b", "staged"])
        );
    }

    #[test]
    fn what_a_merge_brings_is_not_ones_own() {
        let scratch = Scratch::repository();
        scratch.write("both", "one\n");
        scratch.commit("theirs", "one");
        run(scratch.path(), &["switch", "-q", "-c", "work"]);
        scratch.commit("both", "mine\n");
        run(scratch.path(), &["switch", "-q", "main"]);
        scratch.write("new", "x");
        scratch.write("both", "other\n");
        scratch.commit("theirs", "two");
        run(scratch.path(), &["switch", "-q", "work"]);
        assert!(!succeeds(scratch.path(), &["merge", "-q", "main"]));
        assert_eq!(
            uncommitted(scratch.path()).expect("a status"),
            set(&["both"])
        );
    }

    #[test]
    fn paths_stay_apart() {
        assert_eq!(text("ä/%FF".as_bytes()), "ä/%FF");
        assert_eq!(text(b"a/\xff%"), "./a/%FF%25");
        assert_ne!(text(b"\xff"), text(b"\xfe"));
    }
}
