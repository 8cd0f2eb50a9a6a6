//! Long commands of ours that go on without the terminal that they were typed in: each is run once more, in a session of
//! the process backend that `session list` shows and `session stop` ends.

use std::time::Duration;

use serde::Serialize;

use super::session::{self, Row};
use super::system;
use crate::config::env_vars::{AGENT, KEEPER, SESSION, WATCHED};
use crate::domain::id::AgentId;
use crate::domain::waiting::HUMAN;
use crate::error::{Error, Kind, Result};
use crate::host::signals::{Stop, Woken};
use crate::host::{env, process};
use crate::project::{Caller, Project};
use crate::sessions::provider::ITSELF;
use crate::sessions::{Launch, SessionError, SessionManager};

/// What keeps the terminal of such a command.
const BACKEND: &str = "process";
/// How our own variables begin.
const OURS: &str = "GHP_";
/// What of them is another process's own.
const NOT_HANDED_ON: &[&str] = &[AGENT, SESSION, KEEPER, WATCHED];
/// Whoever ends our session tells us so; where that takes long it is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A command that goes on by itself.
#[derive(Debug, Serialize)]
pub struct Detached {
    /// Its session.
    #[serde(flatten)]
    pub session: Row,
    /// The command to run next.
    pub next: String,
}

/// Runs these words of ours in a session of this name, by the same caller, in the same folder.
pub(crate) fn start(project: &Project, name: &AgentId, words: Vec<String>) -> Result<Detached> {
    require_free(project, name)?;
    let sessions = project.sessions()?;
    let program = process::current_program().map_err(system("find ghp"))?;
    let caller = match project.caller()? {
        Caller::Agent(agent) => agent.to_string(),
        // Within a session nobody is taken for a person who does not say so.
        _ => HUMAN.to_owned(),
    };
    let is_ours = |name: &str| name.starts_with(OURS) && !NOT_HANDED_ON.contains(&name);
    let settings = env::all()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| is_ours(name));
    let launch = Launch {
        backend: BACKEND.to_owned(),
        provider: ITSELF.name.to_owned(),
        started_by: Some(project.by()?),
        environment: settings.chain([(AGENT.to_owned(), caller)]).collect(),
        program: [program.into_os_string()]
            .into_iter()
            .chain(words.into_iter().map(Into::into))
            .collect(),
        directory: project.here().to_owned(),
        ..Launch::new(&sessions, name.clone(), "/".into(), Vec::new())?
    };
    sessions.create(&launch)?.start(&launch)?;
    let seen = session::named(project, name.as_str())?;
    Ok(Detached {
        session: Row::of(&seen, project.now()),
        next: format!("ghp session output {name}"),
    })
}

/// Refuses the name of an agent, and of a session that is no command of ours.
fn require_free(project: &Project, name: &AgentId) -> Result<()> {
    let said = match session::named(project, name.as_str()) {
        Ok(seen) if !seen.status.is_over() => {
            let said = format!("{name} runs already");
            return Err(Error::new(Kind::Conflict, said)
                .hint("see how far it is; another one goes by another name")
                .next(format!("ghp session output {name}")));
        }
        Ok(seen) if seen.record.provider != ITSELF.name => "has a session of that name",
        Err(error) if error.kind != Kind::NotFound => return Err(error),
        _ if project
            .store()?
            .status()?
            .agents
            .contains_key(name.as_str()) =>
        {
            "has that name"
        }
        _ => return Ok(()),
    };
    Err(
        Error::new(Kind::Conflict, format!("{name}: an agent {said}"))
            .hint("choose another name")
            .next("ghp monitor --detach --name build -- make"),
    )
}

/// Whether what ended was ended with us: somebody stops the session that we are in, where the deepest processes are told
/// first.
pub(crate) fn is_stopping(project: &Project, stop: &Stop) -> Result<bool> {
    let Some(id) = env::var(SESSION) else {
        return Ok(false);
    };
    let sessions = project.sessions()?;
    loop {
        match stop.wait(Duration::ZERO, None) {
            Ok(Woken::Stop) => return Ok(true),
            Ok(_) => {}
            Err(error) => return Err(system("wait")(error)),
        }
        match sessions.is_being_changed(&id) {
            Ok(true) => {}
            Ok(false) | Err(SessionError::Nobody { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        stop.wait(LOOK_AGAIN, None).map_err(system("wait"))?;
    }
}
