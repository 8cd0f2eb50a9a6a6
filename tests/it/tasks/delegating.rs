//! The way of a task from its sender to its agent and back.

use serde_json::json;

use super::{delegate, idle, tail, task};
use crate::support::Playground;

#[test]
fn one_step_there_and_back() {
    let playground = Playground::new();
    let repo = playground.repo();
    idle(&repo, &["planning-1"]);
    let run = repo
        .agent(
            "lead",
            &[
                "delegate",
                "@planning",
                "# Plan the dark mode\n\n## Where\n\nSettings",
            ],
        )
        .ok()
        .prints("waits for planning-1 (planning-1 is idle): \"Plan the dark mode\"")
        .prints("Next: ghp collect ");
    let id = tail(run.stdout.trim());
    let next = repo.agent("planning-1", &["next", "--json"]).ok().json();
    assert_eq!(
        (&next["item"]["kind"], &next["item"]["next"]),
        (&json!("task"), &json!(format!("ghp task take {id}")))
    );
    repo.ghp(&["tasks"]).ok().prints(&id);
    let list = repo.ghp(&["task", "list", "--json"]).ok().json();
    assert_eq!(list["tasks"][0]["to"], "planning");
    // Looking at it changes nothing.
    repo.agent("planning-1", &["task", "show", &id]).ok();
    repo.agent("planning-1", &["inbox"]).ok().prints(&id);
    assert_eq!(task(&repo, &id)["status"], "queued");
    playground.pass(5);
    let taken = repo
        .agent("planning-1", &["task", "take", "--json"])
        .ok()
        .json();
    assert_eq!(
        taken["prompt"],
        "# Plan the dark mode\n\n## Where\n\nSettings"
    );
    assert_eq!(taken["status"], "working");
    assert_eq!(taken["attempts"], 1);
    let entry = &repo.status()["agents"]["planning-1"];
    assert_eq!(entry["currentTask"], "Plan the dark mode");
    assert_eq!(entry["status"], "working");
    playground.pass(5);
    repo.agent(
        "planning-1",
        &["done", "-m", "# The plan\n\n## Steps\n\n1. Do it"],
    )
    .ok()
    .prints("lead finds it");
    let done = task(&repo, &id);
    assert_eq!(done["text"], "# The plan\n\n## Steps\n\n1. Do it");
    assert_eq!(
        done["receipts"],
        json!({"queued": "2026-01-25T10:30:00Z", "delivered": "2026-01-25T10:30:05Z",
               "working": "2026-01-25T10:30:05Z", "done": "2026-01-25T10:30:10Z"})
    );
    let entry = &repo.status()["agents"]["planning-1"];
    assert_eq!(entry["tasksCompleted"], 1);
    assert!(entry.get("currentTask").is_none(), "{entry}");
    repo.agent("lead", &["inbox"]).ok().prints("done");
    repo.agent("lead", &["collect"]).ok().prints(&format!(
        "Answer of planning-1 to task {id} (\"# Plan the dark mode\"):\n\n# The plan\n"
    ));
    assert!(task(&repo, &id)["receipts"]["collected"].is_string());
    repo.agent("lead", &["collect"])
        .exit(2)
        .says("you wait for no answer");
    repo.agent("lead", &["collect", &id])
        .ok()
        .prints("# The plan");
    repo.agent("lead", &["wait", &id]).ok().prints("# The plan");
}

#[test]
fn said_again_and_said_otherwise() {
    let playground = Playground::new();
    let repo = playground.repo();
    let id = delegate(&repo, &["worker-1", "Do it", "--request-id", "r1"]);
    assert_eq!(
        delegate(&repo, &["worker-1", "Do it", "--request-id", "r1"]),
        id
    );
    repo.agent(
        "lead",
        &["delegate", "worker-1", "Do it", "--request-id", "r1"],
    )
    .ok()
    .prints("already");
    repo.agent("worker-1", &["task", "take"])
        .ok()
        .prints("Do it");
    repo.agent("worker-1", &["task", "take"])
        .ok()
        .prints("already");
    repo.agent("worker-1", &["done", "-m", "42"]).ok();
    repo.agent("worker-1", &["done", &id, "-m", "42"])
        .ok()
        .prints("already");
    // Said again without an id it is the same answer, not that of the task that waits.
    let next = delegate(&repo, &["worker-1", "Do more"]);
    repo.agent("worker-1", &["done", "-m", "42"])
        .ok()
        .prints("already");
    assert_eq!(task(&repo, &next)["status"], "queued");
    repo.agent("worker-1", &["done", &id, "-m", "43"])
        .exit(5)
        .says("was done by worker-1")
        .says("42");
    repo.agent("worker-1", &["fail", &id, "-m", "no"]).exit(5);
    repo.agent("lead", &["cancel", &id]).exit(5);
    repo.agent("lead", &["task", "retry", &id]).exit(5);
}

#[test]
fn what_was_done_for_a_cancelled_task_does_not_answer_the_next() {
    let playground = Playground::new();
    let repo = playground.repo();
    let first = delegate(&repo, &["worker-1", "Plan it"]);
    repo.agent("worker-1", &["task", "take"]).ok();
    let second = delegate(&repo, &["worker-1", "Test it"]);
    repo.agent("lead", &["cancel", &first]).ok();
    for verb in ["done", "fail"] {
        repo.agent("worker-1", &[verb, "-m", "The plan"])
            .exit(5)
            .says("\"Plan it\"")
            .says("was cancelled by lead")
            .says(&format!("ghp task take {second}"));
        assert_eq!(task(&repo, &second)["status"], "queued");
    }
    repo.agent("worker-1", &["task", "take"]).ok();
    repo.agent("worker-1", &["done", "-m", "Tested"]).ok();
    assert_eq!(task(&repo, &second)["text"], "Tested");
}

#[test]
fn an_issue_is_no_task() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard"]).ok();
    for number in ["1", "#1", "issue-1", "147"] {
        let run = repo.agent("worker-1", &["done", number]).exit(2);
        let digits = number
            .trim_start_matches(['#'])
            .trim_start_matches("issue-");
        run.says(&format!("ghp issue close {digits}"));
    }
    repo.agent("worker-1", &["done", "-m", "x"])
        .exit(2)
        .says("no task in hand");
    repo.ghp(&["done"]).exit(2).says("ghp tasks");
    let asked = repo
        .agent("worker-1", &["escalate", "Which?", "-q"])
        .ok()
        .stdout;
    repo.agent("worker-1", &["done", asked.trim()])
        .exit(2)
        .says("is no task, but a question");
    let id = delegate(&repo, &["worker-1", "Do it"]);
    repo.ghp(&["answer", &id, "yes"]).exit(2).says("ghp done");
    repo.agent("worker-1", &["accept", &id])
        .exit(2)
        .says("ghp task take");
    repo.ghp(&["approve", &id]).exit(2).says("ghp task show");
}

#[test]
fn the_queue_goes_by_priority_then_age() {
    let playground = Playground::new();
    let repo = playground.repo();
    let first = delegate(&repo, &["worker-1", "First"]);
    playground.pass(1);
    let second = delegate(&repo, &["worker-1", "Second"]);
    playground.pass(1);
    let urgent = delegate(&repo, &["worker-1", "Urgent", "--priority", "5"]);
    assert!(
        task(&repo, &urgent)["route"]
            .as_str()
            .is_some_and(|why| why.contains("2 tasks are ahead"))
    );
    for id in [&urgent, &first, &second] {
        let next = repo.agent("worker-1", &["next", "--json"]).ok().json();
        assert_eq!(next["item"]["next"], format!("ghp task take {id}"));
        repo.agent("worker-1", &["task", "take"]).ok();
        // One at a time; what is in hand comes first.
        let next = repo.agent("worker-1", &["next", "--json"]).ok().json();
        assert_eq!(next["item"]["next"], format!("ghp done {id} -m \"…\""));
        if *id != second {
            let run = repo.agent("worker-1", &["task", "take", &second]).exit(4);
            run.says("in hand").says(&format!("ghp done {id}"));
        }
        repo.agent("worker-1", &["done", "-m", "ok"]).ok();
    }
    repo.agent("worker-1", &["task", "take"])
        .exit(2)
        .says("no task waits");
}

#[test]
fn capacity_is_the_profiles() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&[
        "config",
        "set",
        "coordination.profiles",
        r#"{"pool": {"capacity": 2}}"#,
    ])
    .ok();
    let ids: Vec<String> = (0..3)
        .map(|n| delegate(&repo, &["pool", &format!("Part {n}")]))
        .collect();
    for id in &ids[..2] {
        repo.agent("pool-1", &["task", "take", id]).ok();
    }
    repo.agent("pool-1", &["task", "take", &ids[2]]).exit(4);
    repo.agent("pool-1", &["done"]).exit(2).says("done which?");
    // The third is for whoever of the pool is free, and for nobody else.
    repo.agent("other", &["task", "take", &ids[2]])
        .exit(3)
        .says("is for pool");
    repo.agent("pool-2", &["task", "take"])
        .ok()
        .prints("Part 2");
    repo.agent("pool-1", &["task", "take", &ids[2]])
        .exit(4)
        .says("take another");
    repo.agent("pool-1", &["done", &ids[2], "-m", "x"])
        .exit(3)
        .says("pool-2's now");
}

#[test]
fn each_agent_of_a_profile_gets_one() {
    let playground = Playground::new();
    let repo = playground.repo();
    idle(&repo, &["review-1", "review-2", "worker-1"]);
    repo.agent("lead", &["delegate", "review", "Look at it", "--each"])
        .ok()
        .prints("review-1")
        .prints("review-2");
    for agent in ["review-1", "review-2"] {
        repo.agent(agent, &["task", "take"])
            .ok()
            .prints("Look at it");
        repo.agent(agent, &["done", "-m", &format!("{agent} saw it")])
            .ok();
    }
    let run = repo.agent("lead", &["collect"]).ok();
    assert!(
        run.stdout.contains("review-1 saw it") && run.stdout.contains("review-2 saw it"),
        "{run}"
    );
    repo.agent("lead", &["delegate", "worker-1", "x", "--each"])
        .exit(2)
        .says("wants a profile");
}

#[test]
fn waiting_for_an_answer() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("lead", &["delegate", "worker-1", "Slow", "--wait", "1"])
        .exit(9)
        .says("ghp collect");
    let id = delegate(&repo, &["worker-1", "Slower"]);
    repo.agent("lead", &["collect", &id, "1s"]).exit(9);
    // What is done is not waited for, and yet printed with the rest.
    let done = delegate(&repo, &["worker-7", "Do another"]);
    repo.agent("worker-7", &["task", "take", &done]).ok();
    repo.agent("worker-7", &["done", &done, "-m", "done"]).ok();
    repo.agent("lead", &["collect", &done, &id, "1s"])
        .exit(9)
        .says(&format!("not done yet: {id}\n"))
        .says(&format!("ghp collect {done} {id}"));
    repo.agent("worker-1", &["task", "take", &id]).ok();
    repo.agent("worker-1", &["fail", "-m", "There is no disk"])
        .ok()
        .prints("has failed");
    repo.agent("lead", &["collect", &id])
        .exit(1)
        .prints("failed: There is no disk");
    repo.agent("lead", &["wait", &id])
        .exit(1)
        .prints("There is no disk");
    repo.ghp(&["inbox"])
        .ok()
        .prints("Slower")
        .prints(&format!("ghp task retry {id}"));
    repo.agent("worker-2", &["task", "retry", &id]).exit(3);
    repo.agent("lead", &["task", "retry", &id])
        .ok()
        .prints("queued again");
    repo.agent("worker-1", &["task", "take", &id]).ok();
    assert_eq!(task(&repo, &id)["attempts"], 2);
    repo.agent("worker-2", &["cancel", &id]).exit(3);
    repo.agent("lead", &["task", "cancel", &id, "-m", "not needed"])
        .ok();
    assert!(
        repo.status()["agents"]["worker-1"]
            .get("currentTask")
            .is_none()
    );
    repo.agent("worker-1", &["done", &id, "-m", "late"])
        .exit(5)
        .says("cancelled");
    repo.agent("lead", &["reply", &id, "x"]).exit(5);
}

#[test]
fn somebody_waits_while_it_is_done() {
    let playground = Playground::new();
    let repo = playground.repo();
    std::thread::scope(|scope| {
        let waiting =
            scope.spawn(|| repo.agent("lead", &["delegate", "worker-1", "Add", "--wait"]));
        let found = scope.spawn(|| repo.agent("worker-1", &["next", "--wait", "60s"]));
        found.join().expect("a run").ok().prints("ghp task take");
        repo.agent("worker-1", &["task", "take", "-q"])
            .ok()
            .prints("Add");
        repo.agent("worker-1", &["done", "-m", "42"]).ok();
        let run = waiting.join().expect("a run").ok();
        assert_eq!(run.stdout, "42\n");
    });
}

#[test]
fn what_is_refused() {
    let playground = Playground::new();
    let repo = playground.repo();
    let secret = "Use ghp_0123456789abcdefghijklmnopqrstuvwxyzAB";
    repo.agent("lead", &["delegate", "worker-1", secret])
        .exit(77)
        .says("line 1");
    let id = delegate(&repo, &["worker-1", "Do it"]);
    repo.agent("worker-1", &["done", &id, "-m", secret])
        .exit(77);
    assert_eq!(task(&repo, &id)["status"], "queued");
    repo.agent("lead", &["delegate", "worker-1", " \n"])
        .exit(2)
        .says("empty");
    repo.agent("lead", &["delegate", "human", "x"])
        .exit(2)
        .says("ghp escalate");
    repo.agent("lead", &["delegate", "Not A Name", "x"]).exit(2);
    repo.agent("worker-1", &["done", &id, "--attach", "nothing.png"])
        .exit(2);
    repo.agent("worker-1", &["done", &id, "--attach", ".", "-m", "x"])
        .exit(2);
    let run = repo.agent(
        "worker-1",
        &["done", &id, "--attach", "README.md", "-m", "x", "--json"],
    );
    let path = repo.dir.canonicalize().expect("a folder").join("README.md");
    assert_eq!(run.ok().json()["attachments"], json!([path]));
    let attached = format!("x\nAttached: {}\n", path.display());
    repo.agent("lead", &["collect", &id]).ok().prints(&attached);
}
