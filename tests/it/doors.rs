//! The doors at which a change is judged.

mod check;
mod faults;
mod git;
mod hooks;
mod install;
mod mcp;
mod others;
mod real_clients;
mod reminders;
mod spellings;
mod verdicts;
mod ways_around;

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Playground, Repo, Run, finish};

/// A recorded event, as if it happened in this folder to this session.
fn recorded(harness: &str, event: &str, repo: &Repo, session: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/hooks")
        .join(harness)
        .join(format!("{event}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{event}: {error}"));
    let here = repo.dir.canonicalize().expect("a folder");
    let text = text
        .replace("/home/ana/app", &here.display().to_string())
        .replace("369df313-4348-401f-9a0e-b34a88b9de5c", session)
        .replace("ses_e01865c8bffeMeGq7EdcEoRUNS", session);
    serde_json::from_str(&text).expect("JSON")
}

/// Hands an event to the door, with these variables more. It must end with 0.
#[track_caller]
fn hook(repo: &Repo, harness: &str, event: &Value, env: &[(&str, &str)]) -> Run {
    let mut command = repo.command(&["hook", harness]);
    command.envs(env.iter().copied());
    finish(&mut command, event.to_string().as_bytes()).ok()
}

/// Says which files are nobody's alone.
fn share(repo: &Repo, files: &str) {
    let files = json!([files]).to_string();
    repo.ghp(&["config", "set", "coordination.sharedFiles", &files])
        .ok();
}

/// An issue of worker-1 with a scope, its branch in a worktree of its own; the shared file is README.md.
fn at_work(playground: &Playground) -> (Repo<'_>, Repo<'_>) {
    let repo = playground.repo();
    share(&repo, "README.md");
    repo.ghp(&["issue", "new", "Metrics", "--scope", "src/**"])
        .ok();
    let started = repo
        .ghp(&["start", "1", "--worktree", "--for", "worker-1", "--json"])
        .ok()
        .json();
    let worktree = started["worktree"].as_str().expect("a worktree").to_owned();
    (repo.clone(), repo.at(worktree))
}

/// An edit of this path with Claude Code.
fn edit(repo: &Repo, path: &str, session: &str) -> Value {
    let mut event = recorded("claude", "PreToolUse", repo, session);
    event["tool_input"]["file_path"] = json!(repo.dir.join(path));
    event
}

/// What is on the board of an agent.
#[track_caller]
fn entry(repo: &Repo, agent: &str) -> Value {
    repo.status()["agents"][agent].clone()
}
