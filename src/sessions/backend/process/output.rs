//! What a session's terminal was sent, byte by byte: files `output-START` in its folder, START being how many bytes there
//! were before. The last two are kept, so that it never takes more than twice [`LARGEST`].

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::store::layout::run;

/// The largest file.
const LARGEST: u64 = 4 << 20;

/// Where a session's output is written.
#[derive(Debug)]
pub(super) struct Log {
    folder: PathBuf,
    file: Option<File>,
    /// How many bytes there were before it.
    start: u64,
    /// Bytes in it.
    length: u64,
    /// Bytes in all, also those that no file took.
    total: u64,
}

impl Log {
    /// In this folder, behind what is there: a session without a screen has a host for each turn.
    pub(super) fn new(folder: &Path) -> Log {
        let last = starts(folder)
            .ok()
            .and_then(|starts| starts.last().copied());
        let start = last.unwrap_or(0);
        let length = path(folder, start).metadata().map_or(0, |file| file.len());
        Log {
            folder: folder.to_owned(),
            file: None,
            start,
            length,
            total: start + length,
        }
    }

    /// How many bytes there were.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Keeps these bytes as far as the disk takes them: a full one costs output, never the session.
    pub(super) fn append(&mut self, bytes: &[u8]) {
        let written = self.write(bytes);
        self.total += bytes.len() as u64;
        if written.is_err() || self.length >= LARGEST {
            // The next one begins where it should; what is missing before it is seen by its name.
            self.file = None;
            self.length = 0;
            self.start = self.total;
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let path = path(&self.folder, self.start);
                let mut options = OpenOptions::new();
                let file = options.append(true).create(true).mode(0o600).open(path)?;
                prune(&self.folder, 2)?;
                none.insert(file)
            }
        };
        file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }
}

fn path(folder: &Path, start: u64) -> PathBuf {
    folder.join(format!("{}{start:020}", run::OUTPUT))
}

/// Where each file begins, in order.
fn starts(folder: &Path) -> io::Result<Vec<u64>> {
    let mut starts = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let start = name
            .to_str()
            .and_then(|name| name.strip_prefix(run::OUTPUT));
        starts.extend(start.and_then(|start| start.parse::<u64>().ok()));
    }
    starts.sort_unstable();
    Ok(starts)
}

/// Removes all but the last so many.
fn prune(folder: &Path, keep: usize) -> io::Result<()> {
    let starts = starts(folder)?;
    for start in &starts[..starts.len().saturating_sub(keep)] {
        std::fs::remove_file(path(folder, *start))?;
    }
    Ok(())
}

/// What is kept of the bytes from `from` on, up to `to`.
pub(super) fn read(folder: &Path, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    for start in starts(folder)? {
        let bytes = match std::fs::read(path(folder, start)) {
            // Pruned a moment ago.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            bytes => bytes?,
        };
        let end = start + bytes.len() as u64;
        let (begin, end) = (from.max(start), to.min(end));
        if begin < end {
            let at = |position: u64| usize::try_from(position - start).unwrap_or(usize::MAX);
            kept.extend(&bytes[at(begin)..at(end)]);
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_megabytes_are_kept_in_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut log = Log::new(folder.path());
        let piece: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
        for _ in 0..11 {
            log.append(&piece);
        }
        log.append(b"end");
        let total = log.total();
        assert_eq!(total, (11 << 20) + 3);
        let kept = read(folder.path(), 0, u64::MAX).expect("kept");
        assert!(
            kept.len() >= 4 << 20 && kept.len() <= 8 << 20,
            "{}",
            kept.len()
        );
        assert!(kept.ends_with(b"\xffend"));
        assert_eq!(
            read(folder.path(), total - 5, total - 2).expect("kept"),
            b"\xfe\xffe"
        );
        assert_eq!(read(folder.path(), total, u64::MAX).expect("kept"), b"");
    }

    #[test]
    fn the_next_turn_goes_on_behind_the_last() {
        let folder = tempfile::tempdir().expect("a folder");
        Log::new(folder.path()).append(b"first ");
        let mut log = Log::new(folder.path());
        assert_eq!(log.total(), 6);
        log.append(b"second");
        assert_eq!(log.total(), 12);
        assert_eq!(
            read(folder.path(), 0, u64::MAX).expect("kept"),
            b"first second"
        );
        assert_eq!(starts(folder.path()).expect("files"), [0]);
    }

    #[test]
    fn what_no_disk_takes_is_missing_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("run");
        let mut log = Log::new(&inside);
        log.append(b"lost");
        std::fs::create_dir(&inside).expect("a folder");
        log.append(b"kept");
        assert_eq!(read(&inside, 0, u64::MAX).expect("kept"), b"kept");
        assert_eq!(read(&inside, 5, 7).expect("kept"), b"ep");
    }
}
