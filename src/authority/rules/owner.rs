//! Whoever is left may.

use crate::authority::facts::{Asked, Facts};
use crate::authority::verdict::Ruling;

#[expect(
    clippy::unnecessary_wraps,
    reason = "every rule may be silent; this one never is"
)]
pub(super) fn speak(_: Asked<'_>, facts: &Facts) -> Option<Ruling> {
    Some(match facts.branch.issue {
        Some(number) if facts.issue().and_then(|issue| issue.assignee.as_deref()) == facts.me() => {
            Ruling::allow(format!("#{number} is yours"))
        }
        Some(number) => Ruling::allow(format!("you manage #{number}")),
        None => Ruling::allow("you lead"),
    })
}
