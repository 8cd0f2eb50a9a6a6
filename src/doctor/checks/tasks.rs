//! Tasks are about issues that exist, and wait for agents that are there.

use crate::doctor::{Check, Finding, Level};
use crate::domain::escape::one_line;
use crate::domain::issue::Issue;
use crate::domain::task::{Status, Task};
use crate::domain::waiting::{Waits, tail};
use crate::error::Result;
use crate::project::Project;

pub(crate) const CHECK: Check = Check { name: "tasks", run };

fn run(project: &Project, _: bool) -> Result<Vec<Finding>> {
    let store = project.store()?;
    let board = store.status()?;
    // What cannot be read is the finding of another check.
    let (tasks, _) = store.all::<Task>()?;
    let mut findings = Vec::new();
    let mut say = |what: String, next: String| {
        findings.push(Finding {
            check: CHECK.name,
            level: Level::Note,
            what,
            next: Some(next),
            fixed: false,
        });
    };
    for task in tasks.iter().filter(|task| task.is_open()) {
        let short = tail(&task.core.id);
        if let Some(issue) = task.core.issue
            && store
                .load::<Issue>(&issue.to_string())
                .is_ok_and(|issue| issue.is_none())
        {
            say(
                format!("task {short} is about #{issue}, which does not exist"),
                format!("ghp task show {short}"),
            );
        }
        let somebody = board
            .agents
            .iter()
            .filter(|(_, entry)| entry.word() != "stopped")
            .any(|(name, entry)| task.is_for(name, entry.kind.as_deref()));
        if task.status == Status::Queued && !somebody {
            let to = task.agent.as_deref().or(task.core.to.as_deref());
            let to = one_line(to.unwrap_or("nobody"), 64);
            say(
                format!("task {short} waits for {to}, and no such agent is there"),
                format!("ghp cancel {short}"),
            );
        }
    }
    Ok(findings)
}
