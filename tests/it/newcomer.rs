//! Where somebody who used the program for the first time was led astray.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Playground, Repo};

/// A repository in which worker-1 has started #1 in a worktree of its own, which is returned, too.
fn begun(playground: &Playground) -> (Repo<'_>, Repo<'_>) {
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard", "--scope", "src/a/**"])
        .ok();
    let at = started(&repo, "1", "worker-1");
    let cave = repo.at(at);
    (repo, cave)
}

fn started(repo: &Repo<'_>, issue: &str, agent: &str) -> PathBuf {
    let run = repo.ghp(&["-q", "start", issue, "--worktree", "--for", agent]);
    PathBuf::from(run.ok().stdout.trim())
}

fn next(repo: &Repo<'_>, agent: &str) -> Value {
    repo.agent(agent, &["next", "--json"]).ok().json()["item"].clone()
}

fn asked(repo: &Repo<'_>, title: &str) -> String {
    let words = ["-q", "escalate", title, "-o", "SQLite", "-o", "Files"];
    repo.agent("worker-1", &words).ok().stdout.trim().to_owned()
}

#[test]
fn next_tells_a_decision_once() {
    let playground = Playground::new();
    let (repo, cave) = begun(&playground);
    for hears in ["wait", "show", "inbox"] {
        playground.pass(60);
        let id = asked(&cave, &format!("Which, before {hears}?"));
        playground.pass(60);
        repo.ghp(&["answer", &id, "1"]).ok();
        let told = next(&cave, "worker-1");
        assert_eq!(
            (&told["id"], &told["status"]),
            (&id.into(), &"resolved".into())
        );
        playground.pass(60);
        // Neither a person nor another agent hears it for worker-1.
        let short = told["id"].as_str().expect("an id").to_owned();
        repo.ghp(&["show", &short]).ok();
        repo.agent("worker-2", &["show", &short]).ok();
        assert_eq!(next(&cave, "worker-1")["id"], told["id"]);
        let words = match hears {
            "inbox" => vec!["inbox"],
            verb => vec![verb, &short],
        };
        cave.agent("worker-1", &words).ok();
        assert_eq!(next(&cave, "worker-1")["kind"], "issue", "after {hears}");
        cave.agent("worker-1", &["inbox"]).ok().prints(hears);
    }
    assert!(repo.status()["agents"]["worker-2"].is_null());
    // What a keyed question already got is heard as well; a bare question hears nothing.
    playground.pass(60);
    let keyed = ["escalate", "Which port?", "--key", "port"];
    cave.agent("worker-1", &keyed).ok();
    playground.pass(60);
    repo.ghp(&["answer", &next_open(&repo), "8080"]).ok();
    playground.pass(60);
    asked(&cave, "Something else?");
    assert_eq!(next(&cave, "worker-1")["status"], "resolved");
    cave.agent("worker-1", &[&keyed[..], &["--wait"]].concat())
        .ok()
        .prints("8080");
    assert_eq!(next(&cave, "worker-1")["kind"], "issue");
}

fn next_open(repo: &Repo<'_>) -> String {
    let items = repo.ghp(&["inbox", "--json"]).ok().json();
    items["items"][0]["id"].as_str().expect("an id").to_owned()
}

#[test]
fn whoever_accepted_is_led_to_the_worktree() {
    let playground = Playground::new();
    let (repo, cave) = begun(&playground);
    repo.ghp(&["issue", "new", "Metrics", "--scope", "src/b/**"])
        .ok();
    let own = repo.at(started(&repo, "2", "worker-2"));
    cave.agent("worker-1", &["handoff", "worker-2", "-m", "Go on"])
        .ok();
    own.agent("worker-2", &["accept"]).ok();
    playground.pass(60);
    own.agent("worker-2", &["heartbeat"]).ok();
    let there = format!("cd {}", cave.dir.display());
    assert_eq!(next(&own, "worker-2")["next"], there);
    let primed = own.agent("worker-2", &["prime"]).ok().prints(&there);
    assert!(!primed.stdout.contains("Ask first"), "{primed}");
    assert_eq!(next(&cave, "worker-2")["next"], "ghp issue show 1");
    let primed = cave.agent("worker-2", &["prime"]).ok();
    assert!(!primed.stdout.contains("cd /"), "{primed}");
    let started_again = own
        .agent("worker-2", &["start", "1", "--worktree", "--json"])
        .ok()
        .json();
    assert_eq!(started_again["next"], there);
    assert_eq!(started_again["created"], false);
    // Its first worktree has become another's: worker-1 gets one beside it.
    cave.agent("worker-1", &["release", "1"]).ok();
    repo.ghp(&["issue", "new", "Third"]).ok();
    let again = started(&repo, "3", "worker-1");
    assert!(again.ends_with("worker-1-2"), "{}", again.display());
}

#[test]
fn an_agent_has_one_worktree() {
    let playground = Playground::new();
    let (repo, cave) = begun(&playground);
    let said = cave.dir.display().to_string();
    repo.ghp(&["whoami", "--set", "worker-1"])
        .exit(4)
        .says(&said);
    cave.ghp(&["whoami", "--set", "worker-1"]).ok();
    let unnamed = |repo: &Repo<'_>, words: &[&str]| {
        repo.command(words)
            .env("CLAUDECODE", "1")
            .output()
            .expect("runs")
            .status
            .code()
    };
    assert_eq!(unnamed(&cave, &["whoami", "--set", "worker-2"]), Some(4));
    assert_eq!(unnamed(&repo, &["whoami", "--set", "worker-1"]), Some(4));
    std::fs::remove_dir_all(&cave.dir).expect("removed");
    assert_eq!(unnamed(&repo, &["whoami", "--set", "worker-1"]), Some(0));
}

#[test]
fn a_dirty_worktree_is_not_offered_again() {
    let playground = Playground::new();
    let (repo, cave) = begun(&playground);
    repo.ghp(&["issue", "new", "Second"]).ok();
    std::fs::write(cave.dir.join("README.md"), "changed\n").expect("a file");
    let status = format!("git -C {} status", cave.dir.display());
    repo.ghp(&["start", "2", "--worktree", "--for", "worker-1"])
        .exit(1)
        .says(&status);
    cave.agent("worker-1", &["start", "2"])
        .exit(1)
        .says(&status);
    std::fs::write(repo.dir.join("README.md"), "changed\n").expect("a file");
    repo.ghp(&["start", "2", "--for", "worker-3"])
        .exit(1)
        .says("ghp start 2 --worktree --for worker-3");
}

#[test]
fn a_worktree_whose_folder_was_deleted_is_made_again() {
    let playground = Playground::new();
    let (repo, cave) = begun(&playground);
    std::fs::remove_dir_all(&cave.dir).expect("removed");
    assert_eq!(started(&repo, "1", "worker-1"), cave.dir);
    assert!(cave.dir.join("README.md").exists());
    std::fs::remove_dir_all(&cave.dir).expect("removed");
    repo.ghp(&["start", "1", "--for", "worker-1"]).ok();
    assert_eq!(
        repo.git(&["branch", "--show-current"]).trim(),
        "worker-1/1-dashboard"
    );
    repo.ghp(&["doctor"]).ok();
}

#[test]
fn what_matches_nothing_says_so() {
    let playground = Playground::new();
    let (repo, _) = begun(&playground);
    for (words, said) in [
        (&["status", "-i", "77"][..], "No agent works on #77.\n"),
        (&["status", "--stale"], "Nobody is silent.\n"),
        (&["log", "--by", "ghost"], "Nothing matches.\n"),
    ] {
        assert_eq!(repo.ghp(words).ok().stdout, said);
    }
    repo.ghp(&["log", "-n", "0"]).exit(2).says("ghp log --help");
}

#[test]
fn an_answer_without_its_question_is_ambiguous() {
    let playground = Playground::new();
    let (repo, cave) = begun(&playground);
    let first = asked(&cave, "Which store?");
    repo.ghp(&["answer", "--help"]).ok().prints("ghp answer 1");
    playground.pass(1);
    asked(&cave, "Which shop?");
    let run = repo
        .ghp(&["answer", "1"])
        .exit(2)
        .says("the id was left out, and 2 questions are open")
        .says("Which store?")
        .says("Which shop?");
    assert!(
        run.stderr
            .contains(&format!("ghp answer {} 1", &first[first.len() - 4..]))
    );
    let told = repo.ghp(&["--json", "answer", "1"]).exit(2).json();
    assert_eq!(told["error"]["code"], "AMBIGUOUS");
}

#[test]
fn hints_name_the_verb_that_was_meant() {
    let playground = Playground::new();
    let (repo, cave) = begun(&playground);
    for (words, said) in [
        (&["issue", "new"][..], "hint: ghp issue new --help"),
        (&["config", "get", "--nope"], "ghp config get --help"),
        (&["status", "set", "--nope"], "ghp status set --help"),
        (&["claim", "9"], "hint: ghp issue list"),
        (
            &["escalate", "Q", "-F", "/nope"],
            "hint: ghp escalate --help",
        ),
        (
            &["issue", "edit", "1", "-F", "/nope"],
            "hint: ghp issue edit --help",
        ),
        (&["handoff", "-F", "/nope"], "hint: ghp handoff --help"),
    ] {
        cave.agent("worker-1", words).exit(2).says(said);
    }
    let short = repo.ghp(&["issue", "new", "-h"]).ok();
    assert!(!short.stdout.contains("--color"), "{short}");
    repo.ghp(&["issue", "new", "--help"]).ok().prints("--color");
}

#[test]
fn a_decision_typed_under_another_heading_counts_from_when_it_was_seen() {
    let playground = Playground::new();
    let (repo, cave) = begun(&playground);
    let id = asked(&cave, "Which store?");
    let path = format!("escalations/{id}.md");
    playground.pass(600);
    let text = repo.read(&path).replace("## Decision", "# decision ");
    repo.write(&path, text + "\n2\n");
    cave.agent("worker-1", &["wait", &id]).ok().prints("Files");
    assert!(
        repo.read(&path)
            .contains(&format!("decidedAt: {}", playground.now()))
    );
}

#[test]
fn programs_are_told_what_is_next() {
    let playground = Playground::new();
    let outside = playground.path().join("home");
    assert_eq!(playground.ghp(&outside, &["prime"]).ok().stdout, "");
    assert_eq!(
        playground.ghp(&outside, &["prime", "--json"]).ok().stdout,
        "{}\n"
    );
    let repo = playground.repo();
    let next = |words: &[&str]| repo.ghp(words).ok().json()["next"].clone();
    assert_eq!(
        next(&["--json", "issue", "new", "One"]),
        "ghp start 1 --worktree"
    );
    let told = repo
        .ghp(&["--json", "start", "1", "--worktree", "--for", "worker-1"])
        .ok()
        .json();
    let there = told["worktree"].as_str().expect("a worktree");
    assert_eq!(told["next"], format!("cd {there}"));
    assert_eq!(next(&["--json", "issue", "close", "1"]), "ghp next");
    assert_eq!(next(&["--json", "issue", "show", "1"]), Value::Null);
}

#[test]
fn a_name_nobody_has_heard_of_is_taken_with_a_warning() {
    let playground = Playground::new();
    let (repo, cave) = begun(&playground);
    let warning = "nobody of the name worker-9 has been seen yet";
    cave.agent("worker-1", &["handoff", "worker-9", "-m", "x"])
        .ok()
        .says(warning);
    repo.ghp(&["issue", "new", "Two"]).ok();
    repo.ghp(&["assign", "2", "worker-9"]).ok().says(warning);
    let known = repo.ghp(&["assign", "2", "worker-1"]).ok();
    assert_eq!(known.stderr, "", "{known}");
}
