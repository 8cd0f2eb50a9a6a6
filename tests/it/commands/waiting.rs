//! Commands that wait: woken by a decision, whoever writes it and however, and ended by time.

use std::io::Read;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Refusal, ask, json, refused, tail};
use crate::support::{Playground, Repo, eventually};

/// A ghp that waits.
pub(super) struct Waiting {
    child: Child,
}

impl Waiting {
    /// Starts it, and returns once it sleeps with a watch on the documents.
    pub(super) fn start(repo: &Repo, who: &str, words: &[&str]) -> Waiting {
        let mut command = repo.command(words);
        command
            .env("GHP_AGENT", who)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let waiting = Waiting {
            child: command.spawn().expect("ghp"),
        };
        let process = format!("/proc/{}", waiting.child.id());
        eventually("it waits", || {
            let Ok(open) = std::fs::read_dir(format!("{process}/fd")) else {
                return false;
            };
            let watches = open
                .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
                .any(|target| target.to_string_lossy().contains("inotify"));
            let state = std::fs::read_to_string(format!("{process}/stat")).unwrap_or_default();
            watches && state.contains(") S ")
        });
        waiting
    }

    /// How long it took from now until it ended, and what it printed.
    pub(super) fn ended(mut self, since: Instant) -> (Duration, Option<i32>, String) {
        let code = self.child.wait().expect("our own child").code();
        let took = since.elapsed();
        let mut said = String::new();
        self.child
            .stdout
            .take()
            .expect("piped")
            .read_to_string(&mut said)
            .expect("text");
        (took, code, said)
    }
}

/// The machine is shared: the promise is 100 ms, and what was measured is printed.
#[track_caller]
fn at_once(what: &str, took: Duration) {
    println!("woken by {what} after {took:?} (promised: 100 ms)");
    // Without being woken it looks every five seconds.
    assert!(took < Duration::from_secs(3), "{what}: {took:?}");
}

fn the_only(repo: &Repo) -> String {
    eventually("the question is there", || {
        super::ids(repo, "escalations").len() == 1
    });
    super::only(repo, "escalations")
}

const ASK: [&str; 7] = [
    "escalate", "Which?", "-o", "SQLite", "-o", "Files", "--wait",
];

#[test]
fn woken_by_an_answer_and_by_resolve() {
    for verb in ["answer", "resolve"] {
        let playground = Playground::new();
        let repo = playground.repo();
        let waiting = Waiting::start(&repo, "worker-1", &ASK);
        let id = the_only(&repo);
        let run = repo.ghp(&[verb, &id, "2"]).ok();
        // From the end of the deciding command: it is durable before that.
        let (took, code, said) = waiting.ended(Instant::now());
        assert_eq!((code, said.as_str()), (Some(0), "Files\n"), "{run}");
        at_once(verb, took);
    }
}

#[test]
fn woken_by_a_human_with_an_editor() {
    for by_rename in [false, true] {
        let playground = Playground::new();
        let repo = playground.repo();
        let waiting = Waiting::start(&repo, "worker-1", &ASK);
        let id = the_only(&repo);
        let path = repo.documents().join(format!("escalations/{id}.md"));
        let text =
            std::fs::read_to_string(&path).expect("the question") + "\nplain words, by hand\n";
        let since = Instant::now();
        if by_rename {
            let aside = path.with_extension("md~");
            std::fs::write(&aside, &text).expect("a file");
            std::fs::rename(&aside, &path).expect("a rename");
        } else {
            std::fs::write(&path, &text).expect("a file");
        }
        let (took, code, said) = waiting.ended(since);
        assert_eq!((code, said.as_str()), (Some(0), "plain words, by hand\n"));
        at_once(
            if by_rename {
                "an editor's rename"
            } else {
                "an editor's write"
            },
            took,
        );
        assert_eq!(json(&repo, "", &["show", &id])["by"], "hand");
    }
}

#[test]
fn a_half_saved_document_wakes_nobody() {
    let playground = Playground::new();
    let repo = playground.repo();
    let waiting = Waiting::start(&repo, "worker-1", &ASK);
    let id = the_only(&repo);
    let path = format!("escalations/{id}.md");
    let text = repo.read(&path);
    // As an editor may leave it for a moment: empty, cut, resolved without a decision.
    for half in [
        "",
        "---\ntit",
        &text.replace("status: open", "status: resolved"),
    ] {
        repo.write(&path, half);
    }
    repo.write(&path, format!("{text}\n1\n"));
    let (_, code, said) = waiting.ended(Instant::now());
    assert_eq!((code, said.as_str()), (Some(0), "SQLite\n"));
}

#[test]
fn time_runs_out_and_the_thing_stands() {
    let playground = Playground::new();
    let repo = playground.repo();
    let run = repo
        .agent(
            "worker-1",
            &["escalate", "Which?", "--wait", "1s", "--json"],
        )
        .exit(9);
    assert!(run.took >= Duration::from_secs(1), "{run}");
    let id = super::only(&repo, "escalations");
    let error = &run.json()["error"];
    assert_eq!(error["code"], "TIMED_OUT");
    assert_eq!(error["retryable"], true);
    assert_eq!(error["next"], format!("ghp wait {}", tail(&id)));
    assert_eq!(json(&repo, "", &["inbox"])["items"][0]["status"], "open");
    let next = format!("ghp wait {}", tail(&id));
    let how = Refusal {
        exit: 9,
        code: "TIMED_OUT",
        says: "not decided yet",
        next: &next,
    };
    refused(&repo, "worker-1", &["wait", &id, "1"], &how);
    repo.agent("worker-2", &["inbox", "--wait", "1"])
        .exit(9)
        .says("nothing waits on you");
    repo.agent("worker-2", &["next", "--wait", "1s"])
        .exit(9)
        .says("nothing to do");
    repo.agent(
        "worker-2",
        &["status", "set", "--blocked-on", "1", "--wait", "1"],
    )
    .ok();
    repo.ghp(&["issue", "new", "One"]).ok();
    repo.agent(
        "worker-2",
        &["status", "set", "--blocked-on", "1", "--wait", "1"],
    )
    .exit(9)
    .says("still blocked by #1");
    // A word that is no duration is not taken for one.
    repo.agent("worker-1", &["escalate", "--wait", "0s"])
        .exit(2);
}

#[test]
fn several_are_waited_for_until_all_are_settled() {
    let playground = Playground::new();
    let repo = playground.repo();
    let one = ask(&repo, "worker-1", &["One?"]);
    let two = ask(&repo, "worker-1", &["Two?"]);
    let waiting = Waiting::start(&repo, "worker-1", &["wait", &one, &two, "1m"]);
    repo.ghp(&["answer", &two, "second"]).ok();
    repo.ghp(&["answer", &one, "first"]).ok();
    let (_, code, said) = waiting.ended(Instant::now());
    assert_eq!((code, said.as_str()), (Some(0), "first\nsecond\n"));
    let items = json(&repo, "worker-1", &["wait", &two, &one])["items"].clone();
    assert_eq!(
        (&items[0]["text"], &items[1]["text"]),
        (&json!("second"), &json!("first"))
    );
    repo.agent("worker-1", &["wait", "10m"])
        .exit(2)
        .says("nothing is open that could be meant");
    repo.agent("worker-1", &["wait", "#3"])
        .exit(2)
        .says("#3 is an issue");
}

#[test]
fn a_waiting_inbox_hears_of_what_comes() {
    let playground = Playground::new();
    let repo = playground.repo();
    let human = Waiting::start(&repo, "human", &["inbox", "--wait", "--json"]);
    let id = ask(&repo, "worker-1", &["Which?"]);
    let (_, code, said) = human.ended(Instant::now());
    assert!(code == Some(0) && said.contains(&id), "{said}");
    let worker = Waiting::start(&repo, "worker-1", &["inbox", "--wait", "--json"]);
    repo.ghp(&["answer", &id, "yes"]).ok();
    let (_, code, said) = worker.ended(Instant::now());
    assert!(code == Some(0) && said.contains("\"resolved\""), "{said}");
    // What waits already ends it at once.
    ask(&repo, "worker-1", &["Whose?"]);
    json(&repo, "", &["inbox", "--wait"]);
}

#[test]
fn waiting_for_an_issue_to_close_and_for_work() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One", "--assign", "worker-1"])
        .ok();
    repo.ghp(&[
        "issue",
        "new",
        "Two",
        "--assign",
        "worker-2",
        "--blocked-by",
        "1",
    ])
    .ok();
    let words = [
        "status",
        "set",
        "blocked",
        "--blocked-on",
        "1",
        "--wait",
        "--json",
    ];
    let blocked = Waiting::start(&repo, "worker-2", &words);
    let idle = Waiting::start(&repo, "worker-3", &["next", "--wait", "--json"]);
    repo.ghp(&["issue", "close", "1"]).ok();
    let (_, code, said) = blocked.ended(Instant::now());
    assert!(
        code == Some(0) && said.contains("\"unblocked\":true"),
        "{said}"
    );
    repo.ghp(&["issue", "new", "Three"]).ok();
    let (_, code, said) = idle.ended(Instant::now());
    assert!(code == Some(0) && said.contains("\"issue\":3"), "{said}");
}
