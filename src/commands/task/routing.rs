//! What the router has to know, from the documents: who there is, who is idle, how much each can hold.

use crate::commands::session::send;
use crate::commands::{presence, role_of_caller};
use crate::documents::paged::Paged;
use crate::documents::status::Status as Board;
use crate::domain::agent::{Entry, Liveness, Patience, Role};
use crate::domain::id::AgentId;
use crate::domain::task::profile::{ANY, Profile, built_in, is_member};
use crate::domain::task::route::{Addressee, Agent};
use crate::domain::task::{Status, Task};
use crate::domain::time::{Duration, Timestamp};
use crate::domain::waiting::HUMAN;
use crate::error::{Error, Kind, Result};
use crate::host::clock;
use crate::project::Project;
use crate::sessions::{Listed, SessionError, SessionManager, Status as Running};

/// The setting that holds the profiles.
pub(crate) const PROFILES: &str = "coordination.profiles";
/// Words of an agent that waits for a prompt.
const IDLE: &[&str] = &["idle", "starting", "done"];

/// The type that an agent's entry says.
pub(crate) fn kind_of(board: &Board, agent: &str) -> Option<String> {
    board.agents.get(agent).and_then(|entry| entry.kind.clone())
}

/// How many tasks an agent may have in hand.
pub(crate) fn capacity(project: &Project, agent: &str, kind: Option<&str>) -> Result<u64> {
    let config = project.config()?;
    let mut capacity = 1;
    for name in config.profile_names()? {
        if is_member(&name, agent, kind) {
            let profile = config.profile(&name)?;
            capacity = capacity.max(profile.map_or(1, |profile| profile.capacity));
        }
    }
    Ok(capacity)
}

/// Whom a word means: an agent, a profile, or anybody. Agents come first; a well-formed name of nobody yet is an agent's.
pub(crate) fn addressee(project: &Project, word: &str) -> Result<Addressee> {
    let word = word.strip_prefix('@').unwrap_or(word);
    if let Some(known) = known(project, word)? {
        return Ok(known);
    }
    if word == HUMAN {
        return Err(
            Error::new(Kind::Usage, "a person is asked, not delegated to")
                .next("ghp escalate \"…\""),
        );
    }
    Ok(Addressee::Agent(word.parse::<AgentId>()?.to_string()))
}

/// The agent or the profile of exactly this name; `None`: there is neither.
pub(crate) fn known(project: &Project, word: &str) -> Result<Option<Addressee>> {
    let is_agent = project.store()?.status()?.agents.contains_key(word);
    if is_agent && word.parse::<AgentId>().is_ok() {
        return Ok(Some(Addressee::Agent(word.to_owned())));
    }
    if word == ANY {
        return Ok(Some(Addressee::Any));
    }
    let profile = project.config()?.profile(word)?;
    let profile = profile.filter(|profile| profile.name.parse::<AgentId>().is_ok());
    // Only those who may start sessions have agents started for them.
    let may_start = || {
        matches!(
            role_of_caller(project),
            Ok(Role::Human | Role::Orchestrator)
        )
    };
    Ok(profile.map(|profile| {
        Addressee::Profile(Profile {
            provider: profile.provider.filter(|_| may_start()),
            ..profile
        })
    }))
}

/// What an agent is told of itself that does a profile's task. What the repository says of profiles counts only where a
/// person has trusted it.
pub(crate) fn persona(project: &Project, task: &Task) -> Result<Option<String>> {
    let Some(to) = task.core.to.as_deref() else {
        return Ok(None);
    };
    let config = project.config()?;
    let Some(profile) = config.profile(to)? else {
        return Ok(None);
    };
    let is_built_in = built_in(to).is_some_and(|own| own.persona == profile.persona);
    let (value, _) = config.get(PROFILES)?;
    let may = is_built_in || project.require_trust(PROFILES, &value).is_ok();
    Ok(Some(profile.persona).filter(|persona| may && !persona.is_empty()))
}

/// Every agent as the router sees it. `open`: the tasks that are not settled.
pub(crate) fn agents(project: &Project, board: &Board, open: &[Paged<Task>]) -> Result<Vec<Agent>> {
    let patience = project.config()?.patience()?;
    let rest = project.config()?.limited_for()?;
    let mut agents = Vec::new();
    for (name, entry) in &board.agents {
        let tasks = open
            .iter()
            .filter(|task| task.status != Status::Blocked && task.agent.as_ref() == Some(name));
        let live = is_live(project, name, entry, patience)?;
        agents.push(Agent {
            name: name.clone(),
            kind: entry.kind.clone(),
            live,
            idle: live && waits(entry, project.now(), rest),
            tasks: tasks.count() as u64,
            silent: entry.age(project.now()).unwrap_or(i64::MAX),
        });
    }
    // One that nobody has heard of yet may have work waiting.
    for task in open.iter().filter(|task| task.status != Status::Blocked) {
        if let Some(name) = &task.agent
            && !board.agents.contains_key(name)
        {
            match agents.iter_mut().find(|agent| agent.name == *name) {
                Some(agent) => agent.tasks += 1,
                None => agents.push(Agent {
                    name: name.clone(),
                    tasks: 1,
                    ..Agent::default()
                }),
            }
        }
    }
    Ok(agents)
}

/// Whether it waits for a prompt. One whose provider failed it is tried again after a while.
fn waits(entry: &Entry, now: Timestamp, rest: Duration) -> bool {
    !entry.rests(now, rest) && (entry.is_limited() || IDLE.contains(&entry.word()))
}

/// Whether an agent is there: it did not say goodbye, and is not gone.
fn is_live(project: &Project, name: &str, entry: &Entry, patience: Patience) -> Result<bool> {
    if entry.word() == "stopped" {
        return Ok(false);
    }
    let session = session(project, name)?;
    if let Some(session) = &session
        && session.record.headless
    {
        // It is silent between its turns, and takes the next one whenever it comes.
        return Ok(!session.status.is_over());
    }
    let silent = entry.age(project.now());
    if silent.is_none_or(|age| age > patience.expire.seconds()) {
        return Ok(false);
    }
    if presence::of(project, name)?.is_some_and(|presence| presence.is_proven_dead()) {
        return Ok(false);
    }
    Ok(!session.is_some_and(|session| session.status.is_over()))
}

/// An agent's session, if it has one.
fn session(project: &Project, name: &str) -> Result<Option<Listed>> {
    match project.sessions()?.get(name) {
        Ok(session) => Ok(Some(Listed {
            record: session.record().clone(),
            status: session.status()?,
        })),
        Err(SessionError::Nobody { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Why an agent will not go on with its task; `None`: it may. `in_hand`: whether it has it in hand.
pub(crate) fn gone(
    project: &Project,
    name: &str,
    in_hand: bool,
    entry: Option<&Entry>,
    patience: Patience,
) -> Result<Option<Gone>> {
    let Some(entry) = entry else {
        return Ok(None);
    };
    if entry.word() == "stopped" {
        return Ok(Some(Gone::Stopped));
    }
    if project.sessions()?.is_being_made(name) {
        return Ok(None);
    }
    // In this order: whoever begins a turn holds that lock until its program runs.
    let is_begun = send::is_under_way(project, name);
    let session = session(project, name)?;
    if let Some(session) = &session
        && session.record.headless
    {
        let is_left = in_hand && !is_begun && matches!(session.status, Running::Resting { .. });
        return Ok(match &session.status {
            status if status.is_over() => Some(Gone::Dead),
            _ if is_left => Some(Gone::Left),
            _ => None,
        });
    }
    if presence::of(project, name)?.is_some_and(|presence| presence.is_proven_dead()) {
        return Ok(Some(Gone::Dead));
    }
    match session {
        Some(session) if is_closed(&session) => return Ok(Some(Gone::Closed)),
        // Its terminal is gone, and no hook said goodbye.
        Some(session) if session.status.is_over() => return Ok(Some(Gone::Dead)),
        // However silent, it runs.
        Some(_) => return Ok(None),
        None => {}
    }
    let silent = entry.liveness(project.now(), patience, false) == Liveness::Expired;
    Ok(silent.then_some(Gone::Silent))
}

/// Whether somebody closed its window: a pane that is gone without an end. What crashes leaves its pane behind, and so does
/// every program of a machine that was started anew.
fn is_closed(session: &Listed) -> bool {
    let record = &session.record;
    record.backend == "tmux" && session.status == Running::Lost && record.boot == clock::boot()
}

/// How an agent is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gone {
    /// Its session ended in order: somebody closed it.
    Stopped,
    /// Somebody closed its window.
    Closed,
    /// Its process is proven gone.
    Dead,
    /// Its turn, without a screen, ended without an answer.
    Left,
    /// Nothing has been heard of it for too long.
    Silent,
}
