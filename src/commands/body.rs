//! Texts of several lines that come with a command: `-m TEXT` or `-F FILE`.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use crate::domain::secrets;
use crate::error::{Error, Kind, Result};
use crate::host::input;

use super::LONGEST_TEXT;

/// Where a text comes from.
#[derive(Debug, Default, ClapArgs)]
pub struct Body {
    /// The text
    #[arg(short, long, value_name = "TEXT", conflicts_with = "file")]
    pub message: Option<String>,
    /// A file with the text (`-`: standard input)
    #[arg(short = 'F', long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

impl Body {
    /// The text, when there is one. `what`: its name.
    pub(crate) fn text(&self, what: &str) -> Result<Option<String>> {
        match (&self.message, &self.file) {
            (Some(text), _) => checked(text.clone(), what).map(Some),
            (None, Some(file)) => from_file(file, what).map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// The text of a file, or of standard input.
pub(crate) fn from_file(file: &Path, what: &str) -> Result<String> {
    let read = input::read(file, LONGEST_TEXT).map_err(|error| {
        let shown = crate::domain::escape::one_line(&file.display().to_string(), 80);
        Error::new(Kind::Usage, format!("cannot read the {what} from {shown}")).because(error).next("ghp help agents")
    })?;
    checked(read, what)
}

/// The text, unless it is too long, holds a NUL, or what looks like a credential.
pub(crate) fn checked(text: String, what: &str) -> Result<String> {
    if text.len() > LONGEST_TEXT {
        let said = format!("the {what} has {} KiB; at most {} are taken", text.len() >> 10, LONGEST_TEXT >> 10);
        return Err(Error::new(Kind::Usage, said).hint("commit it as a file and name it").next("ghp help agents"));
    }
    if text.contains('\0') {
        return Err(Error::new(Kind::Usage, format!("the {what} holds a NUL byte")).next("ghp help agents"));
    }
    refuse_secrets(&text, what)?;
    Ok(text)
}

/// Refuses what looks like a credential: documents travel.
pub(crate) fn refuse_secrets(text: &str, what: &str) -> Result<()> {
    match secrets::find(text) {
        None => Ok(()),
        Some(found) => Err(Error::new(Kind::Unsafe, format!("line {} of the {what} looks like {}", found.line, found.what))
            .hint("documents travel to every clone: take it out and run the command again")
            .next("ghp help agents")),
    }
}
