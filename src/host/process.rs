//! Other processes.

use std::ffi::OsStr;
use std::process::Command;

/// Whether a process of this number is alive on this machine.
pub fn is_alive(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    else {
        return false;
    };
    match rustix::process::test_kill_process(pid) {
        Ok(()) => true,
        // It exists, but is another user's.
        Err(error) => error == rustix::io::Errno::PERM,
    }
}

/// A command to run: argv only, never a shell.
#[expect(
    clippy::disallowed_methods,
    reason = "the one constructor of processes"
)]
pub fn command(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}

/// The process that started this one.
pub fn parent() -> u32 {
    std::os::unix::process::parent_id()
}

/// The program that runs, as git is to run it.
pub fn current_program() -> std::io::Result<std::path::PathBuf> {
    std::env::current_exe()
}
