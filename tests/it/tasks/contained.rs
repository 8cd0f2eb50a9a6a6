//! In a namespace of processes whose session and group others lead, as in a container that nobody logged in to: the
//! system calls that tell those leaders say 0 there.

use super::editing::{Prompt, at_terminal_of, take};
use super::idle;
use crate::support::{GHP, Playground, Repo, Run, finish, is_root, require, skip};

/// What runs the words behind it in such a namespace. The shell is the first process there, and ghp one as any other.
const CONTAINED: [&str; 8] = [
    "unshare",
    "--pid",
    "--fork",
    "--mount-proc",
    "sh",
    "-c",
    "\"$@\"; exit $?",
    "sh",
];

fn contained(repo: &Repo<'_>, words: &[&str]) -> Run {
    let mut command = repo.playground.command(CONTAINED[0], &repo.dir);
    command.args(&CONTAINED[1..]).args(words);
    finish(command.env("GHP_AGENT", "lead"), b"")
}

/// Whether there can be such namespaces; when not, the skip is said.
fn can_contain(repo: &Repo<'_>, what: &str) -> bool {
    if !is_root(what) || !require("unshare", what) || !require("python3", what) {
        return false;
    }
    let leaders = "import os; print(os.getpgrp(), os.getsid(0))";
    let run = contained(repo, &["python3", "-c", leaders]);
    if run.code != Some(0) {
        skip(what, "no namespace of processes is to be had");
        return false;
    }
    assert_eq!(run.stdout, "0 0\n", "{run}");
    true
}

#[test]
fn whoever_leads_the_session_from_outside_is_no_fault() {
    let playground = Playground::new();
    let repo = playground.repo();
    if !can_contain(&repo, "a session led from outside") {
        return;
    }
    idle(&repo, &["worker-1"]);
    let prompt = Prompt::new(&repo, "prompt.md", "@worker-1 Look into it");
    let file = prompt.path.to_str().expect("UTF-8").to_owned();
    std::thread::scope(|scope| {
        let editor = scope.spawn(|| contained(&repo, &[GHP, "editor", &file]));
        take(&repo, "worker-1");
        repo.agent("worker-1", &["done", "-m", "Looked"]).ok();
        editor.join().expect("its thread").ok();
    });
    assert!(prompt.text().ends_with("Looked\n"), "{}", prompt.text());

    let of_a_process = "sleep 0.2 & exec \"$0\" heartbeat --every 1s --pid $!";
    contained(&repo, &["sh", "-c", of_a_process, GHP]).ok();
    contained(&repo, &[GHP, "heartbeat"]).ok();
    contained(&repo, &[GHP, "status", "set", "testing"]).ok();
    contained(&repo, &[GHP, "whoami"]).ok().prints("lead");
}

#[test]
fn keys_are_heard_where_the_terminals_group_is_led_from_outside() {
    let playground = Playground::new();
    let repo = playground.repo();
    if !can_contain(&repo, "keys in a session led from outside") {
        return;
    }
    idle(&repo, &["worker-1"]);
    let prompt = Prompt::new(&repo, "prompt.md", "@worker-1 Leave it\n");
    at_terminal_of(&repo, &CONTAINED, &prompt, &[("waits for worker-1", "q")]);
    assert!(
        prompt
            .text()
            .contains("its answer will be at: ghp collect ")
    );
}
