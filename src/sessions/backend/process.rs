//! Sessions without tmux: each has a host process of ours that keeps its terminal.

mod caller;
mod joined;
pub(in crate::sessions) mod keeper;
mod output;
mod screen;
mod wire;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Read};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;

use super::{Backend, Started};
use crate::config::env_vars::KEEPER;
use crate::domain::escape::one_line;
use crate::host::processes::{self, Process};
use crate::host::{input, process};
use crate::sessions::{Record, Room, SessionError, Size, Status, Terminal};
use crate::store::layout::run;
use screen::Screen;
use wire::Kind;

/// Its word.
const NAME: &str = "process";
/// The key of [`Record::handle`].
const HOST: &str = "host";
/// How long a host process takes at most to write down how its session ended.
const UNTIL_WRITTEN: Duration = Duration::from_secs(2);

/// The backend.
#[derive(Debug)]
pub(super) struct Hosts;

fn failed(what: &'static str, record: &Record) -> impl FnOnce(io::Error) -> SessionError + use<> {
    let name = record.name.clone();
    move |error| SessionError::Backend {
        backend: NAME,
        said: format!("cannot {what} {name}: {error}"),
    }
}

/// The host process of a session.
fn host(record: &Record) -> Option<Process> {
    parsed(record.handle.get(HOST)?)
}

fn parsed(handle: &str) -> Option<Process> {
    let (pid, started) = handle.split_once(':')?;
    Some(Process {
        pid: pid.parse().ok()?,
        started: started.parse().ok()?,
    })
}

fn state(record: &Record) -> Status {
    let (Some(host), Some(first)) = (host(record), record.process) else {
        return Status::Lost;
    };
    match (host.is_alive(), first.is_alive()) {
        (true, true) => Status::Running { pid: first.pid },
        // Between the end of a session and the word of it.
        (true, false) if !host.has_ended_within(UNTIL_WRITTEN) => {
            Status::Unknown("its host process does not answer".to_owned())
        }
        _ => Status::Lost,
    }
}

fn connect(room: &Room, record: &Record) -> Result<std::os::unix::net::UnixStream, SessionError> {
    let stream = joined::connect(&record.folder(room)).map_err(failed("reach", record))?;
    stream.ok_or_else(|| SessionError::Over {
        name: record.name.to_string(),
        status: state(record).to_string(),
    })
}

impl Backend for Hosts {
    fn name(&self) -> &'static str {
        NAME
    }

    fn require(&self) -> Result<(), SessionError> {
        Ok(())
    }

    fn keeper(&self, record: &Record) -> Option<Process> {
        host(record)
    }

    fn start(&self, room: &Room, record: &Record, size: Size) -> Result<Started, SessionError> {
        let failed = |said: String| SessionError::Backend {
            backend: NAME,
            said,
        };
        let mut command = process::command(&room.program);
        command
            .arg(keeper::WORD)
            .arg(record.folder(room))
            .args([size.columns.to_string(), size.rows.to_string()])
            .env_clear()
            .env(KEEPER, &record.id)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let spawned = command.spawn();
        let mut child = spawned.map_err(SessionError::io("run", &room.program))?;
        let mut told = String::new();
        if let Some(mut stdout) = child.stdout.take() {
            let read = stdout.read_to_string(&mut told);
            read.map_err(SessionError::io("hear from", &room.program))?;
        }
        if let Some(error) = told.strip_prefix("error ") {
            return Err(failed(one_line(error, 300)));
        }
        let numbers: Vec<u64> = told
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        let [pid, started, host, host_started] = *numbers.as_slice() else {
            return Err(failed("the host process ended at once".to_owned()));
        };
        let pid = u32::try_from(pid).map_err(|_| failed(format!("no process has number {pid}")))?;
        Ok(Started {
            process: Process { pid, started },
            handle: BTreeMap::from([(HOST.to_owned(), format!("{host}:{host_started}"))]),
        })
    }

    fn statuses(&self, _: &Room, records: &[&Record]) -> Vec<Status> {
        records.iter().map(|record| state(record)).collect()
    }

    fn paste(&self, room: &Room, record: &Record, text: &str) -> Result<(), SessionError> {
        let stream = connect(room, record)?;
        joined::typed(&stream, Kind::Paste, text.as_bytes()).map_err(failed("type into", record))
    }

    fn keys(&self, room: &Room, record: &Record, bytes: &[u8]) -> Result<(), SessionError> {
        let stream = connect(room, record)?;
        joined::typed(&stream, Kind::Keys, bytes).map_err(failed("type into", record))
    }

    fn output(&self, room: &Room, record: &Record, styled: bool) -> Result<String, SessionError> {
        let folder = record.folder(room);
        let bytes =
            output::read(&folder, 0, u64::MAX).map_err(failed("read the output of", record))?;
        let size = std::fs::read_to_string(folder.join(run::SIZE)).unwrap_or_default();
        let mut numbers = size.split_whitespace().map(str::parse::<u16>);
        let default = Size::default();
        let (columns, rows) = match (numbers.next(), numbers.next()) {
            (Some(Ok(columns)), Some(Ok(rows))) => (columns, rows),
            _ => (default.columns, default.rows),
        };
        let mut screen = Screen::new(columns, rows, screen::HISTORY);
        screen.take(&bytes);
        Ok(screen.text(styled))
    }

    fn screens(&self, room: &Room, records: &[&Record]) -> Vec<Option<String>> {
        let screen = |record: &&Record| joined::screen(&connect(room, record).ok()?).ok();
        records.iter().map(screen).collect()
    }

    fn follow(
        &self,
        room: &Room,
        record: &Record,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), SessionError> {
        joined::follow(&record.folder(room), sink).map_err(failed("follow", record))
    }

    fn attach(
        &self,
        room: &Room,
        record: &Record,
        beside: Option<&[OsString]>,
    ) -> Result<(), SessionError> {
        if beside.is_some() {
            return Err(SessionError::NothingBeside { backend: NAME });
        }
        if !input::is_terminal() {
            return Err(SessionError::NoTerminal);
        }
        let stream = connect(room, record)?;
        joined::attach(&stream).map_err(failed("attach to", record))
    }

    fn discard(&self, _: &Room, record: &Record) -> Result<(), SessionError> {
        let host = host(record).filter(|host| host.is_alive());
        if let Some(host) = host
            && !host.has_ended_within(UNTIL_WRITTEN)
        {
            // It hangs, and nothing is left that it could keep.
            host.signal(Signal::KILL)
                .map_err(|error| failed("end the host of", record)(error.into()))?;
            host.has_ended_within(UNTIL_WRITTEN);
        }
        Ok(())
    }

    fn idle_terminals(&self, room: &Room) -> Result<Vec<Terminal>, SessionError> {
        let hosts = processes::marked(KEEPER, &room.tag()?);
        Ok(hosts
            .into_iter()
            .map(|host| Terminal {
                backend: NAME,
                session: host.value,
                handle: format!("{}:{}", host.process.pid, host.process.started),
                shown: format!("host process {}", host.process.pid),
            })
            .collect())
    }

    fn take_down(&self, _: &Room, terminal: &Terminal) -> Result<(), SessionError> {
        let Some(host) = parsed(&terminal.handle) else {
            return Ok(());
        };
        // When what it kept has ended it ends by itself.
        if !host.has_ended_within(UNTIL_WRITTEN) {
            let killed = host.signal(Signal::KILL);
            killed.map_err(|error| SessionError::Backend {
                backend: NAME,
                said: format!("cannot end {}: {error}", terminal.shown),
            })?;
        }
        Ok(())
    }
}
