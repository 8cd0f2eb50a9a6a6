//! The index of the documents' worktree, replaced whole under git's own lock.

use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use git2::{Index, IndexEntry, IndexTime, Repository, Tree};

use super::objects::{FILE, oid};
use super::{GitError, files};
use crate::documents::hash::BlobId;
use crate::store::layout::{self, local};

/// The name under which a new index is made.
const ASIDE: &str = "index.checkpoint";
/// How the lock begins when it is ours; the id of the commit that the branch is moved to follows.
const OURS: &str = "ghp ";

/// `index.lock` of the documents' worktree, held until this is dropped.
#[derive(Debug)]
pub(crate) struct IndexLock {
    path: PathBuf,
}

impl Drop for IndexLock {
    fn drop(&mut self) {
        // A lock that stays is known as ours by its content, and swept by the next checkpoint.
        let _ = fs::remove_file(&self.path);
    }
}

impl IndexLock {
    /// Takes the lock; `None` when a person's git has it. It appears together with its content, so that no kill
    /// leaves one behind that cannot be told from a person's.
    pub(crate) fn take(
        admin: &Path,
        common: &Path,
        tip: &str,
    ) -> Result<Option<IndexLock>, GitError> {
        let path = admin.join("index.lock");
        let aside = layout::local_dir(common)
            .join(local::ASIDE)
            .join("checkpoint-lock");
        files::put(&aside, &format!("{OURS}{tip}\n"))?;
        let taken = match fs::hard_link(&aside, &path) {
            // No hard links on this file system.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::Unsupported | ErrorKind::PermissionDenied
                ) =>
            {
                File::create_new(&path).and_then(|mut file| writeln!(file, "{OURS}{tip}"))
            }
            other => other,
        };
        files::remove(&aside)?;
        match taken {
            Ok(()) => Ok(Some(IndexLock { path })),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(GitError::file(&path)(error)),
        }
    }
}

/// Whether the lock that is there, if any, is ours.
pub(crate) fn is_ours(admin: &Path) -> Result<bool, GitError> {
    let lock = files::read(&admin.join("index.lock"))?;
    Ok(lock.is_some_and(|text| text.starts_with(OURS)))
}

/// Removes what a killed checkpoint of ours left: the lock, the lock of the branch that was to move to the same
/// commit, and the unfinished index. The caller holds our lock.
pub(crate) fn sweep(admin: &Path, common: &Path) -> Result<(), GitError> {
    let lock = admin.join("index.lock");
    if let Some(tip) = files::read(&lock)?
        .as_deref()
        .and_then(|text| text.strip_prefix(OURS))
    {
        let branch = common
            .join("refs/heads")
            .join(format!("{}.lock", layout::BRANCH));
        // Empty after a kill, zeros after a power cut, whole when it was about to be renamed.
        let ours = |text: String| text == tip || text.bytes().all(|byte| byte == 0);
        if files::read(&branch)?.is_some_and(ours) {
            files::remove(&branch)?;
        }
        files::remove(&lock)?;
    }
    files::remove(&admin.join(ASIDE))?;
    files::remove(&admin.join(format!("{ASIDE}.lock")))
}

/// Whether there is an index that libgit2 can read.
pub(crate) fn is_readable(admin: &Path) -> bool {
    let path = admin.join("index");
    // What is empty or missing opens as an empty index, which would show every document as deleted.
    path.metadata().is_ok_and(|meta| meta.len() > 0) && Index::open(&path).is_ok()
}

/// A copy of the index that is there, opened. libgit2 takes a file that it cannot look at for none, and opens it
/// empty: that is no copy.
fn copied(path: &Path, aside: &Path) -> Result<Index, GitError> {
    let reading = GitError::at("reading the documents' index");
    fs::copy(path, aside).map_err(GitError::file(path))?;
    let there = Index::open(path).map(|index| index.len());
    match (there, Index::open(aside)) {
        (Ok(there), Ok(copy)) if copy.len() == there => Ok(copy),
        (Err(error), _) | (_, Err(error)) => Err(reading(error)),
        (Ok(_), Ok(_)) => Err(reading(git2::Error::from_str("its copy cannot be read"))),
    }
}

/// Replaces the index: the one that is there (from `tree` when it cannot be read) as `change` leaves it.
pub(crate) fn replace(
    repository: &Repository,
    admin: &Path,
    tree: &Tree<'_>,
    change: impl FnOnce(&mut Index) -> Result<(), git2::Error>,
) -> Result<(), GitError> {
    let (path, aside) = (admin.join("index"), admin.join(ASIDE));
    files::remove(&aside)?;
    let mut index = if is_readable(admin) {
        copied(&path, &aside)?
    } else {
        rebuilt(repository, &aside, tree).map_err(GitError::at("reading the documents' index"))?
    };
    change(&mut index)
        .and_then(|()| index.write())
        .map_err(GitError::at("writing the documents' index"))?;
    fs::rename(&aside, &path).map_err(GitError::file(&path))
}

/// An index of the tree, knowing nothing of the files on disk.
fn rebuilt(repository: &Repository, aside: &Path, tree: &Tree<'_>) -> Result<Index, git2::Error> {
    let mut index = Index::open(aside)?;
    let mut below = vec![(String::new(), tree.clone())];
    while let Some((folder, tree)) = below.pop() {
        for found in &tree {
            let Ok(name) = found.name() else { continue };
            let path = format!("{folder}{name}");
            if found.kind() == Some(git2::ObjectType::Tree) {
                below.push((format!("{path}/"), repository.find_tree(found.id())?));
            } else {
                let mut blank = entry(&path, BlobId([0; 20]), None);
                blank.id = found.id();
                blank.mode = found.filemode().unsigned_abs();
                index.add(&blank)?;
            }
        }
    }
    Ok(index)
}

/// A document's entry. With `None` git compares the content: size 0 also makes it ask our filter.
pub(crate) fn entry(path: &str, blob: BlobId, looks: Option<&Metadata>) -> IndexEntry {
    let mut entry = IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode: FILE,
        uid: 0,
        gid: 0,
        file_size: 0,
        id: oid(blob),
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    };
    if let Some(looks) = looks {
        entry.ctime = time(looks.ctime(), looks.ctime_nsec());
        entry.mtime = time(looks.mtime(), looks.mtime_nsec());
        entry.dev = low32(looks.dev());
        entry.ino = low32(looks.ino());
        entry.uid = looks.uid();
        entry.gid = looks.gid();
        entry.file_size = low32(looks.size());
    }
    entry
}

fn time(seconds: i64, nanoseconds: i64) -> IndexTime {
    IndexTime::new(
        i32::try_from(seconds).unwrap_or(0),
        u32::try_from(nanoseconds).unwrap_or(0),
    )
}

/// The index keeps the low half of what the system counts in 64 bits.
fn low32(number: u64) -> u32 {
    u32::try_from(number & 0xffff_ffff).unwrap_or(0)
}
