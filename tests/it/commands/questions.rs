//! `escalate`, `escalations`, `show`, `reply`, `cancel`: questions and what stands below them.

use serde_json::{Value, json};

use super::{Refusal, ask, json, keys, only, refused, tail};
use crate::support::Playground;

#[test]
fn a_question_waits_in_the_inbox_as_an_item() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["heartbeat", "-i", "147"]).silent();
    let words = [
        "escalate",
        "Which store?",
        "-o",
        "SQLite",
        "-o",
        "Plain files",
        "-p",
        "src/a.rs",
        "-m",
        "Small.",
    ];
    let run = repo.agent("worker-1", &words).ok();
    let id = only(&repo, "escalations");
    let short = tail(&id);
    assert!(id.starts_with("2026-01-25-which-store-"), "{id}");
    assert_eq!(
        run.stdout,
        format!("{short} is asked: Which store?\nNext: ghp wait {short}\n")
    );
    playground.pass(4);
    let inbox = json(&repo, "", &["inbox"]);
    assert_eq!(keys(&inbox), ["for", "items", "counts"]);
    assert_eq!(
        inbox,
        json!({"for": "human", "counts": {"escalation": 1}, "items": [{
            "kind": "escalation", "id": id, "from": "worker-1", "to": "human", "issue": 147,
            "title": "Which store?", "status": "open", "createdAt": "2026-01-25T10:30:00Z", "ageSeconds": 4,
            "count": 1, "options": ["SQLite", "Plain files"], "paths": ["src/a.rs"],
            "next": format!("ghp answer {short} N")}]})
    );
    assert_eq!(
        keys(&inbox["items"][0]),
        [
            "kind",
            "id",
            "from",
            "to",
            "issue",
            "title",
            "status",
            "createdAt",
            "ageSeconds",
            "count",
            "options",
            "paths",
            "next"
        ]
    );
    let table = repo.ghp(&["inbox"]).ok().stdout;
    assert_eq!(
        table,
        format!(
            "KIND      ID    AGE  FROM      TITLE                NEXT\n\
             question  {short}  4s   worker-1  Which store? (#147)  ghp answer {short} N\n                               \
             1 SQLite\n                               2 Plain files\n"
        )
    );
    for list in [&["escalations"][..], &["escalation", "list"]] {
        assert_eq!(json(&repo, "", list)["escalations"], inbox["items"]);
    }
    let shown = json(&repo, "", &["show", short]);
    assert_eq!(shown, json(&repo, "", &["escalation", "show", &id]));
    assert_eq!(shown["status"], "open");
    assert!(
        shown["body"]
            .as_str()
            .is_some_and(|body| body.contains("Small."))
    );
}

#[test]
fn the_seeds_name_for_it_and_a_value_for_scripts() {
    let playground = Playground::new();
    let repo = playground.repo();
    let run = repo
        .ghp(&["agent-escalate", "-t", "worker-1", "Which?", "-q"])
        .ok();
    assert_eq!(run.stdout, format!("{}\n", only(&repo, "escalations")));
    let how = |says| Refusal {
        exit: 2,
        code: "USAGE",
        says,
        next: "ghp escalate --help",
    };
    refused(
        &repo,
        "worker-1",
        &["escalate", "Which?", "-o", " "],
        &how("an option is empty"),
    );
    refused(&repo, "worker-1", &["escalate"], &how("required"));
    repo.agent("worker-1", &["escalate", "  "])
        .exit(2)
        .says("the question is empty");
}

#[test]
fn the_same_request_is_one_question() {
    let playground = Playground::new();
    let repo = playground.repo();
    let first = ask(&repo, "worker-1", &["Which?", "--request-id", "r1"]);
    assert_eq!(
        ask(&repo, "worker-1", &["Which?", "--request-id", "r1"]),
        first
    );
    assert_ne!(
        ask(&repo, "worker-1", &["Which?", "--request-id", "r2"]),
        first
    );
    assert_ne!(
        ask(&repo, "worker-2", &["Which?", "--request-id", "r1"]),
        first
    );
}

#[test]
fn a_key_counts_up_and_is_silent_once_resolved() {
    let playground = Playground::new();
    let repo = playground.repo();
    let words = ["Disk full?", "--key", "disk"];
    let id = ask(&repo, "worker-1", &words);
    assert_eq!(ask(&repo, "worker-2", &words), id);
    assert_eq!(
        ask(&repo, "worker-1", &["Disk still full?", "--key", "disk"]),
        id
    );
    assert_eq!(json(&repo, "", &["inbox"])["items"][0]["count"], 3);
    repo.ghp(&["inbox"]).ok().prints("asked 3 times");
    repo.ghp(&["answer", &id, "Delete the logs"]).ok();
    // Decided: the same condition gets the same answer, at once and without a new question.
    let again = json(
        &repo,
        "worker-1",
        &["escalate", "Disk full?", "--key", "disk", "--wait"],
    );
    assert_eq!(again["text"], "Delete the logs");
    assert_eq!(json(&repo, "", &["inbox"])["items"], json!([]));
    // Until the condition changes.
    let other = ask(
        &repo,
        "worker-1",
        &["Disk full again, 2 GB?", "--key", "disk"],
    );
    assert_ne!(other, id);
    assert_eq!(json(&repo, "", &["inbox"])["items"][0]["id"], other);
}

#[test]
fn asked_back_and_replied() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = ask(&repo, "worker-1", &["Which?", "-i", "3"]);
    let short = tail(&id).to_owned();
    repo.ghp(&["reply", &short, "How many rows?\nRoughly."])
        .ok()
        .prints(&format!(
            "Your reply stands below {short}; worker-1 finds it in the inbox."
        ));
    let item = &json(&repo, "worker-1", &["inbox"])["items"][0];
    assert_eq!(item["status"], "replied");
    assert_eq!(item["from"], "Ana");
    assert_eq!(item["next"], format!("ghp show {short}"));
    repo.agent("worker-1", &["reply", &short, "2,000"]).ok();
    assert_eq!(json(&repo, "worker-1", &["inbox"])["items"], json!([]));
    let text = repo.read(&format!("escalations/{id}.md"));
    let at = playground.now();
    let replies =
        format!("### Ana, {at}\n\nHow many rows?\nRoughly.\n\n### worker-1, {at}\n\n2,000\n");
    assert!(text.contains(&replies), "{text}");
    assert!(text.trim_end().ends_with("## Decision"), "{text}");
    let how = Refusal {
        exit: 2,
        code: "USAGE",
        says: "the reply is empty",
        next: &format!("ghp reply {short} \"…\""),
    };
    refused(&repo, "", &["reply", &short, " "], &how);
    repo.ghp(&["answer", &short, "yes"]).ok();
    let how = Refusal {
        exit: 5,
        code: "CHANGED",
        says: "was resolved by Ana",
        next: &format!("ghp show {short}"),
    };
    refused(&repo, "", &["reply", &short, "More"], &how);
}

#[test]
fn ones_own_is_taken_back() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = ask(&repo, "worker-1", &["Which?"]);
    let short = tail(&id).to_owned();
    let how = Refusal {
        exit: 3,
        code: "NOT_AUTHORISED",
        says: "worker-1's, not yours to take back",
        next: &format!("ghp reply {short} \"…\""),
    };
    refused(&repo, "worker-2", &["cancel", &short], &how);
    let taken = json(&repo, "worker-1", &["cancel", &short, "-m", "Found out"]);
    assert_eq!(taken["status"], "withdrawn");
    assert_eq!(taken["by"], "worker-1");
    assert_eq!(taken["why"], "Found out");
    // Once more is no harm; a decision now comes too late, and a person waits in vain no longer.
    repo.agent("worker-1", &["cancel", &short])
        .ok()
        .prints("already");
    repo.ghp(&["answer", &short, "yes"])
        .exit(5)
        .says("Found out");
    repo.agent("worker-1", &["wait", &short])
        .exit(5)
        .says("there will be no decision");
    assert_eq!(json(&repo, "", &["inbox"])["items"], json!([]));
    let all = json(&repo, "", &["inbox", "-a"]);
    assert_eq!(all["items"][0]["status"], "withdrawn");
    // A person may take back anybody's.
    let other = ask(&repo, "worker-2", &["Whose?"]);
    repo.ghp(&["cancel", &other]).ok();
}

#[test]
fn ids_by_beginning_by_last_four_and_in_doubt() {
    let playground = Playground::new();
    let repo = playground.repo();
    let one = ask(&repo, "worker-1", &["Which store?"]);
    let other = ask(&repo, "worker-1", &["Which name?"]);
    let id = |word: &str| json(&repo, "", &["show", word])["id"].clone();
    for word in [&one[..], tail(&one), "2026-01-25-which-s"] {
        assert_eq!(id(word), one);
    }
    let run = repo.ghp(&["show", "2026-01-25-which", "--json"]).exit(2);
    let error = &run.json()["error"];
    assert_eq!(error["code"], "AMBIGUOUS");
    let message = error["message"].as_str().expect("text");
    assert!(
        message.contains(&one) && message.contains(&other),
        "{message}"
    );
    // Of several the open one.
    repo.ghp(&["answer", &other, "yes"]).ok();
    assert_eq!(id("2026-01-25-which"), one);
    let near = format!("{}x", &tail(&one)[..3]);
    if near != tail(&one) {
        let how = Refusal {
            exit: 2,
            code: "NOT_FOUND",
            says: "nothing here has the id",
            next: &format!("ghp show {}", tail(&one)),
        };
        refused(&repo, "", &["show", &near], &how);
    }
    let how = Refusal {
        exit: 2,
        code: "NOT_FOUND",
        says: "nothing here has the id",
        next: "ghp inbox",
    };
    refused(&repo, "", &["show", "utterly-different-thing"], &how);
}

#[test]
fn addressed_to_an_agent_it_waits_on_that_one() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = ask(&repo, "worker-1", &["Your interface?", "--to", "worker-2"]);
    assert_eq!(json(&repo, "", &["inbox"])["items"], json!([]));
    let items = json(&repo, "worker-2", &["inbox"])["items"].clone();
    assert_eq!(items[0]["id"], id);
    repo.agent("worker-2", &["answer", "yes"]).ok();
    let news = json(&repo, "worker-1", &["inbox"])["items"].clone();
    assert_eq!(news[0]["status"], "resolved");
    let of = |kind: &str| json(&repo, "worker-1", &["inbox", "--kind", kind])["items"].clone();
    assert_eq!(of("escalation"), news);
    assert_eq!(of("comment"), Value::Array(Vec::new()));
    repo.ghp(&["inbox", "--kind", "nonsense"]).exit(2);
}
