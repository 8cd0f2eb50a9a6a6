//! The person's own editor.

use std::path::Path;

use crate::config::env_vars::EDITOR;
use crate::domain::{escape, shell};
use crate::error::{Error, Kind, Result};
use crate::git::command::git;
use crate::host::{env, input, process};

/// What is there when nobody chose.
const LAST_RESORT: &str = "vi";
/// Where an editor is named that may be us.
const NAMES_US: [&str; 2] = ["VISUAL", "EDITOR"];

/// What makes a terminal's Ctrl-G ours, and keeps the person's own editor behind it.
pub(crate) fn variables() -> Vec<(String, String)> {
    let own = [EDITOR, "VISUAL", "EDITOR"]
        .into_iter()
        .filter_map(env::var)
        .find(|text| other(text).is_some());
    let mut variables = vec![("VISUAL".to_owned(), "ghp editor".to_owned())];
    variables.extend(own.map(|own| (EDITOR.to_owned(), own)));
    variables
}

/// Opens it on the file, in our terminal, and waits for its end. How it ended is the person's affair.
pub(super) fn edit(folder: Option<&Path>, file: &Path, words: &[String]) -> Result<()> {
    if !input::is_terminal() && !is_chosen(folder)? {
        let said = "no editor was chosen, and git's usual one needs a terminal";
        return Err(Error::new(Kind::MissingProgram, said).next("export GHP_EDITOR=nano"));
    }
    let command = chosen(folder)?;
    let Some((program, args)) = command.split_first() else {
        return Err(none(&command.join(" ")));
    };
    let ended = process::command(program)
        .args(args)
        .args(words)
        .arg(file)
        .status();
    ended
        .map(drop)
        .map_err(|error| none(program).because(error))
}

fn none(program: &str) -> Error {
    let shown = escape::one_line(program, 100);
    Error::new(
        Kind::MissingProgram,
        format!("your editor ({shown}) could not be started"),
    )
    .next("export GHP_EDITOR=nano")
}

/// Whether somebody chose an editor, here or in git's configuration.
fn is_chosen(folder: Option<&Path>) -> Result<bool> {
    let mut names = [EDITOR, "GIT_EDITOR"].into_iter().chain(NAMES_US);
    if names.any(|name| env::var(name).is_some_and(|text| other(&text).is_some())) {
        return Ok(true);
    }
    let here = folder.map(Path::to_owned).map_or_else(env::current_dir, Ok);
    let here = here.map_err(crate::commands::system("find the current folder"))?;
    let asked = git(&here)?.args(["config", "core.editor"]).output()?;
    Ok(asked.status.success())
}

/// `GHP_EDITOR`, else what git would open, else vi; never ourselves.
fn chosen(folder: Option<&Path>) -> Result<Vec<String>> {
    let own = env::var(EDITOR).and_then(|text| other(&text));
    if let Some(own) = own {
        return Ok(own);
    }
    let here = folder.map(Path::to_owned).map_or_else(env::current_dir, Ok);
    let here = here.map_err(crate::commands::system("find the current folder"))?;
    // Once as it is, once without the variables that say `ghp editor`.
    for without_us in [false, true] {
        let mut asked = git(&here)?.args(["var", "GIT_EDITOR"]);
        if let Some(editor) = env::var("GIT_EDITOR").filter(|_| !without_us) {
            asked = asked.env("GIT_EDITOR", editor);
        }
        if without_us {
            let us = |name: &&str| env::var(name).is_some_and(|text| names_us(&text));
            for name in NAMES_US.into_iter().filter(us) {
                asked = asked.without(name);
            }
        }
        let output = asked.output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if let Some(editor) = other(said.trim()).filter(|_| output.status.success()) {
            return Ok(editor);
        }
    }
    Ok(vec![LAST_RESORT.to_owned()])
}

/// The words of an editor's command, unless that is ours.
fn other(text: &str) -> Option<Vec<String>> {
    shell::words(text).filter(|words| !words.is_empty() && !is_us(words))
}

/// Whether it is ours.
pub(super) fn names_us(text: &str) -> bool {
    shell::words(text).is_some_and(|words| is_us(&words))
}

fn is_us(words: &[String]) -> bool {
    let program = words.first().map(Path::new).and_then(Path::file_name);
    program.is_some_and(|name| name == "ghp")
}
