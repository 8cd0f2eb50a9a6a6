//! What may be changed.

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::check::Verdict;
use crate::commands::check::{self, PathVerdict};
use crate::exit::Exit;

impl Report for check::Report {
    fn text(&self, screen: &mut Screen) {
        if self.explain {
            for path in &self.paths {
                explain(path, screen);
            }
            return;
        }
        let refused: Vec<&PathVerdict> = self
            .paths
            .iter()
            .filter(|path| path.verdict != Verdict::Allow)
            .collect();
        if refused.is_empty() {
            return;
        }
        let rows: Vec<_> = refused.iter().map(|path| row(path)).collect();
        screen.table(&[], &rows);
        screen.line(&self.summary(refused.len()));
    }

    fn is_silent(&self) -> bool {
        !self.explain && self.verdict == Verdict::Allow
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn exit(&self) -> Exit {
        if self.paths.iter().any(|path| path.rule == "dispossessed") {
            return Exit::Dispossessed;
        }
        match self.verdict {
            Verdict::Allow => Exit::Done,
            Verdict::Conflict => Exit::Unavailable,
            Verdict::NeedsApproval | Verdict::Deny => Exit::NotAuthorised,
        }
    }
}

impl check::Report {
    fn summary(&self, refused: usize) -> String {
        let whose = self
            .agent
            .as_deref()
            .map(|agent| format!(" for {agent}"))
            .unwrap_or_default();
        let issue = self
            .issue
            .map(|issue| format!(" on #{issue}"))
            .unwrap_or_default();
        let branch = self
            .branch
            .as_deref()
            .map(|branch| format!(" ({branch})"))
            .unwrap_or_default();
        let of = self.paths.len();
        format!("{refused} of {of} paths not allowed{whose}{issue}{branch}")
    }
}

fn row(path: &PathVerdict) -> Vec<(Style, String)> {
    let style = match path.verdict {
        Verdict::Allow => Style::Plain,
        Verdict::NeedsApproval => Style::Note,
        Verdict::Conflict | Verdict::Deny => Style::Bad,
    };
    let by = match (&path.commit, &path.agent) {
        (Some(commit), Some(agent)) => format!(" ({agent}, {commit})"),
        (Some(commit), None) => format!(" ({commit})"),
        _ => String::new(),
    };
    vec![
        (Style::Strong, path.path.clone()),
        (style, path.verdict.words().to_owned()),
        (Style::Plain, format!("{}{by}", path.reason)),
        (Style::Note, path.next.clone().unwrap_or_default()),
    ]
}

fn explain(path: &PathVerdict, screen: &mut Screen) {
    screen.line(&format!(
        "{}: {} ({}: {})",
        path.path,
        path.verdict.words(),
        path.rule,
        path.reason
    ));
    for (number, heard) in path.asked.iter().enumerate() {
        let mark = if heard.spoke { "*" } else { " " };
        screen.line(&format!(
            "  {mark} {:>2} {:<16} {}",
            number + 1,
            heard.rule,
            heard.speaks_of
        ));
    }
    if let Some(next) = &path.next {
        screen.line(&format!("  Next: {next}"));
    }
}
