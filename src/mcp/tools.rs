//! The tools: verbs that programs may call.

use std::sync::Arc;

use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool, ToolAnnotations};
use serde_json::{Value, json};

use crate::commands::call::{CALLS, Call, Effect};
use crate::commands::json::{self, Failure};
use crate::domain::escape::one_line;
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
    "issue_close",
    "agent_handoff",
    "accept",
    "done",
    "group_share",
    "create_goal",
    "update_goal",
    "get_goal",
    "list_goals",
];

/// Tools with the names that an agent-runtime gives them: each with its verb.
const RUNTIME: &[(&str, &str)] = &[
    ("create_goal", "goal new"),
    ("update_goal", "goal update"),
    ("get_goal", "goal show"),
    ("list_goals", "goal list"),
];

/// A goal's id, as an agent-runtime and as our verbs call it.
const GOAL: (&str, &str) = ("goal_id", "goal");

/// The longest warning, in characters.
const LONGEST_WARNING: usize = 500;

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
    let other = RUNTIME.iter().find(|(name, _)| *name == tool);
    CALLS.iter().find(|call| match other {
        Some((_, verb)) => call.name == *verb,
        None => name(call) == tool,
    })
}

/// Every tool's name with its verb.
fn all() -> impl Iterator<Item = (String, &'static Call)> {
    let runtime = RUNTIME
        .iter()
        .filter_map(|(name, _)| Some(((*name).to_owned(), find(name)?)));
    CALLS.iter().map(|call| (name(call), call)).chain(runtime)
}

/// A call's arguments as its verb names them.
pub(super) fn arguments(tool: &str, mut given: JsonObject) -> JsonObject {
    let is_runtime = RUNTIME.iter().any(|(name, _)| *name == tool);
    if is_runtime && let Some(goal) = given.remove(GOAL.0) {
        given.insert(GOAL.1.to_owned(), goal);
    }
    given
}

/// What to say about a tool that there is not.
pub(super) fn unknown(tool: &str) -> String {
    let names: Vec<String> = all().map(|(name, _)| name).collect();
    let near = nearest(tool, names.iter().map(String::as_str));
    let near = near.map(|near| format!("; did you mean {near}?"));
    let shown = one_line(tool, 60);
    format!("there is no tool \"{shown}\"{}", near.unwrap_or_default())
}

/// The tools to list.
pub(super) fn listed(every: bool) -> Vec<Tool> {
    let mut tools: Vec<_> = all()
        .filter(|(name, _)| every || DEFAULT.contains(&name.as_str()))
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
    let schema = Arc::new(schema(&name, call));
    let mut tool = Tool::new(name, call.description(), schema);
    tool.title = Some(call.about());
    tool.annotations = Some(annotations);
    tool.output_schema = call.answer_schema().map(Arc::new);
    tool
}

fn schema(tool: &str, call: &Call) -> JsonObject {
    let mut schema = call.schema();
    let is_runtime = RUNTIME.iter().any(|(name, _)| *name == tool);
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        let goal = required
            .iter_mut()
            .filter(|name| is_runtime && **name == GOAL.1);
        goal.for_each(|name| *name = GOAL.0.into());
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        if is_runtime && let Some(goal) = properties.remove(GOAL.1) {
            properties.insert(GOAL.0.to_owned(), goal);
        }
        let agent = json!({
            "type": "string",
            "description": "Who is calling, where it is not the agent that this server was started for",
        });
        properties.insert(AGENT.to_owned(), agent);
    }
    schema
}

/// What came of a call, as a tool's result: the document that `--json` prints, as text and as a value, then each warning.
pub(super) fn result(said: Result<String, Error>, warnings: &[String]) -> CallToolResult {
    let mut result = answer(said);
    let warnings = warnings.iter();
    let warnings =
        warnings.map(|warning| format!("warning: {}", one_line(warning, LONGEST_WARNING)));
    result.content.extend(warnings.map(ContentBlock::text));
    result
}

fn answer(said: Result<String, Error>) -> CallToolResult {
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
        assert!(DEFAULT.len() <= 18);
        let listed = listed(false);
        let names: Vec<&str> = listed.iter().map(|tool| &*tool.name).collect();
        assert_eq!(names, DEFAULT);
        for tool in &listed {
            let schema = tool.output_schema.as_ref().map(|schema| &schema["type"]);
            assert_eq!(schema, Some(&json!("object")), "{}", tool.name);
        }
    }

    #[test]
    fn names_are_words_and_underscores() {
        let all = listed(true);
        assert_eq!(all.len(), CALLS.len() + RUNTIME.len());
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
