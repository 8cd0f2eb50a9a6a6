//! Groups registered with an external agent-runtime over MCP: a real server on the official Python SDK, and servers that are
//! missing, silent, slow, wrong or crashing, none of which keeps anybody from joining.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::commands::json;
use crate::support::{GHP, Playground, Repo, skip};

/// Python with the official SDK, which tests/run puts there; else the skip is said.
fn python() -> Option<PathBuf> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients/python/bin/python");
    if python.is_file() {
        return Some(python);
    }
    skip(
        "groups in an external agent-runtime",
        "the MCP SDK for Python is not in target/clients (tests/run puts it there)",
    );
    None
}

/// The person's own configuration, which needs no trust.
fn choose(repo: &Repo, command: &[&str], deadline: &str) {
    let folder = repo.playground.path().join("home/.config/ghp-cli");
    std::fs::create_dir_all(&folder).expect("a folder");
    let text = json!({"coordination": {"goals": {"mcp": command, "deadline": deadline}}});
    std::fs::write(folder.join("config.json"), text.to_string()).expect("a file");
}

/// The real server with these modes; where it keeps its goals.
fn choose_real(repo: &Repo, python: &Path, modes: &[&str], deadline: &str) -> PathBuf {
    let file = repo.playground.path().join("goals.json");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fakes/goals_server.py");
    let words = [python, &script, &file].map(|path| path.display().to_string());
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .chain(modes.iter().copied())
        .collect();
    choose(repo, &words, deadline);
    file
}

fn goals(file: &Path) -> Value {
    let text = std::fs::read_to_string(file).unwrap_or_else(|_| "[]".to_owned());
    serde_json::from_str(&text).expect("JSON")
}

fn calls(file: &Path) -> Vec<String> {
    let log = std::fs::read_to_string(file.with_extension("log")).unwrap_or_default();
    log.lines().map(str::to_owned).collect()
}

fn notes(repo: &Repo) -> Value {
    let text = std::fs::read_to_string(repo.dir.join(".git/ghp/goals-server.json"));
    serde_json::from_str(&text.expect("notes")).expect("JSON")
}

/// Joins, and is told that the group stands.
#[track_caller]
fn join(repo: &Repo, agent: &str) -> String {
    let run = repo.agent(agent, &["group", "join", "team"]).ok();
    assert!(run.stdout.contains("team"), "{run}");
    run.stderr
}

#[test]
fn a_group_is_a_goal_there_and_stays_one() {
    let Some(python) = python() else { return };
    let playground = Playground::new();
    let repo = playground.repo();
    let file = choose_real(&repo, &python, &[], "2m");
    assert_eq!(join(&repo, "worker-1"), "");
    let expected = json!([{
        "id": 1, "name": "team", "description": "Coordination group team", "status": "active",
        "metadata": {"group": "team", "members": ["worker-1"], "coordinator": "worker-1", "sharedContext": {}},
    }]);
    assert_eq!(goals(&file), expected);
    assert_eq!(join(&repo, "worker-2"), "");
    repo.agent("worker-2", &["group", "share", "store=SQLite", "port=8080"])
        .ok();
    let metadata = goals(&file)[0]["metadata"].clone();
    assert_eq!(metadata["members"], json!(["worker-1", "worker-2"]));
    assert_eq!(
        metadata["sharedContext"],
        json!({"port": 8080, "store": "SQLite"})
    );
    repo.agent("worker-1", &["group", "leave"]).ok();
    let metadata = goals(&file)[0]["metadata"].clone();
    assert_eq!(metadata["coordinator"], "worker-2");
    assert_eq!(
        calls(&file),
        ["create_goal", "update_goal", "update_goal", "update_goal"]
    );
    // What it knows already it is not told again.
    assert_eq!(join(&repo, "worker-2"), "");
    assert_eq!(calls(&file).len(), 4);
    repo.agent("worker-2", &["group", "edit", "--objective", "Study it"])
        .ok();
    assert_eq!(goals(&file)[0]["description"], "Study it");
    assert_eq!(notes(&repo)["pending"], json!([]));
}

#[test]
fn another_ghp_is_an_agent_runtime() {
    let playground = Playground::new();
    let repo = playground.repo();
    let there = playground.bare_of_documents("there");
    there.ghp(&["init"]).ok();
    let folder = there.dir.display().to_string();
    choose(
        &repo,
        &[GHP, "-C", &folder, "--agent", "runtime", "mcp"],
        "2m",
    );
    for agent in ["worker-1", "worker-2"] {
        assert_eq!(join(&repo, agent), "");
    }
    repo.agent("worker-2", &["group", "share", "store=SQLite"])
        .ok();
    let goals = json(&there, "", &["goals"])["goals"].clone();
    assert_eq!(goals.as_array().map(Vec::len), Some(1), "{goals}");
    assert_eq!(
        (&goals[0]["name"], &goals[0]["from"]),
        (&json!("team"), &json!("runtime"))
    );
    let expected = json!({
        "group": "team", "members": ["worker-1", "worker-2"], "coordinator": "worker-1",
        "sharedContext": {"store": "SQLite"},
    });
    assert_eq!(goals[0]["metadata"], expected);
    assert_eq!(notes(&repo)["groups"]["team"]["id"], goals[0]["id"]);
}

#[test]
fn a_server_without_updates_is_told_once() {
    let Some(python) = python() else { return };
    let playground = Playground::new();
    let repo = playground.repo();
    let file = choose_real(&repo, &python, &["once"], "2m");
    for agent in ["worker-1", "worker-2"] {
        assert_eq!(join(&repo, agent), "");
    }
    assert_eq!(calls(&file), ["create_goal"]);
    assert_eq!(notes(&repo)["groups"]["team"]["follows"], false);
}

#[test]
fn a_repositorys_server_is_not_started_before_it_is_trusted() {
    let Some(python) = python() else { return };
    let playground = Playground::new();
    let repo = playground.repo();
    let file = choose_real(&repo, &python, &[], "2m");
    let own = playground.path().join("home/.config/ghp-cli/config.json");
    let text = std::fs::read_to_string(&own).expect("a file");
    std::fs::remove_file(&own).expect("it was there");
    repo.write("config.json", &text);
    let said = join(&repo, "worker-1");
    assert!(
        said.contains("team stands, and is not registered yet")
            && said.contains("coordination.goals = {")
            && said.trim_end().ends_with("ghp trust"),
        "{said}"
    );
    assert!(!file.exists(), "it was started");
    assert_eq!(notes(&repo)["pending"], json!(["team"]));
    repo.ghp(&["trust", "--yes"]).ok();
    // The next change tells what was waiting.
    repo.agent("worker-2", &["group", "join", "other"]).ok();
    let names: Vec<Value> = goals(&file)
        .as_array()
        .expect("a list")
        .iter()
        .map(|goal| goal["name"].clone())
        .collect();
    assert_eq!(names, ["other", "team"]);
    // Another command is another matter.
    repo.write("config.json", text.replace("2m", "1m"));
    assert!(join(&repo, "worker-3").contains("ghp trust"));
}

#[test]
fn whatever_the_server_does_everybody_joins() {
    let playground = Playground::new();
    let repo = playground.repo();
    let started = Instant::now();
    for (agent, command, says) in [
        (
            "worker-1",
            &["no-such-program-here"][..],
            "cannot be started",
        ),
        ("worker-2", &["false"], "does not speak MCP"),
        (
            "worker-3",
            &["sleep", "3600"],
            "has not answered within 2 s",
        ),
        ("worker-4", &["echo", "hello"], "goals server"),
        ("worker-5", &["yes"], "goals server"),
    ] {
        choose(&repo, command, "2s");
        let said = join(&repo, agent);
        assert!(
            said.contains("team stands") && said.contains(says),
            "{command:?}: {said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
        assert_eq!(notes(&repo)["pending"], json!(["team"]), "{command:?}");
    }
    // None of them was waited for; a generous ceiling, for a busy machine.
    assert!(started.elapsed() < Duration::from_mins(1));
    let group = json(&repo, "", &["group", "show", "team"]);
    assert_eq!(group["counts"]["members"], 5);
}

#[test]
fn a_real_server_that_fails_is_told_again_by_the_next_command() {
    let Some(python) = python() else { return };
    let playground = Playground::new();
    let repo = playground.repo();
    for (agent, mode, deadline, says) in [
        ("worker-1", "crash", "2m", "does not speak MCP"),
        ("worker-2", "refuse", "2m", "refused"),
        ("worker-3", "hang", "8s", "has not answered within 8 s"),
    ] {
        let file = choose_real(&repo, &python, &[mode], deadline);
        let said = join(&repo, agent);
        assert!(
            said.contains(says) && !said.contains('\u{1b}'),
            "{mode}: {said}"
        );
        assert_eq!(goals(&file), json!([]), "{mode}");
    }
    let file = choose_real(&repo, &python, &["stay"], "2m");
    repo.agent("worker-3", &["group", "share", "a=1"]).ok();
    let told = goals(&file);
    assert_eq!(
        told[0]["metadata"]["members"],
        json!(["worker-1", "worker-2", "worker-3"])
    );
    assert_eq!(calls(&file), ["create_goal"]);
    // Nothing of any of them is left.
    let mark = file.display().to_string();
    for process in std::fs::read_dir("/proc").expect("processes").flatten() {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        assert!(!line.contains(&mark), "left: {line}");
    }
}

#[test]
fn many_at_once_make_one_goal() {
    let Some(python) = python() else { return };
    let playground = Playground::new();
    let repo = playground.repo();
    let file = choose_real(&repo, &python, &[], "2m");
    std::thread::scope(|scope| {
        for number in 0..6 {
            let repo = &repo;
            scope.spawn(move || join(repo, &format!("worker-{number}")));
        }
    });
    repo.agent("worker-0", &["group", "share", "a=1"]).ok();
    let told = goals(&file);
    assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(
        told[0]["metadata"]["members"].as_array().map(Vec::len),
        Some(6)
    );
}
