//! What earlier looks found, in one file of this machine's. Every answer stands under the ids of all that it was made from,
//! and those name contents: a key that is found is right for ever, one that has moved is another key. A file that is
//! damaged, of another version or too large is none.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use git2::{ObjectType, Oid};
use serde::{Deserialize, Serialize};

use super::bases::Left;
use super::direct::{Outcome, Standing};
use crate::git::differences::Differences;
use crate::host::folder::{Dir, Folder};
use crate::store::layout::{local, local_dir};

/// Answers that the last look did not need are kept up to so many, in each table.
const MOST_UNUSED: usize = 2000;
/// A larger file is not written, in bytes.
const LARGEST: usize = 4 << 20;
/// The file's first line begins so; what is told, and how, belongs to the version.
const HEAD: &str = concat!("radar 1 ", env!("CARGO_PKG_VERSION"), " ");

/// The tables, and where they are kept.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Memory {
    /// The main branch's commit and those of all work: where each left the main branch.
    pub left: Table<Vec<Left>>,
    /// Two commits: what differs.
    pub differences: Table<Differences>,
    /// A base, work on it and the main branch's commit: what of it the main branch has changed too.
    pub standing: Table<Standing>,
    /// Three contents: how merging their lines ends.
    pub outcomes: Table<Outcome>,
    #[serde(skip)]
    folder: Option<Dir>,
}

/// Answers by the ids they were made from.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Table<V> {
    known: BTreeMap<String, V>,
    #[serde(skip)]
    used: HashSet<String>,
    #[serde(skip)]
    is_new: bool,
}

impl<V> Default for Table<V> {
    fn default() -> Table<V> {
        Table {
            known: BTreeMap::new(),
            used: HashSet::new(),
            is_new: false,
        }
    }
}

impl<V: Clone> Table<V> {
    /// For each key what is known, and for all others what `find` finds, in order.
    pub(super) fn fill<K: AsRef<[Oid]> + Clone, E>(
        &mut self,
        keys: &[K],
        find: impl FnOnce(&[K]) -> Result<Vec<V>, E>,
    ) -> Result<Vec<V>, E> {
        let names: Vec<String> = keys.iter().map(|key| name(key.as_ref())).collect();
        // In the order of the keys: what lies together is found together.
        let mut missing: (Vec<String>, Vec<K>) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for (name, key) in names.iter().zip(keys) {
            if !self.known.contains_key(name) && seen.insert(name) {
                missing.0.push(name.clone());
                missing.1.push(key.clone());
            }
        }
        if !missing.0.is_empty() {
            let found = find(&missing.1)?;
            self.is_new = true;
            self.known.extend(missing.0.into_iter().zip(found));
        }
        let values = names
            .iter()
            .filter_map(|name| self.known.get(name).cloned());
        let values = values.collect();
        self.used.extend(names);
        Ok(values)
    }

    /// Forgets what was not used, when it is much.
    fn tidy(&mut self) {
        if self.known.len() > self.used.len() + MOST_UNUSED {
            self.known.retain(|name, _| self.used.contains(name));
        }
    }
}

fn name(ids: &[Oid]) -> String {
    let ids: Vec<String> = ids.iter().map(Oid::to_string).collect();
    ids.join(" ")
}

impl Memory {
    /// What is kept for the repository with this common dir: nothing, when it has no documents.
    pub(super) fn of(common: &Path) -> Memory {
        let Ok(folder) = Dir::open(&local_dir(common), local::ASIDE) else {
            return Memory::default();
        };
        let text = folder.read(local::RADAR).ok().flatten();
        let mut memory = text.as_deref().and_then(parse).unwrap_or_default();
        // Grafts change a history without changing an id.
        if ["shallow", "info/grafts"]
            .iter()
            .any(|name| common.join(name).exists())
        {
            memory.left = Table::default();
        }
        memory.folder = Some(folder);
        memory
    }

    /// Keeps it, when there is something new in it.
    pub(super) fn keep(mut self) {
        let is_new = self.left.is_new
            || self.differences.is_new
            || self.standing.is_new
            || self.outcomes.is_new;
        let Some(folder) = self.folder.take().filter(|_| is_new) else {
            return;
        };
        // Its key names every branch: hardly one of them comes back.
        self.left
            .known
            .retain(|name, _| self.left.used.contains(name));
        self.differences.tidy();
        self.standing.tidy();
        self.outcomes.tidy();
        let Ok(body) = serde_json::to_vec(&self) else {
            return;
        };
        if body.len() > LARGEST {
            return;
        }
        if let Some(sum) = sum(&body) {
            let text = [HEAD.as_bytes(), sum.as_bytes(), b"\n", &body].concat();
            // What cannot be kept is found again: a folder that cannot be written is no reason to fail.
            let _ = folder.replace(local::RADAR, &text);
        }
    }
}

fn parse(text: &[u8]) -> Option<Memory> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let (head, body) = (&text[..end], &text[end + 1..]);
    let told = head.strip_prefix(HEAD.as_bytes())?;
    if told != sum(body)?.as_bytes() {
        return None;
    }
    serde_json::from_slice(body).ok()
}

fn sum(body: &[u8]) -> Option<String> {
    let sum = Oid::hash_object(ObjectType::Blob, body).ok()?;
    Some(sum.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scratch, write_bytes};

    fn id(byte: u8) -> Oid {
        Oid::from_bytes(&[byte; 20]).expect("an id")
    }

    /// Looks three contents up; how many of them had to be found.
    fn found(scratch: &Scratch, keys: &[[Oid; 3]]) -> usize {
        let mut memory = Memory::of(scratch.path());
        let mut count = 0;
        let find = |keys: &[[Oid; 3]]| {
            count = keys.len();
            Ok::<_, ()>(vec![None; keys.len()])
        };
        let values = memory.outcomes.fill(keys, find).expect("found");
        assert_eq!(values.len(), keys.len());
        memory.keep();
        count
    }

    #[test]
    fn what_is_known_is_not_looked_for_again() {
        let scratch = Scratch::new();
        let keys = [[id(1); 3], [id(2); 3], [id(1); 3]];
        assert_eq!(
            (found(&scratch, &keys[..1]), found(&scratch, &keys[..1])),
            (1, 1)
        );
        scratch.write("ghp/root", "");
        assert_eq!(
            (found(&scratch, &keys[..2]), found(&scratch, &keys[..2])),
            (2, 0)
        );
        assert_eq!(found(&scratch, &[[id(1); 3], [id(3); 3]]), 1);
    }

    #[test]
    fn a_damaged_file_is_none() {
        let scratch = Scratch::new();
        scratch.write("ghp/root", "");
        let keys = [[id(1); 3]];
        assert_eq!(found(&scratch, &keys), 1);
        let file = scratch.path().join("ghp").join(local::RADAR);
        let whole = scratch.read(&format!("ghp/{}", local::RADAR)).into_bytes();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            write_bytes(&file, &damaged);
            assert_eq!(found(&scratch, &keys), 1, "byte {at}");
            write_bytes(&file, &whole[..at]);
            assert_eq!(found(&scratch, &keys), 1, "cut at {at}");
        }
        write_bytes(&file, &whole);
        assert_eq!(found(&scratch, &keys), 0);
    }
}
