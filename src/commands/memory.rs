//! `ghp memory`: what should outlive the work, kept as Markdown and found again without a network.

pub mod add;
pub mod forget;
pub mod list;
pub mod pull;
pub mod push;
pub mod search;
mod server;
pub mod show;

use std::path::PathBuf;

use serde::Serialize;

use self::server::Server;
use super::named;
use crate::documents::Document;
use crate::documents::mem0::Held;
use crate::documents::paged::Paged;
use crate::domain::escape::one_line;
use crate::domain::issue::Issue;
use crate::domain::memory::{self, Memory, by_newest};
use crate::domain::search::excerpt;
use crate::domain::time::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::project::Project;

/// The longest excerpt, in columns.
const EXCERPT: usize = 160;

/// What every report of a memory begins with.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// Its full id.
    pub id: String,
    /// One line: the thing itself.
    pub title: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The issue that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<u64>,
    /// Who wrote it down.
    pub from: String,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

impl Head {
    fn of(memory: &Memory) -> Head {
        Head {
            id: memory.id.clone(),
            title: memory.title.clone(),
            tags: memory.tags.clone(),
            issue: memory.issue,
            from: memory.from.clone(),
            created_at: memory.created_at,
        }
    }
}

/// A memory in a list.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// What it is.
    #[serde(flatten)]
    pub head: Head,
    /// How well it fits what was searched for; comparable within one answer only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The line of its text that says most about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
}

impl Line {
    fn of(memory: &Memory, query: &str, score: Option<f64>) -> Line {
        Line {
            head: Head::of(memory),
            score: score.map(|score| (score * 1000.0).round() / 1000.0),
            excerpt: excerpt(query, &memory.body).map(|line| one_line(line, EXCERPT)),
        }
    }
}

/// Memories.
#[derive(Debug, Serialize)]
pub struct List {
    /// The best first, or the newest.
    pub memories: Vec<Line>,
    /// Whether they were searched for.
    #[serde(skip)]
    pub searched: bool,
}

/// One memory whole.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// What it is.
    #[serde(flatten)]
    pub head: Head,
    /// Globs of the paths that it is about.
    pub scope: Vec<String>,
    /// What there is to say beyond the title.
    pub body: String,
    /// The document; absent when it lies on a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// The server that it lies on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// What the command did.
    #[serde(skip)]
    pub did: Did,
}

/// What was copied between here and a mem0 server.
#[derive(Debug, Serialize)]
pub struct Moved {
    /// The server.
    pub server: String,
    /// The ids, as they are where the memories now also lie.
    pub ids: Vec<String>,
    /// How many were there already.
    pub already: usize,
    /// Whether they came here.
    #[serde(skip)]
    pub here: bool,
}

impl Moved {
    fn to(server: &str) -> Moved {
        Moved {
            server: server.to_owned(),
            ids: Vec::new(),
            already: 0,
            here: false,
        }
    }

    fn from(server: &str) -> Moved {
        Moved {
            here: true,
            ..Moved::to(server)
        }
    }
}

/// What a command did with a memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Did {
    /// Looked at it.
    Shown,
    /// Wrote it.
    Kept,
    /// Removed it.
    Forgot,
}

impl Report {
    fn of(project: &Project, memory: &Memory, did: Did) -> Report {
        let path = format!("{}/{}.md", Memory::FOLDER, memory.id);
        Report {
            path: Some(project.documents().join(path)),
            ..Report::there(memory, None, did)
        }
    }

    /// One that lies on a server.
    fn there(memory: &Memory, server: Option<&Server>, did: Did) -> Report {
        Report {
            head: Head::of(memory),
            scope: memory.scope.clone(),
            body: memory.body.clone(),
            path: None,
            server: server.map(|server| server.url().to_owned()),
            did,
        }
    }
}

/// All documents that can be read, the newest first.
fn local(project: &Project) -> Result<Vec<Memory>> {
    let all = project.store()?.readable::<Memory>()?;
    let mut all: Vec<Memory> = all.into_iter().map(Paged::into_inner).collect();
    all.sort_by(by_newest);
    Ok(all)
}

/// All, wherever they live, the newest first.
fn all(project: &Project) -> Result<Vec<Memory>> {
    match Server::chosen(project)? {
        Some(server) => Ok(memories(server.all()?)),
        None => local(project),
    }
}

/// What a server holds, without what it says of it.
fn memories(held: Vec<Held>) -> Vec<Memory> {
    held.into_iter().map(|held| held.memory).collect()
}

/// The documents that are about paths, the newest first; no server is asked.
pub(crate) fn scoped(project: &Project) -> Result<Vec<Memory>> {
    let mut all = local(project)?;
    all.retain(|memory| !memory.scope.is_empty());
    Ok(all)
}

/// The few documents that bind on an issue; no server is asked.
pub(crate) fn binding(project: &Project, issue: &Issue) -> Result<Vec<Memory>> {
    let all = local(project)?;
    let binding = memory::binding(&all, issue);
    Ok(binding.into_iter().cloned().collect())
}

/// What a server holds under the id that a word means.
fn find_there(server: &Server, word: &str) -> Result<Held> {
    let mut all = server.all()?;
    let ids: Vec<String> = all.iter().map(|held| held.memory.id.clone()).collect();
    let id = named::id(Memory::WORD, word, &ids)?;
    let at = ids.iter().position(|other| other == id);
    at.map(|at| all.swap_remove(at))
        .ok_or_else(|| named::gone::<Memory>(id))
}

/// Tags, each on one line and once.
fn tags(words: &[String]) -> Result<Vec<String>> {
    let words = words
        .iter()
        .map(|word| super::one_line(word, "tag"))
        .collect::<Result<Vec<_>>>()?;
    if words.iter().any(String::is_empty) {
        return Err(Error::new(Kind::Usage, "a tag must not be empty").next("ghp memory list"));
    }
    Ok(super::issue::once(&words))
}

/// Whether a memory has all of these tags; letters' case does not count.
fn has_tags(memory: &Memory, tags: &[String]) -> bool {
    let has = |tag: &String| {
        let tag = tag.to_lowercase();
        memory.tags.iter().any(|own| own.to_lowercase() == tag)
    };
    tags.iter().all(has)
}
