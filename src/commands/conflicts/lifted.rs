//! What people decided on conflicts, for the rule that stops agents in them.

use std::collections::BTreeSet;

use crate::commands::matter::{self, Matter};
use crate::commands::workplaces;
use crate::domain::conflict::{KEY, Lifted, of_key, winner};
use crate::domain::waiting::{Kind, Waits};
use crate::error::Result;
use crate::project::Project;

/// The decisions that say who goes first, the earliest first; ask them with [`crate::domain::conflict::is_lifted`]. Only
/// those count that were a person's to make, and whose branches the two agents are still on.
pub(crate) fn lifted(project: &Project) -> Result<Vec<Lifted>> {
    let mut decided: Vec<_> =
        matter::all(project, &[Kind::Escalation], |_, text| text.contains(KEY))?
            .into_iter()
            .filter_map(|matter| match matter {
                Matter::Escalation(question) => Some(question),
                _ => None,
            })
            .filter(|question| question.core.is_to_human() && question.core.to.is_some())
            .filter(|question| !question.is_open() && !question.withdrawn)
            .collect();
    decided.sort_by(|a, b| (a.core.decided_at, &a.core.id).cmp(&(b.core.decided_at, &b.core.id)));
    let mut found = Vec::new();
    let mut places = None;
    for question in decided {
        let Some((agents, branches)) = question.key.as_deref().and_then(of_key) else {
            continue;
        };
        let Some(first) = question.decision.as_ref().and_then(|it| winner(agents, it)) else {
            continue;
        };
        let places = match &places {
            Some(places) => places,
            None => places.insert(workplaces::of_live_agents(project)?),
        };
        let theirs: BTreeSet<&str> = places
            .iter()
            .filter(|place| agents.contains(&place.agent.as_str()))
            .map(|place| place.branch.as_deref().unwrap_or("HEAD"))
            .collect();
        if branches.iter().all(|branch| theirs.contains(branch)) {
            let other = if agents[0] == first {
                agents[1]
            } else {
                agents[0]
            };
            found.push(Lifted {
                winner: first.to_owned(),
                other: other.to_owned(),
                paths: question.paths.iter().cloned().collect(),
            });
        }
    }
    Ok(found)
}
