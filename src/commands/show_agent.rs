//! `ghp show-agent`: everything about one agent.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::group::{Board, Counts, peers_and_counts};
use super::status;
use crate::error::Result;
use crate::project::Project;

/// Show everything about one agent: its entry, its group, its peers
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// The agent (default: you, or whom -t names)
    #[arg(value_name = "A")]
    pub name: Option<String>,
}

/// An agent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// As it stands on the board; `group` is the one that it is a member of.
    #[serde(flatten)]
    pub row: status::Row,
    /// What kind of work it does.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What it is to achieve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objective: Option<String>,
    /// Its goal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// When its entry was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was last heard of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_activity: Option<String>,
    /// Delegated tasks it has finished.
    pub tasks_completed: u64,
    /// Prompts it has had.
    pub interactions: u64,
    /// Whether what it knows is written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_saved: Option<bool>,
    /// Who leads its group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coordinator: Option<String>,
    /// Whether that is the agent itself.
    pub is_coordinator: bool,
    /// Who else is in its group, the longest-standing first.
    pub peers: Vec<String>,
    /// How many are in its group, of which kind; absent without a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let name = match args.name {
        Some(name) => name,
        None => project.me()?.to_string(),
    };
    let asked = status::Args {
        agents: vec![name.clone()],
        ..status::Args::default()
    };
    let mut rows = status::board(project, &asked, project.now())?.agents;
    let board = Board::of(project, project.now())?;
    // It may have gone from the board between the two looks.
    let (Some(mut row), Some(entry)) = (rows.pop(), board.status.agents.get(&name)) else {
        return Err(status::unknown(&name, board.status.agents.keys()));
    };
    let group = project.store()?.group_of(&name, entry.group.as_deref())?;
    row.group = group.as_ref().map(|group| group.name.clone());
    let coordinator = group
        .as_ref()
        .and_then(|group| group.coordinator(|agent| board.standing(agent)))
        .map(str::to_owned);
    let (peers, counts) = group
        .map(|group| peers_and_counts(&group, &name, &board))
        .unzip();
    Ok(Report {
        kind: entry.kind.clone(),
        objective: entry.objective.clone(),
        goal: entry.goal.clone(),
        created_at: entry.created_at.clone(),
        last_activity: entry.timestamp.clone(),
        tasks_completed: entry.tasks_completed.unwrap_or(0),
        interactions: entry.interactions.unwrap_or(0),
        context_saved: entry.context_saved,
        is_coordinator: coordinator.as_deref() == Some(name.as_str()),
        coordinator,
        peers: peers.unwrap_or_default(),
        counts,
        row,
    })
}
