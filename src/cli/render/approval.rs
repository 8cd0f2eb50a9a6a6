//! Approvals asked for, granted, denied.

use super::Report;
use crate::cli::screen::Screen;
use crate::commands::approval::{in_words, listed, whom};
use crate::commands::matter::Decided;
use crate::commands::{approve, deny, request};
use crate::domain::waiting::tail;
use crate::exit::Exit;

impl Report for request::Report {
    fn text(&self, screen: &mut Screen) {
        match self {
            request::Report::Decided(decided) => screen.text_line(decided.words()),
            request::Report::Before(decided) => screen.line(&line(decided)),
            request::Report::Asked(asked) => {
                let already = if asked.already { " already" } else { "" };
                screen.line(&format!(
                    "{} is{already} requested: {}; {} decides.",
                    tail(&asked.item.id),
                    listed(&asked.item.paths),
                    in_words(&asked.approvers)
                ));
                screen.next(&asked.item.next);
            }
        }
    }

    fn informs(&self) -> bool {
        self.informs()
    }

    fn quiet(&self) -> Option<String> {
        Some(match self {
            request::Report::Decided(decided) => decided.words().to_owned(),
            request::Report::Before(decided) => decided.id.clone(),
            request::Report::Asked(asked) => asked.item.id.clone(),
        })
    }

    fn exit(&self) -> Exit {
        match self {
            request::Report::Decided(decided) | request::Report::Before(decided) => {
                exit(std::slice::from_ref(decided))
            }
            request::Report::Asked(_) => Exit::Done,
        }
    }
}

/// How a command ends that was told of these decisions.
pub(super) fn exit(decided: &[Decided]) -> Exit {
    if decided.iter().any(Decided::is_refused) {
        Exit::NotAuthorised
    } else if decided.iter().any(Decided::is_failed) {
        Exit::Failed
    } else {
        Exit::Done
    }
}

impl Report for approve::Report {
    fn text(&self, screen: &mut Screen) {
        screen.line(&line(&self.decided));
    }

    fn quiet(&self) -> Option<String> {
        Some(self.decided.id.clone())
    }
}

impl Report for deny::Report {
    fn text(&self, screen: &mut Screen) {
        screen.line(&line(&self.decided));
    }

    fn quiet(&self) -> Option<String> {
        Some(self.decided.id.clone())
    }
}

/// What was decided of an approval, in one line.
pub(super) fn line(decided: &Decided) -> String {
    let already = if decided.already { " already" } else { "" };
    let until = match decided.expires_at {
        Some(end) if !decided.is_refused() => format!(", until {end}"),
        _ => String::new(),
    };
    format!(
        "{} is{already} {}: {}{}{until}",
        tail(&decided.id),
        decided.status,
        listed(&decided.paths),
        whom(decided.agent.as_deref(), decided.issue)
    )
}
