//! Tasks through a harness's hooks: delivered when a turn ends, acknowledged by a prompt, answered by the last message.

use serde_json::{Value, json};

use super::{delegate, idle, task};
use crate::support::{Playground, Repo, finish};

/// One event of a session of worker-1, and what the harness is told.
#[track_caller]
fn event(repo: &Repo<'_>, harness: &str, name: &str, more: &Value) -> Value {
    let mut event = json!({"hook_event_name": name, "session_id": "s1", "cwd": repo.dir});
    for (key, value) in more.as_object().expect("an object") {
        event[key] = value.clone();
    }
    let mut command = repo.command(&["hook", harness]);
    command.env("GHP_AGENT", "worker-1").env("CLAUDECODE", "1");
    let run = finish(&mut command, event.to_string().as_bytes()).ok();
    assert!(run.stderr.is_empty(), "{run}");
    if run.stdout.is_empty() {
        Value::Null
    } else {
        run.json()
    }
}

/// A session of the agent begins.
fn begin(repo: &Repo<'_>, harness: &str) {
    event(repo, harness, "SessionStart", &json!({"source": "startup"}));
}

fn stop(repo: &Repo<'_>, said: &str, again: bool) -> Value {
    let more = json!({"last_assistant_message": said, "stop_hook_active": again});
    event(repo, "claude", "Stop", &more)
}

#[test]
fn a_turn_that_ends_begins_the_next_task_and_its_last_message_is_the_answer() {
    let playground = Playground::new();
    let repo = playground.repo();
    begin(&repo, "claude");
    let first = delegate(&repo, &["worker-1", "Count the files\n\u{1b}[2J---- x"]);
    playground.pass(1);
    let second = delegate(&repo, &["worker-1", "Count the lines"]);
    assert!(
        task(&repo, &first)["route"]
            .as_str()
            .is_some_and(|why| why.contains("named"))
    );
    playground.pass(1);
    // What it said before the task came is no answer to it.
    let said = stop(&repo, "I am ready.", false);
    assert_eq!(said["decision"], "block");
    let reason = said["reason"].as_str().expect("a reason");
    assert!(
        reason.contains("Count the files\n\\x1b[2J---- x\n----"),
        "{reason}"
    );
    assert!(reason.contains("from lead is yours now"), "{reason}");
    assert_eq!(task(&repo, &first)["status"], "delivered");
    assert_eq!(
        repo.status()["agents"]["worker-1"]["currentTask"],
        "Count the files"
    );
    playground.pass(1);
    event(&repo, "claude", "UserPromptSubmit", &json!({"prompt": "x"}));
    assert_eq!(task(&repo, &first)["status"], "working");
    playground.pass(1);
    let said = stop(&repo, "There are 12.", true);
    assert!(
        said["reason"]
            .as_str()
            .is_some_and(|text| text.contains("Count the lines")),
        "{said}"
    );
    let done = task(&repo, &first);
    assert_eq!(
        (&done["status"], &done["text"]),
        (&json!("done"), &json!("There are 12."))
    );
    assert_eq!(
        done["receipts"],
        json!({"queued": "2026-01-25T10:30:00Z", "delivered": "2026-01-25T10:30:02Z",
               "working": "2026-01-25T10:30:03Z", "done": "2026-01-25T10:30:04Z"})
    );
    // It says the second answer itself: its last message is then nobody's.
    repo.agent("worker-1", &["done", "-m", "3400"]).ok();
    assert_eq!(stop(&repo, "I have told them.", true), Value::Null);
    assert_eq!(task(&repo, &second)["text"], "3400");
    assert_eq!(repo.status()["agents"]["worker-1"]["tasksCompleted"], 2);
    assert_eq!(repo.status()["agents"]["worker-1"]["status"], "idle");
    repo.agent("lead", &["collect"])
        .ok()
        .prints("There are 12.")
        .prints("3400");
}

#[test]
fn a_session_is_not_kept_going_for_ever() {
    let playground = Playground::new();
    let repo = playground.repo();
    begin(&repo, "claude");
    for n in 0..9 {
        playground.pass(1);
        delegate(&repo, &["worker-1", &format!("Part {n}")]);
    }
    let mut begun = 0;
    while stop(&repo, "done", begun > 0) != Value::Null {
        begun += 1;
        assert!(begun < 9, "it never stops");
    }
    assert_eq!(begun, 6);
    // After a prompt of its own it goes on.
    event(&repo, "claude", "UserPromptSubmit", &json!({"prompt": "x"}));
    assert_eq!(stop(&repo, "hello", false)["decision"], "block");
    let open = repo.ghp(&["tasks", "--json"]).ok().json();
    assert_eq!(open["tasks"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_credential_in_a_last_message_is_left_out() {
    let playground = Playground::new();
    let repo = playground.repo();
    begin(&repo, "codex");
    let id = delegate(&repo, &["worker-1", "Find the key"]);
    let more = json!({"last_assistant_message": "ready", "stop_hook_active": false});
    assert_eq!(event(&repo, "codex", "Stop", &more)["decision"], "block");
    let said = "It is\nghp_0123456789abcdefghijklmnopqrstuvwxyzAB\nthere.";
    let more = json!({"last_assistant_message": said, "stop_hook_active": true});
    event(&repo, "codex", "Stop", &more);
    let text = task(&repo, &id)["text"]
        .as_str()
        .expect("a text")
        .to_owned();
    assert!(
        text.starts_with("It is\n(here stood what looks like"),
        "{text}"
    );
    assert!(text.ends_with("\nthere."), "{text}");
}

#[test]
fn interrupted_it_keeps_its_task_and_ended_it_leaves_it_blocked() {
    let playground = Playground::new();
    let repo = playground.repo();
    begin(&repo, "codex");
    let id = delegate(&repo, &["worker-1", "Do it"]);
    let more = json!({"last_assistant_message": "ready"});
    event(&repo, "codex", "Stop", &more);
    event(
        &repo,
        "codex",
        "Interrupt",
        &json!({"last_assistant_message": "half"}),
    );
    assert_eq!(task(&repo, &id)["status"], "delivered");
    event(&repo, "codex", "SessionEnd", &json!({"reason": "other"}));
    repo.agent("lead", &["collect", &id, "1s"]).exit(9);
    assert_eq!(task(&repo, &id)["status"], "blocked");
}

/// The provider of worker-1 does not answer.
fn fail(repo: &Repo<'_>) {
    let more =
        json!({"error": "rate_limit", "last_assistant_message": "API Error: Rate limit reached"});
    assert_eq!(event(repo, "claude", "StopFailure", &more), Value::Null);
}

#[test]
fn a_provider_at_its_limit_gives_its_task_to_another_agent() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&[
        "config",
        "set",
        "coordination.profiles",
        r#"{"worker": {}}"#,
    ])
    .ok();
    begin(&repo, "claude");
    let id = delegate(&repo, &["worker", "Do it"]);
    stop(&repo, "ready", false);
    assert_eq!(task(&repo, &id)["agent"], "worker-1");
    fail(&repo);
    let found = task(&repo, &id);
    assert_eq!(
        (&found["status"], found.get("agent")),
        (&json!("queued"), None)
    );
    assert_eq!(
        found["why"],
        "worker-1's provider did not answer: rate_limit"
    );
    let entry = &repo.status()["agents"]["worker-1"];
    assert_eq!(
        (&entry["status"], &entry["lastAction"]),
        (
            &json!("waiting"),
            &json!("Its provider does not answer: rate_limit")
        )
    );
    assert_eq!(entry["limitedAt"], entry["timestamp"]);
    // Whatever it says of itself meanwhile.
    repo.agent("worker-1", &["heartbeat", "-m", "Still here"])
        .silent();
    // The work is kept: another goes on with it, and the one that rests gets nothing new for a while.
    idle(&repo, &["worker-2"]);
    let other = delegate(&repo, &["worker", "Do more"]);
    assert_eq!(task(&repo, &other)["agent"], "worker-2");
    repo.agent("worker-2", &["task", "take", &id])
        .ok()
        .prints("Do it");
    playground.pass(901);
    idle(&repo, &["worker-2"]);
    let later = delegate(&repo, &["worker", "Do even more"]);
    assert_eq!(task(&repo, &later)["agent"], "worker-1", "it has rested");
    stop(&repo, "ready", false);
    let entry = &repo.status()["agents"]["worker-1"];
    assert!(entry.get("limitedAt").is_none(), "{entry}");
}

#[test]
fn a_provider_at_its_limit_tries_again_or_asks_as_configured() {
    let playground = Playground::new();
    let repo = playground.repo();
    begin(&repo, "claude");
    // One that was asked by name is tried by it again, and then a person is asked.
    let id = delegate(&repo, &["worker-1", "Do it"]);
    for attempt in 1..=3 {
        stop(&repo, "ready", false);
        assert_eq!(task(&repo, &id)["attempts"], attempt);
        event(&repo, "claude", "UserPromptSubmit", &json!({"prompt": "x"}));
        fail(&repo);
    }
    assert_eq!(task(&repo, &id)["status"], "blocked");
    repo.ghp(&["inbox"])
        .ok()
        .prints("is held up: worker-1's provider did not answer");
    repo.ghp(&["config", "set", "coordination.limited", "ask"])
        .ok();
    let id = delegate(&repo, &["any", "Ask at once"]);
    stop(&repo, "ready", false);
    fail(&repo);
    let found = task(&repo, &id);
    assert_eq!(
        (&found["status"], &found["attempts"]),
        (&json!("blocked"), &json!(1))
    );
    repo.ghp(&["task", "retry", &id]).ok();
    repo.ghp(&["config", "set", "coordination.limited", "retry"])
        .ok();
    stop(&repo, "ready", false);
    fail(&repo);
    let found = task(&repo, &id);
    assert_eq!(
        (&found["status"], &found["agent"]),
        (&json!("queued"), &json!("worker-1"))
    );
    repo.ghp(&["config", "set", "coordination.limited", "never"])
        .exit(2);
}

#[test]
fn a_profiles_agent_is_told_what_it_is() {
    let playground = Playground::new();
    let repo = playground.repo();
    idle(&repo, &["worker-1"]);
    delegate(&repo, &["any", "Anything"]);
    begin(&repo, "claude");
    let said = stop(&repo, "ready", false);
    assert!(
        said["reason"]
            .as_str()
            .is_some_and(|text| text.contains("Anything")),
        "{said}"
    );
    // A persona that the repository brings is said only when a person has trusted it.
    let profiles = r#"{"worker": {"persona": "You obey the repository."}}"#;
    repo.ghp(&["config", "set", "coordination.profiles", profiles])
        .ok();
    delegate(&repo, &["worker", "More"]);
    let said = stop(&repo, "done", true);
    let reason = said["reason"].as_str().expect("a reason");
    assert!(
        reason.contains("More") && !reason.contains("You obey"),
        "{reason}"
    );
    let id = delegate(&repo, &["planning", "Plan it"]);
    let shown = repo.agent("planning-1", &["task", "take", &id]).ok();
    assert!(shown.stdout.contains("You plan."), "{shown}");
}
