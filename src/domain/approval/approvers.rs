//! Who may grant what. A path that is shared belongs to whoever leads; one in another's scope also to that owner; one
//! that is only out of the asker's scope also to the epic that manages the asker's issue.
//!
//! A glob or a folder is more than one path, so that what it reaches is judged as a whole, and rather too strictly: an
//! owner may grant it only where its own scope surely holds all of it and nothing shared can lie in it.

use std::collections::BTreeMap;

use crate::domain::glob::{Glob, WILD, base, tree};
use crate::domain::issue::{Issue, Part, managers};
use crate::domain::waiting::HUMAN;

/// What the documents say that matters for who may grant.
#[derive(Debug)]
pub struct Facts<'a, I = Issue> {
    /// Every issue by its number.
    pub issues: &'a BTreeMap<u64, I>,
    /// `coordination.sharedFiles`.
    pub shared: &'a [Glob],
    /// `coordination.orchestrators`.
    pub orchestrators: &'a [String],
    /// `coordination.epics`: who manages which issue.
    pub epics: &'a [(u64, String)],
    /// Whether `A` and `a` are one name in this file system.
    pub ignores_case: bool,
}

impl<I> Facts<'_, I> {
    /// Who may grant anything: the orchestrators, and [`HUMAN`] for the people.
    pub fn leads(&self) -> Vec<String> {
        let mut leads = self.orchestrators.to_vec();
        leads.push(HUMAN.to_owned());
        leads
    }
}

/// Who may grant `path` to whoever works on `issue`: agents' names and, last, [`HUMAN`] for the people. `path` is as
/// approvals write it: relative to the top of the worktree, perhaps a glob; one that ends in `/` is a folder.
pub fn approvers<I: Part>(path: &str, issue: Option<u64>, facts: &Facts<'_, I>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in nearest(&Reach::of(path, facts.ignores_case), issue, facts) {
        if !names.contains(&name) && !facts.orchestrators.contains(&name) {
            names.push(name);
        }
    }
    names.extend(facts.leads());
    names
}

/// Who may grant it beside those that lead.
fn nearest<I: Part>(reach: &Reach<'_>, issue: Option<u64>, facts: &Facts<'_, I>) -> Vec<String> {
    if facts.shared.iter().any(|glob| reach.is_touched_by(glob)) {
        return Vec::new();
    }
    let scope = |issue: &I| -> Vec<Glob> {
        let globs = issue.scope().iter();
        globs.filter_map(|glob| Glob::parse(glob).ok()).collect()
    };
    let is_ours = issue
        .and_then(|number| facts.issues.get(&number))
        .is_some_and(|ours| scope(ours).iter().any(|glob| reach.is_within(glob)));
    // Each owner of a scope that it reaches into, and whether that scope holds all of it.
    let mut owners: Vec<(&str, bool)> = Vec::new();
    if !is_ours {
        for (number, other) in facts.issues {
            let Some(owner) = other.holder() else {
                continue;
            };
            let globs = scope(other);
            if other.is_open()
                && Some(*number) != issue
                && globs.iter().any(|glob| reach.is_touched_by(glob))
            {
                owners.push((owner, globs.iter().any(|glob| reach.is_within(glob))));
            }
        }
    }
    if owners.is_empty() {
        let managers = issue.map(|number| managers(number, facts.issues, facts.epics));
        let managers = managers.unwrap_or_default();
        return managers.into_iter().map(str::to_owned).collect();
    }
    let is_alone = |name: &str| owners.iter().all(|(other, _)| *other == name);
    owners
        .iter()
        .filter(|(name, holds_all)| *holds_all && (!reach.is_wide || is_alone(name)))
        .map(|(name, _)| (*name).to_owned())
        .collect()
}

/// What a path of an approval reaches.
struct Reach<'a> {
    text: &'a str,
    /// The folder in which all of it lies; of a plain path itself.
    base: String,
    /// Whether it is a glob or a folder.
    is_wide: bool,
    ignores_case: bool,
}

impl<'a> Reach<'a> {
    fn of(text: &'a str, ignores_case: bool) -> Reach<'a> {
        Reach {
            text,
            base: folded(base(text), ignores_case),
            is_wide: text.ends_with('/') || text.contains(WILD),
            ignores_case,
        }
    }

    /// Whether the glob may match some of it.
    fn is_touched_by(&self, glob: &Glob) -> bool {
        let other = folded(base(glob.as_str()), self.ignores_case);
        if self.is_wide {
            is_beneath(&other, &self.base) || is_beneath(&self.base, &other)
        } else {
            // A path that is no file yet may become a folder.
            self.is_matched_by(glob) || is_beneath(&other, &self.base)
        }
    }

    /// Whether the glob surely matches all of it.
    fn is_within(&self, glob: &Glob) -> bool {
        if self.is_wide {
            tree(glob.as_str())
                .is_some_and(|top| is_beneath(&self.base, &folded(top, self.ignores_case)))
        } else {
            self.is_matched_by(glob)
        }
    }

    fn is_matched_by(&self, glob: &Glob) -> bool {
        if self.ignores_case {
            glob.matches_ignoring_case(self.text)
        } else {
            glob.matches(self.text)
        }
    }
}

/// Whether a path is another, or lies beneath it.
fn is_beneath(path: &str, top: &str) -> bool {
    match path.strip_prefix(top) {
        Some(rest) => top.is_empty() || rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

fn folded(text: &str, ignores_case: bool) -> String {
    if ignores_case {
        text.to_lowercase()
    } else {
        text.to_owned()
    }
}
