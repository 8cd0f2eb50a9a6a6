//! An agent's Working Context: filled from what is known of the work, read, and added to; never overwritten.

use crate::documents::paged::Paged;
use crate::documents::working_context::{self, Ground};
use crate::domain::cave::Part;
use crate::domain::handoff::{Handoff, Status};
use crate::domain::id::AgentId;
use crate::domain::issue::Issue;
use crate::domain::time::Timestamp;
use crate::error::Result;
use crate::project::Project;
use crate::store::{Transaction, layout};

/// Writes those of its documents that are missing, and says in a log of ours which issue is begun; whether anything was
/// written.
pub(crate) fn begin(
    transaction: &mut Transaction<'_>,
    agent: &AgentId,
    issue: &Issue,
    now: Timestamp,
) -> Result<bool> {
    let filled = fill(transaction, agent, Some(issue), None, now)?;
    let path = layout::cave(agent.as_str(), Part::Log.file());
    let log = transaction.text(&path)?.unwrap_or_default();
    let begun = working_context::with_start(&log, agent.as_str(), issue, now);
    let added = begun.is_some();
    if let Some(log) = begun {
        transaction.set_text(&path, log)?;
    }
    Ok(filled || added)
}

/// Writes those of its documents that are missing; whether any was.
pub(crate) fn fill(
    transaction: &mut Transaction<'_>,
    agent: &AgentId,
    issue: Option<&Issue>,
    objective: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    let mut missing = Vec::new();
    for part in Part::ALL {
        let path = layout::cave(agent.as_str(), part.file());
        if transaction.text(&path)?.is_none() {
            missing.push((part, path));
        }
    }
    if missing.is_empty() {
        return Ok(false);
    }
    let handoff = match issue {
        Some(issue) => left_by_another(transaction, issue.number, agent)?,
        None => None,
    };
    let ground = Ground {
        agent: agent.as_str(),
        issue,
        handoff: handoff.as_ref(),
        objective,
        at: now,
    };
    for (part, path) in missing {
        transaction.set_text(&path, working_context::text(part, &ground))?;
    }
    Ok(true)
}

/// The latest handoff of the issue that somebody else made.
fn left_by_another(
    transaction: &mut Transaction<'_>,
    number: u64,
    agent: &AgentId,
) -> Result<Option<Handoff>> {
    let handoffs = transaction.all::<Handoff>()?.into_iter();
    let of_issue = handoffs.filter(|handoff| {
        handoff.core.issue == Some(number)
            && handoff.status != Status::Withdrawn
            && handoff.core.from != agent.as_str()
    });
    let latest = of_issue.max_by_key(|handoff| handoff.core.created_at);
    Ok(latest.map(Paged::into_inner))
}

/// Its documents that there are, in the order one reads them.
pub(crate) fn read(project: &Project, agent: &str) -> Result<Vec<(Part, String)>> {
    let mut texts = Vec::new();
    for part in Part::ALL {
        let text = project.store()?.text(&layout::cave(agent, part.file()))?;
        texts.extend(text.map(|text| (part, text)));
    }
    Ok(texts)
}

/// Adds a dated entry to one of its documents.
pub(crate) fn add(
    transaction: &mut Transaction<'_>,
    agent: &AgentId,
    part: Part,
    by: &str,
    now: Timestamp,
    said: &str,
) -> Result<()> {
    let path = layout::cave(agent.as_str(), part.file());
    let text = transaction.text(&path)?.unwrap_or_default();
    let text = working_context::with_entry(&text, part, by, now, said);
    Ok(transaction.set_text(&path, text)?)
}
