//! Codex. `--no-daemon`, because a daemon that several terminals share would run hooks in the environment of the first.
//! It trusts hooks only by its own file, so they are installed once: `ghp install codex`.

use std::time::Duration;

use serde_json::Value;

use super::screen::End;
use super::{Asked, Headless, Provider, Said, Speech, Turn};
use crate::domain::session::Look;

pub(super) const PROVIDER: Provider = Provider {
    name: "codex",
    program: "codex",
    install: "npm install -g @openai/codex",
    harness: Some("codex"),
    needs: Some("ghp install codex"),
    words,
    headless: Headless {
        words: headless,
        input: Some(input),
        speech: Speech::Lines(hear),
        note: Some(
            "without a screen Codex only reads, unless its configuration says otherwise: --provider codex -- codex --sandbox workspace-write",
        ),
    },
    takes_prompt: true,
    pause: Duration::from_millis(500),
    first_asks: None,
    look,
};

fn words(asked: &Asked<'_>) -> Vec<String> {
    let mut words = vec!["--no-daemon".to_owned()];
    words.extend(folders(asked));
    if let Some(prompt) = asked.together() {
        words.extend(["--".to_owned(), prompt]);
    }
    words
}

fn headless(asked: &Asked<'_>, turn: Turn<'_>) -> Vec<String> {
    let mut words = vec!["exec".to_owned(), "--json".to_owned()];
    words.extend(folders(asked));
    if let Some(id) = turn.conversation {
        words.extend(["resume".to_owned(), id.to_owned()]);
    }
    // Standard input.
    words.push("-".to_owned());
    words
}

fn input(asked: &Asked<'_>, turn: Turn<'_>) -> Option<String> {
    asked.in_turn(turn)
}

/// An event of `exec --json`.
fn hear(event: &Value, said: &mut Said) {
    match event["type"].as_str() {
        Some("thread.started") => said.names(&event["thread_id"]),
        Some("item.completed") if event["item"]["type"] == "agent_message" => {
            said.says(&event["item"]["text"]);
        }
        Some("turn.failed") => said.fails(&event["error"]["message"]),
        Some("error") => said.stumbles(&event["message"]),
        _ => {}
    }
}

/// Its sandbox forbids writing outside the worktree.
fn folders(asked: &Asked<'_>) -> Vec<String> {
    let folders = [asked.documents, asked.local].into_iter();
    folders
        .flat_map(|folder| ["--add-dir".to_owned(), folder.display().to_string()])
        .collect()
}

fn look(screen: &str) -> Option<Look> {
    let end = End::of(screen);
    if end.begins(12, &["› 1.", "› 2.", "› 3."]) {
        return Some(Look::Waiting);
    }
    if end.says(8, &["esc to interrupt"]) {
        return Some(Look::Working);
    }
    let prompt = end.after(5, "›")?;
    let is_empty = prompt.is_empty() || end.says(3, &["? for shortcuts"]);
    Some(if is_empty { Look::Idle } else { Look::Draft })
}
