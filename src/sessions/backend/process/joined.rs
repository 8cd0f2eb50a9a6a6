//! A caller's end of the connection to a session's host process: typing, following, a person's terminal joined to it.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};

use super::output;
use super::wire::{self, Kind};
use crate::host::socket;
use crate::host::terminal::{self, Changes, RawTerminal};
use crate::store::layout::run;

/// How long a program may take to read what is typed.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a host may take to tell what is on its screen.
const UNTIL_DRAWN: Duration = Duration::from_secs(5);

/// Ctrl-\, by which a person leaves: as a byte, and as programs ask for it that want every key spelled out.
const LEAVE: [&[u8]; 3] = [b"\x1c", b"\x1b[92;5u", b"\x1b[27;5;92~"];

/// Connects to the host process; `None`: nobody listens.
pub(super) fn connect(folder: &Path) -> io::Result<Option<UnixStream>> {
    match socket::connect(folder, run::SOCKET) {
        Ok(stream) => Ok(Some(stream)),
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::ConnectionRefused
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Has this typed; returns when the terminal has taken all of it.
pub(super) fn typed(stream: &UnixStream, kind: Kind, bytes: &[u8]) -> io::Result<()> {
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let slow = |error: io::Error| match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            let said = format!(
                "the program has not read what was typed for {} s",
                PATIENCE.as_secs()
            );
            io::Error::new(ErrorKind::TimedOut, said)
        }
        _ => error,
    };
    wire::say(stream, kind, bytes).map_err(slow)?;
    let mut arrived = Vec::new();
    match wire::hear(stream, &mut arrived).map_err(slow)? {
        Some(frame) if frame.kind == Kind::Taken => Ok(()),
        _ => Err(io::Error::new(
            ErrorKind::BrokenPipe,
            "the session ended meanwhile",
        )),
    }
}

/// What is on its screen.
pub(super) fn screen(stream: &UnixStream) -> io::Result<String> {
    stream.set_write_timeout(Some(UNTIL_DRAWN))?;
    stream.set_read_timeout(Some(UNTIL_DRAWN))?;
    wire::say(stream, Kind::Screen, b"")?;
    match wire::hear(stream, &mut Vec::new())? {
        Some(frame) if frame.kind == Kind::Output => {
            Ok(String::from_utf8_lossy(&frame.bytes).into_owned())
        }
        _ => Err(ErrorKind::BrokenPipe.into()),
    }
}

/// Hands on what the terminal is sent from now on. Whoever is too slow for the connection gets the rest from the file.
pub(super) fn follow(folder: &Path, sink: &mut dyn FnMut(&[u8]) -> bool) -> io::Result<()> {
    let mut at: Option<u64> = None;
    while let Some(stream) = connect(folder)? {
        wire::say(&stream, Kind::Follow, b"")?;
        let mut arrived = Vec::new();
        // The end of the connection without a word: it was lost, by slowness or by a kill.
        while let Some(frame) = hear(&stream, &mut arrived)? {
            match frame.kind {
                Kind::Position => {
                    let now = frame
                        .bytes
                        .first_chunk::<8>()
                        .map_or(0, |bytes| u64::from_be_bytes(*bytes));
                    let before = at.replace(now).unwrap_or(now);
                    let missed = output::read(folder, before, now)?;
                    if !missed.is_empty() && !sink(&missed) {
                        return Ok(());
                    }
                }
                Kind::Output => {
                    at = at.map(|at| at + frame.bytes.len() as u64);
                    if !sink(&frame.bytes) {
                        return Ok(());
                    }
                }
                Kind::End => return Ok(()),
                _ => {}
            }
        }
    }
    if let Some(at) = at {
        let rest = output::read(folder, at, u64::MAX)?;
        if !rest.is_empty() {
            sink(&rest);
        }
    }
    Ok(())
}

/// The next frame; a connection that was cut is at its end.
fn hear(stream: &UnixStream, arrived: &mut Vec<u8>) -> io::Result<Option<wire::Frame>> {
    match wire::hear(stream, arrived) {
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(None),
        heard => heard,
    }
}

/// Joins this terminal to the session until the person leaves or the session ends.
pub(super) fn attach(stream: &UnixStream) -> io::Result<()> {
    let mut changes = Changes::listen()?;
    let _raw = RawTerminal::begin()?;
    let size = |stream: &UnixStream| -> io::Result<()> {
        let (columns, rows) = terminal::size()?;
        wire::say(stream, Kind::Size, &wire::size_bytes(columns, rows))
    };
    size(stream)?;
    wire::say(stream, Kind::Attach, b"")?;
    let (mut arrived, mut desk) = (Vec::new(), vec![0; 16 << 10]);
    loop {
        let [keys, told, resized, ended] = ready(stream, &changes)?;
        if ended {
            return Ok(());
        }
        if resized {
            changes.note();
            size(stream)?;
        }
        if told {
            let mut from = stream;
            let read = from.read(&mut desk)?;
            arrived.extend(&desk[..read]);
            while let Some(frame) = wire::take(&mut arrived)? {
                match frame.kind {
                    Kind::Output => {
                        let mut screen = io::stdout().lock();
                        screen.write_all(&frame.bytes)?;
                        screen.flush()?;
                    }
                    Kind::End => return Ok(()),
                    _ => {}
                }
            }
            if read == 0 {
                return Ok(());
            }
        }
        if keys {
            let read = io::stdin().lock().read(&mut desk)?;
            let (keys, leaves) = until_leaving(&desk[..read]);
            if !keys.is_empty() {
                wire::say(stream, Kind::Keys, keys)?;
            }
            if leaves || read == 0 {
                return Ok(());
            }
        }
    }
}

/// Whether there are: keys, something told, another size, an end.
fn ready(stream: &UnixStream, changes: &Changes) -> io::Result<[bool; 4]> {
    let stdin = io::stdin();
    let mut fds = [
        PollFd::new(&stdin, PollFlags::IN),
        PollFd::new(stream, PollFlags::IN),
        PollFd::new(changes.resized(), PollFlags::IN),
        PollFd::new(changes.ended(), PollFlags::IN),
    ];
    match poll(&mut fds, None) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(fds.map(|fd| !fd.revents().is_empty()))
}

/// The keys before the one by which a person leaves, and whether it is there.
fn until_leaving(keys: &[u8]) -> (&[u8], bool) {
    let found = LEAVE
        .iter()
        .filter_map(|leave| keys.windows(leave.len()).position(|some| some == *leave));
    found.min().map_or((keys, false), |at| (&keys[..at], true))
}

#[cfg(test)]
mod tests {
    use super::until_leaving;

    #[test]
    fn what_was_typed_before_leaving_is_sent() {
        assert_eq!(until_leaving(b"ab"), (&b"ab"[..], false));
        assert_eq!(until_leaving(b"ab\x1cc"), (&b"ab"[..], true));
        assert_eq!(until_leaving(b"\x1b[92;5uc"), (&b""[..], true));
        assert_eq!(until_leaving(b""), (&b""[..], false));
    }
}
