//! Single keys from the terminal, without echo and without Enter.

use std::io::{self, IsTerminal};

use nix::unistd::{getpgrp, tcgetpgrp};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// What Ctrl-C types.
pub const CTRL_C: u8 = 3;

/// The terminal, handing over each key as it is typed. Dropped, it is as before.
pub struct Keys {
    before: Termios,
}

impl Keys {
    /// Takes the terminal over; `None` when nobody sits there: standard input is none, or another group of processes has
    /// it, and whoever touches it then is stopped.
    pub fn take() -> Option<Keys> {
        let stdin = io::stdin();
        if !stdin.is_terminal() || tcgetpgrp(&stdin).ok()? != getpgrp() {
            return None;
        }
        let before = tcgetattr(&stdin).ok()?;
        let mut raw = before.clone();
        // Ctrl-C is a key here: as a signal it would reach whoever started us, too.
        raw.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        tcsetattr(&stdin, OptionalActions::Now, &raw).ok()?;
        Some(Keys { before })
    }

    /// Calls `typed` for each key, from a thread of its own, until that says no.
    pub fn listen(&self, typed: impl Fn(u8) -> bool + Send + 'static) {
        std::thread::spawn(move || {
            let mut key = [0];
            // Byte by byte past the standard library's buffer: what comes after the last key is the next reader's.
            while let Ok(1) = rustix::io::read(io::stdin(), &mut key) {
                if !typed(key[0]) {
                    return;
                }
            }
        });
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // A terminal that has gone needs no mending.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}
