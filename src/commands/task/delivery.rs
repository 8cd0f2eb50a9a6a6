//! Tasks on their way to agents in sessions: pasted into one that is idle; where a profile may have one more agent, it is
//! started. Whoever delegates, or waits, does it; there is no daemon.

use super::{hand_over, load_in, of, routing};
use crate::commands::event::delegated;
use crate::commands::session::{self, send};
use crate::commands::text::Message;
use crate::commands::{matter, role_of_caller};
use crate::documents::paged::Paged;
use crate::domain::agent::{Entry, Role};
use crate::domain::escape::one_line;
use crate::domain::id::AgentId;
use crate::domain::task::profile::Profile;
use crate::domain::task::route::{Addressee, NOT_STARTED, route};
use crate::domain::task::{Status, Task, in_turn};
use crate::domain::waiting::{Kind as Waiting, tail};
use crate::error::{Error, Kind, Result};
use crate::project::Project;
use crate::sessions::SessionError;

/// Brings what waits as far as it can be brought now. Only those who may start sessions and give them prompts do that; for
/// the others the agents' own hooks and polls do it. What cannot be delivered stays in the queue, and is said.
pub(crate) fn push(project: &Project) {
    let lead = matches!(
        role_of_caller(project),
        Ok(Role::Human | Role::Orchestrator)
    );
    let pushed = if lead { push_all(project) } else { Ok(()) };
    if let Err(error) = pushed {
        project.warn(format!("what waits was not delivered: {}", error.message));
    }
}

fn push_all(project: &Project) -> Result<()> {
    let mut open = of(matter::open(project, &[Waiting::Task])?);
    open.retain(|task| task.status == Status::Queued);
    open.sort_by(|a, b| in_turn(a, b));
    for task in &open {
        match &task.agent {
            Some(agent) => to_session(project, agent)?,
            None => find_way(project, task)?,
        }
    }
    Ok(())
}

/// Routes a task anew that waits for whoever is free: somebody may be by now, or may be started.
fn find_way(project: &Project, task: &Paged<Task>) -> Result<()> {
    let to = routing::addressee(project, task.core.to.as_deref().unwrap_or_default())?;
    let board = project.store()?.status()?;
    let open = of(matter::open(project, &[Waiting::Task])?);
    let agents = routing::agents(project, &board, &open)?;
    let way = route(&to, &task.core.from, &agents);
    let Some(agent) = way.agent else {
        return Ok(());
    };
    match &to {
        Addressee::Profile(profile) if way.spawn => {
            let tried = task.route.as_deref().unwrap_or_default();
            if tried.contains(NOT_STARTED) {
                return Ok(());
            }
            start(project, profile, &agent, task)
        }
        // One without a session polls, and takes what is in the queue of its profile.
        _ => to_session(project, &agent),
    }
}

/// Gives the agent's session the next task of its queue, if it takes prompts now.
fn to_session(project: &Project, agent: &str) -> Result<()> {
    let seen = match session::named(project, agent) {
        Ok(seen) => seen,
        // It has none.
        Err(error) if error.kind == Kind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let board = project.store()?.status()?;
    let rest = project.config()?.limited_for()?;
    let rests = |entry: &Entry| entry.rests(project.now(), rest);
    if !seen.state.takes_prompts() || board.agents.get(agent).is_some_and(rests) {
        return Ok(());
    }
    let by = project.by()?;
    // Without a screen nothing runs yet: until its turn has begun nobody shall take the task for lost.
    let alone = if seen.record.headless {
        Some(send::alone(project, agent)?)
    } else {
        None
    };
    let Some(task) = hand_over(project, &by, agent, |_| true)? else {
        return Ok(());
    };
    let text = delegated::text(project, &task)?;
    let sent = match alone {
        Some(_held) => send::deliver_alone(project, agent, &text, None),
        None => send::deliver(project, agent, &text, None),
    };
    match sent {
        Ok(_) => Ok(()),
        // It may stand in the session's line: once more could be twice.
        Err(error) if error.kind == Kind::TimedOut => {
            project.warn(error.message);
            unacknowledged(project, &by, &task, agent)
        }
        Err(error) => {
            put_back(project, &by, &task, agent, None)?;
            project.warn(format!("{} waits: {}", tail(&task.core.id), error.message));
            Ok(())
        }
    }
}

/// Starts an agent of the profile, with the task as its first prompt.
fn start(project: &Project, profile: &Profile, agent: &str, task: &Task) -> Result<()> {
    let by = project.by()?;
    let id = task.core.id.clone();
    // Until it runs nobody shall take the task for lost, nor start it beside us.
    let _alone = match project.sessions()?.make(&agent.parse::<AgentId>()?) {
        Err(SessionError::Made { .. }) => return Ok(()),
        alone => alone?,
    };
    let is_new = !project.store()?.status()?.agents.contains_key(agent);
    let Some(task) = hand_over(project, &by, agent, |task| task.core.id == id)? else {
        return Ok(());
    };
    let started = session_args(project, profile, agent, &task)
        .and_then(|args| session::new::run_alone(project, args, &mut |_| Ok(())));
    if let Err(error) = started {
        let why = one_line(&format!("{agent} {NOT_STARTED}: {}", error.message), 300);
        put_back(project, &by, &task, agent, Some((&why, is_new)))?;
        let hint = error
            .next
            .map(|next| format!(" ({next})"))
            .unwrap_or_default();
        project.warn(format!("{why}{hint}"));
    }
    Ok(())
}

fn session_args(
    project: &Project,
    profile: &Profile,
    agent: &str,
    task: &Task,
) -> Result<session::new::Args> {
    // What came with the repository says what is run.
    let (value, _) = project.config()?.get(routing::PROFILES)?;
    project.require_trust(routing::PROFILES, &value)?;
    let provider = profile.provider.clone().unwrap_or_default();
    let is_program = provider == "command";
    let mut command = profile.args.clone();
    if is_program && command.is_empty() {
        let said = format!("the profile {} names no program in its args", profile.name);
        return Err(Error::new(Kind::Usage, said).next("ghp config get coordination.profiles"));
    }
    if !is_program && !command.is_empty() {
        command.insert(0, provider.clone());
    }
    Ok(session::new::Args {
        name: Some(agent.parse::<AgentId>()?),
        provider: Some(provider).filter(|_| !is_program),
        kind: Some(profile.name.clone()),
        prompt: Message {
            message: Some(delegated::text(project, task)?),
            file: None,
        },
        here: profile.shares_cave,
        headless: profile.headless,
        command,
        ..session::new::Args::default()
    })
}

/// Says in the document what is known of a prompt that was pasted and that nobody acknowledged. Its hook may still do so.
fn unacknowledged(project: &Project, by: &str, task: &Task, agent: &str) -> Result<()> {
    let short = tail(&task.core.id);
    let why = format!(
        "pasted into {agent}'s session, which has not acknowledged it: look there (ghp session attach {agent}), or ghp \
         task retry {short}"
    );
    project.decide(by, "delegate", |transaction| {
        let mut now = load_in(transaction, &task.core.id)?;
        if now.status == Status::Delivered && now.is_in_hand_of(agent) && now.why.is_none() {
            now.why = Some(why.clone());
            let said = format!("{short} is not acknowledged by {agent}");
            transaction.say(said, now.core.issue);
            transaction.save(&now)?;
        }
        Ok(())
    })
}

/// The agent did not get it after all.
fn put_back(
    project: &Project,
    by: &str,
    task: &Task,
    agent: &str,
    not_started: Option<(&str, bool)>,
) -> Result<()> {
    project.decide(by, "delegate", |transaction| {
        let mut now = load_in(transaction, &task.core.id)?;
        if now.status == Status::Delivered && now.is_in_hand_of(agent) {
            now.take_back();
            super::let_go(transaction, Some(agent), false)?;
            if let Some((why, is_new)) = not_started {
                now.route = Some(why.to_owned());
                // An agent that never was is none to wait for.
                if is_new {
                    transaction.remove_entry(agent)?;
                }
            }
            transaction.say(
                format!("{} waits again: {}", tail(&now.core.id), now.core.title),
                now.core.issue,
            );
            transaction.save(&now)?;
        }
        Ok(())
    })
}
