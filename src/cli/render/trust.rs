//! What a repository's configuration would run.

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::trust::{self, Done, Row, State};

impl Report for trust::Report {
    fn text(&self, screen: &mut Screen) {
        let keys: Vec<&str> = self
            .programs
            .iter()
            .map(|row| row.program.key.as_str())
            .collect();
        match self.done {
            Done::Trusted => screen.line(&format!("trusted on this machine: {}", keys.join(", "))),
            Done::Revoked if keys.is_empty() => screen.line("Nothing was trusted here."),
            Done::Revoked => screen.line(&format!("no longer trusted: {}", keys.join(", "))),
            Done::Shown if keys.is_empty() => {
                screen.line("This repository's configuration would run nothing.");
            }
            Done::Shown => self.programs.iter().for_each(|row| show(row, screen)),
            Done::Left => screen.line("Nothing is trusted."),
            Done::Asked => {
                screen.line("This repository's configuration would run on this machine:");
                self.programs.iter().for_each(|row| show(row, screen));
                screen.styled(Style::Note, "Trust exactly this?");
                screen.put(" [y/N] ");
            }
        }
        if let Some(next) = &self.next {
            screen.next(next);
        }
    }

    fn quiet(&self) -> Option<String> {
        let keys: Vec<&str> = self
            .programs
            .iter()
            .map(|row| row.program.key.as_str())
            .collect();
        (self.done != Done::Asked).then(|| keys.join("\n"))
    }

    fn is_one_of_many(&self) -> bool {
        self.done == Done::Asked
    }
}

/// A setting, whole: nobody can say yes to what was cut.
fn show(row: &Row, screen: &mut Screen) {
    let style = match row.state {
        State::Trusted => Style::Good,
        State::Untrusted => Style::Warn,
        State::Unused => Style::Dim,
    };
    screen.styled(Style::Strong, &row.program.key);
    screen.put("  ");
    screen.styled(style, row.state.word());
    if let (Some(by), Some(at)) = (&row.by, &row.at) {
        screen.styled(Style::Dim, &format!("  by {by}, {at}"));
    }
    screen.put("\n");
    let value = serde_json::to_string_pretty(&row.program.value);
    screen.block(&value.unwrap_or_else(|_| row.program.value.to_string()));
}
