//! A permission that somebody who may has given.

use crate::authority::facts::{Asked, Facts};
use crate::authority::verdict::Ruling;
use crate::domain::approval::Approval;

pub(super) fn speak(asked: Asked<'_>, facts: &Facts) -> Option<Ruling> {
    let me = facts.me()?;
    let covers = |approval: &&Approval| {
        let issue = facts.branch.issue;
        if facts.policy.ignore_case {
            approval.covers_ignoring_case(asked.path, me, issue, facts.now)
        } else {
            approval.covers(asked.path, me, issue, facts.now)
        }
    };
    let approval = facts.grants.iter().find(covers)?;
    Some(Ruling::allow(format!("approved: {}", approval.core.id)))
}
