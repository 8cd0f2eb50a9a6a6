//! `ghp session-run FOLDER`: the first process of a session, started by its backend in the new terminal. It reads what it
//! is to become, and becomes it.

use std::convert::Infallible;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;

use super::launch::Order;
use crate::domain::escape::one_line;
use crate::host::{env, process};
use crate::store::layout::run;

/// The word that asks for it.
pub(super) const WORD: &str = "session-run";
/// With this word the terminal on its standard input becomes its own: of a new session of the kernel's, too.
pub(super) const TAKE_TERMINAL: &str = "--take-terminal";

/// What the terminal says of itself, which the program has to know.
const TERMINALS: &[&str] = &[
    "COLORTERM",
    "TERM",
    "TERM_PROGRAM",
    "TERM_PROGRAM_VERSION",
    "TMUX",
    "TMUX_PANE",
];

/// The exit code of a program that could not be started, as shells have it.
const NOT_STARTED: u8 = 127;

/// Becomes the program; returns only when that failed, with the exit code.
pub(super) fn main(folder: &Path, takes_terminal: bool) -> u8 {
    let Err(error) = run(folder, takes_terminal);
    let said = one_line(&error.to_string(), 400);
    // The terminal may be gone by now; the exit code says it as well.
    let _ = writeln!(
        io::stderr(),
        "ghp: cannot start the session's program: {said}"
    );
    NOT_STARTED
}

fn run(folder: &Path, takes_terminal: bool) -> io::Result<Infallible> {
    if takes_terminal {
        rustix::process::setsid()?;
        rustix::process::ioctl_tiocsctty(io::stdin())?;
    }
    let path = folder.join(run::ORDER);
    let bytes = std::fs::read(&path)?;
    std::fs::remove_file(&path)?;
    let order = Order::from_bytes(&bytes);
    let order = order.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a torn order"))?;
    let [word, words @ ..] = order.program.as_slice() else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let path = order.environment.iter().find(|(name, _)| name == "PATH");
    let path = path.map(|(_, path)| path.clone()).unwrap_or_default();
    let program = process::find_in(&path, &order.directory, word);
    let program = program.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "not found"))?;
    let mut command = process::command(program);
    command
        .arg0(word)
        .args(words)
        .current_dir(&order.directory)
        .env_clear();
    for name in TERMINALS {
        if let Some(value) = env::var(name) {
            command.env(name, value);
        }
    }
    command.envs(order.environment);
    Err(command.exec())
}
