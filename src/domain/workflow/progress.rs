//! What may begin now, and what a run has come to.

use super::run::{Job, Run, Standing, State};
use super::{MOST_JOBS, Step, Workflow};
use crate::domain::time::Timestamp;

/// Something to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ready {
    /// The step begins: its jobs are to be made.
    Expand {
        /// Which, counted from 0.
        step: usize,
    },
    /// A person is to be asked.
    Ask(Place),
    /// A task is to be delegated.
    Delegate(Place),
    /// The check is to be run.
    Check(Place),
    /// Nothing is left to do.
    Finish(Place),
}

/// A job of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its step, counted from 0.
    pub step: usize,
    /// Which of the step's jobs.
    pub job: usize,
}

/// What is to be done now. The run's steps are the workflow's.
pub fn ready(workflow: &Workflow, run: &Run) -> Vec<Ready> {
    let mut ready = Vec::new();
    if run.state != Standing::Running {
        return ready;
    }
    let failed = has_failed(run);
    for (index, (step, progress)) in workflow.steps.iter().zip(&run.steps).enumerate() {
        let may_begin = !failed && step.needs.iter().all(|need| is_done(run, need));
        if may_begin && progress.jobs.is_empty() && progress.state == State::Waiting {
            ready.push(Ready::Expand { step: index });
        }
        for (job, progress) in progress.jobs.iter().enumerate() {
            let place = Place { step: index, job };
            match progress.state {
                State::Checking => ready.push(Ready::Check(place)),
                State::Waiting if may_begin => ready.push(first(step, progress, place)),
                _ => {}
            }
        }
    }
    ready
}

/// What a job begins with.
fn first(step: &Step, job: &Job, place: Place) -> Ready {
    if step.approve && !job.approved {
        Ready::Ask(place)
    } else if step.to.is_some() {
        Ready::Delegate(place)
    } else if step.check.is_empty() {
        Ready::Finish(place)
    } else {
        Ready::Check(place)
    }
}

fn is_done(run: &Run, name: &str) -> bool {
    run.step(name).is_some_and(|step| step.state == State::Done)
}

fn has_failed(run: &Run) -> bool {
    run.steps.iter().any(|step| step.state == State::Failed)
        || run.jobs().any(|(_, job)| job.state == State::Failed)
}

/// A step begins: a job for each of these things, or one for nothing in particular.
pub fn expand(run: &mut Run, step: usize, items: Option<Vec<String>>) {
    let progress = &mut run.steps[step];
    match items {
        None => progress.jobs.push(Job::default()),
        Some(items) if items.is_empty() => {
            progress.state = State::Done;
            progress.why = Some("there is nothing to do it for".to_owned());
        }
        Some(items) if items.len() > MOST_JOBS => {
            progress.state = State::Failed;
            let many = items.len();
            progress.why = Some(format!(
                "for_each has {many} things; at most {MOST_JOBS} are taken"
            ));
        }
        Some(items) => {
            let job = |item| Job {
                item: Some(item),
                ..Job::default()
            };
            progress.jobs.extend(items.into_iter().map(job));
        }
    }
}

/// Notes what the jobs come to: each step's state, and the run's when it has ended.
pub fn settle(run: &mut Run, at: Timestamp) {
    if run.state != Standing::Running {
        return;
    }
    for step in &mut run.steps {
        if !step.jobs.is_empty() {
            step.state = sum(&step.jobs);
        }
    }
    let active = run.jobs().any(|(_, job)| job.state.is_active());
    if has_failed(run) && !active {
        for step in &mut run.steps {
            for job in &mut step.jobs {
                if job.state == State::Waiting {
                    job.state = State::Skipped;
                }
            }
            if !step.jobs.is_empty() {
                step.state = sum(&step.jobs);
            } else if step.state == State::Waiting {
                step.state = State::Skipped;
            }
        }
        run.state = Standing::Failed;
        run.ended_at = Some(at);
        run.why = first_failure(run);
    } else if run.steps.iter().all(|step| step.state == State::Done) {
        run.state = Standing::Done;
        run.ended_at = Some(at);
    }
}

/// What several jobs come to.
fn sum(jobs: &[Job]) -> State {
    let any = |state: State| jobs.iter().any(|job| job.state == state);
    for active in [State::Running, State::Checking, State::Asking] {
        if any(active) {
            return active;
        }
    }
    if any(State::Failed) {
        State::Failed
    } else if any(State::Skipped) {
        State::Skipped
    } else if !any(State::Waiting) {
        State::Done
    } else if any(State::Done) || jobs.iter().any(|job| job.attempts > 0) {
        State::Running
    } else {
        State::Waiting
    }
}

fn first_failure(run: &Run) -> Option<String> {
    let failed = run.steps.iter().find(|step| step.state == State::Failed)?;
    let job = failed.jobs.iter().find(|job| job.state == State::Failed);
    let why = job.and_then(|job| job.why.as_ref()).or(failed.why.as_ref());
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    Some(format!("step {} failed{why}", failed.step))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::Each;
    use super::super::template::Template;
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_seconds(0)
    }

    /// A workflow of 7 steps whose needs are the given edges, some of them fanned out, approved, checked, retried.
    fn workflow(edges: &[(usize, usize)], kinds: &[u8]) -> Workflow {
        let text = |text: &str| Template::parse(text).expect("a template");
        let step = |(n, kind): (usize, &u8)| {
            let needs: BTreeSet<String> = edges
                .iter()
                .filter(|(a, b)| a < b && *b == n)
                .map(|(a, _)| format!("s{a}"))
                .collect();
            let delegates = kind % 4 != 3;
            Step {
                name: format!("s{n}"),
                needs: needs.into_iter().collect(),
                to: delegates.then(|| text("coding")),
                prompt: delegates.then(|| text("do")),
                check: if kind % 3 == 0 {
                    vec![text("true")]
                } else {
                    Vec::new()
                },
                retries: u64::from(kind / 16 % 3),
                approve: kind % 5 == 0,
                for_each: (kind % 7 == 0).then(|| Each::List(vec!["a".into(), "b".into()])),
                ..Step::default()
            }
        };
        Workflow {
            steps: kinds.iter().enumerate().map(step).collect(),
            ..Workflow::default()
        }
    }

    /// Does one thing that is ready, or lets one open job come to something; `false` when nothing is left.
    fn advance(
        workflow: &Workflow,
        run: &mut Run,
        luck: u8,
        log: &mut Vec<(usize, usize, u64)>,
    ) -> bool {
        let fortune = !luck.is_multiple_of(5);
        let ready = ready(workflow, run);
        if let Some(next) = ready.get(usize::from(luck) % ready.len().max(1)) {
            match *next {
                Ready::Expand { step } => {
                    for need in &workflow.steps[step].needs {
                        assert!(is_done(run, need), "s{step} before {need}");
                    }
                    let each = workflow.steps[step].for_each.as_ref();
                    let items = each.map(|_| vec!["a".to_owned(), "b".to_owned()]);
                    expand(run, step, items);
                }
                Ready::Ask(at) => run.steps[at.step].jobs[at.job].ask("q"),
                Ready::Delegate(at) => {
                    let job = &mut run.steps[at.step].jobs[at.job];
                    log.push((at.step, at.job, job.attempts + 1));
                    job.delegate("t", now());
                }
                Ready::Check(at) => {
                    let retries = workflow.steps[at.step].retries;
                    let job = &mut run.steps[at.step].jobs[at.job];
                    job.check(now());
                    if fortune {
                        job.finish(now());
                    } else {
                        job.fail("no".into(), retries, now());
                    }
                }
                Ready::Finish(at) => run.steps[at.step].jobs[at.job].finish(now()),
            }
        } else {
            let mut jobs = run.steps.iter_mut().enumerate();
            let Some((step, job)) = jobs.find_map(|(n, step)| {
                let job = step.jobs.iter_mut().find(|job| job.state.is_active())?;
                Some((&workflow.steps[n], job))
            }) else {
                return false;
            };
            match (job.state, fortune) {
                (State::Asking, true) => job.approve(),
                (State::Asking, false) => job.refuse("no".into(), now()),
                (_, false) => job.fail("no".into(), step.retries, now()),
                (_, true) if step.check.is_empty() => job.finish(now()),
                (_, true) => job.check(now()),
            }
        }
        settle(run, now());
        true
    }

    proptest! {
        /// Whatever happens: a step begins when its needs are done, no attempt comes twice, nothing done is begun again,
        /// and the run ends, done exactly when every step is. After a failure, resuming brings it to its end.
        #[test]
        fn every_run_ends_and_nothing_is_done_twice(
            edges in prop::collection::vec((0_usize..7, 0_usize..7), 0..12),
            kinds in prop::collection::vec(any::<u8>(), 7),
            luck in prop::collection::vec(any::<u8>(), 400),
        ) {
            let workflow = workflow(&edges, &kinds);
            let mut run = Run { steps: Run::unbegun(&workflow), ..Run::default() };
            let mut log = Vec::new();
            let mut luck = luck.into_iter();
            loop {
                let before = run.clone();
                if !advance(&workflow, &mut run, luck.next().unwrap_or(1), &mut log) {
                    prop_assert_ne!(run.state, Standing::Running);
                    let all = run.steps.iter().all(|step| step.state == State::Done);
                    prop_assert_eq!(run.state == Standing::Done, all);
                    prop_assert_eq!(run.why.is_some(), !all);
                    if !run.reopen() {
                        break;
                    }
                }
                for (old, new) in before.jobs().zip(run.jobs()) {
                    if before.steps.len() == run.steps.len() && old.1.state == State::Done {
                        prop_assert!(run.steps.iter().any(|step| step.jobs.contains(old.1)), "{:?}", new.1);
                    }
                }
            }
            let attempts: BTreeSet<_> = log.iter().collect();
            prop_assert_eq!(attempts.len(), log.len());
        }
    }

    #[test]
    fn retries_are_counted_from_the_last_time_somebody_resumed() {
        let mut job = Job::default();
        for (attempt, state) in [(1, State::Waiting), (2, State::Failed)] {
            job.delegate("t", now());
            job.fail("no".into(), 1, now());
            assert_eq!((job.attempts, job.state), (attempt, state));
        }
        let mut run = Run {
            state: Standing::Failed,
            steps: vec![super::super::run::Progress {
                jobs: vec![job],
                state: State::Failed,
                ..Default::default()
            }],
            ..Run::default()
        };
        assert!(run.reopen() && !run.reopen());
        let job = &mut run.steps[0].jobs[0];
        job.delegate("t", now());
        job.fail("no".into(), 1, now());
        assert_eq!((job.attempts, job.state), (3, State::Waiting));
    }
}
