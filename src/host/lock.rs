//! One lock file, never deleted; whoever holds its flock writes. The kernel lets go of it when the holder dies.
//!
//! One try first; only on contention a thread blocks on it and hands it over before the deadline. The kernel serves
//! those who block in turn; pollers it would serve by luck.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use fs2::FileExt;

/// The lock, held until this is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why the lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else kept it all the time.
    #[error("the lock was held by {holder} for {waited} s")]
    Busy {
        /// Who holds it, as far as the system tells.
        holder: String,
        /// How long we waited, in seconds.
        waited: f32,
    },
    /// It could not be opened.
    #[error("cannot open the lock {}", path.display())]
    Open {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Takes the lock at `path`, waiting at most as long as `patience` says when somebody else holds it.
pub fn lock(path: &Path, patience: impl Fn() -> Duration) -> Result<Lock, LockError> {
    loop {
        let file = open(path).map_err(|source| LockError::Open {
            path: path.to_owned(),
            source,
        })?;
        let (file, waited) = match file.try_lock_exclusive() {
            Ok(()) => (file, false),
            Err(error) if error.raw_os_error() == fs2::lock_contended_error().raw_os_error() => {
                let patience = patience();
                let file = blocking(file, patience).ok_or_else(|| LockError::Busy {
                    holder: holder(path).unwrap_or_else(|| "another process".to_owned()),
                    waited: patience.as_secs_f32(),
                })?;
                (file, true)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(source) => {
                return Err(LockError::Open {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        let at = |source| LockError::Open {
            path: path.to_owned(),
            source,
        };
        let ours = file.metadata().map_err(at)?;
        if !ours.is_file() {
            let kind = io::ErrorKind::InvalidInput;
            return Err(at(io::Error::new(kind, "not a regular file")));
        }
        // A lock file that was deleted meanwhile locks out nobody: take the one that stands there now.
        if is_still_there(&ours, path, waited) {
            return Ok(Lock { _file: file });
        }
    }
}

/// Takes a folder itself, which leaves no file behind, waiting at most this long when somebody else holds it.
pub fn folder(path: &Path, patience: Duration) -> Result<Lock, LockError> {
    let at = |source| LockError::Open {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(at)?;
    match file.try_lock_exclusive() {
        Ok(()) => Ok(Lock { _file: file }),
        Err(error) if error.raw_os_error() == fs2::lock_contended_error().raw_os_error() => {
            let file = blocking(file, patience).ok_or_else(|| LockError::Busy {
                holder: "another process".to_owned(),
                waited: patience.as_secs_f32(),
            })?;
            Ok(Lock { _file: file })
        }
        Err(source) => Err(at(source)),
    }
}

fn open(path: &Path) -> io::Result<File> {
    let nofollow =
        i32::try_from((rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits())
            .unwrap_or(0);
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(nofollow)
        .open(path)
}

/// Without waiting there was time for a removal at most, which leaves no link; after waiting, for anything.
fn is_still_there(ours: &Metadata, path: &Path, waited: bool) -> bool {
    if !waited {
        return ours.nlink() > 0;
    }
    path.symlink_metadata()
        .is_ok_and(|there| ours.ino() == there.ino() && ours.dev() == there.dev())
}

/// Blocks on the lock in a thread of its own. The channel has no room, so a lock that nobody waits for any
/// more is dropped, which lets go of it.
fn blocking(file: File, patience: Duration) -> Option<File> {
    let (hand, take) = mpsc::sync_channel(0);
    let wait = move || {
        while let Err(error) = file.lock_exclusive() {
            if error.kind() != io::ErrorKind::Interrupted {
                return;
            }
        }
        // The receiver has gone when its patience was over.
        let _ = hand.send(file);
    };
    std::thread::Builder::new()
        .stack_size(64 << 10)
        .spawn(wait)
        .ok()?;
    take.recv_timeout(patience).ok()
}

/// Who holds the lock, from the kernel's own list: costs nothing until somebody asks.
fn holder(path: &Path) -> Option<String> {
    let inode = path.symlink_metadata().ok()?.ino();
    let locks = super::folder::read_outside(Path::new("/proc/locks"))?;
    let suffix = format!(":{inode}");
    let pid = locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let held = words.get(1) == Some(&"FLOCK") && words.get(5)?.ends_with(&suffix);
        held.then(|| words.get(4).map(|pid| (*pid).to_owned()))?
    })?;
    let command =
        super::folder::read_outside(Path::new(&format!("/proc/{pid}/cmdline"))).unwrap_or_default();
    let command = command.trim_end_matches('\0').replace('\0', " ");
    Some(format!(
        "process {pid} ({})",
        crate::domain::escape::one_line(&command, 60)
    ))
}
