//! A terminal that waits for an agent's answer.

use super::Report;
use crate::cli::screen::Screen;
use crate::commands::editor;

impl Report for editor::Report {
    fn text(&self, screen: &mut Screen) {
        match self {
            editor::Report::Progress { progress } => screen.only_line(progress),
            editor::Report::Over {} => screen.only_line(""),
            editor::Report::Said { said } => screen.line(&format!("ghp editor: {said}")),
            editor::Report::Choice { choice } => {
                for (index, name) in choice.iter().enumerate() {
                    screen.line(&format!("  {:>2}  {name}", index + 1));
                }
                screen.put("Whom? A number or a name (Enter: nobody): ");
            }
        }
    }

    fn is_aside(&self) -> bool {
        true
    }

    fn is_one_of_many(&self) -> bool {
        true
    }
}
