//! What waits for another issue is not worked on.

use crate::authority::facts::{Asked, Facts};
use crate::authority::verdict::Ruling;

pub(super) fn speak(_: Asked<'_>, facts: &Facts) -> Option<Ruling> {
    let issue = facts.issue()?;
    let blocker = issue
        .blocked_by
        .iter()
        .filter_map(|number| facts.issues.get(number))
        .find(|blocker| blocker.open)?;
    let whose = blocker
        .assignee
        .as_deref()
        .map(|name| format!(", {name}'s"))
        .unwrap_or_default();
    Some(
        Ruling::deny(
            format!("#{} waits for #{}{whose}", issue.number, blocker.number),
            format!(
                "ghp status set blocked --blocked-on {} --wait",
                blocker.number
            ),
        )
        .owner(blocker.assignee.as_deref()),
    )
}
