//! The person's own terminal, while another's is shown in it.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGTERM, SIGWINCH};

/// What a program may have switched on is switched off: the other screen, mouse, brackets around pastes, reports of keys
/// and focus, a hidden cursor, colours.
const RESET: &[u8] = b"\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[>4;0m\
                       \x1b[?1l\x1b>\x1b[?25h\x1b[0m\r\n";

/// The terminal in raw mode; as it was when this is dropped.
pub struct RawTerminal {
    before: Termios,
}

impl RawTerminal {
    /// From now on every key arrives as it is pressed.
    pub fn begin() -> io::Result<RawTerminal> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        Ok(RawTerminal { before })
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        // The terminal may be gone, and then nothing has to be mended.
        let _ = io::stdout()
            .write_all(RESET)
            .and_then(|()| io::stdout().flush());
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}

/// Columns and rows of the terminal.
pub fn size() -> io::Result<(u16, u16)> {
    let size = tcgetwinsize(io::stdout())?;
    Ok((size.ws_col.max(1), size.ws_row.max(1)))
}

/// Hears what happens to the terminal: a change of its size, its end.
pub struct Changes {
    resized: UnixStream,
    ended: UnixStream,
}

impl Changes {
    /// Listens from now on.
    pub fn listen() -> io::Result<Changes> {
        let (resized, tell_size) = UnixStream::pair()?;
        signal_hook::low_level::pipe::register(SIGWINCH, tell_size)?;
        let (ended, tell_end) = UnixStream::pair()?;
        for signal in [SIGHUP, SIGTERM] {
            signal_hook::low_level::pipe::register(signal, tell_end.try_clone()?)?;
        }
        resized.set_nonblocking(true)?;
        Ok(Changes { resized, ended })
    }

    /// Ready when the size has changed.
    pub fn resized(&self) -> &UnixStream {
        &self.resized
    }

    /// Ready when this process shall end.
    pub fn ended(&self) -> &UnixStream {
        &self.ended
    }

    /// Takes note of a change of size.
    pub fn note(&mut self) {
        let mut bytes = [0; 64];
        // Empty already: then another has been noted with it.
        while matches!(self.resized.read(&mut bytes), Ok(read) if read > 0) {}
    }
}
