//! What happened in a group, and who was in it when.

use crate::commands::log::{Event, History};
use crate::domain::group::{Group, Stay, stays};
use crate::domain::time::Timestamp;
use crate::error::Result;
use crate::git::history::{self, Wanted};
use crate::project::Project;
use crate::store::layout;

/// A group's past.
pub(super) struct Past<'p> {
    history: History<'p>,
    begun: Option<Timestamp>,
    document: String,
    /// What changed it, newest first.
    pub changes: Vec<Event>,
    /// Who was in it when, in the order in which they came.
    pub stays: Vec<Stay>,
}

impl Past<'_> {
    /// Since the group was made: one of the same name before it is another.
    pub(super) fn of<'p>(project: &'p Project, group: &Group) -> Result<Past<'p>> {
        let mut past = Past {
            history: History::of(project)?,
            // A group that was typed by hand may say anything of when it was made.
            begun: group.created_at.as_deref().and_then(Timestamp::parse),
            document: layout::group(&group.name),
            changes: Vec::new(),
            stays: Vec::new(),
        };
        past.changes = past.newest(usize::MAX, |_| false)?;
        let lines = past.changes.iter().rev();
        past.stays = stays(lines.map(|event| (event.at, event.what.as_str())), group);
        Ok(past)
    }

    /// The newest of what changed it, and of what was `also` asked for; no more of the history is read than that takes.
    pub(super) fn newest(
        &self,
        most: usize,
        also: impl Fn(&history::Event) -> bool,
    ) -> Result<Vec<Event>> {
        let wanted = Wanted {
            since: self.begun,
            document: Some(self.document.clone()),
            most,
            ..Wanted::default()
        };
        self.history
            .events(&wanted, |event| event.touches || also(event))
    }

    /// Whether this one was a member then.
    pub(super) fn was_member(&self, agent: &str, at: Timestamp) -> bool {
        let mut stays = self.stays.iter();
        stays.any(|stay| stay.agent == agent && stay.covers(at))
    }
}
