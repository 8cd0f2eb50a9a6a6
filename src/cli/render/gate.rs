//! What git's hooks say: all of it beside git's own answer.

use super::Report;
use crate::cli::screen::Screen;
use crate::commands::check::Verdict;
use crate::commands::gate;
use crate::exit::Exit;

impl Report for gate::Report {
    fn text(&self, screen: &mut Screen) {
        let act = self.event.act();
        if let Some(why) = &self.unchecked {
            screen.line(&format!(
                "ghp: this {act} was not checked: {why}; run: ghp doctor"
            ));
        }
        for check in &self.checks {
            check.text(screen);
        }
        let paths = self.checks.iter().flat_map(|check| &check.paths);
        let mut refused = paths.filter(|path| path.verdict != Verdict::Allow);
        let first = refused.next();
        if self.is_told && first.is_some() {
            screen.line(
                "ghp: pushed all the same, for you are a person; a shared repository may refuse it",
            );
        } else if let Some(next) = first
            .into_iter()
            .chain(refused)
            .find_map(|path| path.next.as_deref())
        {
            screen.next(next);
        }
    }

    fn is_silent(&self) -> bool {
        self.unchecked.is_none() && self.checks.iter().all(Report::is_silent)
    }

    fn is_aside(&self) -> bool {
        true
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn exit(&self) -> Exit {
        if self.is_told {
            return Exit::Done;
        }
        let exits = self.checks.iter().map(Report::exit);
        exits
            .max_by_key(|exit| match exit {
                Exit::Dispossessed => 3,
                Exit::NotAuthorised => 2,
                Exit::Unavailable => 1,
                _ => 0,
            })
            .unwrap_or(Exit::Done)
    }
}
