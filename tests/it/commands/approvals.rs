//! `request`, `approve`, `deny`, `approvals`: permission for paths that are not one's own.

mod granting;
mod meeting;

use std::time::Instant;

use serde_json::json;

use super::waiting::Waiting;
use super::{Refusal, documents, json, keys, only, refused, run, tail};
use crate::support::{Playground, Repo};

/// An epic's #1 with two parts that have a scope each, shared files, and an orchestrator.
fn team(playground: &Playground) -> Repo<'_> {
    let repo = playground.repo();
    for (key, value) in [
        ("coordination.orchestrators", "[\"lead\"]"),
        (
            "coordination.sharedFiles",
            "[\"README.md\", \"src/core/**\"]",
        ),
        ("coordination.epics", "{\"1\": \"epic\"}"),
    ] {
        repo.ghp(&["config", "set", key, value]).ok();
    }
    repo.ghp(&["issue", "new", "Everything"]).ok();
    for (title, scope, agent) in [
        ("Dashboard", "src/dashboard/**", "worker-1"),
        ("Metrics", "src/metrics/**", "worker-2"),
    ] {
        repo.ghp(&[
            "issue", "new", title, "--scope", scope, "--parent", "1", "--assign", agent,
        ])
        .ok();
    }
    for (agent, issue) in [("worker-1", "2"), ("worker-2", "3")] {
        repo.agent(agent, &["heartbeat", "-i", issue]).silent();
    }
    repo
}

/// Asks as worker-1; the request's id.
#[track_caller]
fn ask(repo: &Repo, paths: &[&str]) -> String {
    let words: Vec<&str> = ["request", "-q", "-m", "I must"]
        .iter()
        .chain(paths)
        .copied()
        .collect();
    repo.agent("worker-1", &words).ok().stdout.trim().to_owned()
}

#[test]
fn asked_found_granted_and_the_waiting_agent_goes_on() {
    let playground = Playground::new();
    let repo = team(&playground);
    let waiting = Waiting::start(
        &repo,
        "worker-1",
        &["request", "README.md", "-m", "Link it", "--wait"],
    );
    let id = only(&repo, "approvals");
    let item = &json(&repo, "", &["inbox"])["items"][0];
    assert_eq!(
        *item,
        json!({"kind": "approval", "id": id, "from": "worker-1", "to": "human", "issue": 2, "title": "Link it",
               "status": "requested", "createdAt": playground.now(), "ageSeconds": 0, "options": [],
               "paths": ["README.md"], "for": "worker-1", "next": format!("ghp approve {}", tail(&id))})
    );
    repo.ghp(&["status"])
        .ok()
        .prints("Waiting on you: 1 approval ");
    let run = repo.ghp(&["approve", tail(&id)]).ok();
    assert_eq!(
        run.stdout,
        format!("{} is granted: README.md for worker-1 on #2\n", tail(&id))
    );
    let (_, code, said) = waiting.ended(Instant::now());
    assert_eq!((code, said.as_str()), (Some(0), "granted\n"));
    let news = &json(&repo, "worker-1", &["inbox"])["items"][0];
    assert_eq!(
        (&news["id"], &news["status"]),
        (&json!(id), &json!("granted"))
    );
    let primed = repo.agent("worker-1", &["prime"]).ok();
    primed.prints(&format!("Approved: README.md ({})", tail(&id)));
    assert_eq!(json(&repo, "", &["inbox"])["items"], json!([]));
}

#[test]
fn denied_the_waiting_agent_hears_no() {
    let playground = Playground::new();
    let repo = team(&playground);
    let words = ["request", "README.md", "-m", "Link it", "--wait"];
    let waiting = Waiting::start(&repo, "worker-1", &words);
    let id = only(&repo, "approvals");
    repo.ghp(&["deny", &id, "-m", "Not now"])
        .ok()
        .prints("is denied: README.md");
    let (_, code, said) = waiting.ended(Instant::now());
    assert_eq!((code, said.as_str()), (Some(3), "denied\n"));
    let run = repo.agent("worker-1", &["wait", &id, "--json"]).exit(3);
    assert_eq!(run.json()["why"], "Not now");
    // Time that runs out is another thing; the request stands.
    let words = ["request", "docs/", "-m", "Say so", "--wait", "1"];
    let run = repo.agent("worker-1", &words).exit(9);
    assert!(run.stderr.contains("not decided yet"), "{run}");
    assert_eq!(
        json(&repo, "", &["approvals"])["approvals"][0]["paths"],
        json!(["docs/"])
    );
}

#[test]
fn a_decision_as_programs_read_it() {
    let playground = Playground::new();
    let repo = team(&playground);
    let asked = json(
        &repo,
        "worker-1",
        &["request", "src/metrics/a.rs", "-m", "Count it"],
    );
    assert_eq!(asked["approvers"], json!(["worker-2", "lead", "human"]));
    let id = asked["id"].as_str().expect("an id").to_owned();
    assert_eq!(asked["next"], format!("ghp wait {}", tail(&id)));
    playground.pass(60);
    for words in [
        ["approve", &id, "--expires", "0s"],
        ["answer", "yes", "--expires", "0"],
    ] {
        repo.ghp(&words).exit(2).says("allows nothing");
    }
    let words = ["approve", &id, "--expires", "2h", "-m", "Once"];
    let decided = json(&repo, "worker-2", &words);
    assert_eq!(
        decided,
        json!({"kind": "approval", "id": id, "from": "worker-1", "to": "human", "issue": 2, "title": "Count it",
               "status": "granted", "createdAt": "2026-01-25T10:30:00Z", "decidedAt": "2026-01-25T10:31:00Z",
               "by": "worker-2", "why": "Once", "options": [], "paths": ["src/metrics/a.rs"], "for": "worker-1",
               "expiresAt": "2026-01-25T12:31:00Z"})
    );
    assert_eq!(json(&repo, "worker-1", &["wait", &id]), decided);
    let shown = json(&repo, "", &["approval", "show", tail(&id)]);
    assert_eq!(keys(&shown)[..9], keys(&decided)[..9]);
    assert_eq!(shown, json(&repo, "", &["show", &id]));
    let list = json(&repo, "", &["approvals", "-a"]);
    assert_eq!(list, json(&repo, "", &["approval", "list", "--all"]));
    assert_eq!(list["approvals"][0]["expiresAt"], "2026-01-25T12:31:00Z");
    assert_eq!(json(&repo, "", &["approvals"]), json!({"approvals": []}));
    repo.ghp(&["approvals"])
        .ok()
        .prints("There are no open approvals.");
}

#[test]
fn the_same_request_is_one() {
    let playground = Playground::new();
    let repo = team(&playground);
    let id = ask(&repo, &["README.md", "src/core/a.rs"]);
    let before = documents(&repo);
    assert_eq!(ask(&repo, &["src/core/a.rs", "README.md"]), id);
    repo.agent(
        "worker-1",
        &["request", "README.md", "src/core/a.rs", "-m", "x"],
    )
    .ok()
    .prints("is already requested");
    assert_eq!(documents(&repo), before);
    // Other paths, another issue, another agent: another request.
    assert_ne!(ask(&repo, &["README.md"]), id);
    assert_ne!(ask(&repo, &["README.md", "src/core/a.rs", "-i", "3"]), id);
    let words = ["request", "-q", "README.md", "src/core/a.rs", "-m", "x"];
    assert_ne!(repo.agent("worker-2", &words).ok().stdout.trim(), id);
    // Granted, it need not be asked for again, nor any part of it.
    repo.ghp(&["approve", &id]).ok();
    let words = ["request", "src/core/a.rs", "-m", "x"];
    let run = repo.agent("worker-1", &words).ok();
    assert!(
        run.stdout
            .starts_with(&format!("{} is already granted", tail(&id))),
        "{run}"
    );
    // By a word of one's own it is one for ever.
    let words = ["request", "docs/", "-m", "x", "--request-id", "r1", "-q"];
    let first = repo.agent("worker-1", &words).ok().stdout;
    repo.ghp(&["deny", first.trim()]).ok();
    assert_eq!(repo.agent("worker-1", &words).exit(3).stdout, first);
    assert_ne!(ask(&repo, &["docs/"]), first.trim());
}

#[test]
fn paths_are_relative_to_where_one_is() {
    let playground = Playground::new();
    let repo = team(&playground);
    std::fs::create_dir_all(repo.dir.join("src/core")).expect("a folder");
    let inside = repo.at("app/src");
    let words = [
        "request",
        "core",
        "./lib.rs",
        "../README.md",
        "core/*.rs",
        "-m",
        "x",
    ];
    let asked = json(&inside, "worker-1", &words);
    assert_eq!(
        asked["paths"],
        json!(["src/core/", "src/lib.rs", "README.md", "src/core/*.rs"])
    );
    let how = |says| Refusal {
        exit: 2,
        code: "USAGE",
        says,
        next: "ghp help agents",
    };
    for (path, says) in [
        ("../../x", "lies outside this worktree"),
        ("/etc/passwd", "lies outside this worktree"),
        ("../.ghp/config.json", "is among the documents"),
        ("../.git/config", "is git's own"),
        ("a\u{1b}b", "control character"),
        ("", "is no path"),
        ("a[b", "opens `[`"),
    ] {
        refused(
            &inside,
            "worker-1",
            &["request", path, "-m", "x"],
            &how(says),
        );
    }
}

#[test]
fn what_is_refused_at_once() {
    let playground = Playground::new();
    let repo = team(&playground);
    let how = Refusal {
        exit: 2,
        code: "NO_AGENT",
        says: "a person needs no approval",
        next: "ghp approve PATH --for worker-1",
    };
    refused(&repo, "", &["request", "README.md", "-m", "x"], &how);
    let how = Refusal {
        exit: 2,
        code: "USAGE",
        says: "say why",
        next: "ghp request PATH -m \"…\"",
    };
    refused(
        &repo,
        "worker-1",
        &["request", "README.md", "-m", " "],
        &how,
    );
    repo.agent("worker-1", &["request", "README.md"]).exit(2);
    let secret = format!("use ghp{}_1234567890abcdefghijklmnopqrstuvwxyz12", "");
    let how = Refusal {
        exit: 77,
        code: "UNSAFE",
        says: "line 1 of the reason looks like",
        next: "ghp request PATH -m \"…\"",
    };
    refused(
        &repo,
        "worker-1",
        &["request", "README.md", "-m", &secret],
        &how,
    );
    let id = ask(&repo, &["README.md"]);
    for verb in ["approve", "deny"] {
        run(&repo, "", &[verb, &id, "-m", &secret]).exit(77);
        repo.ghp(&[verb, "zzzz"])
            .exit(2)
            .says("nothing here has the id");
    }
    let near = format!("ghp show {}", tail(&id));
    let mut wrong = tail(&id).to_owned();
    wrong.push('x');
    repo.ghp(&["approve", &wrong]).exit(2).says(&near);
}
