//! The branch of documents in a real repository: checkpoints are written, published and swept here.
//!
//! The order makes a kill anywhere harmless. `.keep`, pack and index of the pack first, each written aside, synced
//! and renamed: without the `.keep`, a `git repack -ad` beside us throws away what no branch reaches yet. Then the
//! index of the worktree, then the branch: the other way round a kill shows every document as a staged deletion.

use std::cell::{Cell, OnceCell};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use git2::{Commit, ErrorCode, Oid, Repository};

use super::index::{self, IndexLock};
use super::link::{self, Link};
use super::pack::{Pack, Packed};
use super::{GitError, files, guarded, objects};
use crate::documents::hash::BlobId;
use crate::store::branch::{Branch, BranchError, CommitId, NewCommit, OnDisk, Published};
use crate::store::layout::{self, local};

/// How our `.keep` files begin.
const KEEP: &str = "ghp checkpoint";
/// How our unfinished files begin.
const UNFINISHED: &str = "checkpoint-";

/// States of a worktree in which its index and HEAD are a person's business.
const UNDER_WAY: [(&str, &str); 6] = [
    ("MERGE_HEAD", "merge"),
    ("rebase-merge", "rebase"),
    ("rebase-apply", "rebase"),
    ("CHERRY_PICK_HEAD", "cherry-pick"),
    ("REVERT_HEAD", "revert"),
    ("BISECT_LOG", "bisect"),
];

/// The branch of documents. Nothing is opened before it is needed.
pub struct DocumentsBranch {
    common: PathBuf,
    root: PathBuf,
    repository: OnceCell<Repository>,
    /// What [`Branch::is_linked`] found, for the question that a decision asks next.
    admin: Cell<Option<PathBuf>>,
}

impl DocumentsBranch {
    /// The branch of the repository with this common git dir, whose worktree is `root`.
    pub fn new(common: &Path, root: &Path) -> DocumentsBranch {
        DocumentsBranch {
            common: common.to_owned(),
            root: root.to_owned(),
            repository: OnceCell::new(),
            admin: Cell::new(None),
        }
    }

    /// Git's own folder of the worktree; `None` when that is not linked (a server, or about to be restored).
    fn admin(&self) -> Result<Option<PathBuf>, GitError> {
        Ok(match link::read(&self.root, &self.common)? {
            Link::Sound(admin) => Some(admin),
            Link::Gone | Link::AdminGone | Link::Astray => None,
        })
    }

    fn repository(&self) -> Result<&Repository, GitError> {
        if let Some(repository) = self.repository.get() {
            return Ok(repository);
        }
        // Through the worktree, so that its HEAD gets a line in its reflog too.
        let at = if self.admin()?.is_some() {
            &self.root
        } else {
            &self.common
        };
        let repository = Repository::open(at).map_err(|error| GitError::opening(at, &error))?;
        guarded::write_durably(&repository)?;
        Ok(self.repository.get_or_init(|| repository))
    }

    fn commit(&self, id: &str) -> Result<Commit<'_>, GitError> {
        let id = Oid::from_str(id).map_err(GitError::at("reading a commit's id"))?;
        self.repository()?
            .find_commit(id)
            .map_err(GitError::at("reading a commit"))
    }

    fn name() -> String {
        format!("refs/heads/{}", layout::BRANCH)
    }

    fn tip_id(&self) -> Result<Option<Oid>, GitError> {
        match self.repository()?.refname_to_id(&Self::name()) {
            Ok(id) => Ok(Some(id)),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(GitError::at("reading the branch of documents")(error)),
        }
    }

    fn unfinished(&self) -> PathBuf {
        layout::local_dir(&self.common).join(local::ASIDE)
    }

    /// Brings the pack in beside git's own: nothing can lose its objects from the first rename on.
    fn install(&self, packed: &Packed) -> Result<(), GitError> {
        let folder = self.common.join("objects/pack");
        let aside = self.unfinished();
        fs::create_dir_all(&aside).map_err(GitError::file(&aside))?;
        let keep = format!("{KEEP}\n");
        for (ending, content) in [
            ("keep", keep.as_bytes()),
            ("pack", &packed.pack),
            ("idx", &packed.index),
        ] {
            let temporary = aside.join(format!("{UNFINISHED}{ending}"));
            let file = folder.join(format!("pack-{}.{ending}", packed.name));
            files::remove(&temporary)?;
            OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o444)
                .open(&temporary)
                .and_then(|mut open| open.write_all(content).and_then(|()| open.sync_all()))
                .and_then(|()| fs::rename(&temporary, &file))
                .map_err(GitError::file(&file))?;
        }
        sync_names(&folder)
    }

    /// Takes our `.keep` files away again: from here on the branch reaches what they kept.
    fn let_go(&self) -> Result<(), GitError> {
        let folder = self.common.join("objects/pack");
        for name in names(&folder)? {
            let path = folder.join(&name);
            let keep = path.extension().is_some_and(|ending| ending == "keep");
            if keep && files::read(&path)?.is_some_and(|text| text.starts_with(KEEP)) {
                files::remove(&path)?;
            }
        }
        Ok(())
    }

    fn replace_index(&self, admin: &Path, tip: &str, documents: &[OnDisk]) -> Result<(), GitError> {
        let tree = self
            .commit(tip)?
            .tree()
            .map_err(GitError::at("reading a commit"))?;
        index::replace(self.repository()?, admin, &tree, |index| {
            documents
                .iter()
                .try_for_each(|document| match document.blob {
                    // `remove_path` would look at the file; the entry alone is meant.
                    None => index
                        .remove(Path::new(&document.path), 0)
                        .or_else(unless_absent),
                    Some(blob) => {
                        let looks = self
                            .root
                            .join(&document.path)
                            .symlink_metadata()
                            .ok()
                            .filter(|looks| {
                                document.stat.is_some_and(|stat| {
                                    let mtime = looks.mtime() * 1_000_000_000 + looks.mtime_nsec();
                                    (stat.ino, stat.size, stat.mtime)
                                        == (looks.ino(), looks.size(), mtime)
                                })
                            });
                        index.add(&index::entry(&document.path, blob, looks.as_ref()))
                    }
                })
        })
    }
}

fn unless_absent(error: git2::Error) -> Result<(), git2::Error> {
    if error.code() == ErrorCode::NotFound {
        Ok(())
    } else {
        Err(error)
    }
}

fn is_on_branch(admin: &Path) -> Result<bool, GitError> {
    Ok(files::read(&admin.join("HEAD"))?.is_some_and(|head| head == link::on_branch()))
}

fn under_way(admin: &Path) -> Option<&'static str> {
    UNDER_WAY
        .iter()
        .find(|(file, _)| admin.join(file).exists())
        .map(|(_, what)| *what)
}

fn names(folder: &Path) -> Result<Vec<std::ffi::OsString>, GitError> {
    match fs::read_dir(folder) {
        Ok(entries) => entries
            .map(|entry| {
                entry
                    .map(|entry| entry.file_name())
                    .map_err(GitError::file(folder))
            })
            .collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(GitError::file(folder)(error)),
    }
}

fn sync_names(folder: &Path) -> Result<(), GitError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(GitError::file(folder))
}

impl Branch for DocumentsBranch {
    fn tip(&self) -> Result<Option<CommitId>, BranchError> {
        Ok(self.tip_id()?.map(|id| id.to_string()))
    }

    fn read(&self, at: &str, path: &str) -> Result<Option<Vec<u8>>, BranchError> {
        let tree = self
            .commit(at)?
            .tree()
            .map_err(GitError::at("reading a commit"))?;
        match tree.get_path(Path::new(path)) {
            Ok(entry) if entry.kind() == Some(git2::ObjectType::Blob) => {
                let blob = self
                    .repository()?
                    .find_blob(entry.id())
                    .map_err(GitError::at("reading a document"))?;
                Ok(Some(blob.content().to_vec()))
            }
            Ok(_) => Ok(None),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(GitError::at("reading a document")(error).into()),
        }
    }

    fn earlier(&self, commit: &str) -> Result<Option<CommitId>, BranchError> {
        let commit = self.commit(commit)?;
        Ok(commit.parent_ids().next().map(|id| id.to_string()))
    }

    fn paths(&self, at: &str) -> Result<Vec<(String, BlobId)>, BranchError> {
        let tree = self
            .commit(at)?
            .tree()
            .map_err(GitError::at("reading a commit"))?;
        Ok(objects::documents(&tree)?)
    }

    fn code_copies(&self) -> Result<Vec<(String, BlobId)>, BranchError> {
        let code = Repository::open(&self.common)
            .map_err(|error| GitError::opening(&self.common, &error))?;
        let head = code.head().and_then(|head| head.peel_to_tree());
        // Before the first commit there is none.
        let Ok(tree) = head else {
            return Ok(Vec::new());
        };
        let tracked = tree.get_name(layout::DOCUMENTS).map(|entry| entry.id());
        match tracked.map(|id| code.find_tree(id)) {
            Some(Ok(tree)) => Ok(objects::documents(&tree)?),
            // Not tracked, or not as a folder.
            None | Some(Err(_)) => Ok(Vec::new()),
        }
    }

    fn write(&self, parent: &str, commits: &[NewCommit]) -> Result<CommitId, BranchError> {
        if commits.is_empty() {
            return Ok(parent.to_owned());
        }
        let mut pack = Pack::default();
        let last = objects::pack(self.repository()?, parent, commits, &mut pack)?;
        self.install(&pack.finish())?;
        Ok(last.to_string())
    }

    fn publish(
        &self,
        parent: &str,
        tip: &str,
        documents: &[OnDisk],
    ) -> Result<Published, BranchError> {
        let repository = self.repository()?;
        // The objects first: an index or a branch never names what is not there.
        let new = self.commit(tip)?.id();
        let old = Oid::from_str(parent).map_err(GitError::at("reading a commit's id"))?;
        let admin = self.admin()?;
        let mut lock = None;
        if let Some(admin) = &admin {
            if under_way(admin).is_some() || !is_on_branch(admin)? {
                return Ok(Published::Busy);
            }
            lock = IndexLock::take(admin, &self.common, tip)?;
            if lock.is_none() {
                return Ok(Published::Busy);
            }
            if self.tip_id()? != Some(old) {
                return Ok(Published::Moved);
            }
            self.replace_index(admin, tip, documents)?;
        }
        if new != old {
            match repository.reference_matching(&Self::name(), new, true, old, "ghp: checkpoint") {
                Ok(_) => {}
                Err(error) if matches!(error.code(), ErrorCode::Modified | ErrorCode::NotFound) => {
                    return Ok(Published::Moved);
                }
                Err(error) if error.code() == ErrorCode::Locked => return Ok(Published::Busy),
                Err(error) => {
                    return Err(GitError::at("moving the branch of documents")(error).into());
                }
            }
        }
        drop(lock);
        self.let_go()?;
        Ok(Published::Done)
    }

    fn contains(&self, commit: &str) -> Result<bool, BranchError> {
        let (Some(tip), Ok(commit)) = (self.tip_id()?, Oid::from_str(commit)) else {
            return Ok(false);
        };
        if tip == commit {
            return Ok(true);
        }
        let repository = self.repository()?;
        let odb = repository
            .odb()
            .map_err(GitError::at("opening the object store"))?;
        let reached = || repository.graph_descendant_of(tip, commit);
        Ok(
            odb.exists(commit)
                && reached().map_err(GitError::at("reading the branch's history"))?,
        )
    }

    fn sweep(&self) -> Result<(), BranchError> {
        if let Some(admin) = self.admin()? {
            index::sweep(&admin, &self.common)?;
        }
        guarded::sweep(&self.common)?;
        let unfinished = self.unfinished();
        for name in names(&unfinished)? {
            if name.as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
                files::remove(&unfinished.join(name))?;
            }
        }
        Ok(self.let_go()?)
    }

    fn is_linked(&self) -> Result<bool, BranchError> {
        let admin = self.admin()?;
        let is_linked = admin.is_some();
        self.admin.set(admin);
        Ok(is_linked)
    }

    fn detached(&self) -> Result<Option<String>, BranchError> {
        let known = self.admin.take();
        let Some(admin) = known.map_or_else(|| self.admin(), |admin| Ok(Some(admin)))? else {
            return Ok(None);
        };
        let head = files::read(&admin.join("HEAD"))?.unwrap_or_default();
        // In a rebase HEAD is off the branch for a while; `busy` tells.
        if head == link::on_branch() || under_way(&admin).is_some() {
            return Ok(None);
        }
        Ok(Some(match head.strip_prefix("ref: refs/heads/") {
            Some(branch) => format!("branch {branch}"),
            None => format!("commit {}", head.get(..12).unwrap_or(&head)),
        }))
    }

    fn busy(&self) -> Result<Option<String>, BranchError> {
        let Some(admin) = self.admin()? else {
            return Ok(None);
        };
        Ok(under_way(&admin)
            .map(|what| format!("a {what} is under way in {}", self.root.display())))
    }
}

#[cfg(test)]
mod tests;
