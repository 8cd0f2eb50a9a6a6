//! Agents whose provider does not answer: a limit is reached, its server is down, nobody has paid. The agent is there, and
//! rests; what it had in hand is tried again, given to another, or put before a person, as `coordination.limited` says.

use super::{let_go, load_in, lost, open};
use crate::domain::escape::one_line;
use crate::domain::id::AgentId;
use crate::domain::task::{Loss, Task};
use crate::domain::time::Timestamp;
use crate::domain::waiting::tail;
use crate::error::Result;
use crate::host::clock;
use crate::project::Project;

/// What becomes of its task: it is tried again by the same agent.
const RETRY: &str = "retry";
/// A person says. Anything else: it goes to another.
const ASK: &str = "ask";

/// The agent's turn has failed for this reason, a word of its provider.
pub(crate) fn note(project: &Project, me: &AgentId, fault: &str) -> Result<()> {
    let fault = one_line(fault, 80);
    let (policy, retries) = (project.config()?.limited()?, project.config()?.retries()?);
    project.decide(me.as_str(), "hook", |transaction| {
        let now = clock::now();
        transaction.entry(me.as_str())?.limit(&fault, now);
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
