//! What breaks around a delegated task, and where the work goes then. Crashes of agents: `sessions.rs` and `losing.rs`; of
//! those who wait: `killing.rs`; limits of providers: `hooks.rs`.

use serde_json::json;

use super::editing::{Prompt, take};
use super::sessions::Team;
use super::{idle, tail, task};
use crate::support::{Playground, eventually, finish, require};

#[test]
fn a_window_that_was_closed_by_hand_leaves_its_task_blocked_and_a_retry_goes_on() {
    if !require("tmux", "a window that is closed by hand") {
        return;
    }
    let playground = Playground::new();
    let team = Team::new(&playground, "tmux");
    let repo = team.repo();
    team.may_start(&json!({"provider": "claude"}));
    let id = team
        .ghp(&["delegate", "planning", "hold", "-q"])
        .ok()
        .stdout;
    let id = tail(id.trim());
    eventually("it is at work", || task(repo, &id)["status"] == "working");
    let tmux = |words: &[&str]| {
        let mut tmux = playground.command("tmux", &repo.dir);
        tmux.args(["-S", ".git/ghp/tmux.sock"]).args(words);
        finish(&mut tmux, b"").ok().stdout
    };
    let panes = tmux(&["list-panes", "-a", "-F", "#{pane_id}"]);
    tmux(&["kill-pane", "-t", panes.lines().next().expect("a pane")]);
    eventually("it is noticed", || {
        team.ghp(&["stale", "--apply"]).ok();
        task(repo, &id)["status"] == "blocked"
    });
    let why = task(repo, &id)["why"].clone();
    assert_eq!(
        why,
        "the window of planning-1 was closed before it answered"
    );
    repo.ghp(&["inbox"])
        .ok()
        .prints(&format!("ghp task retry {id}"));
    // Nothing of it is lost: another agent has the same prompt.
    team.ghp(&["task", "retry", &id]).ok();
    eventually("another is at work", || {
        let now = task(repo, &id);
        now["status"] == "working" && now["attempts"] == 2
    });
    let agent = task(repo, &id)["agent"]
        .as_str()
        .expect("an agent")
        .to_owned();
    team.stage.go(&agent);
    let run = team.ghp(&["collect", &id, "60s"]).ok();
    assert!(run.stdout.contains("Done."), "{run}");
}

#[test]
fn a_paste_that_nobody_acknowledged_says_so_and_is_one_task() {
    if !require("python3", "a session that takes no Enter") {
        return;
    }
    let playground = Playground::new();
    let team = Team::new(&playground, "process");
    let repo = team.repo();
    team.stage.make("worker-1", &[], &["deaf"]).ok();
    team.stage.until("worker-1", "ready");
    let run = team.ghp(&["delegate", "worker-1", "Do it", "--json"]).ok();
    assert!(
        run.stderr.contains("did not acknowledge the prompt"),
        "{run}"
    );
    let id = tail(run.json()["id"].as_str().expect("an id"));
    let now = task(repo, &id);
    assert_eq!(now["status"], "delivered");
    assert!(now["receipts"]["delivered"].is_string(), "{now}");
    let why = now["why"].as_str().expect("a reason");
    assert!(
        why.contains("has not acknowledged it") && why.contains("ghp session attach worker-1"),
        "{why}"
    );
    repo.ghp(&["task", "show", &id])
        .ok()
        .prints("has not acknowledged it");
    // Whoever looks there and presses Enter lets it go on, and nothing is pasted twice.
    team.stage.go("worker-1");
    team.stage.keys("worker-1", "\r");
    eventually("it is answered", || task(repo, &id)["status"] == "done");
    assert_eq!(task(repo, &id).get("why"), None);
    assert_eq!(team.stage.prompts("worker-1").len(), 1);
}

#[test]
fn a_prompt_file_that_breaks_while_it_waits_costs_no_answer() {
    let playground = Playground::new();
    let repo = playground.repo();
    idle(&repo, &["worker-1"]);
    let folder = playground.path().join("client");
    for (name, harm) in [
        ("garbage", b"\xff\xfe\0\0" as &[u8]),
        ("empty", b""),
        ("gone", b"-"),
        ("no folder", b"--"),
    ] {
        std::fs::create_dir_all(&folder).expect("a folder");
        let prompt = Prompt::new(
            &repo,
            "client/prompt.md",
            &format!("@worker-1 Do it, {name}\n"),
        );
        let mut waiting = prompt.editor(&repo).spawn().expect("an editor");
        let id = take(&repo, "worker-1");
        eventually("it waits", || prompt.text().contains("[ghp: task"));
        match harm {
            b"-" => std::fs::remove_file(&prompt.path).expect("the file"),
            b"--" => std::fs::remove_dir_all(&folder).expect("the folder"),
            harm => std::fs::write(&prompt.path, harm).expect("the file"),
        }
        repo.agent("worker-1", &["done", "-m", &format!("answer to {name}")])
            .ok();
        assert!(waiting.wait().expect("our own child").success(), "{name}");
        if folder.exists() {
            assert!(
                prompt.text().contains(&format!("answer to {name}")),
                "{name}"
            );
        } else {
            // Where there is no file any more, the answer is where the command says.
            let run = repo.agent("lead", &["collect", &id]).ok();
            assert!(run.stdout.contains("answer to no folder"), "{run}");
        }
    }
    // One that is broken before it is read is the person's own affair.
    let broken = Prompt::new(&repo, "broken.md", "");
    std::fs::write(&broken.path, b"@worker-1 \xff").expect("a file");
    let mut editor = broken.editor(&repo);
    finish(editor.env("GHP_EDITOR", "true"), b"").ok();
    assert_eq!(
        std::fs::read(&broken.path).expect("a file"),
        b"@worker-1 \xff"
    );
}

#[test]
fn an_agent_that_is_being_started_anew_is_not_gone() {
    let playground = Playground::new();
    let team = Team::new(&playground, "process");
    let repo = team.repo();
    team.may_start(&json!({"provider": "claude"}));
    team.ghp(&["delegate", "planning", "Plan it", "--wait", "60s"])
        .ok();
    let pid = team.stage.story("planning-1")[0]["pid"].to_string();
    let mut kill = playground.command("kill", &repo.dir);
    finish(kill.args(["-9", &pid]), b"").ok();
    team.stage.until("planning-1", "exited");
    // Its cave is set up anew, which takes its time.
    let (began, go) = (
        playground.path().join("began"),
        playground.path().join("go"),
    );
    let script = format!(
        "touch {}; until [ -e {} ]; do sleep 0.05; done",
        began.display(),
        go.display()
    );
    let steps = json!([["sh", "-c", script]]).to_string();
    repo.ghp(&["config", "set", "coordination.setup", &steps])
        .ok();
    repo.ghp(&["trust", "--yes"]).ok();
    std::thread::scope(|scope| {
        let waiting =
            scope.spawn(|| team.ghp(&["delegate", "planning", "Plan more", "--wait", "60s"]));
        eventually("it is being set up", || began.exists());
        // Whoever looks meanwhile takes nothing from it, and nobody starts it beside that.
        team.ghp(&["stale", "--apply"]).ok();
        let second = team.ghp(&["session", "new", "planning-1"]);
        let tasks = repo.ghp(&["tasks", "--json"]).ok().json();
        let id = tail(tasks["tasks"][0]["id"].as_str().expect("an id"));
        let now = task(repo, &id);
        std::fs::write(&go, "").expect("a file");
        second.exit(4).says("planning-1 is being started");
        assert_eq!(
            (&now["status"], &now["attempts"], &now["agent"]),
            (&json!("delivered"), &json!(1), &json!("planning-1"))
        );
        let run = waiting.join().expect("a run").ok();
        assert_eq!(run.stdout, "Done.\n", "{run}");
    });
    assert_eq!(team.starts("planning-1"), 2);
}
