//! Tasks to agents whose session has no screen: a turn for each, and its last message is the answer.

use serde_json::json;

use super::sessions::Team;
use super::{tail, task};
use crate::sessions::harness::Stage;
use crate::support::{Playground, eventually, require};

/// An agent whose harness speaks as this provider does.
fn stage<'p>(playground: &'p Playground, provider: &str, words: &[&str]) -> Option<Stage<'p>> {
    if !require("python3", "headless") {
        return None;
    }
    let stage = Stage::new(playground, "process");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fakes/headless.py");
    let kept = stage.kept("worker-1").display().to_string();
    let now = format!("GHP_NOW={}", playground.now());
    let new = [
        "session",
        "new",
        "worker-1",
        "--headless",
        "--provider",
        provider,
    ];
    let program = ["--", "env", &now, "python3", script, &kept];
    stage.repo.ghp(&[&new[..], &program, words].concat()).ok();
    Some(stage)
}

#[test]
fn the_last_message_of_the_turn_is_the_answer_and_the_next_turn_remembers() {
    // One that has hooks, one whose hooks are silent, one without.
    for (provider, words) in [("claude", &[][..]), ("claude", &["mute"]), ("codex", &[])] {
        let playground = Playground::new();
        let Some(stage) = stage(&playground, provider, words) else {
            return;
        };
        for turn in ["Answer 1 to: ghp: task ", "Answer 2 to: ghp: task "] {
            stage
                .repo
                .ghp(&["delegate", "@worker-1", "Review it", "--wait", "60s"])
                .ok()
                .prints(turn);
        }
        let story = stage.story("worker-1");
        assert_eq!(
            story[0]["conversation"], story[1]["conversation"],
            "{story:?}"
        );
        let prompt = story[0]["prompt"].as_str().expect("a prompt");
        assert!(prompt.contains("Review it"), "{prompt}");
        let entry = &stage.repo.status()["agents"]["worker-1"];
        assert_eq!(
            (&entry["tasksCompleted"], &entry["status"]),
            (&json!(2), &json!("idle"))
        );
        assert!(entry.get("currentTask").is_none(), "{entry}");
    }
}

#[test]
fn what_waits_meanwhile_is_done_turn_by_turn() {
    for provider in ["claude", "codex"] {
        let playground = Playground::new();
        let Some(stage) = stage(&playground, provider, &[]) else {
            return;
        };
        let delegate = |text: &str| {
            let id = stage
                .repo
                .ghp(&["delegate", "worker-1", text, "-q"])
                .ok()
                .stdout;
            super::tail(id.trim())
        };
        let first = delegate("hold");
        eventually("its turn goes on", || stage.story("worker-1").len() == 1);
        assert_eq!(task(&stage.repo, &first)["status"], "working");
        let rest = [delegate("second"), delegate("third")];
        assert_eq!(task(&stage.repo, &rest[0])["status"], "queued");
        stage.go("worker-1");
        // Nobody waits for them, and yet they are done.
        for id in [&first, &rest[0], &rest[1]] {
            eventually("it is answered", || {
                task(&stage.repo, id)["status"] == "done"
            });
        }
        assert_eq!(stage.story("worker-1").len(), 3, "{provider}");
    }
}

#[test]
fn a_turn_without_an_answer_is_tried_again_and_then_a_person_is_asked() {
    let playground = Playground::new();
    let Some(stage) = stage(&playground, "codex", &[]) else {
        return;
    };
    let words = ["delegate", "worker-1", "Do it\n\nexit 3", "--wait", "20s"];
    stage.repo.ghp(&words).exit(9);
    let inbox = stage.repo.ghp(&["inbox"]).ok();
    inbox.prints("was begun 3 times without an answer");
    assert_eq!(stage.story("worker-1").len(), 3);
    let escalations = stage.repo.ghp(&["escalations", "--json"]).ok().stdout;
    assert!(!escalations.is_empty());
}

/// A profile whose agents have no screen.
fn team(playground: &Playground) -> Option<Team<'_>> {
    if !require("python3", "a profile without a screen") {
        return None;
    }
    let team = Team::of(playground, "process", "headless.py");
    team.may_start(&json!({"provider": "claude", "headless": true}));
    Some(team)
}

#[test]
fn an_agent_of_a_profile_is_started_without_a_screen_and_remembers() {
    let playground = Playground::new();
    let Some(team) = team(&playground) else {
        return;
    };
    for turn in ["Answer 1 to: ghp: task ", "Answer 2 to: ghp: task "] {
        team.ghp(&["delegate", "@planning", "Plan it", "--wait", "60s"])
            .ok()
            .prints(turn);
    }
    let story = team.stage.story("planning-1");
    assert_eq!(
        story[0]["conversation"], story[1]["conversation"],
        "{story:?}"
    );
    let first = story[0]["prompt"].as_str().expect("a prompt");
    assert!(
        first.contains("You plan.") && first.contains("\nPlan it\n"),
        "{first}"
    );
    let show = team.stage.show("planning-1");
    assert_eq!(
        (&show["headless"], &show["backend"]),
        (&json!(true), &json!("process"))
    );
    let all = team.repo().ghp(&["tasks", "--all", "--json"]).ok().json();
    let tasks = all["tasks"].as_array().expect("tasks").iter();
    let ids = tasks.map(|task| tail(task["id"].as_str().expect("an id")));
    let mut routes: Vec<_> = ids
        .map(|id| task(team.repo(), &id)["route"].clone())
        .collect();
    routes.sort_by_key(ToString::to_string);
    assert_eq!(
        routes,
        [
            "no agent of planning is idle; planning-1 is started",
            "planning-1 is idle"
        ]
    );
}

#[test]
fn a_dead_turn_of_a_profile_is_tried_again_and_then_a_person_is_asked() {
    let playground = Playground::new();
    let Some(team) = team(&playground) else {
        return;
    };
    let words = ["delegate", "planning", "Do it\n\ndie", "--wait", "20s"];
    team.ghp(&words).exit(9);
    let inbox = team.repo().ghp(&["inbox"]).ok();
    inbox.prints("was begun 3 times without an answer");
    assert_eq!(team.stage.story("planning-1").len(), 3);
    // The agent is there for the next one.
    team.ghp(&["delegate", "planning", "Another", "--wait", "60s"])
        .ok()
        .prints("Answer 4 to: ghp: task ");
}

#[test]
fn whether_it_has_a_screen_is_yes_or_no_and_needs_trust() {
    let playground = Playground::new();
    let Some(team) = team(&playground) else {
        return;
    };
    team.may_start(&json!({"provider": "claude", "headless": "yes"}));
    team.ghp(&["delegate", "planning", "Plan it"])
        .exit(2)
        .says("coordination.profiles.planning.headless must be true or false");
    team.may_start_all(&json!({}));
    let value = r#"{"planning": {"provider": "claude", "headless": true}}"#;
    let set = ["config", "set", "coordination.profiles", value];
    team.repo().ghp(&set).ok();
    let run = team.ghp(&["delegate", "planning", "Plan it"]).ok();
    assert!(run.stderr.contains("ghp trust"), "{run}");
    assert!(team.stage.story("planning-1").is_empty());
}
