//! What the next commit would change.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, Oid, Repository, Tree, TreeEntry};

use super::command::{Git, Running, git};
use super::index_file::{DEEPEST, IndexFile, Known};
use super::place::Place;
use super::{GitError, changes};
use crate::host::env;

/// The paths in which the index differs from HEAD: both ends of a rename; in a merge, only those in which it differs from
/// each of the merged commits. The index is the one that `GIT_INDEX_FILE` names: `git commit PATH` stages only there.
#[derive(Debug)]
pub enum Staged {
    /// As read from the index's file, which skips every folder that the index knows to be as the commit has it: half the
    /// time of the `git` program.
    Read(BTreeSet<String>),
    /// What only git should read: an index of several files, a sparse one, a repository that libgit2 does not open.
    Asked {
        /// Where.
        worktree: PathBuf,
        /// Git, at work meanwhile, for each of the commits.
        running: Vec<Running>,
    },
}

impl Staged {
    /// Begins to look.
    pub fn start(worktree: &Path, place: &Place) -> Result<Staged, GitError> {
        let merged = changes::merge_heads(place)?;
        if let Some(paths) = read(worktree, place, &merged) {
            return Ok(Staged::Read(paths));
        }
        let commits = std::iter::once("HEAD").chain(merged.lines());
        // The plumbing has less to set up than `git diff`.
        let running = commits.map(|commit| {
            compare(worktree, "diff-index")?
                .args(["--cached", commit, "--"])
                .start()
        });
        Ok(Staged::Asked {
            worktree: worktree.to_owned(),
            running: running.collect::<Result<_, _>>()?,
        })
    }

    /// Waits for them.
    pub fn paths(self) -> Result<BTreeSet<String>, GitError> {
        let (worktree, running) = match self {
            Staged::Read(paths) => return Ok(paths),
            Staged::Asked { worktree, running } => (worktree, running),
        };
        let mut common: Option<BTreeSet<String>> = None;
        for running in running {
            let out = match running.bytes() {
                Ok(out) => out,
                // Before the first commit there is no HEAD to compare with; `git diff` knows what that means.
                Err(_) => compare(&worktree, "diff")?
                    .args(["--cached", "--"])
                    .bytes()?,
            };
            common = Some(in_both(common, changes::listed(&out)));
        }
        Ok(common.unwrap_or_default())
    }
}

fn in_both(common: Option<BTreeSet<String>>, paths: BTreeSet<String>) -> BTreeSet<String> {
    match common {
        Some(common) => &common & &paths,
        None => paths,
    }
}

/// Reads the index and compares it; `None`: ask git.
fn read(worktree: &Path, place: &Place, merged: &str) -> Option<BTreeSet<String>> {
    let file = index_named(worktree).unwrap_or_else(|| place.git_dir.join("index"));
    let bytes = fs::read(&file).ok()?;
    let index = IndexFile::read(&bytes)?;
    let repository = Repository::open(&place.git_dir).ok()?;
    let mut common = None;
    let head = match repository.head().and_then(|head| head.peel_to_tree()) {
        Ok(tree) => Some(tree.id()),
        Err(error) if error.code() == ErrorCode::UnbornBranch => None,
        Err(_) => return None,
    };
    let merged = merged.lines().map(|id| {
        let commit = repository.find_commit(Oid::from_str(id).ok()?).ok()?;
        Some(Some(commit.tree_id()))
    });
    for tree in std::iter::once(Some(head)).chain(merged) {
        let mut comparison = Comparison {
            repository: &repository,
            index: &index,
            differing: BTreeSet::new(),
        };
        comparison
            .folder(tree?, index.root.as_ref(), index.all(), 0)
            .ok()?;
        common = Some(in_both(common, comparison.differing));
    }
    common
}

/// The index that git's caller named, relative to the folder that git runs its hooks in, the top of the worktree.
fn index_named(worktree: &Path) -> Option<PathBuf> {
    env::var("GIT_INDEX_FILE").map(|index| worktree.join(index))
}

/// An index being compared with a tree.
struct Comparison<'a> {
    repository: &'a Repository,
    index: &'a IndexFile<'a>,
    differing: BTreeSet<String>,
}

impl Comparison<'_> {
    /// Compares a folder: its tree (`None`: the tree has no such folder), what the index knows of it, and its entries, whose
    /// paths begin with the folder's own, `above` bytes long.
    fn folder(
        &mut self,
        tree: Option<Oid>,
        known: Option<&Known>,
        entries: Range<usize>,
        above: usize,
    ) -> Result<(), git2::Error> {
        if let (Some(tree), Some((id, count))) = (tree, known.and_then(|known| known.tree))
            && tree.as_bytes() == id
            && entries.len() == count
        {
            return Ok(());
        }
        let index = self.index;
        let first = (!entries.is_empty()).then(|| index.entry(entries.start));
        let folder = first.map_or(&[][..], |first| &first.path[..above]);
        shallow(folder)?;
        let tree = tree.map(|id| self.repository.find_tree(id)).transpose()?;
        let mut names: Vec<&[u8]> = Vec::new();
        let mut at = entries.start;
        while at < entries.end {
            let entry = index.entry(at);
            let below = &entry.path[above..];
            let slash = below.iter().position(|byte| *byte == b'/');
            let name = &below[..slash.unwrap_or(below.len())];
            let there = tree.as_ref().and_then(|tree| tree.get_name_bytes(name));
            let there_folder = there.as_ref().filter(|there| is_folder(there));
            if slash.is_some() {
                let known = known.and_then(|known| known.folders.iter().find(|it| it.name == name));
                let within = &entry.path[..=above + name.len()];
                let end = self.end_of(within, at..entries.end);
                self.folder(
                    there_folder.map(TreeEntry::id),
                    known,
                    at..end,
                    within.len(),
                )?;
                // The file in whose place the folder is.
                if let (Some(there), None) = (&there, there_folder) {
                    self.gone(folder, there)?;
                }
                at = end;
            } else {
                let same = there.as_ref().is_some_and(|there| {
                    let mode = there.filemode().cast_unsigned();
                    there.id().as_bytes() == entry.id() && mode == entry.mode()
                });
                if !same || entry.is_in_conflict() {
                    self.differing.insert(changes::text(entry.path));
                }
                // The folder in whose place the file is.
                if let Some(there) = there_folder {
                    self.gone(folder, there)?;
                }
                at += 1;
            }
            names.push(name);
        }
        self.without(tree.as_ref(), folder, names)
    }

    /// Where the entries end whose paths begin so: the first of `among` does.
    fn end_of(&self, within: &[u8], among: Range<usize>) -> usize {
        let (mut inside, mut outside) = (among.start, among.end);
        while inside + 1 < outside {
            let middle = usize::midpoint(inside, outside);
            if self.index.entry(middle).path.starts_with(within) {
                inside = middle;
            } else {
                outside = middle;
            }
        }
        outside
    }

    /// What the tree has in a folder beside these names is gone.
    fn without(
        &mut self,
        tree: Option<&Tree<'_>>,
        folder: &[u8],
        mut names: Vec<&[u8]>,
    ) -> Result<(), git2::Error> {
        let Some(tree) = tree else { return Ok(()) };
        // Not in the order of names: folders stand as if theirs ended in a slash.
        names.sort_unstable();
        for entry in tree {
            if names.binary_search(&entry.name_bytes()).is_err() {
                self.gone(folder, &entry)?;
            }
        }
        Ok(())
    }

    /// Everything at this entry of a tree is gone.
    fn gone(&mut self, folder: &[u8], entry: &TreeEntry<'_>) -> Result<(), git2::Error> {
        let path = [folder, entry.name_bytes()].concat();
        if !is_folder(entry) {
            self.differing.insert(changes::text(&path));
            return Ok(());
        }
        let inside = [&path, &b"/"[..]].concat();
        shallow(&inside)?;
        for entry in &self.repository.find_tree(entry.id())? {
            self.gone(&inside, &entry)?;
        }
        Ok(())
    }
}

fn compare(worktree: &Path, how: &str) -> Result<Git, GitError> {
    let mut git = git(worktree)?;
    if let Some(index) = index_named(worktree) {
        git = git.env("GIT_INDEX_FILE", index);
    }
    let options = ["--name-only", "-z", "--no-renames", "--no-ext-diff"];
    Ok(git.arg(how).args(options))
}

fn is_folder(entry: &TreeEntry<'_>) -> bool {
    entry.kind() == Some(ObjectType::Tree)
}

/// Whether so many folders may be gone into.
fn shallow(folder: &[u8]) -> Result<(), git2::Error> {
    let depth = folder.split(|byte| *byte == b'/').count();
    if depth > DEEPEST {
        return Err(git2::Error::from_str("too many folders within folders"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
