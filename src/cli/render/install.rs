//! What is told to coding agents' harnesses.

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::install::{self, State};
use crate::exit::Exit;

impl Report for install::Report {
    fn text(&self, screen: &mut Screen) {
        let texts = self.targets.iter().flat_map(|target| &target.files);
        let texts: Vec<_> = texts
            .filter_map(|file| Some((&file.path, file.text.as_ref()?)))
            .collect();
        if !texts.is_empty() {
            for (path, text) in texts {
                screen.styled(Style::Dim, &format!("{}:", path.display()));
                screen.put("\n");
                screen.text_line(text.trim_end());
            }
            return;
        }
        if self.is_look {
            return table(self, screen);
        }
        for target in &self.targets {
            for file in &target.files {
                let what = match (file.changed, file.state) {
                    (true, State::Missing) => "removed from",
                    (true, _) => "written to",
                    (false, State::Missing) => "was not in",
                    (false, _) => "is already in",
                };
                screen.line(&format!("{} {what} {}", target.target, file.path.display()));
            }
            if let Some(note) = &target.note {
                screen.line(note);
            }
        }
    }

    fn exit(&self) -> Exit {
        let is_fine = self
            .targets
            .iter()
            .all(|target| target.state == State::Here);
        if self.is_check && !is_fine {
            Exit::Findings
        } else {
            Exit::Done
        }
    }
}

fn table(report: &install::Report, screen: &mut Screen) {
    let row = |target: &install::Installed| {
        let (style, word) = match target.state {
            State::Here => (Style::Good, "here"),
            State::Missing => (Style::Dim, "missing"),
            State::Old => (Style::Warn, "old"),
        };
        vec![
            (Style::Strong, target.target.to_owned()),
            (style, word.to_owned()),
            (Style::Plain, target.gives.to_owned()),
        ]
    };
    let rows: Vec<_> = report.targets.iter().map(row).collect();
    screen.table(&["TARGET", "STATE", "GIVES"], &rows);
    let first = |state| report.targets.iter().find(|target| target.state == state);
    if let Some(target) = first(State::Old).or_else(|| first(State::Missing)) {
        let mcp = if report.is_mcp { " --mcp" } else { "" };
        screen.next(&format!("ghp install {}{mcp}", target.target));
    }
}
