//! `ghp session-host FOLDER COLUMNS ROWS`: the process that keeps a session's terminal, one for each session.
//!
//! One thread and one `poll`: it reads what the terminal is sent, keeps it, hands it to whoever follows, types what callers
//! want typed. Nobody can make it wait: a caller that does not read is dropped, and what a program does not take stays
//! with the caller. It ends with the session, and what ended is written down first.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, WaitOptions, wait};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT};

use super::caller::Caller;
use super::output::Log;
use super::screen::Screen;
use super::wire::{self, Kind};
use crate::config::env_vars::{KEEPER, SESSION};
use crate::host::processes::Process;
use crate::host::pty::{self, Pty};
use crate::host::{process, signals, socket};
use crate::sessions::record::{Ended, Record};
use crate::sessions::{Room, Size, runner};
use crate::store::layout::run;

/// The word that asks for it.
pub(in crate::sessions) const WORD: &str = "session-host";
/// So much is read at once.
const DESK: usize = 64 << 10;

/// Plays the host; with the exit code.
pub(in crate::sessions) fn main(folder: &Path, size: Size) -> u8 {
    let begun = Keeper::begin(folder, size);
    let told = match &begun {
        Ok((_, told)) => told.clone(),
        Err(error) => format!("error {error}\n"),
    };
    // Whoever started it may be gone; the session stands.
    let _ = io::stdout()
        .write_all(told.as_bytes())
        .and_then(|()| io::stdout().flush());
    match begun.and_then(|(keeper, _)| {
        leave_streams()?;
        keeper.keep()
    }) {
        Ok(()) => 0,
        Err(_) => 1,
    }
}

/// Lets go of the standard streams of whoever started it.
fn leave_streams() -> io::Result<()> {
    let nothing = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    rustix::stdio::dup2_stderr(&nothing)?;
    Ok(())
}

/// Something to be typed.
struct Typing {
    /// Who wants it; `None`: the terminal itself, answering the program.
    caller: Option<u64>,
    bytes: Vec<u8>,
    at: usize,
    /// How it has to end when its caller is gone before all was typed.
    ending: &'static [u8],
}

struct Keeper {
    room: Room,
    record: Record,
    master: OwnedFd,
    /// Kept open, so that reading never ends before the session does.
    _terminal: OwnedFd,
    first: Pid,
    screen: Screen,
    log: Log,
    listener: UnixListener,
    signals: UnixStream,
    callers: Vec<Caller>,
    next_caller: u64,
    typing: Vec<Typing>,
    ended: Option<Ended>,
}

impl Keeper {
    /// Starts the session; what whoever asked for it is told.
    fn begin(folder: &Path, size: Size) -> io::Result<(Keeper, String)> {
        rustix::process::setsid()?;
        #[cfg(target_os = "linux")]
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
        let missing = || io::Error::new(ErrorKind::NotFound, "no such session");
        let (room, name) = Room::of_folder(folder).ok_or_else(missing)?;
        let record = Record::load(&room, &name)
            .map_err(io::Error::other)?
            .ok_or_else(missing)?;
        signals::outlive_file_limits()?;
        // Its terminal is not whoever started it, nor whose Ctrl-C was meant.
        for signal in [SIGHUP, SIGINT, SIGQUIT] {
            signal_hook::flag::register(signal, Arc::default())?;
        }
        let (signals, tell) = UnixStream::pair()?;
        signal_hook::low_level::pipe::register(SIGCHLD, tell)?;
        signals.set_nonblocking(true)?;
        let listener = socket::listen(folder, run::SOCKET)?;
        listener.set_nonblocking(true)?;
        let Pty { master, terminal } = pty::open(size.columns, size.rows)?;
        remember_size(&room, &name, size.columns, size.rows);
        let child = process::command(&room.program)
            .arg(runner::WORD)
            .arg(folder)
            .arg(runner::TAKE_TERMINAL)
            .env("TERM", "xterm-256color")
            .env("COLORTERM", "truecolor")
            // It is of the session from its first moment on: who stops it then must find it.
            .env_remove(KEEPER)
            .env(SESSION, &record.id)
            .stdin(Stdio::from(terminal.try_clone()?))
            .stdout(Stdio::from(terminal.try_clone()?))
            .stderr(Stdio::from(terminal.try_clone()?))
            .spawn()?;
        let of = |pid| Process::of(pid).unwrap_or(Process { pid, started: 0 });
        let (first, me) = (of(child.id()), of(std::process::id()));
        let told = format!(
            "{} {} {} {}\n",
            first.pid, first.started, me.pid, me.started
        );
        let first = i32::try_from(first.pid)
            .ok()
            .and_then(Pid::from_raw)
            .ok_or_else(missing)?;
        // No folder of anybody's stays in use because of it.
        std::env::set_current_dir("/")?;
        let keeper = Keeper {
            log: Log::new(folder),
            screen: Screen::new(size.columns, size.rows, 0),
            room,
            record,
            master,
            _terminal: terminal,
            first,
            listener,
            signals,
            callers: Vec::new(),
            next_caller: 0,
            typing: Vec::new(),
            ended: None,
        };
        Ok((keeper, told))
    }

    /// Keeps the terminal until the session has ended.
    fn keep(mut self) -> io::Result<()> {
        let mut desk = vec![0; DESK];
        // The first process may have ended before anybody listened.
        self.reap();
        while self.ended.is_none() {
            let ready = self.wait()?;
            if ready.signals {
                while matches!((&self.signals).read(&mut desk), Ok(read) if read > 0) {}
                self.reap();
            }
            if ready.terminal.contains(PollFlags::IN) {
                self.read(&mut desk);
            }
            if ready.terminal.contains(PollFlags::OUT) {
                self.write();
            }
            if ready.listener {
                self.accept();
            }
            for at in ready.callers {
                self.serve(at, &mut desk);
            }
            self.drop_callers();
        }
        while self.read(&mut desk) {}
        self.finish()
    }

    /// Waits until somebody has something to say.
    fn wait(&self) -> io::Result<Ready> {
        let reads = PollFlags::IN;
        let terminal = if self.typing.is_empty() {
            reads
        } else {
            reads | PollFlags::OUT
        };
        let mut fds = vec![
            PollFd::new(&self.signals, reads),
            PollFd::new(&self.listener, reads),
            PollFd::new(&self.master, terminal),
        ];
        for caller in &self.callers {
            let is_typing = self
                .typing
                .iter()
                .any(|typing| typing.caller == Some(caller.id));
            // Whoever has something to be typed is heard again when it was; its end is always heard.
            let mut wanted = if is_typing { PollFlags::empty() } else { reads };
            if caller.has_unsent() {
                wanted |= PollFlags::OUT;
            }
            fds.push(PollFd::from_borrowed_fd(caller.stream.as_fd(), wanted));
        }
        match poll(&mut fds, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let is_ready = |fd: &PollFd<'_>| !fd.revents().is_empty();
        let (own, callers) = fds.split_at(3);
        Ok(Ready {
            signals: is_ready(&own[0]),
            listener: is_ready(&own[1]),
            terminal: own[2].revents(),
            callers: (0..callers.len())
                .filter(|at| is_ready(&callers[*at]))
                .collect(),
        })
    }

    /// Fetches the exit codes of all that have ended: the session's own, and of those that it lost.
    fn reap(&mut self) {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if pid == self.first {
                self.ended = Some(Ended {
                    code: status.exit_status(),
                    signal: status.terminating_signal(),
                });
            }
        }
    }

    /// Reads what the terminal was sent; `false`: nothing is left.
    fn read(&mut self, desk: &mut [u8]) -> bool {
        let read = match rustix::io::read(&self.master, &mut *desk) {
            Ok(read) if read > 0 => read,
            Err(rustix::io::Errno::INTR) => return true,
            _ => return false,
        };
        let bytes = &desk[..read];
        self.log.append(bytes);
        let answers = self.screen.take(bytes);
        // A person's own terminal answers for itself.
        if !answers.is_empty() && !self.callers.iter().any(|caller| caller.attaches) {
            self.typing.push(Typing {
                caller: None,
                bytes: answers,
                at: 0,
                ending: b"",
            });
        }
        for caller in self.callers.iter_mut().filter(|caller| caller.follows) {
            caller.tell(Kind::Output, bytes);
        }
        true
    }

    /// Types what is to be typed, as far as the terminal takes it.
    fn write(&mut self) {
        while let Some(typing) = self.typing.first_mut() {
            match rustix::io::write(&self.master, &typing.bytes[typing.at..]) {
                Ok(written) => typing.at += written,
                Err(rustix::io::Errno::INTR) => continue,
                Err(_) => return,
            }
            if typing.at < typing.bytes.len() {
                return;
            }
            let caller = self.typing.remove(0).caller;
            let mut callers = self.callers.iter_mut();
            if let Some(caller) = callers.find(|other| Some(other.id) == caller) {
                caller.tell(Kind::Taken, b"");
            }
        }
    }

    fn accept(&mut self) {
        while let Ok((stream, _)) = self.listener.accept() {
            if stream.set_nonblocking(true).is_ok() {
                self.callers.push(Caller::new(self.next_caller, stream));
                self.next_caller += 1;
            }
        }
    }

    /// Hears what a caller says, and sends what it has not got yet.
    fn serve(&mut self, at: usize, desk: &mut [u8]) {
        self.callers[at].send();
        let id = self.callers[at].id;
        if self.typing.iter().any(|typing| typing.caller == Some(id)) {
            self.callers[at].note_end();
            return;
        }
        self.callers[at].receive(desk);
        while let Some(frame) = self.callers[at].frame() {
            match frame.kind {
                Kind::Paste if self.screen.wants_brackets() => {
                    let bytes = [BEGIN_PASTE, &frame.bytes, END_PASTE].concat();
                    self.queue(id, bytes, END_PASTE);
                }
                Kind::Keys | Kind::Paste => self.queue(id, frame.bytes, b""),
                Kind::Size => {
                    if let Some((columns, rows)) = wire::size_of(&frame.bytes) {
                        self.resize(columns, rows);
                    }
                }
                Kind::Follow | Kind::Attach => {
                    let position = self.log.total().to_be_bytes();
                    let caller = &mut self.callers[at];
                    caller.follows = true;
                    caller.tell(Kind::Position, &position);
                    if frame.kind == Kind::Attach {
                        caller.attaches = true;
                        caller.tell(Kind::Output, self.screen.drawn().as_bytes());
                    }
                }
                Kind::Screen => {
                    let text = self.screen.text(false);
                    self.callers[at].tell(Kind::Output, text.as_bytes());
                }
                Kind::Taken | Kind::Position | Kind::Output | Kind::End => {
                    self.callers[at].is_gone = true;
                }
            }
            if self.typing.iter().any(|typing| typing.caller == Some(id)) {
                break;
            }
        }
    }

    fn queue(&mut self, id: u64, bytes: Vec<u8>, ending: &'static [u8]) {
        self.typing.push(Typing {
            caller: Some(id),
            bytes,
            at: 0,
            ending,
        });
        self.write();
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        // The terminal of a session that has just ended has no size.
        let _ = pty::resize(&self.master, columns, rows);
        self.screen.resize(columns, rows);
        remember_size(&self.room, self.record.name.as_str(), columns, rows);
    }

    /// Forgets callers that are gone. What one of them began to type ends there, in order.
    fn drop_callers(&mut self) {
        let gone = |id: Option<u64>| {
            let is = |caller: &Caller| Some(caller.id) == id && caller.is_gone;
            self.callers.iter().any(is)
        };
        for typing in &mut self.typing {
            if gone(typing.caller) {
                typing.bytes.truncate(typing.at);
                if typing.at > 0 {
                    typing.bytes.extend(typing.ending);
                }
                typing.caller = None;
            }
        }
        self.typing.retain(|typing| typing.at < typing.bytes.len());
        self.callers.retain(|caller| !caller.is_gone);
    }

    /// Writes down how it ended, and tells everybody.
    fn finish(mut self) -> io::Result<()> {
        let ended = self.ended.unwrap_or_default();
        let kept = self.record.end(&self.room, ended);
        for caller in &mut self.callers {
            caller.tell(Kind::End, b"");
            caller.end();
        }
        // Fine when the session was removed meanwhile.
        let _ = std::fs::remove_file(self.room.file(self.record.name.as_str(), run::SOCKET));
        kept.map_err(io::Error::other)
    }
}

/// What stands around a paste for a program that asked for it.
const BEGIN_PASTE: &[u8] = b"\x1b[200~";
const END_PASTE: &[u8] = b"\x1b[201~";

/// Who has something to say.
struct Ready {
    signals: bool,
    listener: bool,
    terminal: PollFlags,
    callers: Vec<usize>,
}

/// Keeps the size, by which the output can be drawn again.
fn remember_size(room: &Room, name: &str, columns: u16, rows: u16) {
    // Without it lines are broken elsewhere, no more.
    let _ = room.write(name, run::SIZE, format!("{columns} {rows}\n").as_bytes());
}
