//! Copying a file between two folders without ever leaving either: no symlink is followed on the way.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags};

use super::folder::LARGEST;

const FOLDER: OFlags = OFlags::DIRECTORY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);
const FILE: OFlags = OFlags::NOFOLLOW
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK);

/// Copies the file at `path` beneath `from` to the same path beneath `to`, with its permissions; how many bytes that were.
/// `None`: there is no such file, or one stands there already. `path` is relative and clean. Anything but a regular file is an error, as
/// is one of more than 8 MiB.
pub fn copy(from: &Path, to: &Path, path: &str) -> io::Result<Option<u64>> {
    let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
    let source = walk(from, parents, false).and_then(|folder| {
        Ok(File::from(rustix::fs::openat(
            &folder,
            name,
            FILE | OFlags::RDONLY,
            Mode::empty(),
        )?))
    });
    let source = match source {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let stat = rustix::fs::fstat(&source)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ));
    }
    if stat.st_size.cast_unsigned() > LARGEST {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "more than 8 MiB",
        ));
    }
    let folder = walk(to, parents, true)?;
    // Never more open than the original, from the first moment on.
    let mode = Mode::from_raw_mode(stat.st_mode & 0o777);
    let target = match rustix::fs::openat(
        &folder,
        name,
        FILE | OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL,
        mode,
    ) {
        Err(rustix::io::Errno::EXIST) => return Ok(None),
        other => other?,
    };
    let written = io::copy(&mut source.take(LARGEST), &mut File::from(target));
    if written.is_err() {
        // Half a file is none; the first error is the one to tell.
        let _ = rustix::fs::unlinkat(&folder, name, AtFlags::empty());
    }
    written.map(Some)
}

fn walk(root: &Path, parents: &str, make: bool) -> io::Result<OwnedFd> {
    let mut folder = rustix::fs::open(root, FOLDER | OFlags::RDONLY, Mode::empty())?;
    for part in parents.split('/').filter(|part| !part.is_empty()) {
        if make {
            match rustix::fs::mkdirat(&folder, part, Mode::from_raw_mode(0o755)) {
                Ok(()) | Err(rustix::io::Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
        }
        folder = rustix::fs::openat(&folder, part, FOLDER | OFlags::RDONLY, Mode::empty())?;
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn write(path: &Path, content: &str) {
        fs::create_dir_all(path.parent().expect("a folder above")).expect("folders");
        File::create(path)
            .and_then(|mut file| file.write_all(content.as_bytes()))
            .expect("a file");
    }

    #[test]
    fn files_go_over_and_symlinks_do_not() {
        let scratch = tempfile::tempdir().expect("a folder");
        let (from, to, outside) = (
            scratch.path().join("from"),
            scratch.path().join("to"),
            scratch.path().join("outside"),
        );
        for folder in [&from, &to, &outside] {
            fs::create_dir(folder).expect("a folder");
        }
        write(&from.join(".env"), "KEY=1");
        fs::set_permissions(from.join(".env"), fs::Permissions::from_mode(0o600)).expect("set");
        write(&from.join("a/b/c"), "deep");
        write(&outside.join("secret"), "no");
        assert_eq!(copy(&from, &to, ".env").expect("copied"), Some(5));
        assert_eq!(
            fs::metadata(to.join(".env"))
                .expect("there")
                .permissions()
                .mode()
                & 0o777,
            0o600
        );
        assert_eq!(copy(&from, &to, ".env").expect("left as it is"), None);
        assert_eq!(copy(&from, &to, "a/b/c").expect("copied"), Some(4));
        assert_eq!(copy(&from, &to, "nothing/here").expect("nothing"), None);
        symlink(outside.join("secret"), from.join("link")).expect("a symlink");
        symlink(&outside, from.join("folder")).expect("a symlink");
        symlink(&outside, to.join("x")).expect("a symlink");
        write(&from.join("x/file"), "out?");
        for path in ["link", "folder/secret", "x/file", "a"] {
            assert!(copy(&from, &to, path).is_err(), "{path}");
        }
        assert_eq!(fs::read_dir(&outside).expect("a folder").count(), 1);
    }
}
