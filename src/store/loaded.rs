//! What a decision has read, and what it is to become.

use std::collections::BTreeMap;

use super::error::StoreError;
use super::layout::CONFIG;
use super::log::EntryChange;
use crate::documents::front_matter::MAX_FRONT_MATTER;
use crate::documents::readable::fault;
use crate::documents::status::Status;
use crate::domain::agent::Entry;
use crate::host::folder::Stat;

/// A document that was read, and what it is to hold.
pub(super) struct Loaded {
    pub before: Option<String>,
    pub stat: Option<Stat>,
    pub after: Option<String>,
}

impl Loaded {
    /// Refuses what has grown so large, or so deep, that nobody could read it again.
    pub(super) fn refuse_unreadable(&self, path: &str) -> Result<(), StoreError> {
        let text = self.after.as_deref().unwrap_or_default();
        // No document is too large with less, and only the configuration takes objects of any form.
        let is_large = text.len() > MAX_FRONT_MATTER && path.strip_suffix(".md").is_some();
        if !is_large && (path != CONFIG || text.is_empty()) {
            return Ok(());
        }
        match fault(path, text) {
            None => Ok(()),
            Some(malformed) => Err(StoreError::TooLarge {
                path: path.to_owned(),
                what: malformed.what,
            }),
        }
    }
}

/// The status document that was read, and what it is to hold.
pub(super) struct LoadedStatus {
    pub text: Option<String>,
    pub stat: Option<Stat>,
    pub before: Before,
    pub after: Status,
}

/// What the status document held: mostly one entry is lent out, and a copy of that is enough.
pub(super) enum Before {
    Entries(BTreeMap<String, Option<Entry>>),
    Whole(Status),
}

impl LoadedStatus {
    pub(super) fn is_changed(&self) -> bool {
        match &self.before {
            Before::Whole(before) => *before != self.after,
            Before::Entries(_) => !self.changes().is_empty(),
        }
    }

    /// The entries that differ.
    pub(super) fn changes(&self) -> BTreeMap<String, EntryChange> {
        let after = &self.after.agents;
        let change = |name: &String, before: Option<&Entry>| {
            let after = after.get(name);
            let change = || {
                (
                    name.clone(),
                    EntryChange {
                        before: before.cloned(),
                        after: after.cloned(),
                    },
                )
            };
            (before != after).then(change)
        };
        match &self.before {
            Before::Entries(entries) => entries
                .iter()
                .filter_map(|(name, before)| change(name, before.as_ref()))
                .collect(),
            Before::Whole(Status { agents, .. }) => {
                let new = after.keys().filter(|name| !agents.contains_key(*name));
                agents
                    .keys()
                    .chain(new)
                    .filter_map(|name| change(name, agents.get(name)))
                    .collect()
            }
        }
    }
}
