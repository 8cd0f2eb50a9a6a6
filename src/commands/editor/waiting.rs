//! Waiting for an answer in a terminal that belongs to somebody else's prompt.

use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use super::{Emit, Report};
use crate::commands::session;
use crate::commands::task::{Tending, let_go, load_in};
use crate::documents::paged::Paged;
use crate::domain::escape::{one_line, quoted};
use crate::domain::task::{Status, Task};
use crate::domain::time::span;
use crate::domain::waiting::{Waits, tail};
use crate::error::{Kind, Result};
use crate::host::clock;
use crate::host::keys::{CTRL_C, Keys};
use crate::host::signals::{Told, tell_of_signals};
use crate::host::watch::Bell;
use crate::project::Project;

/// How the wait ended.
pub(super) enum Ended {
    /// There is an answer, or there will be none.
    Settled(Box<Paged<Task>>),
    /// The person leaves it running.
    Left,
    /// The person took it back.
    Cancelled,
    /// The person took it back and edits the prompt.
    Edit,
    /// We are to end, or waited long enough; it goes on.
    Stopped,
}

/// What wakes us.
enum Woken {
    Document,
    Key(u8),
    Signal(Told),
}

/// How often a person sees that time passes; without one, how often lost agents are looked for.
const REDRAW: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_secs(5);

/// Somebody who waits for a task. Signals are heard from the beginning to the end, also while the person looks elsewhere.
pub(super) struct Waiting<'p> {
    project: &'p Project,
    task: &'p Task,
    begun: Instant,
    deadline: Instant,
    tell: Sender<Woken>,
    woken: Receiver<Woken>,
    _bell: Bell,
}

impl<'p> Waiting<'p> {
    pub(super) fn begin(project: &'p Project, task: &'p Task) -> Result<Waiting<'p>> {
        let (tell, woken) = mpsc::channel();
        let ring = tell.clone();
        let bell = Bell::on(project.documents(), move || {
            // Nobody listens any more: we end.
            let _ = ring.send(Woken::Document);
        })?;
        let signalled = tell.clone();
        tell_of_signals(move |told| drop(signalled.send(Woken::Signal(told))))
            .map_err(crate::commands::system("listen for signals"))?;
        let begun = Instant::now();
        Ok(Waiting {
            project,
            task,
            begun,
            deadline: begun + project.config()?.editor_timeout()?.to_std(),
            tell,
            woken,
            _bell: bell,
        })
    }

    /// Waits until the task is settled, the person has had enough, or we are told to end.
    pub(super) fn wait(&self, emit: Emit<'_>) -> Result<Ended> {
        loop {
            let keys = Keys::take();
            if let Some(keys) = &keys {
                let tell = self.tell.clone();
                keys.listen(move |key| {
                    let ends = matches!(key, b'q' | b'e' | b'a' | CTRL_C);
                    tell.send(Woken::Key(key)).is_ok() && !ends
                });
            }
            let ended = self.until_settled(keys.is_some(), emit);
            if keys.is_some() {
                emit(&Report::Over {})?;
            }
            // Whoever looks elsewhere has the terminal to themselves.
            drop(keys);
            match ended? {
                Some(ended) => return Ok(ended),
                None => self.attach(emit)?,
            }
        }
    }

    /// How it ended; `None`: the person wants to look at the agent. `seen`: somebody sits there.
    fn until_settled(&self, seen: bool, emit: Emit<'_>) -> Result<Option<Ended>> {
        let (project, task) = (self.project, self.task);
        let mut tending = Tending::default();
        loop {
            project.refresh()?;
            let now = match look(project, task, &mut tending) {
                Ok(Ok(settled)) => return Ok(Some(Ended::Settled(settled))),
                Ok(Err(open)) => Some(open),
                // It is being saved, or busy: looked at again.
                Err(error) if error.kind == Kind::Unreadable || error.kind.retryable() => None,
                Err(error) => return Err(error),
            };
            if let (Some(now), true) = (&now, seen) {
                emit(&Report::Progress {
                    progress: progress(now, self.begun.elapsed()),
                })?;
            }
            let pause = if seen { REDRAW } else { LOOK };
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Some(Ended::Stopped));
            }
            match self.woken.recv_timeout(left.min(pause)) {
                Ok(Woken::Key(b'q')) => return Ok(Some(Ended::Left)),
                Ok(Woken::Key(b'e')) => return take_back(project, task, Ended::Edit).map(Some),
                Ok(Woken::Key(b'a')) => return Ok(None),
                Ok(Woken::Key(CTRL_C) | Woken::Signal(Told::Interrupt)) => {
                    return take_back(project, task, Ended::Cancelled).map(Some);
                }
                Ok(Woken::Signal(Told::End)) => return Ok(Some(Ended::Stopped)),
                // Time has passed, or something has changed.
                Ok(Woken::Key(_) | Woken::Document) | Err(_) => {}
            }
        }
    }

    /// Joins the terminal to the session of whoever has the task, until the person leaves that or it ends.
    fn attach(&self, emit: Emit<'_>) -> Result<()> {
        let name = whose(self.project, self.task)?;
        let args = session::attach::Args { name, board: false };
        if let Err(error) = session::attach::run(self.project, args) {
            let said = one_line(&error.message, 200);
            emit(&Report::Said { said })?;
        }
        Ok(())
    }
}

/// The agent that has the task now.
fn whose(project: &Project, task: &Task) -> Result<String> {
    let now = project.store()?.load::<Task>(&task.core.id)?;
    let agent = now.and_then(|now| now.agent.clone());
    let agent = agent.or_else(|| task.agent.clone());
    Ok(agent.or_else(|| task.core.to.clone()).unwrap_or_default())
}

/// The task when it is settled, else as it stands.
fn look(
    project: &Project,
    task: &Task,
    tending: &mut Tending,
) -> Result<std::result::Result<Box<Paged<Task>>, Paged<Task>>> {
    tending.tend(project)?;
    let now = project.store()?.load::<Task>(&task.core.id)?;
    // One that is being saved may be missing for a moment.
    let now = now.unwrap_or_else(|| Paged::new(task.clone()));
    Ok(if now.is_open() {
        Err(now)
    } else {
        Ok(Box::new(now))
    })
}

/// Takes the task back, unless it was answered in this moment.
fn take_back(project: &Project, task: &Task, ended: Ended) -> Result<Ended> {
    let by = project.by()?;
    project
        .decide(&by, "cancel", |transaction| {
            let mut now = load_in(transaction, &task.core.id)?;
            let holder = now.agent.clone().filter(|_| now.is_in_hand());
            if now.withdraw(&by, None, clock::now()).is_err() {
                return Ok(Some(now));
            }
            let_go(transaction, holder.as_deref(), false)?;
            transaction.say(
                format!("took back {}: {}", tail(&now.core.id), now.core.title),
                now.core.issue,
            );
            transaction.save(&now)?;
            Ok(None)
        })
        .map(|answered| answered.map_or(ended, |task| Ended::Settled(Box::new(task))))
}

/// What the person sees, and the ways out.
fn progress(task: &Task, waited: Duration) -> String {
    let short = tail(&task.core.id);
    let to = task.agent.as_deref().or(task.core.to.as_deref());
    let to = to.unwrap_or("nobody");
    let state = match task.status {
        Status::Queued => format!("{short} waits for {to}"),
        Status::Delivered => format!("{to} has {short}"),
        Status::Blocked => format!(
            "{short} is blocked, {}",
            task.why.as_deref().unwrap_or_default()
        ),
        _ => format!("{to} works on {short}"),
    };
    let waited = span(i64::try_from(waited.as_secs()).unwrap_or(0));
    let title = quoted(&task.core.title, 24);
    format!("ghp: {state} {waited} | q: leave it, e: edit, a: attach, ^C: cancel | {title}")
}
