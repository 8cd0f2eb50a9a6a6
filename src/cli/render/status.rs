//! The board, and what agents say about themselves.

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::{heartbeat, status};
use crate::domain::agent::{Liveness, Role};
use crate::domain::shell::word;
use crate::domain::time::span;

impl Report for status::Report {
    fn text(&self, screen: &mut Screen) {
        if self.agents.is_empty() {
            match (self.only_on, self.only_silent) {
                (None, false) => {
                    screen.line("No agents here yet.");
                    screen.next("ghp start N --worktree --for worker-1");
                }
                (None, true) => screen.line("Nobody is silent."),
                (Some(issue), false) => screen.line(&format!("No agent works on #{issue}.")),
                (Some(issue), true) => screen.line(&format!("Nobody on #{issue} is silent.")),
            }
        } else {
            let verbose = screen.verbose;
            let place =
                |agent: &status::Row| (Style::Dim, agent.worktree.clone().unwrap_or_default());
            let rows: Vec<_> = self
                .agents
                .iter()
                .map(|agent| {
                    row(agent)
                        .into_iter()
                        .chain(verbose.then(|| place(agent)))
                        .collect()
                })
                .collect();
            let heading = [
                "AGENT",
                "STATUS",
                "ISSUE",
                "LAST ACTION",
                "SEEN",
                "",
                "WORKTREE",
            ];
            screen.table(&heading[..if verbose { 7 } else { 6 }], &rows);
        }
        if self.waiting > 0 {
            let kinds: Vec<String> = self
                .waiting_kinds
                .iter()
                .filter(|(_, count)| *count > 0)
                .map(|(kind, count)| {
                    format!("{count} {kind}{}", if *count == 1 { "" } else { "s" })
                })
                .collect();
            screen.put("\n");
            screen.spread(
                &format!("Waiting on you: {}", kinds.join(", ")),
                "ghp inbox",
            );
        }
    }

    fn is_one_of_many(&self) -> bool {
        self.one_of_many
    }

    fn quiet(&self) -> Option<String> {
        let names: Vec<&str> = self.agents.iter().map(|row| row.agent.as_str()).collect();
        Some(names.join("\n"))
    }
}

fn row(row: &status::Row) -> Vec<(Style, String)> {
    let mut name = row.agent.clone();
    if row.role != Role::Worker {
        name = format!("{name} ({})", row.role.word());
    }
    if let Some(node) = &row.node {
        name = format!("{name}@{node}");
    }
    let (style, alive) = match row.liveness {
        Liveness::Fresh => (Style::Plain, String::new()),
        Liveness::Quiet => (Style::Dim, "quiet".to_owned()),
        Liveness::Stale => (Style::Bad, "STALE".to_owned()),
        Liveness::Expired => (Style::Bad, "EXPIRED".to_owned()),
        Liveness::ClockSuspect => (Style::Warn, "clock?".to_owned()),
        Liveness::Never => (Style::Warn, "never".to_owned()),
    };
    let mut notes: Vec<String> = if alive.is_empty() {
        Vec::new()
    } else {
        vec![alive]
    };
    if !row.blocked_on.is_empty() {
        let numbers: Vec<String> = row
            .blocked_on
            .iter()
            .map(|number| format!("#{number}"))
            .collect();
        notes.push(format!("by {}", numbers.join(", ")));
    }
    let status = match row.status.as_str() {
        "blocked" | "waiting" => Style::Warn,
        "error" => Style::Bad,
        "done" => Style::Good,
        "idle" | "stopped" => Style::Dim,
        _ => Style::Plain,
    };
    vec![
        (Style::Strong, name),
        (status, row.status.clone()),
        (
            Style::Plain,
            row.issue
                .map(|issue| format!("#{issue}"))
                .unwrap_or_default(),
        ),
        (Style::Plain, row.last_action.clone().unwrap_or_default()),
        (style, row.age_seconds.map(span).unwrap_or_default()),
        (style, notes.join("  ")),
    ]
}

impl Report for status::set::Report {
    fn is_silent(&self) -> bool {
        self.unblocked.is_none()
    }

    fn text(&self, screen: &mut Screen) {
        if self.unblocked == Some(true) {
            screen.line("Nothing blocks you any more.");
            screen.next("ghp next");
        }
    }
}

impl Report for status::rm::Report {
    fn text(&self, screen: &mut Screen) {
        screen.line(&format!("{} is off the board.", self.agent));
        if let Some(issue) = self.issues.first() {
            screen.next(&format!("ghp release {issue} --for {}", word(&self.agent)));
        }
    }
}

impl Report for heartbeat::Report {
    fn text(&self, _: &mut Screen) {}

    fn is_silent(&self) -> bool {
        true
    }

    fn is_one_of_many(&self) -> bool {
        self.one_of_many
    }
}
