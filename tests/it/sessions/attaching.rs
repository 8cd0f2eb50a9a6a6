//! A person's terminal joined to a session, from within tmux: our own server, and another. That other one plays the person's
//! terminal: what is on it is seen, and keys are typed into it.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::harness::Stage;
use crate::support::{GHP, Playground, Run, eventually, finish, require};

static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// A tmux of the person's own.
struct Person<'s, 'p> {
    stage: &'s Stage<'p>,
    socket: String,
}

impl<'s, 'p> Person<'s, 'p> {
    /// It shows this program.
    fn running(stage: &'s Stage<'p>, words: &[&str]) -> Person<'s, 'p> {
        // One of its own: the server before may still be about to end.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let socket = format!("person-{number}.sock");
        let socket = stage.repo.playground.path().join(socket);
        let person = Person {
            stage,
            socket: socket.display().to_string(),
        };
        let new = [
            "new-session",
            "-d",
            "-x",
            "160",
            "-y",
            "40",
            "-s",
            "person",
            "--",
        ];
        let keep = [";", "set", "-g", "remain-on-exit", "on"];
        person.tmux(&[&new[..], words, &keep].concat()).ok();
        person
    }

    #[must_use = "a run that nobody looks at proves nothing"]
    fn tmux(&self, words: &[&str]) -> Run {
        let repo = &self.stage.repo;
        let mut tmux = repo.playground.command("tmux", &repo.dir);
        tmux.args(["-S", &self.socket, "-f", "/dev/null", "-u"]);
        finish(tmux.env("TERM", "xterm-256color").args(words), b"")
    }

    fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-t", "person:"])
            .ok()
            .stdout
    }

    #[track_caller]
    fn sees(&self, words: &str) {
        eventually(words, || self.screen().contains(words));
    }

    fn types(&self, text: &str) {
        self.tmux(&["send-keys", "-t", "person:", "-l", "--", text])
            .ok();
        self.tmux(&["send-keys", "-t", "person:", "Enter"]).ok();
    }

    /// Ctrl-b d, which reaches the tmux within.
    fn leaves(&self) {
        self.tmux(&["send-keys", "-t", "person:", "C-b", "d"]).ok();
    }
}

impl Drop for Person<'_, '_> {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.tmux(&["kill-server"]);
    }
}

fn start(stage: &Stage<'_>, name: &str, script: &str) {
    let new = [
        "session",
        "new",
        name,
        "--backend",
        "tmux",
        "--",
        "sh",
        "-c",
    ];
    stage.repo.ghp(&[&new[..], &[script]].concat()).ok();
}

/// How many panes our own server has.
fn panes(stage: &Stage<'_>) -> usize {
    let socket = stage
        .repo
        .dir
        .join(".git/ghp/tmux.sock")
        .display()
        .to_string();
    let mut tmux = stage.repo.playground.command("tmux", &stage.repo.dir);
    let listed = finish(tmux.args(["-S", &socket, "list-panes", "-a"]), b"");
    listed.stdout.lines().count()
}

#[test]
fn from_another_tmux_it_is_shown_within_and_left_again() {
    if !require("tmux", "attaching within tmux") {
        return;
    }
    let playground = Playground::new();
    let stage = Stage::new(&playground, "tmux");
    start(&stage, "worker-1", "echo I am here; exec cat");
    let person = Person::running(&stage, &[GHP, "session", "attach", "worker-1"]);
    person.sees("I am here");
    person.types("from within");
    eventually("it was typed", || {
        let said = stage.repo.ghp(&["session", "output", "worker-1"]).ok();
        said.stdout.matches("from within").count() >= 2
    });
    person.leaves();
    person.sees("worker-1 is ");
    assert_eq!(stage.show("worker-1")["state"], "ready");
}

#[test]
fn from_our_own_tmux_the_client_is_switched_over() {
    if !require("tmux", "attaching within tmux") {
        return;
    }
    let playground = Playground::new();
    let stage = Stage::new(&playground, "tmux");
    start(&stage, "worker-1", "echo the first; exec sh");
    start(&stage, "worker-2", "echo the second; exec cat");
    let person = Person::running(&stage, &[GHP, "session", "attach", "worker-1"]);
    person.sees("the first");
    person.types(&format!("{GHP} session attach worker-2"));
    person.sees("the second");
    person.types("to the second");
    eventually("it was typed", || {
        let said = stage.repo.ghp(&["session", "output", "worker-2"]).ok();
        said.stdout.matches("to the second").count() >= 2
    });
    // One client, not one within the other.
    let said = stage.repo.ghp(&["session", "output", "worker-1"]).ok();
    assert!(!said.stdout.contains("the second"), "{said}");
    person.leaves();
    person.sees("worker-1 is ");
}

#[test]
fn the_board_is_beside_it_and_goes_with_it() {
    if !require("tmux", "attaching within tmux") {
        return;
    }
    let playground = Playground::new();
    let stage = Stage::new(&playground, "tmux");
    start(&stage, "worker-1", "echo I am here; exec sh");
    start(&stage, "worker-2", "exec cat");
    let words = [GHP, "session", "attach", "worker-1", "--board"];
    let person = Person::running(&stage, &words);
    person.sees("I am here");
    person.sees("LAST ACTION");
    // It is kept up to date.
    stage
        .repo
        .agent("worker-7", &["heartbeat", "-m", "Just begun"])
        .silent();
    person.sees("Just begun");
    person.leaves();
    person.sees("worker-1 is ");
    eventually("the board is gone", || panes(&stage) == 2);
    drop(person);
    // Of a client that was switched over it goes with the session.
    let person = Person::running(&stage, &[GHP, "session", "attach", "worker-1"]);
    person.sees("I am here");
    person.types(&format!("{GHP} session attach worker-2 --board"));
    person.sees("LAST ACTION");
    assert_eq!(panes(&stage), 3);
    stage.repo.ghp(&["session", "stop", "worker-2"]).ok();
    eventually("the board is gone", || panes(&stage) == 1);
    start(&stage, "worker-3", "exec cat");
    stage
        .repo
        .ghp(&["session", "new", "w4", "--backend", "process", "--", "cat"])
        .ok();
    let mut terminal = playground.command("python3", &stage.repo.dir);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fakes/terminal.py");
    terminal.args([script, "--", GHP, "session", "attach", "w4", "--board"]);
    let refused = finish(&mut terminal, b"").exit(2);
    assert!(refused.stdout.contains("ghp status --watch"), "{refused}");
}
