//! Approvals: permission for paths that are not the agent's own, asked for or given unasked.

mod approvers;

pub use approvers::{Facts, approvers};

use super::glob::Glob;
use super::time::{Duration, Timestamp};
use super::waiting::{Core, HUMAN, Kind, Settled, Waits};

/// Where an approval stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Status {
    /// Somebody asks; nothing is allowed yet.
    #[default]
    Requested,
    /// Allowed, until it expires.
    Granted,
    /// Refused.
    Denied,
    /// Taken away after it had been granted.
    Revoked,
    /// Its maker took it back.
    Withdrawn,
}

/// Permission to change paths, for an agent, for whoever works on an issue, or for an agent on an issue alone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Approval {
    /// What it shares with everything that waits. Its issue is the only one that the permission is for.
    pub core: Core,
    /// Where it stands.
    pub status: Status,
    /// Paths and globs relative to the top of the worktree.
    pub paths: Vec<String>,
    /// The only agent that it is for; without one, whoever works on the issue.
    pub agent: Option<String>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// Why it was decided so, in one line.
    pub why: Option<String>,
}

impl Approval {
    /// Whether `agent`, working on `issue`, may change `path` by it at `now`. `path` is relative to the top of the
    /// worktree, as git spells it.
    pub fn covers(&self, path: &str, agent: &str, issue: Option<u64>, now: Timestamp) -> bool {
        self.holds(agent, issue, now) && self.names(|written| names(written, path, Glob::matches))
    }

    /// As [`covers`](Self::covers), for file systems where `A` and `a` are one name.
    pub fn covers_ignoring_case(
        &self,
        path: &str,
        agent: &str,
        issue: Option<u64>,
        now: Timestamp,
    ) -> bool {
        self.holds(agent, issue, now)
            && self.names(|written| names(written, path, Glob::matches_ignoring_case))
    }

    /// Whether it surely covers everything that `path`, as approvals write it, stands for.
    pub fn covers_all_of(
        &self,
        path: &str,
        agent: &str,
        issue: Option<u64>,
        now: Timestamp,
    ) -> bool {
        let is_one_path = !path.ends_with('/') && !path.contains(super::glob::WILD);
        self.holds(agent, issue, now)
            && self.names(|written| {
                written == path || is_one_path && names(written, path, Glob::matches)
            })
    }

    fn names(&self, is_named: impl Fn(&str) -> bool) -> bool {
        self.paths.iter().any(|written| is_named(written))
    }

    /// Whether it is in force for this agent on this issue. One that says neither is for nobody.
    pub fn holds(&self, agent: &str, issue: Option<u64>, now: Timestamp) -> bool {
        let is_for_somebody = self.agent.is_some() || self.core.issue.is_some();
        self.status == Status::Granted
            && !self.is_expired(now)
            && is_for_somebody
            && self.agent.as_deref().is_none_or(|only| only == agent)
            && self.core.issue.is_none_or(|only| issue == Some(only))
    }

    /// Whether its time is over.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Whether what was decided is news for this agent: it is for it, or was asked for by it, and another decided.
    pub fn is_news_for(&self, agent: &str) -> bool {
        let concerns = self.agent.as_deref() == Some(agent) || self.core.from == agent;
        concerns && self.core.by.as_deref() != Some(agent)
    }

    /// Allows it, for `term` or without an end; `false`: it is allowed already. One whose time is over is allowed anew.
    pub fn grant(
        &mut self,
        term: Option<Duration>,
        why: Option<String>,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, Settled> {
        match self.status {
            Status::Granted if !self.is_expired(at) => {
                let is_same = term.is_none_or(|term| self.is_granted_for(term));
                if is_same { Ok(false) } else { Err(Settled) }
            }
            Status::Requested | Status::Granted => {
                let typed = self.expires_at.filter(|end| *end > at);
                self.expires_at = term.map(|term| at.plus(term)).or(typed);
                self.settle(Status::Granted, why, by, at);
                Ok(true)
            }
            Status::Denied | Status::Revoked | Status::Withdrawn => Err(Settled),
        }
    }

    /// Refuses it, or takes it away again; `false`: that is done already.
    pub fn deny(&mut self, why: Option<String>, by: &str, at: Timestamp) -> Result<bool, Settled> {
        let status = match self.status {
            Status::Requested => Status::Denied,
            Status::Granted => Status::Revoked,
            Status::Denied | Status::Revoked => return Ok(false),
            Status::Withdrawn => return Err(Settled),
        };
        self.settle(status, why, by, at);
        Ok(true)
    }

    fn settle(&mut self, status: Status, why: Option<String>, by: &str, at: Timestamp) {
        self.status = status;
        self.why = why;
        self.core.settle(by, at);
    }

    /// Whether it was granted for just this long.
    pub fn is_granted_for(&self, term: Duration) -> bool {
        let ends = self.expires_at.zip(self.core.decided_at);
        ends.is_some_and(|(end, begin)| end.since(begin) == term.seconds())
    }

    /// Who may grant or deny it: whoever may for all of its paths. Nobody may for themselves.
    pub fn judges(&self, facts: &Facts<'_>) -> Vec<String> {
        if self.core.is_to(HUMAN) {
            return vec![HUMAN.to_owned()];
        }
        let of = |path: &String| approvers(path, self.core.issue, facts);
        let mut paths = self.paths.iter();
        // Without any path nothing is allowed; whoever leads may clear it away.
        let mut judges = paths.next().map_or_else(|| facts.leads(), of);
        for path in paths {
            let also = of(path);
            judges.retain(|name| also.contains(name));
        }
        let is_own = |name: &str| {
            self.agent.as_deref() == Some(name)
                || self.status == Status::Requested && self.core.from == name
        };
        judges.retain(|name| !is_own(name));
        judges
    }

    /// Whether this agent may settle it: whoever may grant it, and to take it away, whoever did.
    pub fn may_settle(&self, agent: &str, facts: &Facts<'_>) -> bool {
        let gave = self.status == Status::Granted && self.core.by.as_deref() == Some(agent);
        gave || self.judges(facts).iter().any(|name| name == agent)
    }
}

/// Whether what is written in an approval names the path: as itself, however odd its characters, or as a glob.
fn names(written: &str, path: &str, matches: impl Fn(&Glob, &str) -> bool) -> bool {
    written == path || Glob::parse(written).is_ok_and(|glob| matches(&glob, path))
}

impl Waits for Approval {
    fn kind(&self) -> Kind {
        Kind::Approval
    }

    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn status(&self) -> &'static str {
        match self.status {
            Status::Requested => "requested",
            Status::Granted => "granted",
            Status::Denied => "denied",
            Status::Revoked => "revoked",
            Status::Withdrawn => "withdrawn",
        }
    }

    fn is_open(&self) -> bool {
        self.status == Status::Requested
    }

    fn is_withdrawn(&self) -> bool {
        self.status == Status::Withdrawn
    }

    fn withdraw(&mut self, by: &str, why: Option<&str>, at: Timestamp) -> Result<bool, Settled> {
        match self.status {
            Status::Requested => {
                self.settle(Status::Withdrawn, why.map(str::to_owned), by, at);
                Ok(true)
            }
            Status::Withdrawn => Ok(false),
            Status::Granted | Status::Denied | Status::Revoked => Err(Settled),
        }
    }

    fn is_decided_by_hand(&self) -> bool {
        let decided = matches!(
            self.status,
            Status::Granted | Status::Denied | Status::Revoked
        );
        decided && (self.core.decided_at.is_none() || self.core.by.is_none())
    }
}

#[cfg(test)]
mod tests;
