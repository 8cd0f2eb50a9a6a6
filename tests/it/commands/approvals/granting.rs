//! Who may grant what, and what becomes of it afterwards.

use serde_json::json;

use super::{ask, team};
use crate::commands::{Refusal, documents, ids, json, only, refused, tail};
use crate::support::Playground;

#[test]
fn who_may_grant() {
    let playground = Playground::new();
    let repo = team(&playground);
    let refuse = |who: &str, id: &str, says: &str| {
        for words in [["approve", id], ["deny", id]] {
            let next = format!("ghp wait {}", tail(id));
            let how = Refusal {
                exit: 3,
                code: "NOT_AUTHORISED",
                says,
                next: &next,
            };
            refused(&repo, who, &words, &how);
        }
    };
    // Shared: whoever leads.
    let shared = ask(&repo, &["README.md"]);
    refuse("worker-1", &shared, "your own request");
    for other in ["worker-2", "worker-3", "epic"] {
        refuse(other, &shared, "it is for lead or a person to decide");
    }
    repo.agent("lead", &["approve", &shared]).ok();
    // In the scope of another: also that owner.
    let foreign = ask(&repo, &["src/metrics/a.rs"]);
    refuse("epic", &foreign, "worker-2, lead or a person");
    repo.agent("worker-2", &["approve", &foreign]).ok();
    // Out of scope, and nobody's: also the epic.
    let loose = ask(&repo, &["docs/a.md"]);
    refuse("worker-2", &loose, "epic, lead or a person");
    repo.agent("epic", &["approve", &loose]).ok();
    // Of several, whoever may grant them all.
    let mixed = ask(&repo, &["src/metrics/b.rs", "src/core/b.rs"]);
    refuse("worker-2", &mixed, "lead or a person");
    // A glob that reaches into what is shared is more than an owner has.
    let wide = ask(&repo, &["src/**"]);
    refuse("worker-2", &wide, "lead or a person");
    // Nobody for themselves, the orchestrator neither.
    let words = ["request", "-q", "README.md", "-m", "x"];
    let own = repo.agent("lead", &words).ok().stdout;
    refuse("lead", own.trim(), "your own request");
    repo.ghp(&["approve", own.trim()]).ok();
}

#[test]
fn granted_unasked() {
    let playground = Playground::new();
    let repo = team(&playground);
    let words = [
        "approve",
        "src/core/**",
        "-i",
        "2",
        "--expires",
        "1h",
        "-m",
        "All of it",
    ];
    let decided = json(&repo, "lead", &words);
    assert_eq!(decided["status"], "granted");
    assert_eq!(decided["from"], "lead");
    assert_eq!(decided["why"], "All of it");
    assert!(
        decided.get("for").is_none() && decided.get("to").is_none(),
        "{decided}"
    );
    // The same again is fine, also later.
    let before = documents(&repo);
    repo.agent("lead", &words).ok().prints("is already granted");
    assert_eq!(documents(&repo), before);
    let words = ["approve", "src/metrics/", "--for", "worker-1"];
    let decided = json(&repo, "worker-2", &words);
    assert_eq!(
        (&decided["for"], &decided["issue"]),
        (&json!("worker-1"), &json!(2)),
        "an owner grants for the issue that it judged by"
    );
    let news = &json(&repo, "worker-1", &["inbox"])["items"][0];
    assert_eq!(news["id"], decided["id"]);
    assert_eq!(json(&repo, "worker-2", &["inbox"])["items"], json!([]));
    // Not what one could not grant as a request, and not to oneself.
    for (who, path, whom) in [
        ("worker-2", "README.md", "worker-1"),
        ("lead", "README.md", "lead"),
        ("worker-1", "src/metrics/a.rs", "worker-1"),
    ] {
        let next = format!("ghp request {path} -m \"…\"");
        let how = Refusal {
            exit: 3,
            code: "NOT_AUTHORISED",
            says: "to grant, not for",
            next: &next,
        };
        refused(&repo, who, &["approve", path, "--for", whom], &how);
    }
    repo.ghp(&["approve", "README.md", "-i", "77"])
        .exit(2)
        .says("there is no issue #77");
    repo.ghp(&["approve", "README.md"])
        .exit(2)
        .says("for whom? say --for AGENT or -i N");
    repo.ghp(&["approve", "--for", "worker-1"]).exit(2);
}

#[test]
fn granting_just_what_was_asked_for_grants_the_request() {
    let playground = Playground::new();
    let repo = team(&playground);
    let id = ask(&repo, &["README.md"]);
    repo.ghp(&["approve", "README.md"])
        .exit(2)
        .says(&format!("worker-1 asked for it: ghp approve {}", tail(&id)));
    let words = ["approve", "README.md", "--for", "worker-1"];
    assert_eq!(json(&repo, "", &words)["id"], json!(id));
    repo.ghp(&words).ok().prints("is already granted");
    assert_eq!(only(&repo, "approvals"), id);
    repo.ghp(&["approve", &id, "--for", "worker-1"])
        .exit(2)
        .says("leave out --for and -i");
}

#[test]
fn the_only_one_needs_no_id() {
    let playground = Playground::new();
    let repo = team(&playground);
    repo.ghp(&["approve"])
        .exit(2)
        .says("no approval waits on you");
    let first = ask(&repo, &["README.md"]);
    let second = ask(&repo, &["src/metrics/a.rs"]);
    let run = repo.ghp(&["deny"]).exit(2);
    assert!(
        run.stderr.contains(&first) && run.stderr.contains(&second),
        "{run}"
    );
    // One of them waits on this owner.
    assert_eq!(json(&repo, "worker-2", &["approve"])["id"], json!(second));
    assert_eq!(json(&repo, "", &["deny"])["id"], json!(first));
}

#[test]
fn the_same_again_is_fine_and_another_says_the_first() {
    let playground = Playground::new();
    let repo = team(&playground);
    let id = ask(&repo, &["README.md"]);
    repo.ghp(&["approve", &id, "--expires", "2h", "-m", "Only the link"])
        .ok();
    let before = documents(&repo);
    playground.pass(5);
    for words in [
        &["approve", &id][..],
        &["approve", &id, "--expires", "2h"],
        &["answer", &id, "yes"],
    ] {
        repo.ghp(words).ok().prints("is already granted: README.md");
    }
    assert_eq!(documents(&repo), before);
    let deny = format!("ghp deny {}", tail(&id));
    let how = Refusal {
        exit: 5,
        code: "CHANGED",
        says: "was granted by Ana 5s ago: Only the link",
        next: &deny,
    };
    refused(&repo, "", &["approve", &id, "--expires", "3h"], &how);
    refused(&repo, "", &["answer", &id, "no"], &how);
    // Taken away, it stays so.
    repo.ghp(&["deny", &id, "-m", "Enough"])
        .ok()
        .prints("is revoked: README.md");
    repo.ghp(&["deny", &id]).ok().prints("is already revoked");
    let how = Refusal {
        exit: 5,
        code: "CHANGED",
        says: "was revoked by Ana 0s ago: Enough",
        next: "ghp approve README.md --for worker-1",
    };
    refused(&repo, "", &["approve", &id], &how);
    let news = &json(&repo, "worker-1", &["inbox"])["items"][0];
    assert_eq!(news["status"], "revoked");
    repo.agent("worker-1", &["wait", &id])
        .exit(3)
        .prints("revoked");
    let denied = ask(&repo, &["docs/a.md"]);
    repo.ghp(&["deny", &denied]).ok();
    repo.ghp(&["deny", &denied])
        .ok()
        .prints("is already denied");
    repo.ghp(&["approve", &denied])
        .exit(5)
        .says("was denied by Ana");
}

#[test]
fn whoever_granted_it_may_take_it_away() {
    let playground = Playground::new();
    let repo = team(&playground);
    let id = ask(&repo, &["src/metrics/a.rs"]);
    repo.agent("worker-2", &["approve", &id]).ok();
    repo.agent("worker-1", &["deny", &id]).exit(3);
    // The issue is another's by now.
    repo.ghp(&["assign", "3", "worker-4"]).ok();
    repo.agent("worker-2", &["deny", &id]).ok();
}

#[test]
fn it_ends_by_itself() {
    let playground = Playground::new();
    let repo = team(&playground);
    let id = ask(&repo, &["README.md"]);
    repo.ghp(&["approve", &id, "--expires", "2h"])
        .ok()
        .prints(", until 2026-01-25T12:30:00Z");
    let approved = |repo: &crate::support::Repo| {
        let primed = repo.agent("worker-1", &["prime"]).ok().stdout;
        primed.contains("Approved: README.md")
    };
    playground.pass(7199);
    assert!(approved(&repo));
    repo.ghp(&["approvals", "-a"]).ok().prints("granted until");
    playground.pass(1);
    assert!(!approved(&repo));
    repo.ghp(&["approvals", "-a"])
        .ok()
        .prints("granted, expired");
    // Asked again it waits again, and granted again it holds again.
    assert_ne!(ask(&repo, &["README.md"]), id);
    repo.ghp(&["approve", &id])
        .ok()
        .prints("is granted: README.md");
    assert!(approved(&repo));
    assert_eq!(ids(&repo, "approvals").len(), 2);
}

#[test]
fn check_hears_of_it() {
    let playground = Playground::new();
    let repo = team(&playground);
    let code = repo.worktree("worker-1/2-dashboard");
    let check = |path: &str| {
        let run = code.agent("worker-1", &["check", path, "--json"]);
        let path = run.json()["paths"][0].clone();
        (run.code, path)
    };
    for path in ["README.md", "src/metrics/a.rs", "docs/a.md"] {
        let (exit, before) = check(path);
        assert_eq!(exit, Some(3), "{before}");
        // Whoever may grant it, the verdict names.
        let words = ["request", path, "-m", "x"];
        let asked = json(&code, "worker-1", &words);
        assert_eq!(asked["issue"], 2, "{asked}");
        assert_eq!(asked["approvers"], before["approvers"], "{path}");
        let id = asked["id"].as_str().expect("an id");
        assert_eq!(check(path).0, Some(3), "asked is not granted");
        repo.ghp(&["approve", id, "--expires", "1h"]).ok();
        let (exit, granted) = check(path);
        assert_eq!(exit, Some(0), "{granted}");
        assert_eq!(granted["rule"], "approved", "{granted}");
        assert!(granted["reason"].to_string().contains(id), "{granted}");
        repo.agent("worker-2", &["check", path]).exit(3);
        repo.ghp(&["deny", id]).ok();
        assert_eq!(check(path).0, Some(3));
    }
    let words = ["approve", "docs/", "-i", "2", "--expires", "1h"];
    repo.ghp(&words).ok();
    assert_eq!(check("docs/a.md").0, Some(0));
    playground.pass(3600);
    assert_eq!(check("docs/a.md").0, Some(3));
}
