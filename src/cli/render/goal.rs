//! What is to be achieved.

use serde_json::Value;

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::goal::{self, Did, list::List};
use crate::domain::goal::Status;
use crate::domain::waiting::tail;

impl Report for List {
    fn text(&self, screen: &mut Screen) {
        if self.goals.is_empty() {
            screen.line("There are no such goals.");
            screen.next("ghp goal new \"What is to be so\"");
            return;
        }
        let rows: Vec<_> = self.goals.iter().map(row).collect();
        screen.table(&["ID", "GOAL", "STATUS", "GROUP", "MEMBERS", "FROM"], &rows);
    }

    fn quiet(&self) -> Option<String> {
        let ids: Vec<&str> = self.goals.iter().map(|goal| goal.id.as_str()).collect();
        Some(ids.join("\n"))
    }
}

fn row(goal: &goal::Report) -> Vec<(Style, String)> {
    let members = goal.metadata.get("members").and_then(Value::as_array);
    vec![
        (Style::Strong, tail(&goal.id).to_owned()),
        (Style::Plain, goal.name.clone()),
        (style(goal.status), goal.status.to_string()),
        (Style::Plain, text_of(goal, "group")),
        (
            Style::Plain,
            members
                .map(|them| them.len().to_string())
                .unwrap_or_default(),
        ),
        (Style::Dim, goal.from.clone()),
    ]
}

fn style(status: Status) -> Style {
    match status {
        Status::Active => Style::Plain,
        Status::Completed => Style::Good,
        Status::Cancelled => Style::Dim,
    }
}

fn text_of(goal: &goal::Report, key: &str) -> String {
    let value = goal.metadata.get(key);
    value.map(plain).unwrap_or_default()
}

/// A value for a person: lists of texts without quotes.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().map(plain).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

impl Report for goal::Report {
    fn text(&self, screen: &mut Screen) {
        let short = tail(&self.id);
        let (name, status) = (&self.name, self.status);
        match self.did {
            Did::Shown => shown(self, screen),
            Did::Set => screen.line(&format!("goal {short} is set: {name}")),
            Did::Changed => screen.line(&format!("goal {short} is {status}: {name}")),
            Did::Nothing => screen.line(&format!("goal {short} is {status} already: {name}")),
        }
    }

    fn quiet(&self) -> Option<String> {
        Some(self.id.clone())
    }
}

fn shown(goal: &goal::Report, screen: &mut Screen) {
    screen.styled(Style::Strong, &goal.name);
    screen.put("\n");
    let closed = goal.closed_at.map(|at| {
        let by = goal.by.as_deref().unwrap_or("somebody");
        format!("{at} by {by}")
    });
    let mut rows = vec![
        ("status".to_owned(), goal.status.to_string()),
        ("from".to_owned(), goal.from.clone()),
    ];
    let mut add = |name: &str, value: Option<String>| {
        rows.extend(value.map(|value| (name.to_owned(), value)));
    };
    add("created", goal.created_at.map(|at| at.to_string()));
    add("closed", closed);
    add(
        "tasks done",
        Some(goal.tasks_completed.to_string()).filter(|_| goal.tasks_completed > 0),
    );
    for (key, value) in &goal.metadata {
        add(key, Some(plain(value)));
    }
    add("document", Some(goal.path.display().to_string()));
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(name, value)| vec![(Style::Dim, name), (Style::Plain, value)])
        .collect();
    screen.table(&[], &rows);
    if !goal.description.is_empty() {
        screen.put("\n");
        screen.block(&goal.description);
    }
}
