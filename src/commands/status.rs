//! `ghp status`: the board, who does what since when.

pub mod rm;
pub mod set;

use std::collections::{BTreeMap, BTreeSet};

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::documents::brief::Brief;
use crate::domain::agent::{Entry, Liveness, Role};
use crate::domain::id::IssueId;
use crate::domain::nearest::nearest;
use crate::domain::time::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::host::clock;
use crate::project::Project;

use super::presence;

/// Show who does what, since when, and what waits on you
///
/// Sorted by name. An agent that has been silent for longer than coordination.staleAfter shows as STALE.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Only these agents
    #[arg(value_name = "AGENT")]
    pub agents: Vec<String>,
    /// Only agents that have gone silent
    #[arg(long)]
    pub stale: bool,
    /// Only agents on this issue
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
    /// Show it again whenever it changes
    #[arg(long)]
    pub watch: bool,
}

/// The board.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Report {
    /// One row per agent, sorted by name.
    pub agents: Vec<Row>,
    /// How many agents have which status.
    pub counts: BTreeMap<String, usize>,
    /// How many things wait on the caller.
    pub waiting: usize,
    /// The same by kind, for people.
    #[serde(skip)]
    pub waiting_kinds: Vec<(&'static str, usize)>,
    /// Whether only silent agents were asked for.
    #[serde(skip)]
    pub only_silent: bool,
    /// The issue whose agents were asked for.
    #[serde(skip)]
    pub only_on: Option<u64>,
    /// Whether more follow (`--watch`).
    #[serde(skip)]
    pub one_of_many: bool,
}

/// One agent.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Its name.
    pub agent: String,
    /// Its role.
    pub role: Role,
    /// What it works on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<u64>,
    /// Its status word.
    pub status: String,
    /// What it last did, in its own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_action: Option<String>,
    /// When it was last heard of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// How long ago that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
    /// How alive it looks.
    pub liveness: Liveness,
    /// Issues it waits for.
    pub blocked_on: Vec<u64>,
    /// The branch of its issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The worktree it last beat from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worktree: Option<String>,
    /// Its group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The machine's clone it runs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Its session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// Runs the verb.
pub fn run(
    project: &Project,
    args: Args,
    emit: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<()> {
    if !args.watch {
        return emit(&board(project, &args, project.now())?);
    }
    let watch = project.watch()?;
    let mut last = String::new();
    loop {
        project.refresh()?;
        let report = Report {
            one_of_many: true,
            ..board(project, &args, clock::now())?
        };
        let now = serde_json::to_string(&report).unwrap_or_default();
        if now != last {
            emit(&report)?;
            last = now;
        }
        watch.changed(None)?;
    }
}

/// The board as it stands.
pub fn board(project: &Project, args: &Args, now: Timestamp) -> Result<Report> {
    let store = project.store()?;
    let status = store.status()?;
    for name in &args.agents {
        if !status.agents.contains_key(name) {
            return Err(unknown(name, status.agents.keys()));
        }
    }
    let config = project.config()?;
    let patience = config.patience()?;
    let roles = Roles::of(project)?;
    let mut presences = presence::all(project)?;
    let mut agents = Vec::new();
    for (name, entry) in status.agents {
        if !args.agents.is_empty() && !args.agents.contains(&name)
            || args.issue.is_some_and(|issue| entry.issue != Some(issue.0))
        {
            continue;
        }
        let presence = presences.remove(&name);
        // Only silence makes it worth asking whether the process lives.
        let dead = entry
            .age(now)
            .is_some_and(|age| age * 2 > patience.stale.seconds())
            && presence
                .as_ref()
                .is_some_and(presence::Presence::is_proven_dead);
        let liveness = entry.liveness(now, patience, dead);
        if !args.stale || liveness.is_silent() {
            let (role, branch) = (roles.role(&name, &entry), roles.branch(entry.issue));
            agents.push(row(name, entry, liveness, role, presence, branch, now));
        }
    }
    let mut counts = BTreeMap::new();
    for row in &agents {
        *counts.entry(row.status.clone()).or_default() += 1;
    }
    let waiting_kinds = super::inbox::counts(project, &roles.issues)?;
    let waiting = waiting_kinds.iter().map(|(_, count)| count).sum();
    Ok(Report {
        agents,
        counts,
        waiting,
        waiting_kinds,
        only_silent: args.stale,
        only_on: args.issue.map(|issue| issue.0),
        one_of_many: false,
    })
}

fn row(
    name: String,
    entry: Entry,
    liveness: Liveness,
    role: Role,
    presence: Option<presence::Presence>,
    branch: Option<String>,
    now: Timestamp,
) -> Row {
    let (worktree, session) = presence.map_or((None, None), |presence| {
        (Some(presence.worktree), presence.session)
    });
    Row {
        agent: name,
        role,
        issue: entry.issue,
        status: entry.word().to_owned(),
        age_seconds: entry.age(now),
        last_action: entry.last_action,
        timestamp: entry.timestamp,
        liveness,
        blocked_on: entry.blocked_on,
        branch,
        worktree,
        group: entry.group,
        node: entry.node,
        session,
    }
}

/// What the configuration and the issues say about agents, read once for the whole board.
struct Roles {
    orchestrators: Vec<String>,
    epics: Vec<(u64, String)>,
    issues: BTreeMap<u64, Brief>,
    /// The agents that hold an issue with parts.
    parents: BTreeSet<String>,
}

impl Roles {
    fn of(project: &Project) -> Result<Roles> {
        let config = project.config()?;
        let issues = project.store()?.briefs()?;
        let parents = issues
            .values()
            .filter_map(|issue| issues.get(&issue.parent?)?.assignee.clone())
            .collect();
        Ok(Roles {
            orchestrators: config.orchestrators()?,
            epics: config.epics()?,
            issues,
            parents,
        })
    }

    fn role(&self, agent: &str, entry: &Entry) -> Role {
        if self.orchestrators.iter().any(|name| name == agent) {
            Role::Orchestrator
        } else if self.epics.iter().any(|(_, name)| name == agent) || self.parents.contains(agent) {
            Role::Epic
        } else {
            // What it says of itself is shown; it gives no authority.
            match entry.role.as_deref() {
                Some("orchestrator") => Role::Orchestrator,
                Some("epic") => Role::Epic,
                _ => Role::Worker,
            }
        }
    }

    fn branch(&self, issue: Option<u64>) -> Option<String> {
        self.issues.get(&issue?)?.branch.clone()
    }
}

/// The error of an agent that has no entry.
pub(crate) fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> Error {
    let error = Error::new(
        Kind::NotFound,
        format!(
            "there is no agent {}",
            crate::domain::escape::one_line(name, 64)
        ),
    );
    match nearest(name, known.map(String::as_str)) {
        Some(near) => error
            .hint("did you mean")
            .next(format!("ghp status {}", crate::commands::word(near))),
        None => error.next("ghp status"),
    }
}
