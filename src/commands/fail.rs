//! `ghp fail`: say that a task comes to nothing.

use clap::Args as ClapArgs;

use super::done::{Report, finish, in_hand};
use super::matter::{Decided, Matter};
use super::{one_line, task, text};
use crate::error::{Error, Kind, Result};
use crate::project::Project;

/// Give up the task in hand, and say why: its sender, or a person, decides whether it is tried again
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which task (default: the one in hand)
    pub id: Option<String>,
    /// Why
    #[arg(short, long, value_name = "WHY", allow_hyphen_values = true)]
    pub message: String,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let why = one_line(&args.message, "reason")?;
    if why.is_empty() {
        return Err(Error::new(Kind::Usage, "the reason is empty").next("ghp fail -m WHY"));
    }
    text::refuse_secrets(&why, "reason", "ghp fail -m WHY")?;
    let name = match &args.id {
        Some(id) => task::name(project, id, "fail")?,
        None => in_hand(project, "fail", None)?,
    };
    let (task, fresh) = finish(project, "fail", &name, &by, |task, at| {
        task.fail(&by, &why, at)
    })?;
    Ok(Report {
        task: Decided {
            already: !fresh,
            ..Decided::of(&Matter::Task(task))
        },
    })
}
