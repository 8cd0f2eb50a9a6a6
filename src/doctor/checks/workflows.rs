//! Runs of workflows wait for tasks and questions that are there.

use crate::doctor::{Check, Finding, Level};
use crate::domain::escalation::Escalation;
use crate::domain::escape::one_line;
use crate::domain::task::Task;
use crate::domain::waiting::tail;
use crate::domain::workflow::run::{Standing, State};
use crate::error::Result;
use crate::project::Project;

pub(crate) const CHECK: Check = Check {
    name: "workflows",
    run,
};

fn run(project: &Project, _: bool) -> Result<Vec<Finding>> {
    let store = project.store()?;
    let mut findings = Vec::new();
    for id in store.run_ids()? {
        // What cannot be read is the finding of another check.
        let Ok(Some(run)) = store.run(&id) else {
            continue;
        };
        if run.state != Standing::Running {
            continue;
        }
        for (step, job) in run.jobs() {
            let (what, there) = match (job.state, job.task(), job.question.as_deref()) {
                (State::Running, Some(task), _) => {
                    let there = store.stems::<Task>()?.iter().any(|stem| stem == task);
                    (format!("task {}", tail(task)), there)
                }
                (State::Asking, _, Some(question)) => {
                    let there = store.stems::<Escalation>()?;
                    let there = there.iter().any(|stem| stem == question);
                    (format!("question {}", tail(question)), there)
                }
                _ => continue,
            };
            if !there {
                let step = one_line(&step.step, 40);
                let short = tail(&id);
                findings.push(Finding {
                    check: CHECK.name,
                    level: Level::Warning,
                    what: format!("step {step} of run {short} waits for {what}, which is gone"),
                    next: Some(format!("ghp workflow resume {short}")),
                    fixed: false,
                });
            }
        }
    }
    Ok(findings)
}
