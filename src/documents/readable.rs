//! Whether a document's text is what its path says it is.

use super::Document;
use super::front_matter::Malformed;
use super::paged::Paged;
use super::status::Status;
use super::{group, workflow, workflow_run};
use crate::domain::approval::Approval;
use crate::domain::escalation::Escalation;
use crate::domain::goal::Goal;
use crate::domain::handoff::Handoff;
use crate::domain::issue::Issue;
use crate::domain::memory::Memory;
use crate::domain::task::Task;

/// Where and why a document cannot be read; `None` when it can, or when its kind has no rules yet.
pub fn fault(path: &str, text: &str) -> Option<Malformed> {
    if path == "agent-status.json" {
        return Status::parse(text).err();
    }
    if let Some(id) = super::merge::run_id(path) {
        return workflow_run::parse(id, text).err();
    }
    if let Some(name) = path.strip_prefix("workflows/")
        && let Some(name) = name.strip_suffix(".toml")
    {
        let first = workflow::parse(name, text).err()?.into_iter().next()?;
        return Some(Malformed {
            line: first.line,
            column: 1,
            what: first.what,
        });
    }
    if let Some(name) = super::merge::group_name(path) {
        return group::parse(name, text).err();
    }
    if path.strip_suffix(".json").is_some() {
        let json = text.strip_prefix('\u{feff}').unwrap_or(text);
        let error =
            serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(json).err()?;
        return Some(Malformed {
            line: error.line().max(1),
            column: error.column().max(1),
            what: error.to_string(),
        });
    }
    markdown::<Issue>(path, text)
        .or_else(|| markdown::<Escalation>(path, text))
        .or_else(|| markdown::<Approval>(path, text))
        .or_else(|| markdown::<Handoff>(path, text))
        .or_else(|| markdown::<Memory>(path, text))
        .or_else(|| markdown::<Task>(path, text))
        .or_else(|| markdown::<Goal>(path, text))
}

fn markdown<T: Document>(path: &str, text: &str) -> Option<Malformed> {
    let stem = path
        .strip_prefix(T::FOLDER)?
        .strip_prefix('/')?
        .strip_suffix(".md")?;
    Paged::<T>::parse(stem, text).err()
}
