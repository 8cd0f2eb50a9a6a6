//! An agent that did not say its name has no authority that could be looked up.

use crate::authority::facts::{Asked, Asker, Facts};
use crate::authority::verdict::Ruling;

pub(super) fn speak(_: Asked<'_>, facts: &Facts) -> Option<Ruling> {
    match &facts.asker {
        Asker::Unnamed(marker) => Some(Ruling::deny(
            format!(
                "you have not said your name ({marker}): set GHP_AGENT, or label this worktree"
            ),
            "ghp whoami --set worker-1",
        )),
        _ => None,
    }
}
