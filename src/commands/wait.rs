//! `ghp wait`: block until things are settled.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::matter::{self, Decided, Decisions, Matter, Name};
use crate::domain::escape;
use crate::domain::id::IssueId;
use crate::domain::time::Duration;
use crate::domain::waiting::{Kind as Waiting, tail};
use crate::error::{Error, Kind, Result};
use crate::host::watch::Patience;
use crate::project::Project;

/// Wait until questions and requests are decided, handoffs accepted or tasks answered, and print the decision
///
/// Several are waited for until all are settled, one line each. Exit 9 when time runs out: the things themselves stand.
/// Exit 3 when a request was denied, 1 when a task failed.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// What to wait for (default: the only open one of yours), and perhaps a duration at the end
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
}

/// What they came to.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Report {
    /// In the order they were named.
    pub settled: Decisions,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let (ids, patience) = split(&args.ids);
    let mut names = Vec::new();
    if ids.is_empty() {
        let by = project.by()?;
        names.push(matter::only(
            project,
            Waiting::ALL,
            |core| core.from == by,
            "wait",
        )?);
    }
    for id in ids {
        names.push(find(project, id)?);
    }
    let settled = settled(project, &names, patience)?;
    Ok(Report {
        settled: Decisions::of(settled.iter().map(Decided::of).collect()),
    })
}

/// The ids, and the duration behind them.
pub(crate) fn split(words: &[String]) -> (&[String], Patience) {
    match words.split_last() {
        Some((last, ids)) => match last.parse::<Duration>() {
            Ok(span) => (ids, Patience::For(span)),
            Err(_) => (words, Patience::Forever),
        },
        None => (words, Patience::Forever),
    }
}

fn find(project: &Project, word: &str) -> Result<Name> {
    matter::name(project, word).map_err(|error| match word.parse::<IssueId>() {
        Ok(issue) if error.kind == Kind::NotFound => {
            Error::new(Kind::Usage, format!("{issue} is an issue"))
                .hint("wait until it is closed")
                .next(format!(
                    "ghp status set blocked --blocked-on {} --wait",
                    issue.0
                ))
        }
        _ => error,
    })
}

/// Waits until all of these are settled. One that was taken back is an error: there will be no decision.
pub(crate) fn settled(
    project: &Project,
    names: &[Name],
    patience: Patience,
) -> Result<Vec<Matter>> {
    let waits_on_task = names.iter().any(|name| name.kind == Waiting::Task);
    let mut found = until(project, patience, || {
        if waits_on_task {
            super::task::lost::look(project)?;
        }
        let mut found = Vec::new();
        for name in names {
            // One that is being saved may be missing for a moment.
            found.extend(matter::load(project, name)?.filter(|matter| !matter.waits().is_open()));
        }
        Ok(Some(found).filter(|found| found.len() == names.len()))
    })?
    .ok_or_else(|| timed_out(names))?;
    matter::hand::note(project, &mut found);
    match found.iter().find(|matter| matter.waits().is_withdrawn()) {
        Some(gone) => Err(matter::settled(gone, project.now()).hint("there will be no decision")),
        None => Ok(found),
    }
}

/// Waits until `look` finds something; `None`: time ran out. A document that cannot be read is one being saved: it is
/// looked at again.
pub(crate) fn until<T>(
    project: &Project,
    patience: Patience,
    mut look: impl FnMut() -> Result<Option<T>>,
) -> Result<Option<T>> {
    let deadline = patience.deadline();
    let watch = project.watch()?;
    loop {
        project.refresh()?;
        match look() {
            Ok(None) => {}
            Err(error) if error.kind == Kind::Unreadable => {}
            other => return other,
        }
        if !watch.changed(deadline)? {
            return Ok(None);
        }
    }
}

fn timed_out(names: &[Name]) -> Error {
    let ids: Vec<&str> = names.iter().map(|name| tail(&name.id)).collect();
    let ids = escape::one_line(&ids.join(" "), 200);
    Error::new(Kind::TimedOut, format!("not decided yet: {ids}"))
        .hint("it stands; wait on")
        .next(format!("ghp wait {ids}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_at_the_end() {
        let words = |words: &[&str]| {
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        let ten = Patience::For(Duration::from_seconds(600));
        assert_eq!(
            split(&words(&["q7mt", "10m"])),
            (&words(&["q7mt"])[..], ten)
        );
        assert_eq!(
            split(&words(&["q7mt", "h2vw"])),
            (&words(&["q7mt", "h2vw"])[..], Patience::Forever)
        );
        assert_eq!(split(&words(&["600"])), (&[][..], ten));
    }
}
