//! Who has gone silent.

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::stale;
use crate::domain::time::span;
use crate::exit::Exit;

impl Report for stale::Report {
    fn text(&self, screen: &mut Screen) {
        if self.agents.is_empty() {
            screen.line("Nobody is silent.");
            for line in &self.done {
                screen.line(line);
            }
            return;
        }
        let rows: Vec<_> = self
            .agents
            .iter()
            .map(|silent| {
                vec![
                    (Style::Strong, silent.agent.clone()),
                    (Style::Plain, silent.status.clone()),
                    (
                        Style::Plain,
                        silent
                            .issue
                            .map(|issue| format!("#{issue}"))
                            .unwrap_or_default(),
                    ),
                    (Style::Bad, silent.age_seconds.map(span).unwrap_or_default()),
                    (Style::Bad, silent.liveness.word().to_uppercase()),
                ]
            })
            .collect();
        screen.table(&["AGENT", "STATUS", "ISSUE", "SILENT", ""], &rows);
        for line in &self.done {
            screen.line(line);
        }
        if self.mass {
            screen.line("Most agents are silent at once: look at the clock and the machine first.");
        }
        if !self.applied {
            screen.next("ghp stale --apply");
        }
    }

    fn exit(&self) -> Exit {
        if self.exit_code && !self.agents.is_empty() {
            Exit::Findings
        } else {
            Exit::Done
        }
    }

    fn quiet(&self) -> Option<String> {
        let names: Vec<&str> = self.agents.iter().map(|row| row.agent.as_str()).collect();
        Some(names.join("\n"))
    }
}
