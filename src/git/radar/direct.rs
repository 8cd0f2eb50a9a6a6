//! Trial merges file by file in memory: exact, and many times quicker than merging trees, wherever both sides merely
//! changed a file that stayed where it was. Renames concern only paths that one side does not have any more.

use std::collections::hash_map::Entry as Place;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use git2::{AttrCheckFlags, Blob, ErrorCode, MergeFileInput, Oid, Repository, Tree};

use super::judge;
use crate::domain::conflict::{Kind, Lines};
use crate::git::changes::as_path;
use crate::git::differences::{Differences, Entry, facts};

/// A file's content in the base and on both sides.
pub(super) type Sides = [Oid; 3];
/// Paths with what stands there on the main branch.
pub(super) type Standing = BTreeMap<String, Option<Entry>>;
/// What merging a file's lines comes to: how it clashes, and in which of the first side's lines; none: it does not.
pub(super) type Outcome = Option<(Kind, Vec<Lines>)>;

/// Whether the lines must be looked at: otherwise one side's file stands.
pub(super) fn differ([base, ours, theirs]: Sides) -> bool {
    ours != theirs && ours != base && theirs != base
}

/// The files that both sides changed and still have; none when trees must be merged to tell. `base`: where what stood
/// before is told; `theirs`: what stands at a path on the second side.
pub(super) fn files(
    both: &BTreeSet<String>,
    base: &Differences,
    ours: &Differences,
    theirs: impl Fn(&str) -> Option<Entry>,
) -> Option<Vec<(String, Sides)>> {
    let is_file = |(mode, _): &Entry| matches!(mode, 0o100_644 | 0o100_755);
    let blob = |entry: Option<Entry>| entry.filter(is_file).map(|(_, blob)| blob.0);
    let sides = |path: &String| {
        // A name that is no UTF-8.
        if path.starts_with("./") {
            return None;
        }
        let [before, _] = base.get(path)?;
        let [_, after] = ours.get(path)?;
        let sides = [blob(*before)?, blob(*after)?, blob(theirs(path))?];
        Some((path.clone(), sides))
    };
    both.iter().map(sides).collect()
}

/// Which files are merged by their lines and not in some other way, as the worktree's attributes say.
pub(super) struct Attributes<'r> {
    code: &'r Repository,
    plain: HashMap<String, bool>,
}

impl<'r> Attributes<'r> {
    pub(super) fn of(code: &'r Repository) -> Attributes<'r> {
        Attributes {
            code,
            plain: HashMap::new(),
        }
    }

    pub(super) fn is_plain(&mut self, path: &str) -> Result<bool, git2::Error> {
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
}

/// Merges the lines of all these files. A blob that stands there more than once is read once.
pub(super) fn merge(repository: &Repository, files: &[Sides]) -> Result<Vec<Outcome>, git2::Error> {
    let mut blobs: HashMap<Oid, Blob<'_>> = HashMap::new();
    let mut one = |sides: &Sides| {
        for id in sides {
            if let Place::Vacant(new) = blobs.entry(*id) {
                new.insert(repository.find_blob(*id)?);
            }
        }
        outcome(sides.map(|id| &blobs[&id]))
    };
    files.iter().map(&mut one).collect()
}

fn outcome(blobs: [&Blob<'_>; 3]) -> Result<Outcome, git2::Error> {
    if blobs.into_iter().any(Blob::is_binary) {
        return Ok(Some((Kind::Binary, Vec::new())));
    }
    let inputs = blobs.map(|blob| {
        let mut input = MergeFileInput::new();
        input.content(blob.content());
        input
    });
    let [base, ours, theirs] = &inputs;
    if git2::merge_file(base, ours, theirs, None)?.is_automergeable() {
        return Ok(None);
    }
    let [base, ours, theirs] = blobs;
    Ok(Some((Kind::Content, judge::lines(base, ours, theirs)?)))
}

/// Which of the paths that work changed since `from` also differ between `from` and `to`, with what stands there in `to`:
/// looked up one by one, since an old base differs in very many others.
pub(super) fn changed(
    repository: &Repository,
    [from, to]: [Oid; 2],
    own: &Differences,
) -> Result<Standing, git2::Error> {
    let tree = |id: Oid| repository.find_commit(id)?.tree();
    let (from, to) = (tree(from)?, tree(to)?);
    let mut changed = Standing::new();
    for (path, [before, _]) in own {
        // What is no file there may be a folder.
        let before = before.map_or_else(|| any_entry(&from, path), |entry| Ok(Some(entry)))?;
        let after = any_entry(&to, path)?;
        // A name that is no UTF-8 cannot be looked up here: let the merge tell.
        let is_odd = path.starts_with("./");
        if is_odd || before != after || after.is_none() && is_under_a_file(&to, path)? {
            changed.insert(path.clone(), after);
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

/// The mode and object of whatever stands there.
fn any_entry(tree: &Tree<'_>, path: &str) -> Result<Option<Entry>, git2::Error> {
    match tree.get_path(as_path(path.as_bytes())) {
        Ok(entry) => Ok(Some(facts(&entry))),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
