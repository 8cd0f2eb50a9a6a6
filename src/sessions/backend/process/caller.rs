//! One who is connected to the host process of a session.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::wire::{self, Frame, Kind};

/// Whoever has so much unread is dropped: it can ask again from where it was.
const MOST_UNSENT: usize = 4 << 20;
/// How long one that does not read is waited for at the session's end.
const LAST_PATIENCE: Duration = Duration::from_secs(1);

pub(super) struct Caller {
    pub id: u64,
    pub stream: UnixStream,
    /// It is sent what the terminal is sent.
    pub follows: bool,
    /// It is a person's terminal.
    pub attaches: bool,
    /// It has gone, or said what nobody says.
    pub is_gone: bool,
    arrived: Vec<u8>,
    unsent: Vec<u8>,
}

impl Caller {
    pub(super) fn new(id: u64, stream: UnixStream) -> Caller {
        Caller {
            id,
            stream,
            follows: false,
            attaches: false,
            is_gone: false,
            arrived: Vec::new(),
            unsent: Vec::new(),
        }
    }

    pub(super) fn has_unsent(&self) -> bool {
        !self.unsent.is_empty()
    }

    /// Tells it, now or when it reads.
    pub(super) fn tell(&mut self, kind: Kind, bytes: &[u8]) {
        if self.unsent.len() + bytes.len() > MOST_UNSENT {
            self.is_gone = true;
            return;
        }
        self.unsent.extend(wire::encode(kind, bytes));
        self.send();
    }

    /// Sends as much as it takes.
    pub(super) fn send(&mut self) {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(sent) => drop(self.unsent.drain(..sent)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => {
                    self.is_gone = true;
                    return;
                }
            }
        }
    }

    /// Takes what it said.
    pub(super) fn receive(&mut self, desk: &mut [u8]) {
        match self.stream.read(desk) {
            Ok(0) => self.is_gone = true,
            Ok(read) => self.arrived.extend(&desk[..read]),
            Err(error) => {
                let again = [ErrorKind::WouldBlock, ErrorKind::Interrupted];
                self.is_gone = !again.contains(&error.kind());
            }
        }
    }

    /// While it is not listened to: it was woken by the end of the connection, if by anything.
    pub(super) fn note_end(&mut self) {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let mut fds = [PollFd::new(&self.stream, PollFlags::empty())];
        let looked = poll(&mut fds, Some(&now));
        let ends = PollFlags::HUP | PollFlags::ERR;
        self.is_gone |= looked.is_ok() && fds[0].revents().intersects(ends);
    }

    /// The next thing that it said.
    pub(super) fn frame(&mut self) -> Option<Frame> {
        let taken = wire::take(&mut self.arrived);
        self.is_gone |= taken.is_err();
        taken.ok().flatten()
    }

    /// Sends the rest, since this process ends.
    pub(super) fn end(&mut self) {
        let blocks = self.stream.set_nonblocking(false);
        let patience = self.stream.set_write_timeout(Some(LAST_PATIENCE));
        if blocks.and(patience).is_ok() {
            // One that does not read now does not read at all.
            let _ = self.stream.write_all(&self.unsent);
        }
    }
}
