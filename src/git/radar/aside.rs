//! A throw-away store of objects: it reads the repository's, and keeps what is written to itself.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use git2::{Odb, Repository, RepositoryInitOptions};

use crate::git::GitError;

/// A bare repository in the folder for temporaries that borrows another's objects: made when it is first written to, gone
/// when dropped.
#[derive(Debug)]
pub(super) struct Aside {
    lender: PathBuf,
    folder: Mutex<Option<PathBuf>>,
}

impl Aside {
    /// One for the repository with this common dir; so far it is nowhere.
    pub(super) fn beside(common: &Path) -> Aside {
        Aside {
            lender: common.to_owned(),
            folder: Mutex::new(None),
        }
    }

    /// Where its objects are.
    pub(super) fn objects(&self) -> Result<PathBuf, GitError> {
        Ok(self.folder()?.join("objects"))
    }

    fn folder(&self) -> Result<PathBuf, GitError> {
        let mut folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = &*folder {
            return Ok(folder.clone());
        }
        let new = std::env::temp_dir().join(format!("ghp-radar-{:016x}", fastrand::u64(..)));
        // Only ours to read: it holds what no commit holds yet. A folder that is there already is not taken.
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&new)
            .map_err(GitError::file(&new))?;
        *folder = Some(new.clone());
        let mut options = RepositoryInitOptions::new();
        options.bare(true).external_template(false);
        Repository::init_opts(&new, &options)
            .map_err(GitError::at("making a throw-away store of objects"))?;
        let objects = self.lender.join("objects");
        let mut line = objects.into_os_string().into_encoded_bytes();
        line.push(b'\n');
        let lenders = new.join("objects/info/alternates");
        let written = fs::create_dir_all(new.join("objects/info"))
            .and_then(|()| fs::File::create(&lenders))
            .and_then(|mut file| file.write_all(&line));
        written.map_err(GitError::file(&lenders))?;
        Ok(new)
    }

    /// A repository with every object of both.
    pub(super) fn open(&self) -> Result<Repository, GitError> {
        let folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        let at = folder.as_deref().unwrap_or(&self.lender);
        Repository::open(at).map_err(|error| GitError::opening(at, &error))
    }

    /// A worktree whose objects are all of both, and whose new ones come here.
    pub(super) fn lend(&self, worktree: &Repository) -> Result<(), GitError> {
        let folder = self.folder()?;
        let lent = || {
            let mine = Repository::open(&folder)?;
            let objects: Odb<'_> = mine.odb()?;
            worktree.set_odb(&objects)
        };
        lent().map_err(GitError::at("opening the throw-away store of objects"))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        let folder = self
            .folder
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = folder {
            // Nothing to tell anybody: what is left is in the folder for temporaries.
            let _ = fs::remove_dir_all(folder);
        }
    }
}
