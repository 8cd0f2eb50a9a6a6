//! `ghp workflow resume`: go on with a run where it stood.

use clap::Args as ClapArgs;

pub use super::drive::Report;
use super::{drive, perform, require_run};
use crate::commands::require_own_or_lead;
use crate::domain::waiting::tail;
use crate::domain::workflow::run::Standing;
use crate::error::{Error, Kind, Result};
use crate::host::watch::Patience;
use crate::project::Project;

/// Go on with a run where it stood
///
/// Nothing that is done is done again; a task that is with an agent stays there. Of a run that failed, what failed is
/// tried again, with all its retries.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// The run (default: the only one that goes on)
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Drive it for this long at most (exit 9); it stands
    #[arg(long, value_name = "DUR", num_args = 0..=1, default_missing_value = "forever")]
    pub wait: Option<Patience>,
    /// Go on without this terminal, in a session of its own (`ghp session list`, `output`, `stop`)
    #[arg(long)]
    pub detach: bool,
}

/// Runs the verb.
pub fn run(
    project: &Project,
    args: Args,
    emit: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<()> {
    let by = project.by()?;
    let run = match &args.id {
        Some(id) => require_run(project, id)?,
        None => super::only(project, "ghp workflow resume")?,
    };
    if run.from != by {
        require_own_or_lead(project, &run.from, "driving another's run")?;
    }
    if run.state == Standing::Cancelled {
        let said = format!("run {} was cancelled", tail(&run.id));
        return Err(Error::new(Kind::Changed, said)
            .hint("begin another")
            .next(format!("ghp workflow run {}", run.workflow)));
    }
    if run.state == Standing::Failed {
        project.decide(&by, "workflow resume", |transaction| {
            let mut run = perform::require(transaction, &run.id)?;
            if run.reopen() {
                transaction.say(
                    format!("resumed run {} of {}", tail(&run.id), run.workflow),
                    run.issue,
                );
                transaction.save_run(&run)?;
            }
            Ok(())
        })?;
    }
    if args.detach {
        return drive::detach(project, &run.id, args.wait, emit);
    }
    drive::drive(
        project,
        &run.id,
        args.wait.unwrap_or(Patience::Forever),
        emit,
    )
}
