//! Where agents are on this machine: `<common>/ghp/agents/NAME.json`, written only when it changes.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::config::env_vars::SESSION;
use crate::documents::status::Status;
use crate::domain::id::AgentId;
use crate::error::Result;
use crate::host::{clock, env, process};
use crate::project::{Caller, Project};
use crate::store::layout;

/// What a machine keeps of an agent's whereabouts.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Presence {
    /// The worktree it last beat from.
    pub worktree: String,
    /// The machine.
    pub host: String,
    /// The boot of that machine.
    pub boot: String,
    /// Its process, when that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// Its session, when it runs in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

impl Presence {
    /// Whether its process is proven gone: known, of this host and this boot, and not alive.
    pub fn is_proven_dead(&self) -> bool {
        self.pid.is_some_and(|pid| {
            self.host == clock::host() && self.boot == clock::boot() && !process::is_alive(pid)
        })
    }
}

/// Notes that the agent is here. What was asked for is done by then, so a failure is only said.
pub fn note(project: &Project, agent: &AgentId) {
    if let Err(error) = note_process(project, agent, None) {
        project.warn(format!("where {agent} works was not noted: {error}"));
    }
}

/// An agent that was told something has been heard of, so that `ghp next` does not tell it again. Neither a person nor an
/// agent that is not on the board is put there by it. What was asked for is done by then, so a failure is only said.
pub fn heard(project: &Project) {
    let Ok(Caller::Agent(me)) = project.caller() else {
        return;
    };
    let beat = |status: &mut Status| -> Result<()> {
        if let Some(entry) = status.agents.get_mut(me.as_str()) {
            entry.timestamp = Some(clock::now().to_string());
        }
        Ok(())
    };
    if let Err(error) = project.store().and_then(|store| store.beat(beat)) {
        project.warn(format!("that {me} was heard of was not noted: {error}"));
    }
}

/// Notes that the agent is here, and which process it is.
pub fn note_process(project: &Project, agent: &AgentId, pid: Option<u32>) -> Result<()> {
    let store = project.store()?;
    let before = of(project, agent.as_str())?.unwrap_or_default();
    let boot = store.boot().to_owned();
    let worktree = project
        .place
        .worktree
        .as_deref()
        .unwrap_or(&project.place.git_dir)
        .display()
        .to_string();
    let pid = pid.or(before.pid.filter(|_| before.boot == boot));
    // The name of the machine says whose process that is; without one the boot is enough.
    let host = if pid.is_none() && before.boot == boot {
        before.host.clone()
    } else {
        clock::host()
    };
    let here = Presence {
        pid,
        session: env::var(SESSION),
        worktree,
        host,
        boot,
    };
    if here != before {
        write(project, agent, &here)?;
    }
    Ok(())
}

/// Where every agent is that was on this machine, by name.
pub fn all(project: &Project) -> Result<BTreeMap<String, Presence>> {
    let mut all = BTreeMap::new();
    for file in project.store()?.local_names(layout::local::AGENTS)? {
        if let Some(name) = file.strip_suffix(".json")
            && let Some(presence) = of(project, name)?
        {
            all.insert(name.to_owned(), presence);
        }
    }
    Ok(all)
}

/// Notes that the agent is to be found in this worktree; of its process nothing is known yet.
pub fn note_worktree(project: &Project, agent: &AgentId, worktree: &Path) -> Result<()> {
    let before = of(project, agent.as_str())?.unwrap_or_default();
    let worktree = worktree.display().to_string();
    if before.worktree == worktree {
        return Ok(());
    }
    let boot = project.store()?.boot().to_owned();
    write(
        project,
        agent,
        &Presence {
            worktree,
            host: clock::host(),
            boot,
            ..Presence::default()
        },
    )
}

fn write(project: &Project, agent: &AgentId, presence: &Presence) -> Result<()> {
    let text =
        serde_json::to_string_pretty(presence).unwrap_or_else(|_| unreachable!("plain fields"));
    Ok(project
        .store()?
        .set_local_text(&layout::agent(agent.as_str()), &(text + "\n"))?)
}

/// Says that an agent's name may be a slip: any well-formed one is taken, and nobody has been heard of under this one.
pub(crate) fn warn_of_stranger(project: &Project, name: &str) -> Result<()> {
    let status = project.store()?.status()?;
    let is_known = status
        .agents
        .get(name)
        .is_some_and(|entry| entry.seen().is_some());
    if !is_known {
        project.warn(format!("nobody of the name {name} has been seen yet"));
    }
    Ok(())
}

/// Where an agent is; `None` when it never was on this machine.
pub fn of(project: &Project, agent: &str) -> Result<Option<Presence>> {
    let text = project.store()?.local_text(&layout::agent(agent))?;
    // A damaged note is no note: the next heartbeat writes it anew.
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}
