//! What a run does next: asks, delegates, checks. Each is one decision, or two of which the first can be made again.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::prompts::{self, Answers};
use super::{Definition, observe, trust};
use crate::commands::delegate::{self, Order};
use crate::commands::detached;
use crate::commands::escalate::{self, Question};
use crate::commands::task::routing;
use crate::commands::text;
use crate::config::env_vars;
use crate::documents::markdown::quoted;
use crate::domain::escape::one_line;
use crate::domain::waiting::{HUMAN, tail};
use crate::domain::workflow::progress::{self, Place, Ready};
use crate::domain::workflow::run::{Job, MOST_OUTPUT, Run, State};
use crate::domain::workflow::{Step, Workflow};
use crate::error::{Error, Kind, Result};
use crate::host::child::{self, End, Ran};
use crate::host::clock;
use crate::host::signals::Stop;
use crate::project::Project;
use crate::store::Transaction;

/// Somebody who drives a run.
pub(super) struct Driver<'d> {
    pub project: &'d Project,
    pub definition: &'d Definition,
    pub id: &'d str,
    /// Who drives it.
    pub by: String,
    /// Hears signals while a check runs; otherwise they end us, and nothing is lost.
    pub stop: &'d Stop,
    pub mortal: &'d AtomicBool,
    /// Somebody told us to stop while a check ran.
    pub stopped: Cell<bool>,
}

impl Driver<'_> {
    fn workflow(&self) -> &Workflow {
        &self.definition.workflow
    }

    fn step(&self, place: Place) -> &Step {
        &self.workflow().steps[place.step]
    }

    /// Changes the run, in one decision; what its steps come to is noted with it.
    fn change(
        &self,
        said: &str,
        mut change: impl FnMut(&mut Transaction<'_>, &mut Run) -> Result<()>,
    ) -> Result<Run> {
        self.project.decide(&self.by, "workflow", |transaction| {
            let mut run = require(transaction, self.id)?;
            change(transaction, &mut run)?;
            progress::settle(&mut run, clock::now());
            let short = tail(&run.id);
            transaction.say(
                format!("run {short} of {}: {said}", run.workflow),
                run.issue,
            );
            transaction.save_run(&run)?;
            Ok(run)
        })
    }

    /// Changes a job, when it still stands as it did.
    fn change_job(
        &self,
        said: &str,
        place: Place,
        was: &Job,
        mut change: impl FnMut(&mut Transaction<'_>, &mut Job) -> Result<()>,
    ) -> Result<Run> {
        self.change(said, |transaction, run| {
            let job = run.steps.get_mut(place.step);
            match job.and_then(|step| step.jobs.get_mut(place.job)) {
                Some(job) if job.state == was.state && job.attempts == was.attempts => {
                    change(transaction, job)
                }
                // Somebody changed it meanwhile: it is looked at again.
                _ => Ok(()),
            }
        })
    }

    /// Notes what has become of tasks and questions; the run as it stands then.
    pub(super) fn note(&self, seen: &[observe::Seen]) -> Result<Run> {
        let said = match seen {
            [one] => format!("step {} goes on", self.step(one.place).name),
            many => format!("{} jobs go on", many.len()),
        };
        self.change(&said, |transaction, run| {
            for seen in seen {
                let step = self.step(seen.place);
                let job = run.steps[seen.place.step].jobs.get_mut(seen.place.job);
                let Some(job) = job.filter(|job| observe::is_current(job, seen)) else {
                    continue;
                };
                if let observe::Outcome::TooLong(task) = &seen.outcome {
                    super::cancel::take_back(transaction, task, &self.by, "it took too long")?;
                }
                observe::apply(step, job, &seen.outcome, clock::now());
            }
            Ok(())
        })
    }

    /// Does one thing.
    pub(super) fn perform(&self, run: &Run, ready: Ready) -> Result<Run> {
        match ready {
            Ready::Expand { step } => self.expand(run, step),
            Ready::Ask(place) => self.ask(run, place),
            Ready::Delegate(place) => self.delegate(run, place),
            Ready::Check(place) => self.check(run, place),
            Ready::Finish(place) => {
                let job = job_of(run, place);
                let said = format!("step {} is done", self.step(place).name);
                self.change_job(&said, place, job, |_, job| {
                    job.finish(clock::now());
                    Ok(())
                })
            }
        }
    }

    fn expand(&self, run: &Run, index: usize) -> Result<Run> {
        let step = &self.workflow().steps[index];
        let items = prompts::items(self.project, run, step)?;
        let said = format!("step {} begins", step.name);
        self.change(&said, |_, run| {
            if run.steps[index].jobs.is_empty() && run.steps[index].state == State::Waiting {
                progress::expand(run, index, items.clone());
            }
            Ok(())
        })
    }

    /// It fails for good, before it began.
    fn refuse(&self, run: &Run, place: Place, why: &str) -> Result<Run> {
        let said = format!("step {} failed", self.step(place).name);
        self.change_job(&said, place, job_of(run, place), |_, job| {
            job.refuse(why.to_owned(), clock::now());
            Ok(())
        })
    }

    fn ask(&self, run: &Run, place: Place) -> Result<Run> {
        let (step, job) = (self.step(place), job_of(run, place));
        let answers = Answers::of(self.project, run, step)?;
        let what = match prompts::prompt(step, run, job, &answers) {
            Ok(what) => what,
            Err(why) => return self.refuse(run, place, &why),
        };
        if let Err(error) = text::refuse_secrets(&what, "prompt", "ghp workflow list") {
            return self.refuse(run, place, &error.message);
        }
        let item = job.item.as_ref().map(|item| format!(" for {item}"));
        let title = format!(
            "May step {}{} of {} begin?",
            step.name,
            one_line(&item.unwrap_or_default(), 60),
            run.workflow
        );
        let about = format!(
            "Run {}, step {}. Anything but yes stops the run there; `ghp workflow show {}` shows it.\n\n{what}",
            run.id,
            step.name,
            tail(&run.id)
        );
        let question = Question {
            title,
            text: quoted(&about),
            options: vec!["yes".to_owned(), "no".to_owned()],
            to: Some(HUMAN.to_owned()),
            issue: run.issue,
            ..Question::default()
        };
        let said = format!("a person is asked about step {}", step.name);
        self.change_job(&said, place, job, |transaction, job| {
            let asked = escalate::ask_in(transaction, &run.from, &question, clock::now())?;
            let (escalate::Asked::New(asked) | escalate::Asked::Again(asked)) = asked;
            job.ask(&asked.core.id);
            Ok(())
        })
    }

    fn delegate(&self, run: &Run, place: Place) -> Result<Run> {
        let (step, job) = (self.step(place), job_of(run, place));
        let answers = Answers::of(self.project, run, step)?;
        let prompt = prompts::prompt(step, run, job, &answers);
        let to = step.to.as_ref();
        let to = to.map(|to| prompts::filled(to, run, job, &answers, false));
        let (prompt, to) = match (prompt, to.transpose()) {
            (Ok(prompt), Ok(to)) => (prompt, to.unwrap_or_default()),
            (Err(why), _) | (_, Err(why)) => return self.refuse(run, place, &why),
        };
        let attempt = job.attempts + 1;
        let item = job
            .item
            .as_ref()
            .map(|item| format!(" ({})", one_line(item, 40)));
        let order = Order {
            prompt,
            title: format!(
                "{}: {}{}",
                run.workflow,
                step.name,
                item.unwrap_or_default()
            ),
            issue: run.issue,
            // Killed before it is noted in the run, the task is found again by this.
            request_id: Some(format!(
                "workflow/{}/{}/{}/{attempt}",
                run.id, step.name, place.job
            )),
            ..Order::default()
        };
        let task = routing::addressee(self.project, &to)
            .and_then(|to| delegate::one(self.project, &run.from, &to, order));
        let task = match task {
            Ok((task, _)) => task,
            Err(error) if is_final(error.kind) => return self.refuse(run, place, &error.message),
            Err(error) => return Err(error),
        };
        let said = format!("step {} is task {}", step.name, tail(&task.core.id));
        self.change_job(&said, place, job, |_, job| {
            job.delegate(&task.core.id, clock::now());
            Ok(())
        })
    }

    fn check(&self, run: &Run, place: Place) -> Result<Run> {
        let (step, job) = (self.step(place), job_of(run, place));
        trust::require(self.project, self.definition, &run.workflow)?;
        let words = match prompts::check(step, run, job) {
            Ok(words) => words,
            Err(why) => return self.refuse(run, place, &why),
        };
        let said = format!("step {} is checked", step.name);
        let run = self.change_job(&said, place, job, |_, job| {
            job.check(clock::now());
            Ok(())
        })?;
        let job = job_of(&run, place);
        if job.state != State::Checking {
            return Ok(run);
        }
        let ran = self.run_check(step, &words);
        let stopped = |ran: &Ran| ran.end == End::Stopped;
        if ran.as_ref().is_ok_and(stopped) || detached::is_stopping(self.project, self.stop)? {
            self.stopped.set(true);
            return Ok(run);
        }
        let (passed, why, output) = match ran {
            Ok(ran) => (ran.end == End::Code(0), how(&words, &ran), Some(ran.tail)),
            Err(error) => {
                let program = one_line(words.first().map_or("", String::as_str), 80);
                (
                    false,
                    format!("The check {program} could not be run: {error}."),
                    None,
                )
            }
        };
        let output = output.map(|output| without_secrets(&output));
        let said = if passed { "passed" } else { "failed" };
        let said = format!("the check of step {} {said}", step.name);
        self.change_job(&said, place, job, |_, job| {
            job.output = output.clone().filter(|output| !output.is_empty());
            if passed {
                job.finish(clock::now());
            } else {
                job.fail(why.clone(), step.retries, clock::now());
            }
            Ok(())
        })
    }

    fn run_check(&self, step: &Step, words: &[String]) -> std::io::Result<Ran> {
        let project = self.project;
        let directory = project.place.worktree.as_deref().unwrap_or(project.here());
        let mark = format!("{}-{}", std::process::id(), clock::nanos());
        let order = child::Order {
            words,
            directory,
            input: b"",
            environment: &[],
            log: None,
            mark: (env_vars::WATCHED, &mark),
            spared: env_vars::KEEPER,
            timeout: step.timeout.map(crate::domain::time::Duration::to_std),
            keep: MOST_OUTPUT,
        };
        self.mortal.store(false, Ordering::SeqCst);
        let ran = child::run(&order, self.stop, Duration::from_secs(1), &mut |_| {});
        self.mortal.store(true, Ordering::SeqCst);
        ran
    }
}

/// Whether trying it again would come to the same.
fn is_final(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Usage | Kind::NotFound | Kind::Ambiguous | Kind::Unsafe | Kind::NotAuthorised
    )
}

fn how(words: &[String], ran: &Ran) -> String {
    let command = one_line(&words.join(" "), 120);
    format!("The check {command} {}.", ran.end)
}

fn without_secrets(output: &str) -> String {
    let line = |line: &str| match crate::domain::secrets::find(line) {
        Some(found) => format!("(left out: it looks like {})\n", found.what),
        None => format!("{line}\n"),
    };
    output.trim_end().lines().map(line).collect()
}

fn job_of(run: &Run, place: Place) -> &Job {
    &run.steps[place.step].jobs[place.job]
}

/// Reads a run as part of a decision.
pub(super) fn require(transaction: &mut Transaction<'_>, id: &str) -> Result<Run> {
    let run = transaction.run(id)?;
    run.ok_or_else(|| {
        Error::new(Kind::NotFound, format!("run {} is gone", tail(id))).next("ghp doctor")
    })
}
