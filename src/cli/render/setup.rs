//! Who one is, and the configuration.

use serde_json::Value;

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::{config, whoami};
use crate::config::layers::Origin;

impl Report for whoami::Report {
    fn text(&self, screen: &mut Screen) {
        let who = match (&self.agent, &self.person) {
            (_, Some(person)) => format!("{person} (human)"),
            (Some(agent), None) => agent.clone(),
            (None, None) => "an unnamed agent".to_owned(),
        };
        let plain = |text: String| (Style::Plain, text);
        let mut rows = vec![vec![
            (Style::Dim, "who".to_owned()),
            plain(who),
            (Style::Dim, format!("by {}", self.found_by)),
        ]];
        rows.push(vec![
            (Style::Dim, "role".to_owned()),
            plain(self.role.word().to_owned()),
        ]);
        rows.extend(
            self.issue
                .map(|issue| vec![(Style::Dim, "issue".to_owned()), plain(format!("#{issue}"))]),
        );
        rows.extend(
            self.branch
                .clone()
                .map(|branch| vec![(Style::Dim, "branch".to_owned()), plain(branch)]),
        );
        let worktree = self
            .worktree
            .as_ref()
            .map(|path| path.display().to_string());
        rows.extend(worktree.map(|path| vec![(Style::Dim, "worktree".to_owned()), plain(path)]));
        rows.push(vec![
            (Style::Dim, "documents".to_owned()),
            plain(self.documents.display().to_string()),
        ]);
        screen.table(&[], &rows);
        if let Some(next) = &self.next {
            screen.next(next);
        }
    }

    fn quiet(&self) -> Option<String> {
        Some(self.agent.clone().unwrap_or_default())
    }
}

impl Report for config::get::Report {
    fn text(&self, screen: &mut Screen) {
        let value = shown(&self.value);
        if self.show_origin {
            screen.line(&format!("{value}  ({})", origin(self.origin)));
        } else {
            screen.line(&value);
        }
    }

    fn quiet(&self) -> Option<String> {
        Some(shown(&self.value))
    }
}

impl Report for config::set::Report {
    fn text(&self, screen: &mut Screen) {
        screen.line(&format!("{} = {}", self.0.key, shown(&self.0.value)));
    }
}

impl Report for config::list::Report {
    fn text(&self, screen: &mut Screen) {
        let rows: Vec<_> = self
            .values
            .iter()
            .map(|row| {
                let mut cells = vec![
                    (Style::Strong, row.key.clone()),
                    (Style::Plain, shown(&row.value)),
                ];
                if row.show_origin {
                    cells.push((Style::Dim, origin(row.origin).to_owned()));
                }
                cells
            })
            .collect();
        screen.table(&[], &rows);
    }
}

fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Default => "default",
        Origin::User => "user",
        Origin::Repository => "repository",
        Origin::Environment => "environment",
    }
}
