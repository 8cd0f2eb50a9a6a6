//! Texts that come with a command: with -m, or from a file with -F.

use std::path::{Path, PathBuf};

use clap::{Arg, Args as ClapArgs};

use super::LONGEST_TEXT;
use crate::domain::escape;
use crate::domain::secrets;
use crate::error::{Error, Kind, Result};
use crate::host::input;

/// The two options of a command that takes a text; what the text is, the command says by [`message`].
#[derive(Debug, Default, ClapArgs)]
pub struct Message {
    /// The text
    #[arg(
        short,
        long,
        value_name = "TEXT",
        conflicts_with = "file",
        allow_hyphen_values = true
    )]
    pub message: Option<String>,
    /// The same from a file; `-` is standard input
    #[arg(short = 'F', long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

impl Message {
    /// The text, if any was given. `verb`: whose options these are.
    pub(crate) fn given(&self, verb: &str) -> Result<Option<String>> {
        text(verb, self.message.as_deref(), self.file.as_deref())
    }

    /// The same, empty where none was given.
    pub(crate) fn read(&self, verb: &str) -> Result<String> {
        Ok(self.given(verb)?.unwrap_or_default())
    }
}

/// A text that a command cannot do without, as a word or from a file; what it is, the command says by [`word`].
#[derive(Debug, Default, ClapArgs)]
pub struct Text {
    /// The text
    #[arg(
        value_name = "TEXT",
        conflicts_with = "file",
        required_unless_present = "file"
    )]
    pub text: Option<String>,
    /// The same from a file; `-` is standard input
    #[arg(short = 'F', long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

impl Text {
    /// The text. `verb`: whose options these are.
    pub(crate) fn read(&self, verb: &str) -> Result<String> {
        let text = text(verb, self.text.as_deref(), self.file.as_deref())?;
        Ok(text.unwrap_or_default())
    }
}

/// Says what the text of -m is to a command, and how that is called.
pub(super) fn message(value: &'static str, help: &'static str) -> impl Fn(Arg) -> Arg {
    said("message", move |arg| arg.value_name(value).help(help))
}

/// The same where it is first of all a description.
pub(super) fn description(help: &'static str) -> impl Fn(Arg) -> Arg {
    said("message", move |arg| {
        arg.long("description").visible_alias("message").help(help)
    })
}

/// Says what the text without an option is to a command.
pub(super) fn word(help: &'static str) -> impl Fn(Arg) -> Arg {
    said("text", move |arg| arg.help(help))
}

/// `mut_arg` would change the order of the arguments.
fn said(id: &'static str, change: impl Fn(Arg) -> Arg) -> impl Fn(Arg) -> Arg {
    move |arg| if arg.get_id() == id { change(arg) } else { arg }
}

fn text(verb: &str, said: Option<&str>, file: Option<&Path>) -> Result<Option<String>> {
    let text = match (said, file) {
        (Some(said), _) => said.to_owned(),
        (None, Some(file)) => read(verb, file)?,
        (None, None) => return Ok(None),
    };
    checked(&text, "text").map(Some)
}

/// The text of a file somebody named; `-` is standard input.
pub(crate) fn read(verb: &str, file: &Path) -> Result<String> {
    input::read(file, LONGEST_TEXT).map_err(|error| {
        let name = escape::one_line(&file.display().to_string(), 200);
        Error::new(Kind::Usage, format!("cannot read {name}"))
            .because(error)
            .next(format!("ghp {verb} --help"))
    })
}

/// A text of several lines that is not too long and holds no NUL. `what`: its name.
pub(crate) fn checked(text: &str, what: &str) -> Result<String> {
    if text.len() > LONGEST_TEXT {
        let said = format!(
            "the {what} has {} KiB; at most {} are taken",
            text.len() >> 10,
            LONGEST_TEXT >> 10
        );
        return Err(Error::new(Kind::Usage, said)
            .hint("commit it as a file and name that")
            .next("ghp help agents"));
    }
    if text.contains('\0') {
        return Err(
            Error::new(Kind::Usage, format!("the {what} holds a NUL byte")).next("ghp help agents"),
        );
    }
    Ok(text.to_owned())
}

/// Refuses a text that holds what looks like a credential: documents travel. `next`: the command to say it again with.
pub(crate) fn refuse_secrets(text: &str, what: &str, next: &str) -> Result<()> {
    match secrets::find(text) {
        None => Ok(()),
        Some(found) => {
            let said = format!(
                "line {} of the {what} looks like {}: nothing was written",
                found.line, found.what
            );
            Err(Error::new(Kind::Unsafe, said)
                .hint("say where it is kept instead of what it is")
                .next(next))
        }
    }
}
