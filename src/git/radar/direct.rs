//! Trial merges file by file in memory: exact, and many times quicker than merging trees, wherever both sides merely
//! changed a file that stayed where it was. Renames concern only paths that one side does not have any more.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use git2::{AttrCheckFlags, Blob, ErrorCode, MergeFileInput, Oid, Repository, Tree};

use super::Unsettled;
use crate::git::changes::as_path;

/// Merges files, and remembers what it has read for the next pair.
pub(super) struct Files<'r> {
    repository: &'r Repository,
    /// The one whose attributes hold.
    code: &'r Repository,
    plain: HashMap<String, bool>,
    blobs: HashMap<Oid, Blob<'r>>,
}

impl<'r> Files<'r> {
    pub(super) fn new(repository: &'r Repository, code: &'r Repository) -> Files<'r> {
        Files {
            repository,
            code,
            plain: HashMap::new(),
            blobs: HashMap::new(),
        }
    }

    /// Whether it is merged by its lines and not in some other way.
    fn is_plain(&mut self, path: &str) -> Result<bool, git2::Error> {
        if let Some(known) = self.plain.get(path) {
            return Ok(*known);
        }
        let file = as_path(path.as_bytes());
        let merge = self
            .code
            .get_attr(file, "merge", AttrCheckFlags::default())?;
        self.plain.insert(path.to_owned(), merge.is_none());
        Ok(merge.is_none())
    }

    fn merges(&mut self, ids: [Oid; 3]) -> Result<bool, git2::Error> {
        let [base, ours, theirs] = ids;
        if ours == theirs || ours == base || theirs == base {
            return Ok(true);
        }
        for id in ids {
            if let Entry::Vacant(new) = self.blobs.entry(id) {
                new.insert(self.repository.find_blob(id)?);
            }
        }
        let blobs = ids.map(|id| &self.blobs[&id]);
        if blobs.into_iter().any(Blob::is_binary) {
            return Ok(false);
        }
        let [base, ours, theirs] = blobs.map(|blob| {
            let mut input = MergeFileInput::new();
            input.content(blob.content());
            input
        });
        Ok(git2::merge_file(&base, &ours, &theirs, None)?.is_automergeable())
    }

    /// What merging two commits leaves unsettled in these paths, which both sides changed since `base`; `None`: trees must
    /// be merged to tell.
    pub(super) fn merge(
        &mut self,
        base: Oid,
        tips: [Oid; 2],
        both: &BTreeSet<String>,
    ) -> Result<Option<Vec<Unsettled>>, git2::Error> {
        let tree = |id: Oid| self.repository.find_commit(id)?.tree();
        let trees = [tree(base)?, tree(tips[0])?, tree(tips[1])?];
        let mut unsettled = Vec::new();
        for path in both {
            // Some other merge than that of lines: the program knows.
            if !self.is_plain(path)? {
                return Ok(None);
            }
            let mut stages = [None; 3];
            for (stage, tree) in trees.iter().enumerate() {
                stages[stage] = entry(tree, path)?;
            }
            let [Some(base), Some(ours), Some(theirs)] = stages else {
                return Ok(None);
            };
            if !self.merges([base.1, ours.1, theirs.1])? {
                unsettled.push(Unsettled {
                    path: path.as_bytes().to_vec(),
                    stages,
                    said: String::new(),
                });
            }
        }
        Ok(Some(unsettled))
    }
}

/// Which of these paths differ between two commits: looked up one by one, since an old base differs in very many others.
pub(super) fn changed(
    repository: &Repository,
    [from, to]: [Oid; 2],
    paths: &BTreeSet<String>,
) -> Result<BTreeSet<String>, git2::Error> {
    let tree = |id: Oid| repository.find_commit(id)?.tree();
    let (from, to) = (tree(from)?, tree(to)?);
    let mut changed = BTreeSet::new();
    for path in paths {
        let (before, after) = (any_entry(&from, path)?, any_entry(&to, path)?);
        // A name that is no UTF-8 cannot be looked up here: let the merge tell.
        let is_odd = path.starts_with("./");
        if is_odd || before != after || after.is_none() && is_under_a_file(&to, path)? {
            changed.insert(path.clone());
        }
    }
    Ok(changed)
}

fn is_under_a_file(tree: &Tree<'_>, path: &str) -> Result<bool, git2::Error> {
    for (at, _) in path.match_indices('/') {
        match any_entry(tree, &path[..at])? {
            Some((mode, _)) if mode & 0o170_000 == 0o40_000 => {}
            entry => return Ok(entry.is_some()),
        }
    }
    Ok(false)
}

/// The mode and blob of a regular file.
fn entry(tree: &Tree<'_>, path: &str) -> Result<Option<(u32, Oid)>, git2::Error> {
    let found = any_entry(tree, path)?;
    Ok(found.filter(|(mode, _)| matches!(mode, 0o100_644 | 0o100_755)))
}

/// The mode and object of whatever stands there.
fn any_entry(tree: &Tree<'_>, path: &str) -> Result<Option<(u32, Oid)>, git2::Error> {
    match tree.get_path(as_path(path.as_bytes())) {
        Ok(entry) => Ok(Some((entry.filemode().cast_unsigned(), entry.id()))),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
