//! Working Context: what an issue and its last handoff say, headings to fill, entries that are added, and what doctor
//! says where they are not filled.

use serde_json::{Value, json};

use crate::support::{Playground, Repo};

/// A repository with an issue of worker-1's, begun in its cave.
fn begun(playground: &Playground) -> Repo<'_> {
    let repo = playground.repo();
    let body = "Show the numbers.\n\n## Acceptance criteria\n\n- fast\n";
    repo.ghp(&["issue", "new", "Dashboard", "-m", body]).ok();
    repo.ghp(&["start", "1", "--worktree", "--for", "worker-1"])
        .ok();
    repo
}

fn doctor(repo: &Repo) -> Vec<Value> {
    let findings = repo.ghp(&["doctor", "--json"]).json()["findings"].clone();
    let findings = findings.as_array().expect("a list").clone();
    let of_contexts = |finding: &Value| finding["check"] == "contexts";
    findings.into_iter().filter(of_contexts).collect()
}

#[test]
fn headings_are_there_and_the_issues_words_under_them() {
    let playground = Playground::new();
    let repo = begun(&playground);
    let background = repo.read("caves/worker-1/background.md");
    assert!(
        background.starts_with(
            "# Background of #1 Dashboard\n\n- Agent: worker-1\n- Branch: worker-1/1-dashboard\n"
        ),
        "{background}"
    );
    assert!(
        background.contains("## Task Overview\n\nShow the numbers.\n\n## Key Requirements\n\n## Success Criteria\n\n- fast\n\n## Context and Constraints\n"),
        "{background}"
    );
    assert_eq!(
        repo.read("caves/worker-1/plan.md"),
        "# Plan for #1 Dashboard\n\n## Approach\n\n## Task Breakdown\n\n- [ ] \n\n## Technical Decisions\n\n## Risk Mitigation\n\n## Testing Strategy\n"
    );
    assert_eq!(doctor(&repo), [] as [Value; 0]);
    // Whoever starts there is told of it.
    repo.at("app.caves/worker-1")
        .ghp(&["prime"])
        .ok()
        .prints("Working Context: ghp session context worker-1");
}

#[test]
fn whoever_goes_on_reads_the_handoff() {
    let playground = Playground::new();
    let repo = begun(&playground);
    let cave = repo.at("app.caves/worker-1");
    cave.ghp(&[
        "handoff",
        "worker-2",
        "-m",
        "## Next steps\n\nDraw the axis.\n\n## Context\n\nThe grid is slow.\n",
    ])
    .ok();
    repo.agent("worker-2", &["accept"]).ok();
    let read = |file: &str| repo.read(&format!("caves/worker-2/{file}.md"));
    assert!(
        read("plan").contains("From worker-1's handoff ("),
        "{}",
        read("plan")
    );
    assert!(read("plan").contains("Draw the axis."));
    assert!(read("background").contains("The grid is slow."));
    let log = read("working-log");
    let (theirs, mine) = (log.find("### worker-1, "), log.find("### worker-2, "));
    assert!(theirs.is_some() && theirs < mine, "{log}");
    // What was the first one's stays its own.
    assert!(!repo.read("caves/worker-1/plan.md").contains("Draw"));
}

#[test]
fn it_is_shown_whole_or_in_part() {
    let playground = Playground::new();
    let repo = begun(&playground);
    let whole = repo
        .ghp(&["session", "context", "worker-1", "--json"])
        .ok()
        .json();
    assert_eq!(
        (&whole["agent"], &whole["appended"]),
        (&json!("worker-1"), &json!(false))
    );
    let files: Vec<&Value> = whole["documents"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| &it["file"])
        .collect();
    assert_eq!(
        files,
        [
            "background.md",
            "plan.md",
            "working-log.md",
            "results-summary.md"
        ]
    );
    assert_eq!(
        whole["documents"][1]["text"],
        repo.read("caves/worker-1/plan.md")
    );
    let one = repo
        .ghp(&["session", "context", "worker-1", "plan.md"])
        .ok();
    assert_eq!(one.stdout, repo.read("caves/worker-1/plan.md"));
    repo.ghp(&["session", "context", "worker-1"])
        .ok()
        .prints("/working-log.md\n\n  # Working log of #1 Dashboard");
    repo.ghp(&["session", "context", "worker-1", "plam"])
        .exit(2)
        .says("ghp session context worker-1 plan");
    repo.ghp(&["session", "context", "worker-2"])
        .exit(2)
        .says("there is no agent worker-2")
        .says("ghp session context worker-1");
    repo.ghp(&["session", "context", "worker-1", "../../config.json"])
        .exit(2);
    repo.ghp(&["session", "context", "../x"]).exit(2);
    // What an agent put into it drives no terminal.
    repo.write("caves/worker-1/plan.md", "\u{1b}]0;x\u{7}");
    let shown = repo.ghp(&["session", "context", "worker-1", "plan"]).ok();
    assert!(!shown.stdout.contains('\u{1b}'), "{shown}");
}

#[test]
fn entries_are_added_by_the_agent_and_by_who_leads() {
    let playground = Playground::new();
    let repo = begun(&playground);
    let add = |who: &str, words: &[&str]| {
        let words: Vec<&str> = ["session", "context", "worker-1"]
            .iter()
            .chain(words)
            .copied()
            .collect();
        if who.is_empty() {
            repo.ghp(&words)
        } else {
            repo.agent(who, &words)
        }
    };
    playground.pass(60);
    add(
        "worker-1",
        &["--append", "Read the code.\n## Progress Log\n"],
    )
    .ok()
    .prints("Added to worker-1's working-log.md.");
    let log = repo.read("caves/worker-1/working-log.md");
    assert!(
        log.ends_with("### worker-1, 2026-01-25T10:31:00Z\n\nRead the code.\n\\## Progress Log\n"),
        "{log}"
    );
    assert_eq!(repo.status()["agents"]["worker-1"]["contextSaved"], true);
    assert_eq!(
        repo.status()["agents"]["worker-1"]["timestamp"],
        "2026-01-25T10:31:00Z"
    );
    repo.ghp(&["show-agent", "worker-1", "--json"])
        .ok()
        .prints("\"contextSaved\":true");
    // A prompt makes it older than what the agent knows, and is counted.
    let prompt = json!({"session_id": "s1", "hook_event_name": "UserPromptSubmit", "prompt": "Go on", "cwd": repo.at("app.caves/worker-1").dir});
    let cave = repo.at("app.caves/worker-1");
    cave.feed(&["hook", "claude"], prompt.to_string().as_bytes())
        .ok();
    let entry = &repo.status()["agents"]["worker-1"];
    assert_eq!(
        (&entry["contextSaved"], &entry["interactions"]),
        (&json!(false), &json!(1))
    );
    add("", &["plan", "--append", "-- twice --"]).ok();
    assert!(
        repo.read("caves/worker-1/plan.md")
            .contains("### Ana, 2026-01-25T10:31:00Z\n\n-- twice --")
    );
    let feed = repo.feed(
        &["session", "context", "worker-1", "--append", "-"],
        b"From a pipe",
    );
    feed.ok();
    assert!(
        repo.read("caves/worker-1/working-log.md")
            .contains("From a pipe")
    );
    repo.ghp(&["log"])
        .ok()
        .prints("worker-1 adds to worker-1's working-log.md");
    // Nobody else, no secret, and not nothing.
    add("worker-2", &["--append", "x"]).exit(3);
    add("worker-1", &["--append", "key AKIAIOSFODNN7EXAMPLQ"]).exit(77);
    add("worker-1", &["--append", "  "]).exit(2);
    // An agent without a context gets one.
    repo.agent("worker-3", &["heartbeat"]).ok();
    repo.ghp(&["session", "context", "worker-3"])
        .exit(2)
        .says("ghp session context worker-3 --append");
    repo.agent(
        "worker-3",
        &["session", "context", "worker-3", "--append", "Alone."],
    )
    .ok();
    assert!(
        repo.read("caves/worker-3/background.md")
            .starts_with("# Background of worker-3\n")
    );
    assert!(
        repo.read("caves/worker-3/working-log.md")
            .ends_with("Alone.\n")
    );
}

#[test]
fn another_issue_is_noted_in_the_log() {
    let playground = Playground::new();
    let repo = begun(&playground);
    repo.ghp(&["issue", "new", "Second"]).ok();
    let cave = repo.at("app.caves/worker-1");
    cave.ghp(&["issue", "close", "1"]).ok();
    cave.ghp(&["start", "2"]).ok();
    cave.ghp(&["start", "2"]).ok();
    let log = repo.read("caves/worker-1/working-log.md");
    assert_eq!(log.matches("Started #2 Second. ").count(), 1, "{log}");
}

#[test]
fn doctor_says_what_is_not_filled() {
    let playground = Playground::new();
    let repo = begun(&playground);
    repo.write(
        "caves/worker-1/plan.md",
        "# Plan\n\n## Approach\n\n## Task Breakdown\n\n- [ ]\n",
    );
    let found = doctor(&repo);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (&found[0]["level"], &found[0]["what"], &found[0]["next"]),
        (
            &json!("warning"),
            &json!(
                "worker-1's plan.md has no ## Technical Decisions, ## Risk Mitigation, ## Testing Strategy"
            ),
            &json!("ghp session context worker-1 plan")
        )
    );
    playground.pass(7300);
    repo.ghp(&["doctor"])
        .exit(8)
        .prints("worker-1 has worked for 2h without a plan");
    let plan = "# Plan\n\n## Approach\n\nSlowly.\n\n## Task Breakdown\n\n## Technical Decisions\n\n## Risk Mitigation\n\n## Testing Strategy\n";
    repo.write("caves/worker-1/plan.md", plan);
    assert_eq!(doctor(&repo), [] as [Value; 0]);
    repo.at("app.caves/worker-1").ghp(&["issue", "close"]).ok();
    repo.ghp(&["doctor"])
        .ok()
        .prints("#1 is closed, and worker-1's results-summary.md says nothing of it");
    repo.agent(
        "worker-1",
        &[
            "session",
            "context",
            "worker-1",
            "results-summary",
            "--append",
            "It draws.",
        ],
    )
    .ok();
    assert_eq!(doctor(&repo), [] as [Value; 0]);
}
