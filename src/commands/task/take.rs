//! `ghp task take`: an agent takes a task in hand.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::{load_in, lost, name, open, routing};
use crate::commands::matter::{self, Decided, Matter, Name};
use crate::commands::presence;
use crate::documents::task::context;
use crate::domain::escape;
use crate::domain::task::{Refusal, Task};
use crate::domain::waiting::{Kind as Waiting, tail};
use crate::error::{Error, Kind, Result};
use crate::host::{clock, process};
use crate::project::Project;

/// Take a task in hand and begin: prints the prompt
///
/// Of several agents that a task is for, one gets it; the others exit 4. An agent has one task in hand at a time, or as
/// many as its profile's capacity says. Looking at a task (`task show`, `next`, `inbox`) takes nothing.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which (default: the next in turn)
    pub id: Option<String>,
}

/// The task in hand.
#[derive(Debug, Serialize)]
pub struct Report {
    /// As it now stands.
    #[serde(flatten)]
    pub task: Decided,
    /// What the sender's session knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// What an agent of the profile is told of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persona: Option<String>,
    /// The command to run when it is done.
    pub next: String,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let me = project.me()?.clone();
    let asker = process::parent();
    lost::look(project)?;
    let name = match &args.id {
        Some(id) => name(project, id, "task take")?,
        None => next_in_turn(project, me.as_str())?,
    };
    let (task, fresh) = project.decide(me.as_str(), "task take", |transaction| {
        let mut task = load_in(transaction, &name.id)?;
        let kind = routing::kind_of(transaction.board()?, me.as_str());
        if task.agent.is_none() && !task.is_for(me.as_str(), kind.as_deref()) {
            return Err(not_for(&task, me.as_str()));
        }
        let now = clock::now();
        let fresh = task
            .take(me.as_str(), now)
            .map_err(|refusal| match refusal {
                Refusal::Taken(other) => taken(&task, &other),
                Refusal::Settled => matter::settled(&Matter::Task(task.clone()), now),
            })?;
        if fresh {
            require_free_hand(project, me.as_str(), kind.as_deref(), &task.core.id)?;
            transaction
                .entry(me.as_str())?
                .begin_task(&task.core.title, now);
            transaction.say(
                format!("took {}: {}", tail(&task.core.id), task.core.title),
                task.core.issue,
            );
            transaction.save(&task)?;
        }
        Ok((task, fresh))
    })?;
    // Whoever asked may have been killed meanwhile; nobody would know it otherwise.
    if process::parent() == asker {
        presence::note(project, &me);
    } else {
        presence::note_process(project, &me, Some(asker))?;
    }
    let context = context(&task.core.body);
    let persona = routing::persona(project, &task)?;
    let short = tail(&task.core.id).to_owned();
    Ok(Report {
        task: Decided {
            already: !fresh,
            ..Decided::of(&Matter::Task(task))
        },
        context,
        persona,
        next: format!("ghp done {short} -m \"…\""),
    })
}

/// What the agent has in hand, else the first that it may take.
fn next_in_turn(project: &Project, me: &str) -> Result<Name> {
    let kind = routing::kind_of(&project.store()?.status()?, me);
    let open = open(project)?;
    let mine = |task: &&_| -> bool {
        let task: &Task = task;
        task.is_for(me, kind.as_deref())
    };
    let waits = |task: &&_| -> bool {
        let task: &Task = task;
        task.status != crate::domain::task::Status::Blocked
    };
    let first = open
        .iter()
        .filter(|task| waits(&&***task))
        .find(|task| mine(&&***task));
    match first {
        Some(task) => Ok(Name {
            kind: Waiting::Task,
            id: task.core.id.clone(),
        }),
        None => Err(
            Error::new(Kind::NotFound, format!("no task waits for {me}")).next("ghp next --wait"),
        ),
    }
}

/// Refuses an agent that has as much in hand as it can hold.
fn require_free_hand(
    project: &Project,
    me: &str,
    kind: Option<&str>,
    other_than: &str,
) -> Result<()> {
    let open = open(project)?;
    let in_hand: Vec<&Task> = open
        .iter()
        .map(|task| &**task)
        .filter(|task| task.is_in_hand_of(me) && task.core.id != other_than)
        .collect();
    let capacity = routing::capacity(project, me, kind)?;
    match in_hand.first() {
        Some(first) if in_hand.len() as u64 >= capacity => {
            let short = tail(&first.core.id);
            let title = escape::one_line(&first.core.title, 80);
            Err(
                Error::new(Kind::Conflict, format!("you have {short} in hand: {title}"))
                    .hint("answer that first")
                    .next(format!("ghp done {short} -m \"…\"")),
            )
        }
        _ => Ok(()),
    }
}

fn not_for(task: &Task, me: &str) -> Error {
    let short = tail(&task.core.id);
    let to = escape::one_line(task.core.to.as_deref().unwrap_or("nobody"), 64);
    Error::new(
        Kind::NotAuthorised,
        format!("{short} is for {to}, not for {me}"),
    )
    .hint("take another")
    .next("ghp next")
}

fn taken(task: &Task, other: &str) -> Error {
    let short = tail(&task.core.id);
    let other = escape::one_line(other, 64);
    Error::new(Kind::ClaimHeld, format!("{short} is {other}'s"))
        .hint("take another")
        .next("ghp next")
}
