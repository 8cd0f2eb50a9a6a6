//! A coordination group: members, a coordinator among them, and what they share.

mod context;
mod name;
mod stays;
#[cfg(test)]
mod tests;
mod tree;

pub use context::{
    BadShare, DEEPEST_VALUE, LARGEST_CONTEXT, LARGEST_VALUE, LAST_VERSION, Share, Shared, is_key,
};
pub use name::GroupName;
pub use stays::{Stay, moved, stays};
pub use tree::{BadParent, DEEPEST, above, below, check_parent};

use std::collections::BTreeMap;

use super::agent::{Entry, Liveness};
use super::time::Timestamp;
use super::unknown::Unknown;

/// A group as its document has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    /// Its name, which is its file's.
    pub name: String,
    /// What it is to achieve.
    pub objective: Option<String>,
    /// Who leads it, as written; [`Group::coordinator`] says who does.
    pub coordinator: Option<String>,
    /// Its members, the longest-standing first.
    pub members: Vec<Member>,
    /// The group it is part of.
    pub parent: Option<String>,
    /// Its goal's id.
    pub goal: Option<String>,
    /// When it was made, as it stands in the file.
    pub created_at: Option<String>,
    /// When somebody last joined, left or shared, as it stands in the file.
    pub last_activity: Option<String>,
    /// What its members share, by key.
    pub context: BTreeMap<String, Shared>,
    /// The versions that deleted keys had, so that none comes twice.
    pub deleted: BTreeMap<String, u64>,
    /// Fields of nobody's we know, kept.
    pub unknown: Unknown,
}

/// A member of a group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Member {
    /// The agent's name.
    pub agent: String,
    /// Since when, as it stands in the file.
    pub joined_at: Option<String>,
    /// Fields of nobody's we know, kept.
    pub unknown: Unknown,
}

/// How fit a member is to lead: the lesser, the fitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// At work.
    Live,
    /// Its work is over.
    Ended,
    /// Expired, or not on the board.
    Gone,
}

impl Standing {
    /// The standing of an agent with this entry, which looks so alive.
    pub fn of(entry: Option<&Entry>, liveness: Liveness) -> Standing {
        match (entry, liveness) {
            (None, _) | (_, Liveness::Expired | Liveness::Never) => Standing::Gone,
            (Some(entry), _) if entry.ended() => Standing::Ended,
            _ => Standing::Live,
        }
    }
}

/// A group that holds no more members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl Group {
    /// A new group without members.
    pub fn new(name: &str, now: Timestamp) -> Group {
        Group {
            name: name.to_owned(),
            created_at: Some(now.to_string()),
            last_activity: Some(now.to_string()),
            ..Group::default()
        }
    }

    /// Whether the agent is a member.
    pub fn has(&self, agent: &str) -> bool {
        self.members.iter().any(|member| member.agent == agent)
    }

    /// An agent becomes the last member; `false`: it was one before. The first member coordinates. `most`: how many the
    /// group holds.
    pub fn join(&mut self, agent: &str, now: Timestamp, most: usize) -> Result<bool, Full> {
        if self.has(agent) {
            return Ok(false);
        }
        if self.members.len() >= most {
            return Err(Full);
        }
        self.members.push(Member {
            agent: agent.to_owned(),
            joined_at: Some(now.to_string()),
            unknown: Unknown::default(),
        });
        if self.members.len() == 1 {
            self.coordinator = Some(agent.to_owned());
        }
        self.touch(now);
        Ok(true)
    }

    /// An agent is no member any more; `false`: it was none before. Whoever stands longest among the fit takes the lead
    /// that it leaves behind.
    pub fn leave(
        &mut self,
        agent: &str,
        now: Timestamp,
        standing: impl Fn(&str) -> Standing,
    ) -> bool {
        let before = self.members.len();
        self.members.retain(|member| member.agent != agent);
        if self.members.len() == before {
            return false;
        }
        self.settle(standing);
        self.touch(now);
        true
    }

    /// Who leads: the coordinator as written while it is a member and not gone, else the longest-standing of the fittest;
    /// when all are gone nothing moves. `None`: nobody is here.
    pub fn coordinator(&self, standing: impl Fn(&str) -> Standing) -> Option<&str> {
        let written = self
            .coordinator
            .as_deref()
            .filter(|coordinator| self.has(coordinator));
        let names = self.members.iter().map(|member| member.agent.as_str());
        match written {
            Some(written) if standing(written) != Standing::Gone => Some(written),
            _ => {
                // Of equals `min_by_key` takes the first.
                let fittest = names.min_by_key(|agent| standing(agent))?;
                match written {
                    Some(written) if standing(fittest) == Standing::Gone => Some(written),
                    _ => Some(fittest),
                }
            }
        }
    }

    /// Writes down who leads.
    pub fn settle(&mut self, standing: impl Fn(&str) -> Standing) {
        self.coordinator = self.coordinator(standing).map(str::to_owned);
    }

    /// Notes that something happened.
    pub fn touch(&mut self, now: Timestamp) {
        self.last_activity = Some(now.to_string());
    }
}
