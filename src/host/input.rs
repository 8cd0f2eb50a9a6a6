//! Texts that a person or an agent hands in: a file, or standard input.

use std::fs::File;
use std::io::{self, BufRead, IsTerminal, Read, Seek, SeekFrom};
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags};

/// The text of `path`, `-` for standard input. More than `most` bytes, or what is no UTF-8, is an error; so is
/// anything but a regular file, which could keep us waiting for ever.
pub fn read(path: &Path, most: usize) -> io::Result<String> {
    let limit = most as u64 + 1;
    let mut content = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut content)?;
    } else {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
        if FileType::from_raw_mode(rustix::fs::fstat(&file)?.st_mode) != FileType::RegularFile {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not a regular file",
            ));
        }
        file.take(limit).read_to_end(&mut content)?;
    }
    if content.len() > most {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("more than {} KiB", most >> 10),
        ));
    }
    String::from_utf8(content)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8 text"))
}

/// The last `most` bytes of a file as text, from the first whole line on. Only a regular file is read.
pub fn end_of(path: &Path, most: u64) -> io::Result<String> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let mut file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ));
    }
    let start = meta.len().saturating_sub(most);
    file.seek(SeekFrom::Start(start))?;
    let mut content = Vec::new();
    file.take(most).read_to_end(&mut content)?;
    let text = String::from_utf8_lossy(&content).into_owned();
    match text.split_once('\n') {
        Some((_, rest)) if start > 0 => Ok(rest.to_owned()),
        _ => Ok(text),
    }
}

/// All of standard input, read to its end even when it has more than `most` bytes, which then is an error.
pub fn drained(most: usize) -> io::Result<Vec<u8>> {
    let mut stdin = io::stdin().lock();
    let mut content = Vec::new();
    stdin
        .by_ref()
        .take(most as u64 + 1)
        .read_to_end(&mut content)?;
    if content.len() > most {
        io::copy(&mut stdin, &mut io::sink())?;
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it has more than {} KiB", most >> 10),
        ));
    }
    Ok(content)
}

/// Whether a person sits at both ends: what is asked can be read, and answered.
pub fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Whether a person reads what we narrate.
pub fn is_narration_seen() -> bool {
    io::stderr().is_terminal()
}

/// A line that a person types; `None` at the end of the input.
pub fn line() -> io::Result<Option<String>> {
    let mut line = String::new();
    Ok((io::stdin().lock().read_line(&mut line)? > 0).then_some(line))
}

/// All of standard input; more than `most` bytes are an error.
pub fn all(most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("more than {most} bytes"),
        ));
    }
    Ok(bytes)
}
