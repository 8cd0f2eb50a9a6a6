//! Waiting without polling: for a time, for a signal to stop, for another process's end.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Resource, getrlimit};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};

/// From now on a file that grows beyond the limit of this process (`ulimit -f`) is an error of the write, no death.
/// Without a limit the signal cannot come, and nothing is set up for it.
pub fn outlive_file_limits() -> io::Result<()> {
    if getrlimit(Resource::Fsize).current.is_none() {
        return Ok(());
    }
    signal_hook::flag::register(SIGXFSZ, Arc::default()).map(drop)
}

/// From now on the end of this process's terminal does not end it.
pub fn outlive_terminal() -> io::Result<()> {
    signal_hook::flag::register(SIGHUP, Arc::default()).map(drop)
}

/// What ended a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// The time is over.
    Time,
    /// SIGINT, SIGTERM or SIGHUP: end in order.
    Stop,
    /// The process that was followed has ended.
    Gone,
}

/// Hears signals to stop, so that a long command ends in order.
#[derive(Debug)]
pub struct Stop {
    told: UnixStream,
}

impl Stop {
    /// Listens from now on.
    pub fn listen() -> io::Result<Stop> {
        let (told, tell) = UnixStream::pair()?;
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::low_level::pipe::register(signal, tell.try_clone()?)?;
        }
        Ok(Stop { told })
    }

    /// Listens from now on while `mortal` is not set; while it is, such a signal ends the process as always.
    pub fn listen_unless(mortal: &Arc<AtomicBool>) -> io::Result<Stop> {
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register_conditional_default(signal, Arc::clone(mortal))?;
        }
        Stop::listen()
    }

    /// Readable from the first signal on.
    pub fn fd(&self) -> impl AsFd + use<'_> {
        self.told.as_fd()
    }

    /// Waits for the first of: this long, a signal, the end of the process followed.
    pub fn wait(&self, span: Duration, follow: Option<&Follow>) -> io::Result<Woken> {
        let mut fds = vec![PollFd::new(&self.told, PollFlags::IN)];
        if let Some(fd) = follow.and_then(|follow| follow.fd.as_ref()) {
            fds.push(PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::IN));
        }
        let timeout = Timespec {
            tv_sec: i64::try_from(span.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: span.subsec_nanos().into(),
        };
        match poll(&mut fds, Some(&timeout)) {
            Ok(0) => {}
            Ok(_) if !fds[0].revents().is_empty() => return Ok(Woken::Stop),
            Ok(_) => return Ok(Woken::Gone),
            // A signal that is ours is in the pipe as well.
            Err(rustix::io::Errno::INTR) => return self.wait(span, follow),
            Err(error) => return Err(error.into()),
        }
        Ok(
            if follow.is_some_and(|follow| !super::process::is_alive(follow.pid)) {
                Woken::Gone
            } else {
                Woken::Time
            },
        )
    }
}

/// What a signal wants of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Ctrl-C: stop what you do.
    Interrupt,
    /// End in order.
    End,
}

/// From now on calls `tell` for each such signal, which then ends nothing by itself.
pub fn tell_of_signals(tell: impl Fn(Told) + Send + 'static) -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::spawn(move || {
        for signal in &mut signals {
            tell(if signal == SIGINT {
                Told::Interrupt
            } else {
                Told::End
            });
        }
    });
    Ok(())
}

/// Another process whose end is waited for.
#[derive(Debug)]
pub struct Follow {
    pid: u32,
    /// Where the system has one, a descriptor that wakes at its end; else its life is looked at after each wait.
    fd: Option<OwnedFd>,
}

impl Follow {
    /// Follows a process; `None` when there is none of this number.
    pub fn new(pid: u32) -> Option<Follow> {
        if !super::process::is_alive(pid) {
            return None;
        }
        #[cfg(target_os = "linux")]
        let fd = rustix::process::Pid::from_raw(i32::try_from(pid).ok()?).and_then(|pid| {
            rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok()
        });
        #[cfg(not(target_os = "linux"))]
        let fd = None;
        Some(Follow { pid, fd })
    }
}
