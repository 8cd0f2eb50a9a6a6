//! What differs between two commits: each path with what stood there before and what stands there after.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use git2::{ObjectType, Oid, Repository, Tree, TreeEntry};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::changes::text;

/// An object's id, which is text in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Id(pub Oid);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Id).map_err(D::Error::custom)
    }
}

/// What stands at a path: mode and object.
pub(super) type Entry = (u32, Id);
/// By path: before and after.
pub(super) type Differences = BTreeMap<String, [Option<Entry>; 2]>;

/// The paths in which two commits differ; a rename is a path gone and a new one. Folders that are the same are not read.
pub(super) fn between(
    repository: &Repository,
    from: Oid,
    to: Oid,
) -> Result<Differences, git2::Error> {
    let mut walk = Walk {
        repository,
        path: Vec::new(),
        found: Differences::new(),
    };
    let tree = |id: Oid| repository.find_commit(id)?.tree();
    walk.trees(Some(&tree(from)?), Some(&tree(to)?))?;
    Ok(walk.found)
}

/// The mode and object of an entry.
pub(super) fn facts(entry: &TreeEntry<'_>) -> Entry {
    (entry.filemode().cast_unsigned(), Id(entry.id()))
}

struct Walk<'r> {
    repository: &'r Repository,
    /// The folder that is looked at, with a slash behind it; empty at the top.
    path: Vec<u8>,
    found: Differences,
}

impl Walk<'_> {
    fn trees(
        &mut self,
        before: Option<&Tree<'_>>,
        after: Option<&Tree<'_>>,
    ) -> Result<(), git2::Error> {
        let mut before = before.into_iter().flat_map(Tree::iter).peekable();
        let mut after = after.into_iter().flat_map(Tree::iter).peekable();
        loop {
            let first = match (before.peek(), after.peek()) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => order(old, new),
            };
            let old = first.is_le().then(|| before.next()).flatten();
            let new = first.is_ge().then(|| after.next()).flatten();
            if old.as_ref().map(facts) != new.as_ref().map(facts) {
                self.entry(old.as_ref(), new.as_ref())?;
            }
        }
    }

    /// One name: both sides are folders, or neither is.
    fn entry(
        &mut self,
        old: Option<&TreeEntry<'_>>,
        new: Option<&TreeEntry<'_>>,
    ) -> Result<(), git2::Error> {
        let Some(some) = old.or(new) else {
            return Ok(());
        };
        let depth = self.path.len();
        self.path.extend_from_slice(some.name_bytes());
        if is_folder(some) {
            self.path.push(b'/');
            let tree = |entry: &TreeEntry<'_>| self.repository.find_tree(entry.id());
            let (old, new) = (old.map(tree).transpose()?, new.map(tree).transpose()?);
            self.trees(old.as_ref(), new.as_ref())?;
        } else {
            self.found
                .insert(text(&self.path), [old.map(facts), new.map(facts)]);
        }
        self.path.truncate(depth);
        Ok(())
    }
}

fn is_folder(entry: &TreeEntry<'_>) -> bool {
    entry.kind() == Some(ObjectType::Tree)
}

/// As trees are sorted: a folder as if its name ended in a slash.
fn order(one: &TreeEntry<'_>, other: &TreeEntry<'_>) -> Ordering {
    let slash = |entry| is_folder(entry).then_some(&b'/');
    let (name, other_name) = (one.name_bytes(), other.name_bytes());
    if name == other_name {
        return slash(one).cmp(&slash(other));
    }
    let of_one = name.iter().chain(slash(one));
    of_one.cmp(other_name.iter().chain(slash(other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scratch, run};

    #[test]
    fn as_git_tells_them() {
        let scratch = Scratch::repository();
        for path in ["a", "a.b", "c/d/e", "c/f", "g/h", "same/x", "z"] {
            scratch.write(path, path);
        }
        scratch.commit("first", "x");
        let before = run(scratch.path(), &["rev-parse", "HEAD"]);
        for words in [
            &["rm", "-rq", "a", "c/d", "g", "z"][..],
            &["update-index", "--chmod=+x", "c/f"],
        ] {
            run(scratch.path(), words);
        }
        for path in ["a/new", "c/d", "g", "ä"] {
            scratch.write(path, path);
        }
        std::os::unix::fs::symlink("g", scratch.path().join("z")).expect("a symlink");
        run(scratch.path(), &["add", "a", "c/d", "g", "ä", "z"]);
        run(scratch.path(), &["commit", "-q", "-m", "second"]);
        let repository = Repository::open(scratch.path()).expect("a repository");
        let id = |name: &str| {
            let object = repository.revparse_single(name).expect("a commit");
            object.id()
        };
        for (from, to) in [(before.trim(), "HEAD"), ("HEAD", before.trim())] {
            let words = ["diff-tree", "-r", "-z", "--no-renames", from, to];
            let told = run(scratch.path(), &words);
            let mut told: Vec<String> = told.split('\0').map(str::to_owned).collect();
            told.retain(|field| !field.is_empty());
            let mut told: Vec<String> = told.chunks(2).map(|pair| pair.join(" ")).collect();
            let found = between(&repository, id(from), id(to)).expect("differences");
            let side =
                |entry: Option<Entry>| entry.map_or((0, Oid::ZERO_SHA1), |(mode, id)| (mode, id.0));
            let mut found: Vec<String> = found
                .into_iter()
                .map(|(path, [old, new])| {
                    let (old, new) = (side(old), side(new));
                    let how = match (old.0, new.0) {
                        (0, _) => "A",
                        (_, 0) => "D",
                        (old, new) if old >> 12 != new >> 12 => "T",
                        _ => "M",
                    };
                    format!(
                        ":{:06o} {:06o} {} {} {how} {path}",
                        old.0, new.0, old.1, new.1
                    )
                })
                .collect();
            told.sort();
            found.sort();
            assert_eq!(found, told);
        }
    }
}
