//! What the checks of workflows would run: nothing, until a person has looked at it (`ghp trust`).

use serde_json::{Map, Value};

use super::{Definition, definition, definition_of, named, names};
use crate::config::trust::Program;
use crate::domain::workflow::run::{Source, Standing};
use crate::error::Result;
use crate::project::Project;

/// What a workflow would run: each step's command, as it was written; `None`: nothing.
fn program(definition: &Definition) -> Option<Program> {
    let workflow = &definition.workflow;
    let mut checks = Map::new();
    for step in workflow.steps.iter().filter(|step| !step.check.is_empty()) {
        let words = step.check.iter().map(|word| Value::String(word.source()));
        checks.insert(step.name.clone(), Value::Array(words.collect()));
    }
    (!checks.is_empty()).then(|| Program {
        key: match definition.source {
            // One that is called as one of the documents is another.
            Source::File => format!("workflowFiles.{}", workflow.name),
            Source::Repository | Source::BuiltIn => format!("workflows.{}", workflow.name),
        },
        value: Value::Object(checks),
    })
}

/// Refuses a workflow whose checks nobody on this machine has allowed.
pub(super) fn require(project: &Project, definition: &Definition, word: &str) -> Result<()> {
    let Some(program) = program(definition) else {
        return Ok(());
    };
    let trusted = project.require_trust(&program.key, &program.value);
    trusted.map_err(|error| match definition.source {
        Source::File => error.next(format!("ghp trust {}", crate::commands::word(word))),
        Source::Repository | Source::BuiltIn => error,
    })
}

/// What the workflows among the documents would run, the runs that go on, and the workflows in these files.
pub(crate) fn programs(project: &Project, files: &[String]) -> Result<Vec<Program>> {
    let mut programs: Vec<Program> = Vec::new();
    let mut add = |definition: &Definition| {
        // One content of each is asked for at a time: what is in the documents, not what a run has kept of it.
        let new = program(definition);
        let is_known = |new: &Program| programs.iter().any(|known| known.key == new.key);
        if let Some(new) = new.filter(|new| !is_known(new)) {
            programs.push(new);
        }
    };
    for file in files {
        add(&definition(project, file)?);
    }
    for name in names(project)? {
        // One that cannot be read runs nothing.
        if let Some(Ok(definition)) = named(project, &name)?.map(super::read) {
            add(&definition);
        }
    }
    for run in project.store()?.runs()? {
        if let (Standing::Running, Ok(definition)) = (run.state, definition_of(&run)) {
            add(&definition);
        }
    }
    Ok(programs)
}
