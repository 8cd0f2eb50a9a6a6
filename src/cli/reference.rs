//! The reference pages of docs/, generated from the same tables as the help.

use std::fmt::Write as _;

use super::verbs::{VERBS, Verb, parser};
use crate::config::env_vars;
use crate::exit::Exit;

/// docs/commands.md
pub fn commands() -> String {
    let mut text = String::from(
        "# Commands\n\nGenerated from the program's own help; `cargo test --test it reference` compares them.\n\n",
    );
    let global = parser(None).render_long_help().to_string();
    let options = global.split("Global options:").nth(1).unwrap_or_default();
    let _ = writeln!(
        text,
        "## Global options\n\nThey stand anywhere on the command line.\n\n```\n{}\n```\n",
        trimmed(options)
    );
    for verb in VERBS {
        section(&mut text, "ghp ", verb);
    }
    text
}

fn section(text: &mut String, above: &str, verb: &Verb) {
    let name = format!("{above}{}", verb.name);
    let mut command = verb.command().bin_name(&name).term_width(100);
    let help = command.render_long_help().to_string();
    let _ = writeln!(text, "## {name}\n\n```\n{}\n```\n", trimmed(&help));
    for sub in verb.subs {
        section(text, &format!("{name} "), sub);
    }
}

fn trimmed(help: &str) -> String {
    help.trim()
        .lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
}

/// docs/exit-codes.md
pub fn exit_codes() -> String {
    let mut text = String::from(
        "# Exit codes\n\nBy what the caller should do next. These numbers are a promise.\n\n| code | meaning |\n|---|---|\n",
    );
    for (exit, means) in Exit::ALL {
        let _ = writeln!(text, "| {} | {means} |", exit.code());
    }
    text
}

/// docs/environment.md
pub fn environment() -> String {
    let mut text = String::from(
        "# Environment\n\nEvery environment variable that `ghp` reads.\n\n| variable | what it does |\n|---|---|\n",
    );
    for var in env_vars::ALL {
        let _ = writeln!(text, "| `{}` | {} |", var.name, var.does);
    }
    text
}
