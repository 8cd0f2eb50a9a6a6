//! Groups among the documents: JSON, and so not one of the Markdown kinds.

use super::error::StoreError;
use super::layout::{self, GROUPS};
use super::{Store, Transaction};
use crate::documents::group::{parse, render};
use crate::documents::merge::resolve_group_markers;
use crate::domain::group::{Group, GroupName};
use crate::error::{Explain, Kind};

impl Store {
    /// The names of all groups, sorted; whatever else lies in the folder is no group.
    pub fn group_names(&self) -> Result<Vec<GroupName>, StoreError> {
        let names = self
            .docs
            .list(GROUPS)
            .map_err(|source| StoreError::io("list", GROUPS, source))?;
        let mut names: Vec<GroupName> = names
            .into_iter()
            .filter(|(_, folder)| !folder)
            .filter_map(|(name, _)| name.strip_suffix(".json")?.parse().ok())
            .collect();
        names.sort_unstable();
        Ok(names)
    }

    /// A group; `None` when there is none of this name.
    pub fn group(&self, name: &str) -> Result<Option<Group>, StoreError> {
        read(name, self.text(&layout::group(name))?).map(|(group, _)| group)
    }

    /// All groups that can be read, by name; the others are warned about.
    pub fn groups(&self) -> Result<Vec<Group>, StoreError> {
        self.readable_groups(|name| self.group(name))
    }

    /// The group that an agent is a member of. `hint`: what its entry says, which is looked at first.
    pub fn group_of(&self, agent: &str, hint: Option<&str>) -> Result<Option<Group>, StoreError> {
        if let Some(group) = hinted(agent, hint, |name| self.group(name))? {
            return Ok(Some(group));
        }
        self.found(agent, |name| self.group(name))
    }

    /// The first group that an agent is a member of. Nothing is read as JSON that cannot hold its name.
    fn found(
        &self,
        agent: &str,
        mut read: impl FnMut(&str) -> Result<Option<Group>, StoreError>,
    ) -> Result<Option<Group>, StoreError> {
        let groups = self.readable_groups(|name| {
            let text = self.text(&layout::group(name))?;
            let may_hold = |text: &String| text.contains(agent) || text.contains('\\');
            if text.as_ref().is_some_and(may_hold) {
                read(name)
            } else {
                Ok(None)
            }
        })?;
        Ok(groups.into_iter().find(|group| group.has(agent)))
    }

    fn readable_groups(
        &self,
        mut read: impl FnMut(&str) -> Result<Option<Group>, StoreError>,
    ) -> Result<Vec<Group>, StoreError> {
        let mut groups = Vec::new();
        for name in self.group_names()? {
            match read(name.as_str()) {
                Ok(group) => groups.extend(group),
                // What the disk would not give now may be there: nobody decides without it.
                Err(error) if matches!(error.kind(), Kind::Unreadable | Kind::Unsafe) => {
                    self.warn(error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(groups)
    }
}

impl Transaction<'_> {
    /// A group; `None` when there is none of this name.
    pub fn group(&mut self, name: &str) -> Result<Option<Group>, StoreError> {
        let (group, merged) = read(name, self.text(&layout::group(name))?)?;
        if merged {
            let path = layout::group(name);
            self.store.warn(format!(
                "{path} held git's conflict markers; both sides were merged by member and key"
            ));
        }
        Ok(group)
    }

    /// All groups that can be read, by name; the others are warned about.
    pub fn groups(&mut self) -> Result<Vec<Group>, StoreError> {
        let store = self.store;
        store.readable_groups(|name| self.group(name))
    }

    /// The group that an agent is a member of, by what the documents held before this decision changed any. What its entry
    /// says is looked at first.
    pub fn group_of(&mut self, agent: &str) -> Result<Option<Group>, StoreError> {
        let entry = self.board()?.agents.get(agent);
        let hint = entry.and_then(|entry| entry.group.clone());
        if let Some(group) = hinted(agent, hint.as_deref(), |name| self.group(name))? {
            return Ok(Some(group));
        }
        let store = self.store;
        store.found(agent, |name| self.group(name))
    }

    /// Writes a group.
    pub fn save_group(&mut self, group: &Group) -> Result<(), StoreError> {
        self.set_text(&layout::group(&group.name), render(group))
    }
}

/// Reads a group; one with git's conflict markers is merged by meaning, which the second value says.
fn read(name: &str, text: Option<String>) -> Result<(Option<Group>, bool), StoreError> {
    let Some(text) = text else {
        return Ok((None, false));
    };
    match parse(name, &text) {
        Ok(group) => Ok((Some(group), false)),
        Err(malformed) => match resolve_group_markers(name, &text) {
            Some(group) => Ok((Some(group), true)),
            None => Err(StoreError::Unreadable {
                path: layout::group(name),
                malformed,
            }),
        },
    }
}

/// The group that the hint names, when it is one and the agent is in it.
fn hinted(
    agent: &str,
    hint: Option<&str>,
    mut read: impl FnMut(&str) -> Result<Option<Group>, StoreError>,
) -> Result<Option<Group>, StoreError> {
    match hint.filter(|name| name.parse::<GroupName>().is_ok()) {
        Some(name) => Ok(read(name)?.filter(|group| group.has(agent))),
        None => Ok(None),
    }
}
