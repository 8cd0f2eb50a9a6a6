//! `ghp goal update`: what a goal is about changes, or how it stands.

use clap::Args as ClapArgs;

use super::team::Teams;
use super::{Did, NONE, Report};
use crate::commands::named;
use crate::commands::text::{self, Message};
use crate::domain::goal::{Goal, Metadata, Status, check_metadata};
use crate::domain::group::GroupName;
use crate::error::{Error, Kind, Result};
use crate::project::Project;

/// Change a goal: its name, description, status, group or metadata
///
/// For whoever set it or works on it, an orchestrator or a person. --metadata changes the keys it names; null takes one
/// away.
#[derive(Debug, Default, ClapArgs)]
#[command(mut_args(text::description("Another description")))]
pub struct Args {
    /// An id, its beginning or its last four characters
    #[arg(value_name = "ID")]
    pub goal: String,
    /// Another name
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub name: Option<String>,
    #[command(flatten)]
    pub description: Message,
    /// active, completed or cancelled
    #[arg(long, value_name = "STATUS")]
    pub status: Option<Status>,
    /// The coordination group that it is for; `none`: no group's
    #[arg(long, value_name = "G")]
    pub group: Option<String>,
    /// What else to keep with it, a JSON object
    #[arg(long, value_name = "JSON")]
    pub metadata: Option<Metadata>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let found = named::find::<Goal>(project, &args.goal)?;
    let teams = Teams::of(project)?;
    super::require_own_or_lead(project, &found, &teams, "changing another's goal")?;
    let name = args.name.as_deref().map(super::name).transpose()?;
    let body = super::description("goal update", &args.description)?;
    let metadata = super::metadata("goal update", args.metadata)?;
    let group = match args.group.as_deref() {
        None => None,
        Some(NONE) => Some(None),
        Some(name) => Some(super::group(project, Some(&name.parse::<GroupName>()?))?),
    };
    let nothing = name.is_none() && body.is_none() && args.status.is_none() && group.is_none();
    if nothing && metadata.is_empty() {
        return Err(Error::new(Kind::Usage, "say what to change")
            .next(format!("ghp goal update {} --status completed", found.id)));
    }
    let (goal, did) = project.decide(&by, "goal update", |transaction| {
        let mut goal = super::load(transaction, &found.id)?;
        let before = (*goal).clone();
        if let Some(name) = &name {
            goal.name.clone_from(name);
        }
        if let Some(body) = &body {
            goal.body.clone_from(body);
        }
        if let Some(status) = args.status {
            goal.set_status(status, &by, project.now());
        }
        goal.note(&metadata);
        check_metadata(&goal.metadata).map_err(|bad| {
            Error::new(Kind::Usage, bad.to_string()).next(format!("ghp goal show {}", found.id))
        })?;
        let mut did = if before == *goal {
            Did::Nothing
        } else {
            transaction.save(&goal)?;
            Did::Changed
        };
        if let Some(group) = &group {
            let given = match group {
                Some(group) => super::give(transaction, group, Some(&found.id))?,
                None => super::take(transaction, &found.id)?,
            };
            if given {
                did = Did::Changed;
            }
            goal = super::load(transaction, &found.id)?;
        }
        if did == Did::Changed {
            let how = args.status.map_or("changed", Status::word);
            transaction.say(format!("goal {how}: {}", goal.name), None);
        }
        Ok::<_, Error>((goal.into_inner(), did))
    })?;
    Report::whole(project, &goal, did)
}
