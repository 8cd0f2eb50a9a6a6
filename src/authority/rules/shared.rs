//! Files on which many depend change with an orchestrator's or a person's word.

use crate::authority::facts::{Asked, Facts};
use crate::authority::verdict::{Ruling, Verdict};

pub(super) fn speak(asked: Asked<'_>, facts: &Facts) -> Option<Ruling> {
    if facts.leads() || !facts.reach(&facts.policy.shared, asked.path) {
        return None;
    }
    let leads = &facts.policy.orchestrators;
    let who = match leads.as_slice() {
        [] => "a person approves".to_owned(),
        [only] => format!("{only} or a person approves"),
        _ => "an orchestrator or a person approves".to_owned(),
    };
    Some(
        Ruling::new(Verdict::NeedsApproval, format!("shared; {who}"))
            .approvers(facts.approvers(asked.path))
            .next(facts.request(asked.path)),
    )
}
