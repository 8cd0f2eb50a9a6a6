//! An external agent-runtime: a program that keeps goals and speaks MCP on its standard input and output.
//!
//! The only file here in which anything is asynchronous. A session is begun, used and ended within one call, on a clock of
//! its own: whatever the program does or does not do, the caller goes on when its patience is over, and nothing of the
//! program is left.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rmcp::model::{CallToolRequestParams, CallToolResult, Tool};
use rmcp::service::{RoleClient, RunningService, ServiceExt};
use rmcp::transport::TokioChildProcess;
use serde_json::{Map, Value, json};

use crate::domain::escape::one_line;
use crate::error::{Explain, Kind};
use crate::host::process;
use crate::host::processes::{self, Process, Tree};

/// How long a program that has answered may take to end by itself.
const FAREWELL: Duration = Duration::from_millis(500);
/// How long it then has between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_millis(200);
/// The variable by which its processes are found.
const MARK: &str = "GHP_GOALS_SERVER";
/// What says who calls us, which is not who calls it.
const CALLER: [&str; 2] = ["GHP_AGENT", "GHP_SESSION"];
/// And one that nobody sets.
const SPARED: &str = "GHP_GOALS_SERVER_SPARED";

/// How to start it.
#[derive(Debug, Clone)]
pub struct Server {
    /// The program and its arguments; never a shell.
    pub command: Vec<String>,
    /// Where it runs.
    pub directory: PathBuf,
    /// How long it may take for everything.
    pub patience: Duration,
}

/// A goal as it is to stand there.
#[derive(Debug, Clone)]
pub struct Goal {
    /// Its id there, when it was made there before.
    pub id: Option<Value>,
    /// One line.
    pub name: String,
    /// What there is to say beyond that.
    pub description: String,
    /// What is kept with it.
    pub metadata: Map<String, Value>,
}

/// How it stands there now.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Its id there, when the server says one.
    pub id: Option<Value>,
    /// Whether the server can be told of changes.
    pub follows: bool,
}

/// Why a goal may not stand there.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The program could not be started.
    #[error("the goals server {0} cannot be started: {1}")]
    Start(String, std::io::Error),
    /// It took too long.
    #[error("the goals server has not answered within {0} s")]
    Slow(f32),
    /// It ended, or does not speak MCP.
    #[error("the goals server does not speak MCP as expected: {0}")]
    Protocol(String),
    /// It has no such tool.
    #[error("the goals server has no tool create_goal")]
    NoTool,
    /// It would not.
    #[error("the goals server refused: {0}")]
    Refused(String),
}

impl Explain for RuntimeError {
    fn kind(&self) -> Kind {
        match self {
            RuntimeError::Start(..) => Kind::MissingProgram,
            RuntimeError::Slow(_) => Kind::TimedOut,
            RuntimeError::Protocol(_) | RuntimeError::NoTool | RuntimeError::Refused(_) => {
                Kind::Failed
            }
        }
    }
    fn next(&self) -> Option<String> {
        Some("ghp config get coordination.goals".to_owned())
    }
}

/// Makes or changes these goals, each in its turn. `done` hears of each that stands: what comes after may fail.
///
/// # Errors
/// Whatever kept one of them from standing there; the later ones then do not either.
pub fn keep(
    server: &Server,
    goals: &[Goal],
    done: &mut dyn FnMut(usize, Kept),
) -> Result<(), RuntimeError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| RuntimeError::Start(program(server), error))?;
    let mark = format!("{}-{:016x}", std::process::id(), fastrand::u64(..));
    let (ended, root) = runtime.block_on(session(server, &mark, goals, done));
    runtime.shutdown_background();
    let tree = Tree {
        root,
        keeper: None,
        mark: (MARK, &mark),
        spared: SPARED,
    };
    processes::end(&tree, GRACE);
    ended
}

fn program(server: &Server) -> String {
    one_line(server.command.first().map_or("", String::as_str), 100)
}

/// One session; its process, too, of which something may be left.
async fn session(
    server: &Server,
    mark: &str,
    goals: &[Goal],
    done: &mut dyn FnMut(usize, Kept),
) -> (Result<(), RuntimeError>, Option<Process>) {
    let deadline = Instant::now() + server.patience;
    let mut command = process::command(server.command.first().map_or("", String::as_str));
    command
        .args(server.command.iter().skip(1))
        .current_dir(&server.directory)
        .env("PATH", process::absolute_path())
        .env(MARK, mark);
    // It is nobody's agent here.
    for name in CALLER {
        command.env_remove(name);
    }
    let started = TokioChildProcess::builder(tokio::process::Command::from(command))
        .stderr(Stdio::null())
        .spawn();
    let transport = match started {
        Ok((transport, _)) => transport,
        Err(error) => return (Err(RuntimeError::Start(program(server), error)), None),
    };
    let root = transport.id().and_then(Process::of);
    let talk = async {
        let mut client = ().serve(transport).await.map_err(protocol)?;
        let ended = each(&client, goals, done).await;
        let left = deadline.saturating_duration_since(Instant::now());
        // It may end by itself; whatever does not is ended.
        let _ = client.close_with_timeout(FAREWELL.min(left)).await;
        ended
    };
    let ended = match tokio::time::timeout_at(deadline.into(), talk).await {
        Ok(ended) => ended,
        Err(_) => Err(RuntimeError::Slow(server.patience.as_secs_f32())),
    };
    (ended, root)
}

async fn each(
    client: &RunningService<RoleClient, ()>,
    goals: &[Goal],
    done: &mut dyn FnMut(usize, Kept),
) -> Result<(), RuntimeError> {
    let tools = client.list_all_tools().await.map_err(protocol)?;
    let tool = |name: &str| tools.iter().find(|tool| tool.name == name);
    let create = tool("create_goal").ok_or(RuntimeError::NoTool)?;
    let update = tool("update_goal");
    for (at, goal) in goals.iter().enumerate() {
        let id = match (&goal.id, update) {
            (None, _) => id_in(&call(client, create, goal).await?),
            (Some(id), Some(update)) => {
                call(client, update, goal).await?;
                Some(id.clone())
            }
            // Made once; it cannot be told more.
            (Some(id), None) => Some(id.clone()),
        };
        let follows = update.is_some() && id.is_some();
        done(at, Kept { id, follows });
    }
    Ok(())
}

/// Calls a tool with what of the goal it takes.
async fn call(
    client: &RunningService<RoleClient, ()>,
    tool: &Tool,
    goal: &Goal,
) -> Result<CallToolResult, RuntimeError> {
    let request = CallToolRequestParams::new(tool.name.clone())
        .with_arguments(arguments(&tool.input_schema, goal));
    let result = client.call_tool(request).await.map_err(protocol)?;
    if result.is_error == Some(true) {
        return Err(RuntimeError::Refused(one_line(&text_of(&result), 300)));
    }
    Ok(result)
}

/// The tool's own properties alone, where it says which: many a server refuses others.
fn arguments(schema: &Arc<Map<String, Value>>, goal: &Goal) -> Map<String, Value> {
    let known = schema.get("properties").and_then(Value::as_object);
    let is_known = |key: &str| known.is_none_or(|known| known.contains_key(key));
    let mut arguments = Map::new();
    if let Some(id) = &goal.id {
        let key = if is_known("goal_id") { "goal_id" } else { "id" };
        arguments.insert(key.to_owned(), id.clone());
    }
    for (key, value) in [
        ("name", json!(goal.name)),
        ("description", json!(goal.description)),
        ("metadata", json!(goal.metadata)),
    ] {
        if is_known(key) {
            arguments.insert(key.to_owned(), value);
        }
    }
    arguments
}

/// The id that a server gave a goal: in its structured answer, in JSON as text, or the one number of its words.
fn id_in(result: &CallToolResult) -> Option<Value> {
    let text = text_of(result);
    let said = result.structured_content.clone();
    let said = said.or_else(|| serde_json::from_str(&text).ok());
    if let Some(said @ (Value::Object(_) | Value::Number(_))) = said {
        return id_of(&said, 0);
    }
    let mut words = text.split(|c: char| !c.is_ascii_digit());
    let number = words.find(|word| !word.is_empty())?;
    number.parse::<u64>().ok().map(Value::from)
}

/// What servers call it, at the top or within what they wrap their answers in.
fn id_of(said: &Value, depth: usize) -> Option<Value> {
    let is_id = |value: &&Value| value.is_number() || value.is_string();
    if let Value::Number(_) = said {
        return Some(said.clone());
    }
    for key in ["goal_id", "goalId", "id"] {
        if let Some(id) = said.get(key).filter(is_id) {
            return Some(id.clone());
        }
    }
    let within = ["goal", "result", "data"];
    let mut within = within.iter().filter_map(|key| said.get(key));
    within.find_map(|inner| (depth < 2).then(|| id_of(inner, depth + 1))?)
}

fn text_of(result: &CallToolResult) -> String {
    let texts = result.content.iter().filter_map(|block| block.as_text());
    let texts: Vec<&str> = texts.map(|text| text.text.as_str()).collect();
    texts.join("\n")
}

fn protocol(error: impl std::fmt::Display) -> RuntimeError {
    RuntimeError::Protocol(one_line(&error.to_string(), 300))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(id: Option<Value>) -> Goal {
        Goal {
            id,
            name: "n".into(),
            description: "d".into(),
            metadata: Map::new(),
        }
    }

    #[test]
    fn an_id_wherever_servers_say_it() {
        for (text, id) in [
            (r#"{"success": true, "goal_id": 5}"#, json!(5)),
            (r#"{"goal": {"id": "2026-x"}}"#, json!("2026-x")),
            (r#"{"result": {"goal": {"goalId": 7}}}"#, json!(7)),
            ("3", json!(3)),
            ("Created goal 12: Research", json!(12)),
        ] {
            let result: CallToolResult =
                serde_json::from_value(json!({"content": [{"type": "text", "text": text}]}))
                    .expect("a result");
            assert_eq!(id_in(&result), Some(id), "{text}");
        }
        for text in ["", "done", r#"{"ok": true}"#, r#"{"id": {"deep": 1}}"#] {
            let result: CallToolResult =
                serde_json::from_value(json!({"content": [{"type": "text", "text": text}]}))
                    .expect("a result");
            assert_eq!(id_in(&result), None, "{text}");
        }
    }

    #[test]
    fn a_tool_gets_what_it_takes() {
        let of = |schema: Value, id| {
            let schema = Arc::new(schema.as_object().expect("an object").clone());
            let arguments = arguments(&schema, &goal(id));
            arguments.keys().cloned().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of(json!({}), None), "name description metadata");
        let two = json!({"properties": {"id": {}, "name": {}}});
        assert_eq!(of(two, Some(json!(1))), "id name");
        let update = json!({"properties": {"goal_id": {}, "metadata": {}}});
        assert_eq!(of(update, Some(json!(1))), "goal_id metadata");
    }
}
