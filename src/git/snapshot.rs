//! Documents as a commit has them, for those who have no worktree of them: CI, and a shared bare repository.

use std::path::Path;

use git2::{ObjectType, Oid, Repository};

use super::GitError;
use crate::store::layout;

/// The documents of one commit.
pub struct Snapshot {
    repository: Repository,
    tree: Oid,
}

impl Snapshot {
    /// The documents at a revision, or at the first of these that exists; `None`: none does.
    pub fn open(common: &Path, revisions: &[&str]) -> Result<Option<Snapshot>, GitError> {
        let repository =
            Repository::open(common).map_err(|error| GitError::opening(common, &error))?;
        let tree = revisions.iter().find_map(|revision| {
            let object = repository.revparse_single(revision).ok()?;
            Some(object.peel(ObjectType::Tree).ok()?.id())
        });
        Ok(tree.map(|tree| Snapshot { repository, tree }))
    }

    /// Whether anything in it is a document: the folder's own settings of git's are in each of its commits.
    pub fn has_documents(&self) -> Result<bool, GitError> {
        Ok(self.text(layout::ATTRIBUTES)?.is_some() || self.text(layout::STATUS)?.is_some())
    }

    /// A document's text; `None`: there is none, or it is no text.
    pub fn text(&self, path: &str) -> Result<Option<String>, GitError> {
        let reading = GitError::at("reading a document of the branch");
        let tree = self.repository.find_tree(self.tree).map_err(&reading)?;
        let Ok(entry) = tree.get_path(Path::new(path)) else {
            return Ok(None);
        };
        if entry.kind() != Some(ObjectType::Blob) {
            return Ok(None);
        }
        let blob = self.repository.find_blob(entry.id()).map_err(&reading)?;
        Ok(String::from_utf8(blob.content().to_vec()).ok())
    }

    /// The stems of the Markdown documents in a folder.
    pub fn stems(&self, folder: &str) -> Result<Vec<String>, GitError> {
        let reading = GitError::at("listing documents of the branch");
        let tree = self.repository.find_tree(self.tree).map_err(&reading)?;
        let Ok(entry) = tree.get_path(Path::new(folder)) else {
            return Ok(Vec::new());
        };
        let Ok(folder) = self.repository.find_tree(entry.id()) else {
            return Ok(Vec::new());
        };
        let stem =
            |entry: git2::TreeEntry<'_>| Some(entry.name().ok()?.strip_suffix(".md")?.to_owned());
        Ok(folder.iter().filter_map(stem).collect())
    }
}
