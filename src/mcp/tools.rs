//! The tools: verbs that programs may call.

use std::sync::Arc;

use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool, ToolAnnotations};
use serde_json::{Value, json};

use crate::commands::call::{CALLS, Call, Effect};
use crate::commands::json::{self, Failure};
use crate::domain::nearest::nearest;
use crate::error::Error;

/// The tools that are listed unless all are asked for: what an agent needs from its start to its handoff.
const DEFAULT: &[&str] = &[
    "agent_status",
    "agent_status_set",
    "agent_heartbeat",
    "next",
    "inbox",
    "start",
    "check",
    "request",
    "agent_escalate",
    "wait",
    "issue_show",
    "issue_close",
    "agent_handoff",
    "accept",
    "group_share",
];

/// The argument that every tool takes beside its verb's own.
pub(super) const AGENT: &str = "agent";

/// The verbs that talk to another server, if one is configured.
const OPEN_WORLD: &[&str] = &["memory push", "memory pull", "memory search", "memory list"];

/// A tool's name: its verb's words with underscores.
fn name(call: &Call) -> String {
    call.name.replace([' ', '-'], "_")
}

/// The verb that a tool is. Those that are not listed can be called as well.
pub(super) fn find(tool: &str) -> Option<&'static Call> {
    CALLS.iter().find(|call| name(call) == tool)
}

/// What to say about a tool that there is not.
pub(super) fn unknown(tool: &str) -> String {
    let names: Vec<String> = CALLS.iter().map(name).collect();
    let near = nearest(tool, names.iter().map(String::as_str));
    let near = near.map(|near| format!("; did you mean {near}?"));
    let shown = crate::domain::escape::one_line(tool, 60);
    format!("there is no tool \"{shown}\"{}", near.unwrap_or_default())
}

/// The tools to list.
pub(super) fn listed(all: bool) -> Vec<Tool> {
    let tools = CALLS.iter().map(|call| (name(call), call));
    let mut tools: Vec<_> = tools
        .filter(|(name, _)| all || DEFAULT.contains(&name.as_str()))
        .collect();
    // The most needed first.
    let place = |name: &str| DEFAULT.iter().position(|it| *it == name);
    tools.sort_by_key(|(name, _)| place(name).unwrap_or(DEFAULT.len()));
    tools
        .into_iter()
        .map(|(name, call)| tool(name, call))
        .collect()
}

fn tool(name: String, call: &Call) -> Tool {
    let annotations = ToolAnnotations::from_raw(
        None,
        Some(call.effect == Effect::Reads),
        Some(call.effect == Effect::Removes),
        Some(matches!(call.effect, Effect::Reads | Effect::Settles)),
        Some(OPEN_WORLD.contains(&call.name)),
    );
    let mut tool = Tool::new(name, call.description(), Arc::new(schema(call)));
    tool.title = Some(call.about());
    tool.annotations = Some(annotations);
    tool
}

fn schema(call: &Call) -> JsonObject {
    let mut schema = call.schema();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        let agent = json!({
            "type": "string",
            "description": "Who is calling, where it is not the agent that this server was started for",
        });
        properties.insert(AGENT.to_owned(), agent);
    }
    schema
}

/// What came of a call, as a tool's result: the document that `--json` prints, as text and as a value.
pub(super) fn result(said: Result<String, Error>) -> CallToolResult {
    let error = match said {
        Ok(text) => match serde_json::from_str::<Value>(&text) {
            Ok(value) => {
                let text = ContentBlock::text(text.trim_end());
                let mut result = CallToolResult::success(vec![text]);
                result.structured_content = Some(value);
                return result;
            }
            Err(error) => {
                Error::new(crate::error::Kind::Failed, "the answer is no JSON").because(error)
            }
        },
        Err(error) => error,
    };
    CallToolResult::error(vec![ContentBlock::text(failure(&error))])
}

/// A failure as `--json` prints it.
pub(super) fn failure(error: &Error) -> String {
    let text = json::line(&Failure::from(error)).unwrap_or_default();
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_tools_exist_and_are_few() {
        assert!(DEFAULT.len() <= 15);
        let listed = listed(false);
        let names: Vec<&str> = listed.iter().map(|tool| &*tool.name).collect();
        assert_eq!(names, DEFAULT);
    }

    #[test]
    fn names_are_words_and_underscores() {
        let all = listed(true);
        assert_eq!(all.len(), CALLS.len());
        for tool in all {
            let good = |c: char| c.is_ascii_lowercase() || c == '_';
            assert!(tool.name.chars().all(good), "{}", tool.name);
            assert!(find(&tool.name).is_some(), "{}", tool.name);
            assert!(tool.description.is_some_and(|said| !said.is_empty()));
        }
    }

    #[test]
    fn effects_become_hints() {
        let hints = |name: &str| {
            let tool = tool(name.to_owned(), find(name).expect(name));
            serde_json::to_value(tool.annotations).expect("JSON")
        };
        assert_eq!(hints("check")["readOnlyHint"], true);
        assert_eq!(hints("agent_heartbeat")["idempotentHint"], true);
        assert_eq!(hints("agent_heartbeat")["destructiveHint"], false);
        assert_eq!(hints("group_leave")["destructiveHint"], true);
        assert_eq!(hints("agent_escalate")["idempotentHint"], false);
    }
}
