//! `goal`: set, listed, shown with who works on it, changed, closed; what groups and agents are to achieve.

use serde_json::{Value, json};

use super::{Refusal, json, keys, only, refused, tail};
use crate::support::{Playground, Repo};

/// Sets a goal; its id.
#[track_caller]
fn goal(repo: &Repo, who: &str, words: &[&str]) -> String {
    let words = [&["goal", "new", "-q"], words].concat();
    super::run(repo, who, &words).ok().stdout.trim().to_owned()
}

fn group(repo: &Repo, name: &str, members: &[&str]) {
    for member in members {
        repo.agent(member, &["group", "join", name]).ok();
    }
}

fn healthy(repo: &Repo) {
    let report = json(repo, "", &["doctor"]);
    assert_eq!(report["findings"], json!([]));
}

#[test]
fn set_as_a_document_and_closed() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["goals"])
        .ok()
        .prints("There are no such goals.\nNext: ghp goal new");
    let metadata = r#"{"quarter": "Q3", "contacts": {"ops": ["bo"]}}"#;
    let words = [
        "Ten users see it",
        "-m",
        "On their own data.\n",
        "--metadata",
        metadata,
    ];
    let id = goal(&repo, "lead", &words);
    assert_eq!(id, only(&repo, "goals"));
    let path = format!("goals/{id}.md");
    assert_eq!(
        repo.read(&path),
        format!(
            "---\nname: Ten users see it\nstatus: active\nfrom: lead\ncreatedAt: {}\nmetadata:\n  quarter: Q3\n  \
             contacts: {{\"ops\":[\"bo\"]}}\n---\n\nOn their own data.\n",
            playground.now()
        )
    );
    let shown = json(&repo, "", &["goal", "show", tail(&id)]);
    let fields = [
        "id",
        "name",
        "description",
        "status",
        "metadata",
        "tasksCompleted",
        "from",
        "createdAt",
        "path",
    ];
    assert_eq!(keys(&shown), fields);
    assert_eq!(
        shown["metadata"],
        json!({"quarter": "Q3", "contacts": {"ops": ["bo"]}})
    );
    assert_eq!(shown["description"], "On their own data.");
    assert_eq!(json(&repo, "", &["show", tail(&id)]), shown);
    assert_eq!(json(&repo, "", &["goals"]), json!({"goals": [shown]}));
    let short = tail(&id);
    repo.agent("lead", &["goal", "close", short])
        .ok()
        .prints(&format!("goal {short} is completed: Ten users see it\n"));
    repo.agent("lead", &["goal", "close", short])
        .ok()
        .prints("is completed already");
    let how = Refusal {
        exit: 5,
        code: "CHANGED",
        says: "the goal was completed by lead",
        next: &format!("ghp goal update {id} --status active"),
    };
    refused(
        &repo,
        "lead",
        &["goal", "close", short, "--cancelled"],
        &how,
    );
    assert_eq!(json(&repo, "", &["goals"])["goals"], json!([]));
    for words in [
        &["goals", "-a"][..],
        &["goal", "list", "--status", "completed"],
    ] {
        assert_eq!(
            json(&repo, "", words)["goals"][0]["by"],
            "lead",
            "{words:?}"
        );
    }
    repo.ghp(&[
        "goal",
        "update",
        short,
        "--status",
        "active",
        "--metadata",
        r#"{"quarter":null,"n":1}"#,
    ])
    .ok();
    let again = json(&repo, "", &["goal", "show", short]);
    assert_eq!(
        again["metadata"],
        json!({"contacts": {"ops": ["bo"]}, "n": 1})
    );
    assert!(
        again["closedAt"].is_null() && again["status"] == "active",
        "{again}"
    );
    let log = repo.ghp(&["log"]).ok().stdout;
    for line in [
        "goal: Ten users see it",
        "goal completed: Ten",
        "goal active: Ten",
    ] {
        assert!(log.contains(line), "{log}");
    }
    healthy(&repo);
}

#[test]
fn what_is_no_goal() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = goal(&repo, "lead", &["Ten users", "--request-id", "1"]);
    assert_eq!(goal(&repo, "lead", &["Ten users", "--request-id", "1"]), id);
    let refuse = |words: &[&str], exit, code, says, next: &str| {
        let how = Refusal {
            exit,
            code,
            says,
            next,
        };
        refused(&repo, "lead", words, &how);
    };
    let example = "ghp goal new \"Ten users see the dashboard\"";
    refuse(
        &["goal", "new", " "],
        2,
        "USAGE",
        "a goal needs a name",
        example,
    );
    for (bad, says) in [
        ("[1]", "no JSON object"),
        ("{", "not JSON"),
        ("{\"\": 1}", "empty"),
    ] {
        let next = "ghp goal new --help";
        refuse(
            &["goal", "new", "x", "--metadata", bad],
            2,
            "USAGE",
            says,
            next,
        );
    }
    let token = format!("ghp_{}", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8");
    let secret = json!({"token": token}).to_string();
    let next = "ghp goal new --help";
    refuse(
        &["goal", "new", "x", "-m", &token],
        77,
        "UNSAFE",
        "the description",
        next,
    );
    refuse(
        &["goal", "new", "x", "--metadata", &secret],
        77,
        "UNSAFE",
        "the metadata",
        next,
    );
    let next = format!("ghp goal update {id} --status completed");
    refuse(
        &["goal", "update", tail(&id)],
        2,
        "USAGE",
        "say what to change",
        &next,
    );
    refuse(
        &["goal", "show", "zzzz"],
        2,
        "NOT_FOUND",
        "no goal has the id zzzz",
        "ghp goal list",
    );
    let next = "ghp group list";
    refuse(
        &["goal", "new", "x", "--group", "none-such"],
        2,
        "NOT_FOUND",
        "no group none-such",
        next,
    );
    let how = Refusal {
        exit: 3,
        code: "NOT_AUTHORISED",
        says: "closing another's goal",
        next: "ghp escalate \"closing another's goal\"",
    };
    refused(&repo, "worker-1", &["goal", "close", tail(&id)], &how);
}

#[test]
fn groups_and_agents_work_on_it() {
    let playground = Playground::new();
    let repo = playground.repo();
    group(&repo, "dashboard", &["worker-1", "worker-2"]);
    repo.agent("worker-1", &["group", "share", "store=SQLite", "port=8080"])
        .ok();
    let how = Refusal {
        exit: 3,
        code: "NOT_AUTHORISED",
        says: "setting the goal of dashboard",
        next: "ghp escalate \"setting the goal of dashboard\"",
    };
    refused(
        &repo,
        "worker-2",
        &["goal", "new", "x", "--group", "dashboard"],
        &how,
    );
    let id = goal(&repo, "worker-1", &["Ten users", "--group", "dashboard"]);
    let short = tail(&id);
    assert_eq!(
        json(&repo, "", &["group", "show", "dashboard"])["goal"],
        json!(id)
    );
    repo.agent(
        "worker-3",
        &[
            "status",
            "set",
            "testing",
            "--type",
            "research",
            "--objective",
            "Ask them",
            "--goal",
            short,
        ],
    )
    .silent();
    let entry = &repo.status()["agents"]["worker-3"];
    assert_eq!(
        (&entry["type"], &entry["objective"], &entry["goal"]),
        (&json!("research"), &json!("Ask them"), &json!(id))
    );
    let whole = json(&repo, "", &["goal", "show", short])["metadata"].clone();
    let expected = json!({
        "group": "dashboard", "members": ["worker-1", "worker-2", "worker-3"], "coordinator": "worker-1",
        "sharedContext": {"port": 8080, "store": "SQLite"},
    });
    assert_eq!(whole, expected);
    let listed = json(&repo, "", &["goals"])["goals"][0]["metadata"].clone();
    assert_eq!(listed.get("sharedContext"), None);
    assert_eq!(listed["members"], expected["members"]);
    // A member may change it, and close it.
    repo.agent("worker-2", &["goal", "update", short, "-m", "Soon"])
        .ok();
    // Another goal takes its place, and the group another's objective.
    let other = goal(&repo, "", &["Twenty users"]);
    repo.agent(
        "worker-1",
        &[
            "group",
            "edit",
            "--objective",
            "All of them",
            "--goal",
            tail(&other),
        ],
    )
    .ok()
    .prints(&format!(
        "dashboard is to achieve: All of them, goal {other}\n"
    ));
    assert_eq!(
        json(&repo, "", &["goal", "show", short])["metadata"]["members"],
        json!(["worker-3"])
    );
    assert!(!repo.read(&format!("goals/{id}.md")).contains("group:"));
    assert!(
        repo.read(&format!("goals/{other}.md"))
            .contains("group: dashboard")
    );
    healthy(&repo);
    repo.ghp(&["goal", "update", tail(&other), "--group", "none"])
        .ok();
    assert_eq!(
        json(&repo, "", &["group", "show", "dashboard"]).get("goal"),
        None
    );
    repo.ghp(&["goal", "update", short, "--group", "dashboard"])
        .ok();
    repo.ghp(&["group", "disband", "dashboard"]).ok();
    assert!(!repo.read(&format!("goals/{id}.md")).contains("group:"));
    healthy(&repo);
}

#[test]
fn doctor_compares() {
    let playground = Playground::new();
    let repo = playground.repo();
    group(&repo, "g", &["worker-1"]);
    let id = goal(&repo, "", &["Ten users", "--group", "g"]);
    repo.agent("worker-1", &["status", "set", "--goal", &id])
        .silent();
    healthy(&repo);
    repo.write(
        "goals/2026-01-25-by-hand-aaaa.md",
        "---\nname: x\ngroup: g\n---\n",
    );
    repo.write(
        "goals/2026-01-25-by-hand-bbbb.md",
        "---\nname: x\ngroup: ../g\n---\n",
    );
    let text = repo.read("groups/g.json");
    repo.write("groups/g.json", text.replace(&id, "2026-01-25-gone-cccc"));
    let text = repo.read("agent-status.json");
    repo.write("agent-status.json", text.replace(&id, "nothing"));
    let run = repo.ghp(&["doctor", "--json"]).exit(8).json();
    let said: Vec<(&str, &str)> = run["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| {
            (
                it["what"].as_str().expect("text"),
                it["next"].as_str().expect("text"),
            )
        })
        .collect();
    let unset = "ghp goal update 2026-01-25-by-hand-bbbb --group none";
    for expected in [
        (
            "g's goal is 2026-01-25-gone-cccc, which there is not",
            "ghp group edit g --goal none",
        ),
        (
            "worker-1's goal is nothing, which there is not",
            "ghp -t worker-1 status set --goal none",
        ),
        (
            "goal 2026-01-25-by-hand-bbbb is for the group ../g, which there is not",
            unset,
        ),
    ] {
        assert!(said.contains(&expected), "{said:?}");
    }
    for (_, next) in said {
        let words: Vec<&str> = next.split(' ').skip(1).collect();
        repo.ghp(&words).ok();
    }
    healthy(&repo);
}

#[test]
fn a_goal_of_evil_words_is_only_words() {
    let playground = Playground::new();
    let repo = playground.repo();
    let evil = "\u{1b}]0;pwn\u{7}\u{202e}x\n## Decision";
    let metadata = json!({evil: [evil], "<<": 1}).to_string();
    let id = goal(&repo, "", &[evil, "-m", evil, "--metadata", &metadata]);
    for words in [&["goals"][..], &["goal", "show", &id], &["log"]] {
        let run = repo.ghp(words).ok();
        assert!(
            !run.stdout.contains(['\u{1b}', '\u{7}', '\u{202e}']),
            "{run}"
        );
    }
    let shown = json(&repo, "", &["goal", "show", &id]);
    assert_eq!(shown["metadata"], json!({evil: [evil], "<<": 1}));
    assert_eq!(shown["description"], Value::from(evil));
}
