//! Claude Code: hooks of settings.json, as run by version 2.1.

use serde_json::{Value, json};

use super::payload::Payload;
use super::{Harness, Reading};
use crate::commands::event::{Answer, What};

pub(super) const HARNESS: Harness = Harness {
    name: "claude",
    hears_at_edit: true,
    read,
    say,
};

/// The tools that change files.
const EDITS: [&str; 4] = ["Edit", "Write", "MultiEdit", "NotebookEdit"];

fn read(payload: &Payload) -> Option<Reading> {
    let paths = || {
        let input = &payload.tool_input;
        input.path(&["file_path", "notebook_path"])
    };
    read_with(payload, |tool| EDITS.contains(&tool).then(paths))
}

/// Reads what harnesses with Claude Code's events send. `edited`: the files that a tool changes, `None` for one that
/// changes none.
pub(super) fn read_with(
    payload: &Payload,
    edited: impl Fn(&str) -> Option<Vec<String>>,
) -> Option<Reading> {
    let text = |field: &super::payload::Loose| field.text().unwrap_or_default().to_owned();
    let in_subagent = payload.agent_id.text().is_some();
    let what = match payload.event() {
        "SessionStart" if text(&payload.source) == "compact" => What::Compacted,
        "SessionStart" => What::Start,
        // `/clear` goes on at once, with another id.
        "SessionEnd" if text(&payload.reason) == "clear" => return None,
        "SessionEnd" => What::End,
        "UserPromptSubmit" => What::Prompt,
        "PreToolUse" => {
            return Some(Reading {
                what: What::BeforeEdit,
                paths: edited(payload.tool())?,
            });
        }
        "PostToolUse" => {
            return Some(Reading {
                // What a subagent does says nothing of the session's own state.
                what: if in_subagent {
                    What::AfterToolBelow
                } else {
                    What::AfterTool
                },
                paths: edited(payload.tool()).unwrap_or_default(),
            });
        }
        "PermissionRequest" => What::Asked,
        "Notification" => match text(&payload.notification_type).as_str() {
            "permission_prompt" | "elicitation_dialog" | "agent_needs_input" => What::Asked,
            _ => What::Alive,
        },
        "Stop" if payload.stop_hook_active.is_true() => What::StopAgain,
        "Stop" => What::Stop,
        "StopFailure" => What::Broken,
        "Interrupt" => What::Halt,
        "SubagentStop" => What::Alive,
        _ => return None,
    };
    Some(Reading::of(what))
}

/// Claude Code's own form of an answer.
pub(super) fn say(what: What, answer: Answer) -> Option<Value> {
    Some(match answer {
        Answer::Silence => return None,
        Answer::Context(text) => {
            let event = match what {
                What::Prompt => "UserPromptSubmit",
                What::BeforeEdit => "PreToolUse",
                _ => "SessionStart",
            };
            json!({"hookSpecificOutput": {"hookEventName": event, "additionalContext": text}})
        }
        Answer::Refusal(reason) => json!({"hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "deny",
            "permissionDecisionReason": reason,
        }}),
        Answer::GoOn(reason) => json!({"decision": "block", "reason": reason}),
    })
}
