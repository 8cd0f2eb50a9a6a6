//! `monitor --detach` and `workflow run --detach`: they outlive the terminal that they were typed in.

use serde_json::{Value, json};

use super::{Agents, the_run};
use crate::sessions::harness::Stage;
use crate::support::{GHP, Playground, Repo, finish, found, require};

/// A shell at a terminal runs this, and once this is seen the window is closed.
fn typed_and_closed(repo: &Repo<'_>, line: &str, seen: &str) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fakes/terminal.py");
    let mut command = repo.playground.command("python3", &repo.dir);
    command
        .args([script, seen, "hang up", "--", "sh", "-c"])
        .arg(format!("{line}; exec sleep 600"))
        .env("GHP", GHP)
        .env("TERM", "xterm");
    finish(&mut command, b"").ok().stdout
}

fn session(repo: &Repo<'_>, name: &str) -> Value {
    let list = repo.ghp(&["session", "list", "--json"]).ok().json();
    let list = list["sessions"].as_array().expect("a list").clone();
    let found = list.into_iter().find(|session| session["name"] == name);
    found.unwrap_or(Value::Null)
}

fn inbox(repo: &Repo<'_>) -> Vec<Value> {
    let inbox = repo.ghp(&["inbox", "--json"]).ok().json();
    inbox["items"].as_array().expect("a list").clone()
}

#[test]
fn a_monitor_outlives_its_terminal_and_tells_how_it_ended() {
    if !require("python3", "a monitor whose terminal is closed") {
        return;
    }
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    let repo = &stage.repo;
    let line = "\"$GHP\" monitor --name build --detach -- sh -c \
                'echo compiling; until [ -e go ]; do sleep 0.1; done; echo \"error: no type\"; exit 3'";
    typed_and_closed(repo, line, "goes on by itself");
    let seen = session(repo, "build");
    assert_eq!(
        (&seen["state"], &seen["provider"], &seen["backend"]),
        (&json!("working"), &json!("ghp"), &json!("process"))
    );
    found("it prints", || {
        let output = repo.ghp(&["session", "output", "build"]).ok().stdout;
        output.contains("compiling").then_some(())
    });
    // One that runs takes no prompt, and no second of its name.
    repo.ghp(&["session", "send", "build", "hello"]).exit(4);
    repo.ghp(&["monitor", "--name", "build", "--detach", "--", "true"])
        .exit(4)
        .says("build runs already");
    std::fs::write(repo.dir.join("go"), "").expect("a file");
    let told = found("a person is asked", || inbox(repo).pop());
    assert_eq!(told["title"], "build failed with exit code 3");
    // Whoever waited in vain asks it, not an agent of a session.
    assert_eq!(told["from"], "Ana");
    let over = found("it ends", || {
        Some(session(repo, "build")).filter(|seen| seen["state"] == "exited")
    });
    assert_eq!(over["exitCode"], 3);
    repo.ghp(&["session", "rm", "build"]).ok();
}

#[test]
fn one_in_the_foreground_ends_with_its_terminal() {
    if !require("python3", "a monitor in a terminal that is closed") {
        return;
    }
    let playground = Playground::new();
    let repo = playground.repo();
    let line = "\"$GHP\" monitor --name build -- sh -c 'echo $$ > pid; echo begun; exec sleep 600'";
    typed_and_closed(&repo, line, "begun");
    let pid = std::fs::read_to_string(repo.dir.join("pid")).expect("it ran");
    let process = std::path::Path::new("/proc").join(pid.trim());
    found("its command has ended", || {
        (!process.exists()).then_some(())
    });
    assert_eq!(session(&repo, "build"), Value::Null);
}

#[test]
fn a_stop_of_its_session_ends_a_monitor_and_tells_nobody() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    let repo = &stage.repo;
    let script = "echo $$ > pid; sleep 600; exit 3";
    let words = [
        "monitor", "--detach", "--name", "build", "--json", "--", "sh", "-c", script,
    ];
    let begun = repo.agent("worker-1", &words).ok().json();
    assert_eq!(begun["name"], "build", "{begun}");
    let pid = found("it runs", || {
        let pid = std::fs::read_to_string(repo.dir.join("pid")).ok()?;
        Some(pid.trim().to_owned()).filter(|pid| !pid.is_empty())
    });
    // Whoever started it ends it; another agent does not.
    repo.agent("worker-2", &["session", "stop", "build"])
        .exit(3);
    repo.agent("worker-1", &["session", "stop", "build"]).ok();
    assert!(!std::path::Path::new("/proc").join(pid).exists());
    assert_eq!(session(repo, "build")["state"], "exited");
    assert_eq!(inbox(repo), Vec::<Value>::new());
    let tasks = repo.ghp(&["tasks", "--all", "--json"]).ok().json();
    assert_eq!(tasks["tasks"], json!([]));
}

#[test]
fn what_cannot_be_detached_says_so_at_once() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["status", "set", "idle"]).silent();
    repo.ghp(&["monitor", "--detach", "--name", "worker-1", "--", "true"])
        .exit(4)
        .says("an agent has that name");
    repo.ghp(&["monitor", "--detach", "--", "no-such-program-here"])
        .exit(7)
        .says("there is no program no-such-program-here");
    repo.ghp(&["monitor", "--detach"]).exit(2);
    repo.ghp(&["workflow", "run", "--detach", "nothing"])
        .exit(2);
    let list = repo.ghp(&["session", "list", "--json"]).ok().json();
    assert_eq!(list["sessions"], json!([]));
}

#[test]
fn a_run_outlives_its_terminal_and_comes_to_its_end() {
    if !require("python3", "a run of a workflow whose terminal is closed") {
        return;
    }
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    let repo = &stage.repo;
    let line = "\"$GHP\" workflow run --detach parallel-investigation problem=slow";
    typed_and_closed(repo, line, "goes on by itself");
    let run = the_run(repo);
    let id = run["id"].as_str().expect("an id").to_owned();
    let name = format!("run-{}", &id[id.len() - 4..]);
    assert_eq!(session(repo, &name)["state"], "working");
    found("it delegates", || {
        (super::tasks(repo).len() == 3).then_some(())
    });
    // One process drives it.
    repo.ghp(&["workflow", "resume", &id, "--wait", "0"])
        .exit(4);
    {
        let _agents = Agents::new(repo, &["worker-1", "worker-2", "planning-1"]);
        found("it is done", || {
            (the_run(repo)["state"] == "done").then_some(())
        });
    }
    let over = found("its session ends", || {
        Some(session(repo, &name)).filter(|seen| seen["state"] == "exited")
    });
    assert_eq!(over["exitCode"], 0);
    let tasks = super::tasks(repo);
    assert_eq!(tasks.len(), 4, "no task is delegated twice");
}

#[test]
fn a_run_whose_session_was_stopped_goes_on_where_it_stood() {
    let playground = Playground::new();
    let stage = Stage::new(&playground, "process");
    let repo = &stage.repo;
    repo.write(
        "workflows/one.toml",
        super::checked(
            "[\"sh\", \"-c\", \"echo x >> begun; until [ -e go ]; do sleep 0.1; done\"]",
            3,
        ),
    );
    repo.ghp(&["trust", "--yes"]).ok();
    let id = repo
        .ghp(&["workflow", "run", "one", "--detach", "-q"])
        .ok()
        .stdout;
    let id = id.trim();
    let name = format!("run-{}", &id[id.len() - 4..]);
    let begun = || std::fs::read_to_string(repo.dir.join("begun")).unwrap_or_default();
    found("its check runs", || (!begun().is_empty()).then_some(()));
    repo.ghp(&["session", "stop", &name]).ok();
    assert_eq!(
        the_run(repo)["state"],
        "running",
        "a check that was stopped has not failed"
    );
    std::fs::write(repo.dir.join("go"), "").expect("a file");
    repo.ghp(&["workflow", "resume", id, "--detach"]).ok();
    let run = found("it is done", || {
        Some(the_run(repo)).filter(|run| run["state"] == "done")
    });
    assert_eq!(super::step(&run, "try")["jobs"][0]["attempts"], 1, "{run}");
    assert_eq!(begun(), "x\nx\n");
}
