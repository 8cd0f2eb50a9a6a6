//! Small files of git's own: read as text, replaced whole, and paths between them.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use super::GitError;
use crate::host::folder::read_small;

/// The file's text without the white space around it; `None` when there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<String>, GitError> {
    match read_small(path) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(source) => Err(GitError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Replaces the file by a rename; missing folders above it are made. Whether it held something else before.
pub(crate) fn put(path: &Path, content: &str) -> Result<bool, GitError> {
    if read(path)?.is_some_and(|old| old == content.trim()) {
        return Ok(false);
    }
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".{}", std::process::id()));
    let aside = PathBuf::from(aside);
    let write = || -> io::Result<()> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = File::create(&aside)?;
        file.write_all(content.as_bytes())?;
        // Else a power cut leaves the name with nothing in it.
        file.sync_all()?;
        fs::rename(&aside, path)
    };
    write().map(|()| true).map_err(|source| {
        // The first error is the one to tell.
        let _ = fs::remove_file(&aside);
        GitError::File {
            path: path.to_owned(),
            source,
        }
    })
}

/// Removes the file; fine when there is none.
pub(crate) fn remove(path: &Path) -> Result<(), GitError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(GitError::file(path)(error)),
        _ => Ok(()),
    }
}

/// The path with `.` and `..` worked out by the text alone, for paths that begin physical.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// The way from the folder `from` to `to`, both absolute.
pub(crate) fn relative(from: &Path, to: &Path) -> PathBuf {
    let shared = from
        .components()
        .zip(to.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(to.components().skip(shared)).collect()
}

/// The physical path.
pub(crate) fn physical(path: &Path) -> Result<PathBuf, GitError> {
    path.canonicalize().map_err(GitError::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_here_to_there_and_back() {
        let there = relative(
            Path::new("/r/documents"),
            Path::new("/r/.git/worktrees/ghp"),
        );
        assert_eq!(there, Path::new("../.git/worktrees/ghp"));
        assert_eq!(
            plain(&Path::new("/r/documents").join(there)),
            Path::new("/r/.git/worktrees/ghp")
        );
        assert_eq!(relative(Path::new("/a"), Path::new("/a")), Path::new(""));
    }
}
