//! What `init` made.

use super::Report;
use crate::cli::screen::Screen;
use crate::commands::init;

impl Report for init::Report {
    fn text(&self, screen: &mut Screen) {
        let from = match self.from.as_str() {
            "created" => "a new branch".to_owned(),
            "present" => "the branch".to_owned(),
            remote => format!("{remote}'s branch"),
        };
        screen.line(&format!(
            "Documents are in {} ({from} {}).",
            self.documents.display(),
            self.branch
        ));
        if !self.migrated.is_empty() {
            screen.line(&format!(
                "{} file(s) imported; their removal from this branch is staged.",
                self.migrated.len()
            ));
        }
        if !self.tracked_by.is_empty() {
            screen.line(&format!(
                "These branches track a .ghp/ of their own, and checking one out overwrites documents: {}",
                self.tracked_by.join(", ")
            ));
        }
        screen.next(&self.next);
    }

    fn quiet(&self) -> Option<String> {
        Some(self.documents.display().to_string())
    }
}
