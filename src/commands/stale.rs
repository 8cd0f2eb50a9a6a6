//! `ghp stale`: who has gone silent, and what to do about it.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::{holding, presence};
use crate::documents::paged::Paged;
use crate::domain::agent::{Entry, Liveness, Patience, is_mass_silence};
use crate::domain::id::AgentId;
use crate::domain::issue::Issue;
use crate::domain::time::{Duration, Timestamp};
use crate::error::Result;
use crate::project::Project;
use crate::store::Transaction;

/// Show agents that have gone silent, and carry out the policy
///
/// coordination.stalePolicy: `alert` asks a person once, `release` gives their issues back, `reassign:AGENT` gives them
/// to another. The tasks that gone agents had in hand go back to the queue. Issues only ever move from agents that have
/// expired. When most agents go silent at once it is the clock or the lid of a laptop: one question, and nobody is
/// reassigned. Asking a person is anybody's to do; moving issues is for an orchestrator or a person.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Carry out coordination.stalePolicy
    #[arg(long)]
    pub apply: bool,
    /// Silence that counts, instead of coordination.staleAfter
    #[arg(long, value_name = "DUR")]
    pub after: Option<Duration>,
    /// Exit 8 when somebody is silent
    #[arg(long)]
    pub exit_code: bool,
}

/// Who is silent, and what was done.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Sorted by name.
    pub agents: Vec<Silent>,
    /// Most agents are silent at once: one alarm, nobody reassigned.
    pub mass: bool,
    /// What was done, one line each.
    pub done: Vec<String>,
    /// Whether the policy was carried out.
    #[serde(skip)]
    pub applied: bool,
    /// Whether findings end with exit 8.
    #[serde(skip)]
    pub exit_code: bool,
}

/// A silent agent.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Silent {
    /// Its name.
    pub agent: String,
    /// What it works on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<u64>,
    /// Its status word.
    pub status: String,
    /// How long it has been silent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
    /// `stale` or `expired`.
    pub liveness: Liveness,
}

impl Silent {
    /// Whether anybody should be troubled: an idle agent that holds no issue keeps nothing waiting.
    pub fn matters(&self) -> bool {
        self.issue.is_some() || self.status != "idle"
    }
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let (agents, live) = silent(project, args.after)?;
    let mass = is_mass_silence(agents.len(), live);
    let mut report = Report {
        agents,
        mass,
        done: Vec::new(),
        applied: args.apply,
        exit_code: args.exit_code,
    };
    if args.apply && !report.agents.is_empty() {
        report.done = apply(project, &report)?;
    }
    if args.apply {
        report.done.extend(super::task::lost::look(project)?);
    }
    Ok(report)
}

/// The silent agents, and how many agents are not at their end.
pub(crate) fn silent(project: &Project, after: Option<Duration>) -> Result<(Vec<Silent>, usize)> {
    let configured = project.config()?.patience()?;
    let stale = after.unwrap_or(configured.stale);
    let patience = Patience {
        stale,
        expire: configured.expire.max(stale),
    };
    let status = project.store()?.status()?;
    let mut agents = Vec::new();
    for (name, entry) in &status.agents {
        let liveness = liveness(project, name, entry, patience)?;
        if liveness.is_silent() {
            agents.push(Silent {
                agent: name.clone(),
                issue: entry.issue,
                status: entry.word().to_owned(),
                age_seconds: entry.age(project.now()),
                liveness,
            });
        }
    }
    let live = status
        .agents
        .values()
        .filter(|entry| !entry.ended() && entry.seen().is_some())
        .count();
    Ok((agents, live))
}

fn liveness(project: &Project, name: &str, entry: &Entry, patience: Patience) -> Result<Liveness> {
    let quick = entry.liveness(project.now(), patience, false);
    if !quick.is_silent() {
        return Ok(quick);
    }
    let dead = presence::of(project, name)?.is_some_and(|presence| presence.is_proven_dead());
    Ok(entry.liveness(project.now(), patience, dead))
}

fn apply(project: &Project, report: &Report) -> Result<Vec<String>> {
    let by = project.by()?;
    let policy = project.config()?.stale_policy()?;
    if report.mass {
        let names: Vec<&str> = report
            .agents
            .iter()
            .map(|silent| silent.agent.as_str())
            .collect();
        let title = format!("{} agents went silent at once", names.len());
        let body = format!(
            "{}.\n\nWhen most agents go silent together it is the clock or the machine; nobody was reassigned.",
            names.join(", ")
        );
        return alert(project, &by, &key(MASS), &title, &body, None);
    }
    let heir = policy
        .strip_prefix("reassign:")
        .map(str::parse::<AgentId>)
        .transpose()?;
    // Moving work away needs more than silence, and somebody who may.
    let moves = |silent: &Silent| {
        let gone = silent.liveness == Liveness::Expired && silent.issue.is_some();
        let somewhere = match &heir {
            Some(heir) => heir.as_str() != silent.agent,
            None => policy == "release",
        };
        gone && somewhere
    };
    let troubling = || report.agents.iter().filter(|silent| silent.matters());
    if troubling().any(moves) {
        super::require_lead(project, "moving the issues of silent agents")?;
    }
    let mut done = Vec::new();
    for silent in troubling() {
        match &heir {
            heir if moves(silent) => {
                done.extend(hand_over(project, &by, silent, heir.as_ref())?);
            }
            _ => {
                let on = silent
                    .issue
                    .map(|issue| format!(" on #{issue}"))
                    .unwrap_or_default();
                let title = format!("{} has been silent{on}", silent.agent);
                let body = format!(
                    "Last status: {}. Look after it, or give its issue to another: ghp assign {} AGENT",
                    silent.status,
                    silent
                        .issue
                        .map_or_else(|| "N".to_owned(), |issue| issue.to_string())
                );
                done.extend(alert(
                    project,
                    &by,
                    &key(&silent.agent),
                    &title,
                    &body,
                    silent.issue,
                )?);
            }
        }
    }
    Ok(done)
}

/// What stands for an agent's name when most are silent; no agent may have it.
pub(crate) const MASS: &str = "all";

/// The key of the question about an agent's silence.
pub(crate) fn key(agent: &str) -> String {
    format!("stale-{agent}")
}

fn alert(
    project: &Project,
    by: &str,
    key: &str,
    title: &str,
    body: &str,
    issue: Option<u64>,
) -> Result<Vec<String>> {
    let asked = super::escalate::ask_keyed(project, by, key, title, body, issue)?;
    Ok(asked
        .map(|id| format!("asked a person: {title} ({id})"))
        .into_iter()
        .collect())
}

fn hand_over(
    project: &Project,
    by: &str,
    silent: &Silent,
    heir: Option<&AgentId>,
) -> Result<Vec<String>> {
    project.decide(by, "stale", |transaction| {
        // It may have spoken again since we looked, or been taken off the board.
        let entry = transaction.known(&silent.agent)?;
        let Some(entry) = entry.filter(|entry| entry.age(project.now()) >= silent.age_seconds)
        else {
            return Ok(Vec::new());
        };
        entry.set_status("stopped");
        let mut done = Vec::new();
        for mut issue in left_behind(transaction, silent, by, project.now())? {
            if let Some(heir) = heir {
                issue.assign(heir.as_str());
                holding::point(transaction, heir, &issue)?;
                done.push(format!(
                    "#{} is {heir}'s now; {} has gone",
                    issue.number, silent.agent
                ));
            } else {
                issue.assignee = None;
                done.push(format!(
                    "#{} is free again; {} has gone",
                    issue.number, silent.agent
                ));
            }
            transaction.save(&issue)?;
        }
        say(transaction, silent, heir);
        Ok(done)
    })
}

/// The open issues of an agent that has gone: those it holds, and the one that only its entry names, unless somebody else
/// holds that.
fn left_behind(
    transaction: &mut Transaction<'_>,
    silent: &Silent,
    by: &str,
    now: Timestamp,
) -> Result<Vec<Paged<Issue>>> {
    let mut issues = transaction.all::<Issue>()?;
    if let Some(number) = silent.issue
        && !issues.iter().any(|issue| issue.number == number)
    {
        issues.push(holding::untold(number, by, now));
    }
    issues.retain(|issue| {
        let is_only_named = issue.assignee.is_none() && silent.issue == Some(issue.number);
        issue.is_open() && (is_only_named || issue.is_held_by(&silent.agent))
    });
    Ok(issues)
}

fn say(transaction: &mut Transaction<'_>, silent: &Silent, heir: Option<&AgentId>) {
    let what = heir.map_or_else(
        || "released".to_owned(),
        |heir| format!("reassigned to {heir}"),
    );
    transaction.say(
        format!("{} has gone silent; its issues were {what}", silent.agent),
        silent.issue,
    );
}
