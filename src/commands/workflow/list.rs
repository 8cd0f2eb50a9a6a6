//! `ghp workflow list`: what can be run, and what was.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::domain::time::Timestamp;
use crate::domain::waiting::tail;
use crate::domain::workflow::run::{Run, Source, Standing};
use crate::error::Result;
use crate::project::Project;

/// List the workflows and their runs
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Ended runs, too
    #[arg(short, long)]
    pub all: bool,
}

/// Workflows and runs.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What can be run: the documents', then those that are built in.
    pub workflows: Vec<Row>,
    /// The runs, the latest first.
    pub runs: Vec<RunRow>,
}

/// A workflow.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How many steps it has.
    pub steps: usize,
    /// What must be said when it is run.
    pub required: Vec<String>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// A run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunRow {
    /// Its id.
    pub id: String,
    /// What it is a run of.
    pub workflow: String,
    /// Where it stands.
    pub state: Standing,
    /// How many of its steps are done.
    pub done: usize,
    /// How many it has.
    pub steps: usize,
    /// Who began it.
    pub from: String,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// How long ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
    /// Why it failed or was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The command to type next.
    pub next: String,
}

impl RunRow {
    pub(crate) fn of(run: &Run, now: Timestamp) -> RunRow {
        let short = tail(&run.id);
        RunRow {
            id: run.id.clone(),
            workflow: run.workflow.clone(),
            state: run.state,
            done: run.done(),
            steps: run.steps.len(),
            from: run.from.clone(),
            created_at: run.created_at,
            age_seconds: run.created_at.map(|at| now.since(at)),
            why: run.why.clone(),
            next: match run.state {
                Standing::Running | Standing::Failed => format!("ghp workflow resume {short}"),
                Standing::Cancelled | Standing::Done => format!("ghp workflow show {short}"),
            },
        }
    }
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let mut workflows = Vec::new();
    for name in super::names(project)? {
        let Some(found) = super::named(project, &name)? else {
            continue;
        };
        let source = found.source;
        workflows.push(match super::read(found) {
            Ok(definition) => {
                let params = definition.workflow.params.into_iter();
                Row {
                    name,
                    source,
                    description: definition.workflow.description,
                    steps: definition.workflow.steps.len(),
                    required: params
                        .filter(|param| param.default.is_none())
                        .map(|param| param.name)
                        .collect(),
                    problem: None,
                }
            }
            Err(error) => Row {
                name,
                source,
                description: None,
                steps: 0,
                required: Vec::new(),
                problem: Some(error.message),
            },
        });
    }
    let mut runs = project.store()?.runs()?;
    runs.retain(|run| args.all || matches!(run.state, Standing::Running | Standing::Failed));
    runs.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    Ok(Report {
        workflows,
        runs: runs
            .iter()
            .map(|run| RunRow::of(run, project.now()))
            .collect(),
    })
}
