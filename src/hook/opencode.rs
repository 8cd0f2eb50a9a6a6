//! opencode, as run by version 1.18: it has plugins instead of hooks, so the events are those that our own plugin sends
//! (`ghp install opencode`), under opencode's names, and the answer is what that plugin acts upon.

use serde_json::{Value, json};

use super::payload::Payload;
use super::{Harness, Reading};
use crate::commands::event::{Answer, What};
use crate::domain::harness::patched_paths;

pub(super) const HARNESS: Harness = Harness {
    name: "opencode",
    hears_at_edit: false,
    read,
    say,
};

/// The files that a tool changes; `None`: it changes none.
fn edited(payload: &Payload) -> Option<Vec<String>> {
    let input = &payload.tool_input;
    match payload.tool() {
        "edit" | "write" | "multiedit" => Some(input.path(&["filePath"])),
        "patch" | "apply_patch" => {
            let patch = input.first(&["patchText"]).unwrap_or_default();
            Some(
                patched_paths(patch)
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
            )
        }
        _ => None,
    }
}

fn read(payload: &Payload) -> Option<Reading> {
    let what = match payload.event() {
        "session.created" => What::Start,
        "session.compacted" => What::Compacted,
        "chat.message" => What::Prompt,
        "tool.execute.before" => {
            return Some(Reading {
                what: What::BeforeEdit,
                paths: edited(payload)?,
            });
        }
        "tool.execute.after" => {
            return Some(Reading {
                what: if payload.agent_id.text().is_some() {
                    What::AfterToolBelow
                } else {
                    What::AfterTool
                },
                paths: edited(payload).unwrap_or_default(),
            });
        }
        "permission.asked" => What::Asked,
        "session.idle" => What::Stop,
        "session.error" => What::Halt,
        "session.deleted" => What::End,
        _ => return None,
    };
    Some(Reading::of(what))
}

fn say(_: What, answer: Answer) -> Option<Value> {
    Some(match answer {
        Answer::Silence => return None,
        Answer::Context(text) => json!({"context": text}),
        Answer::Refusal(reason) => json!({"deny": reason}),
        Answer::GoOn(reason) => json!({"prompt": reason}),
    })
}
