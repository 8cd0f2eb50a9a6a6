//! The story, as it is played.

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::demo;
use crate::domain::shell;

impl Report for demo::Report {
    fn text(&self, screen: &mut Screen) {
        match self {
            demo::Report::Scene { text } => {
                screen.put("\n");
                screen.styled(Style::Strong, &format!("# {text}"));
                screen.put("\n\n");
            }
            demo::Report::Command {
                who,
                command,
                output,
                exit,
            } => {
                screen.styled(Style::Note, &format!("{who} $"));
                screen.put(" ");
                screen.line(command);
                if !output.is_empty() {
                    screen.block(output);
                }
                if *exit != 0 {
                    screen.styled(Style::Dim, &format!("  (exit {exit})"));
                    screen.put("\n");
                }
            }
            demo::Report::End { kept: Some(app) } => {
                screen.put("\n");
                screen.line(&format!("The repository is {}.", app.display()));
                screen.next(&format!("cd {}", shell::path(app)));
            }
            demo::Report::End { kept: None } => {
                screen.put("\n");
                screen
                    .line("The scratch repository is gone; ghp demo --keep leaves it to explore.");
                screen.next("ghp init");
            }
        }
    }

    fn is_one_of_many(&self) -> bool {
        true
    }
}
