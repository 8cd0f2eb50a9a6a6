//! The terminal's door: words in, text or JSON out.

mod globals;
mod help;
mod render;
mod screen;
mod verbs;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use globals::Globals;
use screen::Door;

/// Runs the command line and says how it ended.
pub fn main() -> ExitCode {
    let exit = match as_text(std::env::args_os()) {
        Ok(words) => run(&words),
        Err(error) => Door::new(Globals::default()).end(Err(error)),
    };
    ExitCode::from(exit as u8)
}

fn run(words: &[String]) -> Exit {
    let found = verbs::find(words);
    if let Some(bare) = found.and_then(|verb| verb.alone(words)) {
        let door = Door::new(Globals::default());
        let ended = bare(&door);
        return door.end(ended);
    }
    let parsed = verbs::parser(found).try_get_matches_from(words);
    let parsed = parsed.and_then(|matches| Ok((Globals::from_matches(&matches)?, matches)));
    let (globals, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return help::explain(&error, words),
    };
    let door = Door::new(globals);
    let ended = match verbs::chosen(&matches) {
        Some((verb, matches)) => verb.run(&door, matches),
        None => help::bare(&door),
    };
    door.end(ended)
}

fn as_text(words: impl Iterator<Item = OsString>) -> Result<Vec<String>> {
    words
        .map(|word| {
            word.into_string().map_err(|word| {
                let shown = crate::domain::escape::one_line(&word.to_string_lossy(), 60);
                Error::new(Kind::Usage, format!("\"{shown}\" is not UTF-8")).next("ghp help")
            })
        })
        .collect()
}
