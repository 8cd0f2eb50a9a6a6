//! The scripts that git runs: where it looks for them, and ours among them. What was there before is kept beside it and
//! given back as it was.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use git2::{Repository, RepositoryOpenFlags};

use super::place::Place;
use super::{GitError, files};

/// What the name of a hook that was there before ends in.
pub const BEFORE: &str = ".before-ghp";
/// So much of a hook is looked at.
const MOST: u64 = 256 << 10;

/// Where git looks for hooks.
#[derive(Debug)]
pub struct HookFolder {
    /// The folder.
    pub at: PathBuf,
    /// What `core.hooksPath` says, if that names it.
    pub setting: Option<PathBuf>,
    /// Whether it lies in the worktree, where it may be committed.
    pub is_in_worktree: bool,
}

/// Finds it, as git does: `core.hooksPath`, relative to the folder that hooks run in, else `hooks` of the common dir.
pub fn folder(place: &Place) -> Result<HookFolder, GitError> {
    let at = place.worktree.as_deref().unwrap_or(&place.git_dir);
    // Configuration that git's own environment names counts, as it does for git.
    let flags = RepositoryOpenFlags::FROM_ENV | RepositoryOpenFlags::NO_SEARCH;
    let config = Repository::open_ext(at, flags, [""; 0])
        .and_then(|repository| repository.config())
        .and_then(|mut config| config.snapshot())
        .map_err(GitError::at("reading core.hooksPath"))?;
    let setting = config.get_path("core.hooksPath").ok();
    let setting = setting.filter(|path| !path.as_os_str().is_empty());
    let folder = match &setting {
        Some(path) => files::plain(&at.join(path)),
        None => place.common.join("hooks"),
    };
    let is_in_worktree = place
        .worktree
        .as_ref()
        .is_some_and(|top| folder.starts_with(top) && !folder.starts_with(&place.common));
    Ok(HookFolder {
        at: folder,
        setting,
        is_in_worktree,
    })
}

/// A hook as it lies there.
#[derive(Debug)]
pub struct HookFile {
    path: PathBuf,
    /// What git runs; `None`: nothing.
    pub present: Option<Vec<u8>>,
    /// What was there before us.
    pub before: Option<Vec<u8>>,
    /// Whether git would run it.
    pub is_executable: bool,
}

impl HookFile {
    /// Looks at it.
    pub fn read(folder: &Path, name: &str) -> Result<HookFile, GitError> {
        let path = folder.join(name);
        let is_executable =
            fs::metadata(&path).is_ok_and(|meta| meta.permissions().mode() & 0o100 != 0);
        Ok(HookFile {
            present: content(&path)?,
            before: content(&beside(&path, ""))?,
            is_executable,
            path,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts `text` in its place. What is there now is kept beside it, when `keep` says that it is somebody's; what lay
    /// there already is then numbered, for it may be the only one.
    pub fn put(&self, text: &str, keep: bool) -> Result<(), GitError> {
        let failed = GitError::file(&self.path);
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(&failed)?;
        }
        if keep && self.present.is_some() {
            let aside = beside(&self.path, "");
            if self.before.is_some() && self.before != self.present {
                fs::rename(&aside, self.free()).map_err(&failed)?;
            }
            if self.before != self.present {
                // A second name first, so that git finds a hook at every moment; not every file system has those.
                fs::hard_link(&self.path, &aside)
                    .or_else(|_| fs::rename(&self.path, &aside))
                    .map_err(&failed)?;
            }
        }
        let mut new = self.path.clone().into_os_string();
        new.push(format!(".{}", std::process::id()));
        let write = || -> io::Result<()> {
            let mut file = File::create(&new)?;
            file.write_all(text.as_bytes())?;
            file.set_permissions(fs::Permissions::from_mode(0o755))?;
            // Else a power cut leaves the name with nothing in it.
            file.sync_all()?;
            fs::rename(&new, &self.path)
        };
        write().map_err(|error| {
            // The first error is the one to tell.
            let _ = fs::remove_file(&new);
            failed(error)
        })
    }

    /// Takes ours away, and gives back what was there before. `is_ours`: whether what is there now is; another program's
    /// stays, and what was there before beside it, unless that is the same.
    pub fn take(&self, is_ours: bool) -> Result<(), GitError> {
        let failed = GitError::file(&self.path);
        let aside = beside(&self.path, "");
        if self.before.is_some() && (is_ours || self.present.is_none()) {
            fs::rename(&aside, &self.path).map_err(failed)
        } else if is_ours {
            fs::remove_file(&self.path).map_err(failed)
        } else if self.before.is_some() && self.before == self.present {
            fs::remove_file(&aside).map_err(failed)
        } else {
            Ok(())
        }
    }

    fn free(&self) -> PathBuf {
        let names = (2..).map(|number| beside(&self.path, &format!("-{number}")));
        let mut free = names.skip_while(|path| path.symlink_metadata().is_ok());
        // The numbers do not end.
        free.next().unwrap_or_default()
    }
}

fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(BEFORE);
    name.push(more);
    PathBuf::from(name)
}

/// What is in the file, the beginning of a long one; of a symlink also where it leads to. `None`: there is none.
fn content(path: &Path) -> Result<Option<Vec<u8>>, GitError> {
    let failed = GitError::file(path);
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(failed(error)),
    };
    let mut bytes = Vec::new();
    if meta.is_symlink() {
        let to = fs::read_link(path).map_err(&failed)?;
        bytes.extend_from_slice(to.as_os_str().as_encoded_bytes());
        bytes.push(0);
    }
    // One that leads nowhere, or to what is no file, is somebody's all the same.
    if fs::metadata(path).is_ok_and(|meta| meta.is_file()) {
        let file = File::open(path).map_err(&failed)?;
        file.take(MOST).read_to_end(&mut bytes).map_err(&failed)?;
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::git::testing::{Scratch, run, write};

    #[test]
    fn where_git_looks() {
        let scratch = Scratch::repository();
        let place = crate::git::place::find(scratch.path()).expect("a repository");
        let found = || folder(&place).expect("a folder");
        assert_eq!(found().at, scratch.path().join(".git/hooks"));
        assert!(!found().is_in_worktree && found().setting.is_none());
        run(scratch.path(), &["config", "core.hooksPath", ".husky/_"]);
        assert_eq!(found().at, scratch.path().join(".husky/_"));
        assert!(found().is_in_worktree);
        run(scratch.path(), &["config", "core.hooksPath", "/elsewhere"]);
        assert_eq!(found().at, Path::new("/elsewhere"));
        assert!(!found().is_in_worktree);
    }

    #[test]
    fn what_was_there_comes_back() {
        let scratch = Scratch::new();
        let look = || HookFile::read(scratch.path(), "pre-push").expect("readable");
        look().put("ours", true).expect("new");
        assert!(look().is_executable && look().before.is_none());
        look().take(true).expect("taken");
        assert!(look().present.is_none());
        // A symlink stays one.
        write(&scratch.path().join("real"), "theirs");
        symlink("real", scratch.path().join("pre-push")).expect("a link");
        look().put("ours", true).expect("kept beside");
        look().put("newer", false).expect("replaced");
        assert_eq!(scratch.read("real"), "theirs");
        look().take(true).expect("given back");
        let link = fs::read_link(scratch.path().join("pre-push")).expect("a link");
        assert_eq!(link, Path::new("real"));
        assert!(look().before.is_none());
        // Another program overwrote ours.
        look().put("ours", true).expect("kept beside");
        fs::remove_file(scratch.path().join("pre-push")).expect("there");
        write(&scratch.path().join("pre-push"), "a manager's");
        look().take(false).expect("left");
        assert_eq!(scratch.read("pre-push"), "a manager's");
        look().put("ours", true).expect("kept beside");
        assert_eq!(look().before.as_deref(), Some(&b"a manager's"[..]));
        let old = fs::read_link(scratch.path().join("pre-push.before-ghp-2")).expect("a link");
        assert_eq!(old, Path::new("real"));
    }
}
