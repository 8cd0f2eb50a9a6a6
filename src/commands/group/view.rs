//! A group as it is shown: what its document and its members' entries say, nothing of it stored.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Board;
use crate::domain::agent::Liveness;
use crate::domain::group::{Group, Standing, below};

/// A group.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// Its name.
    pub group: String,
    /// The coordinator's status; `empty` without members.
    pub state: String,
    /// What it is to achieve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objective: Option<String>,
    /// Who leads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coordinator: Option<String>,
    /// The group it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The groups that are part of it, however deep.
    pub subgroups: Vec<String>,
    /// Its goal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When somebody last joined, left or shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_activity: Option<String>,
    /// Delegated tasks that its members have finished.
    pub tasks_completed: u64,
    /// Prompts that its members have had.
    pub interactions: u64,
    /// How many members there are of which kind.
    pub counts: Counts,
    /// Its members, the longest-standing first; with `--deep` those of its subgroups behind them.
    pub members: Vec<Row>,
}

/// How many members there are of which kind.
#[derive(Debug, Default, Serialize)]
pub struct Counts {
    /// All.
    pub members: usize,
    /// Heard of lately, and at work.
    pub live: usize,
    /// Silent for too long.
    pub stale: usize,
    /// Their status is `blocked`.
    pub blocked: usize,
}

/// A member.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Its name.
    pub agent: String,
    /// Its group, where that is not the one that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Whether it leads that group.
    pub coordinator: bool,
    /// Since when it is a member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<String>,
    /// Its status word; absent when it is not on the board.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What it works on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<u64>,
    /// What it last did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_action: Option<String>,
    /// How long ago it was heard of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
    /// How alive it looks.
    pub liveness: Liveness,
}

/// The members of a group as they are shown. `of`: the group that was asked for.
pub(super) fn rows(group: &Group, of: &str, board: &Board<'_>) -> Vec<Row> {
    let leads = group.coordinator(|agent| board.standing(agent));
    let row = |member: &crate::domain::group::Member| {
        let entry = board.entry(&member.agent);
        Row {
            agent: member.agent.clone(),
            group: (group.name != of).then(|| group.name.clone()),
            coordinator: leads == Some(member.agent.as_str()),
            joined_at: member.joined_at.clone(),
            status: entry.map(|entry| entry.word().to_owned()),
            issue: entry.and_then(|entry| entry.issue),
            last_action: entry.and_then(|entry| entry.last_action.clone()),
            age_seconds: entry.and_then(|entry| entry.age(board.now())),
            liveness: board.liveness(&member.agent),
        }
    };
    group.members.iter().map(row).collect()
}

/// A group among all. `deep`: its subgroups' members count as well.
pub(super) fn view(
    group: &Group,
    all: &[Group],
    parents: &BTreeMap<String, Option<String>>,
    board: &Board<'_>,
    deep: bool,
) -> View {
    let subgroups = below(parents, &group.name);
    let is_part = |other: &&Group| deep && subgroups.contains(&other.name.as_str());
    let counted = || std::iter::once(group).chain(all.iter().filter(is_part));
    let members: Vec<Row> = counted()
        .flat_map(|counted| rows(counted, &group.name, board))
        .collect();
    let sum = |field: fn(&crate::domain::agent::Entry) -> Option<u64>| {
        let entries = members.iter().filter_map(|row| board.entry(&row.agent));
        entries.filter_map(field).fold(0_u64, u64::saturating_add)
    };
    let coordinator = group.coordinator(|agent| board.standing(agent));
    let state = match coordinator {
        None => "empty",
        Some(agent) => board.entry(agent).map_or("idle", |entry| entry.word()),
    };
    View {
        group: group.name.clone(),
        state: state.to_owned(),
        objective: group.objective.clone(),
        coordinator: coordinator.map(str::to_owned),
        parent: group.parent.clone(),
        goal: group.goal.clone(),
        created_at: group.created_at.clone(),
        last_activity: group.last_activity.clone(),
        tasks_completed: sum(|entry| entry.tasks_completed),
        interactions: sum(|entry| entry.interactions),
        counts: counts(&members, board),
        subgroups: subgroups.into_iter().map(str::to_owned).collect(),
        members,
    }
}

/// How many of these there are of which kind.
pub(crate) fn counts(members: &[Row], board: &Board<'_>) -> Counts {
    let count = |is: &dyn Fn(&Row) -> bool| members.iter().filter(|row| is(row)).count();
    Counts {
        members: members.len(),
        live: count(&|row| {
            !row.liveness.is_silent() && board.standing(&row.agent) == Standing::Live
        }),
        stale: count(&|row| row.liveness.is_silent()),
        blocked: count(&|row| row.status.as_deref() == Some("blocked")),
    }
}
