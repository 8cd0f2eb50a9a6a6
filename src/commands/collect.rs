//! `ghp collect`: wait for tasks and print their answers together.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::matter::{self, Decided, Matter, Name};
use super::task;
use super::wait::split;
use crate::documents::waiting::Glance;
use crate::domain::task::Task;
use crate::domain::waiting::Kind as Waiting;
use crate::error::{Error, Kind, Result};
use crate::host::watch::Patience;
use crate::project::Project;

/// Wait for tasks to be answered, and print the answers together
///
/// Without any: those you delegated whose answers you have not read. A duration at the end, or --wait DUR, says how long
/// (exit 9); the tasks themselves go on. Exit 1 when one of them failed.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which tasks, and perhaps a duration at the end
    #[arg(value_name = "TASK")]
    pub tasks: Vec<String>,
    /// At most this long
    #[arg(long, value_name = "DUR", num_args = 0..=1, default_missing_value = "forever")]
    pub wait: Option<Patience>,
}

/// What came of them, in the order they were named.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Each as it stands.
    pub items: Vec<Collected>,
}

/// A task that is settled.
#[derive(Debug, Serialize)]
pub struct Collected {
    /// As it stands.
    #[serde(flatten)]
    pub task: Decided,
    /// What stands above its answer for people.
    #[serde(skip)]
    pub heading: String,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let (words, patience) = split(&args.tasks);
    let patience = args.wait.unwrap_or(patience);
    let mut names = Vec::new();
    for word in words {
        let name = task::name(project, word, "collect")?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if words.is_empty() {
        names = unread(project)?;
    }
    let mut settled = task::settled(project, &names, patience)?;
    task::note_collected(project, &mut settled)?;
    let collected = |task| {
        let task: crate::documents::paged::Paged<Task> = task;
        Collected {
            heading: task.heading(),
            task: Decided::of(&Matter::Task(task)),
        }
    };
    Ok(Report {
        items: settled.into_iter().map(collected).collect(),
    })
}

/// The caller's own tasks whose answers it has not read.
fn unread(project: &Project) -> Result<Vec<Name>> {
    let by = project.by()?;
    let all = matter::all(project, &[Waiting::Task], |_, text| {
        !Glance::of(text).is_collected()
    })?;
    let names: Vec<Name> = all
        .iter()
        .filter(|matter| matter.core().from == by && !matter.waits().is_withdrawn())
        .filter(|matter| matches!(matter, Matter::Task(task) if task.collected_at.is_none()))
        .map(matter::name_of)
        .collect();
    if names.is_empty() {
        return Err(Error::new(Kind::NotFound, "you wait for no answer").next("ghp tasks --all"));
    }
    Ok(names)
}
