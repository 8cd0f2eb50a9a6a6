//! Gemini CLI: hooks of .gemini/settings.json, as run by version 0.61.

use serde_json::{Value, json};

use super::payload::Payload;
use super::{Harness, Reading};
use crate::commands::event::{Answer, What};

pub(super) const HARNESS: Harness = Harness {
    name: "gemini",
    hears_at_edit: false,
    read,
    say,
};

fn read(payload: &Payload) -> Option<Reading> {
    let input = &payload.tool_input;
    let paths = input.path(&["file_path", "absolute_path"]);
    let is_edit = matches!(payload.tool(), "write_file" | "replace" | "edit");
    let what = match payload.event() {
        "SessionStart" => What::Start,
        // Its `/clear` goes on at once, too.
        "SessionEnd" if payload.reason.text() == Some("clear") => return None,
        "SessionEnd" => What::End,
        "BeforeAgent" => What::Prompt,
        "AfterAgent" if payload.stop_hook_active.is_true() => What::StopAgain,
        "AfterAgent" => What::Stop,
        "BeforeTool" if is_edit => {
            let what = What::BeforeEdit;
            return Some(Reading { what, paths });
        }
        "AfterTool" => {
            let what = What::AfterTool;
            let paths = if is_edit { paths } else { Vec::new() };
            return Some(Reading { what, paths });
        }
        "Notification" if payload.notification_type.text() == Some("ToolPermission") => What::Asked,
        "Notification" => What::Alive,
        _ => return None,
    };
    Some(Reading::of(what))
}

fn say(_: What, answer: Answer) -> Option<Value> {
    Some(match answer {
        Answer::Silence => return None,
        Answer::Context(text) => {
            json!({"hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": text}})
        }
        Answer::Refusal(reason) | Answer::GoOn(reason) => {
            json!({"decision": "deny", "reason": reason})
        }
    })
}
