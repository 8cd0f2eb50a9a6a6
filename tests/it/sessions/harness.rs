//! What the tests of sessions stand on: a scripted harness in a repository, on each backend.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ghp::sessions::SessionManager as _;
use serde_json::{Value, json};

use crate::support::{GHP, Playground, Repo, Run, eventually, finish, require};

/// The backends that this machine has; what it lacks is said.
pub(crate) fn backends(what: &str) -> Vec<&'static str> {
    let tmux = require("tmux", what).then_some("tmux");
    tmux.into_iter().chain(["process"]).collect()
}

/// A repository whose sessions end with it.
pub(crate) struct Stage<'p> {
    pub repo: Repo<'p>,
    pub backend: &'static str,
}

impl<'p> Stage<'p> {
    /// A repository with an issue, `src/**` being its scope.
    pub(crate) fn new(playground: &'p Playground, backend: &'static str) -> Stage<'p> {
        let repo = playground.repo();
        repo.ghp(&["issue", "new", "Dashboard", "--scope", "src/**"])
            .ok();
        Stage { repo, backend }
    }

    /// The file in which a scripted harness keeps what it did.
    pub(crate) fn kept(&self, name: &str) -> PathBuf {
        self.repo.playground.path().join(format!("{name}.kept"))
    }

    /// Makes a session; the scripted harness is started in Claude Code's place.
    pub(crate) fn make(&self, name: &str, options: &[&str], words: &[&str]) -> Run {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fakes/harness.py");
        let (script, kept) = (
            script.display().to_string(),
            self.kept(name).display().to_string(),
        );
        // Programs in a session do not get the test's clock by themselves.
        let now = format!("GHP_NOW={}", self.repo.playground.now());
        let mut all = vec!["session", "new", name, "--backend", self.backend];
        if !options.contains(&"--provider") {
            all.extend(["--provider", "claude"]);
        }
        all.extend(options);
        all.extend(["--", "env", &now, "python3", &script, &kept]);
        all.extend(words);
        self.repo.ghp(&all)
    }

    /// What the scripted harness has kept so far.
    pub(crate) fn story(&self, name: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.kept(name)).unwrap_or_default();
        let lines = text.lines().map(serde_json::from_str);
        lines.map_while(Result::ok).collect()
    }

    /// The prompts that it took.
    pub(crate) fn prompts(&self, name: &str) -> Vec<String> {
        let story = self.story(name);
        let later = story.iter().filter(|line| line.get("start").is_none());
        let prompts = later.filter_map(|line| line["prompt"].as_str());
        prompts.map(str::to_owned).collect()
    }

    /// Lets it go on.
    pub(crate) fn go(&self, name: &str) {
        let path = self.kept(name).display().to_string() + ".go";
        std::fs::write(path, "").expect("a file");
    }

    pub(crate) fn show(&self, name: &str) -> Value {
        self.repo
            .ghp(&["session", "show", name, "--json"])
            .ok()
            .json()
    }

    /// Waits until the session is in this state.
    #[track_caller]
    pub(crate) fn until(&self, name: &str, state: &str) -> Value {
        let mut last = Value::Null;
        eventually(&format!("{name} is {state}"), || {
            last = self.show(name);
            last["state"] == state
        });
        last
    }

    /// Types keys by hand, past ghp.
    pub(crate) fn keys(&self, name: &str, keys: &str) {
        let record = self
            .repo
            .dir
            .join(format!(".git/ghp/run/{name}/record.json"));
        let record: Value =
            serde_json::from_str(&std::fs::read_to_string(record).expect("a record"))
                .expect("JSON");
        let sessions =
            ghp::sessions::Sessions::open(&self.repo.dir.join(".git/ghp")).expect("sessions");
        let sessions = sessions.with_program(Path::new(GHP));
        let session = sessions
            .get(record["name"].as_str().expect("a name"))
            .expect("a session");
        session
            .send_input(&ghp::sessions::Input::Keys(keys.as_bytes().to_vec()))
            .expect("typed");
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        let sessions = ghp::sessions::Sessions::open(&self.repo.dir.join(".git/ghp"));
        let listed = sessions.and_then(|sessions| {
            let sessions = sessions.with_program(Path::new(GHP));
            for mut session in sessions.list()? {
                // The test has said by now what it thinks of it.
                let _ = session.stop(Duration::ZERO);
                let _ = sessions.remove(session.record().name.as_str());
            }
            Ok(())
        });
        // A test that failed earlier is told by its own words.
        if !std::thread::panicking() {
            listed.expect("the sessions end");
        }
        let socket = self.repo.dir.join(".git/ghp/tmux.sock");
        if socket.exists() {
            let mut tmux = self
                .repo
                .playground
                .command("tmux", self.repo.playground.path());
            let socket = socket.display().to_string();
            let _ended = finish(tmux.args(["-S", &socket, "kill-server"]), b"");
        }
    }
}

/// A session's fields that are the same each time.
pub(crate) fn steady(row: &Value) -> Value {
    let mut row = row.clone();
    for field in ["id", "ageSeconds", "cave"] {
        if let Some(fields) = row.as_object_mut() {
            fields.remove(field);
        }
    }
    row
}

/// What a fresh session of worker-1 is.
pub(crate) fn fresh(backend: &str, state: &str) -> Value {
    json!({"name": "worker-1", "agent": "worker-1", "issue": 1, "provider": "claude", "backend": backend,
           "state": state, "branch": "worker-1/1-dashboard"})
}
