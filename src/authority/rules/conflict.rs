//! Two agents that change one path are told before the second writes, not when it merges.

use crate::authority::facts::{Asked, Facts};
use crate::authority::verdict::{Ruling, Verdict};
use crate::domain::conflict::is_lifted;
use crate::domain::waiting::HUMAN;

pub(super) fn speak(asked: Asked<'_>, facts: &Facts) -> Option<Ruling> {
    let me = facts.me()?;
    let rival = facts.rivals.iter().find(|rival| {
        facts.has(&rival.changed, asked.path)
            && !is_lifted(&facts.lifted, me, &rival.agent, asked.path)
    })?;
    let agent = &rival.agent;
    let at = rival
        .branch
        .as_ref()
        .map(|branch| format!(" on {branch}"))
        .unwrap_or_default();
    Some(
        Ruling::new(
            Verdict::Conflict,
            format!("{agent} has changed it too{at}, unmerged"),
        )
        .owner(Some(agent))
        .approvers(vec![HUMAN.to_owned()])
        .next(facts.command("conflicts --escalate", asked.path)),
    )
}
