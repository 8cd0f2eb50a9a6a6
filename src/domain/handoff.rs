//! Handoffs: an issue goes to the next agent, with what the last one knew.

use super::time::Timestamp;
use super::waiting::{Core, Kind, Settled, Waits};

/// Where a handoff stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Status {
    /// Nothing has moved.
    #[default]
    Open,
    /// Somebody has the issue now.
    Accepted,
    /// Its maker took it back.
    Withdrawn,
}

/// An issue offered to another agent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Handoff {
    /// What it shares with everything that waits.
    pub core: Core,
    /// Where it stands.
    pub status: Status,
    /// The branch of the work.
    pub branch: Option<String>,
    /// The commit where the branch left the main branch.
    pub base: Option<String>,
    /// Why it was taken back.
    pub why: Option<String>,
}

/// What is known of the work when it is handed on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Who hands it on.
    pub from: String,
    /// The main branch.
    pub main: String,
    /// The branch of the work.
    pub branch: Option<String>,
    /// The commit where it left the main branch.
    pub base: Option<String>,
    /// Commits since then, newest first: abbreviated id and first line.
    pub commits: Vec<(String, String)>,
    /// Paths changed since then, each behind how in one word.
    pub changed: Vec<(&'static str, String)>,
    /// Where the branch is checked out.
    pub worktree: Option<String>,
    /// Paths there that no commit holds, each behind how in one word.
    pub uncommitted: Vec<(&'static str, String)>,
    /// The giver's status word.
    pub status: Option<String>,
    /// What the giver last did, in its own words.
    pub last_action: Option<String>,
    /// What the giver's context holds, in its own words.
    pub context_summary: Option<String>,
    /// What stands in the way: issues and open questions, a line each.
    pub blockers: Vec<String>,
    /// What was decided on this issue, a line each.
    pub decided: Vec<String>,
    /// Globs of the paths the issue is about.
    pub scope: Vec<String>,
    /// Ids of the memories that bind on the issue.
    pub memories: Vec<String>,
    /// The issue.
    pub issue: u64,
    /// What the giver says, Markdown.
    pub note: String,
}

/// Why an agent cannot have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is addressed to somebody else.
    NotAddressed,
    /// It is the agent's own.
    Own,
    /// Somebody else has it, or its maker took it back.
    Settled,
}

impl Handoff {
    /// The agent takes it; `false`: it has it already.
    pub fn accept(&mut self, agent: &str, at: Timestamp) -> Result<bool, Refusal> {
        if self.core.to.as_deref().is_some_and(|to| to != agent) {
            return Err(Refusal::NotAddressed);
        }
        match self.status {
            Status::Accepted if self.core.by.as_deref() == Some(agent) => Ok(false),
            Status::Accepted | Status::Withdrawn => Err(Refusal::Settled),
            Status::Open if self.core.from == agent => Err(Refusal::Own),
            Status::Open => {
                self.status = Status::Accepted;
                self.core.settle(agent, at);
                Ok(true)
            }
        }
    }
}

impl Waits for Handoff {
    fn kind(&self) -> Kind {
        Kind::Handoff
    }

    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn status(&self) -> &'static str {
        match self.status {
            Status::Open => "open",
            Status::Accepted => "accepted",
            Status::Withdrawn => "withdrawn",
        }
    }

    fn is_open(&self) -> bool {
        self.status == Status::Open
    }

    fn is_withdrawn(&self) -> bool {
        self.status == Status::Withdrawn
    }

    fn withdraw(&mut self, by: &str, why: Option<&str>, at: Timestamp) -> Result<bool, Settled> {
        match self.status {
            Status::Accepted => Err(Settled),
            Status::Withdrawn => Ok(false),
            Status::Open => {
                self.status = Status::Withdrawn;
                self.why = why.map(str::to_owned);
                self.core.settle(by, at);
                Ok(true)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(to: Option<&str>) -> Handoff {
        let core = Core {
            from: "worker-1".into(),
            to: to.map(str::to_owned),
            ..Core::default()
        };
        Handoff {
            core,
            ..Handoff::default()
        }
    }

    #[test]
    fn taken_once_by_whom_it_is_for() {
        let at = Timestamp::from_seconds(1);
        let mut named = offer(Some("worker-2"));
        assert_eq!(named.accept("worker-3", at), Err(Refusal::NotAddressed));
        assert_eq!(named.accept("worker-1", at), Err(Refusal::NotAddressed));
        assert_eq!(named.accept("worker-2", at), Ok(true));
        assert_eq!(named.accept("worker-2", at), Ok(false));
        assert_eq!(
            (named.status(), named.core.by.as_deref()),
            ("accepted", Some("worker-2"))
        );
        assert_eq!(named.withdraw("worker-1", None, at), Err(Settled));

        let mut open = offer(None);
        assert_eq!(open.accept("worker-1", at), Err(Refusal::Own));
        assert_eq!(open.accept("worker-3", at), Ok(true));
        assert_eq!(open.accept("worker-2", at), Err(Refusal::Settled));

        let mut gone = offer(None);
        assert_eq!(gone.withdraw("worker-1", Some("done myself"), at), Ok(true));
        assert_eq!(gone.withdraw("worker-1", None, at), Ok(false));
        assert_eq!(gone.accept("worker-2", at), Err(Refusal::Settled));
    }
}
