//! Delegated work: a prompt that waits on an agent, and later its answer.

pub mod draft;
pub mod profile;
pub mod route;
#[cfg(test)]
mod tests;

use super::escape;
use super::time::Timestamp;
use super::waiting::{Core, Kind, Settled, Waits, by_age, tail};

/// Where a task stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Status {
    /// It waits for its agent.
    #[default]
    Queued,
    /// Its agent has been handed the prompt.
    Delivered,
    /// Its agent, or its agent's harness, has acknowledged it.
    Working,
    /// It goes on with nobody until somebody looks at it.
    Blocked,
    /// It has an answer.
    Done,
    /// There will be no answer unless it is tried again.
    Failed,
    /// It was taken back.
    Cancelled,
}

/// Delegated work.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Task {
    /// What it shares with everything that waits. It is addressed to an agent, a profile or `any`.
    pub core: Core,
    /// Where it stands.
    pub status: Status,
    /// The agent that is to do it, or does it; `None`: whoever of its addressees takes it first.
    pub agent: Option<String>,
    /// How often it was begun, this time included.
    pub attempts: u64,
    /// The higher goes first.
    pub priority: u64,
    /// Why it went where it is, in one line.
    pub route: Option<String>,
    /// Why it failed, is blocked, was taken back or came back to the queue, in one line.
    pub why: Option<String>,
    /// When it came back to the queue.
    pub queued_at: Option<Timestamp>,
    /// When its agent was handed the prompt.
    pub delivered_at: Option<Timestamp>,
    /// When that was acknowledged.
    pub working_at: Option<Timestamp>,
    /// When its sender read the answer.
    pub collected_at: Option<Timestamp>,
    /// Files that belong to the answer.
    pub attachments: Vec<String>,
    /// What is to be done.
    pub prompt: String,
    /// What came of it.
    pub answer: Option<String>,
}

/// Why an agent cannot have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Another agent has it.
    Taken(String),
    /// It is settled.
    Settled,
}

/// What became of a task whose agent is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It waits for an agent again.
    Queued,
    /// It was tried often enough: somebody has to look at it.
    Blocked,
}

impl Task {
    /// Whether its agent has it in hand.
    pub fn is_in_hand(&self) -> bool {
        matches!(self.status, Status::Delivered | Status::Working)
    }

    /// Whether this agent may do it; `kind`: the type that its entry says.
    pub fn is_for(&self, agent: &str, kind: Option<&str>) -> bool {
        match (&self.agent, &self.core.to) {
            (Some(own), _) => own == agent,
            (None, Some(to)) if to == profile::ANY => self.core.from != agent,
            (None, Some(to)) => profile::is_member(to, agent, kind),
            (None, None) => false,
        }
    }

    /// What stands above its answer.
    pub fn heading(&self) -> String {
        let words = escape::quoted(self.prompt.lines().next().unwrap_or_default(), 40);
        format!(
            "Answer of {} to task {} ({words}):",
            self.agent.as_deref().unwrap_or("nobody"),
            tail(&self.core.id)
        )
    }

    /// Whether this agent has it in hand.
    pub fn is_in_hand_of(&self, agent: &str) -> bool {
        self.is_in_hand() && self.agent.as_deref() == Some(agent)
    }

    /// The agent takes it in hand and begins; `false`: it has begun already.
    pub fn take(&mut self, agent: &str, at: Timestamp) -> Result<bool, Refusal> {
        match (&self.agent, self.status) {
            (_, Status::Done | Status::Failed | Status::Cancelled) => Err(Refusal::Settled),
            (Some(other), _) if other != agent => Err(Refusal::Taken(other.clone())),
            (_, Status::Working) => Ok(false),
            _ => {
                self.hand_over(agent, at);
                self.acknowledge(at);
                Ok(true)
            }
        }
    }

    /// The agent is handed the prompt.
    pub fn hand_over(&mut self, agent: &str, at: Timestamp) {
        self.agent = Some(agent.to_owned());
        self.status = Status::Delivered;
        self.attempts += u64::from(self.delivered_at.is_none());
        self.delivered_at.get_or_insert(at);
        self.why = None;
    }

    /// It was not handed the prompt after all.
    pub fn take_back(&mut self) {
        self.status = Status::Queued;
        self.attempts = self.attempts.saturating_sub(1);
        self.delivered_at = None;
        self.agent = self.agent.take().filter(|agent| self.core.is_to(agent));
    }

    /// That it has the prompt is acknowledged; `false`: it was, or nobody has it.
    pub fn acknowledge(&mut self, at: Timestamp) -> bool {
        let is_new = self.status == Status::Delivered;
        if is_new {
            self.status = Status::Working;
            self.working_at.get_or_insert(at);
            self.why = None;
        }
        is_new
    }

    /// It has an answer; `false`: it had this one.
    pub fn finish(
        &mut self,
        by: &str,
        answer: &str,
        attachments: &[String],
        at: Timestamp,
    ) -> Result<bool, Settled> {
        match self.status {
            Status::Done if self.answer.as_deref().unwrap_or_default() == answer => Ok(false),
            Status::Done | Status::Failed | Status::Cancelled => Err(Settled),
            _ => {
                self.status = Status::Done;
                self.answer = Some(answer.to_owned()).filter(|answer| !answer.is_empty());
                self.attachments = attachments.to_vec();
                self.why = None;
                self.core.settle(by, at);
                Ok(true)
            }
        }
    }

    /// There will be no answer; `false`: that was known.
    pub fn fail(&mut self, by: &str, why: &str, at: Timestamp) -> Result<bool, Settled> {
        match self.status {
            Status::Failed => Ok(false),
            Status::Done | Status::Cancelled => Err(Settled),
            _ => {
                self.status = Status::Failed;
                self.why = Some(why.to_owned());
                self.core.settle(by, at);
                Ok(true)
            }
        }
    }

    /// Its agent is gone: back to the queue, unless it was begun `most` times.
    pub fn lose(&mut self, why: &str, most: u64, at: Timestamp) -> Loss {
        self.why = Some(why.to_owned());
        if self.attempts >= most {
            self.status = Status::Blocked;
            return Loss::Blocked;
        }
        self.queue_again(at);
        Loss::Queued
    }

    /// Nobody goes on with it until somebody has looked at it.
    pub fn block(&mut self, why: &str) {
        self.status = Status::Blocked;
        self.why = Some(why.to_owned());
    }

    /// It is to be tried again, from the beginning; `false`: it waits for that already.
    pub fn retry(&mut self, at: Timestamp) -> Result<bool, Settled> {
        match self.status {
            Status::Done => Err(Settled),
            Status::Queued => Ok(false),
            _ => {
                self.queue_again(at);
                self.why = None;
                self.collected_at = None;
                self.core.decided_at = None;
                self.core.by = None;
                Ok(true)
            }
        }
    }

    fn queue_again(&mut self, at: Timestamp) {
        self.status = Status::Queued;
        self.queued_at = Some(at);
        self.delivered_at = None;
        self.working_at = None;
        // One that was addressed to it by name stays its own.
        self.agent = self.agent.take().filter(|agent| self.core.is_to(agent));
    }
}

impl Waits for Task {
    fn kind(&self) -> Kind {
        Kind::Task
    }

    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn status(&self) -> &'static str {
        match self.status {
            Status::Queued => "queued",
            Status::Delivered => "delivered",
            Status::Working => "working",
            Status::Blocked => "blocked",
            Status::Done => "done",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
        }
    }

    fn is_open(&self) -> bool {
        !matches!(
            self.status,
            Status::Done | Status::Failed | Status::Cancelled
        )
    }

    fn is_withdrawn(&self) -> bool {
        self.status == Status::Cancelled
    }

    fn withdraw(&mut self, by: &str, why: Option<&str>, at: Timestamp) -> Result<bool, Settled> {
        match self.status {
            Status::Done => Err(Settled),
            Status::Cancelled => Ok(false),
            _ => {
                self.status = Status::Cancelled;
                self.why = why.map(str::to_owned);
                self.core.settle(by, at);
                Ok(true)
            }
        }
    }

    fn is_decided_by_hand(&self) -> bool {
        !self.is_open() && (self.core.decided_at.is_none() || self.core.by.is_none())
    }
}

/// The order in which an agent does them: what it has in hand, then by priority, then the longest-waiting.
pub fn in_turn(a: &Task, b: &Task) -> std::cmp::Ordering {
    b.is_in_hand()
        .cmp(&a.is_in_hand())
        .then(b.priority.cmp(&a.priority))
        .then_with(|| by_age(&a.core, &b.core))
}
