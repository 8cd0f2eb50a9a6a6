//! A verb as programs call it: the arguments are one JSON object, the answer is the document that `--json` prints.
//!
//! Nothing has to be written for it beside the verb's `Args`: its parser is the one reader of its arguments, whoever sends
//! them, so that names, types, defaults and what excludes what cannot differ between the doors.

mod arguments;
mod property;
mod schema;
mod table;
mod usage;

pub use table::CALLS;
pub(crate) use usage::usage;

use std::cell::RefCell;

use clap::{ArgMatches, Command, FromArgMatches};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Outside, check, presence};
use crate::error::{Error, Kind, Result};
use crate::host::seed::{Seed, is_sown};
use crate::host::watch::Stop;
use crate::project::Project;

/// The answer of a verb that has nothing to say.
const NOTHING: &str = "{}\n";

/// What calling a verb does to the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It reads.
    Reads,
    /// It changes something; the same call again changes nothing more.
    Settles,
    /// It changes something at each call.
    Changes,
    /// It takes something away that was there.
    Removes,
}

/// Runs a verb on what was parsed; the answer is one JSON document.
type Run = fn(&Ground, &ArgMatches) -> Result<String>;

/// A row of the table: a verb that programs may call.
#[derive(Debug)]
pub struct Call {
    /// Its words on the command line, such as `group share`.
    pub name: &'static str,
    /// What it does.
    pub effect: Effect,
    args: fn(Command) -> Command,
    run: Run,
    /// Arguments that make sense only on a terminal.
    hidden: &'static [&'static str],
    /// The JSON Schema of its answer, where its report has one.
    answer: Option<fn() -> Map<String, Value>>,
}

/// Where a call comes from.
#[derive(Debug, Default)]
pub struct Ground {
    /// What a verb gets that needs no project.
    pub outside: Outside,
    /// What calls off its waits.
    pub stop: Stop,
    /// What there is to say beside the answer.
    pub warnings: RefCell<Vec<String>>,
}

impl Ground {
    /// The project, opened for one call.
    pub fn project(&self) -> Result<Project> {
        Ok(self.outside.project()?.until(self.stop.clone()))
    }

    /// Does something with the project; whatever comes of it, the project's warnings are kept.
    fn with<T>(&self, work: impl FnOnce(&Project) -> Result<T>) -> Result<T> {
        let project = self.project()?;
        let done = work(&project);
        self.warn(project.warnings());
        done
    }

    fn warn(&self, warnings: impl IntoIterator<Item = String>) {
        self.warnings.borrow_mut().extend(warnings);
    }
}

impl Call {
    /// The first line of its help.
    pub fn about(&self) -> String {
        let about = self.command().get_about().map(ToString::to_string);
        about.unwrap_or_default()
    }

    /// All of its help but the arguments'.
    pub fn description(&self) -> String {
        let command = self.command();
        let about = command.get_long_about().or(command.get_about());
        about.map(ToString::to_string).unwrap_or_default()
    }

    /// The JSON Schema of its arguments.
    pub fn schema(&self) -> Map<String, Value> {
        schema::of(&self.command())
    }

    /// The JSON Schema of its answer, where it has one.
    pub fn answer_schema(&self) -> Option<Map<String, Value>> {
        self.answer.map(|schema| schema())
    }

    /// Whether it waits until something is decided, called so.
    pub fn waits_with(&self, arguments: &Map<String, Value>) -> bool {
        let command = self.command();
        let mut patient = command
            .get_arguments()
            .filter(|arg| property::is_patience(arg));
        let is_said = |value: &Value| !matches!(value, Value::Null | Value::Bool(false));
        matches!(self.name, "wait" | "collect" | "session wait")
            || patient.any(|arg| arguments.get(&property::name(arg)).is_some_and(is_said))
    }

    /// Calls the verb; the answer is what `--json` prints off a terminal.
    pub fn call(&self, ground: &Ground, arguments: &Map<String, Value>) -> Result<String> {
        self.panic_if_sown();
        let matches = arguments::parse(self.command(), self.name, arguments)?;
        (self.run)(ground, &matches)
    }

    fn panic_if_sown(&self) {
        let panics = self.name == "whoami" && is_sown(Seed::Panics);
        assert!(!panics, "a fault that was put in");
    }

    /// Its parser, of what programs may say.
    fn command(&self) -> Command {
        arguments::by_name((self.args)(Command::new(self.name)), self.hidden)
    }
}

/// A verb that reports once.
fn once<A, R: Serialize>(
    ground: &Ground,
    args: A,
    run: fn(&Project, A) -> Result<R>,
) -> Result<String> {
    ground.with(|project| super::json::line(&run(project, args)?))
}

/// The same, of a verb whose answer may tell an agent what was decided.
fn telling<A, R: Serialize>(
    ground: &Ground,
    args: A,
    run: fn(&Project, A) -> Result<R>,
    informs: fn(&R) -> bool,
) -> Result<String> {
    ground.with(|project| {
        let report = run(project, args)?;
        let said = super::json::line(&report)?;
        if informs(&report) {
            presence::heard(project);
        }
        Ok(said)
    })
}

/// Where a verb that reports as it goes puts each report.
type Sink<'a, R> = &'a mut dyn FnMut(&R) -> Result<()>;

/// A verb that could report several times, and reports once to a program: the last report counts.
fn stream<A, R: Serialize>(
    ground: &Ground,
    args: A,
    run: fn(&Project, A, Sink<'_, R>) -> Result<()>,
) -> Result<String> {
    ground.with(|project| {
        let mut said = None;
        run(project, args, &mut |report| {
            said = Some(super::json::line(report)?);
            Ok(())
        })?;
        Ok(said.unwrap_or_else(|| NOTHING.to_owned()))
    })
}

/// A verb that has nothing to say where there are no documents.
fn inside<A, R: Serialize>(
    ground: &Ground,
    args: A,
    run: fn(&Project, A) -> Result<R>,
) -> Result<String> {
    match once(ground, args, run) {
        Err(error) if matches!(error.kind, Kind::NoRepository | Kind::NoDocuments) => {
            Ok(NOTHING.to_owned())
        }
        said => said,
    }
}

/// The verb that opens its project itself.
fn judging(
    ground: &Ground,
    args: check::Args,
    run: fn(&Outside, check::Args) -> Result<check::Report>,
) -> Result<String> {
    let report = run(&ground.outside, args)?;
    ground.warn(report.warnings.iter().cloned());
    super::json::line(&report)
}

fn parsed<A: FromArgMatches>(matches: &ArgMatches) -> Result<A> {
    A::from_arg_matches(matches).map_err(|error| Error::new(Kind::Usage, error.to_string()))
}

#[cfg(test)]
mod tests;
