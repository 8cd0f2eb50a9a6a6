//! What a push may bring to the branches of a shared repository.

use super::range::{self, Commits};
use super::{Report, ask};
use crate::commands::Outside;
use crate::domain::agent::Role;
use crate::error::{Kind, Result};
use crate::git::commits::{self, Range};
use crate::git::snapshot::Snapshot;
use crate::project::no_documents;
use crate::store::layout;

/// A branch as a push leaves it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Update {
    /// Its name.
    pub branch: String,
    /// What it pointed to; `None`: it is new.
    pub from: Option<String>,
    /// What it will point to.
    pub to: String,
}

/// Which end of the push we are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End<'a> {
    /// It goes out to this remote; the caller is who pushes.
    Sending(&'a str),
    /// It comes in: the documents are those of our own branch, as they were before.
    Receiving,
}

/// A verdict on each branch, and what there is to say beside it. What the main branch has already is no part of another
/// branch's push, and what a merge brings that the other end has on any branch was judged when it came there.
pub(crate) fn pushed(
    outside: &Outside,
    end: End<'_>,
    updates: &[Update],
) -> Result<(Vec<Report>, Vec<String>)> {
    let own = format!("refs/heads/{}", layout::BRANCH);
    let (documents, branches) = match end {
        End::Sending(remote) => (None, format!("refs/remotes/{remote}/")),
        End::Receiving => (Some(own.as_str()), "refs/heads/".to_owned()),
    };
    if documents.is_some() {
        let place = crate::git::place::find(&super::directory(outside)?)?;
        Snapshot::open(&place.common, &[&own])?.ok_or_else(no_documents)?;
    }
    ask(outside, documents, false, |asking, caller| {
        asking.ground.asked_by(caller);
        let leads = matches!(asking.ground.facts.role, Role::Human | Role::Orchestrator);
        let is_sent = matches!(end, End::Sending(_));
        let main = asking.ground.main().to_owned();
        // Before the other end has a main branch, ours stands for it; what comes in has no such word.
        let (there, here) = (format!("{branches}{main}"), format!("refs/heads/{main}"));
        let mains = [there.as_str(), here.as_str()];
        let any_there = format!("{branches}*");
        let place = asking.place;
        let at = place.worktree.as_deref().unwrap_or(&place.git_dir);
        let mut reports = Vec::new();
        for update in updates {
            // What the other end has may never have been fetched.
            let from = match update.from.as_deref() {
                Some(from) if commits::has(at, from)? => Some(from),
                _ => None,
            };
            let commits = Commits {
                range: Range {
                    from,
                    tip: &update.to,
                    without: if update.branch == main { &[] } else { &mains },
                    seen: Some(&any_there),
                },
                branch: Some(&update.branch),
                lead: Some(caller).filter(|_| is_sent && leads),
            };
            match range::judge(asking, &commits) {
                Ok(report) => reports.push(report),
                // Each branch by itself: what is wrong with one says nothing of another. git itself takes no branch that
                // leads to no commit; one that nobody can read, a shared repository does not take.
                Err(error) if is_sent || error.kind == Kind::NotFound => {
                    asking.ground.warnings.push(format!(
                        "{} was not checked: {}",
                        update.branch, error.message
                    ));
                }
                Err(error) => reports.push(Report::unreadable(&update.branch, &error)),
            }
        }
        Ok(reports)
    })
}
