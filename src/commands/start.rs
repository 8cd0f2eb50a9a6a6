//! `ghp start`: an agent begins an issue. Claim, branch, worktree, Working Context and status, all or none.

use std::cell::Cell;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::holding::{self, Holding};
use super::issue::{self, Rights};
use super::{cave, claim, presence};
use crate::domain::branch;
use crate::domain::id::{AgentId, IssueId};
use crate::domain::issue::{Issue, choices};
use crate::domain::shell;
use crate::error::{Error, Kind, Result};
use crate::git::checkout::{self, Prepared, Wanted};
use crate::git::place::Place;
use crate::project::Project;
use crate::store::Transaction;

/// Begin an issue: take it, make its branch, label the worktree, write its Working Context
///
/// The branch is named by branchPattern and begins at mainBranch. Without --worktree it is checked out here, which must
/// be clean and nobody else's; with it the agent gets a worktree of its own (coordination.caves). The main worktree gets a
/// label only with --for. -q prints the directory.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which
    #[arg(
        value_name = "N",
        required_unless_present = "next",
        conflicts_with = "next"
    )]
    pub issue: Option<IssueId>,
    /// The first that is yours or free, and unblocked
    #[arg(long)]
    pub next: bool,
    /// In a worktree of the agent's own
    #[arg(long)]
    pub worktree: bool,
    /// The agent that begins it, when it is not you
    #[arg(long = "for", value_name = "AGENT")]
    pub for_agent: Option<AgentId>,
}

/// Who works where on what.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Report(pub Holding);

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let rights = Rights::of(project)?;
    let which = args
        .issue
        .map_or_else(|| "--next".to_owned(), |issue| issue.0.to_string());
    let agent = match &args.for_agent {
        Some(agent) => agent.clone(),
        None => holding::agent(
            project,
            &format!("ghp start {which} --worktree --for worker-1"),
        )?,
    };
    let start = Start {
        project,
        rights,
        agent,
        worktree: args.worktree,
        also: &|_| Ok(false),
        copied: Cell::default(),
    };
    let begun = match args.issue {
        None => start.next()?,
        Some(number) => start.issue(number.0)?,
    };
    Ok(Report(begun.holding))
}

/// What else is to be true when an issue is begun; whether that changes anything.
pub(crate) type Also<'a> = &'a dyn Fn(&mut Transaction<'_>) -> Result<bool>;

/// An issue that was begun.
pub(crate) struct Begun {
    /// Who works where on what.
    pub holding: Holding,
    /// The worktree.
    pub place: Place,
    /// What was copied into it.
    pub copied: cave::Copied,
}

/// An agent begins an issue, in a worktree of its own or in this one, and `also` is decided with it.
pub(crate) fn begin(
    project: &Project,
    agent: &AgentId,
    number: u64,
    worktree: bool,
    also: Also<'_>,
) -> Result<Begun> {
    let start = Start {
        project,
        rights: Rights::of(project)?,
        agent: agent.clone(),
        worktree,
        also,
        copied: Cell::default(),
    };
    start.issue(number)
}

struct Start<'a> {
    project: &'a Project,
    rights: Rights,
    agent: AgentId,
    worktree: bool,
    also: Also<'a>,
    copied: Cell<cave::Copied>,
}

impl Start<'_> {
    /// The first issue that can be had; when others take it meanwhile, the one after.
    fn next(&self) -> Result<Begun> {
        let mut lost = Vec::new();
        loop {
            let all = self.project.store()?.briefs()?;
            let choice = choices(self.agent.as_str(), &all)
                .into_iter()
                .find(|number| !lost.contains(number));
            let number = choice.ok_or_else(claim::nothing_free)?;
            match self.issue(number) {
                Err(error)
                    if error.kind == Kind::ClaimHeld
                        && issue::all(self.project)?
                            .get(&number)
                            .is_some_and(|now| !self.may_have(now)) =>
                {
                    lost.push(number);
                }
                other => return other,
            }
        }
    }

    fn may_have(&self, issue: &Issue) -> bool {
        issue.is_open()
            && issue
                .assignee
                .as_deref()
                .is_none_or(|holder| holder == self.agent.as_str())
    }

    fn issue(&self, number: u64) -> Result<Begun> {
        let project = self.project;
        let before = self.look(number)?;
        // A hand-written document may have no title; its branch has one all the same.
        let branch = match &before.branch {
            Some(branch) => branch.clone(),
            None => branch::of_issue(
                &project.config()?.branch_pattern()?,
                &self.agent,
                number,
                &before.title,
            )?,
        };
        let prepared = self.prepare(number, &branch)?;
        let decided = self.decide(number, &branch);
        let (mut holding, started) = match decided {
            Ok(decided) => decided,
            Err(error) => {
                for left in prepared.undo() {
                    project.warn(format!("not taken back: {left}"));
                }
                return Err(error);
            }
        };
        // The decision stands; the next heartbeat notes it as well.
        if let Some(worktree) = &prepared.place.worktree
            && let Err(error) = presence::note_worktree(project, &self.agent, worktree)
        {
            project.warn(format!("where {} works was not noted: {error}", self.agent));
        }
        if let Some(former) = &prepared.detached {
            project.warn(format!(
                "{} was taken off the branch; its files are as they were",
                former.display()
            ));
        }
        holding.created = prepared.created;
        holding.already = !started && !prepared.changed;
        holding.worktree.clone_from(&prepared.place.worktree);
        holding.next = holding
            .worktree
            .as_ref()
            .map(|worktree| format!("cd {}", shell::path(worktree)));
        Ok(Begun {
            holding,
            place: prepared.place,
            copied: self.copied.get(),
        })
    }

    /// The issue as it stands, refused before anything is made for it.
    fn look(&self, number: u64) -> Result<Issue> {
        let mut found = None;
        // Changes nothing, so nothing is written.
        self.project
            .decide(&self.rights.by, "start", |transaction| {
                let mut issue = issue::load(transaction, number)?;
                if !self.rights.is(self.agent.as_str())
                    && !self.rights.manages(number, &issue::all_in(transaction)?)
                {
                    return Err(Error::new(
                        Kind::NotAuthorised,
                        format!(
                            "starting #{number} for {} is for an orchestrator or a person",
                            self.agent
                        ),
                    )
                    .hint("start it for yourself")
                    .next(format!("ghp start {number}")));
                }
                found = Some((*issue).clone());
                self.refuse_blocked(transaction, &issue)?;
                holding::take(transaction, &mut issue, &self.agent).map(|_| ())
            })?;
        found.ok_or_else(|| issue::unknown(number, &[]))
    }

    /// Refuses a blocked issue, unless the agent has begun it before.
    fn refuse_blocked(&self, transaction: &mut Transaction<'_>, issue: &Issue) -> Result<()> {
        let begun = issue.branch.is_some() && issue.is_held_by(self.agent.as_str());
        if begun || !issue.is_open() || !self.may_have(issue) {
            Ok(())
        } else {
            holding::refuse_blocked(transaction, issue)
        }
    }

    fn prepare(&self, number: u64, branch: &str) -> Result<Prepared> {
        let project = self.project;
        let main = project.config()?.main_branch()?;
        let whom = if self.rights.is(self.agent.as_str()) {
            String::new()
        } else {
            format!(" --for {}", self.agent)
        };
        let cave = cave::place(project, &self.agent);
        let is_here = cave
            .as_ref()
            .is_ok_and(|cave| project.place.worktree.as_ref() == Some(cave));
        // There is no better place to send an agent to than the one of its own.
        let instead =
            (!self.worktree && !is_here).then(|| format!("ghp start {number} --worktree{whom}"));
        let wanted = Wanted {
            issue: Some(number),
            branch,
            main: &main,
            agent: self.agent.as_str(),
            is_caller: self.rights.is(self.agent.as_str()),
            instead: instead.as_deref(),
        };
        if !self.worktree {
            return Ok(checkout::here(&project.place, wanted)?);
        }
        let cave = cave?;
        let prepared = checkout::in_worktree(&project.place, &cave, wanted)?;
        if prepared.is_new_worktree {
            match cave::copy(project, &cave) {
                Ok(copied) => self.copied.set(copied),
                Err(error) => project.warn(format!(
                    "coordination.copyFiles: nothing was copied: {error}"
                )),
            }
        }
        Ok(prepared)
    }

    /// Claim, branch, status and Working Context as one; whether anything changed.
    fn decide(&self, number: u64, branch: &str) -> Result<(Holding, bool)> {
        let project = self.project;
        project.decide(&self.rights.by, "start", |transaction| {
            let mut issue = issue::load(transaction, number)?;
            self.refuse_blocked(transaction, &issue)?;
            let taken = holding::take(transaction, &mut issue, &self.agent)?;
            let named = issue.branch.as_deref() != Some(branch);
            issue.branch = Some(branch.to_owned());
            if taken || named {
                issue::save(transaction, &issue)?;
            }
            let pointed =
                holding::work_on(transaction, &self.agent, &issue, project.now(), "Started")?;
            let written = cave::begin(transaction, &self.agent, &issue, project.now())?;
            transaction.say(
                format!("{} starts #{number} on {branch}", self.agent),
                Some(number),
            );
            let more = (self.also)(transaction)?;
            Ok((
                Holding::of(&issue, Some(self.agent.as_str()), false),
                taken || named || pointed || written || more,
            ))
        })
    }
}
