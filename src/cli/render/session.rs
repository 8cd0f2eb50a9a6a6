//! Sessions, and what belongs to them.

mod ending;
mod turn;

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::session::{Row, context, list, new, output, send, show};
use crate::domain::session::State;
use crate::domain::time::span;

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

impl Report for list::Report {
    fn text(&self, screen: &mut Screen) {
        if self.sessions.is_empty() {
            screen.line("There are no sessions on this machine.");
            screen.next("ghp session new NAME -i N");
            return;
        }
        let rows: Vec<_> = self.sessions.iter().map(cells).collect();
        let heading = ["SESSION", "STATE", "ISSUE", "PROVIDER", "BRANCH", "AGE"];
        screen.table(&heading, &rows);
    }

    fn quiet(&self) -> Option<String> {
        let names: Vec<&str> = self.sessions.iter().map(|row| row.name.as_str()).collect();
        Some(names.join("\n"))
    }
}

fn cells(row: &Row) -> Vec<(Style, String)> {
    vec![
        (Style::Strong, row.name.clone()),
        (style(row.state), state(row)),
        (
            Style::Plain,
            row.issue
                .map(|issue| format!("#{issue}"))
                .unwrap_or_default(),
        ),
        (Style::Plain, format!("{}, {}", row.provider, keeps(row))),
        (Style::Plain, row.branch.clone().unwrap_or_default()),
        (Style::Dim, row.age_seconds.map(span).unwrap_or_default()),
    ]
}

fn style(state: State) -> Style {
    match state {
        State::Working | State::Ready | State::Idle => Style::Good,
        State::Waiting | State::Interactive | State::Unknown => Style::Warn,
        State::Lost => Style::Bad,
        State::Starting | State::Exited => Style::Dim,
    }
}

/// What keeps its terminal, if it has a screen.
fn keeps(row: &Row) -> &str {
    if row.headless {
        "headless"
    } else {
        &row.backend
    }
}

/// The state, with how it ended, or how the last turn of one without a screen did.
fn state(row: &Row) -> String {
    match (row.state, row.exit_code, row.signal) {
        (State::Idle, Some(code), _) if code != 0 => format!("idle(failed: {code})"),
        (State::Idle, None, Some(signal)) => format!("idle(signal {signal})"),
        (State::Exited, Some(code), _) => format!("exited({code})"),
        (State::Exited, None, Some(signal)) => format!("exited(signal {signal})"),
        (state, ..) => state.word().to_owned(),
    }
}

impl Report for show::Report {
    fn text(&self, screen: &mut Screen) {
        let row = &self.row;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let rows: Vec<_> = [
            ("session", row.name.clone()),
            ("state", state(row)),
            (
                "issue",
                row.issue
                    .map(|issue| format!("#{issue}"))
                    .unwrap_or_default(),
            ),
            ("provider", row.provider.clone()),
            ("backend", keeps(row).to_owned()),
            ("last turn", text(&self.failed)),
            ("asks", self.asks.unwrap_or_default().to_owned()),
            ("cave", text(&row.cave)),
            ("branch", text(&row.branch)),
            ("works in", self.directory.display().to_string()),
            ("program", self.program.join(" ")),
            ("age", row.age_seconds.map(span).unwrap_or_default()),
            ("id", row.id.clone()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| vec![(Style::Dim, name.to_owned()), (Style::Plain, value)])
        .collect();
        screen.table(&[], &rows);
        screen.next(&self.next);
    }

    fn quiet(&self) -> Option<String> {
        Some(self.row.state.word().to_owned())
    }
}

impl Report for new::Report {
    fn text(&self, screen: &mut Screen) {
        match self {
            new::Report::Said(said) => screen.line(said),
            new::Report::Made(made) => {
                let row = &made.row;
                let issue = row
                    .issue
                    .map(|issue| format!(" on #{issue}"))
                    .unwrap_or_default();
                screen.line(&format!(
                    "{} runs {}{issue} in {} ({}).",
                    row.name,
                    row.provider,
                    made.directory.display(),
                    keeps(row)
                ));
                screen.next(&made.next);
            }
        }
    }

    fn is_narration(&self) -> bool {
        matches!(self, new::Report::Said(_))
    }

    fn quiet(&self) -> Option<String> {
        match self {
            new::Report::Said(_) => None,
            new::Report::Made(made) => Some(made.row.name.clone()),
        }
    }
}

impl Report for send::Report {
    fn text(&self, screen: &mut Screen) {
        let said = match self.receipt {
            send::Receipt::Sent => "was sent the prompt; its provider does not acknowledge it",
            send::Receipt::Submitted => "has the prompt",
        };
        screen.line(&format!("{} {said}.", self.name));
    }

    fn quiet(&self) -> Option<String> {
        Some(
            match self.receipt {
                send::Receipt::Sent => "sent",
                send::Receipt::Submitted => "submitted",
            }
            .to_owned(),
        )
    }
}

impl Report for output::Report {
    fn text(&self, screen: &mut Screen) {
        if self.raw {
            screen.put(&self.text);
        } else {
            screen.piece(&self.text);
        }
    }

    fn is_one_of_many(&self) -> bool {
        self.one_of_many
    }
}
