//! `ghp show`: one thing of any kind, whole.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::matter::{self, Decided, Matter};
use super::status;
use crate::domain::id::{AgentId, IssueId};
use crate::domain::issue::Issue;
use crate::error::{Error, Kind, Result};
use crate::project::Project;
use crate::store::layout;

/// Show one thing whole: a question, a handoff, an issue (147, #147), an agent
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// An id or its last four characters, an issue's number, an agent's name
    pub what: String,
}

/// The thing.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// A question or a handoff.
    Matter(Box<Shown>),
    /// An issue.
    Issue(Box<IssueShown>),
    /// An agent.
    Agent(Box<status::Report>),
}

/// A question or a handoff, with its text.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// As it stands.
    #[serde(flatten)]
    pub decided: Decided,
    /// The document's text.
    pub body: String,
    /// The document.
    pub path: PathBuf,
}

/// An issue, with its text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssueShown {
    /// Its number.
    pub issue: u64,
    /// One line.
    pub title: String,
    /// `open` or `closed`.
    pub status: crate::domain::issue::State,
    /// Who holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Globs of the paths it is about.
    pub scope: Vec<String>,
    /// The issue it is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<u64>,
    /// Issues that must be closed first.
    pub blocked_by: Vec<u64>,
    /// The branch it is done on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// How often it has changed hands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fence: Option<u64>,
    /// Its text.
    pub body: String,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    if let Ok(number) = args.what.parse::<IssueId>() {
        return issue(project, number).map(|issue| Report::Issue(Box::new(issue)));
    }
    match matter::find(project, &args.what) {
        Ok(found) => Ok(Report::Matter(Box::new(shown(project, found)))),
        Err(unknown) if unknown.kind == Kind::NotFound => agent(project, &args.what)?.ok_or(unknown),
        Err(error) => Err(error),
    }
}

fn shown(project: &Project, found: Matter) -> Shown {
    let mut found = [found];
    matter::hand::note(project, &mut found);
    let [found] = &found;
    Shown { decided: Decided::of(found), body: found.core().body.clone(), path: project.documents().join(found.path()) }
}

fn agent(project: &Project, word: &str) -> Result<Option<Report>> {
    if word.parse::<AgentId>().is_err() || !project.store()?.status()?.agents.contains_key(word) {
        return Ok(None);
    }
    let args = status::Args { agents: vec![word.to_owned()], ..status::Args::default() };
    Ok(Some(Report::Agent(Box::new(status::board(project, &args, project.now())?))))
}

fn issue(project: &Project, number: IssueId) -> Result<IssueShown> {
    let Some(issue) = project.store()?.load::<Issue>(&number.0.to_string())? else {
        return Err(Error::new(Kind::NotFound, format!("there is no issue {number} ({})", layout::issue(number.0))).next("ghp issue list"));
    };
    let issue = issue.into_inner();
    Ok(IssueShown {
        issue: issue.number,
        title: issue.title,
        status: issue.state,
        assignee: issue.assignee,
        scope: issue.scope,
        parent: issue.parent,
        blocked_by: issue.blocked_by,
        branch: issue.branch,
        fence: issue.fence,
        body: issue.body,
    })
}
