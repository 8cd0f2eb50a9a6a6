//! Workflows and monitors: work in steps, and long things watched.

mod definitions;
mod detached;
mod hostile;
mod kills;
mod monitor;
mod runs;

use std::process::{Child, Stdio};

use serde_json::Value;

use crate::support::{GHP, Repo};

/// A process that polls for tasks and answers each, until the file `stop` is
/// there.
fn polling(repo: &Repo<'_>, name: &str) -> Child {
    let script = r#"
        while [ ! -e stop ]; do
            "$GHP" next --wait 1s >/dev/null 2>&1
            id=$("$GHP" task take --json 2>/dev/null | sed -n 's/.*"id":"\([^"]*\)".*/\1/p')
            [ -n "$id" ] || continue
            echo "$GHP_AGENT" >> "took-$id"
            "$GHP" done "$id" -m "$GHP_AGENT did it" >/dev/null 2>&1
        done"#;
    repo.playground
        .command("sh", &repo.dir)
        .args(["-c", script])
        .env("GHP_AGENT", name)
        .env("GHP", GHP)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh starts")
}

/// The agents of a test; they end with it.
struct Agents<'r> {
    repo: &'r Repo<'r>,
    children: Vec<Child>,
}

impl<'r> Agents<'r> {
    fn new(repo: &'r Repo<'r>, names: &[&str]) -> Agents<'r> {
        for name in names {
            repo.agent(name, &["status", "set", "idle"]).silent();
        }
        let children = names.iter().map(|name| polling(repo, name)).collect();
        Agents { repo, children }
    }
}

impl Drop for Agents<'_> {
    fn drop(&mut self) {
        std::fs::write(self.repo.dir.join("stop"), "").expect("a file");
        for child in &mut self.children {
            child.wait().expect("our own child");
        }
    }
}

/// The only run.
#[track_caller]
fn the_run(repo: &Repo<'_>) -> Value {
    let list = repo.ghp(&["workflow", "list", "-a", "--json"]).ok().json();
    let runs = list["runs"].as_array().expect("a list");
    assert_eq!(runs.len(), 1, "{list}");
    let id = runs[0]["id"].as_str().expect("an id");
    repo.ghp(&["workflow", "show", id, "--json"]).ok().json()
}

/// A step of a run.
#[track_caller]
fn step<'v>(run: &'v Value, name: &str) -> &'v Value {
    let steps = run["steps"].as_array().expect("a list");
    steps
        .iter()
        .find(|step| step["step"] == name)
        .unwrap_or_else(|| panic!("no step {name} in {run}"))
}

/// The state of each step.
fn states(run: &Value) -> Vec<&str> {
    let steps = run["steps"].as_array().expect("a list");
    steps
        .iter()
        .filter_map(|step| step["state"].as_str())
        .collect()
}

/// Every task there is.
fn tasks(repo: &Repo<'_>) -> Vec<Value> {
    let list = repo.ghp(&["task", "list", "-a", "--json"]).ok().json();
    list["tasks"].as_array().expect("a list").clone()
}

/// A workflow whose only step is a check.
fn checked(words: &str, retries: u64) -> String {
    format!("[[step]]\nname = \"try\"\ncheck = {words}\nretries = {retries}\n")
}
