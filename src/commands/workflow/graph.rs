//! `ghp workflow graph`: which step waits for which.

use clap::{Args as ClapArgs, ValueEnum};
use serde::Serialize;

use super::{definition, definition_of, find_run};
use crate::domain::workflow::drawing::{self, Drawn};
use crate::domain::workflow::run::State;
use crate::error::Result;
use crate::project::Project;

/// Draw the steps of a workflow or a run, and what each needs
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// A workflow, a file with one, or the id of a run
    #[arg(value_name = "NAME|ID")]
    pub what: String,
    /// How: lines of text, for Graphviz, or for Mermaid
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// How it is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Lines of text.
    #[default]
    Text,
    /// Graphviz.
    Dot,
    /// Mermaid.
    Mermaid,
}

/// The drawing.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What was drawn.
    pub workflow: String,
    /// How.
    pub format: Format,
    /// The steps, each before those that need it.
    pub steps: Vec<Drawn>,
    /// The drawing itself.
    pub text: String,
    /// What is odd about the definition.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let run = find_run(project, &args.what)?;
    let definition = match &run {
        Some(run) => definition_of(run)?,
        None => definition(project, &args.what)?,
    };
    let state = |step: &str| -> Option<State> {
        let run = run.as_ref()?;
        run.step(step).map(|step| step.state)
    };
    let steps = drawing::drawn(&definition.workflow, state);
    Ok(Report {
        text: match args.format {
            Format::Text => drawing::text(&steps),
            Format::Dot => drawing::dot(&definition.workflow.name, &steps),
            Format::Mermaid => drawing::mermaid(&steps),
        },
        workflow: definition.workflow.name,
        format: args.format,
        steps,
        warnings: definition.warnings,
    })
}
