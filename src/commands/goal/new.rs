//! `ghp goal new`: something to achieve.

use clap::Args as ClapArgs;

use super::{Did, Report};
use crate::commands::text::{self, Message};
use crate::commands::{matter, one_line};
use crate::documents::paged::Paged;
use crate::domain::goal::{Goal, Metadata};
use crate::domain::group::GroupName;
use crate::error::Result;
use crate::project::Project;

/// Set a goal: what is to be so in the end
///
/// A goal is reached by groups and agents over many issues; `ghp group edit --goal ID` and `ghp status set --goal ID` say
/// whose it is.
#[derive(Debug, Default, ClapArgs)]
#[command(mut_args(text::description("What there is to say beyond that")))]
pub struct Args {
    /// One line: what is to be so
    #[arg(value_name = "NAME")]
    pub name: String,
    #[command(flatten)]
    pub description: Message,
    /// The coordination group that it is for
    #[arg(long, value_name = "G")]
    pub group: Option<GroupName>,
    /// What else to keep with it, a JSON object
    #[arg(long, value_name = "JSON")]
    pub metadata: Option<Metadata>,
    /// The same again makes no second goal
    #[arg(long, value_name = "ID")]
    pub request_id: Option<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let request_id = args.request_id.as_deref();
    let body = super::description("goal new", &args.description)?;
    let wanted = Goal {
        name: super::name(&args.name)?,
        from: by.clone(),
        created_at: Some(project.now()),
        metadata: super::metadata("goal new", args.metadata)?,
        request_id: request_id
            .map(|id| one_line(id, "request id"))
            .transpose()?,
        body: body.unwrap_or_default(),
        ..Goal::default()
    };
    let group = super::group(project, args.group.as_ref())?;
    let (goal, did) = project.decide(&by, "goal new", |transaction| {
        if wanted.request_id.is_some() {
            let is_same =
                |it: &Paged<Goal>| it.from == wanted.from && it.request_id == wanted.request_id;
            if let Some(same) = transaction.all::<Goal>()?.into_iter().find(is_same) {
                return Ok((same.into_inner(), Did::Set));
            }
        }
        let goal = Paged::new(Goal {
            id: matter::fresh_id(transaction, &wanted.name, project.now())?,
            ..wanted.clone()
        });
        transaction.add(&goal);
        if let Some(group) = &group {
            super::give(transaction, group, Some(&goal.id))?;
        }
        let of = group.as_deref().map(|group| format!(" for {group}"));
        let of = of.unwrap_or_default();
        transaction.say(format!("goal{of}: {}", goal.name), None);
        let goal = super::load(transaction, &goal.id)?;
        Ok::<_, crate::error::Error>((goal.into_inner(), Did::Set))
    })?;
    Report::whole(project, &goal, did)
}
