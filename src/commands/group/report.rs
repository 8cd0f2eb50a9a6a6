//! `ghp group report`: what a group has done, from documents and their history, kept as a memory.

mod tally;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::{Board, named_or_own};
use crate::commands::memory;
use crate::commands::text::Text;
use crate::domain::group::{Group, GroupName};
use crate::domain::time::{Timestamp, span};
use crate::error::Result;
use crate::project::Project;

/// Say what a group has done: who, for how long, what was closed, asked and handed on; and keep it as a memory
///
/// A later report takes the place of an earlier one of yours. Like any memory it goes to the mem0 server where
/// there is one.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// The group (default: yours)
    pub name: Option<GroupName>,
    /// Only print it
    #[arg(long)]
    pub no_memory: bool,
}

/// A member's part.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// The agent.
    pub agent: String,
    /// How long it was in the group.
    pub member_seconds: i64,
    /// Whether it still is.
    pub present: bool,
    /// Issues that it closed as a member.
    pub issues: Vec<u64>,
    /// Delegated tasks that it has finished.
    pub tasks_completed: u64,
}

/// An issue that was closed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Closed {
    /// Its number.
    pub issue: u64,
    /// One line.
    pub title: String,
    /// Who held it.
    pub agent: String,
    /// From when it was written to when it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_seconds: Option<i64>,
}

/// What was asked of people.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// How many questions.
    pub asked: usize,
    /// How many of them were decided.
    pub decided: usize,
    /// How long half of those took at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_seconds: Option<i64>,
}

/// What a group has done.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The group.
    pub group: String,
    /// What it was to achieve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objective: Option<String>,
    /// Its goal's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// From then to its last activity.
    pub duration_seconds: i64,
    /// Everybody who was in it.
    pub members: Vec<Part>,
    /// The issues that members closed, in the order in which they were.
    pub closed: Vec<Closed>,
    /// Closed issues a day.
    pub issues_per_day: f64,
    /// Delegated tasks that members have finished.
    pub tasks_completed: u64,
    /// Questions to people, but for conflicts.
    pub escalations: Asked,
    /// Conflicts that people had to decide.
    pub conflicts: Asked,
    /// Handoffs that members wrote.
    pub handoffs: usize,
    /// How often values were shared.
    pub shares: usize,
    /// The memory that it is kept as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let board = Board::of(project, project.now())?;
    let name = args.name.as_ref().map(GroupName::as_str);
    let group = named_or_own(project, &board, name)?;
    let mut report = tally::tally(project, &group, &board)?;
    if !args.no_memory {
        report.memory = Some(keep(project, &group, &report)?);
    }
    Ok(report)
}

/// Keeps it, in the place of what was kept of this group before; the memory's id.
fn keep(project: &Project, group: &Group, report: &Report) -> Result<String> {
    let since = group.created_at.as_deref().unwrap_or_default();
    let wanted = memory::add::Args {
        text: Text {
            text: Some(format!(
                "{}\n\n- {}\n",
                report.headline(),
                report.lines().join("\n- ")
            )),
            file: None,
        },
        tags: vec!["group-report".to_owned(), group.name.clone()],
        request_id: Some(format!("group-report {} {since}", group.name)),
        ..memory::add::Args::default()
    };
    let kept = memory::add::replace(project, wanted).map_err(|error| {
        let next = format!("ghp group report {} --no-memory", group.name);
        error.hint("without keeping it").next(next)
    })?;
    Ok(kept.head.id)
}

impl Report {
    /// The whole in a line.
    pub fn headline(&self) -> String {
        let count = |n: usize, one: &str| match n {
            1 => format!("1 {one}"),
            n => format!("{n} {one}s"),
        };
        format!(
            "{}: {} closed by {} in {}",
            self.group,
            count(self.closed.len(), "issue"),
            count(self.members.len(), "member"),
            span(self.duration_seconds)
        )
    }

    /// The rest, a fact a line; what there is none of is left out.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.objective.as_ref().map(|it| format!("Objective: {it}")));
        lines.extend(self.goal.as_ref().map(|it| format!("Goal: {it}")));
        for part in &self.members {
            let issues: Vec<String> = part.issues.iter().map(|it| format!("#{it}")).collect();
            let closed = if issues.is_empty() {
                String::new()
            } else {
                format!(", closed {}", issues.join(" "))
            };
            let tasks = match part.tasks_completed {
                0 => String::new(),
                n => format!(", {n} tasks done"),
            };
            let left = if part.present { "" } else { ", left" };
            let time = span(part.member_seconds);
            lines.push(format!("{}: {time}{left}{closed}{tasks}", part.agent));
        }
        for issue in &self.closed {
            let took = issue.took_seconds.map(|took| format!(", {}", span(took)));
            let took = took.unwrap_or_default();
            let (number, title, agent) = (issue.issue, &issue.title, &issue.agent);
            lines.push(format!("#{number} {title} ({agent}{took})"));
        }
        if !self.closed.is_empty() {
            lines.push(format!("Throughput: {} issues a day", self.issues_per_day));
        }
        lines.extend(self.escalations.line("Questions"));
        lines.extend(self.conflicts.line("Conflicts"));
        let counted = [("Handoffs", self.handoffs), ("Values shared", self.shares)];
        let counted = counted.into_iter().filter(|(_, count)| *count > 0);
        lines.extend(counted.map(|(what, count)| format!("{what}: {count}")));
        lines
    }
}

impl Asked {
    fn line(&self, what: &str) -> Option<String> {
        let half = self
            .median_seconds
            .map(|half| format!(", half within {}", span(half)));
        let half = half.unwrap_or_default();
        (self.asked > 0).then(|| format!("{what}: {}, {} decided{half}", self.asked, self.decided))
    }

    /// Of these: when each was asked, and when decided.
    fn of(times: &[(Timestamp, Option<Timestamp>)]) -> Asked {
        let decided = times
            .iter()
            .filter_map(|(asked, decided)| Some((*decided)?.since(*asked)));
        let mut took: Vec<i64> = decided.map(|seconds| seconds.max(0)).collect();
        took.sort_unstable();
        Asked {
            asked: times.len(),
            decided: took.len(),
            median_seconds: took.get(took.len().saturating_sub(1) / 2).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_them_took_so_long_at_most() {
        let at = Timestamp::from_seconds;
        let of = |took: &[i64]| {
            let times: Vec<_> = took.iter().map(|took| (at(0), Some(at(*took)))).collect();
            Asked::of(&times).median_seconds
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7]), Some(7));
        assert_eq!(of(&[9, 1]), Some(1));
        assert_eq!(of(&[9, 1, 5]), Some(5));
        let open = Asked::of(&[(at(0), None), (at(0), Some(at(3)))]);
        assert_eq!(
            (open.asked, open.decided, open.median_seconds),
            (2, 1, Some(3))
        );
    }
}
