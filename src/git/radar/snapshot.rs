//! What a worktree holds, as a commit in the throw-away store: its commit with the uncommitted files on top.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use git2::build::TreeUpdateBuilder;
use git2::{
    ErrorCode, FileMode, Index, IndexEntry, IndexTime, Oid, Repository, RepositoryState, Signature,
    Tree,
};

use super::Work;
use super::aside::Aside;
use crate::domain::escape::one_line;
use crate::git::GitError;
use crate::git::changes::{as_path, files, merging, text};

/// Larger files are not looked at, in bytes.
const LARGEST: u64 = 8 << 20;

/// What was found in a worktree.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    /// The commit; none when there is no worktree, or none to take as it stands.
    pub tip: Option<Oid>,
    /// The files in it that no commit holds.
    pub paths: BTreeSet<String>,
    /// What was not looked at, and why.
    pub left_out: Vec<String>,
}

/// A file's new state.
enum Now {
    Gone,
    Blob(Oid, FileMode),
}

/// Takes all of them, on every core.
pub(super) fn all(aside: &Aside, works: &[Work]) -> Vec<Snapshot> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let worktrees = works.iter().filter(|work| work.worktree.is_some()).count();
    let next = AtomicUsize::new(0);
    let take = || {
        let mut taken = Vec::new();
        while let at = next.fetch_add(1, Ordering::Relaxed)
            && let Some(work) = works.get(at)
        {
            let snapshot = work
                .worktree
                .as_deref()
                .map(|path| of(aside, path).unwrap_or_else(|error| unreadable(path, &error)));
            taken.push((at, snapshot.unwrap_or_default()));
        }
        taken
    };
    let mut taken: Vec<(usize, Snapshot)> = if worktrees < 2 {
        take()
    } else {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..cores.min(worktrees))
                .map(|_| scope.spawn(take))
                .collect();
            let join = |thread: std::thread::ScopedJoinHandle<'_, Vec<_>>| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            threads.into_iter().flat_map(join).collect()
        })
    };
    taken.sort_by_key(|(at, _)| *at);
    taken.into_iter().map(|(_, snapshot)| snapshot).collect()
}

/// A worktree that cannot be looked at is no reason to look at none.
fn unreadable(worktree: &Path, error: &GitError) -> Snapshot {
    let name = one_line(&worktree.display().to_string(), 200);
    Snapshot {
        left_out: vec![format!(
            "what is not committed in {name} was not looked at: {error}"
        )],
        ..Snapshot::default()
    }
}

fn of(aside: &Aside, worktree: &Path) -> Result<Snapshot, GitError> {
    let mut repository = match Repository::open(worktree) {
        // Removed since it was listed.
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(Snapshot::default()),
        other => other.map_err(|error| GitError::opening(worktree, &error))?,
    };
    // In a rebase the files are neither the old branch nor the new one: the branch itself says what is to come.
    if matches!(
        repository.state(),
        RepositoryState::Rebase
            | RepositoryState::RebaseInteractive
            | RepositoryState::RebaseMerge
            | RepositoryState::ApplyMailboxOrRebase
    ) {
        return Ok(Snapshot::default());
    }
    let found = files(&mut repository)?;
    let others = merging(&mut repository)?;
    aside.lend(&repository)?;
    let mut snapshot = Snapshot::default();
    snapshot.tip = commit(&repository, worktree, &found, &others, &mut snapshot)
        .map_err(GitError::at("looking at a worktree's files"))?;
    let own = found
        .iter()
        .filter(|file| file.own)
        .map(|file| text(&file.path));
    snapshot.paths = own.collect();
    Ok(snapshot)
}

fn commit(
    repository: &Repository,
    worktree: &Path,
    files: &[crate::git::changes::File],
    others: &[Oid],
    snapshot: &mut Snapshot,
) -> Result<Option<Oid>, git2::Error> {
    let head = match repository.head().and_then(|head| head.peel_to_commit()) {
        Ok(head) => head,
        Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if files.is_empty() && others.is_empty() {
        return Ok(Some(head.id()));
    }
    let modes = repository
        .config()
        .and_then(|config| config.get_bool("core.filemode"))
        .unwrap_or(true);
    let before = head.tree()?;
    let mut changes = Vec::new();
    for file in files {
        let path = as_path(&file.path);
        match state(repository, worktree, path, &before, modes)? {
            Some(now) => changes.push((path, now)),
            None => snapshot.left_out.extend(too_large(worktree, path)),
        }
    }
    let tree = match updated(repository, &before, &changes) {
        Ok(tree) => tree,
        // A file where a folder was: the quick way cannot.
        Err(_) => rewritten(repository, &before, &changes)?,
    };
    let tree = repository.find_tree(tree)?;
    let others: Vec<_> = others
        .iter()
        .map(|id| repository.find_commit(*id))
        .collect::<Result<_, _>>()?;
    let parents: Vec<_> = std::iter::once(&head).chain(&others).collect();
    let who = Signature::new("ghp", "ghp@ghp.invalid", &head.time())?;
    repository
        .commit(None, &who, &who, "uncommitted", &tree, &parents)
        .map(Some)
}

/// What stands at a path now; `None`: nothing that can be looked at.
fn state(
    repository: &Repository,
    worktree: &Path,
    path: &Path,
    before: &Tree<'_>,
    modes: bool,
) -> Result<Option<Now>, git2::Error> {
    let was = match before.get_path(path) {
        Ok(entry) => Some(entry.filemode()),
        Err(error) if error.code() == ErrorCode::NotFound => None,
        Err(error) => return Err(error),
    };
    let gone = was.map(|_| Now::Gone);
    // What lies behind a symlink is not in this worktree.
    let mut folder = worktree.to_owned();
    for part in path.parent().into_iter().flatten() {
        folder.push(part);
        if !fs::symlink_metadata(&folder).is_ok_and(|meta| meta.is_dir()) {
            return Ok(gone);
        }
    }
    let whole = worktree.join(path);
    let failed = |error: &std::io::Error| git2::Error::from_str(&error.to_string());
    let meta = match fs::symlink_metadata(&whole) {
        Ok(meta) => meta,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(gone),
        Err(error) => return Err(failed(&error)),
    };
    if meta.is_symlink() {
        let target = fs::read_link(&whole).map_err(|error| failed(&error))?;
        let blob = repository.blob(target.as_os_str().as_bytes())?;
        return Ok(Some(Now::Blob(blob, FileMode::Link)));
    }
    if !meta.is_file() || meta.len() > LARGEST {
        return Ok(None);
    }
    let executable = FileMode::BlobExecutable;
    let is_executable = if modes {
        meta.permissions().mode() & 0o111 != 0
    } else {
        was == Some(executable.into())
    };
    let mode = if is_executable {
        executable
    } else {
        FileMode::Blob
    };
    // Its line ends as a commit would have them; a symlink put there meanwhile is not followed.
    repository
        .blob_path(&whole)
        .map(|blob| Some(Now::Blob(blob, mode)))
}

fn too_large(worktree: &Path, path: &Path) -> Option<String> {
    let whole = worktree.join(path);
    let large = fs::symlink_metadata(&whole).is_ok_and(|meta| meta.is_file());
    large.then(|| {
        let name = one_line(&whole.display().to_string(), 200);
        format!(
            "{name} has more than {} MiB: it was not looked at for conflicts",
            LARGEST >> 20
        )
    })
}

fn updated(
    repository: &Repository,
    before: &Tree<'_>,
    changes: &[(&Path, Now)],
) -> Result<Oid, git2::Error> {
    let mut update = TreeUpdateBuilder::new();
    for (path, now) in changes {
        match now {
            Now::Gone => update.remove(*path),
            Now::Blob(blob, mode) => update.upsert(*path, *blob, *mode),
        };
    }
    update.create_updated(repository, before)
}

fn rewritten(
    repository: &Repository,
    before: &Tree<'_>,
    changes: &[(&Path, Now)],
) -> Result<Oid, git2::Error> {
    let mut index = Index::new()?;
    index.read_tree(before)?;
    for (path, _) in changes.iter().filter(|(_, now)| matches!(now, Now::Gone)) {
        index.remove(path, 0)?;
    }
    for (path, now) in changes {
        if let Now::Blob(id, mode) = now {
            let zero = IndexTime::new(0, 0);
            index.add(&IndexEntry {
                ctime: zero,
                mtime: zero,
                dev: 0,
                ino: 0,
                mode: u32::from(*mode),
                uid: 0,
                gid: 0,
                file_size: 0,
                id: *id,
                flags: 0,
                flags_extended: 0,
                path: path.as_os_str().as_bytes().to_vec(),
            })?;
        }
    }
    index.write_tree_to(repository)
}
