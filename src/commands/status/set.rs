//! `ghp status set`: an agent says what it is doing.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::domain::agent::Role;
use crate::domain::id::{AgentId, IssueId, StatusWord};
use crate::domain::issue::Issue;
use crate::error::{Error, Kind, Result};
use crate::host::watch::Patience;
use crate::project::Project;

use crate::commands::{goal, holding, one_line, require_lead, require_own_or_lead, role_of_caller};

/// Update your entry: your status word, your issue, what you last did
///
/// Any status but `blocked` and `waiting` clears what you were blocked on. Another agent's entry (-t AGENT) is an
/// orchestrator's or a person's to set. Prints nothing when all is well.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// One word: implementing, testing, reviewing, blocked, waiting, idle, done, …
    #[arg(value_name = "STATUS")]
    pub status: Option<StatusWord>,
    /// Issue you are working on
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
    /// One line: your last action
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub message: Option<String>,
    /// An issue you wait for (repeatable); implies the status `blocked`
    #[arg(long = "blocked-on", value_name = "N")]
    pub blocked_on: Vec<IssueId>,
    /// Your role, when the configuration does not say it
    #[arg(long, value_name = "R", value_parser = ["orchestrator", "epic", "worker"])]
    pub role: Option<String>,
    /// What kind of work you do, such as research
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// What you are to achieve, one line; empty takes it away
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub objective: Option<String>,
    /// The goal that you work on (`ghp goals`); `none` takes it away
    #[arg(long, value_name = "ID")]
    pub goal: Option<String>,
    /// Return when the issues you wait for are closed, or when this long has passed (exit 9)
    #[arg(long, value_name = "DUR", num_args = 0..=1, default_missing_value = "forever")]
    pub wait: Option<Patience>,
}

/// The entry as it now is.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whose.
    pub agent: AgentId,
    /// The status word.
    pub status: String,
    /// The issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<u64>,
    /// Issues it waits for.
    pub blocked_on: Vec<u64>,
    /// With `--wait`: the blockers are closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unblocked: Option<bool>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let me = project.me()?.clone();
    require_own_or_lead(project, me.as_str(), "setting another agent's entry")?;
    // Whoever sets another's entry is not where that agent works, and the history says who it was.
    let beneath = project.found()?.beneath.as_ref();
    let setter = beneath.unwrap_or(&me);
    if args.role.as_deref() == Some("orchestrator")
        && role_of_caller(project)? != Role::Orchestrator
    {
        require_lead(project, "naming an orchestrator")?;
    }
    let message = args
        .message
        .as_deref()
        .map(|text| one_line(text, "message"))
        .transpose()?;
    let line = |text: &Option<String>, what| text.as_deref().map(|it| one_line(it, what));
    let kind = line(&args.kind, "type").transpose()?;
    let objective = line(&args.objective, "objective").transpose()?;
    let aim = args.goal.as_deref().map(|word| goal::id(project, word));
    let aim = aim.transpose()?;
    let blocked: Vec<u64> = args.blocked_on.iter().map(|issue| issue.0).collect();
    let report = project.decide(setter.as_str(), "status set", |transaction| {
        if let Some(issue) = args.issue {
            holding::name(transaction, &me, issue.0)?;
        }
        let entry = transaction.entry(me.as_str())?;
        if let Some(word) = &args.status {
            entry.set_status(word.as_str());
        }
        if !blocked.is_empty() {
            if args.status.is_none() {
                entry.set_status("blocked");
            }
            entry.blocked_on.clone_from(&blocked);
        }
        if let Some(role) = &args.role {
            entry.role = Some(role.clone());
        }
        // Empty takes away.
        if let Some(kind) = &kind {
            entry.kind = Some(kind.clone()).filter(|kind| !kind.is_empty());
        }
        if let Some(objective) = &objective {
            entry.objective = Some(objective.clone()).filter(|text| !text.is_empty());
        }
        if let Some(goal) = &aim {
            entry.goal.clone_from(goal);
        }
        entry.beat(project.now(), message.clone());
        let report = Report {
            agent: me.clone(),
            status: entry.word().to_owned(),
            issue: entry.issue,
            blocked_on: entry.blocked_on.clone(),
            unblocked: None,
        };
        let on = report
            .issue
            .map(|issue| format!(" on #{issue}"))
            .unwrap_or_default();
        let words = message
            .as_deref()
            .map(|text| format!(": {text}"))
            .unwrap_or_default();
        transaction.say(
            format!("{me} is {}{on}{words}", report.status),
            report.issue,
        );
        Ok(report)
    })?;
    if *setter == me {
        crate::commands::presence::note(project, &me);
    }
    match args.wait {
        None => Ok(report),
        Some(patience) => wait(project, report, patience),
    }
}

fn wait(project: &Project, report: Report, patience: Patience) -> Result<Report> {
    let watch = project.watch()?;
    let deadline = patience.deadline();
    loop {
        project.refresh()?;
        let mut open = Vec::new();
        for number in &report.blocked_on {
            if is_open(project, report.agent.as_str(), *number)? {
                open.push(format!("#{number}"));
            }
        }
        if open.is_empty() {
            return Ok(Report {
                unblocked: Some(true),
                ..report
            });
        }
        if !watch.changed(deadline)? {
            return Err(Error::new(
                Kind::TimedOut,
                format!("still blocked by {}", open.join(", ")),
            )
            .next("ghp next"));
        }
    }
}

/// Whether an issue is still to be done; one without a document is, as long as another's entry says that it is worked on.
fn is_open(project: &Project, me: &str, number: u64) -> Result<bool> {
    let store = project.store()?;
    if let Some(issue) = store.load::<Issue>(&number.to_string())? {
        return Ok(issue.is_open());
    }
    let status = store.status()?;
    let mut others = status.agents.iter().filter(|(agent, _)| *agent != me);
    Ok(others.any(|(_, entry)| entry.issue == Some(number) && !entry.ended()))
}
