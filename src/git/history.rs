//! What the branch of documents remembers.

use std::path::Path;

use git2::{Commit, Diff, DiffFormat, DiffOptions, ErrorCode, Oid, Repository, Sort};

use super::GitError;
use crate::domain::time::Timestamp;
use crate::store::layout;

/// One commit of the branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The commit's id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What, one line.
    pub what: String,
    /// The verb, when `ghp` made it from a decision.
    pub command: Option<String>,
    /// The issue it is about.
    pub issue: Option<u64>,
    /// The documents it changed.
    pub documents: Vec<String>,
    /// Whether the one that was asked for is among them.
    pub touches: bool,
    /// The change as a patch, when that was asked for.
    pub patch: Option<String>,
}

/// Which commits are wanted.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Only this author's.
    pub by: Option<String>,
    /// Only about this issue.
    pub issue: Option<u64>,
    /// Only since then.
    pub since: Option<Timestamp>,
    /// Only the one whose id begins so.
    pub id: Option<String>,
    /// Only made by these verbs.
    pub commands: Option<&'static [&'static str]>,
    /// Whether they changed this document is to be said.
    pub document: Option<String>,
    /// At most so many.
    pub most: usize,
    /// With patches.
    pub patch: bool,
}

impl Wanted {
    /// Whether this one is wanted.
    pub fn fits(&self, event: &Event) -> bool {
        let among = |verbs: &[&str]| {
            let verb = event.command.as_deref();
            verb.is_some_and(|verb| verbs.contains(&verb))
        };
        self.by.as_ref().is_none_or(|by| *by == event.by)
            && self.issue.is_none_or(|issue| event.issue == Some(issue))
            && self.since.is_none_or(|since| event.at >= since)
            && self.id.as_ref().is_none_or(|id| event.id.starts_with(id))
            && self.commands.is_none_or(among)
    }
}

/// The branch's commits, newest first, without the one it begins with. `keep`: which of those that are wanted, before it is
/// known what else they changed: comparing whole trees is what costs.
pub fn events(
    common: &Path,
    wanted: &Wanted,
    keep: impl Fn(&Event) -> bool,
) -> Result<Vec<Event>, GitError> {
    let repository = open(common)?;
    let mut walk = repository
        .revwalk()
        .map_err(GitError::at("walking the history"))?;
    walk.set_sorting(Sort::TOPOLOGICAL)
        .map_err(GitError::at("walking the history"))?;
    match walk.push_ref(&format!("refs/heads/{}", layout::BRANCH)) {
        Err(error) if error.code() == ErrorCode::NotFound => return Err(GitError::NoDocuments),
        other => other.map_err(GitError::at("walking the history"))?,
    }
    let mut events = Vec::new();
    for id in walk {
        let commit = id
            .and_then(|id| repository.find_commit(id))
            .map_err(GitError::at("reading a commit"))?;
        if events.len() >= wanted.most || commit.parent_count() == 0 {
            break;
        }
        let mut event = event(&commit);
        if !wanted.fits(&event) {
            continue;
        }
        if let Some(path) = &wanted.document {
            event.touches = touches(&commit, Path::new(path))?;
        }
        if !keep(&event) {
            continue;
        }
        let diff = changes(&repository, &commit)?;
        event.documents = documents(&diff);
        if wanted.patch {
            event.patch = Some(patch(&diff)?);
        }
        events.push(event);
    }
    Ok(events)
}

/// The content of a document at a revision (a commit's id, or anything `git rev-parse` takes in `.ghp`), with that
/// commit's id; the content is `None` when the document was not there then.
pub fn content_at(
    root: &Path,
    revision: &str,
    path: &str,
) -> Result<(String, Option<Vec<u8>>), GitError> {
    let repository = Repository::open(root).map_err(|error| GitError::opening(root, &error))?;
    let unknown = || GitError::NoRevision {
        revision: crate::domain::escape::one_line(revision, 60),
    };
    let object = repository
        .revparse_single(revision)
        .map_err(|_| unknown())?;
    let commit = object.peel_to_commit().map_err(|_| unknown())?;
    let tree = commit.tree().map_err(GitError::at("reading a commit"))?;
    let content = match tree.get_path(Path::new(path)) {
        Err(_) => None,
        Ok(entry) => Some(
            repository
                .find_blob(entry.id())
                .map_err(GitError::at("reading a document"))?
                .content()
                .to_vec(),
        ),
    };
    Ok((commit.id().to_string(), content))
}

fn open(common: &Path) -> Result<Repository, GitError> {
    Repository::open(common).map_err(|error| GitError::opening(common, &error))
}

fn event(commit: &Commit<'_>) -> Event {
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    let trailer = |name: &str| {
        let prefix = format!("{name}: ");
        message
            .lines()
            .skip(1)
            .find_map(|line| line.strip_prefix(&prefix).map(str::to_owned))
    };
    Event {
        id: commit.id().to_string(),
        at: Timestamp::from_seconds(commit.time().seconds()),
        by: String::from_utf8_lossy(commit.author().name_bytes()).into_owned(),
        what: message.lines().next().unwrap_or_default().to_owned(),
        command: trailer("Command"),
        issue: trailer("Issue").and_then(|text| text.trim_start_matches('#').parse().ok()),
        documents: Vec::new(),
        touches: false,
        patch: None,
    }
}

/// Whether the commit changed the document at this path.
fn touches(commit: &Commit<'_>, path: &Path) -> Result<bool, GitError> {
    let held = |commit: &Commit<'_>| -> Result<Option<Oid>, GitError> {
        let tree = commit.tree().map_err(GitError::at("reading a commit"))?;
        match tree.get_path(path) {
            Ok(entry) => Ok(Some(entry.id())),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(GitError::at("reading a commit")(error)),
        }
    };
    let before = match commit.parent(0) {
        Ok(parent) => held(&parent)?,
        Err(_) => None,
    };
    Ok(held(commit)? != before)
}

fn changes<'r>(repository: &'r Repository, commit: &Commit<'_>) -> Result<Diff<'r>, GitError> {
    let tree = commit.tree().map_err(GitError::at("reading a commit"))?;
    let before = commit.parent(0).and_then(|parent| parent.tree()).ok();
    let mut options = DiffOptions::new();
    repository
        .diff_tree_to_tree(before.as_ref(), Some(&tree), Some(&mut options))
        .map_err(GitError::at("comparing commits"))
}

fn documents(diff: &Diff<'_>) -> Vec<String> {
    diff.deltas()
        .filter_map(|delta| {
            delta
                .new_file()
                .path()
                .map(|path| path.display().to_string())
        })
        .collect()
}

fn patch(diff: &Diff<'_>) -> Result<String, GitError> {
    let mut text = String::new();
    diff.print(DiffFormat::Patch, |_, _, line| {
        if matches!(line.origin(), '+' | '-' | ' ') {
            text.push(line.origin());
        }
        text.push_str(&String::from_utf8_lossy(line.content()));
        true
    })
    .map_err(GitError::at("writing a patch"))?;
    Ok(text)
}

/// The id of a commit by its beginning, for messages.
pub fn short(id: &str) -> &str {
    debug_assert!(Oid::from_str(id).is_ok());
    id.get(..10).unwrap_or(id)
}
