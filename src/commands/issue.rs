//! `ghp issue`: local issues, numbered documents.

pub mod close;
pub mod comment;
pub mod edit;
pub mod list;
pub mod new;
pub mod reopen;
mod rights;
pub mod show;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::documents::paged::Paged;
use crate::domain::glob::Glob;
use crate::domain::id::IssueId;
use crate::domain::issue::{Issue, State, contradiction, open_blockers};
use crate::domain::nearest::nearest;
use crate::error::{Error, Kind, Result};
use crate::project::{Caller, Project};
use crate::store::Transaction;

pub(crate) use rights::Rights;

/// An issue as programs see it.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Its number.
    pub issue: u64,
    /// One line.
    pub title: String,
    /// `open` or `closed`.
    pub status: State,
    /// Who holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Globs of the paths it is about; none: anywhere.
    pub scope: Vec<String>,
    /// The issue it is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<u64>,
    /// Issues that must be closed first.
    pub blocked_by: Vec<u64>,
    /// Words to find it by.
    pub labels: Vec<String>,
    /// The branch it is done on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// How often it has changed hands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fence: Option<u64>,
    /// The author's text with its comments.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// Those of `blockedBy` that are still open, for people.
    #[serde(skip)]
    pub waits_for: Vec<u64>,
    /// The command to type next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// What the command did.
    #[serde(skip)]
    pub did: Did,
}

/// What a command did with an issue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Did {
    /// Looked at it.
    #[default]
    Shown,
    /// Wrote it.
    Made,
    /// Changed it.
    Edited,
    /// Added a comment.
    Commented,
    /// Closed it.
    Closed,
    /// Opened it again.
    Reopened,
    /// Found it as it was wanted.
    Nothing,
}

impl Report {
    /// The issue, and what was done with it.
    pub(crate) fn of(issue: &Issue, did: Did) -> Report {
        Report {
            issue: issue.number,
            title: issue.title.clone(),
            status: issue.state,
            assignee: issue.assignee.clone(),
            scope: issue.scope.clone(),
            parent: issue.parent,
            blocked_by: issue.blocked_by.clone(),
            labels: issue.labels.clone(),
            branch: issue.branch.clone(),
            fence: issue.fence,
            body: issue.body.clone(),
            waits_for: Vec::new(),
            next: next(issue, did),
            did,
        }
    }

    /// The same with what it waits for, which only its neighbours tell.
    pub(crate) fn among(issue: &Issue, all: &BTreeMap<u64, Issue>) -> Report {
        Report {
            waits_for: open_blockers(issue, all),
            ..Report::of(issue, Did::Shown)
        }
    }
}

/// What one does after that.
fn next(issue: &Issue, did: Did) -> Option<String> {
    let number = issue.number;
    match (did, &issue.assignee) {
        (Did::Made, Some(agent)) => Some(format!("ghp start {number} --worktree --for {agent}")),
        (Did::Made | Did::Reopened, None) => Some(format!("ghp start {number} --worktree")),
        (Did::Closed, _) => Some("ghp next".to_owned()),
        _ => None,
    }
}

/// All issues that can be read, by number.
pub(crate) fn all(project: &Project) -> Result<BTreeMap<u64, Issue>> {
    let issues = project.store()?.readable::<Issue>()?;
    Ok(issues
        .into_iter()
        .map(|issue| (issue.number, issue.into_inner()))
        .collect())
}

/// The same inside a decision.
pub(crate) fn all_in(transaction: &mut Transaction<'_>) -> Result<BTreeMap<u64, Issue>> {
    Ok(transaction
        .all::<Issue>()?
        .into_iter()
        .map(|issue| (issue.number, issue.into_inner()))
        .collect())
}

/// An issue inside a decision; an unknown number is an error with the nearest.
pub(crate) fn load(transaction: &mut Transaction<'_>, number: u64) -> Result<Paged<Issue>> {
    match transaction.load::<Issue>(&number.to_string())? {
        Some(issue) => Ok(issue),
        None => Err(unknown(number, &transaction.stems::<Issue>()?)),
    }
}

/// The error of a number that is no issue's.
pub(crate) fn unknown(number: u64, known: &[String]) -> Error {
    let error = Error::new(Kind::NotFound, format!("there is no issue #{number}"));
    match nearest(&number.to_string(), known.iter().map(String::as_str)) {
        Some(near) => error
            .hint("did you mean")
            .next(format!("ghp issue show {near}")),
        None => error.next("ghp issue list"),
    }
}

/// Writes an issue; one that could not be read again is refused.
pub(crate) fn save(transaction: &mut Transaction<'_>, issue: &Paged<Issue>) -> Result<()> {
    if let Err(malformed) = Paged::<Issue>::parse(&issue.number.to_string(), &issue.render()) {
        let said = format!(
            "#{} would become unreadable: {}",
            issue.number, malformed.what
        );
        return Err(Error::new(Kind::Usage, said).next(format!("ghp issue show {}", issue.number)));
    }
    Ok(transaction.save(issue)?)
}

/// Refuses globs that are none, and gives each once.
fn globs(patterns: &[String]) -> Result<Vec<String>> {
    for pattern in patterns {
        Glob::parse(pattern).map_err(|error| {
            Error::new(Kind::Usage, format!("--scope: {error}"))
                .next("ghp issue new TITLE --scope \"src/dashboard/**\"")
        })?;
    }
    Ok(once(patterns))
}

/// Labels, each on one line and once.
fn labels(words: &[String]) -> Result<Vec<String>> {
    let words = words
        .iter()
        .map(|word| super::one_line(word, "label"))
        .collect::<Result<Vec<_>>>()?;
    if words.iter().any(String::is_empty) {
        return Err(
            Error::new(Kind::Usage, "a label must not be empty").next("ghp issues --label bug")
        );
    }
    Ok(once(&words))
}

/// Each item once, where it first stands.
pub(crate) fn once<T: Clone + PartialEq>(items: &[T]) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(items.len());
    for item in items {
        if !kept.contains(item) {
            kept.push(item.clone());
        }
    }
    kept
}

/// A title, on one line and not empty.
fn title(text: &str) -> Result<String> {
    let title = super::one_line(text, "title")?;
    if title.is_empty() {
        return Err(Error::new(Kind::Usage, "an issue needs a title")
            .next("ghp issue new \"What is to be done\""));
    }
    super::text::refuse_secrets(&title, "title", "ghp issue new \"What is to be done\"")?;
    Ok(title)
}

/// An issue's text as it is written down: without credentials, ending in a line break unless empty.
fn body(mut text: String) -> Result<String> {
    super::text::refuse_secrets(&text, "body", "ghp issue new TITLE -F FILE")?;
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// Refuses numbers that are no issues, and an issue that would wait for itself or be its own part.
fn refuse_contradictions(transaction: &mut Transaction<'_>, issue: &Issue) -> Result<()> {
    if issue.parent.is_none() && issue.blocked_by.is_empty() {
        return Ok(());
    }
    let mut all = all_in(transaction)?;
    for number in issue
        .parent
        .iter()
        .chain(&issue.blocked_by)
        .filter(|number| **number != issue.number)
    {
        if !all.contains_key(number) {
            // One that cannot be read is there all the same: loading it says so.
            load(transaction, *number)?;
        }
    }
    all.insert(issue.number, issue.clone());
    match contradiction(issue.number, &all) {
        None => Ok(()),
        Some((what, way)) => {
            let way: Vec<String> = way.iter().map(|number| format!("#{number}")).collect();
            let last = way.len().saturating_sub(2);
            let said = format!("#{} {what}: {}", issue.number, way.join(" → "));
            Err(Error::new(Kind::Usage, said).next(format!(
                "ghp issue show {}",
                way[last].trim_start_matches('#')
            )))
        }
    }
}

/// The issue that is meant: the one named, else the one the caller works on, else the only one it holds, else the one
/// that this worktree's branch was made for.
pub(crate) fn meant(project: &Project, named: Option<IssueId>, verb: &str) -> Result<u64> {
    if let Some(named) = named {
        return Ok(named.0);
    }
    if let Caller::Agent(me) = project.caller()? {
        if let Some(number) = project
            .store()?
            .status()?
            .agents
            .get(me.as_str())
            .and_then(|entry| entry.issue)
        {
            return Ok(number);
        }
        let held: Vec<u64> = all(project)?
            .values()
            .filter(|issue| issue.is_open() && issue.is_held_by(me.as_str()))
            .map(|issue| issue.number)
            .collect();
        match held.as_slice() {
            [] => {}
            [one] => return Ok(*one),
            several => {
                let numbers: Vec<String> =
                    several.iter().map(|number| format!("#{number}")).collect();
                return Err(Error::new(
                    Kind::Ambiguous,
                    format!("you hold {}: say which", numbers.join(", ")),
                )
                .next(format!("ghp {verb} {}", several[0])));
            }
        }
    }
    if let Some(branch) = project.place.head()?.branch()
        && let Some(number) = crate::git::checkout::issue_of(&project.place, branch)?
    {
        return Ok(number);
    }
    Err(Error::new(Kind::Usage, "say which issue: nothing here tells").next("ghp issues"))
}
