//! Cursor: .cursor/hooks.json. From its documentation (cursor.com/docs/hooks) only; no client was run.

use serde_json::{Value, json};

use super::payload::Payload;
use super::{Harness, Reading};
use crate::commands::event::{Answer, What};

pub(super) const HARNESS: Harness = Harness {
    name: "cursor",
    hears_at_edit: false,
    read,
    say,
};

/// The tools that change files.
const EDITS: [&str; 6] = [
    "Write",
    "Edit",
    "MultiEdit",
    "StrReplace",
    "Delete",
    "EditNotebook",
];
/// The fields that name the file, in the versions we have read of.
const PATHS: [&str; 4] = ["file_path", "path", "target_file", "target_notebook"];

fn read(payload: &Payload) -> Option<Reading> {
    let is_edit = EDITS.contains(&payload.tool());
    let paths = || payload.tool_input.path(&PATHS);
    let what = match payload.event() {
        "sessionStart" => What::Start,
        "sessionEnd" => What::End,
        "beforeSubmitPrompt" => What::Prompt,
        "preToolUse" if is_edit => {
            return Some(Reading {
                what: What::BeforeEdit,
                paths: paths(),
            });
        }
        "postToolUse" => {
            return Some(Reading {
                what: What::AfterTool,
                paths: if is_edit { paths() } else { Vec::new() },
            });
        }
        "afterFileEdit" => {
            let path = payload.file_path.text();
            return Some(Reading {
                what: What::AfterTool,
                paths: path.map(str::to_owned).into_iter().collect(),
            });
        }
        "stop" if payload.status.text() == Some("completed") => What::Stop,
        "stop" => What::Halt,
        "subagentStop" => What::Alive,
        _ => return None,
    };
    Some(Reading::of(what))
}

fn say(_: What, answer: Answer) -> Option<Value> {
    Some(match answer {
        Answer::Silence => return None,
        Answer::Context(text) => json!({"additional_context": text}),
        Answer::Refusal(reason) => {
            json!({"permission": "deny", "user_message": reason, "agent_message": reason})
        }
        Answer::GoOn(reason) => json!({"followup_message": reason}),
    })
}
