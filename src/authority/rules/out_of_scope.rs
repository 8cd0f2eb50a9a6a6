//! What one's own issue is not about.

use crate::authority::facts::{Asked, Facts, Outside};
use crate::authority::verdict::{Ruling, Verdict};

pub(super) fn speak(asked: Asked<'_>, facts: &Facts) -> Option<Ruling> {
    let number = facts.branch.issue?;
    if facts.leads() || !facts.scopes.contains_key(&number) || facts.in_scope(number, asked.path) {
        return None;
    }
    let reason = format!("outside the scope of #{number}");
    let approvers = facts.approvers(asked.path);
    Some(match facts.policy.outside {
        Outside::Allow => Ruling::allow(reason),
        Outside::Approve => Ruling::new(Verdict::NeedsApproval, reason)
            .approvers(approvers)
            .next(facts.request(asked.path)),
        Outside::Deny => Ruling::deny(reason, facts.request(asked.path)).approvers(approvers),
    })
}
