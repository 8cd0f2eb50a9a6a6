//! Driving a run: whoever does so does what is ready, waits for documents to change, and may be killed at any moment.
//! What stands in the documents is all there is; another driver goes on from it.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::perform::Driver;
use super::show::RunShown;
use super::{Definition, definition_of, observe, require_run, trust};
use crate::commands::detached::{self, Detached};
use crate::commands::task::{Tending, delivery};
use crate::domain::id::AgentId;
use crate::domain::waiting::tail;
use crate::domain::workflow::progress::{Ready, ready};
use crate::domain::workflow::run::{Run, Standing, State};
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::host::signals::Stop;
use crate::host::watch::Patience;
use crate::project::Project;

/// How far it is, or what it came to.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// A step has come further.
    Step(Moved),
    /// It has ended.
    Ended(Box<RunShown>),
    /// It goes on by itself.
    Detached(Box<Left>),
}

/// A step has come further.
#[derive(Debug, Serialize)]
pub struct Moved {
    /// The run.
    pub id: String,
    /// The step.
    pub step: String,
    /// Where it stands.
    pub state: State,
    /// How many jobs of it are done, and how many there are; when there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jobs: Option<(usize, usize)>,
    /// What it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits: Option<String>,
}

/// A run that goes on without us.
#[derive(Debug, Serialize)]
pub struct Left {
    /// The run.
    pub run: String,
    /// What drives it.
    #[serde(flatten)]
    pub driver: Detached,
}

impl Report {
    /// How the command ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Report::Ended(run) if run.state != Standing::Done => Exit::Failed,
            _ => Exit::Done,
        }
    }
}

type Emit<'e> = &'e mut dyn FnMut(&Report) -> Result<()>;

/// Drives a run to its end, or for as long as patience lasts.
pub(super) fn drive(project: &Project, id: &str, patience: Patience, emit: Emit<'_>) -> Result<()> {
    let deadline = patience.deadline();
    let _lock = project
        .store()?
        .drive(id)
        .map_err(|error| driven(id, error.into()))?;
    let mortal = Arc::new(AtomicBool::new(true));
    let stop =
        Stop::listen_unless(&mortal).map_err(crate::commands::system("listen for signals"))?;
    let mut run = require_run(project, id)?;
    let definition = definition_of(&run)?;
    fits(&definition, &run)?;
    trust::require(project, &definition, &run.workflow)?;
    let driver = Driver {
        project,
        definition: &definition,
        id,
        by: project.by()?,
        stop: &stop,
        mortal: &mortal,
        stopped: Cell::new(false),
    };
    let watch = project.watch()?;
    let mut tending = Tending::default();
    loop {
        project.refresh()?;
        let before = run;
        run = require_run(project, id)?;
        told(&before, &run, emit)?;
        if run.state != Standing::Running {
            return emit(&Report::Ended(Box::new(RunShown::of(&run, project.now()))));
        }
        if advance(&driver, &mut run, &mut tending, emit)? {
            if driver.stopped.get() {
                let said = "stopped while a check ran; it will be made again";
                return Err(left(Kind::Failed, &run, said));
            }
            continue;
        }
        let wake = [deadline, late(&definition, &run, project)];
        let wake = wake.into_iter().flatten().min();
        let is_over = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if is_over || !watch.changed(wake)? && wake == deadline {
            let said = format!("{} of {} steps are done", run.done(), run.steps.len());
            return Err(left(Kind::TimedOut, &run, &said));
        }
    }
}

/// Has a run driven in a session of its own, which outlives our terminal.
pub(super) fn detach(
    project: &Project,
    id: &str,
    patience: Option<Patience>,
    emit: Emit<'_>,
) -> Result<()> {
    let name = format!("run-{}", tail(id)).parse::<AgentId>()?;
    let mut words: Vec<String> = ["workflow", "resume", id].map(str::to_owned).to_vec();
    if let Some(Patience::For(span)) = patience {
        words.push(format!("--wait={span}"));
    }
    let driver = detached::start(project, &name, words)?;
    emit(&Report::Detached(Box::new(Left {
        run: id.to_owned(),
        driver: Detached {
            next: format!("ghp workflow show {}", tail(id)),
            ..driver
        },
    })))
}

/// Does what is to be done; `false`: nothing is, before a document changes.
fn advance(
    driver: &Driver<'_>,
    run: &mut Run,
    tending: &mut Tending,
    emit: Emit<'_>,
) -> Result<bool> {
    let workflow = &driver.definition.workflow;
    for line in tending.tend(driver.project)? {
        driver.project.warn(line);
    }
    let seen = observe::look(driver.project, workflow, run)?;
    if !seen.is_empty() {
        let now = driver.note(&seen)?;
        told(&std::mem::replace(run, now), run, emit)?;
    }
    let all = in_turn(ready(workflow, run));
    for next in &all {
        // After a failure nothing new begins.
        if !ready(workflow, run).contains(next) {
            continue;
        }
        let now = driver.perform(run, *next)?;
        told(&std::mem::replace(run, now), run, emit)?;
        // A check takes its time: what became of the others meanwhile comes first.
        if matches!(next, Ready::Check(_)) || run.state != Standing::Running {
            break;
        }
    }
    if all.iter().any(|next| matches!(next, Ready::Delegate(_))) {
        delivery::push(driver.project);
    }
    Ok(!seen.is_empty() || !all.is_empty())
}

/// Checks last: everything that others can work on is given to them before.
fn in_turn(mut ready: Vec<Ready>) -> Vec<Ready> {
    ready.sort_by_key(|ready| (matches!(ready, Ready::Check(_)), *ready));
    ready
}

/// When the first task will have taken too long.
fn late(definition: &Definition, run: &Run, project: &Project) -> Option<Instant> {
    let steps = definition.workflow.steps.iter().zip(&run.steps);
    let until = steps.flat_map(|(step, progress)| {
        let open = progress
            .jobs
            .iter()
            .filter(|job| job.state == State::Running);
        open.filter_map(|job| observe::until(step, job))
    });
    let left = until.min()?.since(project.now());
    Some(Instant::now() + Duration::from_secs(u64::try_from(left).unwrap_or(0).max(1)))
}

/// Tells which steps have come further.
fn told(before: &Run, now: &Run, emit: Emit<'_>) -> Result<()> {
    for step in &now.steps {
        let done = |step: &crate::domain::workflow::run::Progress| {
            let jobs = step.jobs.iter();
            jobs.filter(|job| job.state == State::Done).count()
        };
        let old = before.step(&step.step);
        if old.is_some_and(|old| old.state == step.state && done(old) == done(step)) {
            continue;
        }
        let asking = step.jobs.iter().find(|job| job.state == State::Asking);
        let question = asking.and_then(|job| job.question.as_deref());
        let task = step.jobs.iter().find(|job| job.state == State::Running);
        let task = task.and_then(|job| job.task());
        emit(&Report::Step(Moved {
            id: now.id.clone(),
            step: step.step.clone(),
            state: step.state,
            jobs: (step.jobs.len() > 1).then(|| (done(step), step.jobs.len())),
            waits: match (question, task) {
                (Some(question), _) => Some(format!("ghp answer {} yes", tail(question))),
                (None, Some(task)) => Some(format!("task {}", tail(task))),
                (None, None) => None,
            },
        }))?;
    }
    Ok(())
}

/// The document's steps must be the definition's: everything else counts on it.
fn fits(definition: &Definition, run: &Run) -> Result<()> {
    let written = definition.workflow.steps.iter().map(|step| &step.name);
    if written.eq(run.steps.iter().map(|step| &step.step)) {
        return Ok(());
    }
    let said = format!(
        "the steps of run {} are not those of its definition",
        tail(&run.id)
    );
    Err(Error::new(Kind::Unreadable, said).next("ghp log -p"))
}

fn driven(id: &str, error: Error) -> Error {
    if error.kind == Kind::LockTimeout {
        let short = tail(id);
        return Error::new(
            Kind::ClaimHeld,
            format!("run {short} is being driven already"),
        )
        .because(error)
        .hint("see how far it is")
        .next(format!("ghp workflow show {short}"));
    }
    error
}

fn left(kind: Kind, run: &Run, said: &str) -> Error {
    Error::new(
        kind,
        format!("run {} of {}: {said}", tail(&run.id), run.workflow),
    )
    .hint("it stands; go on with")
    .next(format!("ghp workflow resume {}", tail(&run.id)))
}
