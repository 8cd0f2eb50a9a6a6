//! Who is calling: `--agent`, else `GHP_AGENT`, else the worktree's label, else nobody, which is the human unless a
//! coding agent's harness runs us.

use git2::RepositoryOpenFlags;

use crate::config::env_vars::{AGENT, HARNESS_MARKERS};
use crate::domain::id::AgentId;
use crate::domain::waiting::HUMAN;
use crate::error::{Error, Kind, Result};
use crate::git::place::Place;
use crate::host::env;

/// The rule by which a worktree says whose it is.
const LABEL: &str = "the label of this worktree";

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A person, by git's user.name.
    Human(String),
    /// An agent.
    Agent(AgentId),
    /// An agent that did not say its name; what gave it away, as a clause (`CLAUDECODE is set`).
    Unnamed(String),
}

impl Caller {
    /// The name that reports have for it: an agent's, or `human`; none for an agent that did not say it.
    pub fn reported(&self) -> Option<String> {
        match self {
            Caller::Human(_) => Some(HUMAN.to_owned()),
            Caller::Agent(agent) => Some(agent.to_string()),
            Caller::Unnamed(_) => None,
        }
    }
}

/// Who is calling, and which rule found it.
#[derive(Debug)]
pub struct Found {
    /// Who.
    pub caller: Caller,
    /// By which rule, in words.
    pub rule: String,
    /// Whether somebody said a name: the rule is not a guess.
    pub said: bool,
    /// Under a name that `--agent` said: the agent that its environment or the worktree's label says it is.
    pub beneath: Option<AgentId>,
}

impl Found {
    /// Finds out without a project. `flag`: what `--agent` said.
    pub fn of(flag: Option<&str>, place: &Place) -> Result<Found> {
        find(flag, place)
    }

    /// The agent that only the worktree's label says is calling, where no harness runs us: perhaps it is a person.
    pub fn is_perhaps_a_person(&self) -> Option<&AgentId> {
        match &self.caller {
            Caller::Agent(agent) if self.rule == LABEL && harness().is_none() => Some(agent),
            _ => None,
        }
    }

    /// The name that goes into documents for whoever is calling; an error for an unnamed agent.
    pub fn by(&self) -> Result<String> {
        match &self.caller {
            Caller::Agent(agent) => Ok(agent.to_string()),
            Caller::Human(name) => Ok(name.clone()),
            Caller::Unnamed(marker) => Err(unnamed(marker)),
        }
    }
}

/// Finds out. `flag`: what `--agent` said.
pub(super) fn find(flag: Option<&str>, place: &Place) -> Result<Found> {
    let named = |name: &str, rule: &str| -> Result<Found> {
        let caller = if name == "human" {
            Caller::Human(human(place))
        } else {
            Caller::Agent(name.parse::<AgentId>()?)
        };
        Ok(Found {
            caller,
            rule: rule.to_owned(),
            said: true,
            beneath: None,
        })
    };
    if let Some(name) = flag {
        let beneath = env::var(AGENT).or_else(|| place.label());
        return Ok(Found {
            beneath: beneath.and_then(|name| name.parse().ok()),
            ..named(name, "--agent")?
        });
    }
    if let Some(name) = env::var(AGENT) {
        return named(&name, AGENT);
    }
    if env::is_not_text(AGENT) {
        let said = format!("{AGENT} is not UTF-8, so no agent's name");
        return Err(Error::new(Kind::Usage, said)
            .hint(format!("export {AGENT}=worker-1"))
            .next("ghp --agent worker-1 status"));
    }
    if let Some(name) = place.label() {
        return named(&name, LABEL);
    }
    Ok(match harness() {
        Some(marker) => Found {
            caller: Caller::Unnamed(format!("{marker} is set")),
            rule: format!("{marker} is set, and no name"),
            said: false,
            beneath: None,
        },
        None => Found {
            caller: Caller::Human(human(place)),
            rule: "no name and no agent's marker".to_owned(),
            said: false,
            beneath: None,
        },
    })
}

/// The marker of a coding agent's harness that runs us, if one does.
fn harness() -> Option<&'static str> {
    let mut markers = HARNESS_MARKERS.iter();
    markers.find(|name| env::is_set(name)).copied()
}

fn human(place: &Place) -> String {
    let configured = || {
        // Configuration that git's own environment names counts, as it does for git.
        let flags = RepositoryOpenFlags::FROM_ENV | RepositoryOpenFlags::NO_SEARCH;
        let config = git2::Repository::open_ext(&place.git_dir, flags, [""; 0])
            .and_then(|repository| repository.config());
        // libgit2 reads a living configuration again at each question, and dies where that read fails.
        let config = config.and_then(|mut config| config.snapshot());
        config
            .and_then(|config| config.get_string("user.name"))
            .ok()
    };
    // As git itself: the environment first.
    let name = env::var("GIT_AUTHOR_NAME")
        .or_else(configured)
        .unwrap_or_default();
    let name = crate::domain::escape::one_line(&name, 64);
    // An agent's name must never come out of here by way of a configuration.
    if name.is_empty() || name.parse::<AgentId>().is_ok() {
        "human".to_owned()
    } else {
        name
    }
}

pub(super) fn unnamed(marker: &str) -> Error {
    Error::new(
        Kind::NoAgent,
        format!("an agent must say its name ({marker})"),
    )
    .hint(format!(
        "set {AGENT}=worker-1 in its environment, or label this worktree once"
    ))
    .next("ghp whoami --set worker-1")
}
