//! Many at once: each task has one winner, one answer, and none is lost.

use std::process::{Child, Stdio};

use super::{delegate, task};
use crate::support::{GHP, Playground, Repo};

const MANY: usize = 16;

/// Starts one process for each `n` as agent `worker-n`; they wait for each other.
fn at_once(repo: &Repo<'_>, words: impl Fn(usize) -> Vec<String>) -> Vec<(Option<i32>, String)> {
    let (gate, opener) = std::io::pipe().expect("a pipe");
    let one = |n: usize| -> Child {
        repo.playground
            .command("sh", &repo.dir)
            .args(["-c", "read _; exec \"$@\"", "sh", GHP])
            .args(words(n))
            .env("GHP_AGENT", format!("worker-{n}"))
            .env("GHP_LOCK_TIMEOUT", "60s")
            .stdin(gate.try_clone().expect("a descriptor"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a process")
    };
    let children: Vec<Child> = (0..MANY).map(one).collect();
    drop(opener);
    let ended = |child: Child| {
        let output = child.wait_with_output().expect("our own child");
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.code(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    };
    children.into_iter().map(ended).collect()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn documents(repo: &Repo<'_>) -> usize {
    std::fs::read_dir(repo.documents().join("tasks"))
        .expect("a folder")
        .count()
}

#[test]
fn one_task_many_takers() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = delegate(&repo, &["any", "Do it"]);
    let ended = at_once(&repo, |_| words(&["task", "take", &id]));
    let winners = ended.iter().filter(|(code, _)| *code == Some(0)).count();
    let losers = ended.iter().filter(|(code, _)| *code == Some(4)).count();
    assert_eq!((winners, losers), (1, MANY - 1), "{ended:?}");
    let ended = at_once(&repo, |n| {
        words(&["done", &id, "-m", &format!("answer {n}")])
    });
    let winners = ended.iter().filter(|(code, _)| *code == Some(0)).count();
    assert_eq!(winners, 1, "{ended:?}");
}

#[test]
fn many_delegations_and_answers() {
    let playground = Playground::new();
    let repo = playground.repo();
    let ended = at_once(&repo, |n| {
        words(&["delegate", "any", &format!("Part {n}"), "-q"])
    });
    assert!(ended.iter().all(|(code, _)| *code == Some(0)), "{ended:?}");
    assert_eq!(documents(&repo), MANY);
    let ended = at_once(&repo, |_| words(&["task", "take", "-q"]));
    // Each takes the first that is free; somebody was quicker, and then the next is free.
    let mut prompts: Vec<&str> = ended
        .iter()
        .filter(|(code, _)| *code == Some(0))
        .map(|(_, said)| said.trim())
        .collect();
    let all = prompts.len();
    prompts.sort_unstable();
    prompts.dedup();
    assert_eq!(prompts.len(), all, "one was taken twice: {ended:?}");
    assert!(all > 0);
    for n in 0..MANY {
        let worker = format!("worker-{n}");
        let taken = repo.agent(&worker, &["task", "take", "-q"]).ok();
        let answer = format!("answer to {}", taken.stdout.trim());
        repo.agent(&worker, &["done", "-m", &answer]).ok();
    }
    let list = repo.ghp(&["tasks", "--all", "--json"]).ok().json();
    for item in list["tasks"].as_array().expect("a list") {
        let task = task(&repo, item["id"].as_str().expect("an id"));
        let prompt = task["prompt"].as_str().expect("a text");
        assert_eq!(task["text"], format!("answer to {prompt}"));
    }
}

#[test]
fn the_same_request_is_one_task() {
    let playground = Playground::new();
    let repo = playground.repo();
    let ended = at_once(&repo, |_| {
        words(&[
            "--agent",
            "lead",
            "delegate",
            "any",
            "Once",
            "--request-id",
            "r",
            "-q",
        ])
    });
    let mut ids: Vec<&str> = ended.iter().map(|(_, said)| said.trim()).collect();
    ids.dedup();
    assert_eq!((ids.len(), documents(&repo)), (1, 1), "{ended:?}");
}
