//! A program that is run to its end, but not for ever.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::signals::{Follow, Stop, Woken};

/// How long a program that was told to end may take for it.
const GRACE: Duration = Duration::from_secs(2);

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself.
    Itself(ExitStatus),
    /// It took too long and was ended.
    TooLong,
    /// This process was told to stop, and ended it first.
    Stopped,
}

/// Runs the program, at most for `longest`; every `span` says how long it has run. Whatever it started in its own process
/// group ends with it.
pub fn run(
    command: &mut Command,
    longest: Duration,
    span: Duration,
    running: &mut dyn FnMut(Duration),
) -> io::Result<Ended> {
    let stop = Stop::listen()?;
    let began = Instant::now();
    let mut child = command.process_group(0).spawn()?;
    let follow = Follow::new(child.id());
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Ended::Itself(status));
        }
        let left = longest.saturating_sub(began.elapsed());
        if left.is_zero() {
            end(&mut child)?;
            return Ok(Ended::TooLong);
        }
        match stop.wait(left.min(span), follow.as_ref())? {
            Woken::Stop => {
                end(&mut child)?;
                return Ok(Ended::Stopped);
            }
            Woken::Time => running(began.elapsed()),
            Woken::Gone => return Ok(Ended::Itself(child.wait()?)),
        }
    }
}

/// Ends the whole group: SIGTERM, and after a while SIGKILL.
fn end(child: &mut Child) -> io::Result<()> {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let signal = |signal| match group.map(|group| kill_process_group(group, signal)) {
        None | Some(Ok(()) | Err(rustix::io::Errno::SRCH)) => Ok(()),
        Some(Err(error)) => Err(io::Error::from(error)),
    };
    signal(Signal::TERM)?;
    if let Some(follow) = Follow::new(child.id()) {
        Stop::listen()?.wait(GRACE, Some(&follow))?;
    }
    signal(Signal::KILL)?;
    child.wait().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::process::command;

    fn run_sh(script: &str, longest: Duration) -> Ended {
        let mut sh = command("sh");
        sh.args(["-c", script]);
        run(&mut sh, longest, Duration::from_secs(1), &mut |_| {}).expect("sh runs")
    }

    #[test]
    fn it_ends_by_itself_or_is_ended_with_its_children() {
        let Ended::Itself(status) = run_sh("exit 3", Duration::from_mins(1)) else {
            panic!("it ends by itself")
        };
        assert_eq!(status.code(), Some(3));
        let scratch = tempfile::tempdir().expect("a folder");
        let note = scratch.path().join("pid");
        let script = format!("sleep 300 & echo $! > {}; wait", note.display());
        assert_eq!(run_sh(&script, Duration::from_secs(2)), Ended::TooLong);
        let pid = std::fs::read_to_string(&note).expect("a note");
        let pid = pid.trim().parse().expect("a number");
        let gone = Follow::new(pid).is_none_or(|follow| {
            let stop = Stop::listen().expect("signals");
            stop.wait(Duration::from_secs(30), Some(&follow))
                .expect("a wait")
                == Woken::Gone
        });
        assert!(gone, "its child lives on");
    }
}
