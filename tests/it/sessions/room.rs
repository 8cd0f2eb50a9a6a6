//! A place for sessions of a test: everything in it ends with it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ghp::sessions::{Input, Launch, Session, SessionManager, Sessions, Status, Wanted};
use tempfile::TempDir;

use crate::support::{GHP, eventually, require};

/// Both backends; tmux only where it is installed.
pub(super) fn backends(what: &str) -> Vec<&'static str> {
    let mut backends = vec!["process"];
    if require("tmux", what) {
        backends.push("tmux");
    }
    if require("python3", what) {
        backends
    } else {
        Vec::new()
    }
}

/// The sessions of a repository that is nothing else.
pub(super) struct Room {
    folder: TempDir,
    pub sessions: Sessions,
    backend: &'static str,
}

impl Room {
    pub(super) fn new(backend: &'static str) -> Room {
        Room::deep(backend, "common")
    }

    /// With this folder above it.
    pub(super) fn deep(backend: &'static str, above: &str) -> Room {
        let folder = tempfile::Builder::new()
            .prefix("ghp-s-")
            .tempdir()
            .expect("a folder");
        let local = folder.path().join(above).join("ghp");
        std::fs::create_dir_all(local.join("run")).expect("a folder");
        let sessions = Sessions::open(&local)
            .expect("a room")
            .with_program(Path::new(GHP));
        Room {
            folder,
            sessions,
            backend,
        }
    }

    /// A file of the test.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What a file holds by now.
    pub(super) fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.file(name)).unwrap_or_default()
    }

    /// A session that is to run this.
    pub(super) fn launch(&self, name: &str, words: &[&str]) -> Launch {
        let program = words.iter().map(OsString::from).collect();
        let directory = self.folder.path().to_owned();
        let name = name.parse().expect("a name");
        let launch = Launch::new(&self.sessions, name, directory, program).expect("a launch");
        Launch {
            backend: self.backend.to_owned(),
            environment: vec![("GHP_AGENT".to_owned(), launch.name.to_string())],
            ..launch
        }
    }

    /// Starts a session that runs this.
    #[track_caller]
    pub(super) fn start(&self, name: &str, words: &[&str]) -> Box<dyn Session> {
        let launch = self.launch(name, words);
        let mut session = self.sessions.create(&launch).expect("a session");
        session.start(&launch).expect("it starts");
        session
    }

    /// Starts the scripted agent, and waits until it reads; what it reads is in the file of its name.
    #[track_caller]
    pub(super) fn agent(&self, name: &str, words: &[&str]) -> Box<dyn Session> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fakes/agent.py");
        let file = self.file(name);
        let mut all = vec![
            "python3",
            script.to_str().expect("a path"),
            file.to_str().expect("a path"),
        ];
        all.extend(words);
        let session = self.start(name, &all);
        eventually("the agent is ready", || text(&*session).contains("READY"));
        session
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        for session in self.sessions.list().into_iter().flatten() {
            let mut session = session;
            // The test has failed already, or asks for it itself.
            let _ = session.stop(Duration::ZERO);
        }
    }
}

/// All of its output.
pub(super) fn text(session: &dyn Session) -> String {
    session.get_output(&Wanted::default()).expect("output")
}

/// Types Ctrl-D, by which the scripted agent ends.
pub(super) fn end(session: &dyn Session) {
    session
        .send_input(&Input::Keys(b"\x04".to_vec()))
        .expect("typed");
}

/// Its state.
#[track_caller]
pub(super) fn status(session: &dyn Session) -> Status {
    session.status().expect("a state")
}
