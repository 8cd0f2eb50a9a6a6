//! Twenty at once.

use crate::support::eventually;
use std::time::Duration;

use ghp::sessions::{Input, SessionManager, Status};

use super::room::{Room, backends, text};

#[test]
fn twenty_are_started_typed_into_and_stopped_at_once() {
    for backend in backends("sessions") {
        let room = Room::new(backend);
        let names: Vec<String> = (1..=20).map(|number| format!("worker-{number}")).collect();
        std::thread::scope(|scope| {
            for name in &names {
                let room = &room;
                scope.spawn(move || {
                    let session = room.agent(name, &[]);
                    let said = Input::text(format!("for {name}"), Duration::from_millis(20));
                    session.send_input(&said).expect("typed");
                    eventually("it is submitted", || text(&*session).contains("SUBMITTED"));
                });
            }
        });
        let listing = room.sessions.all().expect("a list");
        assert_eq!(listing.sessions.len(), 20, "{backend}");
        for listed in &listing.sessions {
            assert!(
                matches!(listed.status, Status::Running { .. }),
                "{backend}: {listed:?}"
            );
            let name = listed.record.name.as_str();
            let wanted = format!("\x1b[200~for {name}\x1b[201~\r");
            assert_eq!(room.bytes(name), wanted.as_bytes(), "{backend}");
        }
        std::thread::scope(|scope| {
            for name in &names {
                let sessions = &room.sessions;
                scope.spawn(move || {
                    let mut session = sessions.get(name).expect("on record");
                    session.stop(Duration::from_secs(30)).expect("stopped");
                });
            }
        });
        for listed in room.sessions.all().expect("a list").sessions {
            assert!(listed.status.is_over(), "{backend}: {listed:?}");
            room.sessions
                .remove(listed.record.name.as_str())
                .expect("removed");
        }
        assert!(
            room.sessions.list().expect("a list").is_empty(),
            "{backend}"
        );
    }
}
