//! Which program runs in a session, with which words.

use serde_json::Value;

use crate::commands::word;
use crate::domain::escape::one_line;
use crate::domain::nearest::nearest;
use crate::error::{Error, Kind, Result};
use crate::host::process;
use crate::project::Project;
use crate::sessions::provider::{Asked, ITSELF, Own, PROVIDERS, Provider, Turn, named, names};

/// The key of the providers that the configuration adds.
const KEY: &str = "coordination.providers";
/// What runs when nobody names anything.
const USUAL: &str = "claude";
/// Any program.
const COMMAND: &str = "command";

/// The program of a session.
pub(in crate::commands::session) struct Chosen {
    /// The provider's word, for the record.
    pub name: String,
    /// Its row.
    pub row: &'static Provider,
    /// Whether its first prompt is among its words.
    pub takes_prompt: bool,
    /// The program and the words that come first.
    program: Vec<String>,
    own: Option<Own>,
}

impl Chosen {
    /// The provider that was named, the command behind `--`, or the usual one. A named one with a command is that
    /// provider, started by that command.
    pub(in crate::commands::session) fn of(
        project: &Project,
        asked: Option<&str>,
        command: &[String],
    ) -> Result<Chosen> {
        let name = match asked {
            Some(name) => name,
            None if command.is_empty() => USUAL,
            None => COMMAND,
        };
        let chosen = match (named(name), own(project, name)?) {
            (_, Some(own)) => Chosen {
                name: name.to_owned(),
                row: own.row(),
                takes_prompt: own.takes_prompt(),
                program: vec![own.command[0].clone()],
                own: Some(own),
            },
            (Some(row), None) => Chosen {
                name: name.to_owned(),
                row,
                takes_prompt: row.takes_prompt,
                program: vec![row.program.to_owned()],
                own: None,
            },
            (None, None) => return Err(unknown(project, name)?),
        };
        let chosen = if command.is_empty() {
            chosen
        } else {
            Chosen {
                program: command.to_vec(),
                ..chosen
            }
        };
        chosen.require(asked.is_none() && command.is_empty())?;
        Ok(chosen)
    }

    /// The program and all its words.
    pub(super) fn words(&self, asked: &Asked<'_>) -> Vec<String> {
        let mut words = self.program.clone();
        words.extend(match &self.own {
            Some(own) => own.words(asked),
            None => (self.row.words)(asked),
        });
        words
    }

    /// The program and its words for one turn without a screen.
    pub(in crate::commands::session) fn turn(
        &self,
        asked: &Asked<'_>,
        turn: Turn<'_>,
    ) -> Vec<String> {
        let mut words = self.program.clone();
        match &self.own {
            Some(own) if own.like.is_none() => words.extend(own.words(asked)),
            Some(own) => {
                words.extend_from_slice(&own.command[1..]);
                words.extend((self.row.headless.words)(asked, turn));
            }
            None => words.extend((self.row.headless.words)(asked, turn)),
        }
        words
    }

    /// What it reads from its standard input in such a turn.
    pub(in crate::commands::session) fn input(
        &self,
        asked: &Asked<'_>,
        turn: Turn<'_>,
    ) -> Option<String> {
        match &self.own {
            Some(own) if own.like.is_none() => asked
                .prompt
                .filter(|_| !own.takes_prompt())
                .map(str::to_owned),
            _ => self.row.headless.input.and_then(|input| input(asked, turn)),
        }
    }

    /// Refuses a program that is not there. `usual`: nobody has named it.
    fn require(&self, usual: bool) -> Result<()> {
        let program = self.program[0].as_str();
        if program.is_empty() {
            return Err(Error::new(
                Kind::Usage,
                "the provider command needs a command behind --",
            )
            .next("ghp session new NAME -- COMMAND"));
        }
        // One beneath the cave is looked for there, once there is one.
        let is_absolute = program.starts_with('/');
        if program.contains('/') && !is_absolute || is_installed(program) {
            return Ok(());
        }
        if is_absolute {
            let said = format!("{} is no program that can be run", one_line(program, 80));
            return Err(
                Error::new(Kind::MissingProgram, said).next("ghp session new NAME -- COMMAND")
            );
        }
        let said = format!("{} is not installed, or not on PATH", one_line(program, 80));
        let error = Error::new(Kind::MissingProgram, said);
        let others: Vec<&str> = PROVIDERS
            .iter()
            .filter(|row| !row.program.is_empty() && is_installed(row.program))
            .map(|row| row.name)
            .collect();
        let next = match others.first() {
            Some(other) => format!("ghp session new NAME --provider {other}"),
            None => "ghp session new NAME -- COMMAND".to_owned(),
        };
        let is_own_program = self.own.is_none() && self.row.program == program;
        let install = is_own_program.then(|| format!("install it: {}", self.row.install));
        let choices = usual.then(|| {
            format!(
                "or name another provider ({}), or any command behind --",
                names().join(", ")
            )
        });
        let hints: Vec<String> = install.into_iter().chain(choices).collect();
        Err(if hints.is_empty() {
            error.next(next)
        } else {
            error.hint(hints.join("; ")).next(next)
        })
    }
}

fn is_installed(program: &str) -> bool {
    let path = process::absolute_path();
    process::find_in(&path, "/".as_ref(), program.as_ref()).is_some()
}

/// The provider of the configuration that has this name; one of the repository must be trusted.
fn own(project: &Project, name: &str) -> Result<Option<Own>> {
    let (all, _) = project.config()?.get(KEY)?;
    let Some(value) = all.get(name) else {
        return Ok(None);
    };
    let key = format!("{KEY}.{name}");
    project.require_trust(&key, value)?;
    parsed(name, value).map(Some)
}

fn parsed(name: &str, value: &Value) -> Result<Own> {
    Own::parse(value).map_err(|wrong| {
        let said = format!("{KEY}: {}: {wrong}", one_line(name, 64));
        Error::new(Kind::Usage, said).next(format!("ghp config get {KEY}"))
    })
}

fn unknown(project: &Project, name: &str) -> Result<Error> {
    let (all, _) = project.config()?.get(KEY)?;
    let own = all.as_object().into_iter().flatten();
    let own: Vec<&str> = own.map(|(name, _)| name.as_str()).collect();
    let known: Vec<&str> = names().into_iter().chain(own).collect();
    let said = format!(
        "there is no provider {}: {}",
        one_line(name, 64),
        known.join(", ")
    );
    let near = nearest(name, known.iter().copied()).unwrap_or(USUAL);
    Ok(Error::new(Kind::NotFound, said)
        .next(format!("ghp session new NAME --provider {}", word(near))))
}

/// The row of a provider that is on record; one that nobody knows any more is any program.
pub(in crate::commands) fn row(project: &Project, name: &str) -> &'static Provider {
    let own = || {
        let (all, _) = project.config().ok()?.get(KEY).ok()?;
        Some(parsed(name, all.get(name)?).ok()?.row())
    };
    // Only how its screen looks depends on it: no program is run.
    own()
        .or_else(|| named(name))
        .or_else(|| (name == ITSELF.name).then_some(&ITSELF))
        .unwrap_or_else(|| PROVIDERS[PROVIDERS.len() - 1])
}
