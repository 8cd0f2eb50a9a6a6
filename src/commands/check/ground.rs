//! The facts that a verdict stands on, gathered from documents and git.

use std::collections::BTreeMap;

use super::source::Source;
use crate::authority::{Asker, Branch, Facts, Outside, Policy, Rival, Stands};
use crate::config::Config;
use crate::documents::brief::Brief;
use crate::documents::status::Status;
use crate::domain::agent::{Patience, Role};
use crate::domain::branch::issue_of;
use crate::domain::glob::Glob;
use crate::domain::issue::role;
use crate::domain::time::Timestamp;
use crate::error::Result;
use crate::git::code_config;
use crate::git::place::Place;
use crate::project::Caller;

/// What is the same for every path of a check.
pub(super) struct Ground {
    /// The facts, but for the branch.
    pub facts: Facts,
    /// Who does what.
    pub status: Status,
    /// What there is to say beside the answer.
    pub warnings: Vec<String>,
    /// Mail addresses of people.
    pub humans: Vec<String>,
    main: String,
    pattern: String,
    protected: Vec<String>,
    users: Vec<String>,
}

impl Ground {
    /// Reads the documents.
    pub(super) fn read(source: &Source<'_>, config: &Config, now: Timestamp) -> Result<Ground> {
        let (issues, mut warnings) = source.issues()?;
        let (grants, more) = source.grants()?;
        warnings.extend(more);
        let status = source.status()?;
        let mut scopes = BTreeMap::new();
        for issue in issues.values().filter(|issue| !issue.scope.is_empty()) {
            let (good, bad): (Vec<_>, Vec<_>) = issue
                .scope
                .iter()
                .map(|glob| Glob::parse(glob))
                .partition(Result::is_ok);
            // One that cannot be read covers nothing; the scope stays one all the same.
            warnings.extend(
                bad.into_iter()
                    .filter_map(Result::err)
                    .map(|error| format!("the scope of #{}: {error}", issue.number)),
            );
            scopes.insert(issue.number, good.into_iter().flatten().collect());
        }
        let mut users = config.assignees()?;
        users.extend(config.orchestrators()?);
        users.extend(config.epics()?.into_iter().map(|(_, agent)| agent));
        users.extend(status.agents.keys().cloned());
        users.extend(issues.values().filter_map(|issue| issue.assignee.clone()));
        let policy = Policy {
            shared: config.shared_files()?,
            outside: match config.outside_scope()?.as_str() {
                "allow" => Outside::Allow,
                "deny" => Outside::Deny,
                _ => Outside::Approve,
            },
            orchestrators: config.orchestrators()?,
            epics: config.epics()?,
            ignore_case: false,
        };
        Ok(Ground {
            facts: Facts {
                asker: Asker::Human,
                role: Role::Human,
                now,
                branch: Branch::default(),
                holds: None,
                issues,
                scopes,
                policy,
                grants,
                rivals: Vec::new(),
                lifted: Vec::new(),
                stands: Stands::Below(String::new()),
            },
            status,
            warnings,
            humans: config.humans()?,
            main: config.main_branch()?,
            pattern: config.branch_pattern()?,
            protected: config.protected_branches()?,
            users,
        })
    }

    /// The branch that the work of agents leaves and returns to.
    pub(super) fn main(&self) -> &str {
        &self.main
    }

    /// The agents whose work goes on, but for the asker.
    pub(super) fn others_at_work(&self, patience: Patience) -> impl Iterator<Item = &String> {
        let (me, now) = (self.facts.me(), self.facts.now);
        let agents = self.status.agents.iter();
        agents
            .filter(move |(name, entry)| {
                Some(name.as_str()) != me && entry.is_at_work(now, patience, false)
            })
            .map(|(name, _)| name)
    }

    /// As this one asks.
    pub(super) fn asked_by(&mut self, caller: &Caller) {
        self.facts.holds = None;
        (self.facts.asker, self.facts.role) = match caller {
            Caller::Human(_) => (Asker::Human, Role::Human),
            Caller::Unnamed(marker) => (Asker::Unnamed(marker.clone()), Role::Worker),
            Caller::Agent(agent) => {
                let policy = &self.facts.policy;
                let name = agent.as_str();
                self.facts.holds = self.status.agents.get(name).and_then(|entry| entry.issue);
                let role = role(
                    name,
                    &policy.orchestrators,
                    &policy.epics,
                    &self.facts.issues,
                );
                (Asker::Agent(name.to_owned()), role)
            }
        };
    }

    /// On this branch of the repository; `None`: HEAD is detached.
    pub(super) fn on_branch(&mut self, place: &Place, name: Option<&str>) -> Result<()> {
        let config = code_config::of_branch(&place.common, name)?;
        self.facts.policy.ignore_case = config.ignore_case;
        self.facts.branch = Branch {
            protected: name.is_some_and(|name| self.is_protected(name)),
            issue: name.and_then(|name| {
                let said = config.issue;
                let known = said.filter(|number| self.facts.issues.contains_key(number));
                if said.is_some() {
                    known
                } else {
                    self.issue_of(name)
                }
            }),
            name: name.map(str::to_owned),
        };
        Ok(())
    }

    /// On the branch of this issue, if there is such an issue; else where it was.
    pub(super) fn on_branch_of(&mut self, issue: u64) {
        if let Some(issue) = self.facts.issues.get(&issue) {
            self.facts.branch = Branch {
                protected: false,
                issue: Some(issue.number),
                name: issue
                    .branch
                    .clone()
                    .or_else(|| self.facts.branch.name.take()),
            };
        }
    }

    /// With what others have changed.
    pub(super) fn with_rivals(&mut self, rivals: Vec<Rival>) {
        self.facts.rivals = rivals;
    }

    fn is_protected(&self, branch: &str) -> bool {
        self.protected.iter().any(|pattern| {
            pattern == branch || Glob::parse(pattern).is_ok_and(|glob| glob.matches(branch))
        })
    }

    /// The issue whose branch this is: by its document (the asker's own first, then an open one), else by the pattern.
    fn issue_of(&self, branch: &str) -> Option<u64> {
        let me = self.facts.me();
        let rank = |issue: &&Brief| {
            let mine = me.is_some() && issue.assignee.as_deref() == me;
            (!(mine && issue.open), !issue.open, issue.number)
        };
        let issues = &self.facts.issues;
        let by_document = issues
            .values()
            .filter(|issue| issue.branch.as_deref() == Some(branch))
            .min_by_key(rank);
        by_document.map(|issue| issue.number).or_else(|| {
            issue_of(
                &self.pattern,
                branch,
                |user| self.users.iter().any(|known| known == user),
                |number| issues.contains_key(&number),
            )
        })
    }
}
