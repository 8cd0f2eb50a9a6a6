//! Texts that come with a command: with -m, or from a file with -F.

use std::path::Path;

use super::LONGEST_TEXT;
use crate::domain::escape;
use crate::domain::secrets;
use crate::error::{Error, Kind, Result};
use crate::host::input;

/// The text of -m, else that of -F (`-` is standard input), else nothing. `verb`: whose options these are.
pub(crate) fn body(verb: &str, message: Option<&str>, file: Option<&Path>) -> Result<String> {
    let text = match (message, file) {
        (Some(message), _) => message.to_owned(),
        (None, Some(file)) => read(verb, file)?,
        (None, None) => String::new(),
    };
    checked(&text, "text")
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
