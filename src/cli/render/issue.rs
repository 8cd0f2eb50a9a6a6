//! Issues.

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::issue::{self, Did};
use crate::domain::issue::State;

impl Report for issue::Report {
    fn text(&self, screen: &mut Screen) {
        let number = self.issue;
        match self.did {
            Did::Shown => shown(self, screen),
            Did::Made => {
                screen.line(&format!("#{number} {}{}", self.title, holder(self)));
            }
            Did::Edited => screen.line(&format!("#{number} {} is changed.", self.title)),
            Did::Commented => screen.line(&format!("Your comment is in #{number}.")),
            Did::Closed => screen.line(&format!("#{number} {} is closed.", self.title)),
            Did::Reopened => screen.line(&format!(
                "#{number} {} is open again{}.",
                self.title,
                holder(self)
            )),
            Did::Nothing => screen.line(&format!(
                "#{number} {} is {} already; nothing changed.",
                self.title,
                word(self.status)
            )),
        }
        if let Some(next) = &self.next {
            screen.next(next);
        }
    }

    fn quiet(&self) -> Option<String> {
        Some(self.issue.to_string())
    }
}

impl Report for issue::list::Report {
    fn text(&self, screen: &mut Screen) {
        if self.issues.is_empty() {
            screen.line("No such issues.");
            screen.next("ghp issue new \"What is to be done\"");
            return;
        }
        let rows: Vec<_> = self
            .issues
            .iter()
            .map(|issue| {
                let closed = issue.status == State::Closed;
                let mut notes = issue.labels.clone();
                if !issue.waits_for.is_empty() {
                    notes.push(format!("blocked by {}", numbers(&issue.waits_for)));
                }
                vec![
                    (Style::Strong, format!("#{}", issue.issue)),
                    (
                        if closed { Style::Dim } else { Style::Plain },
                        issue.title.clone(),
                    ),
                    (Style::Plain, issue.assignee.clone().unwrap_or_default()),
                    (
                        if closed { Style::Dim } else { Style::Plain },
                        word(issue.status).to_owned(),
                    ),
                    (Style::Dim, notes.join(", ")),
                ]
            })
            .collect();
        screen.table(&["ISSUE", "TITLE", "AGENT", "STATE", ""], &rows);
    }

    fn quiet(&self) -> Option<String> {
        Some(
            self.issues
                .iter()
                .map(|issue| issue.issue.to_string())
                .collect::<Vec<_>>()
                .join("\n"),
        )
    }
}

fn shown(issue: &issue::Report, screen: &mut Screen) {
    screen.styled(Style::Strong, &format!("#{} {}", issue.issue, issue.title));
    screen.put("\n");
    let row = |name: &str, value: String| {
        (!value.is_empty()).then(|| vec![(Style::Dim, name.to_owned()), (Style::Plain, value)])
    };
    let rows: Vec<_> = [
        row("state", word(issue.status).to_owned()),
        row("agent", issue.assignee.clone().unwrap_or_default()),
        row("branch", issue.branch.clone().unwrap_or_default()),
        row("scope", issue.scope.join(", ")),
        row(
            "part of",
            issue
                .parent
                .map(|parent| format!("#{parent}"))
                .unwrap_or_default(),
        ),
        row("blocked by", blockers(issue)),
        row("labels", issue.labels.join(", ")),
    ]
    .into_iter()
    .flatten()
    .collect();
    screen.table(&[], &rows);
    if !issue.body.trim().is_empty() {
        screen.put("\n");
        screen.block(issue.body.trim_start_matches('\n'));
    }
}

fn blockers(issue: &issue::Report) -> String {
    let each = issue.blocked_by.iter().map(|number| {
        if issue.waits_for.contains(number) {
            format!("#{number}")
        } else {
            format!("#{number} (closed)")
        }
    });
    each.collect::<Vec<_>>().join(", ")
}

fn holder(issue: &issue::Report) -> String {
    issue
        .assignee
        .as_deref()
        .map(|agent| format!(", {agent}'s"))
        .unwrap_or_default()
}

fn numbers(numbers: &[u64]) -> String {
    numbers
        .iter()
        .map(|number| format!("#{number}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn word(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Closed => "closed",
    }
}
