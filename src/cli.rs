//! The terminal's door: words in, text or JSON out.

mod globals;
mod help;
pub mod reference;
mod render;
mod screen;
mod verbs;

use std::ffi::OsString;

use clap::Command;

use crate::domain::time::Duration;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use globals::Globals;
use screen::Door;

/// What `--version` prints, as the parser would.
const VERSION: &str = concat!("ghp ", env!("CARGO_PKG_VERSION"), "\n");

/// Runs the command line and ends the process as it ended.
pub fn main() -> ! {
    crate::host::process::mend_mask();
    let exit = match as_text(std::env::args_os()) {
        Ok(words) => run(&words),
        Err(error) => Door::new(Globals::default()).end(Err(error)),
    };
    crate::host::process::end(exit.code())
}

fn run(words: &[String]) -> Exit {
    if let [_, word] = words
        && matches!(word.as_str(), "--version" | "-V")
    {
        let door = Door::new(Globals::default());
        return door.end(screen::bytes(VERSION.as_bytes()));
    }
    let words = with_plain_waits(words);
    if let Some((globals, quick)) = verbs::quick(&words) {
        let door = Door::new(globals);
        let ended = quick.run(&door);
        let exit = door.end(ended);
        // Nothing of it is needed by the next line, which is the last of the process.
        std::mem::forget(door);
        return exit;
    }
    let words = globals::to_the_front(&words);
    let parse = |parser: Command| {
        let matches = parser.try_get_matches_from(&words)?;
        Ok((Globals::from_matches(&matches)?, matches))
    };
    let parser = || verbs::parser(verbs::find(&words));
    let parsed = parse(parser()).or_else(|error: clap::Error| {
        if words.iter().any(|word| is_text_with_a_hyphen(word)) {
            parse(verbs::taking_hyphens(parser())).map_err(|_| error)
        } else {
            Err(error)
        }
    });
    let (globals, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return help::explain(&error, &words),
    };
    let door = Door::new(globals);
    let ended = match verbs::chosen(&matches) {
        Some((verb, matches)) => verb.run(&door, matches),
        None => help::bare(&door),
    };
    door.end(ended)
}

/// Options whose value may be left away; they take the next word only when it is a duration, so that
/// `escalate --wait "Which store?"` means what it says.
const PATIENT: [(&str, &str); 2] = [("--wait", "forever"), ("--every", "2m")];

fn with_plain_waits(words: &[String]) -> Vec<String> {
    let mut plain = Vec::with_capacity(words.len());
    let mut rest = words.iter().peekable();
    while let Some(word) = rest.next() {
        if word == "--" {
            plain.push(word.clone());
            plain.extend(rest.cloned());
            break;
        }
        match PATIENT.iter().find(|(option, _)| option == word) {
            Some((option, default)) => {
                let span = rest.next_if(|next| next.parse::<Duration>().is_ok());
                plain.push(format!(
                    "{option}={}",
                    span.map_or(*default, String::as_str)
                ));
            }
            None => plain.push(word.clone()),
        }
    }
    plain
}

/// Whether the word begins like an option and can be none: `- item`, `-1`, `--- see below`.
fn is_text_with_a_hyphen(word: &str) -> bool {
    let rest = word.trim_start_matches('-');
    let name = rest.split('=').next().unwrap_or_default();
    let is_name = rest.starts_with(char::is_alphabetic) && !name.contains(char::is_whitespace);
    rest.len() < word.len() && !matches!(word, "-" | "--") && !is_name
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

#[cfg(test)]
mod tests {
    use super::with_plain_waits;

    #[test]
    fn a_wait_takes_the_next_word_only_when_it_is_a_duration() {
        for (typed, plain) in [
            (
                "ghp escalate --wait Which?",
                "ghp escalate --wait=forever Which?",
            ),
            (
                "ghp escalate Which? --wait 20m -o A",
                "ghp escalate Which? --wait=20m -o A",
            ),
            ("ghp next --wait", "ghp next --wait=forever"),
            (
                "ghp heartbeat --every --pid 7",
                "ghp heartbeat --every=2m --pid 7",
            ),
            ("ghp escalate -- --wait x", "ghp escalate -- --wait x"),
        ] {
            let words: Vec<String> = typed.split(' ').map(str::to_owned).collect();
            assert_eq!(with_plain_waits(&words).join(" "), plain);
        }
    }
}
