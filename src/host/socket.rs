//! Unix sockets, at any path: the system takes some 100 bytes of it, repositories lie deeper.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// What fits into a socket's address everywhere, with the NUL behind it.
pub const LONGEST: usize = 100;

/// Whether the path of this file is too long for an address.
pub fn is_too_long(folder: &Path, name: &str) -> bool {
    folder.as_os_str().len() + 1 + name.len() > LONGEST
}

/// Connects to the socket of this name. `NotFound` and `ConnectionRefused` say that nobody listens.
pub fn connect(folder: &Path, name: &str) -> io::Result<UnixStream> {
    reach(folder, name, |path| UnixStream::connect(path))
}

/// Listens there, for this user alone; the folder must be private. What lies there already is removed.
pub fn listen(folder: &Path, name: &str) -> io::Result<UnixListener> {
    match std::fs::remove_file(folder.join(name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    reach(folder, name, |path| UnixListener::bind(path))
}

/// Whether somebody listens.
pub fn is_heard(folder: &Path, name: &str) -> io::Result<bool> {
    match connect(folder, name) {
        Ok(_) => Ok(true),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
            ) =>
        {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Does something with the socket by a path that is short enough: a long folder goes by the number it is open under.
fn reach<T>(folder: &Path, name: &str, with: impl Fn(&Path) -> io::Result<T>) -> io::Result<T> {
    if !is_too_long(folder, name) {
        return with(&folder.join(name));
    }
    if !cfg!(target_os = "linux") {
        let said = format!("the path {} is too long for a socket", folder.display());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, said));
    }
    let open = std::fs::File::open(folder)?;
    let number = std::os::fd::AsRawFd::as_raw_fd(&open);
    with(&PathBuf::from(format!("/proc/self/fd/{number}/{name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_is_reached_and_silence_is_told_from_failure() {
        let scratch = tempfile::tempdir().expect("a folder");
        for folder in [
            scratch.path().join("short"),
            scratch.path().join("l".repeat(150)),
        ] {
            std::fs::create_dir(&folder).expect("a folder");
            assert!(!is_heard(&folder, "s").expect("nothing there"));
            let listener = listen(&folder, "s").expect("a socket");
            assert!(is_heard(&folder, "s").expect("somebody there"));
            drop(listener);
            assert!(!is_heard(&folder, "s").expect("nobody any more"));
            listen(&folder, "s").expect("an old one is no obstacle");
        }
        std::fs::File::create(scratch.path().join("file")).expect("a file");
        is_heard(&scratch.path().join("file"), "s").expect_err("no answer is not silence");
    }
}
