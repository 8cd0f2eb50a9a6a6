//! Sessions in panes of our own tmux server.
//!
//! A pane is known by its id and the run of the server that gave it (`start_time:pid`), never by a name, since tmux
//! matches names by their beginning, and ids are given again by the next server. `remain-on-exit` keeps the exit code.
//! The pane's command is `ghp session-run FOLDER`, so that no word of a session passes through tmux.

mod control;
mod server;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{Backend, Started};
use crate::config::env_vars::KEEPER;
use crate::host::lock::lock;
use crate::host::processes::Process;
use crate::host::{env, input};
use crate::sessions::{Record, Room, SessionError, Size, Status, Terminal, runner};
use crate::store::layout::{TMUX_SOCKET, local, run};
use control::Notice;
use server::{Pane, panes, said};

/// Its word.
const NAME: &str = "tmux";
/// Keys of [`Record::handle`].
const PANE: &str = "pane";
const SERVER: &str = "server";
/// The mark of panes that are shown beside a session's.
const BESIDE: &str = "@ghp-beside";
/// How many lines a pane remembers.
const HISTORY: &str = "50000";
/// So many bytes are typed by one command.
const KEYS_AT_ONCE: usize = 512;
/// So often a server that is about to end is given way.
const STARTS: usize = 3;
/// How long others may take to start their sessions.
const STARTERS_PATIENCE: Duration = Duration::from_mins(1);

/// How long tmux may take from the end of a terminal to the exit code. Before 3.3 it never tells a signal.
const UNTIL_SETTLED: Duration = Duration::from_secs(5);
/// It is asked again after so long.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// The backend.
#[derive(Debug)]
pub(super) struct Tmux;

/// The pane of a session; `None` when it is gone.
fn find<'p>(panes: &'p [Pane], record: &Record) -> Option<&'p Pane> {
    let (id, server) = (record.handle.get(PANE)?, record.handle.get(SERVER)?);
    panes
        .iter()
        .find(|pane| pane.id == *id && pane.server == *server)
}

fn require(room: &Room, record: &Record) -> Result<Pane, SessionError> {
    let panes = panes(room)?;
    let pane = find(&panes, record).cloned();
    pane.ok_or_else(|| SessionError::Over {
        name: record.name.to_string(),
        status: Status::Lost.to_string(),
    })
}

fn state(panes: &[Pane], record: &Record) -> Status {
    match find(panes, record) {
        Some(Pane {
            dead: Some((code, signal)),
            ..
        }) => Status::Exited {
            code: *code,
            signal: *signal,
        },
        Some(pane) if record.process.is_some_and(|first| first.pid == pane.pid) => {
            Status::Running { pid: pane.pid }
        }
        // Gone, or somebody started another program in it (respawn-pane).
        _ => Status::Lost,
    }
}

/// The panes, once tmux knows how those ended that are dead: it sees the end of a terminal a moment before the exit code.
fn settled(room: &Room, records: &[&Record]) -> Result<Vec<Pane>, SessionError> {
    let mut deadline = None;
    loop {
        let panes = panes(room)?;
        // From the first answer on: on a busy machine that alone may take long.
        let deadline = *deadline.get_or_insert_with(|| Instant::now() + UNTIL_SETTLED);
        let mut found = records.iter().filter_map(|record| find(&panes, record));
        match found.find(|pane| pane.dead == Some((None, None))) {
            Some(pane) if Instant::now() < deadline => server::remind(&pane.server),
            _ => return Ok(panes),
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// The name of a session in tmux: for people who list them. A dot would be a separator there.
fn shown_name(record: &Record) -> String {
    let id = &record.id[record.id.len().saturating_sub(6)..];
    format!("{}-{id}", record.name.as_str().replace('.', "_"))
}

/// Where the last screen of a session is kept when its pane goes.
fn kept(styled: bool) -> &'static str {
    if styled { run::STYLED } else { run::PLAIN }
}

fn captured(room: &Room, pane: &Pane, styled: bool) -> Result<String, SessionError> {
    let mut words = vec![
        "capture-pane",
        "-p",
        "-J",
        "-S",
        "-",
        "-t",
        pane.id.as_str(),
    ];
    if styled {
        words.push("-e");
    }
    server::run(room, &words, b"")
}

/// Shows a program beside a pane, in a pane that goes with it; its id.
fn split(room: &Room, pane: &Pane, words: &[OsString]) -> Result<String, SessionError> {
    let mut tmux = server::tmux(room)?;
    tmux.args([
        "split-window",
        "-h",
        "-d",
        "-l",
        "40%",
        "-P",
        "-F",
        "#{pane_id}",
    ])
    .args(["-t", &pane.id, "--"])
    .args(words);
    let id = server::answer(tmux, b"", "split-window")?.trim().to_owned();
    let marked = ["set", "-p", "-t", &id, BESIDE, "1", ";"];
    let goes = ["set", "-p", "-t", &id, "remain-on-exit", "off"];
    server::run(room, &[&marked[..], &goes].concat(), b"")?;
    Ok(id)
}

/// What is shown beside a pane.
fn beside(room: &Room, pane: &Pane) -> Result<Vec<String>, SessionError> {
    let format = format!("#{{pane_id}} #{{{BESIDE}}}");
    let listed = server::run(room, &["list-panes", "-t", &pane.id, "-F", &format], b"")?;
    let lines = listed.lines().filter_map(|line| line.split_once(' '));
    let ours = lines.filter(|(_, mark)| !mark.is_empty());
    Ok(ours.map(|(id, _)| id.to_owned()).collect())
}

/// Takes away what is shown beside a pane; gone already: a person closed it.
fn take_beside(room: &Room, pane: &Pane) -> Result<(), SessionError> {
    for id in beside(room, pane)? {
        let _ = server::run(room, &["kill-pane", "-t", &id], b"");
    }
    Ok(())
}

/// Starts the pane, and the server where none runs.
fn begin(room: &Room, record: &Record, size: Size) -> Result<Started, SessionError> {
    let (columns, rows) = (size.columns.to_string(), size.rows.to_string());
    let mut tmux = server::tmux(room)?;
    for words in [
        &["start-server"][..],
        &["set", "-g", "remain-on-exit", "on"],
        &["set", "-gq", "remain-on-exit-format", ""],
        &["set", "-g", "history-limit", HISTORY],
        &["set", "-g", "default-terminal", "tmux-256color"],
        &["set", "-g", "focus-events", "on"],
        &["set", "-g", "window-size", "latest"],
        &["set", "-sg", "escape-time", "10"],
    ] {
        tmux.args(words).arg(";");
    }
    tmux.args(["new-session", "-d", "-P", "-F"])
        .arg("#{pane_id} #{start_time}:#{pid} #{pane_pid}")
        // The server's mark is none of the session's.
        .args(["-e", &format!("{KEEPER}=")])
        .args(["-x", &columns, "-y", &rows, "-s", &shown_name(record), "--"])
        // Several words are run as they are; one alone would be a shell's.
        .arg(&room.program)
        .arg(runner::WORD)
        .arg(room.folder(record.name.as_str()));
    let told = server::answer(tmux, b"", "new-session")?;
    let mut words = told.split_whitespace();
    let mut word = || words.next().map(str::to_owned);
    let (pane, server, pid) = (word(), word(), word());
    let (Some(pane), Some(server), Some(Ok(pid))) =
        (pane, server, pid.map(|pid| pid.parse::<u32>()))
    else {
        return Err(said(format!("new-session said {told}")));
    };
    Ok(Started {
        // One that has ended already is the pane's all the same.
        process: Process::of(pid).unwrap_or(Process { pid, started: 0 }),
        handle: BTreeMap::from([(PANE.to_owned(), pane), (SERVER.to_owned(), server)]),
    })
}

/// How many people look at the pane's session; with the session they are gone.
fn clients(room: &Room, pane: &Pane) -> usize {
    let words = ["list-clients", "-t", &pane.id, "-F", "#{client_name}"];
    server::run(room, &words, b"").map_or(0, |clients| clients.lines().count())
}

impl Backend for Tmux {
    fn name(&self) -> &'static str {
        NAME
    }

    fn require(&self) -> Result<(), SessionError> {
        server::require()
    }

    fn start(&self, room: &Room, record: &Record, size: Size) -> Result<Started, SessionError> {
        // Two that start the server at once would race for its socket.
        let _held = lock(&room.local.join(local::TMUX), || STARTERS_PATIENCE)?;
        // With its last session a server ends; who comes then needs another.
        for _ in 0..STARTS {
            match begin(room, record, size) {
                Err(_) if panes(room)?.is_empty() => server::await_end(room)?,
                begun => return begun,
            }
        }
        begin(room, record, size)
    }

    fn statuses(&self, room: &Room, records: &[&Record]) -> Vec<Status> {
        match settled(room, records) {
            Ok(panes) => records.iter().map(|record| state(&panes, record)).collect(),
            Err(error) => vec![Status::Unknown(error.to_string()); records.len()],
        }
    }

    fn paste(&self, room: &Room, record: &Record, text: &str) -> Result<(), SessionError> {
        let pane = require(room, record)?;
        let buffer = format!("ghp-{}", record.id);
        if pane.is_in_mode {
            server::run(room, &["send-keys", "-t", &pane.id, "-X", "cancel"], b"")?;
        }
        let load = ["load-buffer", "-b", &buffer, "-", ";"];
        let paste = [
            "paste-buffer",
            "-p",
            "-r",
            "-d",
            "-b",
            &buffer,
            "-t",
            &pane.id,
        ];
        let pasted = server::run(room, &[&load[..], &paste].concat(), text.as_bytes());
        if pasted.is_err() {
            // What was not pasted is no one's to find; the failure itself is what is told.
            let _ = server::run(room, &["delete-buffer", "-b", &buffer], b"");
        }
        pasted.map(drop)
    }

    fn keys(&self, room: &Room, record: &Record, bytes: &[u8]) -> Result<(), SessionError> {
        let pane = require(room, record)?;
        if pane.is_in_mode {
            server::run(room, &["send-keys", "-t", &pane.id, "-X", "cancel"], b"")?;
        }
        for some in bytes.chunks(KEYS_AT_ONCE) {
            let codes: Vec<String> = some.iter().map(|byte| format!("{byte:02x}")).collect();
            let mut words = vec!["send-keys", "-t", &pane.id, "-H"];
            words.extend(codes.iter().map(String::as_str));
            server::run(room, &words, b"")?;
        }
        Ok(())
    }

    fn output(&self, room: &Room, record: &Record, styled: bool) -> Result<String, SessionError> {
        let panes = panes(room)?;
        if let Some(pane) = find(&panes, record) {
            return captured(room, pane, styled);
        }
        let path = room.file(record.name.as_str(), kept(styled));
        match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            read => read.map_err(SessionError::io("read", &path)),
        }
    }

    fn screens(&self, room: &Room, records: &[&Record]) -> Vec<Option<String>> {
        // Nobody can foresee it, so nothing on a screen is taken for it.
        let Ok((panes, mark)) = panes(room).and_then(|panes| Ok((panes, room.new_id()?))) else {
            return vec![None; records.len()];
        };
        let shown: Vec<Option<&Pane>> = records.iter().map(|it| find(&panes, it)).collect();
        let all = shown.iter().flatten().fold(Vec::new(), |mut words, pane| {
            words.extend(["display-message", "-p", "-t", &pane.id, &mark, ";"]);
            words.extend(["capture-pane", "-p", "-J", "-t", &pane.id, ";"]);
            words
        });
        if all.is_empty() {
            return vec![None; records.len()];
        }
        let mut screens = match server::run(room, &all, b"") {
            Ok(text) => text
                .split(&format!("{mark}\n"))
                .skip(1)
                .map(str::to_owned)
                .collect(),
            // One of them has just ended: each by itself.
            Err(_) => Vec::new(),
        }
        .into_iter();
        let one =
            |pane: &Pane| server::run(room, &["capture-pane", "-p", "-J", "-t", &pane.id], b"");
        let screen = |pane: Option<&Pane>| {
            let pane = pane?;
            screens.next().or_else(|| one(pane).ok())
        };
        shown.into_iter().map(screen).collect()
    }

    fn follow(
        &self,
        room: &Room,
        record: &Record,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), SessionError> {
        let pane = require(room, record)?;
        let mut tmux = server::tmux(room)?;
        tmux.args(["-C", "attach-session", "-f", "ignore-size", "-t"])
            .arg(&pane.id)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let failed = || SessionError::io("run", NAME.as_ref());
        let mut client = tmux.spawn().map_err(failed())?;
        let (Some(mut words), Some(told)) = (client.stdin.take(), client.stdout.take()) else {
            unreachable!("both are pipes");
        };
        let mut told = BufReader::new(told);
        let mut followed = Ok(());
        let mut line = Vec::new();
        while followed.is_ok() {
            line.clear();
            match told.read_until(b'\n', &mut line) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => followed = Err(failed()(error)),
            }
            match control::read(line.strip_suffix(b"\n").unwrap_or(&line), &pane.id) {
                Notice::Output(bytes) if !sink(&bytes) => break,
                Notice::End => break,
                Notice::Attached => {
                    let subscribed = words.write_all(control::SUBSCRIBE.as_bytes());
                    followed = subscribed.map_err(failed());
                }
                Notice::Output(_) | Notice::Other => {}
            }
        }
        drop((words, told));
        // Its standard input has ended, so it ends; what it still says nobody wants.
        if let Some(process) = Process::of(client.id()) {
            let _ = process.signal(Signal::TERM);
        }
        client.wait().map_err(failed())?;
        followed
    }

    fn attach(
        &self,
        room: &Room,
        record: &Record,
        beside: Option<&[OsString]>,
    ) -> Result<(), SessionError> {
        if !input::is_terminal() {
            return Err(SessionError::NoTerminal);
        }
        let pane = require(room, record)?;
        if let Some(words) = beside
            && self::beside(room, &pane)?.is_empty()
        {
            split(room, &pane, words)?;
        }
        let inside = env::var("TMUX").and_then(|tmux| Some(PathBuf::from(tmux.split(',').next()?)));
        let ours = room.local.join(TMUX_SOCKET);
        let is_ours = inside.is_some_and(|inside| room.local.join(inside) == ours);
        let mut tmux = server::tmux(room)?;
        // The terminal is the person's own: tmux has to know which.
        let names = ["TERM", "COLORTERM", "TERM_PROGRAM"];
        for name in names.iter().chain(is_ours.then_some(&"TMUX")) {
            if let Some(value) = env::var(name) {
                tmux.env(name, value);
            }
        }
        let word = if is_ours {
            "switch-client"
        } else {
            "attach-session"
        };
        let ended = tmux.args([word, "-t", &pane.id]).status();
        // A client that was switched over looks at it from now on; it goes with the session.
        if beside.is_some() && !is_ours && clients(room, &pane) == 0 {
            take_beside(room, &pane)?;
        }
        match ended.map_err(SessionError::io("run", NAME.as_ref()))? {
            ended if ended.success() => Ok(()),
            ended => Err(said(format!("{word}: {ended}"))),
        }
    }

    fn discard(&self, room: &Room, record: &Record) -> Result<(), SessionError> {
        let panes = panes(room)?;
        let Some(pane) = find(&panes, record) else {
            return Ok(());
        };
        for styled in [false, true] {
            let text = captured(room, pane, styled)?;
            // A disk that is full must not keep a dead pane alive.
            let _ = room.write(record.name.as_str(), kept(styled), text.as_bytes());
        }
        take_beside(room, pane)?;
        server::run(room, &["kill-pane", "-t", &pane.id], b"").map(drop)
    }

    fn idle_terminals(&self, room: &Room) -> Result<Vec<Terminal>, SessionError> {
        let panes = panes(room)?.into_iter();
        // A pane that lives is a session's or a person's own window.
        let dead = panes.filter(|pane| pane.dead.is_some());
        Ok(dead
            .map(|pane| Terminal {
                backend: NAME,
                session: pane
                    .session
                    .rsplit('-')
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
                handle: format!("{} {}", pane.id, pane.server),
                shown: format!("dead pane {} of tmux session {}", pane.id, pane.session),
            })
            .collect())
    }

    fn take_down(&self, room: &Room, terminal: &Terminal) -> Result<(), SessionError> {
        for pane in panes(room)? {
            if pane.dead.is_some() && terminal.handle == format!("{} {}", pane.id, pane.server) {
                server::run(room, &["kill-pane", "-t", &pane.id], b"")?;
            }
        }
        Ok(())
    }
}
