//! One verb, one file: its `Args`, its `run`, its `Report`.

pub mod accept;
pub mod answer;
pub mod approval;
pub mod approvals;
pub mod approve;
pub mod assign;
pub mod call;
pub mod cancel;
pub(crate) mod cave;
pub mod check;
pub mod claim;
pub mod collect;
pub mod config;
pub mod conflicts;
pub mod delegate;
pub mod demo;
pub mod deny;
pub(crate) mod detached;
pub mod diff_driver;
pub mod doctor;
pub mod document;
pub mod done;
pub mod editor;
pub mod escalate;
pub mod escalations;
pub mod event;
pub mod fail;
pub mod filter;
pub mod gate;
pub mod goal;
pub mod group;
pub mod handoff;
pub mod handoffs;
pub mod heartbeat;
pub mod holding;
pub mod inbox;
pub mod init;
pub mod install;
pub mod issue;
pub mod json;
pub mod log;
pub mod matter;
pub mod memory;
pub mod merge_driver;
pub mod monitor;
pub(crate) mod named;
pub mod next;
pub mod presence;
pub mod prime;
pub mod release;
pub mod reply;
pub mod request;
pub mod resolve;
pub mod restore;
pub mod session;
pub mod show;
pub mod show_agent;
pub mod stale;
pub mod start;
pub mod status;
pub mod task;
pub mod text;
pub mod trust;
pub mod wait;
pub mod whoami;
pub mod workflow;
pub(crate) mod workplaces;

use std::io;
use std::path::PathBuf;

use crate::domain::agent::Role;
use crate::domain::id::AgentId;
use crate::domain::issue::role;
pub(crate) use crate::domain::shell::word;
use crate::error::{Error, Kind, Result};
use crate::git::place::Place;
use crate::project::{Caller, Found, Project};

/// What a verb gets that needs no project.
#[derive(Debug, Default)]
pub struct Outside {
    /// What `-C` said.
    pub directory: Option<PathBuf>,
    /// What `--agent` said.
    pub agent: Option<String>,
    /// Whether JSON is wanted.
    pub json: bool,
    /// At a door where nobody is the human unless they say so: what gives an agent away there, as a clause.
    pub nameless: Option<&'static str>,
    /// Whose door it is, when `agent` is a name that is said at it.
    pub beneath: Option<AgentId>,
}

impl Outside {
    /// The project, with whoever is calling.
    pub fn project(&self) -> Result<Project> {
        let project = Project::open(self.directory.as_deref(), self.agent.clone())?;
        if self.nameless.is_some() || self.beneath.is_some() {
            project.recognise(self.found(&project.place)?);
        }
        Ok(project)
    }

    /// Who is calling, without a project.
    pub fn found(&self, place: &Place) -> Result<Found> {
        let found = Found::of(self.agent.as_deref(), place)?;
        let caller = match (self.nameless, found.caller) {
            (Some(why), Caller::Human(_)) if !found.said => Caller::Unnamed(why.to_owned()),
            (_, caller) => caller,
        };
        Ok(Found {
            caller,
            beneath: self.beneath.clone().or(found.beneath),
            ..found
        })
    }
}

/// The longest text of one line (a message, a title), in bytes.
pub const LONGEST_LINE: usize = 512;
/// The longest text of several lines (a body, an answer), in bytes.
pub const LONGEST_TEXT: usize = 256 << 10;

/// A text that belongs on one line: line breaks become spaces; too long is refused. `what`: its name.
pub(crate) fn one_line(text: &str, what: &str) -> Result<String> {
    let text = text
        .split(['\n', '\r', '\t'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if text.len() > LONGEST_LINE {
        let said = format!(
            "the {what} has {} bytes; at most {LONGEST_LINE} fit on one line",
            text.len()
        );
        return Err(Error::new(Kind::Usage, said)
            .hint("say it shorter; a comment, a question or a handoff takes more (-F FILE)")
            .next("ghp help agents"));
    }
    if text.contains('\0') {
        return Err(
            Error::new(Kind::Usage, format!("the {what} holds a NUL byte")).next("ghp help agents"),
        );
    }
    Ok(text)
}

/// A failure of the system while doing `what`.
pub(crate) fn system(what: &str) -> impl Fn(io::Error) -> Error + use<> {
    let what = format!("cannot {what}");
    move |error| {
        Error::new(Kind::Failed, what.clone())
            .because(error)
            .next("ghp doctor")
    }
}

/// The caller holds an issue that is now another's.
pub(crate) fn dispossessed(me: &str, number: u64, owner: &str) -> Error {
    Error::new(
        Kind::Dispossessed,
        format!("#{number} is {owner}'s now. You are {me}: stop writing."),
    )
    .hint(format!(
        "your commits are safe: ghp handoff {} -m \"…\", then ghp release {number}",
        agent_word(owner)
    ))
    .next(format!("ghp release {number}"))
}

/// An agent's name from a document, as a word of a command; a placeholder for what is no name.
pub(crate) fn agent_word(name: &str) -> &str {
    if name.parse::<AgentId>().is_ok() {
        name
    } else {
        "AGENT"
    }
}

/// The role of whoever is calling.
pub(crate) fn role_of_caller(project: &Project) -> Result<Role> {
    match project.caller()? {
        Caller::Human(_) => Ok(Role::Human),
        Caller::Unnamed(_) => Ok(Role::Worker),
        Caller::Agent(agent) => role_of(project, agent.as_str()),
    }
}

/// The role of an agent: listed as orchestrator, listed for an epic or holding an issue with parts, else worker.
pub(crate) fn role_of(project: &Project, agent: &str) -> Result<Role> {
    let config = project.config()?;
    let orchestrators = config.orchestrators()?;
    // Asked of the configuration first: then no issue need be read.
    if orchestrators.iter().any(|name| name == agent) {
        return Ok(Role::Orchestrator);
    }
    let issues = project.store()?.briefs()?;
    Ok(role(agent, &orchestrators, &config.epics()?, &issues))
}

/// Refuses whoever is neither a human nor an orchestrator. `what`: what they wanted.
pub(crate) fn require_lead(project: &Project, what: &str) -> Result<()> {
    match role_of_caller(project)? {
        Role::Human | Role::Orchestrator => Ok(()),
        _ => Err(Error::new(
            Kind::NotAuthorised,
            format!("{what} is for an orchestrator or a person"),
        )
        .hint("ask one")
        .next(format!("ghp escalate \"{what}\""))),
    }
}

/// Refuses whoever is neither this agent nor leads. One that says another's name (`--agent`) stays who its environment or
/// the worktree's label says it is. `what`: what they wanted.
pub(crate) fn require_own_or_lead(project: &Project, agent: &str, what: &str) -> Result<()> {
    let found = project.found()?;
    let caller = match &found.caller {
        Caller::Agent(caller) => Some(caller),
        _ => None,
    };
    match (&found.beneath, caller) {
        (Some(me), _) | (None, Some(me)) if me.as_str() == agent => Ok(()),
        (Some(me), _) if role_of(project, me.as_str())? == Role::Orchestrator => Ok(()),
        (Some(me), _) => Err(Error::new(
            Kind::NotAuthorised,
            format!("you are {me}; {what} is for an orchestrator or a person"),
        )
        .hint("ask one")
        .next(format!("ghp escalate \"{what}\""))),
        (None, _) => require_lead(project, what),
    }
}

#[cfg(test)]
mod tests {
    use super::dispossessed;

    #[test]
    fn what_is_suggested_is_one_command_without_others_words_in_it() {
        for (owner, named) in [("worker-2", "worker-2"), ("x; reboot", "AGENT")] {
            let error = dispossessed("worker-1", 7, owner);
            assert_eq!(error.next.as_deref(), Some("ghp release 7"));
            let hint = error.hint.unwrap_or_default();
            assert!(hint.contains(&format!("ghp handoff {named} -m")), "{hint}");
            assert!(!hint.contains("reboot"), "{hint}");
        }
    }
}
