//! `ghp workflow`: what its verbs have in common.

mod built_in;
pub mod cancel;
mod drive;
pub mod graph;
pub mod list;
mod observe;
mod perform;
mod prompts;
pub mod resume;
pub mod run;
pub mod show;
pub(crate) mod trust;

use std::path::Path;

use super::matter::several;
use super::text;
use crate::documents;
use crate::domain::escape::one_line;
use crate::domain::nearest::nearest;
use crate::domain::waiting::{candidates, tail};
use crate::domain::workflow::run::{Run, Source, Standing};
use crate::domain::workflow::{Flaw, Workflow, is_name};
use crate::error::{Error, Kind, Result};
use crate::project::Project;
use crate::store::layout;

/// A definition, and where it was found.
#[derive(Debug)]
pub(crate) struct Definition {
    pub workflow: Workflow,
    pub source: Source,
    /// As it was written.
    pub text: String,
    /// What is odd about it.
    pub warnings: Vec<String>,
}

/// A definition's text before it is read.
struct Found {
    name: String,
    source: Source,
    text: String,
    /// Where it stands, for messages.
    place: String,
}

/// The workflow that a word means: one of the documents, one that is built in, or a file.
pub(crate) fn definition(project: &Project, word: &str) -> Result<Definition> {
    read(found(project, word)?)
}

fn found(project: &Project, word: &str) -> Result<Found> {
    let is_toml = Path::new(word).extension().is_some_and(|end| end == "toml");
    if word.contains('/') || is_toml {
        return file(project, word);
    }
    if let Some(found) = named(project, word)? {
        return Ok(found);
    }
    let names = names(project)?;
    let error = Error::new(
        Kind::NotFound,
        format!("there is no workflow {}", one_line(word, 64)),
    );
    Err(match nearest(word, names.iter().map(String::as_str)) {
        Some(near) => error
            .hint("did you mean")
            .next(format!("ghp workflow show {near}")),
        None => error.next("ghp workflow list"),
    })
}

fn named(project: &Project, name: &str) -> Result<Option<Found>> {
    if let Some(text) = project.store()?.workflow(name)? {
        return Ok(Some(Found {
            name: name.to_owned(),
            source: Source::Repository,
            text,
            place: layout::workflow(name),
        }));
    }
    Ok(built_in::text(name).map(|text| Found {
        name: name.to_owned(),
        source: Source::BuiltIn,
        text: text.to_owned(),
        place: format!("built-in {name}"),
    }))
}

fn file(project: &Project, word: &str) -> Result<Found> {
    if Path::new(word).extension().is_none_or(|end| end != "toml") {
        let said = format!(
            "{} is no workflow: its file ends in .toml",
            one_line(word, 200)
        );
        return Err(Error::new(Kind::Usage, said).next("ghp workflow list"));
    }
    let path = project.here().join(word);
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    if !is_name(&name) {
        let said = format!(
            "{} is no name for a workflow: use lower-case letters, digits, \"-\" and \"_\"",
            one_line(&name, 64)
        );
        return Err(Error::new(Kind::Usage, said).next("ghp workflow list"));
    }
    Ok(Found {
        name: name.into_owned(),
        source: Source::File,
        text: text::read("workflow show", &path)?,
        place: one_line(word, 200),
    })
}

fn read(found: Found) -> Result<Definition> {
    match documents::workflow::parse(&found.name, &found.text) {
        Ok(read) => Ok(Definition {
            workflow: read.workflow,
            source: found.source,
            warnings: (read.warnings.iter())
                .map(|warning| format!("{}: {warning}", found.place))
                .collect(),
            text: found.text,
        }),
        Err(flaws) => Err(unsound(&found.place, &flaws)),
    }
}

/// A definition that cannot be run: the first thing that is wrong with it, then the others.
fn unsound(place: &str, flaws: &[Flaw]) -> Error {
    let said = |flaw: &Flaw| format!("{place}, line {}: {}", flaw.line, flaw.what);
    let first = flaws.first().map_or_else(|| place.to_owned(), said);
    let mut error = Error::new(Kind::Unreadable, first);
    for flaw in flaws.iter().skip(1).take(20) {
        error = error.because(said(flaw));
    }
    error
        .hint("an example of a definition")
        .next("ghp workflow show plan-review-code-test-deploy")
}

/// Every workflow that can be named: the documents', then those that are built in.
fn names(project: &Project) -> Result<Vec<String>> {
    let mut names = project.store()?.workflow_names()?;
    for name in built_in::names() {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// The run that a word means: its id, the beginning of it, or its last four characters; `None`: there is none.
pub(crate) fn find_run(project: &Project, word: &str) -> Result<Option<Run>> {
    let store = project.store()?;
    let ids = store.run_ids()?;
    let found = candidates(word, ids.iter().map(String::as_str));
    let mut runs = Vec::new();
    for id in found {
        runs.extend(store.run(id)?);
    }
    if runs.len() > 1 && runs.iter().any(|run| run.state == Standing::Running) {
        runs.retain(|run| run.state == Standing::Running);
    }
    if runs.len() > 1 {
        let lines = runs
            .iter()
            .map(|run| (run.id.clone(), run.workflow.clone()));
        let said = format!("\"{}\" could mean several runs", one_line(word, 64));
        return Err(several(&said, lines, "ghp workflow show"));
    }
    Ok(runs.pop())
}

/// The run that a word means.
pub(crate) fn require_run(project: &Project, word: &str) -> Result<Run> {
    if let Some(run) = find_run(project, word)? {
        return Ok(run);
    }
    let ids = project.store()?.run_ids()?;
    let said = format!("there is no run {}", one_line(word, 80));
    let error = Error::new(Kind::NotFound, said);
    let ids = ids.iter().map(String::as_str);
    Err(
        match nearest(word, ids.clone().map(tail)).or_else(|| nearest(word, ids)) {
            Some(near) => error
                .hint("did you mean")
                .next(format!("ghp workflow show {near}")),
            None => error.next("ghp workflow list"),
        },
    )
}

/// The only run that goes on; `command`: what is to name one when there are several.
fn only(project: &Project, command: &str) -> Result<Run> {
    let mut runs = project.store()?.runs()?;
    runs.retain(|run| run.state == Standing::Running);
    match (runs.pop(), runs.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(
            Error::new(Kind::Usage, "no run goes on: say which one you mean")
                .next("ghp workflow list --all"),
        ),
        (Some(last), false) => {
            runs.push(last);
            let lines = runs
                .iter()
                .map(|run| (run.id.clone(), run.workflow.clone()));
            Err(several("several runs go on", lines, command))
        }
    }
}

/// The definition that a run keeps.
pub(crate) fn definition_of(run: &Run) -> Result<Definition> {
    if documents::workflow_run::hash(&run.definition) != run.hash {
        let said = format!(
            "the definition kept in {} is not the one that the run began with",
            layout::workflow_run(&run.id)
        );
        return Err(Error::new(Kind::Unsafe, said)
            .hint("what was changed in it")
            .next("ghp log -p"));
    }
    read(Found {
        name: one_line(&run.workflow, 64),
        source: run.source,
        text: run.definition.clone(),
        place: layout::workflow_run(&run.id),
    })
}
