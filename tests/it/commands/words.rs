//! What is so for every command: where global options stand, unknown words, other names, JSON and silence.

use serde_json::Value;

use super::{Refusal, refused};
use crate::support::{GHP, Playground};

#[test]
fn global_options_stand_before_and_after_the_verb() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["heartbeat"]).silent();
    let dir = repo.dir.to_string_lossy().into_owned();
    let elsewhere = repo.at("home");
    let expected = repo.ghp(&["--json", "status"]).ok().stdout;
    for words in [
        &["status", "--json"][..],
        &["-C", &dir, "--json", "status"],
        &["--directory", &dir, "status", "--json"],
        &["status", "-C", &dir, "--json"],
        &["--json", "--color", "never", "status", "-C", &dir],
        &["agent-status", "--json", "-C", &dir, "-v"],
        &["-C", &dir, "--json"],
    ] {
        assert_eq!(
            elsewhere_or(&repo, &elsewhere, words),
            expected,
            "{words:?}"
        );
    }
    for words in [
        &["-t", "worker-2", "whoami", "-q"][..],
        &["--agent", "worker-2", "whoami", "-q"],
        &["whoami", "-t", "worker-2", "-q"],
        &["whoami", "-q", "--agent", "worker-2"],
        &["-q", "whoami", "--agent=worker-2"],
    ] {
        assert_eq!(repo.ghp(words).ok().stdout, "worker-2\n", "{words:?}");
    }
    repo.ghp(&["-C", "missing", "status"])
        .exit(2)
        .says("cannot go to missing");
}

fn elsewhere_or(
    repo: &crate::support::Repo,
    elsewhere: &crate::support::Repo,
    words: &[&str],
) -> String {
    let names_a_folder = words
        .iter()
        .any(|word| matches!(*word, "-C" | "--directory"));
    let repo = if names_a_folder { elsewhere } else { repo };
    repo.ghp(words).ok().stdout
}

#[test]
fn the_seeds_names_do_the_same() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One", "--assign", "worker-1"])
        .ok();
    repo.ghp(&["agent-heartbeat", "-t", "worker-1", "-m", "Here"])
        .silent();
    repo.ghp(&["agent-status", "-t", "worker-1", "set", "testing"])
        .silent();
    repo.ghp(&["agent-status", "set", "-t", "worker-1", "testing"])
        .silent();
    repo.ghp(&["agent-status"]).ok().prints("testing");
    repo.ghp(&["agent-escalate", "-t", "worker-1", "Which?"])
        .ok()
        .prints("is asked: Which?");
    repo.ghp(&["agent-handoff", "-t", "worker-1", "worker-2"])
        .ok()
        .prints("#1 is offered to worker-2");
    let all = repo.ghp(&["help", "all"]).ok().stdout;
    for name in [
        "agent-status",
        "agent-heartbeat",
        "agent-escalate",
        "agent-handoff",
    ] {
        assert!(all.contains(name), "{name} is hidden");
    }
}

#[test]
fn unknown_words_are_refused_with_the_nearest() {
    let playground = Playground::new();
    let repo = playground.repo();
    let how = |code, says, next| Refusal {
        exit: 2,
        code,
        says,
        next,
    };
    for (words, how) in [
        (
            &["statu"][..],
            how("NOT_FOUND", "there is no command \"statu\"", "ghp status"),
        ),
        (
            &["hartbeat"],
            how(
                "NOT_FOUND",
                "there is no command \"hartbeat\"",
                "ghp heartbeat",
            ),
        ),
        (
            &["close", "1"],
            how(
                "NOT_FOUND",
                "there is no command \"close\"",
                "ghp issue close",
            ),
        ),
        (
            &["xyzzy"],
            how("NOT_FOUND", "there is no command \"xyzzy\"", "ghp help"),
        ),
        (
            &["issue", "lits"],
            how(
                "NOT_FOUND",
                "there is no command \"lits\"",
                "ghp issue list",
            ),
        ),
        (
            &["status", "--stael"],
            how("USAGE", "--stael", "ghp status --help"),
        ),
        (
            &["answer", "a", "b", "c"],
            how("USAGE", "'c'", "ghp answer --help"),
        ),
        (
            &["log", "-n", "many"],
            how("USAGE", "many", "ghp log --help"),
        ),
    ] {
        refused(&repo, "", words, &how);
    }
    for (noun, next) in [
        ("issue", "ghp issue --help"),
        ("config", "ghp config --help"),
        ("escalation", "ghp escalation --help"),
    ] {
        refused(&repo, "", &[noun], &how("USAGE", "needs a verb: ", next));
    }
    repo.ghp(&["-C"]).exit(2);
    repo.ghp(&["\u{1b}[31m"]).exit(2);
}

#[test]
fn one_document_on_stdout_whatever_happens() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write("config.json", r#"{"coordination": {"unknown": 1}}"#);
    for words in [
        &["status"][..],
        &["inbox"],
        &["next"],
        &["issues"],
        &["escalations"],
        &["handoffs"],
        &["log"],
        &["stale"],
        &["whoami"],
        &["config", "list"],
        &["doctor"],
        &["init"],
        &["issue", "new", "One"],
        &["issue", "show", "7"],
        &["issue"],
        &["help"],
        &["help", "agents"],
        &["status", "--help"],
        &["completions", "bash"],
        &["man"],
        &["nonsense"],
        &["answer"],
        &["heartbeat"],
        &["status", "--nonsense"],
    ] {
        let words: Vec<&str> = words.iter().chain(&["--json"]).copied().collect();
        let run = repo.ghp(&words);
        assert_eq!(run.stdout.lines().count(), 1, "{run}");
        let document = run.json();
        let failed = document.get("error").is_some();
        assert_eq!(failed, !matches!(run.code, Some(0 | 8)), "{run}");
        if failed {
            assert!(
                run.stderr.lines().all(|line| line.starts_with("warning: ")),
                "{run}"
            );
        }
        // A value of the configuration may be null; what a report says of itself never is.
        assert!(
            words.contains(&"config") || !run.stdout.contains("null"),
            "absent means absent: {run}"
        );
    }
}

#[test]
fn quiet_prints_only_the_value_a_script_wants() {
    let playground = Playground::new();
    let repo = playground.repo();
    let said = |words: &[&str]| repo.ghp(words).ok().stdout;
    assert_eq!(said(&["issue", "new", "-q", "One"]), "1\n");
    assert_eq!(said(&["-q", "issues"]), "1\n");
    assert_eq!(said(&["claim", "1", "-t", "worker-1", "-q"]), "1\n");
    assert_eq!(said(&["config", "get", "mainBranch", "-q"]), "main\n");
    assert_eq!(said(&["config", "set", "mainBranch", "main", "-q"]), "");
    assert_eq!(said(&["whoami", "-q"]), "human\n");
    let id = said(&["escalate", "-q", "Which?", "-t", "worker-1"]);
    assert_eq!(said(&["inbox", "-q"]), id);
    assert_eq!(said(&["escalations", "-q"]), id);
    assert_eq!(said(&["handoffs", "-q"]), "");
    assert_eq!(said(&["status", "-q"]), "worker-1\n");
    assert_eq!(said(&["stale", "-q"]), "");
    assert_eq!(said(&["answer", "-q", id.trim(), "This"]), id);
    assert_eq!(said(&["wait", "-q", id.trim()]), "This\n");
    assert_eq!(
        said(&[
            "cancel",
            "-q",
            said(&["escalate", "-q", "Who?", "-t", "worker-1"]).trim()
        ])
        .len(),
        id.len() - 2
    );
    assert_eq!(said(&["release", "1", "-t", "worker-1", "-q"]), "1\n");
    assert_eq!(
        said(&["init", "-q"]).trim(),
        repo.documents()
            .canonicalize()
            .expect("a folder")
            .to_string_lossy()
    );
}

#[test]
fn colour_only_when_wanted() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["heartbeat"]).silent();
    playground.pass(3600);
    assert!(!repo.ghp(&["status"]).ok().stdout.contains('\u{1b}'));
    assert!(
        repo.ghp(&["status", "--color", "always"])
            .ok()
            .stdout
            .contains("\u{1b}[")
    );
    assert!(
        !repo
            .ghp(&["status", "--color=never"])
            .ok()
            .stdout
            .contains('\u{1b}')
    );
    repo.ghp(&["status", "--color", "pink"]).exit(2);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let playground = Playground::new();
    let repo = playground.repo();
    for number in 0..40 {
        repo.ghp(&["issue", "new", &format!("Issue {number}")]).ok();
    }
    let script = format!("{GHP} issues | head -n 1; echo ${{PIPESTATUS[0]}}");
    let out = playground
        .command("bash", &repo.dir)
        .args(["-c", &script])
        .output()
        .expect("bash");
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(text.ends_with("\n0\n") && out.stderr.is_empty(), "{out:?}");
    let full = format!("{GHP} status > /dev/full");
    let out = playground
        .command("bash", &repo.dir)
        .args(["-c", &full])
        .output()
        .expect("bash");
    assert_eq!(out.status.code(), Some(1), "{out:?}");
    assert!(
        String::from_utf8_lossy(&out.stderr).contains("cannot write the answer"),
        "{out:?}"
    );
}

#[test]
fn every_next_names_a_command_that_there_is() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "One"]).ok();
    super::ask(&repo, "worker-1", &["Which?"]);
    let mut seen = 0;
    for words in [
        &["inbox"][..],
        &["next"],
        &["issue", "show", "9"],
        &["nonsense"],
        &["claim", "1"],
        &["heartbeat"],
        &["config", "get", "nonsense"],
        &["show", "nonsense"],
        &["restore", "x", "--rev", "y"],
        &["log", "--since", "x"],
    ] {
        let words: Vec<&str> = words.iter().chain(&["--json"]).copied().collect();
        let report = repo.ghp(&words).json();
        for next in nexts(&report) {
            let mut words = next.split_whitespace();
            assert_eq!(words.next(), Some("ghp"), "{next}");
            let verb = words.find(|word| !word.starts_with('-') && *word != "worker-1");
            if let Some(verb) = verb.filter(|verb| *verb != "…" && *verb != "help") {
                repo.ghp(&["help", verb]).ok();
            }
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen}");
}

fn nexts(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| match value {
                Value::String(text) if key == "next" => vec![text.clone()],
                other => nexts(other),
            })
            .collect(),
        Value::Array(list) => list.iter().flat_map(nexts).collect(),
        _ => Vec::new(),
    }
}
