//! Who may do what with issues.

use std::collections::BTreeMap;

use crate::domain::agent::Role;
use crate::domain::issue::{Issue, is_managed_by};
use crate::error::{Error, Kind, Result};
use crate::project::{Caller, Project};

/// What the caller may do with issues.
#[derive(Debug)]
pub(crate) struct Rights {
    /// The name that goes into documents.
    pub by: String,
    /// The agent, when it is one.
    pub agent: Option<String>,
    /// A person or an orchestrator.
    pub leads: bool,
    epics: Vec<(u64, String)>,
}

impl Rights {
    /// The caller's; an unnamed agent has none.
    pub(crate) fn of(project: &Project) -> Result<Rights> {
        let by = project.by()?;
        let agent = match project.caller()? {
            Caller::Agent(agent) => Some(agent.to_string()),
            _ => None,
        };
        let leads = matches!(
            crate::commands::role_of_caller(project)?,
            Role::Human | Role::Orchestrator
        );
        Ok(Rights {
            by,
            agent,
            leads,
            epics: project.config()?.epics()?,
        })
    }

    /// Whether the caller is this agent.
    pub(crate) fn is(&self, agent: &str) -> bool {
        self.agent.as_deref() == Some(agent)
    }

    /// Whether the caller leads, or manages an issue that this one is a part of.
    pub(crate) fn manages(&self, number: u64, all: &BTreeMap<u64, Issue>) -> bool {
        self.leads
            || self
                .agent
                .as_deref()
                .is_some_and(|agent| is_managed_by(agent, number, all, &self.epics))
    }

    /// Whether the caller manages the issue, or wrote it for others: scope, parent and blockers give authority, and
    /// nobody widens that of an issue it holds itself.
    fn shapes(&self, issue: &Issue, all: &BTreeMap<u64, Issue>) -> bool {
        let wrote = issue.created_by.as_deref() == Some(&self.by);
        wrote && !self.holds(issue) || self.manages(issue.number, all)
    }

    fn holds(&self, issue: &Issue) -> bool {
        self.agent
            .as_deref()
            .is_some_and(|agent| issue.is_held_by(agent))
    }

    /// Refuses whoever neither holds, wrote nor manages the issue. `what`: what they wanted.
    pub(crate) fn require(
        &self,
        issue: &Issue,
        all: &BTreeMap<u64, Issue>,
        what: &str,
    ) -> Result<()> {
        if self.holds(issue) || self.shapes(issue, all) {
            Ok(())
        } else {
            Err(refused(issue, what))
        }
    }

    /// Refuses whoever does not shape the issue.
    pub(crate) fn require_shaper(&self, issue: &Issue, all: &BTreeMap<u64, Issue>) -> Result<()> {
        if self.shapes(issue, all) {
            return Ok(());
        }
        let author = if self.holds(issue) {
            ""
        } else {
            "its author, "
        };
        let number = issue.number;
        let said =
            format!("reshaping #{number} is for {author}its epic, an orchestrator or a person");
        Err(Error::new(Kind::NotAuthorised, said)
            .hint("ask one")
            .next(format!(
                "ghp escalate \"reshaping #{number}: may I?\" -i {number}"
            )))
    }
}

/// The error of whoever may not. `what`: what they wanted.
pub(crate) fn refused(issue: &Issue, what: &str) -> Error {
    let holder = issue
        .assignee
        .as_deref()
        .map(|name| format!("{name}, who holds it, "))
        .unwrap_or_default();
    let said = format!(
        "{what} #{} is for {holder}its author, its epic, an orchestrator or a person",
        issue.number
    );
    Error::new(Kind::NotAuthorised, said)
        .hint("ask one")
        .next(format!(
            "ghp escalate \"{what} #{}: may I?\" -i {}",
            issue.number, issue.number
        ))
}
