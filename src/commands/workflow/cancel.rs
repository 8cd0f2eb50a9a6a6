//! `ghp workflow cancel`: take a run back, with its open tasks and questions.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::show::RunShown;
use super::{perform, require_run};
use crate::commands::{one_line, require_own_or_lead, task, text};
use crate::domain::escalation::Escalation;
use crate::domain::task::Task;
use crate::domain::waiting::{Waits, tail};
use crate::domain::workflow::run::{Standing, State};
use crate::error::{Error, Kind, Result};
use crate::host::clock;
use crate::project::Project;
use crate::store::Transaction;

/// Take a run back, with the tasks and questions of it that are open
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// The run (default: the only one that goes on)
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Why, in one line
    #[arg(short, long, value_name = "WHY", allow_hyphen_values = true)]
    pub message: Option<String>,
}

/// The run that was taken back.
#[derive(Debug, Serialize)]
pub struct Report {
    /// As it stands.
    #[serde(flatten)]
    pub run: RunShown,
    /// Whether it had been.
    pub already: bool,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let run = match &args.id {
        Some(id) => require_run(project, id)?,
        None => super::only(project, "ghp workflow cancel")?,
    };
    if run.from != by {
        require_own_or_lead(project, &run.from, "taking another's run back")?;
    }
    let why = args.message.as_deref();
    let why = why.map(|why| one_line(why, "reason")).transpose()?;
    let next = format!("ghp workflow cancel {}", tail(&run.id));
    text::refuse_secrets(why.as_deref().unwrap_or_default(), "reason", &next)?;
    project.decide(&by, "workflow cancel", |transaction| {
        let mut run = perform::require(transaction, &run.id)?;
        let already = run.state == Standing::Cancelled;
        if run.state == Standing::Done {
            let said = format!("run {} is done", tail(&run.id));
            return Err(Error::new(Kind::Changed, said)
                .next(format!("ghp workflow show {}", tail(&run.id))));
        }
        if !already {
            let said = format!("run {} of {} was cancelled", tail(&run.id), run.workflow);
            for (_, job) in run.jobs() {
                match (job.state, job.task(), &job.question) {
                    (State::Running, Some(id), _) => take_back(transaction, id, &by, &said)?,
                    (State::Asking, _, Some(id)) => withdraw(transaction, id, &by, &said)?,
                    _ => {}
                }
            }
            run.cancel(why.clone(), clock::now());
            transaction.say(said, run.issue);
            transaction.save_run(&run)?;
        }
        Ok(Report {
            run: RunShown::of(&run, project.now()),
            already,
        })
    })
}

/// Takes a task back that is still open.
pub(super) fn take_back(
    transaction: &mut Transaction<'_>,
    id: &str,
    by: &str,
    why: &str,
) -> Result<()> {
    let Some(mut task) = transaction.load::<Task>(id)?.filter(|task| task.is_open()) else {
        return Ok(());
    };
    let holder = task.agent.clone().filter(|_| task.is_in_hand());
    if task.withdraw(by, Some(why), clock::now()).is_ok() {
        task::let_go(transaction, holder.as_deref(), false)?;
        transaction.save(&task)?;
    }
    Ok(())
}

fn withdraw(transaction: &mut Transaction<'_>, id: &str, by: &str, why: &str) -> Result<()> {
    let Some(mut question) = transaction.load::<Escalation>(id)? else {
        return Ok(());
    };
    // One that was answered meanwhile stays so.
    if question.withdraw(by, Some(why), clock::now()).is_ok() {
        transaction.save(&question)?;
    }
    Ok(())
}
