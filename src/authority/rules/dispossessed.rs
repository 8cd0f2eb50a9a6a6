//! Who still believes to hold an issue that was given to another must hear it before writing.

use crate::authority::facts::{Asked, Facts};
use crate::authority::verdict::Ruling;

pub(super) fn speak(_: Asked<'_>, facts: &Facts) -> Option<Ruling> {
    let me = facts.me()?;
    let issue = facts.issue()?;
    let owner = issue.assignee.as_deref()?;
    if facts.holds != Some(issue.number) || owner == me {
        return None;
    }
    let number = issue.number;
    Some(
        Ruling::deny(
            format!("#{number} is {owner}'s now: stop writing"),
            format!("ghp release {number}"),
        )
        .owner(Some(owner)),
    )
}
