//! `filter`, `merge-driver`, `diff-driver`: what git starts for agent-status.json.

use crate::support::Playground;

#[test]
fn a_heartbeat_makes_no_noise_in_git() {
    let playground = Playground::new();
    let repo = playground.repo();
    let documents = repo.at("app/.ghp");
    repo.agent("worker-1", &["status", "set", "testing"])
        .silent();
    repo.ghp(&["log"]).ok();
    playground.pass(60);
    repo.agent("worker-1", &["heartbeat"]).silent();
    assert_eq!(documents.git(&["status", "--porcelain"]), "");
    assert_eq!(documents.git(&["diff"]), "");
    repo.agent("worker-1", &["heartbeat", "-m", "Ran them"])
        .silent();
    let diff = documents.git(&["diff"]);
    // A reader's table, not JSON.
    assert!(
        diff.contains("+worker-1") && diff.contains("Ran them") && !diff.contains("\"lastAction\""),
        "{diff}"
    );
}

#[test]
fn what_is_no_status_passes_through() {
    let playground = Playground::new();
    let repo = playground.repo();
    for input in [&b"no JSON\r\n"[..], b"{", b"\xff\xfe\x00", b"[]\n"] {
        let run = repo.feed(&["filter", "clean"], input).ok();
        assert_eq!(run.stdout, String::from_utf8_lossy(input));
    }
    repo.ghp(&["filter", "smudge"]).exit(2);
    let file = repo.dir.join("broken.json");
    std::fs::write(&file, "{ \"agents\": 3 }\n").expect("a file");
    assert_eq!(
        repo.ghp(&["diff-driver", "broken.json"]).ok().stdout,
        "{ \"agents\": 3 }\n"
    );
    let _ = repo
        .ghp(&["diff-driver", "missing.json"])
        .code
        .filter(|code| *code != 0)
        .expect("a refusal");
}

#[test]
fn two_branches_merge_by_agent() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["status", "set", "working"])
        .silent();
    repo.ghp(&["log"]).ok();
    let other = repo.at("other");
    repo.git(&["clone", "-q", ".", "../other"]);
    other.ghp(&["init"]).ok();
    let elsewhere = repo.at("other/.ghp");
    other
        .agent("worker-2", &["status", "set", "testing", "-m", "Elsewhere"])
        .silent();
    repo.agent("worker-1", &["status", "set", "reviewing"])
        .silent();
    other.ghp(&["log"]).ok();
    repo.ghp(&["log"]).ok();
    elsewhere.git(&["pull", "-q", "--no-rebase", "--no-edit", "origin", "ghp"]);
    let agents = crate::support::status_of(&other.read("agent-status.json"))["agents"].clone();
    assert_eq!(agents["worker-1"]["status"], "reviewing");
    assert_eq!(agents["worker-2"]["lastAction"], "Elsewhere");
}

#[test]
fn git_merges_a_goal_by_key() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = repo
        .ghp(&["goal", "new", "-q", "Ten users", "-m", "On their own data."])
        .ok()
        .stdout;
    let id = id.trim();
    repo.ghp(&["log"]).ok();
    repo.git(&["clone", "-q", ".", "../other"]);
    let other = repo.at("other");
    other.ghp(&["init"]).ok();
    let elsewhere = repo.at("other/.ghp");
    other.ghp(&["goal", "close", id]).ok();
    other
        .ghp(&["goal", "update", id, "--metadata", "{\"b\":2}"])
        .ok();
    // The neighbouring lines, which git alone could not merge.
    repo.ghp(&[
        "goal",
        "update",
        id,
        "--name",
        "Twenty users",
        "--metadata",
        "{\"a\":1}",
    ])
    .ok();
    other.ghp(&["log"]).ok();
    repo.ghp(&["log"]).ok();
    elsewhere.git(&["pull", "-q", "--no-rebase", "--no-edit", "origin", "ghp"]);
    let goal = other.ghp(&["goal", "show", id, "--json"]).ok().json();
    assert_eq!(
        (&goal["name"], &goal["status"]),
        (&"Twenty users".into(), &"completed".into())
    );
    assert_eq!(goal["metadata"], serde_json::json!({"a": 1, "b": 2}));
}

#[test]
fn what_cannot_be_merged_by_meaning_keeps_both_sides() {
    let playground = Playground::new();
    let repo = playground.repo();
    for (name, text) in [("base", "{}\n"), ("ours", "{\n"), ("theirs", "[]\n")] {
        std::fs::write(repo.dir.join(name), text).expect("a file");
    }
    let run = repo
        .ghp(&[
            "merge-driver",
            "base",
            "ours",
            "theirs",
            "agent-status.json",
        ])
        .exit(1);
    assert!(
        run.stderr
            .contains("git add it: git diff -- agent-status.json"),
        "{run}"
    );
    let text = std::fs::read_to_string(repo.dir.join("ours")).expect("a file");
    assert_eq!(text, "<<<<<<< ours\n{\n=======\n[]\n>>>>>>> theirs\n");
}

#[test]
fn git_merges_a_task_by_its_stage() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = repo
        .agent("lead", &["delegate", "worker-1", "Plan it", "-q"])
        .ok()
        .stdout;
    let id = id.trim();
    repo.agent("worker-1", &["task", "take", id]).ok();
    repo.ghp(&["log"]).ok();
    let documents = repo.at("app/.ghp");
    let path = format!("tasks/{id}.md");
    let text = repo.read(&path);
    let commit = |text: &str, what: &str| {
        repo.write(&path, text);
        documents.git(&["commit", "-q", "-am", what]);
    };
    // Elsewhere it was taken back; here it was answered and talked about.
    documents.git(&["switch", "-q", "-c", "elsewhere"]);
    commit(
        &text.replace(
            "status: working",
            "status: cancelled\ndecidedAt: 2026-01-25T10:40:00Z\nby: lead",
        ),
        "taken back",
    );
    documents.git(&["switch", "-q", "ghp"]);
    repo.agent("lead", &["reply", id, "Which page?"]).ok();
    repo.agent("worker-1", &["done", id, "-m", "The plan"]).ok();
    repo.ghp(&["log"]).ok();
    documents.git(&["merge", "-q", "--no-edit", "elsewhere"]);
    let task = repo.ghp(&["task", "show", id, "--json"]).ok().json();
    assert_eq!(
        (&task["status"], &task["text"]),
        (&"done".into(), &"The plan".into())
    );
    assert!(repo.read(&path).contains("Which page?"));
    repo.ghp(&["doctor"]).ok();
    // A prompt that both changed is a person's to settle: marked, and named.
    documents.git(&["branch", "-f", "elsewhere"]);
    documents.git(&["switch", "-q", "elsewhere"]);
    let text = repo.read(&path);
    commit(&text.replace("\nPlan it\n", "\nPlan it well\n"), "well");
    documents.git(&["switch", "-q", "ghp"]);
    commit(&text.replace("\nPlan it\n", "\nPlan it fast\n"), "fast");
    documents
        .try_git(&["merge", "-q", "--no-edit", "elsewhere"])
        .exit(1);
    assert!(repo.read(&path).contains("<<<<<<< "));
    repo.ghp(&["doctor"]).exit(8).prints(&path);
    repo.write(&path, &text);
    documents.git(&["commit", "-q", "-am", "settled"]);
    repo.ghp(&["doctor"]).ok();
}

#[test]
fn init_again_brings_what_an_older_ghp_did_not_know() {
    let playground = Playground::new();
    let repo = playground.repo();
    let whole = repo.read(".gitattributes");
    let old = "* -text\nagent-status.json filter=ghp diff=ghp merge=ghp\n*.png binary\ngroups/*.json merge=ghp";
    repo.write(".gitattributes", old);
    repo.ghp(&["doctor"]).exit(8).prints("ghp init");
    repo.ghp(&["init"]).ok();
    let now = repo.read(".gitattributes");
    assert!(now.starts_with(old), "{now}");
    assert!(
        whole
            .lines()
            .all(|line| now.lines().any(|there| there == line)),
        "{now}"
    );
    repo.ghp(&["doctor"]).ok();
    repo.ghp(&["init"]).ok();
    assert_eq!(repo.read(".gitattributes"), now);
}
