//! What the rules may look at: documents and git, already read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::documents::brief::Brief;
use crate::domain::agent::Role;
use crate::domain::approval::{self, Approval};
use crate::domain::conflict::Lifted;
use crate::domain::glob::{Glob, base, tree};
use crate::domain::issue::is_managed_by;
use crate::domain::shell;
use crate::domain::time::Timestamp;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    /// A person.
    Human,
    /// An agent that did not say its name; what gave it away, as a clause.
    Unnamed(String),
    /// An agent.
    Agent(String),
}

/// Where a path lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a worktree of the code.
    Code,
    /// Among the documents, or in a folder that is called like theirs.
    Documents,
    /// In the asker's own Working Context.
    OwnContext,
    /// Among git's own files.
    Git,
    /// Outside the repository.
    Outside,
    /// In a worktree, untracked and ignored by git.
    Ignored,
}

/// A path that somebody asks about.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Relative to the top of its worktree, spelled as git does; symlinks in it resolved.
    pub path: &'a str,
    /// Where it lies.
    pub place: Place,
}

/// The branch of the worktree that holds the path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Branch {
    /// Its name; none when HEAD is detached.
    pub name: Option<String>,
    /// Whether only orchestrators and people work on it.
    pub protected: bool,
    /// The issue it names.
    pub issue: Option<u64>,
}

/// What happens to paths outside the scope of one's issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outside {
    /// Somebody must approve them.
    #[default]
    Approve,
    /// They are refused.
    Deny,
    /// They are as good as those in it.
    Allow,
}

/// What the configuration says.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Files that an orchestrator or a person must approve.
    pub shared: Vec<Glob>,
    /// `outsideScope`
    pub outside: Outside,
    /// Agents that lead.
    pub orchestrators: Vec<String>,
    /// Agents that manage a parent issue.
    pub epics: Vec<(u64, String)>,
    /// Whether the file system takes `A` and `a` for one name.
    pub ignore_case: bool,
}

/// Another live agent's unmerged changes.
#[derive(Debug, Clone)]
pub struct Rival {
    /// Who.
    pub agent: String,
    /// On which branch.
    pub branch: Option<String>,
    /// The paths.
    pub changed: BTreeSet<String>,
}

/// Everything the rules may look at.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Who asks.
    pub asker: Asker,
    /// In which role.
    pub role: Role,
    /// The time.
    pub now: Timestamp,
    /// The branch of the worktree that holds the path.
    pub branch: Branch,
    /// The issue that the asker's entry names.
    pub holds: Option<u64>,
    /// Every issue.
    pub issues: BTreeMap<u64, Brief>,
    /// The scopes of the issues that have one, in a readable form.
    pub scopes: BTreeMap<u64, Vec<Glob>>,
    /// What the configuration says.
    pub policy: Policy,
    /// What was granted.
    pub grants: Vec<Approval>,
    /// What others have changed.
    pub rivals: Vec<Rival>,
    /// People's decisions on who goes first, the latest last.
    pub lifted: Vec<Lifted>,
    /// The folder that the asker stands in.
    pub stands: Stands,
}

/// Where the asker stands, as far as suggested commands depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stands {
    /// In the worktree that holds the path: the folder below its top, empty at the top, else with a `/` at its end.
    Below(String),
    /// Somewhere else; the top of that worktree.
    Elsewhere(PathBuf),
}

impl Facts {
    /// The asker's name; a person has none among agents.
    pub fn me(&self) -> Option<&str> {
        match &self.asker {
            Asker::Agent(name) => Some(name),
            _ => None,
        }
    }

    /// Whether the asker leads all.
    pub(super) fn leads(&self) -> bool {
        self.role == Role::Orchestrator
    }

    /// The branch's issue.
    pub(super) fn issue(&self) -> Option<&Brief> {
        self.branch
            .issue
            .and_then(|number| self.issues.get(&number))
    }

    /// Whether the asker manages an issue that this one is a part of.
    pub(super) fn manages(&self, number: u64) -> bool {
        self.me()
            .is_some_and(|me| is_managed_by(me, number, &self.issues, &self.policy.epics))
    }

    /// Whether one of these names the path or a folder above it.
    pub(super) fn names(&self, globs: &[Glob], path: &str) -> bool {
        globs.iter().any(|glob| {
            if self.policy.ignore_case {
                glob.matches_ignoring_case(path)
            } else {
                glob.matches(path)
            }
        })
    }

    /// Whether one of these names the path, or something that would lie beneath it: whoever puts a file or a link there
    /// takes the place of a folder.
    pub(super) fn reach(&self, globs: &[Glob], path: &str) -> bool {
        self.names(globs, path)
            || globs
                .iter()
                .any(|glob| self.is_beneath(base(glob.as_str()), path))
    }

    /// Whether the path is in the issue's scope, or the very folder that is; `false` when it has none.
    pub(super) fn in_scope(&self, number: u64, path: &str) -> bool {
        let is_folder = |glob: &Glob| {
            tree(glob.as_str()).is_some_and(|folder| {
                self.is_beneath(folder, path) && self.is_beneath(path, folder)
            })
        };
        self.scopes
            .get(&number)
            .is_some_and(|scope| self.names(scope, path) || scope.iter().any(is_folder))
    }

    /// Whether the issue's scope names the path or something beneath it.
    pub(super) fn scope_reaches(&self, number: u64, path: &str) -> bool {
        self.scopes
            .get(&number)
            .is_some_and(|scope| self.reach(scope, path))
    }

    fn is_beneath(&self, path: &str, top: &str) -> bool {
        let beneath = |path: &str, top: &str| {
            let rest = path.strip_prefix(top);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        beneath(path, top)
            || self.policy.ignore_case && beneath(&path.to_lowercase(), &top.to_lowercase())
    }

    /// Whether two paths are one on this file system.
    pub(super) fn has(&self, paths: &BTreeSet<String>, path: &str) -> bool {
        paths.contains(path)
            || self.policy.ignore_case
                && paths
                    .iter()
                    .any(|other| other.to_lowercase() == path.to_lowercase())
    }

    /// Who may approve the path for whoever works on the branch's issue, other than the asker.
    pub(super) fn approvers(&self, path: &str) -> Vec<String> {
        let facts = approval::Facts {
            issues: &self.issues,
            shared: &self.policy.shared,
            orchestrators: &self.policy.orchestrators,
            epics: &self.policy.epics,
            ignores_case: self.policy.ignore_case,
        };
        let mut names = approval::approvers(path, self.branch.issue, &facts);
        names.retain(|name| self.me() != Some(name));
        names
    }

    /// A command with the path as the asker must type it.
    pub(super) fn command(&self, verb: &str, path: &str) -> String {
        match &self.stands {
            Stands::Elsewhere(top) => {
                format!("ghp -C {} {verb} {}", shell::path(top), shell::word(path))
            }
            Stands::Below(folder) => {
                let typed = match path.strip_prefix(folder.as_str()) {
                    Some(rest) => rest.to_owned(),
                    None => format!("{}{path}", "../".repeat(folder.matches('/').count())),
                };
                let dash = if typed.starts_with('-') { "./" } else { "" };
                format!("ghp {verb} {}", shell::word(&format!("{dash}{typed}")))
            }
        }
    }

    /// The command that asks for permission.
    pub(super) fn request(&self, path: &str) -> String {
        format!("{} -m \"WHY\"", self.command("request", path))
    }
}
