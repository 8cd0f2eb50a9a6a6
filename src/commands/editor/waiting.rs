//! Waiting for an answer in a terminal that belongs to somebody else's prompt.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::{Emit, Report};
use crate::commands::task::{Tending, let_go, load_in};
use crate::documents::paged::Paged;
use crate::domain::escape::quoted;
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

/// Waits until the task is settled, the person has had enough, or we are told to end.
pub(super) fn wait(project: &Project, task: &Task, emit: Emit<'_>) -> Result<Ended> {
    let keys = Keys::take();
    let ended = until_settled(project, task, keys.as_ref(), emit);
    if keys.is_some() {
        emit(&Report::Over {})?;
    }
    ended
}

fn until_settled(
    project: &Project,
    task: &Task,
    keys: Option<&Keys>,
    emit: Emit<'_>,
) -> Result<Ended> {
    let (tell, woken) = mpsc::channel();
    let ring = tell.clone();
    let _bell = Bell::on(project.documents(), move || {
        // Nobody listens any more: we end.
        let _ = ring.send(Woken::Document);
    })?;
    let signalled = tell.clone();
    tell_of_signals(move |told| drop(signalled.send(Woken::Signal(told))))
        .map_err(crate::commands::system("listen for signals"))?;
    if let Some(keys) = keys {
        keys.listen(move |key| {
            let ends = matches!(key, b'q' | b'e' | CTRL_C);
            tell.send(Woken::Key(key)).is_ok() && !ends
        });
    }
    let mut tending = Tending::default();
    let begun = Instant::now();
    let deadline = begun + project.config()?.editor_timeout()?.to_std();
    loop {
        project.refresh()?;
        let now = match look(project, task, &mut tending) {
            Ok(Ok(settled)) => return Ok(Ended::Settled(settled)),
            Ok(Err(open)) => Some(open),
            // It is being saved, or busy: looked at again.
            Err(error) if error.kind == Kind::Unreadable || error.kind.retryable() => None,
            Err(error) => return Err(error),
        };
        if let (Some(now), true) = (&now, keys.is_some()) {
            emit(&Report::Progress {
                progress: progress(now, begun.elapsed()),
            })?;
        }
        let pause = if keys.is_some() { REDRAW } else { LOOK };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Ended::Stopped);
        }
        match woken.recv_timeout(left.min(pause)) {
            Ok(Woken::Key(b'q')) => return Ok(Ended::Left),
            Ok(Woken::Key(b'e')) => return take_back(project, task, Ended::Edit),
            Ok(Woken::Key(CTRL_C) | Woken::Signal(Told::Interrupt)) => {
                return take_back(project, task, Ended::Cancelled);
            }
            Ok(Woken::Signal(Told::End)) => return Ok(Ended::Stopped),
            Ok(Woken::Key(_) | Woken::Document) | Err(RecvTimeoutError::Timeout) => {}
            // The bell lives as long as we do.
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(pause),
        }
    }
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
    format!("ghp: {state} {waited} | q: leave it, e: edit, ^C: cancel | {title}")
}
