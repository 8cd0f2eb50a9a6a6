//! What was decided, and what was put back.

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::{log, restore};
use crate::domain::time::span;

impl Report for log::Report {
    fn text(&self, screen: &mut Screen) {
        if self.events.is_empty() {
            screen.line(if self.filtered {
                "Nothing matches."
            } else {
                "Nothing has been decided yet."
            });
            return;
        }
        if self.events.iter().all(|event| event.patch.is_none()) {
            let rows: Vec<_> = self.events.iter().map(row).collect();
            screen.table(&[], &rows);
            return;
        }
        for event in &self.events {
            whole(screen, event);
            screen.put("\n");
        }
    }

    fn quiet(&self) -> Option<String> {
        Some(
            self.events
                .iter()
                .map(|event| event.id.as_str())
                .collect::<Vec<_>>()
                .join("\n"),
        )
    }
}

/// One event with its changes.
pub(super) fn whole(screen: &mut Screen, event: &log::Event) {
    for (style, text) in &row(event) {
        screen.styled(*style, text);
        screen.put("  ");
    }
    screen.put("\n");
    for line in event.patch.as_deref().unwrap_or_default().lines() {
        let style = match line.as_bytes().first() {
            Some(b'+') => Style::Good,
            Some(b'-') => Style::Bad,
            Some(b'@') => Style::Note,
            _ => Style::Plain,
        };
        screen.styled(style, line);
        screen.put("\n");
    }
}

pub(super) fn row(event: &log::Event) -> Vec<(Style, String)> {
    vec![
        (
            Style::Dim,
            event.id.get(..10).unwrap_or("pending").to_owned(),
        ),
        (Style::Dim, span(event.age_seconds)),
        (Style::Strong, event.by.clone()),
        (Style::Plain, event.what.clone()),
    ]
}

impl Report for restore::Report {
    fn text(&self, screen: &mut Screen) {
        let from = self.rev.get(..10).unwrap_or_default();
        if self.changed {
            screen.line(&format!("{} is what it was at {from}.", self.path));
        } else {
            screen.line(&format!("{} already is what it was at {from}.", self.path));
        }
    }
}
