//! Who works on which goal: groups and agents name theirs, the goal's document only the group it was set for.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::documents::status::Status;
use crate::domain::goal::Goal;
use crate::domain::group::Group;
use crate::error::Result;
use crate::project::Project;

/// All groups and agents, read once.
pub(crate) struct Teams {
    groups: Vec<Group>,
    status: Status,
    has_context: bool,
}

impl Teams {
    /// For lists: what groups share is left out.
    pub(crate) fn of(project: &Project) -> Result<Teams> {
        Ok(Teams {
            groups: project.store()?.groups()?,
            status: project.store()?.status()?,
            has_context: false,
        })
    }

    /// For one goal: with what its group shares.
    pub(super) fn with_context(project: &Project) -> Result<Teams> {
        Ok(Teams {
            has_context: true,
            ..Teams::of(project)?
        })
    }

    /// The groups that work on it, the one it was set for first.
    fn groups(&self, goal: &Goal) -> Vec<&Group> {
        let all = self.groups.iter();
        let mut groups: Vec<_> = all
            .filter(|group| group.goal.as_deref() == Some(goal.id.as_str()))
            .collect();
        groups.sort_by_key(|group| goal.group.as_ref() != Some(&group.name));
        groups
    }

    /// The agents that work on it: members of its groups, and those whose entry names it.
    fn agents(&self, goal: &Goal) -> BTreeSet<&str> {
        let members = self.groups(goal).into_iter().flat_map(|it| &it.members);
        let agents = self.status.agents.iter();
        let alone = agents.filter(|(_, entry)| entry.goal.as_deref() == Some(goal.id.as_str()));
        members
            .map(|member| member.agent.as_str())
            .chain(alone.map(|(name, _)| name.as_str()))
            .collect()
    }

    /// Whether an agent works on it.
    pub(super) fn has(&self, goal: &Goal, agent: &str) -> bool {
        self.agents(goal).contains(agent)
    }

    /// Tasks that those who work on it have finished.
    pub(super) fn tasks_completed(&self, goal: &Goal) -> u64 {
        let agents = self.agents(goal).into_iter();
        agents
            .filter_map(|name| self.status.agents.get(name)?.tasks_completed)
            .sum()
    }

    /// What is kept with the goal; who works on it is said by the groups themselves, over what stands there.
    pub(super) fn metadata(&self, goal: &Goal) -> Map<String, Value> {
        let mut metadata = goal.metadata.clone();
        let groups = self.groups(goal);
        if let Some(first) = groups.first() {
            metadata.extend(of_group(first, self.has_context));
        }
        let agents: Vec<&str> = self.agents(goal).into_iter().collect();
        if !agents.is_empty() {
            metadata.insert("members".to_owned(), agents.into());
        }
        if groups.len() > 1 {
            let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
            metadata.insert("groups".to_owned(), names.into());
        }
        metadata
    }
}

/// A group as the metadata of its goal. `whole`: with what it shares.
pub(crate) fn of_group(group: &Group, whole: bool) -> Map<String, Value> {
    let mut metadata = Map::new();
    metadata.insert("group".to_owned(), group.name.as_str().into());
    let members = group.members.iter().map(|member| member.agent.as_str());
    metadata.insert("members".to_owned(), members.collect::<Vec<_>>().into());
    if let Some(coordinator) = &group.coordinator {
        metadata.insert("coordinator".to_owned(), coordinator.as_str().into());
    }
    if whole {
        let context = group.context.iter();
        let context: Map<String, Value> = context
            .map(|(key, shared)| (key.clone(), shared.value.clone()))
            .collect();
        metadata.insert("sharedContext".to_owned(), context.into());
    }
    metadata
}
