//! What has become of a run's tasks and questions since it was last looked at.

use crate::domain::escalation::Escalation;
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;
use crate::domain::waiting::tail;
use crate::domain::workflow::progress::Place;
use crate::domain::workflow::run::{Job, Run, State};
use crate::domain::workflow::{Step, Workflow};
use crate::error::Result;
use crate::project::Project;

/// What became of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A person said yes, with these words.
    Approved(String),
    /// A person said no, or took the task back: it is over.
    Over(String),
    /// The attempt failed.
    Failed(String),
    /// The attempt took too long; this task is still open.
    TooLong(String),
    /// Its task is answered.
    Answered,
    /// The question is gone: it has to be asked again.
    Gone,
}

/// A job as it was when something became of it.
#[derive(Debug)]
pub(super) struct Seen {
    pub place: Place,
    /// The attempt that it is about: a later one is left alone.
    pub attempt: u64,
    pub state: State,
    pub outcome: Outcome,
}

/// Looks at the documents of every job that waits for one.
pub(super) fn look(project: &Project, workflow: &Workflow, run: &Run) -> Result<Vec<Seen>> {
    let mut seen = Vec::new();
    for (step, (written, progress)) in workflow.steps.iter().zip(&run.steps).enumerate() {
        for (number, job) in progress.jobs.iter().enumerate() {
            let outcome = match job.state {
                State::Asking => asked(project, job)?,
                State::Running => delegated(project, written, job)?,
                _ => None,
            };
            let place = Place { step, job: number };
            seen.extend(outcome.map(|outcome| Seen {
                place,
                attempt: job.attempts,
                state: job.state,
                outcome,
            }));
        }
    }
    Ok(seen)
}

fn asked(project: &Project, job: &Job) -> Result<Option<Outcome>> {
    let id = job.question.as_deref().unwrap_or_default();
    let Some(question) = project.store()?.load::<Escalation>(id)? else {
        return Ok(Some(Outcome::Gone));
    };
    let by = question.core.by.as_deref().unwrap_or("a person");
    if question.withdrawn {
        return Ok(Some(Outcome::Over(format!("{by} took the question back"))));
    }
    Ok(question.decision.as_ref().map(|decision| {
        let why = question.why.as_ref().map(|why| format!(": {why}"));
        let why = why.unwrap_or_default();
        // Anything but a yes stops it: what was meant otherwise can be said again, what was done cannot.
        match decision.choice {
            Some(1) => Outcome::Approved(format!("{}{why}", decision.text)),
            Some(_) => Outcome::Over(format!("{by} said no{why}")),
            None => Outcome::Over(format!(
                "{by} said \"{}\", which is no yes{why}",
                decision.text
            )),
        }
    }))
}

fn delegated(project: &Project, step: &Step, job: &Job) -> Result<Option<Outcome>> {
    let id = job.task().unwrap_or_default();
    let Some(task) = project.store()?.load::<Task>(id)? else {
        return Ok(Some(Outcome::Failed(format!("its task {id} is gone"))));
    };
    let short = tail(id);
    let why = task.why.as_ref().map(|why| format!(": {why}"));
    let why = why.unwrap_or_default();
    Ok(match task.status {
        Status::Done => Some(Outcome::Answered),
        Status::Failed => Some(Outcome::Failed(format!("task {short} failed{why}"))),
        Status::Cancelled => Some(Outcome::Over(format!("task {short} was taken back{why}"))),
        _ if is_late(step, job, project.now()) => Some(Outcome::TooLong(id.to_owned())),
        _ => None,
    })
}

fn is_late(step: &Step, job: &Job, now: Timestamp) -> bool {
    until(step, job).is_some_and(|until| now >= until)
}

/// When an attempt has taken too long.
pub(super) fn until(step: &Step, job: &Job) -> Option<Timestamp> {
    Some(job.began_at?.plus(step.timeout?))
}

/// Whether it still waits for this.
pub(super) fn is_current(job: &Job, seen: &Seen) -> bool {
    job.state == seen.state && job.attempts == seen.attempt
}

/// Notes on a job what became of it.
pub(super) fn apply(step: &Step, job: &mut Job, outcome: &Outcome, now: Timestamp) {
    match outcome {
        Outcome::Approved(words) => {
            job.approve();
            job.output = (step.to.is_none() && step.check.is_empty()).then(|| words.clone());
        }
        Outcome::Gone => {
            job.state = State::Waiting;
            job.question = None;
        }
        Outcome::Over(why) => job.refuse(why.clone(), now),
        Outcome::Failed(why) => job.fail(why.clone(), step.retries, now),
        Outcome::TooLong(id) => {
            let why = format!("task {} took longer than {}", tail(id), limit(step));
            job.fail(why, step.retries, now);
        }
        Outcome::Answered if step.check.is_empty() => job.finish(now),
        Outcome::Answered => job.check(now),
    }
}

fn limit(step: &Step) -> String {
    step.timeout
        .map(|timeout| timeout.to_string())
        .unwrap_or_default()
}
