//! Agents whose provider does not answer: a limit is reached, its server is down, nobody has paid. The agent is there, and
//! rests; what it had in hand is tried again, given to another, or put before a person, as `coordination.limited` says.

use super::{let_go, load_in, lost, open};
use crate::domain::agent::Entry;
use crate::domain::escape::one_line;
use crate::domain::id::AgentId;
use crate::domain::task::{Loss, Task};
use crate::domain::time::{Duration, Timestamp};
use crate::domain::waiting::tail;
use crate::error::Result;
use crate::host::clock;
use crate::project::Project;

/// How the last action of such an agent begins.
const SAID: &str = "Its provider does not answer";
/// What becomes of its task: it is tried again by the same agent.
const RETRY: &str = "retry";
/// A person says. Anything else: it goes to another.
const ASK: &str = "ask";

/// Whether the agent rests: its provider failed it not longer ago than it is given.
pub(crate) fn rests(entry: &Entry, now: Timestamp, rest: Duration) -> bool {
    is_limited(entry) && entry.age(now).is_some_and(|age| age < rest.seconds())
}

/// Whether the last that was heard of it is that its provider failed it.
pub(crate) fn is_limited(entry: &Entry) -> bool {
    let said = entry.last_action.as_deref().unwrap_or_default();
    entry.word() == "waiting" && said.starts_with(SAID)
}

/// The agent's turn has failed for this reason, a word of its provider.
pub(crate) fn note(project: &Project, me: &AgentId, fault: &str) -> Result<()> {
    let fault = one_line(fault, 80);
    let (policy, retries) = (project.config()?.limited()?, project.config()?.retries()?);
    project.decide(me.as_str(), "hook", |transaction| {
        let now = clock::now();
        let entry = transaction.entry(me.as_str())?;
        entry.observe(now, Some("waiting"));
        entry.beat(now, Some(format!("{SAID}: {fault}")));
        // The lock is held: what is read beside the transaction cannot change.
        let in_hand = open(project)?;
        for mine in in_hand
            .iter()
            .filter(|task| task.is_in_hand_of(me.as_str()))
        {
            let mut task = load_in(transaction, &mine.core.id)?;
            let why = format!("{me}'s provider did not answer: {fault}");
            let short = tail(&task.core.id).to_owned();
            let goes_on = goes_on(&mut task, me, &policy, &why, retries, now);
            let_go(transaction, Some(me.as_str()), false)?;
            let said = if goes_on {
                format!("task {short} is queued again: {why}")
            } else {
                let title = format!("Task {short} is held up: {why}");
                lost::ask(transaction, me.as_str(), &task, one_line(&title, 200), &why)?;
                format!("task {short} is blocked, and a person is asked: {why}")
            };
            transaction.say(said, task.core.issue);
            transaction.save(&task)?;
        }
        Ok(())
    })
}

/// Whether somebody tries it again; else it is blocked.
fn goes_on(
    task: &mut Task,
    me: &AgentId,
    policy: &str,
    why: &str,
    retries: u64,
    now: Timestamp,
) -> bool {
    if policy == ASK {
        task.block(why);
        return false;
    }
    if task.lose(why, retries + 1, now) == Loss::Blocked {
        return false;
    }
    if policy == RETRY {
        task.agent = Some(me.to_string());
    }
    if task.agent.is_none() {
        task.route = Some(format!("{me} rests; whoever is free first takes it"));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000 + seconds)
    }

    #[test]
    fn it_rests_for_a_while_and_until_something_else_is_heard() {
        let mut entry = Entry::default();
        entry.observe(at(0), Some("waiting"));
        entry.beat(at(0), Some(format!("{SAID}: rate_limit")));
        let rest = Duration::from_seconds(600);
        assert!(rests(&entry, at(599), rest));
        assert!(!rests(&entry, at(600), rest));
        entry.observe(at(10), Some("working"));
        assert!(!rests(&entry, at(11), rest));
    }

    #[test]
    fn as_configured() {
        let me: AgentId = "planning-1".parse().expect("a name");
        let task = || {
            let mut task = Task::default();
            task.core.to = Some("planning".to_owned());
            task.hand_over("planning-1", at(0));
            task
        };
        for (policy, retries, goes, agent) in [
            ("reroute", 2, true, None),
            (RETRY, 2, true, Some("planning-1")),
            (ASK, 2, false, Some("planning-1")),
            ("reroute", 0, false, Some("planning-1")),
        ] {
            let mut task = task();
            let went = goes_on(&mut task, &me, policy, "limit", retries, at(1));
            assert_eq!((went, task.agent.as_deref()), (goes, agent), "{policy}");
            assert_eq!(task.why.as_deref(), Some("limit"));
        }
    }
}
