//! Where agents are on this machine: `<common>/ghp/agents/NAME.json`, written only when it changes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::config::env_vars::SESSION;
use crate::documents::status::Status;
use crate::domain::id::AgentId;
use crate::domain::time::Timestamp;
use crate::error::Result;
use crate::git::{changes, refs};
use crate::host::{clock, env, process, processes};
use crate::project::{Caller, Project};
use crate::store::error::StoreError;
use crate::store::{Store, layout};

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
    /// The group of that process: what it started and left behind is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<u32>,
    /// Its session, when it runs in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The paths it has changed in the last hour, relative to their worktree's top, each with the time (RFC 3339).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub touched: BTreeMap<String, String>,
    /// What its branch has changed since it left the main branch, as last looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<Changed>,
}

/// What a branch has changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// The branch, with marks of where it and the main branch stood then.
    pub at: String,
    /// The paths.
    pub paths: BTreeSet<String>,
}

/// How long a touch counts, in seconds.
const TOUCH_COUNTS: i64 = 3600;
/// How many touches are kept.
const MOST_TOUCHES: usize = 200;
/// A branch that has changed more is looked at when somebody commits, not at every edit.
const MOST_CHANGED: usize = 2000;

impl Presence {
    /// Whether its process is proven gone: known, of this host and this boot, and not alive.
    pub fn is_proven_dead(&self) -> bool {
        self.pid.is_some_and(|pid| {
            self.host == clock::host() && self.boot == clock::boot() && !process::is_alive(pid)
        })
    }

    /// The paths that it has changed within the hour before `now`.
    pub fn touched_lately(&self, now: Timestamp) -> impl Iterator<Item = String> {
        let touched = self.touched.iter();
        let lately = touched.filter(move |(_, at)| counts(at, now));
        lately.map(|(path, _)| path.clone())
    }

    /// Notes that these paths were changed now, and forgets what was long ago.
    fn touch(&mut self, paths: &[String], now: Timestamp) {
        let at = now.to_string();
        self.touched
            .extend(paths.iter().map(|path| (path.clone(), at.clone())));
        self.touched.retain(|_, at| counts(at, now));
        while self.touched.len() > MOST_TOUCHES {
            let oldest = self.touched.iter().min_by_key(|(_, at)| at.as_str());
            let Some(path) = oldest.map(|(path, _)| path.clone()) else {
                break;
            };
            self.touched.remove(&path);
        }
    }
}

/// Whether a touch at this time still counts.
fn counts(at: &str, now: Timestamp) -> bool {
    Timestamp::parse(at).is_some_and(|at| now.since(at).abs() <= TOUCH_COUNTS)
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
    Ok(note_here(
        project,
        project.store()?,
        agent,
        pid,
        &Seen::default(),
    )?)
}

/// What an agent was seen to do.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Whether a prompt was submitted to it.
    pub prompted: bool,
    /// The files that a tool changed, relative to their worktree's top.
    pub touched: Vec<String>,
    /// What its branch holds, when that has moved.
    pub changed: Option<Changed>,
}

/// Notes that the agent is here and what it was seen to change.
pub(crate) fn note_seen(
    project: &Project,
    store: &Store,
    agent: &AgentId,
    seen: &Seen,
) -> Result<(), StoreError> {
    note_here(project, store, agent, None, seen)
}

/// A branch and where it and the main branch stand now: what [`Changed::at`] holds when it is up to date. `main`: the main
/// branch's own [`refs::mark`].
pub(crate) fn mark(project: &Project, branch: &str, main: &str) -> Result<String> {
    let here = refs::mark(&project.place.common, branch)?;
    Ok(format!("{branch} {here} {main}"))
}

/// What the branch of this worktree holds, when it or the main branch has moved since that was last noted.
pub(crate) fn moved(project: &Project, agent: &AgentId) -> Result<Option<Changed>> {
    let common = &project.place.common;
    let main = project.config()?.main_branch()?;
    let head = project.place.head()?;
    let Some(branch) = head.branch().filter(|branch| *branch != main) else {
        return Ok(None);
    };
    let at = mark(project, branch, &refs::mark(common, &main)?)?;
    let before = read(project.store()?, agent.as_str())?.and_then(|before| before.changed);
    if before.is_some_and(|before| before.at == at) {
        return Ok(None);
    }
    let mut paths = changes::since(common, &main, branch)?
        .map(|since| since.paths)
        .unwrap_or_default();
    if paths.len() > MOST_CHANGED {
        paths.clear();
    }
    Ok(Some(Changed { at, paths }))
}

fn note_here(
    project: &Project,
    store: &Store,
    agent: &AgentId,
    pid: Option<u32>,
    seen: &Seen,
) -> Result<(), StoreError> {
    let before = read(store, agent.as_str())?.unwrap_or_default();
    let boot = store.boot().to_owned();
    let worktree = project
        .place
        .worktree
        .as_deref()
        .unwrap_or(&project.place.git_dir)
        .display()
        .to_string();
    // Whoever speaks is alive, and a process that is gone was another one; but for what that one left behind.
    let is_its_own = |pid: &u32| {
        before.boot == boot && (process::is_alive(*pid) || processes::is_left_behind(before.group))
    };
    let (pid, group) = match pid {
        Some(pid) => (Some(pid), process::group_of(pid)),
        None => (before.pid.filter(is_its_own), before.group),
    };
    let group = group.filter(|_| pid.is_some());
    // The name of the machine says whose process that is; without one the boot is enough.
    let host = if pid.is_none() && before.boot == boot {
        before.host.clone()
    } else {
        clock::host()
    };
    let mut here = Presence {
        pid,
        group,
        session: env::var(SESSION),
        worktree,
        host,
        boot,
        touched: before.touched.clone(),
        changed: seen.changed.clone().or_else(|| before.changed.clone()),
    };
    if !seen.touched.is_empty() {
        here.touch(&seen.touched, project.now());
    }
    if here != before {
        write(store, agent, &here)?;
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
    let store = project.store()?;
    let here = Presence {
        worktree,
        host: clock::host(),
        boot: store.boot().to_owned(),
        touched: before.touched,
        ..Presence::default()
    };
    Ok(write(store, agent, &here)?)
}

/// Notes that the agent is in this session from now on, of which no hook has spoken yet.
pub fn note_session(project: &Project, agent: &AgentId, worktree: &Path, id: &str) -> Result<()> {
    let store = project.store()?;
    let here = Presence {
        worktree: worktree.display().to_string(),
        host: clock::host(),
        boot: store.boot().to_owned(),
        // Whatever process it was before is another one.
        pid: None,
        session: Some(id.to_owned()),
        ..of(project, agent.as_str())?.unwrap_or_default()
    };
    Ok(write(store, agent, &here)?)
}

fn write(store: &Store, agent: &AgentId, presence: &Presence) -> Result<(), StoreError> {
    let text =
        serde_json::to_string_pretty(presence).unwrap_or_else(|_| unreachable!("plain fields"));
    store.set_local_text(&layout::agent(agent.as_str()), &(text + "\n"))
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

/// Where an agent is, when its note holds one of these texts, which spares reading most of them.
pub(crate) fn noted(project: &Project, agent: &str, texts: &[String]) -> Result<Option<Presence>> {
    let text = project.store()?.local_text(&layout::agent(agent))?;
    let text = text.filter(|note| texts.iter().any(|text| note.contains(text.as_str())));
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Where an agent is; `None` when it never was on this machine.
pub fn of(project: &Project, agent: &str) -> Result<Option<Presence>> {
    Ok(read(project.store()?, agent)?)
}

fn read(store: &Store, agent: &str) -> Result<Option<Presence>, StoreError> {
    let text = store.local_text(&layout::agent(agent))?;
    // A damaged note is no note: the next heartbeat writes it anew.
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touches_are_few_and_fresh() {
        let at = |seconds| Timestamp::from_seconds(1_700_000_000 + seconds);
        let mut here = Presence::default();
        here.touch(&["old".to_owned()], at(0));
        here.touch(&["a".to_owned(), "b".to_owned()], at(TOUCH_COUNTS));
        assert_eq!(here.touched.len(), 3);
        here.touch(&["a".to_owned()], at(TOUCH_COUNTS + 1));
        assert_eq!(here.touched["a"], at(TOUCH_COUNTS + 1).to_string());
        assert!(!here.touched.contains_key("old") && here.touched.contains_key("b"));
        let many: Vec<String> = (0..300).map(|n| format!("f{n}")).collect();
        here.touch(&many, at(TOUCH_COUNTS + 2));
        assert_eq!(here.touched.len(), MOST_TOUCHES);
        assert!(!here.touched.contains_key("a"));
    }
}
