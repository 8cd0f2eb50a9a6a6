//! Tasks whose agents are gone. There is no daemon: whoever looks at tasks, or waits for one, notices.

use super::routing::{self, Gone};
use super::{let_go, load_in, open};
use crate::commands::escalate::{self, Question};
use crate::documents::markdown::quoted;
use crate::domain::agent::is_mass_silence;
use crate::domain::task::{Loss, Status, Task};
use crate::domain::waiting::tail;
use crate::error::Result;
use crate::host::clock;
use crate::project::Project;

/// A task whose agent is gone, and how.
struct Lost {
    id: String,
    agent: String,
    how: Gone,
}

/// Puts what lost agents had back into the queue, or before a person; a line for each. Whoever may not write leaves it.
pub(crate) fn look(project: &Project) -> Result<Vec<String>> {
    let lost = find(project)?;
    let (false, Ok(by)) = (lost.is_empty(), project.by()) else {
        return Ok(Vec::new());
    };
    let retries = project.config()?.retries()?;
    let patience = project.config()?.patience()?;
    project.decide(&by, "task lost", |transaction| {
        let mut lines = Vec::new();
        for it in &lost {
            let mut task = load_in(transaction, &it.id)?;
            // It may have been answered, or its agent heard of, since we looked.
            let entry = transaction.board()?.agents.get(&it.agent).cloned();
            let how = routing::gone(
                project,
                &it.agent,
                task.is_in_hand(),
                entry.as_ref(),
                patience,
            )?;
            if task.agent.as_ref() != Some(&it.agent) || how != Some(it.how) {
                continue;
            }
            lines.extend(settle(transaction, &by, &mut task, it, retries)?);
            transaction.save(&task)?;
        }
        if let [one] = lines.as_slice() {
            transaction.say(one.clone(), None);
        } else if !lines.is_empty() {
            transaction.say(format!("{} tasks lost their agents", lines.len()), None);
        }
        Ok(lines)
    })
}

/// What [`look`] would find, a line each; changes nothing.
pub(crate) fn would(project: &Project) -> Result<Vec<String>> {
    let line = |it: Lost| {
        let short = tail(&it.id);
        format!("task {short} is with {}, which is gone", it.agent)
    };
    Ok(find(project)?.into_iter().map(line).collect())
}

/// The tasks whose agents are gone. Silence of most agents at once is the clock or the lid of a laptop.
fn find(project: &Project) -> Result<Vec<Lost>> {
    let open = open(project)?;
    if !open.iter().any(|task| may_be_lost(task)) {
        return Ok(Vec::new());
    }
    let patience = project.config()?.patience()?;
    let board = project.store()?.status()?;
    let mut lost = Vec::new();
    for task in open.iter().filter(|task| may_be_lost(task)) {
        let Some(agent) = &task.agent else { continue };
        let entry = board.agents.get(agent);
        let how = routing::gone(project, agent, task.is_in_hand(), entry, patience)?;
        lost.extend(how.map(|how| Lost {
            id: task.core.id.clone(),
            agent: agent.clone(),
            how,
        }));
    }
    if lost.iter().any(|it| it.how == Gone::Silent) {
        let (silent, live) = crate::commands::stale::silent(project, None)?;
        if is_mass_silence(silent.len(), live) {
            lost.retain(|it| it.how != Gone::Silent);
        }
    }
    Ok(lost)
}

/// Whether it is in the hands of an agent, or was given to one that was not asked for by name.
fn may_be_lost(task: &Task) -> bool {
    let is_given = |agent: &String| task.status == Status::Queued && !task.core.is_to(agent);
    task.is_in_hand() || task.agent.as_ref().is_some_and(is_given)
}

fn settle(
    transaction: &mut crate::store::Transaction<'_>,
    by: &str,
    task: &mut Task,
    lost: &Lost,
    retries: u64,
) -> Result<Option<String>> {
    let short = tail(&task.core.id).to_owned();
    let agent = &lost.agent;
    if task.status == Status::Queued {
        task.agent = None;
        task.route = Some(format!("{agent} is gone; whoever is free first takes it"));
        return Ok(Some(format!(
            "task {short} waits for another: {agent} is gone"
        )));
    }
    if !task.is_in_hand() {
        return Ok(None);
    }
    let_go(transaction, Some(agent), false)?;
    if matches!(lost.how, Gone::Dead | Gone::Closed)
        && transaction.status()?.agents.contains_key(agent)
    {
        transaction.entry(agent)?.set_status("stopped");
    }
    let why = match lost.how {
        Gone::Stopped => format!("{agent} was stopped before it answered"),
        Gone::Closed => format!("the window of {agent} was closed before it answered"),
        Gone::Dead => format!("{agent} died before it answered"),
        Gone::Left => {
            format!("{agent}'s turn ended without an answer (ghp session output {agent})")
        }
        Gone::Silent => format!("{agent} has gone silent before it answered"),
    };
    if matches!(lost.how, Gone::Stopped | Gone::Closed) {
        task.block(&why);
        return Ok(Some(format!("task {short} is blocked: {why}")));
    }
    if task.lose(&why, retries + 1, clock::now()) == Loss::Queued {
        return Ok(Some(format!("task {short} is queued again: {why}")));
    }
    let title = format!(
        "Task {short} was begun {} times without an answer",
        task.attempts
    );
    ask(transaction, by, task, title, &why)?;
    Ok(Some(format!(
        "task {short} is blocked, and a person is asked: {why}"
    )))
}

/// Asks a person about a task that goes on with nobody; once.
pub(super) fn ask(
    transaction: &mut crate::store::Transaction<'_>,
    by: &str,
    task: &Task,
    title: String,
    why: &str,
) -> Result<()> {
    let short = tail(&task.core.id);
    let question = Question {
        title,
        text: quoted(&format!(
            "{}\n\nThe last time {why}. Try again: `ghp task retry {short}`; take it back: `ghp cancel {short}`",
            task.core.title
        )),
        key: Some(format!("task-{}", task.core.id)),
        issue: task.core.issue,
        ..Question::default()
    };
    escalate::ask_in(transaction, by, &question, clock::now())?;
    Ok(())
}
