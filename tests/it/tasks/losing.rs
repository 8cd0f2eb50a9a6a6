//! Agents that are gone: their tasks are not.

use std::os::unix::process::CommandExt;
use std::process::Stdio;

use super::{delegate, idle, task};
use crate::support::{Playground, Repo, eventually};

/// Takes a task in hand and dies.
fn die(repo: &Repo<'_>, agent: &str, id: &str) {
    repo.agent(agent, &["task", "take", id]).ok();
    kill(repo, agent);
}

/// Gives an agent a process of its own, and kills that.
pub(super) fn kill(repo: &Repo<'_>, agent: &str) {
    let quiet = |command: &mut std::process::Command| {
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("a process")
    };
    let mut process = quiet(std::process::Command::new("sleep").arg("600"));
    let pid = process.id().to_string();
    let mut beat = repo.command(&["heartbeat", "--every", "1s", "--pid", &pid]);
    let mut beating = quiet(beat.env("GHP_AGENT", agent));
    // Its first beat notes the process.
    let noted = repo.dir.join(format!(".git/ghp/agents/{agent}.json"));
    eventually("the process is noted", || {
        std::fs::read_to_string(&noted).is_ok_and(|note| note.contains(&pid))
    });
    for child in [&mut beating, &mut process] {
        child.kill().expect("our own child");
        child.wait().expect("our own child");
    }
}

#[test]
fn a_dead_agents_task_is_tried_again_and_then_a_person_is_asked() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = delegate(&repo, &["coding", "Write it"]);
    for attempt in 1..=2 {
        die(&repo, "coding-1", &id);
        repo.agent("lead", &["delegate", "other", "Something else"])
            .ok();
        let found = task(&repo, &id);
        assert_eq!(
            (&found["status"], &found["attempts"]),
            (&"queued".into(), &attempt.into())
        );
        assert_eq!(found["why"], "coding-1 died before it answered");
        assert!(found.get("agent").is_none());
    }
    die(&repo, "coding-1", &id);
    repo.ghp(&["stale", "--apply"])
        .ok()
        .prints("a person is asked");
    assert_eq!(task(&repo, &id)["status"], "blocked");
    repo.ghp(&["inbox"])
        .ok()
        .prints("was begun 3 times without an answer");
    repo.agent("lead", &["inbox"]).ok().prints("blocked");
    // Another may still do it, when somebody says so.
    repo.ghp(&["task", "retry", &id]).ok();
    repo.agent("coding-2", &["task", "take"])
        .ok()
        .prints("Write it");
    repo.agent("coding-2", &["done", "-m", "written"]).ok();
    repo.agent("lead", &["collect", &id]).ok().prints("written");
}

#[test]
fn what_a_dead_agent_left_running_does_not_speak_for_it() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = delegate(&repo, &["coding-1", "Write it"]);
    let script = "\"$0\" heartbeat --every 1s --pid $$ & \
         until grep -q pid .git/ghp/agents/coding-1.json 2>/dev/null; do :; done; \
         \"$0\" task take; \
         (until [ -e go ]; do :; done; \"$0\" heartbeat; touch spoken) & touch begun; wait";
    let mut command = repo.playground.command("sh", &repo.dir);
    command.args(["-c", script, crate::support::GHP]);
    // It leads its group, as every session's first process does.
    let mut agent = command
        .process_group(0)
        .env("GHP_AGENT", "coding-1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    let until = |file: &str| eventually(file, || repo.dir.join(file).exists());
    until("begun");
    agent.kill().expect("our own child");
    agent.wait().expect("our own child");
    std::fs::write(repo.dir.join("go"), "").expect("a file");
    until("spoken");
    repo.ghp(&["stale", "--apply"]).ok();
    let found = task(&repo, &id);
    assert_eq!(
        (&found["status"], &found["why"]),
        (&"queued".into(), &"coding-1 died before it answered".into())
    );
}

#[test]
fn an_answer_of_before_is_not_taken_from_whoever_lost_it() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = delegate(&repo, &["coding", "Write it"]);
    die(&repo, "coding-1", &id);
    repo.agent("coding-2", &["task", "take"])
        .ok()
        .prints("Write it");
    repo.agent("coding-1", &["done", &id, "-m", "old"])
        .exit(3)
        .says("coding-2's now");
    repo.agent("coding-2", &["done", &id, "-m", "new"]).ok();
    assert_eq!(task(&repo, &id)["text"], "new");
}

#[test]
fn one_that_was_stopped_leaves_it_blocked_and_the_sender_is_told() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = delegate(&repo, &["worker-1", "Do it"]);
    repo.agent("worker-1", &["task", "take"]).ok();
    repo.agent("worker-1", &["status", "set", "stopped"])
        .silent();
    repo.agent("lead", &["collect", &id, "1s"]).exit(9);
    let found = task(&repo, &id);
    assert_eq!(found["status"], "blocked");
    assert_eq!(found["why"], "worker-1 was stopped before it answered");
    repo.agent("lead", &["inbox"]).ok().prints("blocked");
    repo.ghp(&["inbox"])
        .ok()
        .prints(&format!("ghp task retry {id}"));
    // It comes back and answers all the same.
    repo.agent("worker-1", &["done", &id, "-m", "done all the same"])
        .ok();
    repo.agent("lead", &["collect", &id])
        .ok()
        .prints("done all the same");
}

#[test]
fn silence_of_one_gives_it_back_silence_of_most_does_not() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = delegate(&repo, &["coding", "Write it"]);
    repo.agent("coding-1", &["task", "take"]).ok();
    playground.pass(3601);
    let others = ["a", "b", "c", "d"];
    // The rest went silent as well: that is the clock.
    idle(&repo, &[]);
    repo.ghp(&["stale", "--apply"]).ok();
    let one_alone = task(&repo, &id)["status"].clone();
    assert_eq!(one_alone, "queued", "one silent agent is no mass");
    repo.agent("coding-1", &["task", "take"]).ok();
    idle(&repo, &others);
    playground.pass(3601);
    repo.ghp(&["stale", "--apply"]).ok().prints("at once");
    assert_eq!(task(&repo, &id)["status"], "working");
}

#[test]
fn given_to_one_that_left_it_waits_for_another() {
    let playground = Playground::new();
    let repo = playground.repo();
    idle(&repo, &["testing-1"]);
    let id = delegate(&repo, &["testing", "Test it"]);
    assert_eq!(task(&repo, &id)["agent"], "testing-1");
    repo.agent("testing-1", &["status", "set", "stopped"])
        .silent();
    repo.agent("testing-2", &["task", "take"])
        .ok()
        .prints("Test it");
}
