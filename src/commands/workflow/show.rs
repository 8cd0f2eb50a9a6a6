//! `ghp workflow show`: a workflow as it was written, or a run with all it came to.

use std::collections::BTreeMap;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::list::RunRow;
use super::{Definition, definition, find_run};
use crate::domain::time::{Duration, Timestamp};
use crate::domain::workflow::drawing::does;
use crate::domain::workflow::run::{Progress, Run, Source, Standing};
use crate::domain::workflow::template::Template;
use crate::domain::workflow::{Each, Step, Value};
use crate::error::Result;
use crate::project::Project;

/// Show a workflow, or how far a run has come
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// A workflow, a file with one, or the id of a run
    #[arg(value_name = "NAME|ID")]
    pub what: String,
}

/// One or the other.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// A workflow.
    Workflow(Shown),
    /// A run.
    Run(RunShown),
}

/// A workflow as it was written.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What whoever runs it says.
    pub params: Vec<ParamShown>,
    /// Its steps, as they were written.
    pub steps: Vec<StepShown>,
    /// The definition itself.
    pub definition: String,
    /// The command to type next.
    pub next: String,
    /// What is odd about it.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// A parameter.
#[derive(Debug, Serialize)]
pub struct ParamShown {
    /// Its name.
    pub name: String,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it is when nobody says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
}

/// A step.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepShown {
    /// Its name.
    pub step: String,
    /// What it needs.
    pub needs: Vec<String>,
    /// What it does, in a few words.
    pub does: String,
    /// Whom it is delegated to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// The command that must pass.
    pub check: Vec<String>,
    /// How often it is begun again.
    pub retries: u64,
    /// How long it may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<i64>,
    /// Whether a person is asked first.
    pub approve: bool,
    /// What it is done once for each of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_each: Option<Value>,
}

/// A run with its steps.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunShown {
    /// Its id.
    pub id: String,
    /// What it is a run of.
    pub workflow: String,
    /// Where the definition came from.
    pub source: Source,
    /// Where it stands.
    pub state: Standing,
    /// How many of its steps are done.
    pub done: usize,
    /// Who began it.
    pub from: String,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// How long ago it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
    /// Why it failed or was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What the parameters are.
    pub params: BTreeMap<String, Value>,
    /// Its steps.
    pub steps: Vec<Progress>,
    /// The command to type next.
    pub next: String,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    if let Some(run) = find_run(project, &args.what)? {
        return Ok(Report::Run(RunShown::of(&run, project.now())));
    }
    let definition = definition(project, &args.what)?;
    Ok(Report::Workflow(Shown::of(definition, &args.what)))
}

impl Shown {
    fn of(definition: Definition, word: &str) -> Shown {
        let workflow = definition.workflow;
        let required = workflow
            .params
            .iter()
            .filter(|param| param.default.is_none());
        let mut next = format!("ghp workflow run {}", crate::commands::word(word));
        for param in required {
            next.push_str(&format!(" {}=…", param.name));
        }
        Shown {
            next,
            source: definition.source,
            description: workflow.description,
            params: workflow
                .params
                .into_iter()
                .map(|param| ParamShown {
                    name: param.name,
                    description: param.description,
                    default: param.default,
                })
                .collect(),
            steps: workflow.steps.iter().map(StepShown::of).collect(),
            name: workflow.name,
            definition: definition.text,
            warnings: definition.warnings,
        }
    }
}

impl StepShown {
    fn of(step: &Step) -> StepShown {
        StepShown {
            step: step.name.clone(),
            needs: step.needs.clone(),
            does: does(step),
            to: step.to.as_ref().map(Template::source),
            prompt: step.prompt.as_ref().map(Template::source),
            check: step.check.iter().map(Template::source).collect(),
            retries: step.retries,
            timeout_seconds: step.timeout.map(Duration::seconds),
            approve: step.approve,
            for_each: step.for_each.as_ref().map(|each| match each {
                Each::List(list) => Value::List(list.clone()),
                Each::Of(name) => Value::Text(name.to_string()),
            }),
        }
    }
}

impl RunShown {
    pub(crate) fn of(run: &Run, now: Timestamp) -> RunShown {
        let row = RunRow::of(run, now);
        RunShown {
            id: row.id,
            workflow: row.workflow,
            source: run.source,
            state: row.state,
            done: row.done,
            from: row.from,
            created_at: row.created_at,
            ended_at: run.ended_at,
            age_seconds: row.age_seconds,
            why: row.why,
            params: run.params.clone(),
            steps: run.steps.clone(),
            next: row.next,
        }
    }
}
