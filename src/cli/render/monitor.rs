//! How far a watched command is, and how it ended.

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::monitor;
use crate::domain::time::span;
use crate::exit::Exit;

fn seconds(seconds: u64) -> String {
    span(i64::try_from(seconds).unwrap_or(i64::MAX))
}

impl Report for monitor::Report {
    fn text(&self, screen: &mut Screen) {
        match self {
            monitor::Report::Runs(runs) => {
                let since = seconds(runs.since_seconds);
                screen.status_line(&format!("{} {since}  {}", runs.name, runs.line));
            }
            monitor::Report::Detached(it) => {
                screen.line(&format!("{} goes on by itself", it.session.name));
                screen.next(&it.next);
            }
            monitor::Report::Ended(ended) => {
                let took = seconds(ended.took_seconds);
                let said = format!("{} {} after {took}", ended.name, ended.how);
                screen.clear_status_line();
                if ended.notify {
                    screen.notice(&said);
                }
                screen.line(&said);
                if ended.exit_code != 0 && !ended.stopped {
                    let lines: Vec<&str> = ended.tail.trim_end().lines().collect();
                    screen.block(&lines[lines.len().saturating_sub(10)..].join("\n"));
                }
                if let (Some(told), Some(short)) = (&ended.told, ended.told_tail()) {
                    let next = match told.kind {
                        "task" => format!("ghp task show {short}"),
                        _ => format!("ghp show {short}"),
                    };
                    screen.styled(Style::Dim, &ended.told_words());
                    screen.put("\n");
                    screen.next(&next);
                }
            }
        }
    }

    fn is_narration(&self) -> bool {
        matches!(self, monitor::Report::Runs(_))
    }

    fn quiet(&self) -> Option<String> {
        match self {
            monitor::Report::Runs(_) => None,
            monitor::Report::Detached(it) => Some(it.session.name.clone()),
            monitor::Report::Ended(ended) => Some(
                ended
                    .told
                    .as_ref()
                    .map(|told| told.id.clone())
                    .unwrap_or_default(),
            ),
        }
    }

    fn is_one_of_many(&self) -> bool {
        match self {
            monitor::Report::Runs(_) => true,
            monitor::Report::Detached(_) => false,
            monitor::Report::Ended(ended) => ended.repeats,
        }
    }

    fn exit(&self) -> Exit {
        match self {
            monitor::Report::Runs(_) | monitor::Report::Detached(_) => Exit::Done,
            monitor::Report::Ended(ended) => ended.exit(),
        }
    }
}
