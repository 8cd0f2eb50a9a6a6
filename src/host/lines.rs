//! Running somebody's program that is told everything at once and heard line by line.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// A longer line is cut, in bytes.
const LONGEST: u64 = 16 << 20;
/// So many lines wait for whoever hears them, before the program does.
const WAITING: usize = 64;
/// What it started may keep its output open for ever: after its end so long a silence is the end of that, too.
const UNTIL_QUIET: Duration = Duration::from_millis(500);

enum Event {
    Line(String),
    Over,
    Ended(io::Result<ExitStatus>),
}

/// Runs the program to its end, with this on its standard input, else with nothing. `hear` gets each line that it prints,
/// and `None` when it has printed none for `every`. Its stderr is ours.
pub fn run(
    command: &mut Command,
    input: Option<String>,
    every: Duration,
    hear: &mut dyn FnMut(Option<&str>),
) -> io::Result<ExitStatus> {
    let stdin = if input.is_some() {
        Stdio::piped()
    } else {
        Stdio::null()
    };
    let mut child = command.stdin(stdin).stdout(Stdio::piped()).spawn()?;
    if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
        // It may end without reading everything; its exit code says whether that was well.
        std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    }
    let (tell, told) = sync_channel(WAITING);
    if let Some(stdout) = child.stdout.take() {
        let tell = tell.clone();
        std::thread::spawn(move || read(stdout, &tell));
    }
    std::thread::spawn(move || tell.send(Event::Ended(child.wait())));
    heard(&told, every, hear)
}

fn heard(
    told: &Receiver<Event>,
    every: Duration,
    hear: &mut dyn FnMut(Option<&str>),
) -> io::Result<ExitStatus> {
    let (mut ended, mut is_over) = (None, false);
    loop {
        let patience = if ended.is_some() { UNTIL_QUIET } else { every };
        match told.recv_timeout(patience) {
            Ok(Event::Line(line)) => hear(Some(&line)),
            Ok(Event::Ended(status)) => ended = Some(status?),
            Err(RecvTimeoutError::Timeout) if ended.is_none() => hear(None),
            Ok(Event::Over) | Err(_) => is_over = true,
        }
        if let Some(status) = ended.filter(|_| is_over) {
            return Ok(status);
        }
    }
}

/// Hands on what it prints, until there is no more or nobody listens.
fn read(stdout: impl Read, tell: &SyncSender<Event>) {
    let mut stdout = BufReader::new(stdout);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut stdout).take(LONGEST).read_until(b'\n', &mut line);
        let is_over = !matches!(read, Ok(read) if read > 0);
        let event = if is_over {
            Event::Over
        } else {
            let text = String::from_utf8_lossy(&line);
            Event::Line(text.trim_end_matches(['\n', '\r']).to_owned())
        };
        if tell.send(event).is_err() || is_over {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::process::command;

    fn sh(script: &str, input: Option<&str>) -> (Vec<String>, Option<i32>) {
        let mut lines = Vec::new();
        let mut sh = command("sh");
        let input = input.map(str::to_owned);
        let status = run(
            sh.args(["-c", script]),
            input,
            Duration::from_mins(1),
            &mut |line| lines.extend(line.map(str::to_owned)),
        );
        (lines, status.expect("sh runs").code())
    }

    #[test]
    fn it_hears_its_input_and_is_heard() {
        let long = "é".repeat(200_000);
        let (lines, code) = sh("cat; echo; printf 'a\\r\\nb'; exit 3", Some(&long));
        assert_eq!((lines.len(), code), (3, Some(3)));
        assert_eq!(lines[0], long);
        assert_eq!(lines[1..], ["a", "b"]);
        assert_eq!(sh("cat; exit 0", None), (vec![], Some(0)));
        // One that does not listen.
        assert_eq!(sh("exec 0<&-; exit 5", Some(&long)).1, Some(5));
    }

    #[test]
    fn what_it_leaves_behind_does_not_keep_us() {
        let (lines, code) = sh("sleep 600 & echo $!; exit 0", None);
        assert_eq!(code, Some(0));
        let left = crate::host::processes::Process::of(lines[0].parse().expect("a number"));
        let left = left.expect("it runs");
        left.signal(rustix::process::Signal::KILL).expect("ours");
    }
}
