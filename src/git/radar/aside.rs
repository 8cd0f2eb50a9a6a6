//! A throw-away store of objects: it reads the repository's, and keeps what is written to itself.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use git2::{Odb, Repository, RepositoryInitOptions};

use crate::git::GitError;

/// A bare repository in the folder for temporaries that borrows another's objects; gone when dropped.
#[derive(Debug)]
pub(super) struct Aside {
    folder: PathBuf,
}

impl Aside {
    /// Makes one for the repository with this common dir.
    pub(super) fn beside(common: &Path) -> Result<Aside, GitError> {
        let folder = std::env::temp_dir().join(format!("ghp-radar-{:016x}", fastrand::u64(..)));
        // Only ours to read: it holds what no commit holds yet. A folder that is there already is not taken.
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&folder)
            .map_err(GitError::file(&folder))?;
        let aside = Aside { folder };
        let mut options = RepositoryInitOptions::new();
        options.bare(true).external_template(false);
        Repository::init_opts(&aside.folder, &options)
            .map_err(GitError::at("making a throw-away store of objects"))?;
        let mut lender = common.join("objects").into_os_string().into_encoded_bytes();
        lender.push(b'\n');
        let lenders = aside.objects().join("info/alternates");
        let written = fs::create_dir_all(aside.objects().join("info"))
            .and_then(|()| fs::File::create(&lenders))
            .and_then(|mut file| std::io::Write::write_all(&mut file, &lender));
        written.map_err(GitError::file(&lenders))?;
        Ok(aside)
    }

    /// Where its objects are.
    pub(super) fn objects(&self) -> PathBuf {
        self.folder.join("objects")
    }

    /// The repository itself: every object of both.
    pub(super) fn open(&self) -> Result<Repository, GitError> {
        Repository::open(&self.folder).map_err(|error| GitError::opening(&self.folder, &error))
    }

    /// A worktree whose objects are all of both, and whose new ones come here.
    pub(super) fn lend(&self, worktree: &Repository) -> Result<(), GitError> {
        let lent = || {
            let mine = Repository::open(&self.folder)?;
            let objects: Odb<'_> = mine.odb()?;
            worktree.set_odb(&objects)
        };
        lent().map_err(GitError::at("opening the throw-away store of objects"))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // Nothing to tell anybody: what is left is in the folder for temporaries.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
