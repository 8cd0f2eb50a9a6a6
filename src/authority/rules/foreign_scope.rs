//! What another's open issue is about is theirs.

use crate::authority::facts::{Asked, Facts};
use crate::authority::verdict::Ruling;
use crate::documents::brief::Brief;

pub(super) fn speak(asked: Asked<'_>, facts: &Facts) -> Option<Ruling> {
    // Who leads all is in nobody's way.
    if facts.leads() {
        return None;
    }
    let ours = facts.branch.issue;
    if ours.is_some_and(|number| facts.in_scope(number, asked.path)) {
        return None;
    }
    let theirs = |issue: &&Brief| {
        issue.open
            && Some(issue.number) != ours
            && issue.assignee.is_some()
            && issue.assignee.as_deref() != facts.me()
            && facts.scope_reaches(issue.number, asked.path)
    };
    let issue = facts.issues.values().find(theirs)?;
    let owner = issue.assignee.as_deref()?;
    Some(
        Ruling::deny(
            format!("scope of #{}, {owner}'s", issue.number),
            facts.request(asked.path),
        )
        .owner(Some(owner))
        .approvers(facts.approvers(asked.path)),
    )
}
