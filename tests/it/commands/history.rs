//! `log`, `restore`, `doctor`, `init` as a user meets them.

use serde_json::{Value, json};

use super::{Refusal, json, keys, refused};
use crate::support::Playground;

#[test]
fn what_was_decided_by_whom() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["log"]).ok();
    repo.ghp(&["issue", "new", "One"]).ok();
    playground.pass(3600);
    repo.agent("worker-1", &["claim", "1"]).ok();
    let id = super::ask(&repo, "worker-1", &["Which?"]);
    repo.ghp(&["answer", &id, "This"]).ok();
    let log = json(&repo, "", &["log"]);
    assert_eq!(keys(&log), ["events"]);
    let events = log["events"].as_array().expect("a list");
    let whats = |log: &Value| -> Vec<String> {
        let events = log["events"].as_array().expect("a list").clone();
        events
            .iter()
            .map(|event| format!("{}: {}", event["by"], event["what"]).replace('"', ""))
            .collect()
    };
    let short = super::tail(&id);
    assert_eq!(
        whats(&log)[..4],
        [
            format!("Ana: decided {short}: This"),
            "worker-1: asked: Which?".to_owned(),
            "worker-1: worker-1 claims #1".to_owned(),
            "Ana: #1 One".to_owned()
        ]
    );
    let claim = &events[2];
    assert_eq!(
        keys(claim),
        [
            "id",
            "at",
            "ageSeconds",
            "by",
            "what",
            "command",
            "issue",
            "documents"
        ]
    );
    assert_eq!(claim["command"], "claim");
    assert_eq!(
        claim["documents"],
        json!(["agent-status.json", "issues/1.md"])
    );
    let of = |words: &[&str]| whats(&json(&repo, "", words)).len();
    assert_eq!(of(&["log", "--by", "worker-1"]), 2);
    assert_eq!(of(&["log", "-n", "1"]), 1);
    assert_eq!(
        of(&["log", "-i", "1", "--by", "Ana"]),
        1 + usize::from(events[0].get("issue").is_some())
    );
    assert_eq!(of(&["log", "--decisions"]), 1);
    assert_eq!(of(&["log", "--since", "30m"]), 3);
    assert_eq!(of(&["log", "--since", "2026-01-25T11:00:00Z"]), 3);
    assert_eq!(of(&["log", "--since", "2026-01-26"]), 0);
    assert_eq!(of(&["log", "--since", "2026-01-25"]), events.len());
    repo.ghp(&["log", "--since", "whenever"])
        .exit(2)
        .says("neither a time nor a duration");
    let patch = repo.ghp(&["log", "-p", "-n", "1"]).ok().stdout;
    assert!(
        patch.contains("+This") && patch.contains("+status: resolved"),
        "{patch}"
    );
    // git shows the same.
    let commits = repo.at("app/.ghp").git(&["log", "--format=%an: %s", "-4"]);
    assert_eq!(commits.lines().collect::<Vec<_>>(), whats(&log)[..4]);
    let trailers = repo
        .at("app/.ghp")
        .git(&["log", "-1", "--skip=2", "--format=%(trailers)"]);
    assert!(
        trailers.contains("Agent: worker-1") && trailers.contains("Issue: #1"),
        "{trailers}"
    );
}

#[test]
fn a_line_of_the_history_is_shown_whole() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One"]).ok();
    repo.ghp(&["issue", "comment", "1", "Two"]).ok();
    let event = json(&repo, "", &["log", "-p", "-n", "1"])["events"][0].clone();
    let id = event["id"].as_str().expect("an id");
    assert_eq!(json(&repo, "", &["show", id]), event);
    let text = repo.ghp(&["show", &id[..10]]).ok().stdout;
    assert!(
        text.contains("comments on #1") && text.contains("+Two"),
        "{text}"
    );
    for unknown in ["00000000ff", "0000000"] {
        repo.ghp(&["show", unknown]).exit(2);
    }
}

#[test]
fn an_edit_by_hand_is_in_the_history() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One"]).ok();
    repo.ghp(&["log"]).ok();
    repo.write("issues/1.md", repo.read("issues/1.md") + "By hand.\n");
    repo.agent("worker-1", &["claim", "1"]).ok();
    let text = repo.ghp(&["log", "-n", "2"]).ok().stdout;
    assert!(text.contains("edited by hand"), "{text}");
    assert!(repo.read("issues/1.md").contains("By hand."));
}

#[test]
fn a_document_is_taken_back() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One"]).ok();
    repo.ghp(&["issue", "edit", "1", "--title", "Two"]).ok();
    let first = json(&repo, "", &["log", "-n", "2"])["events"][1]["id"].clone();
    let first = first.as_str().expect("an id");
    let report = json(&repo, "", &["restore", "issues/1.md", "--rev", first]);
    assert_eq!(
        report,
        json!({"path": "issues/1.md", "rev": first, "changed": true})
    );
    assert_eq!(json(&repo, "", &["issue", "show", "1"])["title"], "One");
    let again = repo
        .ghp(&["restore", ".ghp/issues/1.md", "--rev", &first[..10]])
        .ok();
    assert!(again.stdout.contains("already is what it was"), "{again}");
    let how = |says, next| Refusal {
        exit: 2,
        code: "NOT_FOUND",
        says,
        next,
    };
    refused(
        &repo,
        "",
        &["restore", "../README.md", "--rev", "HEAD"],
        &how("is not a document", "ghp log"),
    );
    refused(
        &repo,
        "",
        &["restore", "issues/9.md", "--rev", "HEAD"],
        &how("was not there at", "ghp log -p"),
    );
    let run = repo
        .ghp(&["restore", "issues/1.md", "--rev", "nonsense"])
        .exit(2);
    assert!(run.stderr.contains("nonsense"), "{run}");
    repo.agent("worker-1", &["restore", "issues/1.md", "--rev", first])
        .exit(3);
    repo.ghp(&["restore", "issues/1.md", "--rev", "--help"])
        .exit(2);
}

#[test]
fn doctor_is_content_or_finds_something() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One"]).ok();
    repo.ghp(&["doctor"]).ok();
    json(&repo, "", &["doctor"]);
    repo.write("issues/1.md", "---\ntitle: [\n---\n");
    let run = repo.ghp(&["doctor", "--json"]).exit(8);
    assert!(run.stdout.contains("issues/1.md"), "{run}");
    let run = repo.ghp(&["issue", "show", "1", "--json"]).exit(65);
    let error = &run.json()["error"];
    assert_eq!(error["code"], "UNREADABLE");
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|said| said.contains("issues/1.md") && said.contains("line ")),
        "{run}"
    );
    // The others stay usable, and what cannot be read stays as it is.
    repo.ghp(&["issue", "new", "Two"]).ok();
    assert_eq!(repo.read("issues/1.md"), "---\ntitle: [\n---\n");
    repo.ghp(&["doctor", "--fix"]).ok();
    assert_eq!(json(&repo, "", &["issue", "show", "1"])["title"], "One");
    repo.ghp(&["doctor"]).ok();
}

#[test]
fn init_can_be_repeated_and_is_asked_for() {
    let playground = Playground::new();
    let bare = playground.bare_of_documents("bare");
    let how = |code, says, next| Refusal {
        exit: 7,
        code,
        says,
        next,
    };
    let none = how("NO_DOCUMENTS", "no ghp documents yet", "ghp init");
    for words in [
        &["status"][..],
        &["inbox"],
        &["issues"],
        &["whoami"],
        &["log"],
    ] {
        refused(&bare, "", words, &none);
    }
    refused(&bare, "worker-1", &["heartbeat"], &none);
    let nowhere = bare.at(".");
    let run = nowhere.ghp(&["status", "--json"]).exit(7);
    assert_eq!(run.json()["error"]["code"], "NO_REPOSITORY", "{run}");
    nowhere.ghp(&["init"]).exit(7);
    let first = bare.ghp(&["init"]).ok();
    assert!(
        first.stdout.contains("a new branch ghp")
            && first.stdout.ends_with("Next: ghp issue new \"TITLE\"\n"),
        "{first}"
    );
    let before = super::documents(&bare);
    bare.ghp(&["init"]).ok().prints("the branch ghp");
    assert_eq!(super::documents(&bare), before);
    assert_eq!(
        bare.git(&["status", "--porcelain", "--ignored"]),
        "!! .ghp/\n"
    );
}
