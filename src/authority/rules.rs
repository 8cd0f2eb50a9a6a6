//! The table of rules, in the order in which they are asked.

mod approved;
mod blocked;
mod conflict;
mod dispossessed;
mod documents;
mod foreign_scope;
mod human;
mod issue_owner;
mod no_issue;
mod out_of_scope;
mod outside;
mod owner;
mod protected_branch;
mod shared;
mod unnamed;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use super::facts::{Asked, Facts};
use super::verdict::Ruling;

/// A rule: silent, or the last word.
#[derive(Debug)]
pub struct Rule {
    /// Its name, as reports have it.
    pub name: &'static str,
    /// When it speaks, for people.
    pub speaks_of: &'static str,
    speak: fn(Asked<'_>, &Facts) -> Option<Ruling>,
}

impl Rule {
    /// What it says; `None`: ask the next.
    pub fn ask(&self, asked: Asked<'_>, facts: &Facts) -> Option<Ruling> {
        (self.speak)(asked, facts).map(|ruling| Ruling {
            rule: self.name,
            ..ruling
        })
    }
}

macro_rules! rule {
    ($name:literal, $module:ident, $speaks_of:literal) => {
        Rule {
            name: $name,
            speaks_of: $speaks_of,
            speak: $module::speak,
        }
    };
}

/// Every rule. The last always speaks.
pub const RULES: &[Rule] = &[
    rule!("human", human, "the caller is a person"),
    rule!("unnamed", unnamed, "an agent without a name"),
    rule!(
        "documents",
        documents,
        "ghp's documents and git's own files"
    ),
    rule!(
        "outside",
        outside,
        "outside the repository, or ignored by git"
    ),
    rule!(
        "protected-branch",
        protected_branch,
        "a protected branch, or a detached HEAD"
    ),
    rule!("no-issue", no_issue, "the branch names no issue"),
    rule!(
        "dispossessed",
        dispossessed,
        "the caller's issue is now another's"
    ),
    rule!(
        "issue-owner",
        issue_owner,
        "the branch's issue is somebody else's, or nobody's"
    ),
    rule!("blocked", blocked, "the issue waits for an open one"),
    rule!(
        "conflict",
        conflict,
        "another live agent has changed the same path"
    ),
    rule!("approved", approved, "an approval covers it"),
    rule!("shared", shared, "a shared file"),
    rule!(
        "foreign-scope",
        foreign_scope,
        "in the scope of another's issue"
    ),
    rule!(
        "out-of-scope",
        out_of_scope,
        "outside the scope of the issue"
    ),
    rule!("owner", owner, "the caller's own work"),
];
