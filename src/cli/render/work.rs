//! Who takes and gives issues, and what to do next.

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::holding::Holding;
use crate::commands::{assign, claim, prime, release, start};

impl Report for claim::Report {
    fn text(&self, screen: &mut Screen) {
        let held = &self.0;
        screen.line(&format!(
            "{} is {}yours{}.",
            title(held),
            if held.already { "already " } else { "" },
            fence(held, screen.verbose)
        ));
        next(held, screen);
    }

    fn quiet(&self) -> Option<String> {
        Some(self.0.issue.to_string())
    }
}

impl Report for start::Report {
    fn text(&self, screen: &mut Screen) {
        let held = &self.0;
        let agent = held.agent.as_deref().unwrap_or_default();
        let branch = held.branch.as_deref().unwrap_or_default();
        let verb = if held.already {
            "has started"
        } else {
            "starts"
        };
        screen.line(&format!(
            "{agent} {verb} {} on {branch}{}.",
            title(held),
            fence(held, screen.verbose)
        ));
        next(held, screen);
    }

    fn quiet(&self) -> Option<String> {
        Some(
            self.0
                .worktree
                .as_ref()
                .map(|worktree| worktree.display().to_string())
                .unwrap_or_default(),
        )
    }
}

impl Report for assign::Report {
    fn text(&self, screen: &mut Screen) {
        let held = &self.holding;
        let agent = held.agent.as_deref().unwrap_or_default();
        let from = self
            .from
            .as_deref()
            .map(|from| format!(", no longer {from}'s"))
            .unwrap_or_default();
        let already = if held.already { "already " } else { "" };
        screen.line(&format!(
            "{} is {already}{agent}'s{from}{}.",
            title(held),
            fence(held, screen.verbose)
        ));
        next(held, screen);
    }

    fn quiet(&self) -> Option<String> {
        Some(self.holding.issue.to_string())
    }
}

impl Report for release::Report {
    fn text(&self, screen: &mut Screen) {
        let held = &self.holding;
        let now = self
            .assignee
            .as_deref()
            .map_or_else(|| "free".to_owned(), |agent| format!("{agent}'s"));
        screen.line(&match held.agent.as_deref() {
            None => format!("{} is {now} already; nobody held it.", title(held)),
            Some(agent) if held.already => {
                format!("{} is {now}; {agent} did not hold it.", title(held))
            }
            Some(agent) => format!("{agent} let go of #{}; it is {now}.", held.issue),
        });
        next(held, screen);
    }

    fn quiet(&self) -> Option<String> {
        Some(self.holding.issue.to_string())
    }
}

impl Report for crate::commands::next::Report {
    fn text(&self, screen: &mut Screen) {
        match &self.item {
            None => screen.line("Nothing to do. To wait for something: ghp next --wait"),
            Some(item) => {
                let (name, note) = match (item.kind, &item.to) {
                    ("issue", Some(_)) => (format!("#{}", item.id), "yours"),
                    ("issue", None) => (format!("#{}", item.id), "free to take"),
                    _ => (item.noun.to_owned(), item.status.as_str()),
                };
                screen.styled(Style::Strong, &name);
                screen.put(" ");
                screen.line(&format!("{} ({note})", item.title));
                screen.next(&item.next);
            }
        }
    }

    fn quiet(&self) -> Option<String> {
        Some(
            self.item
                .as_ref()
                .map(|item| item.id.clone())
                .unwrap_or_default(),
        )
    }
}

impl Report for prime::Report {
    fn text(&self, screen: &mut Screen) {
        screen.text_line(self.text.trim_end());
    }
}

fn next(held: &Holding, screen: &mut Screen) {
    if let Some(next) = &held.next {
        screen.next(next);
    }
}

fn title(held: &Holding) -> String {
    format!("#{} {}", held.issue, held.title)
}

fn fence(held: &Holding, verbose: bool) -> String {
    held.fence
        .filter(|_| verbose)
        .map(|fence| format!(" (fence {fence})"))
        .unwrap_or_default()
}
