//! Where a session works: a cave of its agent's, made or gone on with, or the worktree that the caller stands in. What the
//! documents say of it is decided at the same time.

use std::path::{Path, PathBuf};

use crate::commands::cave;
use crate::commands::start::{self, Also};
use crate::domain::id::AgentId;
use crate::error::{Error, Kind, Result};
use crate::git::checkout::{self, Wanted};
use crate::git::checkouts;
use crate::git::place::Place;
use crate::project::Project;
use crate::store::Transaction;

/// A worktree that is ready to be worked in, as far as git and the documents are concerned.
pub(super) struct Ground {
    /// The worktree.
    pub place: Place,
    /// Its top.
    pub worktree: PathBuf,
    /// Whether it is the agent's own cave.
    pub is_cave: bool,
    /// The issue that is worked on.
    pub issue: Option<u64>,
    /// What was copied into it.
    pub copied: cave::Copied,
}

impl Ground {
    fn new(place: Place, is_cave: bool, issue: Option<u64>) -> Result<Ground> {
        let worktree = place.worktree.clone().ok_or_else(no_worktree)?;
        Ok(Ground {
            place,
            worktree,
            is_cave,
            issue,
            copied: cave::Copied::default(),
        })
    }

    /// The branch that is checked out.
    pub(super) fn branch(&self) -> Result<Option<String>> {
        Ok(self.place.head()?.branch().map(str::to_owned))
    }
}

/// What is to be made.
pub(super) struct Plan<'a> {
    pub project: &'a Project,
    pub agent: &'a AgentId,
    pub issue: Option<u64>,
    /// In the worktree that the caller stands in.
    pub here: bool,
    /// What the agent is to achieve.
    pub objective: Option<&'a str>,
    /// What else is decided with it.
    pub also: Also<'a>,
}

impl Plan<'_> {
    /// Makes it: worktree, branch, label, documents; on a failure nothing of it is left.
    pub(super) fn make(&self) -> Result<Ground> {
        match self.issue {
            Some(number) => {
                let begun = start::begin(self.project, self.agent, number, !self.here, self.also)?;
                let mut ground = Ground::new(begun.place, !self.here, Some(number))?;
                ground.copied = begun.copied;
                Ok(ground)
            }
            None if self.here => self.here(),
            None => self.cave(),
        }
    }

    fn here(&self) -> Result<Ground> {
        let place = self.project.place.clone();
        let worktree = place.worktree.clone().ok_or_else(no_worktree)?;
        if checkouts::at(&place, &worktree)?.is_none() {
            return Err(no_worktree());
        }
        match place.label() {
            Some(other) if other != self.agent.as_str() => {
                let other = crate::domain::escape::one_line(&other, 64);
                let said = format!(
                    "{} is {other}'s worktree; two agents never work in one checkout",
                    worktree.display()
                );
                return Err(Error::new(Kind::ClaimHeld, said)
                    .hint("give it a cave of its own")
                    .next(format!("ghp session new {}", self.agent)));
            }
            _ => {}
        }
        let issue = self.issue_of(&place)?;
        self.decide(issue)?;
        // The main worktree is where people work, too.
        if place.git_dir != place.common && place.label().is_none() {
            place.set_label(Some(self.agent.as_str()))?;
        }
        Ground::new(place, false, issue)
    }

    /// The files that go with a new cave, copied into it.
    fn copied(&self, is_new: bool, path: &Path) -> cave::Copied {
        if !is_new {
            return cave::Copied::default();
        }
        cave::copy(self.project, path).unwrap_or_else(|error| {
            let said = format!("coordination.copyFiles: nothing was copied: {error}");
            self.project.warn(said);
            cave::Copied::default()
        })
    }

    fn cave(&self) -> Result<Ground> {
        let project = self.project;
        let path = cave::place(project, self.agent)?;
        if let Some(there) = checkouts::at(&project.place, &path)? {
            // Whoever goes on in it finds it as it was left.
            let is_new = checkout::finish(&there, &path, self.agent.as_str())?;
            let issue = self.issue_of(&there)?;
            self.decide(issue)?;
            if there.label().is_none() {
                there.set_label(Some(self.agent.as_str()))?;
            }
            return Ok(Ground {
                copied: self.copied(is_new, &path),
                ..Ground::new(there, true, issue)?
            });
        }
        let main = project.config()?.main_branch()?;
        let branch = format!("cave/{}", self.agent);
        let wanted = Wanted {
            issue: None,
            branch: &branch,
            main: &main,
            agent: self.agent.as_str(),
            is_caller: false,
            instead: None,
        };
        let prepared = checkout::in_worktree(&project.place, &path, wanted)?;
        let copied = self.copied(prepared.is_new_worktree, &path);
        if let Err(error) = self.decide(None) {
            for left in prepared.undo() {
                project.warn(format!("not taken back: {left}"));
            }
            return Err(error);
        }
        let mut ground = Ground::new(prepared.place, true, None)?;
        ground.copied = copied;
        Ok(ground)
    }

    /// The issue that the worktree's branch was made for, while the agent holds it.
    fn issue_of(&self, place: &Place) -> Result<Option<u64>> {
        let head = place.head()?;
        let Some(branch) = head.branch() else {
            return Ok(None);
        };
        let Some(number) = checkout::issue_of(place, branch)? else {
            return Ok(None);
        };
        let store = self.project.store()?;
        let issue = store.load::<crate::domain::issue::Issue>(&number.to_string())?;
        let agent = self.agent.as_str();
        let holds = issue.is_some_and(|issue| issue.is_open() && issue.is_held_by(agent));
        Ok(holds.then_some(number))
    }

    /// Status, Working Context and what else there is, as one.
    fn decide(&self, issue: Option<u64>) -> Result<()> {
        let (project, agent) = (self.project, self.agent);
        let now = project.now();
        project.decide(
            &project.by()?,
            "session new",
            |transaction: &mut Transaction<'_>| {
                let document = match issue {
                    Some(number) => transaction.load(&number.to_string())?,
                    None => None,
                };
                cave::fill(transaction, agent, document.as_deref(), self.objective, now)?;
                let entry = transaction.entry(agent.as_str())?;
                if issue.is_some() {
                    entry.issue = issue;
                }
                entry.set_status("starting");
                entry.beat(now, Some("Session starts".to_owned()));
                transaction.say(format!("a session of {agent} starts"), issue);
                (self.also)(transaction)?;
                Ok(())
            },
        )
    }
}

fn no_worktree() -> Error {
    Error::new(Kind::Usage, "here is no worktree of the code to work in")
        .hint("leave --here out, and it gets a cave of its own")
        .next("ghp session new NAME")
}
