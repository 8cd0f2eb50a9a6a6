//! Delegated work. A task waits on an agent; whoever does it answers it.

pub(crate) mod delivery;
pub(crate) mod limited;
pub mod list;
pub(crate) mod lost;
pub mod receive;
pub mod reply;
pub mod retry;
pub(crate) mod routing;
pub mod show;
pub mod take;

use std::time::{Duration, Instant};

use super::matter::{self, Matter, Name};
use super::wait;
use crate::documents::paged::Paged;
use crate::domain::escape;
use crate::domain::id::IssueId;
use crate::domain::task::{Status, Task, in_turn};
use crate::domain::waiting::{Kind as Waiting, Waits, tail};
use crate::error::{Error, Kind, Result};
use crate::host::watch::Patience;
use crate::project::Project;
use crate::store::Transaction;

/// So often whoever waits looks after agents.
const TEND: Duration = Duration::from_secs(2);

/// The tasks that are not settled, in the order in which an agent does them.
pub(crate) fn open(project: &Project) -> Result<Vec<Paged<Task>>> {
    let mut open = of(matter::open(project, &[Waiting::Task])?);
    open.sort_by(|a, b| in_turn(a, b));
    Ok(open)
}

/// The tasks among these.
pub(crate) fn of(matters: Vec<Matter>) -> Vec<Paged<Task>> {
    let task = |matter| match matter {
        Matter::Task(task) => Some(task),
        _ => None,
    };
    matters.into_iter().filter_map(task).collect()
}

/// The task that a word means; another kind's id is refused, and an issue's number. `verb`: who asks.
pub(crate) fn name(project: &Project, word: &str, verb: &str) -> Result<Name> {
    if let Ok(issue) = word.parse::<IssueId>() {
        let next = match verb {
            "done" => format!("ghp issue close {}", issue.0),
            _ => format!("ghp issue show {}", issue.0),
        };
        let said = format!("{issue} is an issue, not a task");
        return Err(Error::new(Kind::Usage, said).next(next));
    }
    let name = matter::name(project, word)?;
    if name.kind == Waiting::Task {
        return Ok(name);
    }
    let short = tail(&name.id);
    let said = format!("{short} is no task, but a {}", name.kind.noun());
    Err(Error::new(Kind::Usage, said).next(format!("ghp show {short}")))
}

/// Reads one as part of a decision.
pub(crate) fn load_in(transaction: &mut Transaction<'_>, id: &str) -> Result<Paged<Task>> {
    transaction
        .load::<Task>(id)?
        .ok_or_else(|| Error::new(Kind::NotFound, format!("task {id} is gone")).next("ghp doctor"))
}

/// The agent has this task no more.
pub(crate) fn let_go(
    transaction: &mut Transaction<'_>,
    agent: Option<&str>,
    done: bool,
) -> Result<()> {
    if let Some(agent) = agent
        && let Some(entry) = transaction.known(agent)?
    {
        entry.end_task(done);
    }
    Ok(())
}

/// Hands an agent the next task of its queue that is `wanted`; `None`: it has one in hand, or none waits. `by`: who does it.
pub(crate) fn hand_over(
    project: &Project,
    by: &str,
    agent: &str,
    wanted: impl Fn(&Task) -> bool,
) -> Result<Option<Paged<Task>>> {
    let next = |open: Vec<Paged<Task>>, kind: Option<&str>| {
        let is_busy = open.iter().any(|task| task.is_in_hand_of(agent));
        let is_next = |task: &Paged<Task>| {
            task.status == Status::Queued && task.is_for(agent, kind) && wanted(task)
        };
        open.into_iter().find(is_next).filter(|_| !is_busy)
    };
    // Looked at first: mostly there is nothing to decide.
    let kind = routing::kind_of(&project.store()?.status()?, agent);
    if next(open(project)?, kind.as_deref()).is_none() {
        return Ok(None);
    }
    project.decide(by, "delegate", |transaction| {
        // The lock is held: what is read beside the transaction cannot change.
        let Some(found) = next(open(project)?, kind.as_deref()) else {
            return Ok(None);
        };
        let mut task = load_in(transaction, &found.core.id)?;
        let now = crate::host::clock::now();
        task.hand_over(agent, now);
        transaction.entry(agent)?.begin_task(&task.core.title, now);
        transaction.say(
            format!(
                "handed {} to {agent}: {}",
                tail(&task.core.id),
                task.core.title
            ),
            task.core.issue,
        );
        transaction.save(&task)?;
        Ok(Some(task))
    })
}

/// Waits until all of these are settled; meanwhile what a lost agent had goes back to the queue.
pub(crate) fn settled(
    project: &Project,
    names: &[Name],
    patience: Patience,
) -> Result<Vec<Paged<Task>>> {
    let mut tending = Tending::default();
    let mut open = Vec::new();
    let found = wait::until(project, patience, || {
        for line in tending.tend(project)? {
            project.warn(line);
        }
        let mut found = Vec::new();
        open.clear();
        for name in names {
            // One that is being saved may be missing for a moment.
            match project.store()?.load::<Task>(&name.id)? {
                Some(task) if !task.is_open() => found.push(task),
                _ => open.push(tail(&name.id)),
            }
        }
        Ok(Some(found).filter(|found| found.len() == names.len()))
    })?;
    found.ok_or_else(|| {
        let shown = |ids: &[&str]| escape::one_line(&ids.join(" "), 200);
        let all: Vec<&str> = names.iter().map(|name| tail(&name.id)).collect();
        let ids = shown(&all);
        Error::new(Kind::TimedOut, format!("not done yet: {}", shown(&open)))
            .hint("it goes on; wait on")
            .next(format!("ghp collect {ids}"))
    })
}

/// What whoever waits does for the tasks meanwhile, now and then: lost agents are noticed, free ones are given work.
#[derive(Debug, Default)]
pub(crate) struct Tending {
    last: Option<Instant>,
}

impl Tending {
    /// Does it, unless it was done just now; a line for each agent that was lost.
    pub(crate) fn tend(&mut self, project: &Project) -> Result<Vec<String>> {
        if self.last.is_some_and(|last| last.elapsed() < TEND) {
            return Ok(Vec::new());
        }
        let lost = lost::look(project)?;
        delivery::push(project);
        self.last = Some(Instant::now());
        Ok(lost)
    }
}

/// Their sender has read the answers; nobody else's reading counts.
pub(crate) fn note_collected(project: &Project, tasks: &mut [Paged<Task>]) -> Result<()> {
    let by = project.by()?;
    let is_new = |task: &Task| task.core.from == by && task.collected_at.is_none();
    if !tasks.iter().any(|task| is_new(task)) {
        return Ok(());
    }
    project.decide(&by, "collect", |transaction| {
        for task in tasks.iter_mut().filter(|task| is_new(task)) {
            let mut now = load_in(transaction, &task.core.id)?;
            if !now.is_open() {
                now.collected_at = Some(crate::host::clock::now());
                transaction.save(&now)?;
                transaction.say(
                    format!("read the answer to {}", tail(&now.core.id)),
                    now.core.issue,
                );
                *task = now;
            }
        }
        Ok(())
    })
}
