//! `ghp whoami`: who the caller is here, and which rule says so.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::role_of_caller;
use crate::domain::agent::Role;
use crate::domain::id::AgentId;
use crate::domain::shell;
use crate::error::{Error, Kind, Result};
use crate::git::checkouts;
use crate::git::place::Head;
use crate::project::{Caller, Project};

/// Say who you are here: name, role, issue, branch, worktree, and which rule found it
///
/// --set ID labels this worktree, so that every command run in it is that agent's. Two agents never share a worktree.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Label this worktree with an agent's name; it must be neither another's nor the agent's second
    #[arg(long, value_name = "ID", conflicts_with = "unset")]
    pub set: Option<AgentId>,
    /// Take the label off this worktree
    #[arg(long)]
    pub unset: bool,
}

/// Who, where, and why we think so.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The agent's name, or `human`; absent for an agent that did not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The person's name, by git's user.name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Which rule found it.
    pub found_by: String,
    /// The role.
    pub role: Role,
    /// What it works on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<u64>,
    /// The branch of this worktree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// This worktree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worktree: Option<PathBuf>,
    /// The documents' folder.
    pub documents: PathBuf,
    /// The command to type next, for an agent that did not say its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    if let Some(name) = &args.set {
        label(project, name)?;
        return report(
            project,
            Caller::Agent(name.clone()),
            "the label of this worktree",
        );
    }
    if args.unset {
        project.place.set_label(None)?;
    }
    let found = project.found()?;
    report(project, found.caller.clone(), &found.rule)
}

/// Labels this worktree with an agent's name; refused when it is another's, or when the agent has another.
fn label(project: &Project, name: &AgentId) -> Result<()> {
    match project.place.label() {
        Some(other) if other != name.as_str() => Err(Error::new(
            Kind::ClaimHeld,
            format!(
                "this worktree is {}'s; two agents never work in one checkout",
                crate::domain::escape::one_line(&other, 64)
            ),
        )
        .hint("take another worktree")
        .next("ghp start N --worktree")),
        Some(_) => Ok(()),
        None => {
            refuse_second(project, name)?;
            Ok(project.place.set_label(Some(name.as_str()))?)
        }
    }
}

/// Refuses a second worktree to an agent; one whose folder is gone does not count.
fn refuse_second(project: &Project, name: &AgentId) -> Result<()> {
    let first = checkouts::all(&project.place)?
        .into_iter()
        .find(|place| place.label().as_deref() == Some(name.as_str()))
        .and_then(|place| place.worktree);
    let Some(first) = first else { return Ok(()) };
    Err(Error::new(
        Kind::ClaimHeld,
        format!(
            "{name}'s worktree is {}; a second one would make two agents of one",
            first.display()
        ),
    )
    .hint("work there")
    .next(format!("cd {}", shell::path(&first))))
}

fn report(project: &Project, caller: Caller, rule: &str) -> Result<Report> {
    let agent = caller.reported();
    let person = match &caller {
        Caller::Human(name) => Some(name.clone()),
        Caller::Agent(_) | Caller::Unnamed(_) => None,
    };
    let role = match &caller {
        Caller::Agent(agent) => super::role_of(project, agent.as_str())?,
        _ => role_of_caller(project)?,
    };
    let issue = match &agent {
        Some(name) => project
            .store()?
            .status()?
            .agents
            .get(name)
            .and_then(|entry| entry.issue),
        None => None,
    };
    let branch = match project.place.head()? {
        Head::Branch(name) | Head::Rebasing(name) => Some(name),
        Head::Detached(_) => None,
    };
    let next = agent
        .is_none()
        .then(|| "ghp whoami --set worker-1".to_owned());
    Ok(Report {
        agent,
        person,
        found_by: rule.to_owned(),
        role,
        issue,
        branch,
        worktree: project.place.worktree.clone(),
        documents: project.documents().to_owned(),
        next,
    })
}
