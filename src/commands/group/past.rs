//! What happened in a group, and who was in it when.

use crate::commands::log::{self, Event};
use crate::domain::group::{Group, Stay, stays};
use crate::domain::time::Timestamp;
use crate::error::Result;
use crate::git::history;
use crate::project::Project;
use crate::store::layout;

/// A group's past.
pub(super) struct Past {
    /// What changed it, and what was `also` asked for, newest first.
    pub events: Vec<Event>,
    /// Who was in it when, in the order in which they came.
    pub stays: Vec<Stay>,
}

impl Past {
    /// Since the group was made: one of the same name before it is another.
    pub(super) fn of(
        project: &Project,
        group: &Group,
        also: impl Fn(&history::Event) -> bool,
    ) -> Result<Past> {
        // A group that was typed by hand may say anything of when it was made.
        let is_time = |text: &String| Timestamp::parse(text).is_some();
        let path = layout::group(&group.name);
        let whole = log::Args {
            count: usize::MAX,
            since: group.created_at.clone().filter(is_time),
            ..log::Args::default()
        };
        let log = log::kept(project, whole, |event| {
            event.documents.contains(&path) || also(event)
        })?;
        let of_group = |event: &&Event| event.documents.contains(&path);
        let lines = log.events.iter().rev().filter(of_group);
        let stays = stays(lines.map(|event| (event.at, event.what.as_str())), group);
        Ok(Past {
            events: log.events,
            stays,
        })
    }

    /// Whether this one was a member then.
    pub(super) fn was_member(&self, agent: &str, at: Timestamp) -> bool {
        let mut stays = self.stays.iter();
        stays.any(|stay| stay.agent == agent && stay.covers(at))
    }
}
