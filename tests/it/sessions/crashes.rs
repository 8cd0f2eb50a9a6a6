//! What happens when a part of it is killed, fills its disk or hangs.

use crate::support::eventually;
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::Duration;

use ghp::host::processes::{Process, marked};
use ghp::sessions::{Input, Session, SessionManager, Status};
use rustix::process::Signal;

use super::room::{Room, backends, end, status, text};

/// The host process of a session of the backend `process`.
fn host(session: &dyn Session) -> Process {
    let (pid, started) = session.record().handle["host"]
        .split_once(':')
        .expect("two numbers");
    Process {
        pid: pid.parse().expect("a number"),
        started: started.parse().expect("a number"),
    }
}

fn first(session: &dyn Session) -> Process {
    session.record().process.expect("it was started")
}

#[test]
fn a_killed_program_is_seen_as_killed() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        let session = room.agent("worker-1", &[]);
        first(&*session).signal(Signal::KILL).expect("ours");
        eventually("it has ended", || status(&*session).is_over());
        let killed = Status::Exited {
            code: None,
            signal: Some(9),
        };
        assert_eq!(status(&*session), killed, "{backend}");
        assert!(text(&*session).contains("READY"), "{backend}");
    }
}

#[test]
fn a_killed_keeper_loses_the_session_and_leaves_nothing_unseen() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        // One that dies with its terminal, and one that does not.
        let script = "trap '' HUP; exec sleep 120";
        let dies = room.agent("dies", &[]);
        let stays = room.start("stays", &["sh", "-c", script]);
        eventually("it has become sleep", || {
            marked("GHP_SESSION", stays.id())
                .iter()
                .any(|it| it.command.starts_with("sleep"))
        });
        if backend == "process" {
            host(&*dies).signal(Signal::KILL).expect("ours");
            host(&*stays).signal(Signal::KILL).expect("ours");
        } else {
            let server = &dies.record().handle["server"];
            let pid = server
                .rsplit(':')
                .next()
                .expect("a number")
                .parse()
                .expect("a number");
            Process::of(pid)
                .expect("it runs")
                .signal(Signal::KILL)
                .expect("ours");
        }
        eventually("both are lost", || {
            [&dies, &stays]
                .iter()
                .all(|session| status(&***session) == Status::Lost)
        });
        eventually("one has ended", || !first(&*dies).is_alive());
        assert!(first(&*stays).is_alive(), "{backend}");
        let strays = room.sessions.strays().expect("facts");
        assert_eq!(strays.unknown, [], "{backend}");
        let over: Vec<String> = strays
            .over
            .iter()
            .map(|listed| listed.record.name.to_string())
            .collect();
        assert_eq!(over, ["dies", "stays"], "{backend}");
        let [orphan] = strays.orphans.as_slice() else {
            panic!("{backend}: {:?}", strays.orphans);
        };
        assert_eq!(orphan.process, first(&*stays), "{backend}");
        room.sessions.reap(orphan, Duration::from_secs(30));
        assert!(!first(&*stays).is_alive(), "{backend}");
        assert!(
            room.sessions.strays().expect("facts").orphans.is_empty(),
            "{backend}"
        );
        // A new server gives the same ids to other panes: they are not taken for the lost ones.
        let other = room.agent("other", &[]);
        assert_eq!(status(&*dies), Status::Lost, "{backend}");
        assert!(dies.send_input(&Input::enter()).is_err(), "{backend}");
        room.sessions
            .get("dies")
            .expect("on record")
            .stop(Duration::ZERO)
            .expect("fine");
        assert!(
            matches!(status(&*other), Status::Running { .. }),
            "{backend}"
        );
        assert!(room.bytes("other").is_empty(), "{backend}");
    }
}

#[test]
fn a_process_of_a_forgotten_session_is_found_and_those_of_others_are_not() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        let elsewhere = Room::new(backend);
        let theirs = elsewhere.agent("worker-1", &[]);
        let runs = room.agent("runs", &[]);
        let forgotten = room.agent("forgotten", &[]);
        std::fs::remove_dir_all(forgotten.record().folder(room.sessions.room())).expect("ours");
        let strays = room.sessions.strays().expect("facts");
        assert!(
            strays.over.is_empty() && strays.unknown.is_empty(),
            "{backend}: {strays:?}"
        );
        assert!(
            strays
                .orphans
                .iter()
                .all(|orphan| orphan.id == forgotten.id()),
            "{backend}: {strays:?}"
        );
        assert!(!strays.orphans.is_empty(), "{backend}");
        for orphan in &strays.orphans {
            room.sessions.reap(orphan, Duration::from_secs(30));
        }
        eventually("its terminal is idle", || {
            for terminal in room.sessions.strays().expect("facts").terminals {
                room.sessions.take_down(&terminal).expect("taken down");
            }
            let strays = room.sessions.strays().expect("facts");
            strays.orphans.is_empty() && strays.terminals.is_empty()
        });
        for session in [&theirs, &runs] {
            assert!(
                matches!(status(&**session), Status::Running { .. }),
                "{backend}"
            );
        }
    }
}

#[test]
fn what_cannot_be_read_is_unknown_and_nothing_of_it_is_touched() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        let session = room.agent("worker-1", &[]);
        let record = session
            .record()
            .folder(room.sessions.room())
            .join("record.json");
        let good = std::fs::read(&record).expect("a record");
        std::fs::write(&record, "{").expect("a file");
        let strays = room.sessions.strays().expect("facts");
        assert_eq!(strays.unknown.len(), 1, "{backend}: {strays:?}");
        assert!(
            strays.orphans.is_empty() && strays.over.is_empty(),
            "{backend}: {strays:?}"
        );
        assert!(room.sessions.remove("worker-1").is_err(), "{backend}");
        let other = String::from_utf8(good.clone())
            .expect("text")
            .replace("\"host\": \"", "\"host\": \"x");
        std::fs::write(&record, other).expect("a file");
        let elsewhere = room.sessions.get("worker-1").expect("on record");
        assert!(
            matches!(status(&*elsewhere), Status::Unknown(_)),
            "{backend}"
        );
        assert!(room.sessions.remove("worker-1").is_err(), "{backend}");
        std::fs::write(&record, good).expect("a file");
        assert!(
            matches!(status(&*session), Status::Running { .. }),
            "{backend}"
        );
    }
}

#[test]
fn a_server_that_hangs_is_unknown() {
    for backend in backends("a tmux server that hangs")
        .into_iter()
        .filter(|backend| *backend == "tmux")
    {
        let room = Room::new(backend);
        let session = room.agent("worker-1", &[]);
        let server = &session.record().handle["server"];
        let server = server
            .rsplit(':')
            .next()
            .expect("a number")
            .parse()
            .expect("a number");
        let server = Process::of(server).expect("it runs");
        server.signal(Signal::STOP).expect("ours");
        assert!(matches!(status(&*session), Status::Unknown(_)));
        assert!(room.sessions.remove("worker-1").is_err());
        assert!(
            room.sessions
                .get("worker-1")
                .expect("on record")
                .stop(Duration::ZERO)
                .is_err()
        );
        server.signal(Signal::CONT).expect("ours");
        assert!(matches!(status(&*session), Status::Running { .. }));
    }
}

#[test]
fn a_caller_that_never_reads_makes_nobody_wait() {
    for backend in backends("sessions")
        .into_iter()
        .filter(|backend| *backend == "process")
    {
        let room = Room::new(backend);
        let session = room.agent("worker-1", &[]);
        let socket = session.record().folder(room.sessions.room()).join("socket");
        // Three that follow and never read, one that begins to paste and goes away.
        let mut deaf: Vec<UnixStream> = (0..3)
            .map(|_| UnixStream::connect(&socket).expect("it listens"))
            .collect();
        for stream in &mut deaf {
            std::io::Write::write_all(stream, b"f\0\0\0\0").expect("sent");
        }
        drop(UnixStream::connect(&socket).expect("it listens"));
        // Some 60 KB each: more than sockets hold.
        for _ in 0..30 {
            session.send_input(&Input::Keys(vec![0x18])).expect("typed");
        }
        eventually("all of it was printed", || {
            text(&*session).matches("line 2999 of many").count() > 5
        });
        session
            .send_input(&Input::text("hello", Duration::ZERO))
            .expect("typed");
        eventually("it is submitted", || {
            room.bytes("worker-1").ends_with(b"hello\x1b[201~\r")
        });
        drop(deaf);
        let mut other = UnixStream::connect(&socket).expect("it still listens");
        std::io::Write::write_all(&mut other, b"nonsense").expect("sent");
        assert_eq!(
            other.read(&mut [0; 8]).unwrap_or(0),
            0,
            "nonsense is hung up on"
        );
        assert!(matches!(status(&*session), Status::Running { .. }));
    }
}

#[test]
fn a_program_that_does_not_read_keeps_what_is_typed_until_it_does() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        let session = room.agent("worker-1", &["deaf"]);
        let prompt = "x".repeat(40 << 10);
        std::thread::scope(|scope| {
            let typing = scope.spawn(|| {
                let session = room.sessions.get("worker-1").expect("on record");
                session
                    .send_input(&Input::text(prompt.clone(), Duration::ZERO))
                    .expect("typed");
            });
            // Others are answered meanwhile.
            assert!(matches!(status(&*session), Status::Running { .. }));
            assert!(text(&*session).contains("READY"));
            std::fs::write(room.file("worker-1.hear"), "").expect("a file");
            typing.join().expect("typed");
        });
        let wanted = format!("\x1b[200~{prompt}\x1b[201~\r");
        eventually("all of it has arrived", || {
            room.bytes("worker-1").len() >= wanted.len()
        });
        assert!(room.bytes("worker-1") == wanted.as_bytes(), "{backend}");
    }
}

#[test]
fn a_full_disk_costs_output_and_never_the_session() {
    for backend in backends("sessions")
        .into_iter()
        .filter(|backend| *backend == "process")
    {
        let room = Room::new(backend);
        // No file may grow beyond 8 KiB: for the host as for a disk that is full.
        let wrapper = room.file("ghp-with-a-limit");
        let script = format!(
            "#!/bin/sh\nulimit -f 16\nexec '{}' \"$@\"\n",
            crate::support::GHP
        );
        std::fs::write(&wrapper, script).expect("a file");
        let made = Command::new("chmod").arg("+x").arg(&wrapper).status();
        assert!(made.expect("chmod runs").success());
        let mut limited = room;
        limited.sessions = limited.sessions.clone().with_program(&wrapper);
        let session = limited.agent("worker-1", &[]);
        session.send_input(&Input::Keys(vec![0x18])).expect("typed");
        eventually("all of it was read", || limited.bytes("worker-1") == [0x18]);
        session
            .send_input(&Input::text("hello", Duration::ZERO))
            .expect("typed");
        eventually("it is submitted", || {
            limited.bytes("worker-1").ends_with(b"hello\x1b[201~\r")
        });
        assert!(matches!(status(&*session), Status::Running { .. }));
        end(&*session);
        eventually("it has ended", || status(&*session).is_over());
        assert_eq!(
            status(&*session),
            Status::Exited {
                code: Some(7),
                signal: None
            }
        );
    }
}

#[test]
fn a_host_outlives_who_started_it_and_needs_little_memory() {
    for backend in backends("sessions")
        .into_iter()
        .filter(|backend| *backend == "process")
    {
        let room = Room::new(backend);
        let session = room.agent("worker-1", &[]);
        let host = host(&*session);
        for signal in [Signal::HUP, Signal::INT] {
            host.signal(signal).expect("ours");
        }
        session.send_input(&Input::Keys(vec![0x18])).expect("typed");
        eventually("all of it was printed", || {
            text(&*session).contains("line 2999 of many")
        });
        let memory =
            std::fs::read_to_string(format!("/proc/{}/status", host.pid)).expect("it runs");
        let line = memory
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .expect("its memory");
        let kib: u64 = line
            .split_whitespace()
            .nth(1)
            .expect("a number")
            .parse()
            .expect("a number");
        println!("a host process takes {kib} KiB");
        assert!(kib < 32 << 10, "{line}");
    }
}
