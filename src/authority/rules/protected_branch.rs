//! Protected branches, and commits that no branch holds, are an orchestrator's or a person's.

use crate::authority::facts::{Asked, Facts};
use crate::authority::verdict::Ruling;

pub(super) fn speak(_: Asked<'_>, facts: &Facts) -> Option<Ruling> {
    if facts.leads() {
        return None;
    }
    let reason = match &facts.branch.name {
        Some(name) if facts.branch.protected => {
            format!("{name} is protected: work on a branch of your own")
        }
        Some(_) => return None,
        None => "HEAD is detached: work on a branch of your own".to_owned(),
    };
    let next = facts.holds.map_or_else(
        || "ghp next".to_owned(),
        |number| format!("ghp start {number} --worktree"),
    );
    Some(Ruling::deny(reason, next))
}
