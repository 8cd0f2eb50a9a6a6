//! Whose work clashes with whose.

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::conflicts::{self, Conflict};
use crate::exit::Exit;

impl Report for conflicts::Report {
    fn text(&self, screen: &mut Screen) {
        if self.conflicts.is_empty() {
            screen.line(&match self.pairs_checked {
                0 => "No two agents are at work: nothing clashes.".to_owned(),
                1 => "No conflicts: 1 pair compared.".to_owned(),
                count => format!("No conflicts: {count} pairs compared."),
            });
        } else {
            let rows: Vec<_> = self.conflicts.iter().map(row).collect();
            screen.table(&["AGENTS", "KIND", "PATH", "LINES", ""], &rows);
        }
        for line in &self.asked {
            screen.line(line);
        }
        if let Some(next) = &self.next {
            screen.next(next);
        }
    }

    fn exit(&self) -> Exit {
        if self.exit_code && !self.conflicts.is_empty() {
            Exit::Findings
        } else {
            Exit::Done
        }
    }
}

fn row(conflict: &Conflict) -> Vec<(Style, String)> {
    let sides = match conflict.agents.as_slice() {
        [agent] => format!(
            "{agent}, {}",
            conflict.branches.last().map_or("", String::as_str)
        ),
        agents => agents.join(", "),
    };
    let lines: Vec<String> = conflict.ranges.iter().map(ToString::to_string).collect();
    let mut notes = Vec::new();
    if let Some(first) = &conflict.first {
        notes.push(format!("{first} goes first"));
    }
    if !conflict.uncommitted.is_empty() {
        notes.push(format!(
            "not committed: {}",
            conflict.uncommitted.join(", ")
        ));
    }
    vec![
        (Style::Strong, sides),
        (Style::Bad, conflict.kind.word().to_owned()),
        (Style::Plain, conflict.path.clone()),
        (Style::Plain, lines.join(" ")),
        (Style::Plain, notes.join("; ")),
    ]
}
