//! `answer`, `resolve`: who decides, how often, and what one word means.

use serde_json::{Value, json};

use super::{Refusal, ask, documents, json, keys, refused, tail};
use crate::support::Playground;

#[test]
fn a_decision_as_programs_read_it() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = ask(
        &repo,
        "worker-1",
        &[
            "Which?", "-o", "SQLite", "-o", "Files", "-i", "7", "--key", "store",
        ],
    );
    playground.pass(60);
    let decided = json(&repo, "", &["answer", tail(&id), "1", "-m", "No server"]);
    assert_eq!(
        keys(&decided)[..13],
        [
            "kind",
            "id",
            "from",
            "to",
            "issue",
            "title",
            "status",
            "createdAt",
            "decidedAt",
            "by",
            "choice",
            "text",
            "why"
        ]
    );
    assert_eq!(
        decided,
        json!({"kind": "escalation", "id": id, "from": "worker-1", "to": "human", "issue": 7, "title": "Which?",
               "status": "resolved", "createdAt": "2026-01-25T10:30:00Z", "decidedAt": "2026-01-25T10:31:00Z",
               "by": "Ana", "choice": 1, "text": "SQLite", "why": "No server",
               "options": ["SQLite", "Files"], "paths": [], "key": "store", "count": 1})
    );
    assert_eq!(json(&repo, "worker-1", &["wait", &id]), decided);
    let free = ask(&repo, "worker-1", &["How?"]);
    let decided = json(&repo, "", &["resolve", &free, "By hand"]);
    assert!(
        decided.get("choice").is_none() && decided["text"] == "By hand",
        "{decided}"
    );
}

#[test]
fn an_option_by_number_by_words_by_flag_or_ones_own_words() {
    let playground = Playground::new();
    let repo = playground.repo();
    for (words, choice, text) in [
        (&["answer", "ID", "2"][..], Some(2), "Plain files"),
        (&["answer", "ID", "#1"], Some(1), "SQLite"),
        (&["answer", "ID", "plain FILES"], Some(2), "Plain files"),
        (&["answer", "ID", "Neither"], None, "Neither"),
        (&["resolve", "ID", "2"], Some(2), "Plain files"),
        (&["resolve", "ID", "-c", "sqlite"], Some(1), "SQLite"),
        (
            &["resolve", "ID", "-m", "Ask me tomorrow"],
            None,
            "Ask me tomorrow",
        ),
    ] {
        let id = ask(
            &repo,
            "worker-1",
            &["Which?", "-o", "SQLite", "-o", "Plain files"],
        );
        let words: Vec<&str> = words
            .iter()
            .map(|word| if *word == "ID" { &id } else { *word })
            .collect();
        let decided = json(&repo, "", &words);
        assert_eq!(
            decided.get("choice").and_then(Value::as_u64),
            choice,
            "{decided}"
        );
        assert_eq!(decided["text"], text, "{decided}");
    }
    let id = ask(&repo, "worker-1", &["Which?", "-o", "SQLite"]);
    let how = Refusal {
        exit: 2,
        code: "USAGE",
        says: "has no option 3",
        next: &format!("ghp show {}", tail(&id)),
    };
    refused(&repo, "", &["answer", &id, "3"], &how);
    let how = Refusal {
        exit: 2,
        code: "USAGE",
        says: "needs an answer: Which?",
        next: &format!("ghp answer {} \"…\"", tail(&id)),
    };
    refused(&repo, "", &["answer", &id], &how);
    refused(&repo, "", &["answer", &id, " "], &how);
    repo.ghp(&["answer", &id, "1", "--expires", "2h"])
        .exit(2)
        .says("only an approval expires");
}

#[test]
fn the_same_again_is_fine_and_another_says_the_first() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = ask(
        &repo,
        "worker-1",
        &["Which?", "-o", "SQLite", "-o", "Files"],
    );
    let short = tail(&id);
    assert_eq!(
        repo.ghp(&["answer", short, "1"]).ok().stdout,
        format!("{short} is decided: SQLite (option 1)\n")
    );
    let before = documents(&repo);
    for words in [&["answer", short, "SQLite"][..], &["resolve", short, "1"]] {
        assert_eq!(
            repo.ghp(words).ok().stdout,
            format!("{short} is already decided: SQLite (option 1)\n")
        );
    }
    assert_eq!(documents(&repo), before);
    let how = Refusal {
        exit: 5,
        code: "CHANGED",
        says: "was resolved by Ana 0s ago: SQLite",
        next: &format!("ghp show {short}"),
    };
    refused(&repo, "", &["answer", short, "2"], &how);
    refused(&repo, "", &["resolve", short, "Files"], &how);
}

#[test]
fn without_an_id_where_one_thing_can_be_meant() {
    let playground = Playground::new();
    let repo = playground.repo();
    assert_eq!(json(&repo, "", &["answer"]), json!({"items": []}));
    repo.ghp(&["answer"]).ok().prints("Nothing waits on you.");
    let one = ask(
        &repo,
        "worker-1",
        &["Which?", "-o", "SQLite", "-o", "Files"],
    );
    // A word that is no answer might be a mistyped id.
    repo.ghp(&["answer", "perhaps"])
        .exit(2)
        .says("nothing here has the id perhaps");
    let run = repo.ghp(&["answer", "--json"]).exit(2);
    assert_eq!(run.json()["error"]["code"], "AMBIGUOUS");
    assert_eq!(run.json()["error"]["next"], format!("ghp answer {one}"));
    let decided = json(&repo, "", &["answer", "2"]);
    assert_eq!(
        (&decided["id"], &decided["choice"]),
        (&json!(one), &json!(2))
    );
    let second = ask(&repo, "worker-1", &["May I?"]);
    let third = ask(&repo, "worker-1", &["May I really?"]);
    let run = repo.ghp(&["answer"]).exit(2);
    assert!(
        run.stderr.contains(&second) && run.stderr.contains(&third),
        "{run}"
    );
    repo.ghp(&["answer", "yes"]).exit(2);
}

#[test]
fn answers_from_a_file_are_all_or_none() {
    let playground = Playground::new();
    let repo = playground.repo();
    let one = ask(&repo, "worker-1", &["One?", "-o", "A", "-o", "B"]);
    let two = ask(&repo, "worker-1", &["Two?"]);
    let before = documents(&repo);
    for (bad, says) in [
        (
            format!("{} 1\nnonsense yes\n", tail(&one)),
            "line 2: nothing here has the id nonsense",
        ),
        (
            format!("{} 1\n{}\n", tail(&one), tail(&two)),
            "line 2: an id and an answer belong on a line",
        ),
        (
            format!("{} yes\n{} 9\n", tail(&two), tail(&one)),
            "has no option 9",
        ),
        ("# nothing\n\n".to_owned(), "there is no answer in the file"),
    ] {
        repo.feed(&["answer", "-F", "-"], bad.as_bytes())
            .exit(2)
            .says(says);
        assert_eq!(documents(&repo), before);
    }
    std::fs::write(
        repo.dir.join("answers"),
        format!("# mine\n\n{} 2\n{two} Do as you like\n", tail(&one)),
    )
    .expect("a file");
    let report = json(&repo, "", &["answer", "-F", "answers"]);
    assert_eq!(report["items"][0]["text"], "B");
    assert_eq!(report["items"][1]["text"], "Do as you like");
    repo.ghp(&["answer", "-F", "missing"])
        .exit(2)
        .says("cannot read missing");
}

#[test]
fn who_may_decide() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["config", "set", "coordination.orchestrators", "[\"lead\"]"])
        .ok();
    repo.ghp(&["config", "set", "coordination.epics", "{\"1\": \"epic\"}"])
        .ok();
    repo.ghp(&["issue", "new", "Parent"]).ok();
    repo.ghp(&["issue", "new", "Child", "--parent", "1"]).ok();
    let id = ask(&repo, "worker-1", &["May I?", "-i", "2"]);
    let next = format!("ghp wait {}", tail(&id));
    let how = |says| Refusal {
        exit: 3,
        code: "NOT_AUTHORISED",
        says,
        next: &next,
    };
    for verb in ["answer", "resolve"] {
        refused(
            &repo,
            "worker-1",
            &[verb, &id, "yes"],
            &how("is your own question"),
        );
        refused(
            &repo,
            "worker-2",
            &[verb, &id, "yes"],
            &how("is worker-1's question"),
        );
    }
    // Whoever leads, and the epic of its issue.
    repo.agent("lead", &["answer", &id, "yes"]).ok();
    let second = ask(&repo, "worker-1", &["And this?", "-i", "2"]);
    repo.agent("epic", &["answer", &second, "yes"]).ok();
    let elsewhere = ask(&repo, "worker-1", &["And that?", "-i", "1000"]);
    repo.agent("epic", &["answer", &elsewhere, "yes"]).exit(3);
    // What is addressed to a person by name is a person's.
    let personal = ask(&repo, "worker-1", &["Who pays?", "--to", "human"]);
    repo.agent("lead", &["answer", &personal, "yes"]).exit(3);
    repo.ghp(&["answer", &personal, "Me"]).ok();
}

#[test]
fn a_handoff_is_not_answered() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["heartbeat", "-i", "3"]).silent();
    repo.agent("worker-1", &["handoff", "worker-2"]).ok();
    let id = super::only(&repo, "handoffs");
    let next = format!("ghp accept {}", tail(&id));
    for verb in ["answer", "resolve"] {
        let how = Refusal {
            exit: 2,
            code: "USAGE",
            says: "is a handoff: it is accepted, not answered",
            next: &next,
        };
        refused(&repo, "", &[verb, &id, "yes"], &how);
    }
}

#[test]
fn a_question_typed_by_hand_is_completed_without_empty_values() {
    let playground = Playground::new();
    let repo = playground.repo();
    let path = "escalations/2026-01-25-typed-by-hand-aaaa.md";
    repo.write(
        path,
        "---\ntitle: Which port?\n---\n\n## Decision\n\n8080\n",
    );
    assert_eq!(json(&repo, "", &["show", "aaaa"])["text"], "8080");
    let at = playground.now();
    assert_eq!(
        repo.read(path),
        format!(
            "---\ntitle: Which port?\nstatus: resolved\ndecidedAt: {at}\nby: hand\n---\n\n## Decision\n\n8080\n"
        )
    );
}

#[test]
fn a_person_decides_with_an_editor() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = ask(
        &repo,
        "worker-1",
        &["Which?", "-o", "SQLite", "-o", "Files"],
    );
    let path = format!("escalations/{id}.md");
    let text = repo.read(&path);
    repo.write(&path, format!("{text}\n2\nThey are easier to read.\n"));
    let news = &json(&repo, "worker-1", &["inbox"])["items"][0];
    assert_eq!(news["status"], "resolved");
    let shown = json(&repo, "", &["show", &id]);
    assert_eq!(shown["text"], "Files");
    assert_eq!(shown["choice"], 2);
    assert_eq!(shown["by"], "hand");
    repo.ghp(&["answer", &id, "1"]).exit(5).says("Files");
}
