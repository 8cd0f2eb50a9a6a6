//! opencode. Its plugin stands in a file of the worktree: `ghp install opencode`.

use std::time::Duration;

use super::screen::End;
use super::{Asked, Provider, Turn};
use crate::domain::session::Look;

pub(super) const PROVIDER: Provider = Provider {
    name: "opencode",
    program: "opencode",
    install: "npm install -g opencode-ai",
    harness: Some("opencode"),
    needs: Some("ghp install opencode"),
    words,
    headless: Some(headless),
    takes_prompt: true,
    pause: Duration::from_millis(500),
    look,
};

fn words(asked: &Asked<'_>) -> Vec<String> {
    let prompt = asked.together();
    prompt
        .map(|text| format!("--prompt={text}"))
        .into_iter()
        .collect()
}

fn headless(asked: &Asked<'_>, turn: Turn<'_>) -> Vec<String> {
    let mut words = vec!["run".to_owned(), "--format".to_owned(), "json".to_owned()];
    if let Turn::Next(id) = turn {
        words.extend(["--session".to_owned(), id.to_owned()]);
    }
    if let Some(prompt) = asked.together() {
        words.extend(["--".to_owned(), prompt]);
    }
    words
}

fn look(screen: &str) -> Option<Look> {
    let end = End::of(screen);
    if end.says(14, &["Permission required"]) {
        return Some(Look::Waiting);
    }
    if end.says(8, &["esc interrupt", "esc to interrupt"]) {
        return Some(Look::Working);
    }
    end.says(8, &["ctrl+p commands", "Ask anything"])
        .then_some(Look::Idle)
}
