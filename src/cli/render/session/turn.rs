//! A turn of a session without a screen, as it stands in the session's output.

use super::super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::session::turn;
use crate::domain::time::span;
use crate::exit::Exit;

impl Report for turn::Report {
    fn text(&self, screen: &mut Screen) {
        match self {
            turn::Report::Asked(asked) => {
                screen.styled(Style::Dim, &format!("── turn {} ", asked.turn));
                screen.put("\n");
                for line in asked.prompt.trim_end().lines() {
                    screen.line(&format!("> {line}"));
                }
                screen.put("\n");
            }
            turn::Report::Said(said) => screen.text_line(said.text.trim_end()),
            turn::Report::Ended(ended) => {
                let took = span(i64::try_from(ended.took_seconds).unwrap_or(i64::MAX));
                screen.put("\n");
                match &ended.failed {
                    Some(why) => screen.styled(
                        Style::Bad,
                        &format!("── turn {} failed after {took}: {why}", ended.turn),
                    ),
                    None => {
                        screen.styled(Style::Dim, &format!("── turn {} took {took}", ended.turn));
                    }
                }
                screen.put("\n\n");
            }
        }
    }

    fn is_one_of_many(&self) -> bool {
        true
    }

    fn exit(&self) -> Exit {
        match self {
            turn::Report::Ended(ended) if ended.exit_code > 0 => Exit::Theirs(ended.exit_code),
            _ => Exit::Done,
        }
    }
}
