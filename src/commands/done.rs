//! `ghp done`: answer the task in hand.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde::Serialize;

use super::matter::{self, Decided, Matter, Name};
use super::role_of_caller;
use super::task::{self, let_go, load_in, routing};
use super::text::{self, Message};
use crate::documents::paged::Paged;
use crate::domain::agent::Role;
use crate::domain::escape;
use crate::domain::task::{Status, Task};
use crate::domain::waiting::{Core, Kind as Waiting, Waits, tail};
use crate::error::{Error, Kind, Result};
use crate::host::clock;
use crate::project::{Caller, Project};
use crate::store::Transaction;

/// Answer the task in hand
///
/// The answer goes to whoever delegated it. This is about tasks alone: an issue is finished by `ghp issue close`. Said
/// again with the same words it changes nothing; with others it is refused (exit 5).
#[derive(Debug, Default, ClapArgs)]
#[command(mut_args(text::message("TEXT", "The answer")))]
pub struct Args {
    /// Which task (default: the one in hand)
    pub id: Option<String>,
    #[command(flatten)]
    pub text: Message,
    /// A file that belongs to the answer (repeatable); its path is noted
    #[arg(long = "attach", value_name = "FILE")]
    pub attach: Vec<PathBuf>,
}

/// The task as it now stands.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Report {
    /// It.
    pub task: Decided,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let answer = args.text.read("done")?;
    text::refuse_secrets(&answer, "answer", "ghp done -F FILE")?;
    let answer = answer.trim();
    let attachments = args
        .attach
        .iter()
        .map(|file| attachment(project, file))
        .collect::<Result<Vec<_>>>()?;
    let name = match &args.id {
        Some(id) => task::name(project, id, "done")?,
        None => in_hand(project, "done", Some(answer))?,
    };
    let (task, fresh) = finish(project, "done", &name, &by, |task, at| {
        task.finish(&by, answer, &attachments, at)
    })?;
    Ok(Report {
        task: Decided {
            already: !fresh,
            ..Decided::of(&Matter::Task(task))
        },
    })
}

/// The absolute path of a file that is there.
fn attachment(project: &Project, file: &Path) -> Result<String> {
    let path = project.here().join(file);
    let shown = || escape::one_line(&file.display().to_string(), 200);
    let wrong = |why: String| Error::new(Kind::Usage, why).next("ghp done --help");
    let found = path
        .canonicalize()
        .map_err(|error| wrong(format!("cannot attach {}", shown())).because(error))?;
    match found.to_str() {
        _ if !found.is_file() => Err(wrong(format!("{} is no regular file", shown()))),
        Some(path) => Ok(path.to_owned()),
        None => Err(wrong(format!("the name of {} is not UTF-8", shown()))),
    }
}

/// The task that the caller has in hand. Where it has none: the only one that waits for it by name; or, when it says its
/// last answer again, that one.
pub(crate) fn in_hand(project: &Project, verb: &str, answer: Option<&str>) -> Result<Name> {
    let me = match project.caller()? {
        Caller::Agent(me) => me.as_str(),
        Caller::Human(_) | Caller::Unnamed(_) => {
            project.by()?;
            return Err(Error::new(
                Kind::Usage,
                format!("{verb} which? a person has no task in hand"),
            )
            .next("ghp tasks"));
        }
    };
    let open = task::open(project)?;
    let named = |task: &Paged<Task>| Name {
        kind: Waiting::Task,
        id: task.core.id.clone(),
    };
    let mine: Vec<&Paged<Task>> = open.iter().filter(|it| it.is_in_hand_of(me)).collect();
    if let [only] = mine.as_slice() {
        return Ok(named(only));
    }
    if mine.is_empty() {
        let past = past(project, me)?;
        if let Some(last) = last_answered(&past, me)
            && answer.is_some_and(|answer| last.answer.as_deref().unwrap_or_default() == answer)
        {
            return Ok(named(last));
        }
        let waiting: Vec<&Paged<Task>> = open
            .iter()
            .filter(|it| it.agent.as_deref() == Some(me))
            .collect();
        if let [only] = waiting.as_slice() {
            return match last_begun(&past, me) {
                Some(begun) if begun.status == Status::Cancelled => {
                    Err(cancelled(begun, &only.core))
                }
                _ => Ok(named(only)),
            };
        }
        let said = format!("{verb} what? {me} has no task in hand");
        return Err(Error::new(Kind::NotFound, said).next("ghp next"));
    }
    let lines = mine
        .iter()
        .map(|it| (it.core.id.clone(), it.core.title.clone()));
    Err(matter::several(
        &format!("{verb} which?"),
        lines,
        &format!("ghp {verb}"),
    ))
}

/// The tasks, settled ones too, that name the agent.
fn past(project: &Project, me: &str) -> Result<Vec<Paged<Task>>> {
    let all = matter::all(project, &[Waiting::Task], |_, text| text.contains(me))?;
    Ok(task::of(all))
}

/// What the agent answered last.
fn last_answered<'t>(past: &'t [Paged<Task>], me: &str) -> Option<&'t Paged<Task>> {
    past.iter()
        .filter(|it| it.status == Status::Done && it.core.by.as_deref() == Some(me))
        .max_by_key(|it| it.core.decided_at)
}

/// The task that the agent began last, whatever became of it.
fn last_begun<'t>(past: &'t [Paged<Task>], me: &str) -> Option<&'t Paged<Task>> {
    past.iter()
        .filter(|it| it.agent.as_deref() == Some(me) && it.working_at.is_some())
        .max_by_key(|it| it.working_at)
}

/// Whoever does not know that its task was cancelled must not answer the next one with it.
fn cancelled(begun: &Task, next: &Core) -> Error {
    let (short, title) = (
        tail(&begun.core.id),
        escape::one_line(&begun.core.title, 80),
    );
    let by = begun.core.by.as_deref().unwrap_or("somebody");
    let said = format!("{short} (\"{title}\"), which you had in hand, was cancelled by {by}");
    Error::new(Kind::Changed, said)
        .hint("the next one waits")
        .next(format!("ghp task take {}", tail(&next.id)))
}

/// Settles a task by `settle`, as one decision; `false`: it was settled so.
pub(crate) fn finish(
    project: &Project,
    verb: &str,
    name: &Name,
    by: &str,
    mut settle: impl FnMut(
        &mut Task,
        crate::domain::time::Timestamp,
    ) -> std::result::Result<bool, crate::domain::waiting::Settled>,
) -> Result<(Paged<Task>, bool)> {
    let role = role_of_caller(project)?;
    project.decide(by, verb, |transaction| {
        let mut task = load_in(transaction, &name.id)?;
        require_doer(transaction, &task, by, role)?;
        let now = clock::now();
        let doer = task.agent.clone();
        if task.agent.is_none() && role != Role::Human {
            task.hand_over(by, now);
        }
        let fresh = settle(&mut task, now)
            .map_err(|_| matter::settled(&Matter::Task(task.clone()), now))?;
        if fresh {
            let doer = doer.or_else(|| task.agent.clone());
            let_go(transaction, doer.as_deref(), task.status == Status::Done)?;
            let what = if task.status == Status::Done {
                "answered"
            } else {
                "gave up"
            };
            transaction.say(
                format!("{what} {}: {}", tail(&task.core.id), task.core.title),
                task.core.issue,
            );
            transaction.save(&task)?;
        }
        Ok((task, fresh))
    })
}

/// Refuses whoever neither does it nor may do it nor leads.
fn require_doer(
    transaction: &mut Transaction<'_>,
    task: &Task,
    by: &str,
    role: Role,
) -> Result<()> {
    let kind = routing::kind_of(transaction.board()?, by);
    let leads = matches!(role, Role::Human | Role::Orchestrator);
    if leads || task.is_for(by, kind.as_deref()) {
        return Ok(());
    }
    let short = tail(&task.core.id);
    let whose = task.agent.as_deref().or(task.core.to.as_deref());
    let whose = escape::one_line(whose.unwrap_or("nobody"), 64);
    let said = if task.is_open() {
        format!("{short} is {whose}'s now: it answers it, not {by}")
    } else {
        format!("{short} was {whose}'s, and is {}", task.status())
    };
    Err(Error::new(Kind::NotAuthorised, said)
        .hint("say what you know below it")
        .next(format!("ghp reply {short} \"…\"")))
}
