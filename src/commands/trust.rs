//! `ghp trust`: what the repository's configuration would run is run only after a person has looked at it.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::config::trust::{Pin, Pins, Program, programs};
use crate::error::{Error, Kind, Result};
use crate::host::{clock, input};
use crate::project::{Caller, Project};
use crate::store::Store;
use crate::store::layout::local;

/// Look at what the repository's configuration would run, and allow it on this machine
///
/// Nothing that a clone or a fetch brings is run before. What is allowed is exactly what was shown: any change of it asks
/// again. Your own ~/.config/ghp-cli/config.json needs no trust. For people; agents may read --list.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Allow without being asked; off a terminal the only way
    #[arg(long, conflicts_with_all = ["list", "revoke"])]
    pub yes: bool,
    /// Only show what would run and what is allowed
    #[arg(long, conflicts_with = "revoke")]
    pub list: bool,
    /// Take it back: of one setting (KEY), else of everything
    #[arg(long, value_name = "KEY", num_args = 0..=1)]
    pub revoke: Option<Option<String>>,
    /// Files with workflows to look at, too; those of the documents are looked at anyway
    #[arg(value_name = "FILE", conflicts_with = "revoke")]
    pub files: Vec<String>,
}

/// What stands in the way of running it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing.
    Trusted,
    /// A person has not said yes to it.
    Untrusted,
    /// It was allowed, and the repository no longer says so.
    Unused,
}

impl State {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            State::Trusted => "trusted",
            State::Untrusted => "untrusted",
            State::Unused => "unused",
        }
    }
}

/// One setting.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// What it is and says.
    #[serde(flatten)]
    pub program: Program,
    /// Whether it may run.
    pub state: State,
    /// Who allowed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Done {
    /// Nothing: this is how it stands.
    Shown,
    /// Nothing: the person would not have it.
    Left,
    /// A person is being asked.
    Asked,
    /// These are allowed now.
    Trusted,
    /// These no longer are.
    Revoked,
}

/// The settings that would run something.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What was done with them.
    pub done: Done,
    /// By name.
    pub programs: Vec<Row>,
    /// The command to type next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Report {
    fn of(done: Done, programs: Vec<Row>) -> Report {
        let waits = programs.iter().any(|row| row.state == State::Untrusted);
        Report {
            done,
            programs,
            next: (done == Done::Shown && waits).then(|| "ghp trust".to_owned()),
        }
    }
}

/// Runs the verb.
pub fn run(
    project: &Project,
    args: Args,
    emit: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<()> {
    if args.list {
        return emit(&Report::of(
            Done::Shown,
            rows(project, &project.pins()?, &args.files)?,
        ));
    }
    let by = person(project)?;
    if let Some(key) = &args.revoke {
        return emit(&Report::of(Done::Revoked, revoke(project, key.as_deref())?));
    }
    let rows = rows(project, &project.pins()?, &args.files)?;
    let (waiting, others): (Vec<Row>, Vec<Row>) = rows
        .into_iter()
        .partition(|row| row.state == State::Untrusted);
    if waiting.is_empty() {
        return emit(&Report::of(Done::Shown, others));
    }
    if !args.yes {
        if !input::is_terminal() {
            return Err(unanswered(&waiting));
        }
        emit(&Report::of(Done::Asked, waiting.clone()))?;
        let answer = input::line().map_err(super::system("read the terminal"))?;
        let answer = answer.unwrap_or_default().trim().to_lowercase();
        if !["y", "yes"].contains(&answer.as_str()) {
            return emit(&Report::of(Done::Left, waiting));
        }
    }
    emit(&Report::of(Done::Trusted, pin(project, &by, &waiting)?))
}

/// The person that is calling. An agent is none, even one that says it is: it is what the repository's text may have talked
/// into it.
fn person(project: &Project) -> Result<String> {
    let found = project.found()?;
    match (&found.caller, &found.beneath) {
        (Caller::Human(name), None) => Ok(name.clone()),
        _ => Err(Error::new(
            Kind::NotAuthorised,
            "what the repository's configuration may run is for a person to say",
        )
        .hint("a person looks at it, in a terminal and a checkout of their own: ghp trust; what it is")
        .next("ghp trust --list")),
    }
}

/// How each setting stands: what the repository says now, then what was allowed and is no longer said.
fn rows(project: &Project, pins: &Pins, files: &[String]) -> Result<Vec<Row>> {
    let mut now = programs(project.config()?);
    now.extend(super::workflow::trust::programs(project, files)?);
    let row = |program: Program, pin: Option<&Pin>, state| Row {
        program,
        state,
        by: pin.map(|pin| pin.by.clone()),
        at: pin.map(|pin| pin.at.clone()),
    };
    let unused = pins
        .all()
        .iter()
        .filter(|pin| !now.iter().any(|program| program.key == pin.program.key))
        .map(|pin| row(pin.program.clone(), Some(pin), State::Unused));
    let said = now.iter().map(|program| match pins.of(program) {
        Some(pin) => row(program.clone(), Some(pin), State::Trusted),
        None => row(program.clone(), None, State::Untrusted),
    });
    Ok(said.chain(unused).collect())
}

/// Off a terminal nobody can be asked.
fn unanswered(waiting: &[Row]) -> Error {
    let mut said =
        String::from("nothing is trusted yet. This repository's configuration would run:");
    for row in waiting {
        said.push_str("\n  ");
        said.push_str(&row.program.one_line());
    }
    Error::new(Kind::Usage, said)
        .hint("when you have read all of it (ghp trust --list)")
        .next("ghp trust --yes")
}

/// Allows exactly what was shown.
fn pin(project: &Project, by: &str, shown: &[Row]) -> Result<Vec<Row>> {
    let at = clock::now().to_string();
    let _lock = Store::lock(project.local())?;
    let mut pins = project.pins()?;
    let mut rows = shown.to_vec();
    for row in &mut rows {
        pins.add(Pin {
            program: row.program.clone(),
            by: by.to_owned(),
            at: at.clone(),
        });
        row.state = State::Trusted;
        (row.by, row.at) = (Some(by.to_owned()), Some(at.clone()));
    }
    project
        .store()?
        .set_local_text(local::TRUST, &pins.render())?;
    Ok(rows)
}

/// Takes back what was allowed.
fn revoke(project: &Project, key: Option<&str>) -> Result<Vec<Row>> {
    let _lock = Store::lock(project.local())?;
    let mut pins = match (project.pins(), key) {
        // All of it goes, even what cannot be read.
        (Err(error), None) if error.kind == Kind::Unreadable => Pins::default(),
        (pins, _) => pins?,
    };
    let gone = |pin: &&Pin| key.is_none_or(|key| pin.program.key == key);
    let row = |pin: &Pin| Row {
        program: pin.program.clone(),
        state: State::Untrusted,
        by: None,
        at: None,
    };
    let rows: Vec<Row> = pins.all().iter().filter(gone).map(row).collect();
    if let (Some(key), true) = (key, rows.is_empty()) {
        let key = crate::domain::escape::one_line(key, 80);
        return Err(
            Error::new(Kind::NotFound, format!("{key} was not trusted here"))
                .hint("what is")
                .next("ghp trust --list"),
        );
    }
    for row in &rows {
        pins.remove(&row.program.key);
    }
    project
        .store()?
        .set_local_text(local::TRUST, &pins.render())?;
    Ok(rows)
}
