//! Where an agent's worktree is made, and what its Working Context begins with.

use std::path::{Path, PathBuf};

use super::escape::one_line;
use super::id::AgentId;

/// One of the documents of a Working Context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What the work is about.
    Background,
    /// How it is to be done.
    Plan,
    /// What was done and found, newest last.
    Log,
    /// What came of it.
    Results,
}

impl Part {
    /// All of them, in the order one reads them.
    pub const ALL: [Part; 4] = [Part::Background, Part::Plan, Part::Log, Part::Results];

    /// The document's name.
    pub fn file(self) -> &'static str {
        match self {
            Part::Background => "background.md",
            Part::Plan => "plan.md",
            Part::Log => "working-log.md",
            Part::Results => "results-summary.md",
        }
    }

    /// The headings that an agent keeps filling, in order.
    pub fn headings(self) -> &'static [&'static str] {
        match self {
            Part::Background => &[
                "Task Overview",
                "Key Requirements",
                "Success Criteria",
                "Context and Constraints",
            ],
            Part::Plan => &[
                "Approach",
                "Task Breakdown",
                "Technical Decisions",
                "Risk Mitigation",
                "Testing Strategy",
            ],
            Part::Log => &["Progress Log"],
            Part::Results => &[
                "Summary",
                "Changes Made",
                "Testing",
                "Next Steps",
                "Notes for PR",
            ],
        }
    }

    /// The one of this name, with or without its ending.
    pub fn named(name: &str) -> Option<Part> {
        let stem = name.strip_suffix(".md").unwrap_or(name);
        Part::ALL
            .into_iter()
            .find(|part| part.file().strip_suffix(".md") == Some(stem))
    }
}

/// A pattern for worktrees that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCave {
    /// Without the agent's name two agents would share one.
    #[error("coordination.caves \"{0}\" does not name the agent: it needs {{name}}")]
    Nameless(String),
    /// A place that is none of ours.
    #[error(
        "coordination.caves \"{0}\" has a place that is neither {{repo}} nor {{name}}, or a control character"
    )]
    Place(String),
    /// Only a person's own configuration may lead anywhere on the machine.
    #[error(
        "coordination.caves \"{0}\" is absolute: only your own configuration may say so, not the repository's"
    )]
    Absolute(String),
}

impl crate::error::Explain for BadCave {
    fn kind(&self) -> crate::error::Kind {
        match self {
            BadCave::Absolute(_) => crate::error::Kind::Unsafe,
            _ => crate::error::Kind::Usage,
        }
    }
    fn next(&self) -> Option<String> {
        Some("ghp config set coordination.caves \"../{repo}.caves/{name}\"".to_owned())
    }
}

/// The worktree of an agent, from the pattern; relative to the main worktree unless absolute. `repo`: the name of the
/// main worktree's folder; `trusted`: the pattern is the person's own, not the repository's.
pub fn path(pattern: &str, repo: &str, agent: &AgentId, trusted: bool) -> Result<PathBuf, BadCave> {
    let shown = || one_line(pattern, 80);
    if !pattern.contains("{name}") {
        return Err(BadCave::Nameless(shown()));
    }
    let bare = pattern.replace("{name}", "").replace("{repo}", "");
    if bare.contains(['{', '}']) || bare.chars().any(char::is_control) {
        return Err(BadCave::Place(shown()));
    }
    if Path::new(pattern).is_absolute() && !trusted {
        return Err(BadCave::Absolute(shown()));
    }
    Ok(PathBuf::from(
        pattern
            .replace("{name}", agent.as_str())
            .replace("{repo}", repo),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_by_name() {
        assert_eq!(Part::named("plan"), Some(Part::Plan));
        assert_eq!(Part::named("working-log.md"), Some(Part::Log));
        assert_eq!(Part::named("../plan.md"), None);
        assert_eq!(Part::named("plan.md.md"), None);
    }

    #[test]
    fn by_the_pattern() {
        let agent: AgentId = "worker-1".parse().expect("a name");
        let path = |pattern, trusted| path(pattern, "app", &agent, trusted);
        assert_eq!(
            path("../{repo}.caves/{name}", false),
            Ok(PathBuf::from("../app.caves/worker-1"))
        );
        assert_eq!(
            path("/srv/{name}", true),
            Ok(PathBuf::from("/srv/worker-1"))
        );
        assert!(matches!(
            path("/srv/{name}", false),
            Err(BadCave::Absolute(_))
        ));
        assert!(matches!(path("../caves", false), Err(BadCave::Nameless(_))));
        assert!(matches!(path("{name}/{x}", false), Err(BadCave::Place(_))));
        assert!(matches!(path("{name}\n", false), Err(BadCave::Place(_))));
    }
}
