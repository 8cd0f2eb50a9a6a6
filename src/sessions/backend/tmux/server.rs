//! Our own tmux server: `<common>/ghp/tmux.sock`, nobody's configuration, a scrubbed environment. A person's own tmux is
//! never touched, and nothing of a session is ever read by tmux as a command or a format.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::config::env_vars::KEEPER;
use crate::domain::escape::one_line;
use crate::host::processes::Process;
use crate::host::{env, process, socket};
use crate::sessions::{Room, SessionError};
use crate::store::layout::TMUX_SOCKET;

/// tmux answers within milliseconds, or hangs.
const PATIENCE: Duration = Duration::from_secs(10);
/// A server that ends is looked at this often.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// What to do without one.
const INSTALL: &str = "install it (Debian: apt-get install tmux; macOS: brew install tmux), or take the backend process";

/// What of the caller's environment tmux itself needs: everything else would leak into every session.
const KEPT: &[&str] = &["HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR"];

/// One pane, as tmux tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pane {
    /// Its id: `%N`.
    pub id: String,
    /// Which run of the server it belongs to: ids begin anew with each.
    pub server: String,
    /// Its first process.
    pub pid: u32,
    /// Whether a person scrolls in it, so that keys do not reach its program.
    pub is_in_mode: bool,
    /// Whether its program has ended, with which code, by which signal.
    pub dead: Option<(Option<i32>, Option<i32>)>,
    /// The name of its tmux session, for people.
    pub session: String,
}

/// How [`Pane`] is asked for.
const PANE: &str = "#{pane_id} #{start_time}:#{pid} #{pane_pid} m#{pane_in_mode} d#{pane_dead} c#{pane_dead_status} \
                    s#{pane_dead_signal} #{session_name}";

impl Pane {
    fn parse(line: &str) -> Option<Pane> {
        let mut words = line.splitn(8, ' ');
        let id = words.next()?.to_owned();
        let server = words.next()?.to_owned();
        let pid = words.next()?.parse().ok()?;
        let mut marked = |mark: char| words.next()?.strip_prefix(mark);
        let is_in_mode = marked('m')? != "0";
        let is_dead = marked('d')? == "1";
        let code = marked('c')?.parse().ok();
        let signal = marked('s')?.parse().ok();
        Some(Pane {
            id,
            server,
            pid,
            is_in_mode,
            dead: is_dead.then_some((code, signal)),
            session: words.next().unwrap_or_default().to_owned(),
        })
    }
}

/// The oldest tmux that can do what is asked of it here: `new-session -e`.
const OLDEST: (u32, u32) = (3, 2);

/// Refuses where there is no tmux, or one that is too old; what calls itself otherwise (`master`) is new enough.
pub(super) fn require() -> Result<(), SessionError> {
    static VERSION: OnceLock<Option<String>> = OnceLock::new();
    let program = program()?;
    let asked = VERSION.get_or_init(|| {
        let mut tmux = process::command(&program);
        tmux.arg("-V").env_clear();
        // One that does not answer says why when it is to do something.
        let said = process::output_within(tmux, b"", PATIENCE).ok()??;
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        Some(one_line(said.trim().strip_prefix("tmux ")?, 40))
    });
    match asked {
        Some(version) if number(version).is_some_and(|number| number < OLDEST) => {
            let (major, minor) = OLDEST;
            Err(SessionError::TooOld {
                what: format!("tmux {version} is too old: {major}.{minor} is needed"),
                hint: INSTALL,
            })
        }
        _ => Ok(()),
    }
}

/// Major and minor number of a version as tmux says it: `3.3a`, `next-3.4`.
fn number(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.trim_start_matches("next-").split_once('.')?;
    let digits = minor.find(|c: char| !c.is_ascii_digit());
    let minor = &minor[..digits.unwrap_or(minor.len())];
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// The tmux program.
pub(super) fn program() -> Result<PathBuf, SessionError> {
    process::find(&process::absolute_path(), "tmux").ok_or_else(missing)
}

/// Has the server look for children that have ended: now and then 3.3 misses the signal of one's end, and then never fetches
/// its exit code. To be told so once more does nothing else.
pub(super) fn remind(server: &str) {
    let pid = server.rsplit(':').next().and_then(|pid| pid.parse().ok());
    if let Some(server) = pid.and_then(Process::of) {
        // A server that has gone has nobody to fetch.
        let _ = server.signal(Signal::CHILD);
    }
}

fn missing() -> SessionError {
    SessionError::NoProgram {
        program: "tmux".to_owned(),
        hint: Some(INSTALL),
    }
}

/// What tmux said, where it was wrong.
pub(super) fn said(text: impl AsRef<str>) -> SessionError {
    SessionError::Backend {
        backend: super::NAME,
        said: one_line(text.as_ref(), 300),
    }
}

/// tmux for this server, started in our folder: a socket's path that is too long is said relative to it.
pub(super) fn tmux(room: &Room) -> Result<Command, SessionError> {
    let mut tmux = process::command(program()?);
    let path = room.local.join(TMUX_SOCKET);
    let is_too_long = socket::is_too_long(&room.local, TMUX_SOCKET);
    let at: &OsStr = if is_too_long {
        TMUX_SOCKET.as_ref()
    } else {
        path.as_os_str()
    };
    tmux.arg("-S").arg(at).args(["-f", "/dev/null", "-u"]);
    tmux.current_dir(&room.local).env_clear();
    for name in KEPT {
        if let Some(value) = env::var(name) {
            tmux.env(name, value);
        }
    }
    tmux.env("PATH", process::absolute_path())
        .env("SHELL", "/bin/sh")
        .env("TERM", "xterm-256color")
        .env(KEEPER, super::NAME);
    Ok(tmux)
}

/// Runs a command of tmux to its end.
pub(super) fn run(room: &Room, words: &[&str], input: &[u8]) -> Result<String, SessionError> {
    let mut command = tmux(room)?;
    command.args(words);
    answer(command, input, words.first().copied().unwrap_or("tmux"))
}

/// Runs tmux to its end; `what`: its command, for messages.
pub(super) fn answer(command: Command, input: &[u8], what: &str) -> Result<String, SessionError> {
    let output = process::output_within(command, input, PATIENCE);
    match output.map_err(SessionError::io("run", "tmux".as_ref()))? {
        None => Err(said(format!(
            "{what} had no answer in {} s",
            PATIENCE.as_secs()
        ))),
        Some(Output { status, stdout, .. }) if status.success() => {
            Ok(String::from_utf8_lossy(&stdout).into_owned())
        }
        Some(output) => Err(said(format!(
            "{what}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ))),
    }
}

/// Every pane of the server; none when no server runs. An error says that nobody can tell.
pub(super) fn panes(room: &Room) -> Result<Vec<Pane>, SessionError> {
    let path = room.local.join(TMUX_SOCKET);
    let heard = socket::is_heard(&room.local, TMUX_SOCKET);
    if !heard.map_err(SessionError::io("connect to", &path))? {
        return Ok(Vec::new());
    }
    match run(room, &["list-panes", "-a", "-F", PANE], b"") {
        Ok(text) => text
            .lines()
            .map(|line| Pane::parse(line).ok_or_else(|| said(format!("list-panes said {line}"))))
            .collect(),
        Err(_) if is_empty(room) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Whether the server has ended just now, or is about to: its last session is gone.
fn is_empty(room: &Room) -> bool {
    match run(room, &["list-sessions", "-F", "#{session_id}"], b"") {
        Ok(sessions) => sessions.is_empty(),
        Err(_) => matches!(socket::is_heard(&room.local, TMUX_SOCKET), Ok(false)),
    }
}

/// Waits until a server without a session has ended.
pub(super) fn await_end(room: &Room) -> Result<(), SessionError> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let heard = socket::is_heard(&room.local, TMUX_SOCKET);
        if !heard.map_err(SessionError::io(
            "connect to",
            &room.local.join(TMUX_SOCKET),
        ))? {
            return Ok(());
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pane_is_read() {
        let pane = |line| Pane::parse(line).map(|pane| (pane.dead, pane.is_in_mode));
        assert_eq!(pane("%0 17:6 41 m0 d0 c s a b"), Some((None, false)));
        assert_eq!(
            pane("%0 17:6 41 m1 d1 c7 s a"),
            Some((Some((Some(7), None)), true))
        );
        assert_eq!(
            pane("%0 17:6 41 m0 d1 c s9 a"),
            Some((Some((None, Some(9))), false))
        );
        assert_eq!(pane("%0 17:6 x m0 d1 c s9 a"), None);
        assert_eq!(pane("no server running on x"), None);
    }
}
