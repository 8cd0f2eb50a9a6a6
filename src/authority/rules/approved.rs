//! A permission that somebody who may has given.

use crate::authority::facts::{Asked, Facts, Grant};
use crate::authority::verdict::Ruling;

pub(super) fn speak(asked: Asked<'_>, facts: &Facts) -> Option<Ruling> {
    let holds = |grant: &&Grant| {
        let unexpired = grant.expires.is_none_or(|at| facts.now < at);
        let mine = grant
            .agent
            .as_deref()
            .is_none_or(|agent| facts.me() == Some(agent));
        let here = grant
            .issue
            .is_none_or(|issue| facts.branch.issue == Some(issue));
        // One for neither an agent nor an issue would be for everybody: nobody can have meant that.
        let somebody = grant.agent.is_some() || grant.issue.is_some();
        unexpired && mine && here && somebody && facts.names(&grant.paths, asked.path)
    };
    let grant = facts.grants.iter().find(holds)?;
    Some(Ruling::allow(format!("approved: {}", grant.id)))
}
