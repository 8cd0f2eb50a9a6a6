//! `ghp issue new`: an issue is written.

use clap::Args as ClapArgs;

use super::{Did, Report, Rights};
use crate::commands::one_line;
use crate::commands::text::{self, Message};
use crate::documents::paged::Paged;
use crate::domain::id::{AgentId, IssueId};
use crate::domain::issue::{Issue, next_number};
use crate::error::{Error, Kind, Result};
use crate::project::Project;
use crate::store::Transaction;
use crate::store::layout;

/// Write an issue: a piece of work with a number
///
/// Its number is one more than the largest there is. --scope says which paths it is about (repeatable; none: anywhere).
#[derive(Debug, Default, ClapArgs)]
#[command(mut_args(text::message("BODY", "Its text")))]
pub struct Args {
    /// One line: what is to be done
    #[arg(value_name = "TITLE")]
    pub title: String,
    /// Paths it is about, such as src/dashboard/** (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub scope: Vec<String>,
    /// The issue it is a part of
    #[arg(long, value_name = "N")]
    pub parent: Option<IssueId>,
    /// An issue that must be closed first (repeatable)
    #[arg(long, value_name = "N")]
    pub blocked_by: Vec<IssueId>,
    /// The agent that gets it
    #[arg(long, value_name = "AGENT")]
    pub assign: Option<AgentId>,
    /// A word to find it by (repeatable)
    #[arg(long, value_name = "L")]
    pub label: Vec<String>,
    #[command(flatten)]
    pub text: Message,
    /// The same again makes no second issue
    #[arg(long, value_name = "ID")]
    pub request_id: Option<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let rights = Rights::of(project)?;
    let body = super::body(args.text.read("issue new")?)?;
    let wanted = Issue {
        title: super::title(&args.title)?,
        scope: super::globs(&args.scope)?,
        parent: args.parent.map(|issue| issue.0),
        blocked_by: super::once(
            &args
                .blocked_by
                .iter()
                .map(|issue| issue.0)
                .collect::<Vec<_>>(),
        ),
        labels: super::labels(&args.label)?,
        created_at: Some(project.now()),
        created_by: Some(rights.by.clone()),
        request_id: args
            .request_id
            .as_deref()
            .map(|id| one_line(id, "request id"))
            .transpose()?,
        body,
        ..Issue::default()
    };
    project.decide(&rights.by, "issue new", |transaction| {
        if let Some(first) = repeated(transaction, &wanted)? {
            return Ok(first);
        }
        let mut issue = Issue {
            number: free_number(transaction)?,
            ..wanted.clone()
        };
        super::refuse_contradictions(transaction, &issue)?;
        if let Some(agent) = &args.assign {
            let managed = || -> Result<bool> {
                let mut all = super::all(project)?;
                all.insert(issue.number, issue.clone());
                Ok(rights.manages(issue.number, &all))
            };
            if !rights.is(agent.as_str()) && !managed()? {
                return Err(super::rights::refused(&issue, "assigning"));
            }
            issue.assign(agent.as_str());
            crate::commands::holding::point(transaction, agent, &issue)?;
        }
        transaction.say(
            format!("#{} {}", issue.number, issue.title),
            Some(issue.number),
        );
        let report = Report::of(&issue, Did::Made);
        super::save(transaction, &Paged::new(issue))?;
        Ok(report)
    })
}

/// A number that no document has. Documents that were lost come back at the first look, and then count.
fn free_number(transaction: &mut Transaction<'_>) -> Result<u64> {
    loop {
        let stems = transaction.stems::<Issue>()?;
        let number = next_number(stems.iter().filter_map(|stem| stem.parse().ok()));
        if transaction.text(&layout::issue(number))?.is_none() {
            return Ok(number);
        }
    }
}

/// The issue that the same request made before; an error when it was about something else.
fn repeated(transaction: &mut Transaction<'_>, wanted: &Issue) -> Result<Option<Report>> {
    if wanted.request_id.is_none() {
        return Ok(None);
    }
    let same = |issue: &Paged<Issue>| {
        issue.request_id == wanted.request_id && issue.created_by == wanted.created_by
    };
    match transaction.all::<Issue>()?.into_iter().find(same) {
        None => Ok(None),
        Some(first) if first.title == wanted.title => Ok(Some(Report::of(&first, Did::Nothing))),
        Some(first) => {
            let said = format!(
                "this request id has made #{} \"{}\" before",
                first.number, first.title
            );
            Err(Error::new(Kind::Changed, said).next(format!("ghp issue show {}", first.number)))
        }
    }
}
