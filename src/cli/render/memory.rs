//! What was learned.

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::memory::{self, Did, Line, List, Moved};
use crate::domain::escape::quoted;
use crate::domain::waiting::tail;

impl Report for List {
    fn text(&self, screen: &mut Screen) {
        if self.memories.is_empty() {
            if self.searched {
                screen.line("No memory has any of these words.");
                screen.next("ghp memory list");
            } else {
                screen.line("There are no such memories.");
                screen.next("ghp memory add \"What was learned\"");
            }
            return;
        }
        let rows: Vec<_> = self.memories.iter().flat_map(rows).collect();
        screen.table(&["ID", "TITLE", "TAGS", "ISSUE", "FROM"], &rows);
    }

    fn quiet(&self) -> Option<String> {
        let ids: Vec<&str> = self
            .memories
            .iter()
            .map(|line| line.head.id.as_str())
            .collect();
        Some(ids.join("\n"))
    }
}

/// A row, and below it the excerpt; others' words in quotes, since models read them, too.
fn rows(line: &Line) -> Vec<Vec<(Style, String)>> {
    let issue = line.head.issue.map(|issue| format!("#{issue}"));
    let mut rows = vec![vec![
        (Style::Strong, tail(&line.head.id).to_owned()),
        (Style::Plain, quoted(&line.head.title, 100)),
        (Style::Plain, line.head.tags.join(", ")),
        (Style::Plain, issue.unwrap_or_default()),
        (Style::Dim, line.head.from.clone()),
    ]];
    rows.extend(line.excerpt.as_ref().map(|excerpt| {
        let empty = || (Style::Plain, String::new());
        vec![
            empty(),
            (Style::Dim, quoted(excerpt, 100)),
            empty(),
            empty(),
            empty(),
        ]
    }));
    rows
}

impl Report for Moved {
    fn text(&self, screen: &mut Screen) {
        let count = self.ids.len();
        let memories = if count == 1 { "memory" } else { "memories" };
        let (way, place) = if self.here {
            ("from", "here")
        } else {
            ("to", "there")
        };
        screen.line(&format!(
            "{count} {memories} copied {way} {}; {} already {place}.",
            self.server, self.already
        ));
    }

    fn quiet(&self) -> Option<String> {
        Some(self.ids.join("\n"))
    }
}

impl Report for memory::Report {
    fn text(&self, screen: &mut Screen) {
        let short = tail(&self.head.id);
        let at = self.server.as_deref().map(|url| format!(" at {url}"));
        let at = at.unwrap_or_default();
        match self.did {
            Did::Shown => shown(self, screen),
            Did::Kept => screen.line(&format!("{short} is kept{at}: {}", self.head.title)),
            Did::Forgot => screen.line(&format!("{short} is forgotten{at}: {}", self.head.title)),
        }
    }

    fn quiet(&self) -> Option<String> {
        Some(self.head.id.clone())
    }
}

fn shown(memory: &memory::Report, screen: &mut Screen) {
    screen.styled(Style::Strong, &memory.head.title);
    screen.put("\n");
    let rows: Vec<_> = [
        ("from", memory.head.from.clone()),
        (
            "issue",
            memory
                .head
                .issue
                .map(|issue| format!("#{issue}"))
                .unwrap_or_default(),
        ),
        ("tags", memory.head.tags.join(", ")),
        ("scope", memory.scope.join(", ")),
        (
            "created",
            memory
                .head
                .created_at
                .map(|at| at.to_string())
                .unwrap_or_default(),
        ),
        (
            "document",
            memory
                .path
                .as_ref()
                .map(|path| path.display().to_string())
                .unwrap_or_default(),
        ),
        ("server", memory.server.clone().unwrap_or_default()),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| vec![(Style::Dim, name.to_owned()), (Style::Plain, value)])
    .collect();
    screen.table(&[], &rows);
    if !memory.body.trim().is_empty() {
        screen.put("\n");
        screen.block(memory.body.trim_start_matches('\n'));
    }
}
