//! Delegated work: a prompt goes to an agent, its answer comes back, whatever breaks in between.

mod attaching;
mod chief;
mod contained;
mod delegating;
mod editing;
mod headless;
mod hooks;
mod killing;
mod losing;
mod racing;
mod receiving;
mod recovering;
mod sessions;

use serde_json::Value;

use crate::support::Repo;

/// Delegates as `lead`; the task's last four characters.
#[track_caller]
fn delegate(repo: &Repo<'_>, words: &[&str]) -> String {
    let mut all = vec!["delegate", "-q"];
    all.extend(words);
    let id = repo.agent("lead", &all).ok().stdout;
    tail(id.trim())
}

fn tail(id: &str) -> String {
    id[id.len() - 4..].to_owned()
}

/// A task as a program sees it.
#[track_caller]
fn task(repo: &Repo<'_>, id: &str) -> Value {
    repo.ghp(&["task", "show", id, "--json"]).ok().json()
}

/// What a board says of agents that are there and idle.
fn idle(repo: &Repo<'_>, agents: &[&str]) {
    for agent in agents {
        repo.agent(agent, &["status", "set", "idle"]).silent();
    }
}
