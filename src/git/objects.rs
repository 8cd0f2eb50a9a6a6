//! Folders and commits of the documents as git writes them, changed in memory and packed once.

use std::collections::BTreeMap;

use git2::{ObjectType, Oid, Repository, Tree};

use super::GitError;
use super::pack::{Kind, Pack};
use crate::documents::hash::BlobId;
use crate::store::branch::NewCommit;

/// A document's mode in git; folders have [`FOLDER`].
pub(crate) const FILE: u32 = 0o100_644;
const FOLDER: u32 = 0o40_000;

pub(crate) fn oid(id: BlobId) -> Oid {
    Oid::from_bytes(&id.0).expect("twenty bytes")
}

pub(crate) fn blob_id(oid: Oid) -> BlobId {
    BlobId(
        oid.as_bytes()
            .try_into()
            .expect("a SHA-1 repository: others are refused at opening"),
    )
}

/// A folder of a commit: what stands in it by its sort key, and the folders below that were looked into.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    entries: BTreeMap<Vec<u8>, (u32, BlobId)>,
    below: BTreeMap<String, Folder>,
    /// What it was when it was last written.
    written: Option<BlobId>,
}

impl Folder {
    /// Reads a folder; those below it are read when a path leads into them.
    pub(crate) fn load(tree: &Tree<'_>) -> Folder {
        let mut entries = BTreeMap::new();
        for entry in tree {
            let mode = entry.filemode().unsigned_abs();
            entries.insert(key(entry.name_bytes(), mode), (mode, blob_id(entry.id())));
        }
        Folder {
            entries,
            below: BTreeMap::new(),
            written: Some(blob_id(tree.id())),
        }
    }

    /// Puts a document, or takes it away.
    pub(crate) fn set(
        &mut self,
        store: &Repository,
        path: &str,
        blob: Option<BlobId>,
    ) -> Result<(), GitError> {
        self.written = None;
        let Some((name, rest)) = path.split_once('/') else {
            self.entries.remove(&key(path.as_bytes(), FILE));
            if let Some(blob) = blob {
                // A folder in a document's place makes way.
                self.entries.remove(&key(path.as_bytes(), FOLDER));
                self.below.remove(path);
                self.entries
                    .insert(key(path.as_bytes(), FILE), (FILE, blob));
            }
            return Ok(());
        };
        if !self.below.contains_key(name) {
            let there = self.entries.get(&key(name.as_bytes(), FOLDER));
            let folder = match there {
                Some((_, id)) => Folder::load(
                    &store
                        .find_tree(oid(*id))
                        .map_err(GitError::at("reading a folder"))?,
                ),
                None if blob.is_none() => return Ok(()),
                None => Folder::default(),
            };
            self.below.insert(name.to_owned(), folder);
        }
        let below = self.below.entry(name.to_owned()).or_default();
        below.set(store, rest, blob)
    }

    /// Packs what changed; `None` when nothing is left in it.
    fn write(&mut self, pack: &mut Pack, previous: Option<BlobId>) -> Option<BlobId> {
        if self.written.is_some() {
            return self.written;
        }
        for (name, folder) in &mut self.below {
            let key_there = key(name.as_bytes(), FOLDER);
            let before = self.entries.get(&key_there).map(|(_, id)| *id);
            match folder.write(pack, before) {
                Some(id) => {
                    // A document in a folder's place makes way.
                    self.entries.remove(&key(name.as_bytes(), FILE));
                    self.entries.insert(key_there, (FOLDER, id));
                }
                None => {
                    self.entries.remove(&key_there);
                }
            }
        }
        if self.entries.is_empty() {
            return None;
        }
        self.written = Some(pack.add(Kind::Tree, self.render(), previous));
        self.written
    }

    fn render(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (key, (mode, id)) in &self.entries {
            out.extend(format!("{mode:o} ").bytes());
            out.extend(key.strip_suffix(b"/").unwrap_or(key));
            out.push(0);
            out.extend(id.0);
        }
        out
    }
}

/// How git sorts: a folder's name as if it ended in `/`.
fn key(name: &[u8], mode: u32) -> Vec<u8> {
    let mut key = name.to_vec();
    if mode == FOLDER {
        key.push(b'/');
    }
    key
}

/// Packs these commits on top of `parent`, and returns the last one's id.
pub(crate) fn pack(
    store: &Repository,
    parent: &str,
    commits: &[NewCommit],
    pack: &mut Pack,
) -> Result<BlobId, GitError> {
    let id = Oid::from_str(parent).map_err(GitError::at("reading the parent's id"))?;
    let tree = store
        .find_commit(id)
        .and_then(|commit| commit.tree())
        .map_err(GitError::at("reading the parent"))?;
    let mut root = Folder::load(&tree);
    let mut before_root = Some(blob_id(tree.id()));
    let mut last: BTreeMap<&str, BlobId> = BTreeMap::new();
    let mut parent = blob_id(id);
    for commit in commits {
        for (path, content) in &commit.changes {
            let blob = content.as_ref().map(|content| {
                let blob = pack.add(
                    Kind::Blob,
                    content.clone(),
                    last.get(path.as_str()).copied(),
                );
                last.insert(path, blob);
                blob
            });
            root.set(store, path, blob)?;
        }
        let tree = match root.write(pack, before_root) {
            Some(tree) => tree,
            None => pack.add(Kind::Tree, Vec::new(), None),
        };
        before_root = Some(tree);
        parent = pack.add(Kind::Commit, commit_text(tree, Some(parent), commit), None);
    }
    Ok(parent)
}

/// A commit as git writes it.
pub(crate) fn commit_text(tree: BlobId, parent: Option<BlobId>, commit: &NewCommit) -> Vec<u8> {
    let name: String = commit
        .author
        .chars()
        .filter(|c| !matches!(c, '<' | '>' | '\n' | '\0'))
        .collect();
    let name = match name.trim() {
        "" => "unknown",
        name => name,
    };
    let who = format!(
        "{name} <{name}@ghp.invalid> {} +0000",
        commit.at.seconds().max(0)
    );
    let parent = parent.map_or(String::new(), |parent| format!("parent {parent}\n"));
    let message = commit.message.replace('\0', "");
    format!(
        "tree {tree}\n{parent}author {who}\ncommitter {who}\n\n{}\n",
        message.trim_end()
    )
    .into_bytes()
}

/// Every document of a tree with its mode: regular files only.
pub(crate) fn documents(tree: &Tree<'_>) -> Result<Vec<(String, BlobId)>, GitError> {
    let mut found = Vec::new();
    tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
        let regular =
            entry.kind() == Some(ObjectType::Blob) && entry.filemode() & 0o170_000 == 0o100_000;
        // A name that is not UTF-8 is none of ours.
        if let Ok(name) = entry.name()
            && regular
        {
            found.push((format!("{folder}{name}"), blob_id(entry.id())));
        }
        git2::TreeWalkResult::Ok
    })
    .map_err(GitError::at("reading the documents' folders"))?;
    Ok(found)
}
