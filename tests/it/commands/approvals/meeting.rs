//! Approvals among everything else that waits: `answer`, `inbox`, `cancel`, `reply`, an editor.

use serde_json::json;

use super::{ask, team};
use crate::commands::{Refusal, ask as question, documents, json, refused, tail};
use crate::support::Playground;

#[test]
fn answered_yes_or_no() {
    let playground = Playground::new();
    let repo = team(&playground);
    let id = ask(&repo, &["README.md"]);
    let next = format!("ghp answer {} yes", tail(&id));
    let how = Refusal {
        exit: 2,
        code: "USAGE",
        says: "needs an answer: I must",
        next: &next,
    };
    refused(&repo, "", &["answer", &id, "perhaps"], &how);
    refused(&repo, "", &["answer", &id], &how);
    repo.agent("worker-1", &["answer", &id, "yes"]).exit(3);
    let decided = json(
        &repo,
        "lead",
        &["answer", &id, "Yes", "--expires", "1h", "-m", "Go"],
    );
    assert_eq!(decided["status"], "granted");
    assert_eq!(decided["expiresAt"], "2026-01-25T11:30:00Z");
    assert_eq!(decided["why"], "Go");
    // The answer alone, where one thing waits.
    let second = ask(&repo, &["src/core/a.rs"]);
    assert_eq!(json(&repo, "", &["answer", "no"])["id"], json!(second));
    // With a question beside it, it must be said which.
    ask(&repo, &["docs/a.md"]);
    question(&repo, "worker-1", &["Which?", "-o", "A"]);
    repo.ghp(&["answer", "yes"]).exit(2).says("2 things wait");
}

#[test]
fn answers_from_a_file_settle_both_kinds() {
    let playground = Playground::new();
    let repo = team(&playground);
    let id = ask(&repo, &["README.md"]);
    let which = question(&repo, "worker-1", &["Which?", "-o", "A", "-o", "B"]);
    let before = documents(&repo);
    let bad = format!("{which} 2\n{id} perhaps\n");
    repo.feed(&["answer", "-F", "-"], bad.as_bytes()).exit(2);
    assert_eq!(documents(&repo), before);
    let good = format!("{which} 2\n{} no\n", tail(&id));
    repo.feed(&["answer", "-F", "-"], good.as_bytes()).ok();
    assert_eq!(json(&repo, "", &["show", &id])["status"], "denied");
    assert_eq!(json(&repo, "", &["show", &which])["text"], "B");
}

#[test]
fn each_verb_keeps_to_its_kind() {
    let playground = Playground::new();
    let repo = team(&playground);
    let id = ask(&repo, &["README.md"]);
    let approve = format!("ghp approve {}", tail(&id));
    let how = |says| Refusal {
        exit: 2,
        code: "USAGE",
        says,
        next: &approve,
    };
    let says = "is an approval: approve or deny it";
    refused(&repo, "", &["resolve", &id, "yes"], &how(says));
    let says = "is an approval: it is granted, not accepted";
    refused(&repo, "worker-2", &["accept", &id], &how(says));
    let which = question(&repo, "worker-1", &["Which?"]);
    repo.agent("worker-1", &["handoff", "worker-2"]).ok();
    let handoff = crate::commands::only(&repo, "handoffs");
    let answer = format!("ghp answer {} \"…\"", tail(&which));
    let accept = format!("ghp accept {}", tail(&handoff));
    for verb in ["approve", "deny"] {
        for (id, says, next) in [
            (
                &which,
                "is a question: it is answered, not approved",
                &answer,
            ),
            (
                &handoff,
                "is a handoff: it is accepted, not approved",
                &accept,
            ),
        ] {
            let how = Refusal {
                exit: 2,
                code: "USAGE",
                says,
                next,
            };
            refused(&repo, "", &[verb, id], &how);
        }
    }
}

#[test]
fn on_whom_it_waits() {
    let playground = Playground::new();
    let repo = team(&playground);
    let shared = ask(&repo, &["README.md"]);
    let foreign = ask(&repo, &["src/metrics/a.rs"]);
    let loose = ask(&repo, &["docs/a.md"]);
    for (who, expected) in [
        ("", vec![&shared, &foreign, &loose]),
        ("lead", vec![&shared, &foreign, &loose]),
        ("worker-2", vec![&foreign]),
        ("epic", vec![&loose]),
        ("worker-1", vec![]),
        ("worker-3", vec![]),
    ] {
        let report = json(&repo, who, &["inbox", "--kind", "approval"]);
        let items = report["items"].as_array().expect("a list");
        let mut found: Vec<&str> = items
            .iter()
            .filter_map(|item| item["id"].as_str())
            .collect();
        let mut expected: Vec<&str> = expected.iter().map(|id| id.as_str()).collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{who}");
    }
    assert_eq!(
        json(&repo, "worker-2", &["next"])["item"]["id"],
        json!(foreign)
    );
    repo.agent("worker-2", &["prime"]).ok().prints(&format!(
        "approval \"I must\" requested (ghp approve {})",
        tail(&foreign)
    ));
    repo.agent("worker-2", &["status"])
        .ok()
        .prints("Waiting on you: 1 approval ");
    repo.ghp(&["status"])
        .ok()
        .prints("Waiting on you: 3 approvals ");
}

#[test]
fn asked_back_and_taken_back() {
    let playground = Playground::new();
    let repo = team(&playground);
    let id = ask(&repo, &["README.md"]);
    repo.ghp(&["reply", &id, "Which line?"]).ok();
    let item = &json(&repo, "worker-1", &["inbox"])["items"][0];
    assert_eq!(
        (&item["id"], &item["status"]),
        (&json!(id), &json!("replied"))
    );
    repo.agent("worker-2", &["cancel", &id]).exit(3);
    repo.agent("worker-1", &["cancel"])
        .ok()
        .prints("is taken back: I must");
    repo.agent("worker-1", &["cancel", &id]).ok();
    repo.ghp(&["approve", &id])
        .exit(5)
        .says("was withdrawn by worker-1");
    repo.agent("worker-1", &["wait", &id]).exit(5);
    // What is granted is not the asker's to take back: there is nothing to ask for any more.
    let granted = ask(&repo, &["README.md"]);
    repo.ghp(&["approve", &granted]).ok();
    repo.agent("worker-1", &["cancel", &granted]).exit(5);
}

#[test]
fn a_person_decides_with_an_editor() {
    let playground = Playground::new();
    let repo = team(&playground);
    for (word, status, code) in [("granted", "granted", 0), ("rejected", "denied", 3)] {
        let id = ask(&repo, &["README.md"]);
        let path = format!("approvals/{id}.md");
        let typed = format!("status: {word}\nmood: good # mine");
        let text = repo.read(&path).replace("status: requested", &typed);
        repo.write(&path, text);
        repo.agent("worker-1", &["wait", &id])
            .exit(code)
            .prints(status);
        let shown = json(&repo, "", &["show", &id]);
        assert_eq!(
            (&shown["status"], &shown["by"]),
            (&json!(status), &json!("hand"))
        );
        let text = repo.read(&path);
        assert!(
            text.contains(&format!("status: {status}\nmood: good # mine\n")),
            "{text}"
        );
        // It counts, and taking it away works as ever.
        repo.ghp(&["deny", &id]).ok();
    }
    let path = "approvals/2026-01-25-typed-by-hand-aaaa.md";
    repo.write(
        path,
        "---\ntitle: Typed by hand\nstatus: granted\nfor: worker-1\npaths: [README.md]\n---\n",
    );
    repo.agent("worker-1", &["prime"])
        .ok()
        .prints("Approved: README.md (aaaa)");
    // What cannot be read allows nothing, and says so.
    repo.write(path, "---\nstatus: granted\npaths: README.md\n---\n");
    let primed = repo.agent("worker-1", &["prime"]).ok().says("aaaa.md");
    assert!(!primed.stdout.contains("Approved"), "{primed}");
    repo.ghp(&["doctor"])
        .exit(8)
        .prints("aaaa.md cannot be read");
}

#[test]
fn a_handoff_tells_of_them() {
    let playground = Playground::new();
    let repo = team(&playground);
    let granted = ask(&repo, &["README.md"]);
    repo.ghp(&["approve", &granted]).ok();
    let open = ask(&repo, &["docs/a.md"]);
    repo.agent("worker-1", &["handoff", "worker-2"]).ok();
    let handoff = crate::commands::only(&repo, "handoffs");
    let text = repo.read(&format!("handoffs/{handoff}.md"));
    for line in [
        format!("Approval {} is not decided: docs/a.md: I must", tail(&open)),
        format!(
            "Approval granted {}: README.md for worker-1 on #2",
            tail(&granted)
        ),
    ] {
        assert!(text.contains(&line), "{line} in {text}");
    }
}

#[test]
fn the_history_names_what_was_decided() {
    let playground = Playground::new();
    let repo = team(&playground);
    let id = ask(&repo, &["README.md"]);
    repo.ghp(&["approve", &id]).ok();
    repo.agent("lead", &["deny", &id]).ok();
    let second = ask(&repo, &["src/core/a.rs"]);
    repo.ghp(&["answer", &second, "no"]).ok();
    let events = json(&repo, "", &["log", "--decisions"]);
    let said: Vec<&str> = events["events"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|event| event["what"].as_str())
        .collect();
    let (first, second) = (tail(&id), tail(&second));
    assert_eq!(
        said,
        [
            format!("denied {second}: src/core/a.rs for worker-1 on #2"),
            format!("revoked {first}: README.md for worker-1 on #2"),
            format!("granted {first}: README.md for worker-1 on #2"),
        ]
    );
}
