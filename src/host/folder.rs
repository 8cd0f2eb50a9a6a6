//! A folder whose files are read and replaced without ever leaving it: no symlink is followed, nothing but
//! regular files is read, and a file is replaced whole or not at all.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustix::buffer::spare_capacity;
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::seed::{Seed, dawdle, is_sown};

/// Larger files are no documents.
pub const LARGEST: u64 = 8 << 20;

/// Most documents are read at once with so much room, and never looked at.
const AT_ONCE: usize = 16 << 10;

/// What a file looked like: if any of these moved, somebody wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Stat {
    /// Inode number.
    pub ino: u64,
    /// Length in bytes.
    pub size: u64,
    /// Last change of the content, in nanoseconds since 1970.
    pub mtime: i64,
}

/// A folder of documents. Paths are relative, `/`-separated, and made by us; the store is written against
/// this trait so that its tests can run it over a disk that forgets what was not synced.
pub trait Folder {
    /// The file's content; `None` when there is none.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;
    /// The content with what the file looked like when it was read.
    fn read_with_stat(&self, path: &str) -> io::Result<Option<(Vec<u8>, Stat)>>;
    /// What the file looks like; `None` when there is none. A symlink or a folder is an error.
    fn stat(&self, path: &str) -> io::Result<Option<Stat>>;
    /// The last `most` bytes and the whole length; `None` when there is none.
    fn tail(&self, path: &str, most: usize) -> io::Result<Option<(Vec<u8>, u64)>>;
    /// Replaces the file by a rename, without syncing; missing parents are made.
    fn replace(&self, path: &str, content: &[u8]) -> io::Result<()>;
    /// The same, and what the file then looks like.
    fn replace_with_stat(&self, path: &str, content: &[u8]) -> io::Result<Stat>;
    /// Adds to the end in one write; on failure the file is as long as before. Makes the file if missing.
    fn append(&self, path: &str, content: &[u8]) -> io::Result<()>;
    /// The same, and durable when it returns (fdatasync); the outer error says that nothing was added, the inner one
    /// that it was, and may be lost.
    fn append_durably(&self, path: &str, content: &[u8]) -> io::Result<io::Result<()>> {
        self.append(path, content)?;
        Ok(self.sync(path))
    }
    /// Cuts the file to this length.
    fn truncate(&self, path: &str, length: u64) -> io::Result<()>;
    /// Makes the file's content durable (fdatasync).
    fn sync(&self, path: &str) -> io::Result<()>;
    /// Makes the names in a folder durable (`""` is this folder itself).
    fn sync_names(&self, dir: &str) -> io::Result<()>;
    /// Removes a file; fine when there is none.
    fn remove(&self, path: &str) -> io::Result<()>;
    /// Opens the folder again if another stands in its place by now; `false` when none does.
    fn reopen(&self) -> io::Result<bool> {
        Ok(true)
    }
    /// Shows the names in a folder, unsorted, each with whether it is a folder; none when there is no such folder.
    fn names(&self, dir: &str, see: &mut dyn FnMut(&str, bool)) -> io::Result<()>;
    /// The same, kept.
    fn list(&self, dir: &str) -> io::Result<Vec<(String, bool)>> {
        let mut names = Vec::new();
        self.names(dir, &mut |name, is_folder| {
            names.push((name.to_owned(), is_folder));
        })?;
        Ok(names)
    }
}

/// A real folder, held open by its descriptor.
#[derive(Debug)]
pub struct Dir {
    path: PathBuf,
    /// Replaced only when the folder itself was, see [`Folder::reopen`].
    fd: RefCell<Rc<OwnedFd>>,
    /// Where unfinished files stand until they are renamed, relative to this folder.
    aside: &'static str,
    /// The first files that were used. Closing is left to the end: a document that was replaced then gives back its
    /// blocks after the lock has been let go.
    kept: RefCell<Vec<File>>,
    /// Where files are read to before their length is known.
    desk: RefCell<Vec<u8>>,
}

/// How many files stay open.
const KEPT: usize = 8;

impl Dir {
    /// Opens the folder; `aside` is a folder in it for unfinished files. A symlink in its place is refused.
    pub fn open(path: &Path, aside: &'static str) -> io::Result<Dir> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDONLY;
        let fd = RefCell::new(Rc::new(rustix::fs::open(path, flags, Mode::empty())?));
        Ok(Dir {
            path: path.to_owned(),
            fd,
            aside,
            kept: RefCell::new(Vec::new()),
            desk: RefCell::new(Vec::new()),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn fd(&self) -> Rc<OwnedFd> {
        Rc::clone(&self.fd.borrow())
    }

    fn keep(&self, file: File) {
        let mut kept = self.kept.borrow_mut();
        if kept.len() < KEPT {
            kept.push(file);
        }
    }

    fn open_at(&self, path: &str, flags: OFlags) -> io::Result<File> {
        let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let path = if path.is_empty() { "." } else { path };
        let mode = if flags.contains(OFlags::CREATE) {
            Mode::from_raw_mode(0o644)
        } else {
            Mode::empty()
        };
        Ok(File::from(beneath(&self.fd(), path, flags, mode)?))
    }

    fn open_to_read(&self, path: &str) -> io::Result<Option<File>> {
        match self.open_at(path, OFlags::RDONLY) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if is(&error, Errno::NXIO) => Err(not_regular(path)),
            Err(error) => Err(error),
        }
    }

    /// Makes a folder and those above it, beneath this one.
    pub fn make_dirs(&self, dir: &str) -> io::Result<()> {
        let mut made = String::new();
        for part in dir.split('/').filter(|part| !part.is_empty()) {
            if !made.is_empty() {
                made.push('/');
            }
            made.push_str(part);
            match retry(|| rustix::fs::mkdirat(self.fd(), &made, Mode::from_raw_mode(0o755))) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Adds to the end of a file in one write; on failure the file is as long as before.
    fn add_to(&self, path: &str, content: &[u8]) -> io::Result<File> {
        let file = self.open_at(path, OFlags::WRONLY | OFlags::CREATE | OFlags::APPEND)?;
        let before = look(path, &file)?.size;
        let written = retry(|| rustix::io::write(&file, content));
        let failed = match written {
            Ok(length) if length == content.len() => return Ok(file),
            _ if is_sown(Seed::WriteUnheeded) => return Ok(file),
            Ok(_) => io::Error::from(io::ErrorKind::StorageFull),
            Err(error) => error,
        };
        // A torn line is recognised by its checksum all the same; cutting it off only keeps the file tidy.
        let _ = file.set_len(before);
        Err(failed)
    }

    fn write_aside(&self, temporary: &str, content: &[u8]) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC;
        let mut file = match self.open_at(temporary, flags) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.make_dirs(self.aside)?;
                self.open_at(temporary, flags)?
            }
            other => other?,
        };
        match file.write_all(content) {
            Err(_) if is_sown(Seed::WriteUnheeded) => {}
            written => written?,
        }
        Ok(file)
    }

    fn put<T>(
        &self,
        path: &str,
        content: &[u8],
        look: impl Fn(&File) -> io::Result<T>,
    ) -> io::Result<T> {
        if is_sown(Seed::InPlace) && self.stat(path)?.is_some() {
            return look(&self.write_aside(path, content)?);
        }
        dawdle();
        // No two processes come to the same name: documents are written under the lock.
        let temporary = format!("{}/{}", self.aside, super::clock::nanos());
        let written = self.write_aside(&temporary, content).and_then(|file| {
            let seen = look(&file);
            self.keep(file);
            seen
        });
        let written = written.and_then(|seen| self.rename(&temporary, path).map(|()| seen));
        if written.is_err() {
            // What cannot be removed now is swept by the next checkpoint; the first error is the one to tell.
            let _ = self.remove(&temporary);
        }
        written
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        // The parent is opened beneath us first, so that a symlinked folder cannot lead the rename outside.
        match to.rsplit_once('/') {
            None => retry(|| rustix::fs::renameat(self.fd(), from, self.fd(), to)),
            Some((parent, name)) => {
                let flags = OFlags::DIRECTORY | OFlags::RDONLY;
                let parent = match self.open_at(parent, flags) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        self.make_dirs(parent)?;
                        self.open_at(parent, flags)?
                    }
                    other => other?,
                };
                retry(|| rustix::fs::renameat(self.fd(), from, &parent, name))
            }
        }
    }
}

impl Folder for Dir {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(file) = self.open_to_read(path)? else {
            return Ok(None);
        };
        let mut desk = self.desk.borrow_mut();
        desk.clear();
        desk.reserve(AT_ONCE);
        // Only what has positions can be read at one: a pipe, a socket and a folder refuse it by themselves.
        match retry(|| rustix::io::pread(&file, spare_capacity(&mut desk), 0)) {
            Ok(_) => {}
            Err(error) if is(&error, Errno::SPIPE) || is(&error, Errno::ISDIR) => {
                return Err(not_regular(path));
            }
            Err(error) => return Err(error),
        }
        // Nothing, or no end in sight: look at it.
        let mut content = desk.to_vec();
        if content.is_empty() || content.len() >= AT_ONCE {
            content = whole(path, &file, content)?.0;
        }
        self.keep(file);
        Ok(Some(content))
    }

    fn read_with_stat(&self, path: &str) -> io::Result<Option<(Vec<u8>, Stat)>> {
        self.open_to_read(path)?
            .map(|file| whole(path, &file, Vec::new()))
            .transpose()
    }

    fn stat(&self, path: &str) -> io::Result<Option<Stat>> {
        match retry(|| rustix::fs::statat(self.fd(), path, AtFlags::SYMLINK_NOFOLLOW)) {
            Ok(stat) => regular(path, &stat).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn tail(&self, path: &str, most: usize) -> io::Result<Option<(Vec<u8>, u64)>> {
        let Some(file) = self.open_to_read(path)? else {
            return Ok(None);
        };
        // A short file is all in one read.
        let mut content = Vec::with_capacity(most);
        let read = retry(|| rustix::io::pread(&file, spare_capacity(&mut content), 0));
        let mut size = content.len() as u64;
        if read.is_err() || content.is_empty() || content.len() >= most {
            size = look(path, &file)?.size;
            content.resize(usize::try_from(size).unwrap_or(most).min(most), 0);
            let begin = size - content.len() as u64;
            file.read_exact_at(&mut content, begin)?;
        }
        self.keep(file);
        Ok(Some((content, size)))
    }

    fn replace(&self, path: &str, content: &[u8]) -> io::Result<()> {
        self.put(path, content, |_| Ok(()))
    }

    fn replace_with_stat(&self, path: &str, content: &[u8]) -> io::Result<Stat> {
        // Before the rename: afterwards it may be somebody else's file already.
        self.put(path, content, |file| look(path, file))
    }

    fn append(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let file = self.add_to(path, content)?;
        self.keep(file);
        Ok(())
    }

    fn append_durably(&self, path: &str, content: &[u8]) -> io::Result<io::Result<()>> {
        let file = self.add_to(path, content)?;
        let synced = synced(&file);
        self.keep(file);
        Ok(synced)
    }

    fn truncate(&self, path: &str, length: u64) -> io::Result<()> {
        let file = self.open_at(path, OFlags::WRONLY)?;
        retry(|| rustix::fs::ftruncate(&file, length))
    }

    fn sync(&self, path: &str) -> io::Result<()> {
        match self.open_at(path, OFlags::RDONLY) {
            Ok(file) => synced(&file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn sync_names(&self, dir: &str) -> io::Result<()> {
        let dir = self.open_at(dir, OFlags::RDONLY | OFlags::DIRECTORY)?;
        retry(|| rustix::fs::fsync(dir.as_fd()))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        match retry(|| rustix::fs::unlinkat(self.fd(), path, AtFlags::empty())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn reopen(&self) -> io::Result<bool> {
        let ours = retry(|| rustix::fs::fstat(self.fd()))?;
        match retry(|| rustix::fs::lstat(&self.path)) {
            Ok(there) if (there.st_ino, there.st_dev) == (ours.st_ino, ours.st_dev) => Ok(true),
            Ok(_) => {
                let fresh = Dir::open(&self.path, self.aside)?;
                *self.fd.borrow_mut() = fresh.fd();
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn names(&self, dir: &str, see: &mut dyn FnMut(&str, bool)) -> io::Result<()> {
        let opened = match self.open_at(dir, OFlags::RDONLY | OFlags::DIRECTORY) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in rustix::fs::Dir::new(opened)? {
            let entry = entry?;
            // A name that is not UTF-8 is none of ours.
            if let Ok(name) = entry.file_name().to_str()
                && !matches!(name, "." | "..")
            {
                see(name, entry.file_type() == FileType::Directory);
            }
        }
        Ok(())
    }
}

/// Makes a file's content durable.
fn synced(file: &File) -> io::Result<()> {
    if is_sown(Seed::NeverSynced) {
        return Ok(());
    }
    match retry(|| rustix::fs::fdatasync(file)) {
        Err(_) if is_sown(Seed::SyncUnheeded) => Ok(()),
        synced => synced,
    }
}

/// Opens beneath a folder without following any symlink on the way.
fn beneath(fd: &OwnedFd, path: &str, flags: OFlags, mode: Mode) -> io::Result<OwnedFd> {
    if is_sown(Seed::LinksFollowed) {
        return retry(|| rustix::fs::openat(fd, path, flags - OFlags::NOFOLLOW, mode));
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::ResolveFlags;
        let resolve =
            ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        match retry(|| rustix::fs::openat2(fd, path, flags, mode, resolve)) {
            // Kernels before 5.6 and some sandboxes do not have it.
            Err(error) if is(&error, Errno::NOSYS) => {}
            other => return other,
        }
    }
    retry(|| rustix::fs::openat(fd, path, flags, mode))
}

/// Runs a system call again as long as a signal interrupts it.
fn retry<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> io::Result<T> {
    Ok(rustix::io::retry_on_intr(&mut call)?)
}

fn is(error: &io::Error, errno: Errno) -> bool {
    error.raw_os_error() == Some(errno.raw_os_error())
}

fn look(path: &str, file: &File) -> io::Result<Stat> {
    regular(path, &retry(|| rustix::fs::fstat(file))?)
}

/// The rest of a file of which `content` has been read, with what it looks like.
fn whole(path: &str, file: &File, mut content: Vec<u8>) -> io::Result<(Vec<u8>, Stat)> {
    let stat = look(path, file)?;
    if stat.size > LARGEST {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("{} bytes, more than any document", stat.size),
        ));
    }
    // A regular file gives all it has in one read; the second, empty one is saved.
    let read = content.len();
    content.resize(usize::try_from(stat.size).unwrap_or(0).max(read), 0);
    file.read_exact_at(&mut content[read..], read as u64)?;
    Ok((content, stat))
}

fn not_regular(path: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        format!("{path} is not a regular file"),
    )
}

fn regular(path: &str, stat: &rustix::fs::Stat) -> io::Result<Stat> {
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(not_regular(path));
    }
    #[expect(
        clippy::cast_sign_loss,
        reason = "the length of a file is never negative"
    )]
    let size = stat.st_size as u64;
    Ok(Stat {
        ino: stat.st_ino,
        size,
        mtime: stat.st_mtime * 1_000_000_000 + i64::try_from(stat.st_mtime_nsec).unwrap_or(0),
    })
}

/// Whether this failure means that something stood in the way on purpose: a symlink, a way out of the folder,
/// or a file that is not regular. Such a thing is refused for safety.
pub fn is_refusal(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidInput
        || [
            Errno::LOOP,
            Errno::XDEV,
            Errno::NXIO,
            Errno::NOTDIR,
            Errno::ISDIR,
        ]
        .into_iter()
        .any(|errno| is(error, errno))
}

/// Reads a small text file that is not in any folder of ours; `None` when it cannot be read.
pub fn read_outside(path: &Path) -> Option<String> {
    let mut text = String::new();
    // A FIFO in its place must not stop us.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty()).ok()?);
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    file.take(LARGEST).read_to_string(&mut text).ok()?;
    Some(text)
}

/// A small file's text, which one read gives whole: a regular file's, or one value of the kernel's.
pub fn read_small(path: &Path) -> io::Result<String> {
    const SMALL: usize = 4 << 10;
    let mut file = File::open(path)?;
    let mut text = Vec::with_capacity(SMALL);
    retry(|| rustix::io::read(&file, spare_capacity(&mut text)))?;
    if text.len() == SMALL {
        (&mut file).take(LARGEST).read_to_end(&mut text)?;
    }
    String::from_utf8(text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
