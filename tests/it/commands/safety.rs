//! What looks like a credential is refused with its line, and nothing of it is written or shown.

use super::{Refusal, ask, refused, tail};
use crate::support::{Playground, Repo};

/// Put together from parts, so that no scanner takes this file for a leak.
const TOKEN: &str = concat!("gh", "p_1234567890abcdefghijABCDEFGHIJ123456");

#[track_caller]
fn unsafe_in(repo: &Repo, who: &str, words: &[&str], says: &str, next: &str) {
    let how = Refusal {
        exit: 77,
        code: "UNSAFE",
        says,
        next,
    };
    refused(repo, who, words, &how);
    let run = super::run(repo, who, words).exit(77);
    assert!(!run.stderr.contains(TOKEN), "{run}");
    let log = std::fs::read_to_string(repo.dir.join(".git/ghp/log")).unwrap_or_default();
    assert!(!log.contains(TOKEN), "{log}");
}

#[test]
fn in_every_text_that_travels() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One", "--assign", "worker-1"])
        .ok();
    let id = ask(&repo, "worker-1", &["Which?"]);
    let short = tail(&id);
    let body = format!("first line\nsecond {TOKEN} end\n");
    let third = format!("a\nb\nkey={TOKEN}\n");
    std::fs::write(repo.dir.join("body"), &third).expect("a file");
    let question = "ghp escalate \"…\" -F FILE";
    let title = "ghp issue new \"What is to be done\"";
    let text = "ghp issue new TITLE -F FILE";
    let answer = format!("ghp answer {short} \"…\"");
    let resolve = format!("ghp resolve {short} \"…\"");
    let reply = format!("ghp reply {short} \"…\"");
    let cancel = format!("ghp cancel {short}");
    for (who, words, says, next) in [
        (
            "worker-1",
            &["escalate", TOKEN][..],
            "line 1 of the title looks like a GitHub token",
            question,
        ),
        (
            "worker-1",
            &["escalate", "Q?", "-m", &body],
            "line 2 of the body looks like a GitHub token",
            question,
        ),
        (
            "worker-1",
            &["escalate", "Q?", "-F", "body"],
            "line 3 of the body looks like",
            question,
        ),
        (
            "worker-1",
            &["escalate", "Q?", "-o", "A", "-o", TOKEN],
            "line 1 of the option looks like",
            question,
        ),
        (
            "worker-1",
            &["handoff", "worker-2", "-m", &body],
            "line 2 of the note looks like",
            "ghp handoff WHO -F FILE",
        ),
        (
            "worker-1",
            &["handoff", "-F", "body"],
            "line 3 of the note looks like",
            "ghp handoff WHO -F FILE",
        ),
        (
            "",
            &["issue", "new", TOKEN],
            "line 1 of the title looks like",
            title,
        ),
        (
            "",
            &["issue", "new", "Two", "-m", &body],
            "line 2 of the body looks like",
            text,
        ),
        (
            "",
            &["issue", "edit", "1", "-F", "body"],
            "line 3 of the body looks like",
            text,
        ),
        (
            "",
            &["issue", "edit", "1", "--title", TOKEN],
            "line 1 of the title looks like",
            title,
        ),
        (
            "",
            &["issue", "comment", "1", &body],
            "line 2 of the comment looks like",
            "ghp issue comment 1 \"…\"",
        ),
        (
            "",
            &["answer", &id, TOKEN],
            "line 1 of the answer looks like",
            &answer,
        ),
        (
            "",
            &["answer", &id, "yes", "-m", TOKEN],
            "line 1 of the reason looks like",
            &answer,
        ),
        (
            "",
            &["resolve", &id, TOKEN],
            "line 1 of the answer looks like",
            &resolve,
        ),
        (
            "",
            &["reply", &id, &body],
            "line 2 of the reply looks like",
            &reply,
        ),
        (
            "",
            &["cancel", &id, "-m", TOKEN],
            "line 1 of the reason looks like",
            &cancel,
        ),
    ] {
        unsafe_in(&repo, who, words, says, next);
    }
    let fed = format!("{short} yes\n{short} {TOKEN}\n");
    repo.feed(&["answer", "-F", "-"], fed.as_bytes()).exit(77);
}

#[test]
fn a_handoff_gathers_no_credential_from_elsewhere() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One", "--assign", "worker-1"])
        .ok();
    repo.agent(
        "worker-1",
        &["heartbeat", "-m", &format!("Logged in with {TOKEN}")],
    )
    .silent();
    let run = repo.agent("worker-1", &["handoff", "worker-2"]).exit(77);
    assert!(!run.stderr.contains(TOKEN), "{run}");
    assert!(super::ids(&repo, "handoffs").is_empty());
    repo.agent("worker-1", &["heartbeat", "-m", "Logged in"])
        .silent();
    repo.agent("worker-1", &["handoff", "worker-2"]).ok();
}

#[test]
fn nothing_from_a_document_reaches_the_terminal_as_it_is() {
    let playground = Playground::new();
    let repo = playground.repo();
    let nasty = "red\u{1b}[31m \u{202e}gnp\u{200b} \u{9b}2J end";
    repo.ghp(&["issue", "new", nasty]).ok();
    repo.agent("worker-1", &["status", "set", "working", "-m", nasty])
        .silent();
    let id = ask(&repo, "worker-1", &[nasty, "-o", nasty, "-m", nasty]);
    repo.write(
        "agent-status.json",
        repo.read("agent-status.json")
            .replace("\"worker-1\"", "\"worker\\u001b[2J\""),
    );
    for words in [
        &["status"][..],
        &["inbox"],
        &["issues"],
        &["issue", "show", "1"],
        &["show", &id],
        &["log"],
        &["log", "-p"],
        &["escalations"],
        &["next"],
        &["stale"],
        &["doctor"],
    ] {
        let run = repo.ghp(words);
        let bad = ['\u{1b}', '\u{202e}', '\u{200b}', '\u{9b}'];
        assert!(
            !run.stdout.contains(bad) && !run.stderr.contains(bad),
            "{run:?}",
            run = run.stdout
        );
    }
}
