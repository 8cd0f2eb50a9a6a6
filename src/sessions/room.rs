//! Where the sessions of a repository lie, and what keeps their terminals.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::SessionError;
use super::launch::Order;
use crate::host::folder::{Dir, Folder};
use crate::host::lock::lock;
use crate::host::process;
use crate::store::layout::{local, run};

/// The sessions' place.
#[derive(Debug, Clone)]
pub struct Room {
    /// The machine-local folder, `<common>/ghp`, absolute.
    pub local: PathBuf,
    /// The program that keeps terminals: this one.
    pub program: PathBuf,
}

impl Room {
    pub(super) fn new(local: &Path) -> Result<Room, SessionError> {
        Ok(Room {
            local: local
                .canonicalize()
                .map_err(SessionError::io("find", local))?,
            program: process::current_program()
                .map_err(SessionError::io("find", Path::new("ghp")))?,
        })
    }

    /// How the ids of this repository's sessions begin: the folder's own number on this machine, which a move of the
    /// repository keeps and a copy of it does not have.
    pub(super) fn tag(&self) -> Result<String, SessionError> {
        let looked = self.local.metadata();
        let folder = looked.map_err(SessionError::io("look at", &self.local))?;
        Ok(format!("{:x}-{:x}-", folder.dev(), folder.ino()))
    }

    /// A fresh id.
    pub(super) fn new_id(&self) -> Result<String, SessionError> {
        let random = Path::new("/dev/urandom");
        let mut bytes = [0; 16];
        let read = std::fs::File::open(random).and_then(|mut file| file.read_exact(&mut bytes));
        read.map_err(SessionError::io("read", random))?;
        let secret = u128::from_ne_bytes(bytes);
        Ok(format!("{}{secret:032x}", self.tag()?))
    }

    /// The folder of a session.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.local.join(run::folder(name))
    }

    /// A file of a session.
    pub(super) fn file(&self, name: &str, file: &str) -> PathBuf {
        self.local.join(run::file(name, file))
    }

    /// The room and the name of the session whose folder this is.
    pub(super) fn of_folder(folder: &Path) -> Option<(Room, String)> {
        let name = folder.file_name()?.to_str()?.to_owned();
        let room = Room::new(folder.parent()?.parent()?).ok()?;
        Some((room, name))
    }

    /// What a file of a session holds; `None` when there is none.
    pub(super) fn read(&self, name: &str, file: &str) -> Result<Option<Vec<u8>>, SessionError> {
        let path = run::file(name, file);
        let read = Dir::open(&self.local, local::ASIDE).and_then(|folder| folder.read(&path));
        match read {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            read => read.map_err(SessionError::io("read", &self.local.join(path))),
        }
    }

    /// Replaces a file of a session as a whole.
    pub(super) fn write(&self, name: &str, file: &str, bytes: &[u8]) -> Result<(), SessionError> {
        let path = run::file(name, file);
        let folder = Dir::open(&self.local, local::ASIDE);
        let written = folder.and_then(|folder| folder.replace(&path, bytes));
        written.map_err(SessionError::io("write", &self.local.join(path)))
    }

    /// Removes a file of a session; fine when there is none.
    pub(super) fn discard(&self, name: &str, file: &str) -> Result<(), SessionError> {
        remove(&self.file(name, file))
    }

    /// Whether somebody holds this lock of the session just now.
    pub(super) fn is_locked(&self, name: &str, file: &str) -> bool {
        let path = self.file(name, file);
        path.exists() && lock(&path, || Duration::ZERO).is_err()
    }

    /// Makes the folder of a session, which only its owner can look into.
    pub(super) fn make_folder(&self, name: &str) -> Result<(), SessionError> {
        let folder = self.folder(name);
        let made = DirBuilder::new()
            .mode(0o700)
            .recursive(true)
            .create(&folder);
        made.map_err(SessionError::io("make", &folder))
    }

    /// Empties the folder of a session, but for the locks of whoever makes it.
    pub(super) fn empty_folder(&self, name: &str) -> Result<(), SessionError> {
        let folder = self.folder(name);
        let list = std::fs::read_dir(&folder).map_err(SessionError::io("read", &folder))?;
        for entry in list {
            let path = entry.map_err(SessionError::io("read", &folder))?.path();
            let is_lock = |file| file == run::LOCK || file == run::MAKER;
            if path.file_name().is_some_and(|file| !is_lock(file)) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// Removes the folder of a session; the record goes last, so that what is interrupted is seen and done again.
    pub(super) fn remove_folder(&self, name: &str) -> Result<(), SessionError> {
        let folder = self.folder(name);
        let list = std::fs::read_dir(&folder).map_err(SessionError::io("read", &folder))?;
        for entry in list {
            let path = entry.map_err(SessionError::io("read", &folder))?.path();
            if path.file_name().is_some_and(|file| file != run::RECORD) {
                remove(&path)?;
            }
        }
        remove(&folder)
    }

    /// Writes down what is to become a program, for that process alone.
    pub(super) fn put_order(&self, name: &str, order: &Order) -> Result<(), SessionError> {
        let path = self.file(name, run::ORDER);
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(&order.to_bytes()))
            .map_err(SessionError::io("write", &path))
    }
}

fn remove(path: &Path) -> Result<(), SessionError> {
    let is_folder = path.symlink_metadata().is_ok_and(|found| found.is_dir());
    let removed = if is_folder {
        std::fs::remove_dir_all(path)
    } else {
        std::fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(SessionError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}
