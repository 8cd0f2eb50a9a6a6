//! What a group has done, counted.

use super::{Asked, Closed, Part, Report};
use crate::commands::group::Board;
use crate::commands::group::past::Past;
use crate::commands::log::Event;
use crate::domain::conflict::of_key;
use crate::domain::escalation::Escalation;
use crate::domain::group::{Group, Stay};
use crate::domain::handoff::Handoff;
use crate::domain::issue::Issue;
use crate::domain::time::Timestamp;
use crate::error::Result;
use crate::project::Project;

/// Everything that is counted of what somebody did counts where they were members at that time.
pub(super) fn tally(project: &Project, group: &Group, board: &Board<'_>) -> Result<Report> {
    let time = |text: Option<&String>| text.and_then(|text| Timestamp::parse(text));
    let begun = time(group.created_at.as_ref());
    let past = Past::of(project, group)?;
    let is_share = |event: &&Event| event.command.as_deref() == Some("group share");
    let shares = past.changes.iter().filter(is_share).count();
    let closed = closed(project, &past)?;
    let (conflicts, questions) = asked(project, &past)?;
    let members = members(&past.stays, &closed, board, project.now());
    let ended = match group.members.as_slice() {
        [] => time(group.last_activity.as_ref()),
        _ => Some(project.now()),
    };
    let duration = begun
        .zip(ended)
        .map_or(0, |(begun, ended)| ended.since(begun).max(0));
    Ok(Report {
        group: group.name.clone(),
        objective: group.objective.clone(),
        goal: group.goal.clone(),
        created_at: group.created_at.clone(),
        duration_seconds: duration,
        issues_per_day: per_day(closed.len(), duration),
        tasks_completed: members.iter().map(|part| part.tasks_completed).sum(),
        members,
        closed,
        escalations: questions,
        conflicts,
        handoffs: handoffs(project, &past)?,
        shares,
        memory: None,
    })
}

fn closed(project: &Project, past: &Past<'_>) -> Result<Vec<Closed>> {
    let mut found = Vec::new();
    for issue in project.store()?.readable::<Issue>()? {
        let (Some(agent), Some(at)) = (&issue.assignee, issue.closed_at) else {
            continue;
        };
        if !issue.is_open() && past.was_member(agent, at) {
            let closed = Closed {
                issue: issue.number,
                title: issue.title.clone(),
                agent: agent.clone(),
                took_seconds: issue.created_at.map(|made| at.since(made).max(0)),
            };
            found.push((at, closed));
        }
    }
    found.sort_by_key(|(at, closed)| (*at, closed.issue));
    Ok(found.into_iter().map(|(_, closed)| closed).collect())
}

/// What members asked people: about conflicts, and anything else.
fn asked(project: &Project, past: &Past<'_>) -> Result<(Asked, Asked)> {
    let (mut conflicts, mut questions) = (Vec::new(), Vec::new());
    for question in project.store()?.readable::<Escalation>()? {
        let core = &question.core;
        let Some(at) = core.created_at.filter(|_| !question.withdrawn) else {
            continue;
        };
        let quarrel = question.key.as_deref().and_then(of_key);
        let times = (at, core.decided_at);
        match quarrel {
            Some((agents, _)) if agents.iter().any(|agent| past.was_member(agent, at)) => {
                conflicts.push(times);
            }
            None if past.was_member(&core.from, at) => questions.push(times),
            _ => {}
        }
    }
    Ok((Asked::of(&conflicts), Asked::of(&questions)))
}

fn handoffs(project: &Project, past: &Past<'_>) -> Result<usize> {
    let all = project.store()?.readable::<Handoff>()?;
    let is_theirs = |handoff: &&crate::documents::paged::Paged<Handoff>| {
        let at = handoff.core.created_at;
        at.is_some_and(|at| past.was_member(&handoff.core.from, at))
    };
    Ok(all.iter().filter(is_theirs).count())
}

/// Everybody's part, in the order in which they came.
fn members(stays: &[Stay], closed: &[Closed], board: &Board<'_>, now: Timestamp) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for stay in stays {
        let seconds = stay.seconds(now);
        let present = stay.until.is_none();
        if let Some(part) = parts.iter_mut().find(|part| part.agent == stay.agent) {
            part.member_seconds += seconds;
            part.present |= present;
            continue;
        }
        let issues = closed.iter().filter(|issue| issue.agent == stay.agent);
        let tasks = board.status.agents.get(&stay.agent);
        parts.push(Part {
            agent: stay.agent.clone(),
            member_seconds: seconds,
            present,
            issues: issues.map(|issue| issue.issue).collect(),
            tasks_completed: tasks.and_then(|entry| entry.tasks_completed).unwrap_or(0),
        });
    }
    parts
}

/// To one decimal; less than an hour says nothing of a day.
fn per_day(count: usize, seconds: i64) -> f64 {
    const HOUR: i64 = 3600;
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of issues and seconds are small"
    )]
    let (count, hours) = (count as f64, seconds.max(HOUR) as f64 / 3600.0);
    (count * 240.0 / hours).round() / 10.0
}
