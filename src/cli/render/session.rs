//! Sessions, and what belongs to them.

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::session::context;

impl Report for context::Report {
    fn text(&self, screen: &mut Screen) {
        if self.appended {
            for document in &self.documents {
                screen.line(&format!("Added to {}'s {}.", self.agent, document.file));
            }
            return;
        }
        for (index, document) in self.documents.iter().enumerate() {
            if self.only {
                screen.text_line(document.text.trim_end());
            } else {
                let gap = if index == 0 { "" } else { "\n" };
                screen.put(gap);
                screen.styled(Style::Dim, &document.path.display().to_string());
                screen.put("\n\n");
                screen.block(&document.text);
            }
        }
    }

    fn quiet(&self) -> Option<String> {
        let paths = self.documents.iter();
        let paths: Vec<String> = paths
            .map(|document| document.path.display().to_string())
            .collect();
        Some(paths.join("\n"))
    }
}
