//! On an issue's branch works whoever holds the issue; orchestrators on all, epics on those of their children.

use crate::authority::facts::{Asked, Facts};
use crate::authority::verdict::Ruling;

pub(super) fn speak(_: Asked<'_>, facts: &Facts) -> Option<Ruling> {
    let number = facts.branch.issue?;
    let owner = facts.issue().and_then(|issue| issue.assignee.as_deref());
    if facts.leads() || owner.is_some() && owner == facts.me() || facts.manages(number) {
        return None;
    }
    Some(match owner {
        Some(owner) => {
            Ruling::deny(format!("#{number} is {owner}'s"), "ghp next").owner(Some(owner))
        }
        None => Ruling::deny(
            format!("nobody holds #{number}"),
            format!("ghp start {number}"),
        ),
    })
}
