//! `handoff`, `accept`: what the document says of a real branch, and what moves when.

use serde_json::json;

use super::{Refusal, json, keys, only, refused, tail};
use crate::support::{Playground, Repo};

/// worker-1 on issue 1, in its worktree, with two commits and work that no commit holds.
fn work<'p>(repo: &Repo<'p>) -> Repo<'p> {
    repo.ghp(&["issue", "new", "Dashboard command", "--scope", "src/**"])
        .ok();
    repo.ghp(&["issue", "new", "Metrics", "--assign", "worker-3"])
        .ok();
    let dir = repo
        .agent("worker-1", &["start", "1", "--worktree", "-q"])
        .ok()
        .stdout;
    let worktree = repo.at(dir.trim());
    std::fs::create_dir_all(worktree.dir.join("src")).expect("a folder");
    let write =
        |path: &str, text: &str| std::fs::write(worktree.dir.join(path), text).expect("a file");
    write("src/a.rs", "// a\n");
    worktree.git(&["add", "-A"]);
    worktree.git(&["commit", "-q", "-m", "Dashboard skeleton"]);
    write("README.md", "# Dashboard\n");
    worktree.git(&["commit", "-q", "-a", "-m", "Say so"]);
    write("src/a.rs", "// a, changed\n");
    write("src/new file.rs", "// b\n");
    worktree
}

#[test]
fn it_says_what_really_is() {
    let playground = Playground::new();
    let repo = playground.repo();
    let worktree = work(&repo);
    worktree
        .ghp(&[
            "status",
            "set",
            "blocked",
            "-m",
            "Wrote the skeleton",
            "--blocked-on",
            "2",
        ])
        .silent();
    let decided = super::ask(&worktree, "worker-1", &["Which store?", "-o", "SQLite"]);
    repo.ghp(&["answer", &decided, "1", "-m", "No server"]).ok();
    let open = super::ask(&worktree, "worker-1", &["Which colour?"]);
    let run = worktree
        .ghp(&[
            "handoff",
            "worker-2",
            "-m",
            "It needs tests.\n## Decision\nnone",
        ])
        .ok();
    let id = only(&repo, "handoffs");
    let short = tail(&id);
    assert_eq!(
        run.stdout,
        format!(
            "#1 is offered to worker-2 ({short}: 2 commits, 2 paths not committed); it stays yours until somebody accepts.\n\
             Next: ghp --agent worker-2 accept {short}\n"
        )
    );
    // An id that begins like a number (05e1…) is quoted.
    let text = repo.read(&format!("handoffs/{id}.md")).replace('"', "");
    let base = repo.git(&["rev-parse", "main"]);
    let short_id = |rev: &str| {
        worktree
            .git(&["rev-parse", "--short=7", rev])
            .trim()
            .to_owned()
    };
    let place = worktree.dir.display();
    let expected = format!(
        "---\ntitle: Dashboard command\nstatus: open\nfrom: worker-1\nto: worker-2\nissue: 1\n\
         createdAt: 2026-01-25T10:30:00Z\nbranch: worker-1/1-dashboard-command\nbase: {base}---\n\n## Progress\n\n\
         On `worker-1/1-dashboard-command`: 2 commits since it left main at {}.\n\n- {} Say so\n- {} Dashboard skeleton\n\n\
         Changed in them:\n\n- changed `README.md`\n- added `src/a.rs`\n\n",
        &base[..7],
        short_id("HEAD"),
        short_id("HEAD~1"),
    );
    assert!(
        text.starts_with(&expected),
        "{text}\ninstead of\n{expected}"
    );
    for part in [
        &format!("in {place}")[..],
        "- not staged `src/a.rs`\n- untracked `src/new file.rs`\n",
        "Last action of worker-1 (blocked): Wrote the skeleton\n",
        "\n## Blockers\n",
        "#2 Metrics (open, worker-3's)",
        &format!("Question {} is open: Which colour?", tail(&open)),
        "\n## Next steps\n\nIt needs tests.\n\\## Decision\nnone\n",
        "\n## Context\n",
        &format!("- {} Which store? → SQLite (No server)", tail(&decided)),
        "Scope: `src/**`",
    ] {
        assert!(text.contains(part), "no \"{part}\" in\n{text}");
    }
    // What the next agent relies on is in a commit at once.
    let show = format!("HEAD:handoffs/{id}.md");
    assert_eq!(
        repo.at("app/.ghp").git(&["show", &show]).replace('"', ""),
        text
    );
}

#[test]
fn a_handoff_as_programs_read_it() {
    let playground = Playground::new();
    let repo = playground.repo();
    let worktree = work(&repo);
    // Whoever has been seen is no stranger to be warned of.
    repo.agent("worker-2", &["heartbeat"]).silent();
    let report = json(
        &worktree,
        "",
        &["agent-handoff", "worker-2", "--request-id", "r1"],
    );
    assert_eq!(
        keys(&report),
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
            "options",
            "paths",
            "next",
            "branch",
            "base",
            "commits",
            "uncommitted"
        ]
    );
    assert_eq!(report["commits"], 2);
    assert_eq!(
        report["uncommitted"],
        json!(["src/a.rs", "src/new file.rs"])
    );
    let again = json(
        &worktree,
        "",
        &["handoff", "worker-2", "--request-id", "r1"],
    );
    assert_eq!(again["id"], report["id"]);
    // A newer one replaces it.
    let newer = json(&worktree, "", &["handoff"]);
    assert!(newer.get("to").is_none(), "{newer}");
    assert_eq!(
        json(&repo, "", &["handoffs"])["handoffs"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let old = report["id"].as_str().expect("an id");
    assert_eq!(
        json(&repo, "", &["handoff", "show", old])["status"],
        "withdrawn"
    );
    assert_eq!(
        json(&repo, "", &["handoff", "list"]),
        json(&repo, "", &["handoffs"])
    );
}

#[test]
fn accepting_moves_everything_at_once() {
    let playground = Playground::new();
    let repo = playground.repo();
    let worktree = work(&repo);
    worktree.ghp(&["handoff", "worker-2", "-m", "Go on"]).ok();
    let id = only(&repo, "handoffs");
    // Until then nothing has moved.
    assert_eq!(
        json(&repo, "", &["issue", "show", "1"])["assignee"],
        "worker-1"
    );
    worktree.ghp(&["heartbeat"]).silent();
    let item = json(&repo, "worker-2", &["next"])["item"].clone();
    assert_eq!(
        (&item["kind"], &item["id"]),
        (&json!("handoff"), &json!(id))
    );
    let how = Refusal {
        exit: 3,
        code: "NOT_AUTHORISED",
        says: "is for worker-2, and you are worker-3",
        next: &format!("ghp reply {} \"…\"", tail(&id)),
    };
    refused(&repo, "worker-3", &["accept", &id], &how);
    let how = Refusal {
        exit: 3,
        code: "NOT_AUTHORISED",
        says: "is for worker-2, and you are worker-1",
        next: &format!("ghp reply {} \"…\"", tail(&id)),
    };
    refused(&repo, "worker-1", &["accept", &id], &how);
    let accepted = json(&repo, "worker-2", &["accept"]);
    assert_eq!(accepted["status"], "accepted");
    assert_eq!(
        (&accepted["agent"], &accepted["fence"]),
        (&json!("worker-2"), &json!(2))
    );
    assert_eq!(accepted["worktree"], *worktree.dir.to_string_lossy());
    assert_eq!(accepted["next"], format!("ghp show {}", tail(&id)));
    assert_eq!(
        json(&repo, "", &["issue", "show", "1"])["assignee"],
        "worker-2"
    );
    assert_eq!(
        json(&worktree, "", &["whoami"])["agent"],
        "worker-2",
        "the label has moved"
    );
    assert_eq!(repo.status()["agents"]["worker-2"]["issue"], 1);
    // Once more changes nothing; anybody else is late.
    assert_eq!(json(&repo, "worker-2", &["accept", &id])["already"], true);
    repo.agent("worker-1", &["heartbeat"])
        .exit(6)
        .says("#1 is worker-2's now. You are worker-1: stop writing.");
    repo.agent("worker-1", &["release", "1"]).ok();
    repo.agent("worker-1", &["heartbeat"]).silent();
    // The giver reads that it was taken.
    assert_eq!(
        json(&repo, "worker-1", &["inbox"])["items"][0]["status"],
        "accepted"
    );
}

#[test]
fn for_anybody_the_first_wins_and_ones_own_is_none() {
    let playground = Playground::new();
    let repo = playground.repo();
    work(&repo);
    repo.agent("worker-1", &["handoff"]).ok();
    let id = only(&repo, "handoffs");
    let short = tail(&id);
    let how = |exit, code, says, next| Refusal {
        exit,
        code,
        says,
        next,
    };
    let next = format!("ghp cancel {short}");
    refused(
        &repo,
        "worker-1",
        &["accept", &id],
        &how(2, "USAGE", "is your own: take it back", &next),
    );
    let next = format!("ghp accept {short}");
    refused(
        &repo,
        "worker-2",
        &["accept"],
        &how(2, "NOT_FOUND", "no handoff waits for worker-2", &next),
    );
    repo.agent("worker-2", &["accept", short]).ok();
    let next = format!("ghp show {short}");
    refused(
        &repo,
        "worker-3",
        &["accept", short],
        &how(5, "CHANGED", "was accepted by worker-2", &next),
    );
    refused(
        &repo,
        "worker-1",
        &["cancel", short],
        &how(5, "CHANGED", "was accepted by worker-2", &next),
    );
    refused(
        &repo,
        "worker-3",
        &["accept"],
        &how(2, "NOT_FOUND", "no handoff waits for worker-3", "ghp next"),
    );
    let question = super::ask(&repo, "worker-1", &["Which?"]);
    let next = format!("ghp answer {} \"…\"", tail(&question));
    refused(
        &repo,
        "worker-2",
        &["accept", &question],
        &how(2, "USAGE", "it is answered, not accepted", &next),
    );
}

#[test]
fn only_who_holds_an_issue_gives_it_on() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One", "--assign", "worker-1"])
        .ok();
    let how = |exit, code, says, next| Refusal {
        exit,
        code,
        says,
        next,
    };
    let not_yours = how(
        3,
        "NOT_AUTHORISED",
        "#1 is worker-1's, not yours to give on",
        "ghp whoami",
    );
    refused(
        &repo,
        "worker-2",
        &["handoff", "worker-3", "-i", "1"],
        &not_yours,
    );
    let which = how(
        2,
        "USAGE",
        "which issue does worker-2 give on?",
        "ghp handoff -i N",
    );
    refused(&repo, "worker-2", &["handoff", "worker-3"], &which);
    let own = how(
        2,
        "USAGE",
        "a handoff to yourself",
        "ghp handoff WHO -m \"…\"",
    );
    refused(&repo, "worker-1", &["handoff", "worker-1"], &own);
    repo.agent("worker-1", &["handoff", "Not A Name"])
        .exit(2)
        .says("is not a name for an agent");
    repo.agent("worker-1", &["handoff", "human", "-m", "Please look"])
        .exit(2)
        .says("a person takes no issue");
}
