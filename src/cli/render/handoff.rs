//! Issues that go from one agent to the next.

use super::Report;
use crate::cli::screen::Screen;
use crate::commands::{accept, handoff};
use crate::domain::waiting::tail;

impl Report for handoff::Report {
    fn text(&self, screen: &mut Screen) {
        let issue = self
            .item
            .issue
            .map(|issue| format!("#{issue}"))
            .unwrap_or_default();
        let to = self.item.to.as_deref().unwrap_or("anybody");
        let id = tail(&self.item.id);
        let done = done(self.commits, self.uncommitted.len());
        if self.lost {
            screen.line(&format!(
                "What you know of {issue} is written for {to} ({id}{done})."
            ));
        } else {
            screen.line(&format!(
                "{issue} is offered to {to} ({id}{done}); it stays yours until somebody accepts."
            ));
        }
        screen.next(&self.item.next);
    }

    fn quiet(&self) -> Option<String> {
        Some(self.item.id.clone())
    }
}

impl Report for accept::Report {
    fn text(&self, screen: &mut Screen) {
        let it = &self.handoff;
        let issue = it
            .issue
            .map(|issue| format!("#{issue}"))
            .unwrap_or_default();
        let already = if self.already { "already " } else { "" };
        let branch = it
            .branch
            .as_deref()
            .map(|branch| format!(" on {branch}"))
            .unwrap_or_default();
        let place = self
            .worktree
            .as_ref()
            .map(|path| format!("; work in {}{branch}", path.display()));
        screen.line(&format!(
            "{issue} is {already}yours, from {}{}.",
            it.from,
            place.unwrap_or(branch)
        ));
        screen.next(&self.next);
    }

    fn quiet(&self) -> Option<String> {
        Some(
            self.worktree
                .as_ref()
                .map(|path| path.display().to_string())
                .unwrap_or_default(),
        )
    }
}

/// `: 1 commit, 2 paths not committed`; what there is none of is left out.
fn done(commits: usize, uncommitted: usize) -> String {
    let mut parts = Vec::new();
    if commits > 0 {
        parts.push(counted(commits, "commit"));
    }
    if uncommitted > 0 {
        parts.push(format!("{} not committed", counted(uncommitted, "path")));
    }
    if parts.is_empty() {
        return String::new();
    }
    format!(": {}", parts.join(", "))
}

/// `1 commit`, `2 commits`.
fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::done;

    #[test]
    fn what_there_is_none_of_is_left_out() {
        assert_eq!(done(0, 0), "");
        assert_eq!(done(1, 0), ": 1 commit");
        assert_eq!(done(0, 2), ": 2 paths not committed");
        assert_eq!(done(2, 1), ": 2 commits, 1 path not committed");
    }
}
