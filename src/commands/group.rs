//! `ghp group`: what its verbs have in common.

pub mod context;
pub mod disband;
pub mod edit;
pub mod join;
pub mod leave;
pub mod list;
pub mod log;
mod past;
pub mod peers;
pub(in crate::commands) mod registration;
pub mod report;
pub mod share;
pub mod show;
mod view;

pub use view::{Counts, Row, View};

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::commands::presence::{self, Presence};
use crate::documents::status::Status;
use crate::domain::agent::{Entry, Liveness, Patience};
use crate::domain::group::{Group, GroupName, Standing};
use crate::domain::id::AgentId;
use crate::domain::nearest::nearest;
use crate::domain::time::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::project::{Caller, Project};

/// How agents stand, as groups ask it, by a board that they are looked up on.
pub(crate) struct Standings<'p> {
    project: &'p Project,
    patience: Patience,
    now: Timestamp,
    /// Read only when somebody has been silent.
    presences: OnceCell<BTreeMap<String, Presence>>,
}

impl Standings<'_> {
    pub(crate) fn of(project: &Project, now: Timestamp) -> Result<Standings<'_>> {
        Ok(Standings {
            project,
            patience: project.config()?.patience()?,
            now,
            presences: OnceCell::new(),
        })
    }

    /// How the agent stands, by what this board says of it.
    pub(crate) fn on(&self, status: &Status, agent: &str) -> Standing {
        let entry = status.agents.get(agent);
        Standing::of(entry, self.liveness(entry, agent))
    }

    fn liveness(&self, entry: Option<&Entry>, agent: &str) -> Liveness {
        let Some(entry) = entry else {
            return Liveness::Never;
        };
        let silent = entry
            .age(self.now)
            .is_some_and(|age| age * 2 > self.patience.stale.seconds());
        let dead = silent && self.is_proven_dead(agent);
        entry.liveness(self.now, self.patience, dead)
    }

    fn is_proven_dead(&self, agent: &str) -> bool {
        let presences = self.presences.get_or_init(|| {
            presence::all(self.project).unwrap_or_else(|error| {
                self.project
                    .warn(format!("who runs here could not be read: {error}"));
                BTreeMap::new()
            })
        });
        presences.get(agent).is_some_and(Presence::is_proven_dead)
    }
}

/// The board as it is now, and how agents stand on it: for whoever only looks.
pub(crate) struct Board<'p> {
    /// Who does what.
    pub status: Status,
    standings: Standings<'p>,
}

impl Board<'_> {
    pub(crate) fn of(project: &Project, now: Timestamp) -> Result<Board<'_>> {
        Ok(Board {
            status: project.store()?.status()?,
            standings: Standings::of(project, now)?,
        })
    }

    fn now(&self) -> Timestamp {
        self.standings.now
    }

    fn entry(&self, agent: &str) -> Option<&Entry> {
        self.status.agents.get(agent)
    }

    /// What the agent's entry says its group is.
    pub(crate) fn hint(&self, agent: &str) -> Option<&str> {
        self.entry(agent)?.group.as_deref()
    }

    fn liveness(&self, agent: &str) -> Liveness {
        self.standings.liveness(self.entry(agent), agent)
    }

    pub(crate) fn standing(&self, agent: &str) -> Standing {
        self.standings.on(&self.status, agent)
    }
}

/// The agent that a change of membership is about, and who decides it.
fn member(project: &Project, what: &str, for_whom: &str) -> Result<(AgentId, String)> {
    let me = super::holding::agent(project, for_whom)?;
    super::require_own_or_lead(project, me.as_str(), what)?;
    let beneath = project.found()?.beneath.as_ref();
    let setter = beneath.unwrap_or(&me).to_string();
    Ok((me, setter))
}

/// The group of this name, or without one the caller's own.
pub(crate) fn named_or_own(
    project: &Project,
    board: &Board<'_>,
    name: Option<&str>,
) -> Result<Group> {
    let store = project.store()?;
    let Some(name) = name else {
        let me = own(project)?;
        return store
            .group_of(me, board.hint(me))?
            .ok_or_else(|| standalone(me));
    };
    let is_name = name.parse::<GroupName>().is_ok();
    let group = if is_name { store.group(name)? } else { None };
    group.map_or_else(|| Err(unknown(project, name)?), Ok)
}

/// The agent whose group is meant when none is named.
fn own(project: &Project) -> Result<&str> {
    match project.caller()? {
        Caller::Human(_) => Err(Error::new(
            Kind::NoAgent,
            "you are the human here, and in no group: say which one you mean",
        )
        .next("ghp group list")),
        Caller::Unnamed(_) => Err(Error::new(
            Kind::NoAgent,
            "an agent without a name is in no group: say which one you mean",
        )
        .next("ghp group list")),
        Caller::Agent(_) => Ok(project.me()?.as_str()),
    }
}

/// Refuses whoever does not coordinate the group, unless they lead. `what`: what they wanted.
pub(crate) fn require_coordinator(
    project: &Project,
    board: &Board<'_>,
    group: &Group,
    what: &str,
) -> Result<()> {
    match project.caller()? {
        Caller::Agent(me)
            if group.coordinator(|agent| board.standing(agent)) == Some(me.as_str()) =>
        {
            super::require_own_or_lead(project, me.as_str(), what)
        }
        _ => super::require_lead(project, what),
    }
}

/// An agent that is in no group.
fn standalone(agent: &str) -> Error {
    Error::new(
        Kind::NotFound,
        format!("{agent} is in no group; every other command works without one"),
    )
    .hint("join one")
    .next("ghp group join NAME")
}

/// The error of a group that there is not.
fn unknown(project: &Project, name: &str) -> Result<Error> {
    let names = project.store()?.group_names()?;
    let error = Error::new(
        Kind::NotFound,
        format!(
            "there is no group {}",
            crate::domain::escape::one_line(name, 64)
        ),
    );
    Ok(match nearest(name, names.iter().map(GroupName::as_str)) {
        Some(near) => error
            .hint("did you mean")
            .next(format!("ghp group show {near}")),
        None => error.next("ghp group list"),
    })
}

/// Each group's parent.
fn parents(groups: &[Group]) -> BTreeMap<String, Option<String>> {
    groups
        .iter()
        .map(|group| (group.name.clone(), group.parent.clone()))
        .collect()
}

/// Who else is in an agent's group, and how many there are of which kind.
pub(crate) fn peers_and_counts(
    group: &Group,
    agent: &str,
    board: &Board<'_>,
) -> (Vec<String>, Counts) {
    let rows = view::rows(group, &group.name, board);
    let counts = view::counts(&rows, board);
    let names = rows.into_iter().map(|row| row.agent);
    (names.filter(|name| name != agent).collect(), counts)
}
