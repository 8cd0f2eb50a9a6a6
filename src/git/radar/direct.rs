//! Trial merges file by file in memory: exact, and many times quicker than merging trees, wherever both sides merely
//! changed a file that stayed where it was. Renames concern only paths that one side does not have any more.

use std::collections::{BTreeSet, HashMap};

use git2::{AttrCheckFlags, Blob, ErrorCode, MergeFileInput, Oid, Repository, Tree};

use super::Unsettled;
use crate::git::changes::as_path;

/// Which paths are merged by their lines and not in some other way, as a repository's attributes say.
pub(super) struct Plain<'r> {
    code: &'r Repository,
    known: HashMap<String, bool>,
}

impl<'r> Plain<'r> {
    pub(super) fn new(code: &'r Repository) -> Plain<'r> {
        let known = HashMap::new();
        Plain { code, known }
    }

    fn is(&mut self, path: &str) -> Result<bool, git2::Error> {
        if let Some(known) = self.known.get(path) {
            return Ok(*known);
        }
        let file = as_path(path.as_bytes());
        let merge = self
            .code
            .get_attr(file, "merge", AttrCheckFlags::default())?;
        self.known.insert(path.to_owned(), merge.is_none());
        Ok(merge.is_none())
    }
}

/// What merging two commits leaves unsettled in these paths, which both sides changed since `base`; `None`: trees must
/// be merged to tell.
pub(super) fn merge(
    repository: &Repository,
    plain: &mut Plain<'_>,
    base: Oid,
    tips: [Oid; 2],
    both: &BTreeSet<String>,
) -> Result<Option<Vec<Unsettled>>, git2::Error> {
    let tree = |id: Oid| repository.find_commit(id)?.tree();
    let trees = [tree(base)?, tree(tips[0])?, tree(tips[1])?];
    let mut unsettled = Vec::new();
    for path in both {
        // Some other merge than that of lines: the program knows.
        if !plain.is(path)? {
            return Ok(None);
        }
        let mut stages = [None; 3];
        for (stage, tree) in trees.iter().enumerate() {
            stages[stage] = entry(tree, path)?;
        }
        let [Some(base), Some(ours), Some(theirs)] = stages else {
            return Ok(None);
        };
        if !merges(repository, [base.1, ours.1, theirs.1])? {
            unsettled.push(Unsettled {
                path: path.as_bytes().to_vec(),
                stages,
                said: String::new(),
            });
        }
    }
    Ok(Some(unsettled))
}

/// The mode and blob of a regular file.
fn entry(tree: &Tree<'_>, path: &str) -> Result<Option<(u32, Oid)>, git2::Error> {
    match tree.get_path(as_path(path.as_bytes())) {
        Ok(entry) => {
            let mode = entry.filemode().cast_unsigned();
            Ok(Some((mode, entry.id())).filter(|_| matches!(mode, 0o100_644 | 0o100_755)))
        }
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn merges(repository: &Repository, [base, ours, theirs]: [Oid; 3]) -> Result<bool, git2::Error> {
    if ours == theirs || ours == base || theirs == base {
        return Ok(true);
    }
    let blobs = [base, ours, theirs].map(|id| repository.find_blob(id));
    let [base, ours, theirs] = blobs;
    let (base, ours, theirs) = (base?, ours?, theirs?);
    if [&base, &ours, &theirs].into_iter().any(Blob::is_binary) {
        return Ok(false);
    }
    let [base, ours, theirs] = [&base, &ours, &theirs].map(|blob| {
        let mut input = MergeFileInput::new();
        input.content(blob.content());
        input
    });
    Ok(git2::merge_file(&base, &ours, &theirs, None)?.is_automergeable())
}
