//! Authority follows from an issue, so a branch without one gives none.

use crate::authority::facts::{Asked, Facts};
use crate::authority::verdict::Ruling;

pub(super) fn speak(_: Asked<'_>, facts: &Facts) -> Option<Ruling> {
    if facts.leads() || facts.branch.issue.is_some() {
        return None;
    }
    let name = facts.branch.name.as_deref().unwrap_or("this branch");
    let next = facts.holds.map_or_else(
        || "ghp next".to_owned(),
        |number| format!("ghp start {number}"),
    );
    Some(Ruling::deny(format!("{name} names no issue"), next))
}
