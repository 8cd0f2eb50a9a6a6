//! `ghp inbox`: everything that waits on the caller.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args as ClapArgs;
use serde::Serialize;

use super::approval::{self, Grounds};
use super::matter::{self, Item, Matter};
use super::task::{self, routing};
use super::{stale, wait};
use crate::documents::brief::Brief;
use crate::documents::waiting::{Glance, last_reply};
use crate::documents::{markdown, remark};
use crate::domain::agent::is_mass_silence;
use crate::domain::escape;
use crate::domain::issue::Issue;
use crate::domain::task::Status;
use crate::domain::time::{Duration, Timestamp};
use crate::domain::waiting::{HUMAN, Kind as Waiting, Waits, tail};
use crate::error::{Error, Kind, Result};
use crate::host::clock;
use crate::host::watch::Patience;
use crate::project::{Caller, Project};

/// Show everything that waits on you
///
/// A person: questions, approvals that agents ask for, handoffs that nobody is named in, tasks that failed or are blocked,
/// agents that have gone silent. An agent: questions, tasks and handoffs addressed to it, approvals that it may grant, what
/// was decided or asked back on its own questions, requests and tasks, comments on its issues. A decision and a comment stay for a day, as long as their issue is
/// open. --wait returns as soon as something waits; what was only
/// decided or said before the call does not end it.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Block until something waits, or this long (exit 9)
    #[arg(long, value_name = "DUR", num_args = 0..=1, default_missing_value = "forever")]
    pub wait: Option<Patience>,
    /// Only this kind (repeatable)
    #[arg(long = "kind", value_name = "KIND", value_parser = ["escalation", "approval", "handoff", "task", "agent", "comment"])]
    pub kinds: Vec<String>,
    /// What is settled, too
    #[arg(short, long)]
    pub all: bool,
}

/// What waits.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Report {
    /// On whom: an agent, or `human`.
    #[serde(rename = "for")]
    pub whom: String,
    /// The longest-waiting first.
    pub items: Vec<Item>,
    /// How many of each kind.
    pub counts: BTreeMap<&'static str, usize>,
}

/// How long a decision and a comment stay in an agent's inbox.
const NEWS: Duration = Duration::from_seconds(24 * 3600);

impl Report {
    /// Whether an agent that has read it knows what was decided, and need not be told again.
    pub fn informs(&self) -> bool {
        self.items.iter().any(|item| item.told_at.is_some())
    }
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let before = items(project, &args, project.now(), None)?;
    let Some(patience) = args.wait else {
        return report(project, before);
    };
    if before.iter().any(is_waiting) {
        return report(project, before);
    }
    let news = wait::until(project, patience, || {
        let now = items(project, &args, clock::now(), None)?;
        let is_new = |item: &Item| {
            !before.iter().any(|old| {
                old.id == item.id && old.status == item.status && old.created_at == item.created_at
            })
        };
        Ok(Some(now).filter(|now| now.iter().any(is_new)))
    })?;
    match news {
        Some(items) => report(project, items),
        None => Err(Error::new(Kind::TimedOut, "nothing waits on you").next("ghp next")),
    }
}

/// Whether somebody waits for the caller, and does not only tell them something.
pub(crate) fn is_waiting(item: &Item) -> bool {
    !matches!(item.kind, "comment")
        && !matches!(
            item.status.as_str(),
            "resolved"
                | "accepted"
                | "granted"
                | "denied"
                | "revoked"
                | "withdrawn"
                | "done"
                | "cancelled"
        )
}

fn report(project: &Project, items: Vec<Item>) -> Result<Report> {
    let whom = match project.caller()? {
        Caller::Agent(agent) => agent.to_string(),
        Caller::Human(_) | Caller::Unnamed(_) => HUMAN.to_owned(),
    };
    let mut counts = BTreeMap::new();
    for item in &items {
        *counts.entry(item.kind).or_default() += 1;
    }
    Ok(Report {
        whom,
        items,
        counts,
    })
}

/// What waits on the caller, the longest-waiting first. The first one is the first thing to do.
pub(crate) fn waiting(project: &Project) -> Result<Vec<Item>> {
    items(project, &Args::default(), project.now(), None)
}

/// The same, by whoever has read the issues.
pub(crate) fn waiting_among(project: &Project, issues: &BTreeMap<u64, Brief>) -> Result<Vec<Item>> {
    items(project, &Args::default(), project.now(), Some(issues))
}

fn items(
    project: &Project,
    args: &Args,
    now: Timestamp,
    issues: Option<&BTreeMap<u64, Brief>>,
) -> Result<Vec<Item>> {
    let caller = project.caller()?;
    let read;
    let mut items = match caller {
        Caller::Human(_) => for_human(project, caller, args.all, now)?,
        Caller::Agent(agent) => {
            let issues = if let Some(issues) = issues {
                issues
            } else {
                read = project.store()?.briefs()?;
                &read
            };
            for_agent(project, caller, agent.as_str(), issues, args.all, now)?
        }
        // It may read, but nothing can be its own.
        Caller::Unnamed(_) => {
            project.by()?;
            Vec::new()
        }
    };
    items.retain(|item| args.kinds.is_empty() || args.kinds.iter().any(|kind| kind == item.kind));
    Ok(items)
}

fn for_human(
    project: &Project,
    caller: &Caller,
    settled: bool,
    now: Timestamp,
) -> Result<Vec<Item>> {
    // A task that failed waits for somebody to try it again or to take it back.
    let may_wait = |kind, text: &str| {
        let seen = Glance::of(text);
        settled || !seen.is_settled() || kind == Waiting::Task && seen.is_failed()
    };
    let mut matters = matter::all(project, Waiting::ALL, may_wait)?;
    let is_failed =
        |matter: &Matter| matches!(matter, Matter::Task(task) if task.status == Status::Failed);
    matters.retain(|matter| settled || matter.waits().is_open() || is_failed(matter));
    let me = project.by()?;
    // Whatever an agent may grant, a person may.
    matters.retain(|matter| match matter {
        Matter::Task(task) => {
            let is_stuck = matches!(task.status, Status::Failed | Status::Blocked);
            is_stuck || settled && task.core.from == me
        }
        Matter::Approval(_) => true,
        _ => matter.core().is_to_human(),
    });
    matter::hand::note(project, &mut matters);
    let mut items: Vec<Item> = matters
        .iter()
        .map(|matter| Item::of(matter, caller, now))
        .collect();
    // Whoever is asked about an agent already need not be told of it twice.
    let asked = |id: &str| {
        matters
            .iter()
            .any(|matter| matter.waits().is_open() && is_about_silence(matter, id))
    };
    items.extend(silent(project)?.into_iter().filter(|item| !asked(&item.id)));
    Ok(items)
}

/// Whether this is the question that `ghp stale` asks of an agent.
fn is_about_silence(matter: &Matter, agent: &str) -> bool {
    matches!(matter, Matter::Escalation(question) if question.key == Some(stale::key(agent)))
}

/// The agents that have gone silent; all at once they are one thing to look at.
fn silent(project: &Project) -> Result<Vec<Item>> {
    let (mut agents, live) = stale::silent(project, None)?;
    agents.retain(stale::Silent::matters);
    let item = |agent: &stale::Silent, id: String, title: String| Item {
        kind: "agent",
        id,
        from: agent.agent.clone(),
        issue: agent.issue,
        title,
        status: agent.liveness.word().to_owned(),
        age_seconds: agent.age_seconds,
        next: "ghp stale --apply".to_owned(),
        noun: "silent agent",
        ..Item::default()
    };
    if is_mass_silence(agents.len(), live)
        && let Some(first) = agents.first()
    {
        let title = format!(
            "{} agents went silent at once: look at the clock and the machine",
            agents.len()
        );
        return Ok(vec![Item {
            issue: None,
            ..item(first, stale::MASS.to_owned(), title)
        }]);
    }
    let one = |agent: &stale::Silent| {
        item(
            agent,
            agent.agent.clone(),
            format!("silent, last {}", agent.status),
        )
    };
    Ok(agents.iter().map(one).collect())
}

fn for_agent(
    project: &Project,
    caller: &Caller,
    me: &str,
    issues: &BTreeMap<u64, Brief>,
    settled: bool,
    now: Timestamp,
) -> Result<Vec<Item>> {
    let is_closed = |number: u64| issues.get(&number).is_some_and(|issue| !issue.open);
    let mut matters = matter::all(project, Waiting::ALL, |kind, text| {
        let seen = Glance::of(text);
        let is_told = || match kind {
            Waiting::Approval => true,
            _ => !seen.is_from_other_than(me) && !seen.is_collected(),
        };
        let is_old = || {
            seen.decided_at()
                .is_some_and(|at| now.since(at) > NEWS.seconds())
        };
        let is_news = || settled || !is_old() && is_told();
        !seen.is_settled() || text.contains(me) && is_news()
    })?;
    let grantable = grantable(project, &matters, me)?;
    let kind = routing::kind_of(&project.store()?.status()?, me);
    matters.retain(|matter| {
        let core = matter.core();
        core.from == me
            || core.is_to(me)
            || told_to(matter, me)
            || grantable.contains(&core.id)
            || matches!(matter, Matter::Task(task) if task.is_for(me, kind.as_deref()))
    });
    in_turn(&mut matters, me);
    matter::hand::note(project, &mut matters);
    let mut items = Vec::new();
    for matter in &matters {
        let (it, core) = (matter.waits(), matter.core());
        let is_news = core
            .decided_at
            .is_some_and(|at| now.since(at) <= NEWS.seconds())
            && !core.issue.is_some_and(is_closed);
        if is_asked(matter, me, kind.as_deref(), &grantable) && (it.is_open() || settled)
            || !it.is_open() && told_to(matter, me) && (is_news || settled)
        {
            items.push(Item::of(matter, caller, now));
        } else if core.from == me && it.is_open() {
            items.extend(stuck(matter, caller, now));
            items.extend(asked_back(matter, me, caller, now));
        }
    }
    for issue in issues
        .values()
        .filter(|issue| issue.open && issue.discussed && issue.assignee.as_deref() == Some(me))
    {
        if let Some(issue) = project.store()?.load::<Issue>(&issue.number.to_string())? {
            items.extend(comments(&issue, me, now));
        }
    }
    Ok(items)
}

/// The open requests of others that the agent may settle.
fn grantable(project: &Project, matters: &[Matter], me: &str) -> Result<BTreeSet<String>> {
    let is_others = |matter: &&Matter| {
        let is_approval = matter.waits().kind() == Waiting::Approval;
        is_approval && matter.waits().is_open() && matter.core().from != me
    };
    let asked: Vec<&Matter> = matters.iter().filter(is_others).collect();
    if asked.is_empty() {
        return Ok(BTreeSet::new());
    }
    let grounds = Grounds::of(project)?;
    Ok(asked
        .into_iter()
        .filter(|matter| approval::may_settle(matter, me, &grounds))
        .map(|matter| matter.core().id.clone())
        .collect())
}

/// Its tasks, at the places where tasks stand, in the order in which it does them.
fn in_turn(matters: &mut [Matter], me: &str) {
    let is_its_own = |matter: &Matter| matches!(matter, Matter::Task(task) if task.is_open() && task.core.from != me);
    let places: Vec<usize> = (0..matters.len())
        .filter(|place| is_its_own(&matters[*place]))
        .collect();
    let chosen = places.iter().map(|place| matters[*place].clone());
    let mut tasks = task::of(chosen.collect());
    tasks.sort_by(|a, b| crate::domain::task::in_turn(a, b));
    for (place, task) in places.into_iter().zip(tasks) {
        matters[place] = Matter::Task(task);
    }
}

/// One's own task that nobody goes on with.
fn stuck(matter: &Matter, caller: &Caller, now: Timestamp) -> Option<Item> {
    let is_stuck = matches!(matter, Matter::Task(task) if task.status == Status::Blocked);
    is_stuck.then(|| Item {
        next: format!("ghp task show {}", tail(&matter.core().id)),
        ..Item::of(matter, caller, now)
    })
}

/// Whether it asks this agent for something: it is addressed to it, or is its to grant.
fn is_asked(matter: &Matter, me: &str, kind: Option<&str>, grantable: &BTreeSet<String>) -> bool {
    match matter {
        Matter::Approval(it) => grantable.contains(&it.core.id),
        Matter::Task(it) => it.is_for(me, kind) && it.status != Status::Blocked,
        _ => matter.core().is_to(me),
    }
}

/// Whether the agent hears what became of it. What one has taken back oneself is no news.
fn told_to(matter: &Matter, me: &str) -> bool {
    let core = matter.core();
    let took_back = matter.waits().is_withdrawn() && core.by.as_deref() == Some(me);
    match matter {
        Matter::Approval(it) => it.is_news_for(me),
        Matter::Task(it) => core.from == me && !took_back && it.collected_at.is_none(),
        _ => core.from == me && !took_back,
    }
}

/// One's own open question, when somebody else had the last word below it.
fn asked_back(matter: &Matter, me: &str, caller: &Caller, now: Timestamp) -> Option<Item> {
    let reply = last_reply(&matter.core().body).filter(|reply| reply.by != me)?;
    let mut item = Item::of(matter, caller, now);
    "replied".clone_into(&mut item.status);
    reply.by.clone_into(&mut item.from);
    item.created_at = Some(reply.at);
    item.age_seconds = Some(now.since(reply.at).max(0));
    item.next = format!("ghp show {}", tail(&item.id));
    Some(item)
}

/// Comments of this day by others on one's issue, since one's own last.
fn comments(issue: &Issue, me: &str, now: Timestamp) -> Vec<Item> {
    let section = markdown::section(&issue.body, "Comments").unwrap_or_default();
    let remarks = remark::all(section);
    let answered = remarks
        .iter()
        .rposition(|remark| remark.by == me)
        .map_or(0, |last| last + 1);
    let fresh = remarks[answered..]
        .iter()
        .filter(|remark| now.since(remark.at) <= NEWS.seconds());
    fresh
        .map(|remark| Item {
            kind: "comment",
            id: issue.number.to_string(),
            from: remark.by.to_owned(),
            to: Some(me.to_owned()),
            issue: Some(issue.number),
            title: escape::one_line(remark.text, 120),
            status: "new".to_owned(),
            created_at: Some(remark.at),
            told_at: Some(remark.at),
            age_seconds: Some(now.since(remark.at).max(0)),
            next: format!("ghp issue show {}", issue.number),
            noun: "comment",
            ..Item::default()
        })
        .collect()
}

/// How many things wait on the caller, by the words that people use. An agent without a name has nothing.
/// `issues`: all of them, as the caller has read them already.
pub fn counts(
    project: &Project,
    issues: &BTreeMap<u64, Brief>,
) -> Result<Vec<(&'static str, usize)>> {
    let (caller, now) = (project.caller()?, project.now());
    let items = match caller {
        Caller::Human(_) => for_human(project, caller, false, now)?,
        Caller::Agent(agent) => for_agent(project, caller, agent.as_str(), issues, false, now)?,
        Caller::Unnamed(_) => Vec::new(),
    };
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    for item in items {
        match counts.iter_mut().find(|(noun, _)| *noun == item.noun) {
            Some((_, count)) => *count += 1,
            None => counts.push((item.noun, 1)),
        }
    }
    Ok(counts)
}
