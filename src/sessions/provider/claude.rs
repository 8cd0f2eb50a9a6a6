//! Claude Code. Everything reaches it through `--settings`: hooks, and where our commands may write.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::screen::End;
use super::{Asked, Provider, Turn};
use crate::domain::harness;
use crate::domain::session::Look;

pub(super) const PROVIDER: Provider = Provider {
    name: "claude",
    program: "claude",
    install: "npm install -g @anthropic-ai/claude-code",
    harness: Some("claude"),
    needs: None,
    words,
    headless: Some(headless),
    takes_prompt: true,
    pause: Duration::from_millis(150),
    look,
};

fn words(asked: &Asked<'_>) -> Vec<String> {
    let mut words = common(asked);
    if let Some(prompt) = asked.prompt {
        // What begins with a hyphen is a prompt all the same.
        words.extend(["--".to_owned(), prompt.to_owned()]);
    }
    words
}

fn headless(asked: &Asked<'_>, turn: Turn<'_>) -> Vec<String> {
    let mut words = vec![
        "-p".to_owned(),
        "--output-format".to_owned(),
        "json".to_owned(),
    ];
    words.extend(match turn {
        Turn::First(id) => ["--session-id".to_owned(), id.to_owned()],
        Turn::Next(id) => ["--resume".to_owned(), id.to_owned()],
    });
    words.extend(self::words(asked));
    words
}

fn common(asked: &Asked<'_>) -> Vec<String> {
    let mut words = vec!["--settings".to_owned(), settings(asked).to_string()];
    if let Some(persona) = asked.persona {
        words.extend(["--append-system-prompt".to_owned(), persona.to_owned()]);
    }
    words
}

/// The hooks that `ghp install claude` writes into a file, and the folders.
fn settings(asked: &Asked<'_>) -> Value {
    let entry = |hook: &harness::Hook| {
        let mut entry = Map::new();
        if let Some(matcher) = hook.matcher {
            entry.insert("matcher".to_owned(), matcher.into());
        }
        let command = json!({"type": "command", "command": asked.hook, "timeout": hook.timeout});
        entry.insert("hooks".to_owned(), json!([command]));
        (hook.event.to_owned(), json!([entry]))
    };
    let hooks: Map<String, Value> = harness::CLAUDE.iter().map(entry).collect();
    json!({
        "hooks": hooks,
        "permissions": {"additionalDirectories": [asked.documents]},
        "sandbox": {"filesystem": {"allowWrite": [asked.documents, asked.local]}},
    })
}

fn look(screen: &str) -> Option<Look> {
    let end = End::of(screen);
    if end.begins(12, &["❯ 1.", "❯ 2.", "❯ 3.", "❯ 4."]) {
        return Some(Look::Waiting);
    }
    if end.says(10, &["esc to interrupt"]) {
        return Some(Look::Working);
    }
    // Its line for a prompt stands between two rules; what was said before stands above them.
    let prompt = end.below("────", "❯")?;
    // An empty one may hold a proposal, and the footer says so by being there.
    let is_empty = prompt.is_empty() || end.says(4, &["? for shortcuts"]);
    Some(if is_empty { Look::Idle } else { Look::Draft })
}
