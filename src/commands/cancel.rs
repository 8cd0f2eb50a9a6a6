//! `ghp cancel`: take one's own back.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::matter::{self, Decided, Matter};
use super::{one_line, task, text};
use crate::domain::agent::Role;
use crate::domain::escape;
use crate::domain::waiting::{Kind as Waiting, tail};
use crate::error::{Error, Kind, Result};
use crate::project::Project;

/// Take back your own question, request, handoff or task; a person may take back anybody's, an orchestrator any task
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which (default: the only open one of yours)
    pub id: Option<String>,
    /// Why
    #[arg(short, long, value_name = "WHY", allow_hyphen_values = true)]
    pub message: Option<String>,
}

/// What was taken back.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Report {
    /// As it now stands.
    pub taken: Decided,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let role = super::role_of_caller(project)?;
    let name = match &args.id {
        Some(id) => matter::name(project, id)?,
        None => matter::only(project, Waiting::ALL, |core| core.from == by, "cancel")?,
    };
    let short = tail(&name.id);
    let why = args
        .message
        .as_deref()
        .map(|why| one_line(why, "reason"))
        .transpose()?;
    text::refuse_secrets(
        why.as_deref().unwrap_or_default(),
        "reason",
        &format!("ghp cancel {short}"),
    )?;
    project.decide(&by, "cancel", |transaction| {
        let mut matter = matter::load_in(transaction, &name)?;
        let from = &matter.core().from;
        let may = match role {
            Role::Human => true,
            Role::Orchestrator => matches!(matter, Matter::Task(_)),
            _ => false,
        };
        if !may && *from != by {
            let whose = escape::one_line(from, 64);
            return Err(Error::new(
                Kind::NotAuthorised,
                format!("{short} is {whose}'s, not yours to take back"),
            )
            .hint("tell its maker")
            .next(format!("ghp reply {short} \"…\"")));
        }
        let holder = match &matter {
            Matter::Task(task) if task.is_in_hand() => task.agent.clone(),
            _ => None,
        };
        match matter
            .waits_mut()
            .withdraw(&by, why.as_deref(), project.now())
        {
            Err(_) => Err(matter::settled(&matter, project.now())),
            Ok(fresh) => {
                transaction.say(
                    format!("took back {short}: {}", matter.core().title),
                    matter.core().issue,
                );
                task::let_go(transaction, holder.as_deref().filter(|_| fresh), false)?;
                matter.save(transaction)?;
                Ok(Report {
                    taken: Decided {
                        already: !fresh,
                        ..Decided::of(&matter)
                    },
                })
            }
        }
    })
}
