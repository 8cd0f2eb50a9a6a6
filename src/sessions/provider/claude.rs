//! Claude Code. Everything reaches it through `--settings`: hooks, and where our commands may write.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::screen::End;
use super::{Asked, Headless, Provider, Said, Speech, Turn};
use crate::domain::harness;
use crate::domain::session::Look;

pub(super) const PROVIDER: Provider = Provider {
    name: "claude",
    program: "claude",
    install: "npm install -g @anthropic-ai/claude-code",
    harness: Some("claude"),
    needs: None,
    words,
    headless: Headless {
        words: headless,
        input: Some(|asked, _| asked.prompt.map(str::to_owned)),
        speech: Speech::Lines(hear),
        note: Some(
            "without a screen Claude Code refuses what needs a permission: --provider claude -- claude --permission-mode acceptEdits, or \
             allow it in its settings",
        ),
    },
    takes_prompt: true,
    pause: Duration::from_millis(150),
    first_asks: Some(
        "Claude Code asks whether it may trust the folder; answered once in the repository's main worktree, it covers every cave",
    ),
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
    let mut words = ["-p", "--output-format", "stream-json", "--verbose"]
        .map(str::to_owned)
        .to_vec();
    if let Some(id) = turn.conversation {
        words.extend(["--resume".to_owned(), id.to_owned()]);
    }
    words.extend(common(asked));
    words
}

/// An event of `--output-format stream-json`.
fn hear(event: &Value, said: &mut Said) {
    said.names(&event["session_id"]);
    match event["type"].as_str() {
        // What a subagent says is none of the session's own.
        Some("assistant") if event["parent_tool_use_id"].is_null() => {
            let blocks = event["message"]["content"].as_array();
            for block in blocks.into_iter().flatten() {
                said.says(&block["text"]);
            }
        }
        Some("result") if event["is_error"] == true => {
            let why = [&event["result"], &event["errors"][0], &event["subtype"]];
            let why = why.into_iter().find(|why| why.is_string());
            said.fails(why.unwrap_or(&Value::Null));
        }
        // It was said as it came, unless it is the text of a command of its own.
        Some("result") if said.message.as_deref() != event["result"].as_str() => {
            said.says(&event["result"]);
        }
        _ => {}
    }
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
