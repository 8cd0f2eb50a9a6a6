//! Which files among the documents are documents.

use std::collections::{BTreeMap, BTreeSet};

use super::Store;
use super::error::StoreError;
use super::layout::{ATTRIBUTES, CONFIG, FOLDERS, IGNORE, STATUS};
use crate::host::folder::Stat;

/// The one kind whose documents lie in folders named by an agent.
const CAVES: &str = "caves";

/// Whether this path, relative to the documents' root, is one of ours. An editor's `.#x`, `x~` or `x.swp` is not.
pub fn is_document(path: &str) -> bool {
    if matches!(path, STATUS | CONFIG | ATTRIBUTES | IGNORE) {
        return true;
    }
    let mut parts = path.split('/');
    let known = parts.next().is_some_and(|folder| FOLDERS.contains(&folder));
    let rest: Vec<&str> = parts.collect();
    let plain = |name: &&str| {
        name.bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    let suffix = |name: &&str| {
        [".md", ".json", ".toml"]
            .iter()
            .any(|suffix| name.ends_with(suffix))
    };
    known
        && matches!(rest.len(), 1 | 2)
        && rest.iter().all(plain)
        && rest.last().is_some_and(suffix)
}

impl Store {
    /// Every document's path with what its file looks like. One that has just gone, and what is no regular file, is
    /// left out.
    pub fn stats(&self) -> Result<BTreeMap<String, Stat>, StoreError> {
        let paths = self.scan()?.into_iter();
        let looked = paths.filter_map(|path| Some((self.docs.stat(&path).ok()??, path)));
        Ok(looked.map(|(stat, path)| (path, stat)).collect())
    }

    /// Every document's path as the folder holds it, sorted.
    pub(super) fn scan(&self) -> Result<BTreeSet<String>, StoreError> {
        let mut found = BTreeSet::new();
        let list = |dir: &str| {
            self.docs
                .list(dir)
                .map_err(|source| StoreError::io("list", dir, source))
        };
        found.extend(
            list("")?
                .into_iter()
                .filter(|(_, folder)| !folder)
                .map(|(name, _)| name),
        );
        for folder in FOLDERS {
            for (name, is_folder) in list(folder)? {
                let path = format!("{folder}/{name}");
                // Caves are folders, whatever their names; any other is in a document's place.
                if is_folder && (*folder == CAVES || !is_document(&path)) {
                    found.extend(
                        list(&path)?
                            .into_iter()
                            .filter(|(_, f)| !f)
                            .map(|(name, _)| format!("{path}/{name}")),
                    );
                } else {
                    found.insert(path);
                }
            }
        }
        found.retain(|path| is_document(path));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::is_document;

    #[test]
    fn documents_and_what_lies_beside_them() {
        for good in [
            "agent-status.json",
            "issues/147.md",
            "caves/w-1/plan.md",
            "workflows/runs/x.json",
            "groups/a.json",
        ] {
            assert!(is_document(good), "{good}");
        }
        for bad in [
            "issues/.#147.md",
            "issues/147.md~",
            "issues/.147.md.swp",
            "issues/4913",
            "notes.txt",
            "other/1.md",
            ".new/1",
            "issues/../147.md",
            "issues/a/b/c.md",
            "issues",
            ".git",
        ] {
            assert!(!is_document(bad), "{bad}");
        }
    }
}
