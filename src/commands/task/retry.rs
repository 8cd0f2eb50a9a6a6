//! `ghp task retry`: a task goes back to the queue.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::{let_go, load_in, name, open, routing};
use crate::commands::matter::{self, Decided, Matter};
use crate::commands::role_of_caller;
use crate::domain::agent::Role;
use crate::domain::escape;
use crate::domain::task::route::{Addressee, route};
use crate::domain::waiting::tail;
use crate::error::{Error, Kind, Result};
use crate::host::clock;
use crate::project::Project;

/// Try a task again that failed, is blocked, was taken back, or is in the wrong hands
///
/// It goes to whom it was addressed, as if it were new, with one attempt more once it is begun. For its sender,
/// orchestrators and people.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which
    pub id: String,
}

/// The task in the queue.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Report {
    /// As it now stands.
    pub task: Decided,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let name = name(project, &args.id, "task retry")?;
    let role = role_of_caller(project)?;
    let (task, fresh) = project.decide(&by, "task retry", |transaction| {
        let mut task = load_in(transaction, &name.id)?;
        let short = tail(&task.core.id).to_owned();
        if task.core.from != by && !matches!(role, Role::Human | Role::Orchestrator) {
            let whose = escape::one_line(&task.core.from, 64);
            let said =
                format!("{short} is {whose}'s: it, an orchestrator or a person tries it again");
            return Err(Error::new(Kind::NotAuthorised, said)
                .hint("tell its sender")
                .next(format!("ghp reply {short} \"…\"")));
        }
        let holder = task.agent.clone().filter(|_| task.is_in_hand());
        let fresh = task
            .retry(clock::now())
            .map_err(|_| matter::settled(&Matter::Task(task.clone()), clock::now()))?;
        if fresh {
            let_go(transaction, holder.as_deref(), false)?;
            let to = task.core.to.clone().unwrap_or_default();
            let to = routing::addressee(project, &to)?;
            if !matches!(to, Addressee::Agent(_)) {
                let agents = routing::agents(project, transaction.board()?, &open(project)?)?;
                let way = route(&to, &task.core.from, &agents);
                task.agent = way.agent.filter(|_| !way.spawn);
                task.route = Some(way.why);
            }
            transaction.say(format!("tried again: {}", task.core.title), task.core.issue);
            transaction.save(&task)?;
        }
        Ok((task, fresh))
    })?;
    super::delivery::push(project);
    Ok(Report {
        task: Decided {
            already: !fresh,
            ..Decided::of(&Matter::Task(task))
        },
    })
}
