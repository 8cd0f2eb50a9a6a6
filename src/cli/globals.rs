//! Options that stand anywhere on the command line.

use std::path::PathBuf;

use clap::{ArgMatches, FromArgMatches, ValueEnum};

/// Options of every command
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Globals {
    /// Run as if started in DIR
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true, help_heading = "Global options")]
    pub directory: Option<PathBuf>,
    /// Who is calling (default: `GHP_AGENT`, then the worktree's label)
    #[arg(short = 't', long, value_name = "ID", global = true, help_heading = "Global options")]
    pub agent: Option<String>,
    /// Print one JSON document instead of text
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto, global = true, help_heading = "Global options")]
    pub color: Color,
    /// Print only the value a script wants
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, global = true, help_heading = "Global options")]
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

impl Globals {
    pub(super) fn from_matches(matches: &ArgMatches) -> Result<Globals, clap::Error> {
        // A global option after the verb is known to the innermost matches as well; those are the ones to ask.
        let mut innermost = matches;
        while let Some((_, inner)) = innermost.subcommand() {
            innermost = inner;
        }
        Globals::from_arg_matches(innermost)
    }
}
