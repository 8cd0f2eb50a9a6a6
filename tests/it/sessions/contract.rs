//! What every backend promises.

use crate::support::eventually;
use std::os::unix::fs::PermissionsExt;
use std::sync::mpsc;
use std::time::Duration;

use ghp::sessions::{Input, SessionError, SessionManager, Size, Status, Wanted};

use super::room::{Room, backends, end, status, text};

const SOON: Duration = Duration::from_millis(20);

#[test]
fn a_session_is_started_typed_into_read_and_ends_with_its_code() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        let session = room.agent("worker-1", &[]);
        assert!(
            matches!(status(&*session), Status::Running { .. }),
            "{backend}"
        );
        assert!(text(&*session).contains("READY as worker-1"), "{backend}");
        session
            .send_input(&Input::text("first line\nsecond", SOON))
            .expect("typed");
        eventually("it is submitted", || text(&*session).contains("SUBMITTED"));
        assert_eq!(
            room.bytes("worker-1"),
            b"\x1b[200~first line\nsecond\x1b[201~\r",
            "{backend}"
        );
        let again = room.sessions.get("worker-1").expect("on record");
        assert_eq!(again.id(), session.id());
        end(&*session);
        eventually("it has ended", || status(&*session).is_over());
        let ended = Status::Exited {
            code: Some(7),
            signal: None,
        };
        assert_eq!(status(&*session), ended, "{backend}");
        eventually("its last words are kept", || {
            text(&*session).contains("BYE")
        });
        let error = session.send_input(&Input::enter()).expect_err("over");
        assert!(
            matches!(error, SessionError::Over { .. }),
            "{backend}: {error}"
        );
        room.sessions
            .get("worker-1")
            .expect("on record")
            .stop(SOON)
            .expect("fine");
        assert_eq!(status(&*session), ended, "{backend}");
        assert!(
            text(&*session).contains("BYE"),
            "{backend}: {}",
            text(&*session)
        );
        room.sessions.remove("worker-1").expect("removed");
        assert!(room.sessions.list().expect("a list").is_empty());
        let error = room.sessions.get("worker-1").err().expect("gone");
        assert!(matches!(error, SessionError::Nobody { .. }), "{error}");
    }
}

#[test]
fn a_long_prompt_with_every_awkward_character_arrives_byte_for_byte() {
    let awkward: String = ('\u{20}'..='\u{7e}')
        .chain("\t\n\u{a0}é漢🦀\u{200d}\u{202e}\u{feff}".chars())
        .chain("#{pane_id} #(touch x) ; \\; $(x) `x` %0 -- {} ~".chars())
        .collect();
    let prompt: String = awkward.chars().cycle().take(100 << 10).collect();
    for backend in backends("sessions") {
        for words in [&[][..], &["plain"]] {
            let room = Room::new(backend);
            let session = room.agent("worker-1", words);
            session
                .send_input(&Input::text(prompt.clone(), SOON))
                .expect("typed");
            let mut wanted = prompt.clone().into_bytes();
            if words.is_empty() {
                wanted = [b"\x1b[200~", &wanted[..], b"\x1b[201~"].concat();
            }
            wanted.push(b'\r');
            eventually("all of it has arrived", || {
                room.bytes("worker-1").len() >= wanted.len()
            });
            assert!(room.bytes("worker-1") == wanted, "{backend}");
        }
    }
}

#[test]
fn keys_arrive_as_they_are_and_nothing_in_a_text_becomes_a_key() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        let session = room.agent("worker-1", &["plain"]);
        let keys: Vec<u8> = (1..=255).filter(|key| ![4, 18, 24].contains(key)).collect();
        session
            .send_input(&Input::Keys(keys.clone()))
            .expect("typed");
        let text = Input::Text {
            text: "a\x04\x1b[201~\r\nb".to_owned(),
            enter: None,
        };
        session.send_input(&text).expect("typed");
        let wanted = [&keys[..], b"a[201~\nb"].concat();
        eventually("all of it has arrived", || {
            room.bytes("worker-1").len() >= wanted.len()
        });
        assert_eq!(room.bytes("worker-1"), wanted, "{backend}");
    }
}

#[test]
fn words_folders_and_variables_are_nobodys_commands() {
    let hostile = [
        "",
        " ",
        "a b",
        "#(touch pwned)",
        "#{pid}",
        ";",
        "a;",
        "\\;",
        "-x",
        "--",
        "$(touch pwned)",
        "`touch pwned`",
        "'\"",
        "é\n",
        "{",
        "}",
        "~",
        "%1",
    ];
    for backend in backends("sessions") {
        let room = Room::new(backend);
        let out = room.file("out");
        let script = "import os,sys; open(sys.argv[1],'wb').write(b'\\0'.join(os.fsencode(a) for a in sys.argv[2:] + [os.environ['ODD'], os.getcwd(), os.environ['GHP_SESSION'], str('GHP_KEEPER' in os.environ), str(os.isatty(0))]))";
        let mut words = vec!["python3", "-c", script, out.to_str().expect("a path")];
        words.extend(hostile);
        let mut launch = room.launch("worker-1", &words);
        let folder = room.file("#(touch pwned) #{x};");
        std::fs::create_dir(&folder).expect("a folder");
        launch.directory.clone_from(&folder);
        launch
            .environment
            .push(("ODD".to_owned(), "#(touch pwned);$(x)\n".to_owned()));
        let mut session = room.sessions.create(&launch).expect("a session");
        session.start(&launch).expect("it starts");
        eventually("it has ended", || status(&*session).is_over());
        assert_eq!(
            status(&*session),
            Status::Exited {
                code: Some(0),
                signal: None
            },
            "{backend}: {}",
            text(&*session)
        );
        let mut wanted: Vec<&str> = hostile.to_vec();
        let folder = folder.canonicalize().expect("there");
        wanted.extend([
            "#(touch pwned);$(x)\n",
            folder.to_str().expect("a path"),
            session.id(),
            "False",
            "True",
        ]);
        assert_eq!(
            String::from_utf8(room.bytes("out")).expect("text"),
            wanted.join("\0"),
            "{backend}"
        );
        for place in [folder.join("pwned"), room.file("pwned")] {
            assert!(!place.exists(), "{backend}: {}", place.display());
        }
    }
}

#[test]
fn stop_ends_the_whole_tree() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        let mut session = room.agent("worker-1", &["family", "stubborn"]);
        let id = session.id().to_owned();
        let members = || ghp::host::processes::marked("GHP_SESSION", &id);
        eventually("the family is there", || {
            members()
                .iter()
                .filter(|member| member.command.starts_with("sleep"))
                .count()
                == 2
        });
        let stopped = session.stop(Duration::from_millis(300)).expect("stopped");
        assert!(
            stopped.ended >= 3 && stopped.killed >= 1,
            "{backend}: {stopped:?}"
        );
        assert_eq!(members(), [], "{backend}");
        assert_eq!(
            status(&*session),
            Status::Exited {
                code: None,
                signal: Some(9)
            },
            "{backend}"
        );
        assert!(text(&*session).contains("READY"), "{backend}");
        session.stop(Duration::ZERO).expect("once more is fine");
    }
}

#[test]
fn one_that_is_stopped_as_it_starts_ends_too() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        for _ in 0..8 {
            // Most of them are stopped before their first process has become the program.
            let mut session = room.start("worker-1", &["sleep", "120"]);
            let stopped = session.stop(Duration::from_secs(20)).expect("stopped");
            assert_eq!(stopped.ended, 1, "{backend}");
            let state = status(&*session);
            assert!(
                matches!(
                    state,
                    Status::Exited {
                        signal: Some(15),
                        ..
                    }
                ),
                "{backend}: {state}"
            );
        }
    }
}

#[test]
fn one_name_runs_once_and_is_replaced_when_it_has_ended() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        let first = room.agent("worker-1", &[]);
        let launch = room.launch("worker-1", &["sleep", "120"]);
        let error = room.sessions.create(&launch).err().expect("it runs");
        assert!(
            matches!(error, SessionError::Runs { .. }),
            "{backend}: {error}"
        );
        let error = room.sessions.remove("worker-1").expect_err("it runs");
        assert!(
            matches!(error, SessionError::Runs { .. }),
            "{backend}: {error}"
        );
        end(&*first);
        eventually("it has ended", || status(&*first).is_over());
        let second = room.start("worker-1", &["sleep", "120"]);
        assert_ne!(second.id(), first.id());
        assert!(
            matches!(status(&*second), Status::Running { .. }),
            "{backend}"
        );
        assert!(!text(&*second).contains("BYE"), "{backend}");
    }
}

#[test]
fn what_cannot_start_leaves_nothing() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        let launch = room.launch("worker-1", &["no-such-program-anywhere"]);
        let error = room.sessions.create(&launch).err().expect("refused");
        assert!(
            matches!(error, SessionError::NoProgram { .. }),
            "{backend}: {error}"
        );
        let mut launch = room.launch("worker-1", &["sleep", "120"]);
        launch.environment.push(("A".to_owned(), "b\0".to_owned()));
        let mut session = room.sessions.create(&launch).expect("on record");
        let error = session.start(&launch).expect_err("refused");
        assert!(matches!(error, SessionError::Nul), "{backend}: {error}");
        let broken = room
            .sessions
            .clone()
            .with_program(std::path::Path::new("/bin/false"));
        let launch = room.launch("worker-1", &["sleep", "120"]);
        let mut session = broken.create(&launch).expect("on record");
        if backend == "process" {
            session.start(&launch).expect_err("nothing keeps it");
            assert!(
                room.sessions.list().expect("a list").is_empty(),
                "{backend}"
            );
        }
    }
}

#[test]
fn its_folder_is_private_and_its_order_is_gone() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        let session = room.agent("worker-1", &[]);
        let folder = session.record().folder(room.sessions.room());
        let mode = folder.metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{backend}");
        assert!(!folder.join("order").exists(), "{backend}");
        let words = std::fs::read(format!(
            "/proc/{}/cmdline",
            session.record().process.expect("started").pid
        ));
        assert!(
            String::from_utf8_lossy(&words.expect("it runs")).contains("agent.py"),
            "{backend}"
        );
    }
}

#[test]
fn output_has_history_and_follow_has_the_rest() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        let session = room.agent("worker-1", &[]);
        session.send_input(&Input::Keys(vec![0x18])).expect("typed");
        eventually("all lines are there", || {
            text(&*session).contains("line 2999 of many")
        });
        let all = text(&*session);
        for line in 0..3000 {
            assert!(
                all.contains(&format!("line {line} of many\n")),
                "{backend}: {line}"
            );
        }
        let last = session
            .get_output(&Wanted {
                lines: Some(2),
                styled: false,
            })
            .expect("output");
        assert_eq!(last, "line 2998 of many\nline 2999 of many\n", "{backend}");
        let (tell, heard) = mpsc::channel::<Vec<u8>>();
        let sessions = room.sessions.clone();
        let follower = std::thread::spawn(move || {
            let session = sessions.get("worker-1").expect("on record");
            session.follow(&mut |bytes| tell.send(bytes.to_vec()).is_ok())
        });
        let mut all = Vec::new();
        eventually("it is followed", || {
            // Whoever follows has to be there first: it is known by what it gets.
            session.send_input(&Input::Keys(vec![0x12])).expect("typed");
            all.extend(heard.recv_timeout(SOON).unwrap_or_default());
            String::from_utf8_lossy(&all).contains("size")
        });
        end(&*session);
        eventually("the follower has seen the end", || follower.is_finished());
        follower
            .join()
            .expect("no panic")
            .expect("followed to the end");
        all.extend(heard.try_iter().flatten());
        let heard = all;
        let heard = String::from_utf8_lossy(&heard).into_owned();
        assert!(heard.contains("size 200 50"), "{backend}: {heard}");
        assert!(!heard.contains("line 2999"), "{backend}");
    }
}

#[test]
fn a_deep_repository_has_sessions_too() {
    for backend in backends("sessions") {
        let room = Room::deep(backend, &"deep/".repeat(30));
        let mut session = room.agent("worker-1", &[]);
        session
            .send_input(&Input::text("hello", SOON))
            .expect("typed");
        eventually("it is submitted", || text(&*session).contains("SUBMITTED"));
        session.stop(SOON).expect("stopped");
        assert!(status(&*session).is_over(), "{backend}");
    }
}

#[test]
fn two_writers_do_not_interleave() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        let session = room.agent("worker-1", &[]);
        let texts: Vec<String> = (b'a'..=b'h')
            .map(|letter| char::from(letter).to_string().repeat(9000))
            .collect();
        std::thread::scope(|scope| {
            for text in &texts {
                let session = room.sessions.clone();
                scope.spawn(move || {
                    let session = session.get("worker-1").expect("on record");
                    session
                        .send_input(&Input::text(text.clone(), SOON))
                        .expect("typed");
                });
            }
        });
        let length: usize = texts.iter().map(|text| text.len() + 13).sum();
        eventually("all of it has arrived", || {
            room.bytes("worker-1").len() >= length
        });
        let got = String::from_utf8(room.bytes("worker-1")).expect("text");
        for text in &texts {
            assert!(
                got.contains(&format!("\x1b[200~{text}\x1b[201~\r")),
                "{backend}"
            );
        }
        drop(session);
    }
}

#[test]
fn the_size_is_the_one_that_was_asked_for() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        let mut launch = room.launch("worker-1", &["sh", "-c", "stty size; sleep 120"]);
        launch.size = Size {
            columns: 111,
            rows: 33,
        };
        let mut session = room.sessions.create(&launch).expect("a session");
        session.start(&launch).expect("it starts");
        eventually("it has said its size", || {
            text(&*session).contains("33 111")
        });
    }
}
