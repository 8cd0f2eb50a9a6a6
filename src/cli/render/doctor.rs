//! What is wrong with the documents.

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::doctor;
use crate::commands::doctor::Level;
use crate::exit::Exit;

impl Report for doctor::Report {
    fn text(&self, screen: &mut Screen) {
        if self.left == 0 {
            screen.line("All is well.");
        }
        for finding in &self.findings {
            let (style, word) = match (finding.fixed, finding.level) {
                (true, _) => (Style::Good, "fixed"),
                (false, Level::Error) => (Style::Bad, "error"),
                (false, Level::Warning) => (Style::Warn, "warning"),
                (false, Level::Note) => (Style::Dim, "note"),
            };
            screen.styled(style, word);
            screen.line(&format!(": {}", finding.what));
            if let Some(next) = finding.next.as_ref().filter(|_| !finding.fixed) {
                screen.line(&format!("  {next}"));
            }
        }
    }

    fn exit(&self) -> Exit {
        if self.left > 0 {
            Exit::Findings
        } else {
            Exit::Done
        }
    }
}
