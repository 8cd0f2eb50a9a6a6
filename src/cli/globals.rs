//! Options that stand anywhere on the command line.

use std::path::PathBuf;

use clap::{ArgMatches, FromArgMatches, ValueEnum};

/// Options of every command
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Globals {
    /// Run as if started in DIR
    #[arg(
        short = 'C',
        long = "directory",
        value_name = "DIR",
        global = true,
        help_heading = "Global options",
        hide_short_help = true
    )]
    pub directory: Option<PathBuf>,
    /// Who is calling (default: `GHP_AGENT`, then the worktree's label)
    #[arg(
        short = 't',
        long,
        value_name = "ID",
        global = true,
        help_heading = "Global options",
        hide_short_help = true
    )]
    pub agent: Option<String>,
    /// Print one JSON document instead of text
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        hide_short_help = true
    )]
    pub json: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto, global = true, help_heading = "Global options", hide_short_help = true)]
    pub color: Color,
    /// Print only the value a script wants
    #[arg(
        short,
        long,
        global = true,
        help_heading = "Global options",
        hide_short_help = true
    )]
    pub quiet: bool,
    /// Say more
    #[arg(
        short,
        long,
        global = true,
        help_heading = "Global options",
        hide_short_help = true
    )]
    pub verbose: bool,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The options that take a word, to find the verb among the words without parsing them.
pub(super) const WITH_VALUE: &[&str] = &["-C", "--directory", "-t", "--agent", "--color"];

/// The options that stand alone.
const ALONE: &[&str] = &["--json", "-q", "--quiet", "-v", "--verbose"];

/// The words with the global options around the verb before it: between a noun and its verb (`status -t ID set`) the
/// parser would take them for the noun's own.
pub(super) fn to_the_front(words: &[String]) -> Vec<String> {
    let Some((program, mut rest)) = words.split_first() else {
        return Vec::new();
    };
    let (mut front, mut verb) = (vec![program.clone()], None);
    while let Some(word) = rest.first() {
        let known = word.split_once('=').map_or(word.as_str(), |(name, _)| name);
        let taken = if WITH_VALUE.contains(&word.as_str()) {
            2
        } else if ALONE.contains(&word.as_str()) || WITH_VALUE.contains(&known) {
            1
        } else if verb.is_none() && !word.starts_with('-') {
            verb = Some(word.clone());
            rest = &rest[1..];
            continue;
        } else {
            break;
        };
        let (options, behind) = rest.split_at(taken.min(rest.len()));
        front.extend_from_slice(options);
        rest = behind;
    }
    front.extend(verb);
    front.extend_from_slice(rest);
    front
}

/// Whether a global option stands right behind another verb's option, which may take it as its value (`-m --json`).
pub(super) fn is_perhaps_a_value(words: &[String]) -> bool {
    let is_global = |word: &str| WITH_VALUE.contains(&word) || ALONE.contains(&word);
    words.windows(2).any(|pair| {
        let [before, word] = [pair[0].as_str(), pair[1].as_str()];
        is_global(word) && before.starts_with('-') && !is_global(before)
    })
}

impl Globals {
    /// Picks these options out of the words without a parser, as far as `--`, and returns what is left; `None`: one of
    /// them is odd, which is the parser's business.
    pub(super) fn pick(words: &[String]) -> Option<(Globals, Vec<&str>)> {
        let mut globals = Globals::default();
        let mut rest = Vec::with_capacity(words.len());
        let mut words = words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .filter(|value| !value.is_empty() && !value.starts_with('-'))
                    .map(str::to_owned)
            };
            // An option that comes twice is a mistake.
            let again = match word {
                "--json" => std::mem::replace(&mut globals.json, true),
                "-q" | "--quiet" => std::mem::replace(&mut globals.quiet, true),
                "-v" | "--verbose" => std::mem::replace(&mut globals.verbose, true),
                "-t" | "--agent" => globals.agent.replace(value()?).is_some(),
                "-C" | "--directory" => globals.directory.replace(value()?.into()).is_some(),
                "--" => {
                    rest.push(word);
                    rest.extend(words);
                    break;
                }
                _ => {
                    rest.push(word);
                    false
                }
            };
            if again {
                return None;
            }
        }
        Some((globals, rest))
    }

    pub(super) fn from_matches(matches: &ArgMatches) -> Result<Globals, clap::Error> {
        // A global option after the verb is known to the innermost matches as well; those are the ones to ask.
        let mut innermost = matches;
        while let Some((_, inner)) = innermost.subcommand() {
            innermost = inner;
        }
        Globals::from_arg_matches(innermost)
    }
}

#[cfg(test)]
mod tests {
    use super::{Globals, to_the_front};
    use crate::cli::verbs;

    #[test]
    fn around_the_verb_they_come_to_the_front() {
        for (typed, sorted) in [
            ("ghp status -t a set x", "ghp -t a status set x"),
            (
                "ghp --json status --agent=a -q set -v",
                "ghp --json --agent=a -q status set -v",
            ),
            ("ghp issue new --json -- -t", "ghp issue new --json -- -t"),
            ("ghp status --stale -t a", "ghp status --stale -t a"),
            ("ghp -C x", "ghp -C x"),
            ("ghp escalate -t", "ghp -t escalate"),
            ("ghp", "ghp"),
        ] {
            let words: Vec<String> = typed.split(' ').map(str::to_owned).collect();
            assert_eq!(to_the_front(&words).join(" "), sorted);
        }
    }

    #[test]
    fn read_by_hand_they_are_what_the_parser_reads() {
        for line in [
            "ghp status",
            "ghp --json status",
            "ghp status -q --agent worker-1",
            "ghp -t a -C /tmp heartbeat -v",
            "ghp --directory x status --quiet --verbose --json",
            "ghp --color never status",
            "ghp status --json --json",
            "ghp status worker-1",
            "ghp status --stale",
            "ghp status -t",
            "ghp -t -q status",
            "ghp status --json=1",
            "ghp status -qv",
            "ghp -t a status --agent b",
            "ghp status --",
            "ghp --json",
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let Some((by_hand, rest)) = Globals::pick(&words) else {
                continue;
            };
            // Some were left to the parser.
            if rest.len() != 2 {
                continue;
            }
            let matches = verbs::parser(verbs::find(&words))
                .try_get_matches_from(&words)
                .expect(line);
            assert_eq!(
                format!("{by_hand:?}"),
                format!("{:?}", Globals::from_matches(&matches).expect(line)),
                "{line}"
            );
        }
        let plain = ["ghp", "-t", "a", "status", "--json"].map(str::to_owned);
        assert!(Globals::pick(&plain).is_some_and(|(_, rest)| rest == ["ghp", "status"]));
    }
}
