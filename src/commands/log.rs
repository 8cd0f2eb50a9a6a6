//! `ghp log`: what was decided, by whom, when.

use clap::Args as ClapArgs;
use clap::builder::RangedU64ValueParser;
use serde::Serialize;

use crate::domain::id::IssueId;
use crate::domain::time::{Duration, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::git::history::{self, Wanted};
use crate::project::Project;
use crate::store::{Checkpoint, Pending};

/// Show what was decided, by whom, when: the history of the documents
///
/// Newest first. Decisions since the last checkpoint become commits first, so that `git -C .ghp log` shows the same.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Only what this agent or person did
    #[arg(long, value_name = "AGENT")]
    pub by: Option<String>,
    /// Only about this issue
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
    /// Only since then: a duration ago (2h), a day or a time (2025-01-25, 2025-01-25T10:30:00Z)
    #[arg(long, value_name = "T")]
    pub since: Option<String>,
    /// Show the changes themselves
    #[arg(short = 'p', long)]
    pub patch: bool,
    /// Only what people and orchestrators settled
    #[arg(long)]
    pub decisions: bool,
    /// At most so many
    #[arg(
        short = 'n',
        long,
        value_name = "COUNT",
        default_value_t = 100,
        value_parser = RangedU64ValueParser::<usize>::new().range(1..)
    )]
    pub count: usize,
}

/// The verbs that settle something.
const SETTLING: &[&str] = &["answer", "resolve", "approve", "deny"];

/// The history.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Newest first.
    pub events: Vec<Event>,
    /// Whether only some of it was asked for.
    #[serde(skip)]
    pub filtered: bool,
}

/// One decision, or somebody's edit by hand.
#[derive(Debug, Serialize)]
pub struct Event {
    /// The commit on the branch; empty while no checkpoint could be made.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// How long ago.
    #[serde(rename = "ageSeconds")]
    pub age_seconds: i64,
    /// Who.
    pub by: String,
    /// What, one line.
    pub what: String,
    /// The verb it was done with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The issue it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<u64>,
    /// The documents it changed.
    pub documents: Vec<String>,
    /// The change itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let since = args
        .since
        .as_deref()
        .map(|text| since(text, project.now()))
        .transpose()?;
    let filtered =
        args.by.is_some() || args.issue.is_some() || args.since.is_some() || args.decisions;
    let wanted = Wanted {
        by: args.by,
        issue: args.issue.map(|issue| issue.0),
        since,
        id: None,
        commands: args.decisions.then_some(SETTLING),
        document: None,
        most: args.count,
        patch: args.patch,
    };
    Ok(Report {
        events: History::of(project)?.events(&wanted, |_| true)?,
        filtered,
    })
}

/// The event that `ghp log` shows with this id, or an id that begins so, with its changes.
pub(crate) fn event(project: &Project, id: &str) -> Result<Option<Event>> {
    let wanted = Wanted {
        id: Some(id.to_owned()),
        most: 1,
        patch: true,
        ..Wanted::default()
    };
    Ok(History::of(project)?.events(&wanted, |_| true)?.pop())
}

/// The history, up to this moment.
pub(crate) struct History<'p> {
    project: &'p Project,
    /// What no checkpoint could take in, oldest first.
    pending: Vec<Pending>,
}

impl History<'_> {
    pub(crate) fn of(project: &Project) -> Result<History<'_>> {
        let store = project.store()?;
        // Showing what there is needs no checkpoint: one that fails is said, no more.
        let waits = match store.checkpoint() {
            Ok(Checkpoint::Made(_)) => None,
            Ok(Checkpoint::PutOff(why)) => Some(why),
            Err(error) => Some(error.to_string()),
        };
        let pending = if waits.is_some() {
            store.pending()?
        } else {
            Vec::new()
        };
        if let Some(why) = waits {
            project.warn(format!("the newest decisions are in no commit yet: {why}"));
        }
        Ok(History { project, pending })
    }

    /// What of it is wanted, newest first. `keep`: which of that; no more is read than it takes.
    pub(crate) fn events(
        &self,
        wanted: &Wanted,
        keep: impl Fn(&history::Event) -> bool,
    ) -> Result<Vec<Event>> {
        let project = self.project;
        let committed = history::events(&project.place.common, wanted, &keep)?;
        let pending = self.pending.iter().rev();
        let newest = pending
            .map(|pending| uncommitted(pending.clone(), wanted.document.as_ref()))
            .filter(|event| wanted.fits(event) && keep(event));
        let event = |event: history::Event| Event {
            age_seconds: project.now().since(event.at).max(0),
            id: event.id,
            at: event.at,
            by: event.by,
            what: event.what,
            command: event.command,
            issue: event.issue,
            documents: event.documents,
            patch: event.patch,
        };
        let events = newest.chain(committed).take(wanted.most);
        Ok(events.map(event).collect())
    }
}

fn uncommitted(pending: Pending, document: Option<&String>) -> history::Event {
    history::Event {
        id: String::new(),
        at: pending.at,
        by: pending.by,
        what: pending.message,
        command: Some(pending.command),
        issue: pending.issue,
        touches: document.is_some_and(|document| pending.documents.contains(document)),
        documents: pending.documents,
        patch: None,
    }
}

fn since(text: &str, now: Timestamp) -> Result<Timestamp> {
    if let Some(at) =
        Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z")))
    {
        return Ok(at);
    }
    match text.parse::<Duration>() {
        Ok(span) => Ok(Timestamp::from_seconds(now.seconds() - span.seconds())),
        Err(_) => Err(Error::new(
            Kind::Usage,
            format!(
                "\"{}\" is neither a time nor a duration",
                crate::domain::escape::one_line(text, 40)
            ),
        )
        .next("ghp log --since 2h")),
    }
}
