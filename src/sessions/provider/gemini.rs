//! Gemini CLI. Its hooks stand in a file of the worktree: `ghp install gemini`.

use std::time::Duration;

use serde_json::Value;

use super::screen::End;
use super::{Asked, Headless, Provider, Said, Speech, Turn};
use crate::domain::session::Look;

pub(super) const PROVIDER: Provider = Provider {
    name: "gemini",
    program: "gemini",
    install: "npm install -g @google/gemini-cli",
    harness: Some("gemini"),
    needs: Some("ghp install gemini"),
    words,
    headless: Headless {
        words: headless,
        input: None,
        speech: Speech::Document(hear),
        note: Some(
            "without a screen Gemini refuses what needs a permission: --provider gemini -- gemini --approval-mode auto_edit",
        ),
    },
    takes_prompt: true,
    pause: Duration::from_secs(1),
    first_asks: None,
    look,
};

fn words(asked: &Asked<'_>) -> Vec<String> {
    let mut words = folders(asked);
    // One word, so that a prompt that begins with a hyphen is none of its options.
    words.extend(
        asked
            .together()
            .map(|text| format!("--prompt-interactive={text}")),
    );
    words
}

fn headless(asked: &Asked<'_>, turn: Turn<'_>) -> Vec<String> {
    let mut words = folders(asked);
    words.extend(["--output-format".to_owned(), "json".to_owned()]);
    if turn.goes_on {
        // The cave is a project of its own, so the latest there is ours.
        let id = turn.conversation.unwrap_or("latest");
        words.extend(["--resume".to_owned(), id.to_owned()]);
    }
    words.extend(asked.in_turn(turn).map(|text| format!("--prompt={text}")));
    words
}

/// The document of `--output-format json`.
fn hear(document: &Value, said: &mut Said) {
    said.names(&document["session_id"]);
    said.says(&document["response"]);
    if document["error"].is_object() {
        said.fails(&document["error"]["message"]);
    }
}

fn folders(asked: &Asked<'_>) -> Vec<String> {
    let documents = asked.documents.display().to_string();
    vec!["--include-directories".to_owned(), documents]
}

fn look(screen: &str) -> Option<Look> {
    let end = End::of(screen);
    if end.begins(14, &["● 1.", "● 2.", "● 3."]) {
        return Some(Look::Waiting);
    }
    if end.says(12, &["esc to cancel"]) {
        return Some(Look::Working);
    }
    end.says(8, &["Type your message"]).then_some(Look::Idle)
}
