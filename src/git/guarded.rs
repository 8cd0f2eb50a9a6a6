//! Changes of git's own files that a kill cannot leave locked for ever. Git locks by a file's existence, and nobody can
//! tell whose an empty lock is; ours appear whole, as second names of a file that we keep, and so are known again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use git2::{Config, ConfigLevel, Oid, Repository};

use super::{GitError, files};
use crate::store::layout::{self, local};

/// How often the configuration is changed again because somebody else wrote it meanwhile.
const TRIES: usize = 3;

fn aside(common: &Path, what: &str) -> PathBuf {
    layout::local_dir(common)
        .join(local::ASIDE)
        .join(format!("checkpoint-{what}"))
}

/// Removes what a killed change of the configuration left.
pub(crate) fn sweep(common: &Path) -> Result<(), GitError> {
    let kept = aside(common, "config");
    let lock = lock_of(&physical(common)?);
    let same = |a: fs::Metadata, b: fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
    if let (Ok(kept), Ok(lock_there)) = (kept.symlink_metadata(), lock.symlink_metadata())
        && same(kept, lock_there)
    {
        files::remove(&lock)?;
    }
    files::remove(&kept)?;
    files::remove(&lock_of(&kept))
}

/// Makes libgit2 sync what it writes. Before the first use of a ref or an object.
pub(crate) fn write_durably(repository: &Repository) -> Result<(), GitError> {
    let settings = layout::local_dir(repository.commondir()).join("git-config");
    files::put(&settings, "[core]\n\tfsyncObjectFiles = true\n")?;
    repository
        .config()
        .and_then(|mut config| config.add_file(&settings, ConfigLevel::App, true))
        .map_err(GitError::at("setting libgit2 up"))
}

/// Sets keys of the repository's own configuration, all or none.
pub(crate) fn configure(
    repository: &Repository,
    entries: &[(String, String)],
) -> Result<(), GitError> {
    let common = repository.commondir();
    let (config, kept) = (physical(common)?, aside(common, "config"));
    let lock = lock_of(&config);
    for _ in 0..TRIES {
        sweep(common)?;
        let before = fs::read(&config).map_err(GitError::file(&config))?;
        make_folder(&kept)?;
        fs::copy(&config, &kept).map_err(GitError::file(&kept))?;
        let mut changed =
            Config::open(&kept).map_err(GitError::at("reading git's configuration"))?;
        for (key, value) in entries {
            changed
                .set_str(key, value)
                .map_err(GitError::at("writing git's configuration"))?;
        }
        File::open(&kept)
            .and_then(|file| file.sync_all())
            .map_err(GitError::file(&kept))?;
        second_name(&kept, &lock).map_err(GitError::file(&lock))?;
        let unchanged = fs::read(&config).is_ok_and(|now| now == before);
        if unchanged {
            fs::rename(&lock, &config).map_err(GitError::file(&config))?;
        }
        sweep(common)?;
        if unchanged {
            return Ok(());
        }
    }
    Err(GitError::file(&config)(io::Error::from(
        ErrorKind::ResourceBusy,
    )))
}

/// Makes a branch that is not there, durably.
pub(crate) fn make_branch(repository: &Repository, name: &str, tip: Oid) -> Result<(), GitError> {
    let common = repository.commondir();
    let (branch, kept) = (common.join(name), aside(common, "branch"));
    files::remove(&kept)?;
    make_folder(&kept)?;
    files::put(&kept, &format!("{tip}\n"))?;
    make_folder(&branch)?;
    second_name(&kept, &branch).map_err(GitError::file(&branch))?;
    let folder = branch.parent().unwrap_or(common);
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(GitError::file(folder))?;
    files::remove(&kept)
}

/// Gives a file a second name, which must be free; where the file system has no such thing, a copy.
fn second_name(file: &Path, name: &Path) -> io::Result<()> {
    match fs::hard_link(file, name) {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::Unsupported | ErrorKind::PermissionDenied
            ) =>
        {
            let mut copy = OpenOptions::new().write(true).create_new(true).open(name)?;
            io::copy(&mut File::open(file)?, &mut copy).map(drop)
        }
        other => other,
    }
}

fn make_folder(file: &Path) -> Result<(), GitError> {
    file.parent().map_or(Ok(()), |folder| {
        fs::create_dir_all(folder).map_err(GitError::file(folder))
    })
}

/// The configuration's own file, where it is a symlink.
fn physical(common: &Path) -> Result<PathBuf, GitError> {
    let config = common.join("config");
    config.canonicalize().map_err(GitError::file(&config))
}

fn lock_of(file: &Path) -> PathBuf {
    let mut lock = file.as_os_str().to_owned();
    lock.push(".lock");
    PathBuf::from(lock)
}
