//! The person at the terminal while `ghp editor` waits: a look at the agent, a second Ctrl-G, what sets it all up.

use serde_json::json;

use super::editing::{Prompt, at_terminal, take};
use super::{idle, task};
use crate::sessions::harness::{Stage, backends};
use crate::support::{GHP, Playground, Repo, eventually, finish, require};

/// The tasks there are.
fn count(repo: &Repo<'_>) -> usize {
    let all = repo.ghp(&["tasks", "--all", "--json"]).ok().json();
    all["tasks"].as_array().expect("a list").len()
}

#[test]
fn a_look_at_the_agent_and_back() {
    if !require("python3", "the key `a` while `ghp editor` waits") {
        return;
    }
    for backend in backends("the key `a` while `ghp editor` waits") {
        let playground = Playground::new();
        let stage = Stage::new(&playground, backend);
        let repo = &stage.repo;
        repo.ghp(&["config", "set", "coordination.orchestrators", "[\"lead\"]"])
            .ok();
        stage.make("worker-1", &[], &[]).ok();
        stage.until("worker-1", "ready");
        let prompt = Prompt::new(repo, "prompt.md", "@worker-1 hold\n");
        let leave = if backend == "tmux" { "\\x02d" } else { "\\x1c" };
        let keys = [
            ("worker-1 works on", "a"),
            ("esc to interrupt", leave),
            ("a: attach", "q"),
        ];
        let screen = at_terminal(repo, &prompt, &keys);
        assert!(screen.contains("esc to interrupt"), "{backend}: {screen}");
        assert!(
            prompt.text().contains("its answer will be at"),
            "{backend}: {}",
            prompt.text()
        );
        stage.go("worker-1");
        stage.until("worker-1", "idle");
        assert_eq!(count(repo), 1);
    }
}

#[test]
fn nobody_to_look_at_is_said_and_the_wait_goes_on() {
    if !require("python3", "the key `a` without a session") {
        return;
    }
    let playground = Playground::new();
    let repo = playground.repo();
    idle(&repo, &["worker-1"]);
    let prompt = Prompt::new(&repo, "prompt.md", "@worker-1 Do it\n");
    let keys = [("a: attach", "a"), ("no session", ""), ("a: attach", "q")];
    let screen = at_terminal(&repo, &prompt, &keys);
    assert!(
        screen.contains("ghp editor: there is no session"),
        "{screen}"
    );
    assert_eq!(prompt.text().lines().count(), 1, "{}", prompt.text());
}

#[test]
fn the_same_prompt_again_is_the_same_task_until_its_answer_was_read() {
    let playground = Playground::new();
    let repo = playground.repo();
    idle(&repo, &["worker-1"]);
    // Killed before the harness has seen a note: it puts the person's text into another file.
    let text = "@worker-1 Count the files\n";
    let begin = |name: &str| Prompt::new(&repo, name, text);
    let first = begin("one.md");
    let mut killed = first.editor(&repo).spawn().expect("an editor");
    let id = take(&repo, "worker-1");
    killed.kill().expect("our own child");
    killed.wait().expect("our own child");
    let second = begin("two.md");
    let mut waiting = second.editor(&repo).spawn().expect("an editor");
    eventually("it waits", || second.text().contains("[ghp: task"));
    assert_eq!(count(&repo), 1);
    repo.agent("worker-1", &["done", "-m", "There are 12."])
        .ok();
    assert!(waiting.wait().expect("our own child").success());
    assert!(second.text().contains("There are 12."), "{}", second.text());
    assert!(task(&repo, &id)["receipts"]["collected"].is_string());
    // Asked once more, it is asked anew; and so it is by somebody else, or of somebody else.
    let third = begin("three.md");
    let mut waiting = third.editor(&repo).spawn().expect("an editor");
    let again = take(&repo, "worker-1");
    assert_ne!(again, id);
    repo.agent("worker-1", &["fail", "-m", "no disk"]).ok();
    assert!(waiting.wait().expect("our own child").success());
    let mut other = begin("four.md").editor(&repo);
    let mut other = other
        .env("GHP_AGENT", "worker-2")
        .spawn()
        .expect("an editor");
    let fourth = take(&repo, "worker-1");
    repo.agent("worker-1", &["done", "-m", "13"]).ok();
    assert!(other.wait().expect("our own child").success());
    // One that failed is tried as a new one.
    let mut waiting = begin("five.md").editor(&repo).spawn().expect("an editor");
    let fifth = take(&repo, "worker-1");
    assert_ne!(fifth, fourth);
    repo.agent("worker-1", &["done", "-m", "14"]).ok();
    assert!(waiting.wait().expect("our own child").success());
    assert_eq!(count(&repo), 4);
}

#[test]
fn what_sets_it_up_and_what_checks_it() {
    let playground = Playground::new();
    let repo = playground.repo();
    let doctor = |variables: &[(&str, &str)]| {
        let mut command = repo.command(&["doctor", "--json"]);
        command.envs(variables.iter().copied());
        let report = finish(&mut command, b"").json();
        let found = report["findings"].as_array().expect("a list").iter();
        let found = found.filter(|finding| finding["check"] == "editor");
        found
            .map(|finding| finding["next"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        doctor(&[]),
        Vec::<serde_json::Value>::new(),
        "no harness runs our hooks"
    );
    repo.ghp(&["install", "claude"]).ok();
    let line = "echo 'export VISUAL=\"ghp editor\" GHP_EDITOR=nano' >> ~/.profile";
    assert_eq!(doctor(&[]), [json!(line)]);
    assert_eq!(
        doctor(&[("VISUAL", "nano"), ("EDITOR", "vi")]),
        [json!(line)]
    );
    // A ghp that cannot be found leaves Ctrl-G without an editor.
    let none = format!("export VISUAL=\"{GHP} editor\"");
    assert_eq!(
        doctor(&[("VISUAL", "ghp editor"), ("PATH", "/usr/bin:/bin")]),
        [json!(none)]
    );
    let path = std::path::Path::new(GHP).parent().expect("a folder");
    let path = format!("{}:/usr/bin:/bin", path.display());
    let here = [("PATH", path.as_str()), ("VISUAL", "ghp editor")];
    assert_eq!(doctor(&here), Vec::<serde_json::Value>::new());
    let twice = [here[0], here[1], ("GHP_EDITOR", "ghp editor")];
    assert_eq!(doctor(&twice), [json!("export GHP_EDITOR=nano")]);
    let hidden = [here[0], ("VISUAL", "nano"), ("EDITOR", "ghp editor")];
    assert_eq!(
        doctor(&hidden),
        [json!("export GHP_EDITOR=nano VISUAL=\"ghp editor\"")]
    );
    // Claude Code has a setting for it.
    repo.ghp(&["install", "editor"]).ok();
    let settings = repo.dir.join(".claude/settings.local.json");
    let text = std::fs::read_to_string(&settings).expect("a file");
    assert_eq!(
        text,
        "{\n  \"env\": {\n    \"VISUAL\": \"ghp editor\"\n  }\n}\n"
    );
    assert_eq!(doctor(&[]), Vec::<serde_json::Value>::new());
    repo.ghp(&["install", "editor", "--check"]).ok();
    repo.ghp(&["install", "editor", "--remove"]).ok();
    assert!(!settings.exists());
    std::fs::write(&settings, "{\"env\": {\"VISUAL\": \"nano\"}}").expect("a file");
    repo.ghp(&["install", "editor"])
        .exit(77)
        .says("is not ours");
}
