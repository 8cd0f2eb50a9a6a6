//! `issue new, list, show, edit, comment, close, reopen`.

use serde_json::json;

use super::{Refusal, json, keys, refused};
use crate::support::Playground;

#[test]
fn an_issue_as_programs_read_it() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Parent"]).ok();
    repo.ghp(&["issue", "new", "First"]).ok();
    let words = [
        "issue",
        "new",
        "Dashboard command",
        "--scope",
        "src/dashboard/**",
        "--scope",
        "docs/*.md",
        "--parent",
        "1",
        "--blocked-by",
        "#2",
        "--assign",
        "worker-1",
        "--label",
        "ui",
        "--label",
        "ui",
        "-m",
        "Show it.",
    ];
    let made = json(&repo, "", &words);
    assert_eq!(
        made,
        json!({"issue": 3, "title": "Dashboard command", "status": "open", "assignee": "worker-1",
               "scope": ["src/dashboard/**", "docs/*.md"], "parent": 1, "blockedBy": [2], "labels": ["ui"],
               "fence": 1, "body": "Show it.\n",
               "next": "ghp start 3 --worktree --for worker-1"})
    );
    repo.agent("worker-1", &["issue", "edit", "3", "--remove-label", "ui"])
        .ok();
    repo.ghp(&["issue", "close", "2"]).ok();
    repo.agent("worker-1", &["start", "3", "--worktree"]).ok();
    let shown = json(&repo, "", &["issue", "show", "issue-3"]);
    assert_eq!(
        keys(&shown),
        [
            "issue",
            "title",
            "status",
            "assignee",
            "scope",
            "parent",
            "blockedBy",
            "labels",
            "branch",
            "fence",
            "body"
        ]
    );
    assert_eq!(shown, json(&repo, "", &["show", "#3"]));
    assert_eq!(shown, json(&repo, "worker-1", &["issue", "show"]));
    let list = json(&repo, "", &["issues"]);
    assert_eq!(keys(&list), ["issues"]);
    assert_eq!(list["issues"].as_array().map(Vec::len), Some(2));
    assert_eq!(list["issues"][1], shown);
    assert_eq!(json(&repo, "", &["issue", "list"]), list);
    let bare = &list["issues"][0];
    assert_eq!(
        *bare,
        json!({"issue": 1, "title": "Parent", "status": "open", "scope": [], "blockedBy": [],
                             "labels": []})
    );
}

#[test]
fn lists_are_filtered() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One", "--label", "a", "--label", "b"])
        .ok();
    repo.ghp(&[
        "issue", "new", "Two", "--label", "a", "--assign", "worker-1",
    ])
    .ok();
    repo.ghp(&["issue", "new", "Three"]).ok();
    repo.ghp(&["issue", "close", "3"]).ok();
    for (words, expected) in [
        (&[][..], "1\n2\n"),
        (&["-a"], "1\n2\n3\n"),
        (&["--state", "closed"], "3\n"),
        (&["--state", "all"], "1\n2\n3\n"),
        (&["--label", "a"], "1\n2\n"),
        (&["--label", "a", "--label", "b"], "1\n"),
        (&["--assignee", "worker-1"], "2\n"),
        (&["--assignee", "none"], "1\n"),
    ] {
        let words: Vec<&str> = ["issues", "-q"].iter().chain(words).copied().collect();
        assert_eq!(repo.ghp(&words).ok().stdout, expected, "{words:?}");
    }
    let table = repo.ghp(&["issues", "-a"]).ok().stdout;
    assert!(
        table.contains("#2") && table.contains("worker-1"),
        "{table}"
    );
    repo.ghp(&["issues", "--label", "none-such"])
        .ok()
        .prints("No such issues.");
}

#[test]
fn one_line_of_what_is_now_true_and_what_is_next() {
    let playground = Playground::new();
    let repo = playground.repo();
    let said = |words: &[&str]| repo.ghp(words).ok().stdout;
    assert_eq!(
        said(&["issue", "new", "One"]),
        "#1 One\nNext: ghp start 1 --worktree\n"
    );
    assert_eq!(
        said(&["issue", "new", "Two", "--assign", "worker-1"]),
        "#2 Two, worker-1's\nNext: ghp start 2 --worktree --for worker-1\n"
    );
    assert_eq!(said(&["issue", "new", "-q", "Three"]), "3\n");
    assert_eq!(
        said(&["issue", "edit", "1", "--title", "First"]),
        "#1 First is changed.\n"
    );
    assert_eq!(
        said(&["issue", "comment", "1", "Hm"]),
        "Your comment is in #1.\n"
    );
    assert_eq!(
        said(&["issue", "close", "1"]),
        "#1 First is closed.\nNext: ghp next\n"
    );
    assert_eq!(
        said(&["issue", "close", "1"]),
        "#1 First is closed already; nothing changed.\n"
    );
    assert_eq!(
        said(&["issue", "reopen", "1"]),
        "#1 First is open again.\nNext: ghp start 1 --worktree\n"
    );
    assert_eq!(
        said(&["issue", "reopen", "1"]),
        "#1 First is open already; nothing changed.\n"
    );
}

#[test]
fn an_unknown_issue_is_refused_with_the_nearest() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One"]).ok();
    let how = Refusal {
        exit: 2,
        code: "NOT_FOUND",
        says: "there is no issue #11",
        next: "ghp issue show 1",
    };
    for words in [
        &["issue", "show", "11"][..],
        &["issue", "edit", "11", "--title", "x"],
        &["issue", "comment", "11", "x"],
        &["issue", "close", "11"],
        &["issue", "reopen", "11"],
        &["issue", "new", "Two", "--parent", "11"],
        &["issue", "new", "Two", "--blocked-by", "11"],
        &["start", "11", "--worktree", "--for", "worker-1"],
        &["assign", "11", "worker-1"],
        &["show", "11"],
    ] {
        refused(&repo, "", words, &how);
    }
    refused(&repo, "worker-1", &["claim", "11"], &how);
    refused(&repo, "worker-1", &["release", "11"], &how);
    for word in ["0", "x", "-1", "1.5", "99999999999999999999"] {
        repo.ghp(&["issue", "show", word]).exit(2);
    }
}

#[test]
fn circles_are_refused_and_named() {
    let playground = Playground::new();
    let repo = playground.repo();
    for title in ["One", "Two", "Three"] {
        repo.ghp(&["issue", "new", title]).ok();
    }
    repo.ghp(&["issue", "edit", "1", "--blocked-by", "2"]).ok();
    repo.ghp(&["issue", "edit", "2", "--blocked-by", "3"]).ok();
    let how = |says, next| Refusal {
        exit: 2,
        code: "USAGE",
        says,
        next,
    };
    refused(
        &repo,
        "",
        &["issue", "edit", "3", "--blocked-by", "1"],
        &how("#3 → #1 → #2 → #3", "ghp issue show 2"),
    );
    refused(
        &repo,
        "",
        &["issue", "edit", "1", "--add-blocked-by", "1"],
        &how("#1 → #1", "ghp issue show 1"),
    );
    repo.ghp(&["issue", "edit", "2", "--parent", "1"]).ok();
    refused(
        &repo,
        "",
        &["issue", "edit", "1", "--parent", "2"],
        &how("#1 → #2 → #1", "ghp issue show 2"),
    );
    refused(
        &repo,
        "",
        &["issue", "edit", "3", "--parent", "3"],
        &how("#3 → #3", "ghp issue show 3"),
    );
}

#[test]
fn editing_changes_what_it_is_told_and_comments_stay() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&[
        "issue", "new", "One", "--scope", "a/**", "--label", "x", "-m", "Old text",
    ])
    .ok();
    repo.ghp(&["issue", "new", "Two"]).ok();
    repo.agent(
        "worker-1",
        &[
            "issue",
            "comment",
            "1",
            "I saw it\n## Decision\nnot a heading",
        ],
    )
    .ok();
    let edited = json(
        &repo,
        "",
        &[
            "issue",
            "edit",
            "1",
            "--add-scope",
            "b/**",
            "--remove-scope",
            "a/**",
            "--add-label",
            "y",
            "--add-blocked-by",
            "2",
            "-m",
            "New text",
        ],
    );
    assert_eq!(edited["scope"], json!(["b/**"]));
    assert_eq!(edited["labels"], json!(["x", "y"]));
    assert_eq!(edited["blockedBy"], json!([2]));
    let body = edited["body"].as_str().expect("text");
    assert!(
        body.starts_with("New text\n") && !body.contains("Old text"),
        "{body}"
    );
    assert!(
        body.contains("## Comments\n\n### worker-1, 2026-01-25T10:30:00Z\n\nI saw it\n"),
        "{body}"
    );
    assert!(body.contains("\n\\## Decision\n"), "{body}");
    let how = |says| Refusal {
        exit: 2,
        code: "USAGE",
        says,
        next: "ghp issue edit 1 --title TITLE",
    };
    refused(
        &repo,
        "",
        &["issue", "edit", "1"],
        &how("say what to change"),
    );
    repo.ghp(&["issue", "edit", "1", "--scope", "a/[b"])
        .exit(2)
        .says("--scope");
    repo.ghp(&["issue", "new", " "])
        .exit(2)
        .says("needs a title");
    repo.ghp(&["issue", "comment", "1", " "])
        .exit(2)
        .says("must not be empty");
}

#[test]
fn whoever_holds_an_issue_does_not_widen_it() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&[
        "issue", "new", "One", "--scope", "a/**", "--assign", "worker-1",
    ])
    .ok();
    let how = |says| Refusal {
        exit: 3,
        code: "NOT_AUTHORISED",
        says,
        next: "ghp escalate \"reshaping #1: may I?\" -i 1",
    };
    refused(
        &repo,
        "worker-1",
        &["issue", "edit", "1", "--add-scope", "**"],
        &how("reshaping #1 is for its epic"),
    );
    repo.agent("worker-1", &["issue", "edit", "1", "--title", "The first"])
        .ok();
    repo.agent("worker-2", &["issue", "edit", "1", "--title", "Mine"])
        .exit(3);
    repo.agent("worker-2", &["issue", "close", "1"]).exit(3);
    repo.agent("worker-2", &["issue", "new", "Two", "--assign", "worker-3"])
        .exit(3);
    repo.agent(
        "worker-2",
        &["issue", "new", "Three", "--assign", "worker-2"],
    )
    .ok();
}

#[test]
fn the_same_request_is_one_issue() {
    let playground = Playground::new();
    let repo = playground.repo();
    let new = |title: &str| repo.ghp(&["issue", "new", title, "--request-id", "r1", "-q"]);
    assert_eq!(new("One").ok().stdout, "1\n");
    assert_eq!(new("One").ok().stdout, "1\n");
    new("Two").exit(5).says("has made #1");
    assert_eq!(super::ids(&repo, "issues"), ["1"]);
}

#[test]
fn closing_refuses_uncommitted_work_and_open_parts() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Parent"]).ok();
    repo.ghp(&["issue", "new", "Part", "--parent", "1"]).ok();
    let how = Refusal {
        exit: 1,
        code: "FAILED",
        says: "#1 has open parts: #2",
        next: "ghp issue show 2",
    };
    refused(&repo, "", &["issue", "close", "1"], &how);
    let dir = repo
        .agent("worker-1", &["start", "2", "--worktree", "-q"])
        .ok()
        .stdout;
    let worktree = repo.at(dir.trim());
    for (path, text) in [("new file.txt", "new"), ("README.md", "# Changed\n")] {
        let old = std::fs::read(worktree.dir.join(path)).ok();
        std::fs::write(worktree.dir.join(path), text).expect("a file");
        let run = worktree.ghp(&["issue", "close", "2", "--json"]).exit(1);
        let error = &run.json()["error"];
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|said| said.contains(path)),
            "{run}"
        );
        assert_eq!(error["code"], "FAILED");
        assert_eq!(json(&repo, "", &["issue", "show", "2"])["status"], "open");
        match old {
            Some(old) => std::fs::write(worktree.dir.join(path), old).expect("a file"),
            None => std::fs::remove_file(worktree.dir.join(path)).expect("a file"),
        }
    }
    // The agent in its worktree need not say which.
    let closed = json(&worktree, "", &["issue", "close"]);
    assert_eq!(
        (&closed["issue"], &closed["status"]),
        (&json!(2), &json!("closed"))
    );
    assert_eq!(repo.status()["agents"]["worker-1"]["status"], "done");
    repo.ghp(&["issue", "close", "1"]).ok();
}
