//! Other processes.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use nix::unistd::{Pid, getpgid, getpgrp};
use rustix::fs::{Access, Mode, access};
use rustix::process::umask;

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

/// The folders that programs whose names begin so work in, `None` for one that this user may not see; `None` where the
/// system does not tell.
pub fn folders_of(program: &str) -> Option<Vec<Option<PathBuf>>> {
    let mut folders = Vec::new();
    for process in std::fs::read_dir("/proc").ok()? {
        let process = process.ok()?.path();
        // What is no process has no such file, and what has just ended no more.
        let named = super::folder::read_small(&process.join("comm"))
            .is_ok_and(|name| name.starts_with(program));
        if named {
            match std::fs::read_link(process.join("cwd")) {
                Ok(folder) => folders.push(Some(folder)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(_) => folders.push(None),
            }
        }
    }
    Some(folders)
}

/// A command to run: argv only, never a shell.
#[expect(
    clippy::disallowed_methods,
    reason = "the one constructor of processes"
)]
pub fn command(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}

/// Runs a command to its end, with this on its standard input; `None`: it had not ended after so long, and was killed.
pub fn output_within(
    mut command: Command,
    input: &[u8],
    patience: Duration,
) -> io::Result<Option<Output>> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let running = super::processes::Process::of(child.id());
    let stdin = child.stdin.take();
    let input = input.to_vec();
    // It may end without reading everything; its exit code says whether that was well.
    let feed = move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(&input));
    std::thread::spawn(feed);
    let (tell, told) = mpsc::channel();
    // Nobody listens any more once the time is over.
    std::thread::spawn(move || tell.send(child.wait_with_output()));
    if let Ok(output) = told.recv_timeout(patience) {
        return output.map(Some);
    }
    if let Some(running) = running {
        running.signal(rustix::process::Signal::KILL)?;
    }
    Ok(None)
}

/// `PATH` without its relative entries, so that a program lying in a work tree is never started.
pub fn absolute_path() -> OsString {
    let path = super::env::var("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".to_owned());
    let absolute: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .collect();
    // What was split at the separator can be joined by it.
    std::env::join_paths(absolute).unwrap_or_default()
}

/// The program of this name in the folders of `path`.
pub fn find(path: &OsStr, name: &str) -> Option<PathBuf> {
    std::env::split_paths(path)
        .map(|folder| folder.join(name))
        .find(|program| is_program(program))
}

/// The program that a word means to whoever starts it in `folder`: a path, or a name in the folders of `path`.
pub fn find_in(path: &OsStr, folder: &Path, word: &OsStr) -> Option<PathBuf> {
    if word.as_encoded_bytes().contains(&b'/') {
        return Some(folder.join(word)).filter(|program| is_program(program));
    }
    find(path, word.to_str()?)
}

fn is_program(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

/// This process.
pub fn own() -> u32 {
    std::process::id()
}

/// What this process was handed open by whoever started it (a lock, a pipe) goes to no program that it starts: one that
/// outlives it would hold that for as long.
pub fn keep_descriptors() {
    const FIRST_BEHIND_STREAMS: i32 = 3;
    close_fds::set_fds_cloexec_threadsafe(FIRST_BEHIND_STREAMS, &[]);
}

/// The process that started this one.
pub fn parent() -> u32 {
    std::os::unix::process::parent_id()
}

/// The group of a process; of one that is gone our own, which it left us in. `None` when a process leads it that our
/// namespace of processes does not show: the system says 0 then, which `rustix` takes for impossible, hence `nix`.
pub fn group_of(pid: u32) -> Option<u32> {
    let pid = i32::try_from(pid).ok().filter(|pid| *pid > 0);
    let group = pid.and_then(|pid| getpgid(Some(Pid::from_raw(pid))).ok());
    let number = group.unwrap_or_else(getpgrp).as_raw().unsigned_abs();
    Some(number).filter(|number| *number != 0)
}

/// The program that runs, as git is to run it.
pub fn current_program() -> std::io::Result<std::path::PathBuf> {
    std::env::current_exe()
}

/// Whatever this process makes, its owner can read and write: a mask that forbids it would lock us out of our own
/// documents. What the mask says of others stays. One system call with the usual mask.
pub fn mend_mask() {
    let usual = Mode::WGRP | Mode::WOTH;
    let mask = umask(usual);
    if mask != usual {
        umask(mask - Mode::RWXU);
    }
}

/// Ends this process at once. The kernel takes back memory, files and locks together, which is quicker than piece by
/// piece; what is still to be printed must have been written.
pub fn end(code: u8) -> ! {
    signal_hook::low_level::exit(code.into())
}
