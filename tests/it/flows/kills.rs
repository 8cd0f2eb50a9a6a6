//! The driver of a run is killed at any moment: no finished step is done again, none is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use super::{Agents, states};
use crate::support::{Playground, Repo};

const RUNS: usize = 30;

/// Delegated work, a fan-out over its answer, a check and a join: every way in which a step goes on.
const WORK: &str = r#"
[[step]]
name = "plan"
to = "any"
prompt = "Plan"
[[step]]
name = "each"
needs = ["plan"]
for_each = ["a", "b"]
to = "any"
prompt = "Do {{ item }} of {{ plan.answer }}"
[[step]]
name = "try"
needs = ["plan"]
check = ["sh", "-c", "echo checked >> checked"]
[[step]]
name = "end"
needs = ["each", "try"]
to = "any"
prompt = "{{ each.answer }}"
"#;

/// The run's document, and the steps in it that are done.
fn document(repo: &Repo<'_>, id: &str) -> (Value, BTreeSet<String>) {
    let run: Value =
        serde_json::from_str(&repo.read(&format!("workflows/runs/{id}.json"))).expect("whole");
    let steps = run["steps"].as_array().expect("a list");
    let done = steps.iter().filter(|step| step["state"] == "done");
    let done = done.map(ToString::to_string).collect();
    (run, done)
}

#[test]
fn killed_at_any_moment_no_step_is_repeated_and_none_is_lost() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write("workflows/work.toml", WORK);
    repo.ghp(&["trust", "--yes"]).ok();
    let agents = Agents::new(&repo, &["worker-1", "worker-2"]);
    let mut kills = 0;
    let mut seed = 7_u64;
    for number in 0..RUNS {
        let request = format!("r{number}");
        let words = ["workflow", "run", "work", "--request-id", &request];
        let mut id: Option<String> = None;
        let mut finished = BTreeSet::new();
        for _ in 0..6 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let after = Duration::from_millis(20 + (seed >> 33) % 180);
            let mut driver = repo
                .command(&words)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("ghp starts");
            std::thread::sleep(after);
            if driver.try_wait().expect("our own child").is_none() {
                kills += 1;
            }
            driver.kill().expect("our own child");
            driver.wait().expect("our own child");
            id = id.or_else(|| run_of(&repo, &request));
            if let Some(id) = &id {
                let (_, now) = document(&repo, id);
                assert!(finished.is_subset(&now), "{finished:?} of {now:?}");
                finished = now;
            }
        }
        let done = repo
            .ghp(&[
                "workflow",
                "run",
                "work",
                "--request-id",
                &request,
                "--json",
            ])
            .ok()
            .json();
        assert_eq!(states(&done), ["done"; 4], "run {number}");
        let id = done["id"].as_str().expect("an id");
        let (_, now) = document(&repo, id);
        assert!(finished.is_subset(&now), "{finished:?} of {now:?}");
    }
    drop(agents);
    assert!(kills > RUNS, "only {kills} were killed");
    // Every task once: by what it was asked for, and by who took it.
    let mut tasks: BTreeMap<String, usize> = BTreeMap::new();
    for entry in std::fs::read_dir(repo.documents().join("tasks")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a task");
        let asked = text
            .lines()
            .find(|line| line.starts_with("requestId: "))
            .expect("asked for");
        *tasks.entry(asked.to_owned()).or_default() += 1;
        let stem = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let took = std::fs::read_to_string(repo.dir.join(format!("took-{stem}"))).expect("taken");
        assert_eq!(took.lines().count(), 1, "{stem}");
    }
    assert_eq!(tasks.len(), 4 * RUNS);
    assert!(tasks.values().all(|count| *count == 1), "{tasks:?}");
    // A check that was killed while it ran is made again, one that had passed is not.
    let checked = std::fs::read_to_string(repo.dir.join("checked")).expect("checked");
    assert!(checked.lines().count() >= RUNS);
}

fn run_of(repo: &Repo<'_>, request: &str) -> Option<String> {
    let folder = repo.documents().join("workflows/runs");
    for entry in std::fs::read_dir(folder).ok()? {
        let path = entry.ok()?.path();
        let run: Value = serde_json::from_str(&std::fs::read_to_string(&path).ok()?).ok()?;
        if run["requestId"] == request {
            return Some(run["id"].as_str()?.to_owned());
        }
    }
    None
}
