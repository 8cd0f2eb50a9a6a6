//! `ghp monitor`: long things watched, and whoever should know told.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::json;

use crate::support::{Playground, eventually, found};

fn inbox(repo: &crate::support::Repo<'_>) -> serde_json::Value {
    repo.ghp(&["inbox", "--json"]).ok().json()["items"].clone()
}

#[test]
fn a_failure_is_told_once_with_the_end_of_the_output() {
    let playground = Playground::new();
    let repo = playground.repo();
    let script = "echo compiling; echo '## Decision'; echo 'error: no such type'; exit 3";
    let words = [
        "monitor", "--name", "build", "--json", "--", "sh", "-c", script,
    ];
    let report = repo.ghp(&words).exit(3).json();
    assert_eq!(report["exitCode"], 3);
    assert_eq!(
        report["tail"],
        "compiling\n## Decision\nerror: no such type\n"
    );
    assert_eq!(report["told"]["kind"], "escalation");
    let items = inbox(&repo);
    assert_eq!(items[0]["title"], "build failed with exit code 3");
    let id = items[0]["id"].as_str().expect("an id");
    assert_eq!(
        report["told"],
        json!({"kind": "escalation", "id": id, "new": true})
    );
    let text = repo.read(&format!("escalations/{id}.md"));
    assert!(text.contains("    error: no such type\n"), "{text}");
    assert!(text.trim_end().ends_with("## Decision"), "{text}");
    // The same condition counts up.
    let again = repo.ghp(&words).exit(3).json();
    assert_eq!(
        again["told"],
        json!({"kind": "escalation", "id": id, "new": false})
    );
    assert_eq!(inbox(&repo).as_array().map(Vec::len), Some(1));
    assert_eq!(inbox(&repo)[0]["count"], 2);
}

#[test]
fn a_success_is_told_when_that_was_asked_for() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["monitor", "--", "true"])
        .ok()
        .prints("true succeeded after ");
    repo.ghp(&["monitor", "--until-success", "--", "false"])
        .exit(1);
    assert_eq!(inbox(&repo), json!([]));
    repo.ghp(&["monitor", "--until-success", "--", "true"]).ok();
    assert_eq!(inbox(&repo)[0]["title"], "true succeeded");
}

#[test]
fn an_agent_is_told_by_a_task() {
    let playground = Playground::new();
    let repo = playground.repo();
    let words = ["monitor", "--to", "lead", "--json", "--", "false"];
    let report = repo.agent("worker-1", &words).exit(1).json();
    assert_eq!(report["told"]["kind"], "task");
    let again = repo.agent("worker-1", &words).exit(1).json();
    assert_eq!(again["told"]["id"], report["told"]["id"]);
    let next = repo.agent("lead", &["next", "--json"]).ok().json();
    assert_eq!(next["item"]["id"], report["told"]["id"]);
    repo.agent("worker-1", &["monitor", "--to", "A B", "--", "false"])
        .exit(2);
}

#[test]
fn how_it_ended_is_how_we_end() {
    let playground = Playground::new();
    let repo = playground.repo();
    let report = repo.ghp(&["monitor", "--json", "--", "sh", "-c", "kill -9 $$"]);
    let report = report.exit(137).json();
    assert_eq!(
        (&report["signal"], &report["exitCode"]),
        (&json!(9), &json!(137))
    );
    repo.ghp(&["monitor", "--", "no-such-program-here"])
        .exit(7)
        .says("there is no program no-such-program-here");
    repo.ghp(&["monitor", "--"]).exit(2);
    repo.ghp(&["monitor", "--name", "", "--", "true"]).exit(2);
    // What our own options are called may be the command's, too.
    repo.ghp(&[
        "monitor", "--", "sh", "-c", "exit $#", "--json", "-q", "--notify",
    ])
    .exit(2);
    assert_eq!(inbox(&repo).as_array().map(Vec::len), Some(1));
}

#[test]
fn of_an_output_without_end_little_is_kept_and_secrets_are_not() {
    let playground = Playground::new();
    let repo = playground.repo();
    let script = "yes 'a line that says little' | head -c 40000000; printf '\\033[2J\\n'; \
                  echo AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYzz93kd02; exit 1";
    let report = repo.ghp(&["monitor", "--json", "--", "sh", "-c", script]);
    let report = report.exit(1).json();
    assert!(report["printed"].as_u64() > Some(40_000_000));
    assert!(report["tail"].as_str().expect("text").len() <= 8 << 10);
    let id = inbox(&repo)[0]["id"].as_str().expect("an id").to_owned();
    let text = repo.read(&format!("escalations/{id}.md"));
    assert!(text.len() < 64 << 10 && !text.contains('\u{1b}'), "{text}");
    assert!(
        !text.contains("wJalr") && text.contains("(left out: it looks like "),
        "{text}"
    );
}

#[test]
fn it_runs_again_until_what_was_asked_for() {
    let playground = Playground::new();
    let repo = playground.repo();
    let script = "echo x >> count; [ $(wc -l < count) -ge 3 ]";
    let words = [
        "monitor",
        "--every",
        "1s",
        "--until-success",
        "--json",
        "--",
        "sh",
        "-c",
        script,
    ];
    let run = repo.ghp(&words).ok();
    let codes: Vec<serde_json::Value> = run
        .stdout
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).expect("JSON")["exitCode"].clone()
        })
        .collect();
    assert_eq!(codes, [json!(1), json!(1), json!(0)]);
    assert_eq!(inbox(&repo)[0]["title"], "sh succeeded");
}

#[test]
fn stopped_it_stops_all_that_it_started() {
    let playground = Playground::new();
    let repo = playground.repo();
    let script = "setsid sleep 600 & echo $! > pids; sleep 600 & echo $! >> pids; wait";
    let child = repo
        .command(&["monitor", "--", "sh", "-c", script])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("ghp starts");
    let pids = found("what it started", || {
        let text = std::fs::read_to_string(repo.dir.join("pids")).unwrap_or_default();
        let pids: Vec<i32> = text.lines().filter_map(|line| line.parse().ok()).collect();
        (pids.len() == 2 && text.ends_with('\n')).then_some(pids)
    });
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    kill_process(pid.expect("a number"), Signal::INT).expect("our own child");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    for pid in pids {
        let pid = Pid::from_raw(pid).expect("a number");
        // Whoever adopts it may take a moment to fetch its exit code.
        eventually("its end", || {
            test_kill_process(pid).is_err() || is_over(pid)
        });
    }
    assert_eq!(inbox(&repo), json!([]));
}

fn is_over(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    stat.map_or(true, |stat| {
        stat.rsplit(") ")
            .next()
            .is_some_and(|rest| rest.starts_with('Z'))
    })
}
