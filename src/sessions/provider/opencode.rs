//! opencode. Its plugin stands in a file of the worktree: `ghp install opencode`.

use std::time::Duration;

use serde_json::Value;

use super::screen::End;
use super::{Asked, Headless, Provider, Said, Speech, Turn};
use crate::domain::session::Look;

pub(super) const PROVIDER: Provider = Provider {
    name: "opencode",
    program: "opencode",
    install: "npm install -g opencode-ai",
    harness: Some("opencode"),
    needs: Some("ghp install opencode"),
    words,
    headless: Headless {
        words: headless,
        input: None,
        speech: Speech::Lines(hear),
        note: None,
    },
    takes_prompt: true,
    pause: Duration::from_millis(500),
    first_asks: None,
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
    if let Some(id) = turn.conversation {
        words.extend(["--session".to_owned(), id.to_owned()]);
    }
    if let Some(prompt) = asked.in_turn(turn) {
        words.extend(["--".to_owned(), prompt]);
    }
    words
}

/// An event of `run --format json`.
fn hear(event: &Value, said: &mut Said) {
    said.names(&event["sessionID"]);
    match event["type"].as_str() {
        Some("text") => said.says(&event["part"]["text"]),
        Some("error") => {
            let error = &event["error"];
            let why = [&error["data"]["message"], &error["message"], &error["name"]];
            let why = why.into_iter().find(|why| why.is_string());
            said.fails(why.unwrap_or(&Value::Null));
        }
        _ => {}
    }
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
