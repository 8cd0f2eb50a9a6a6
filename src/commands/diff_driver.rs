//! `ghp diff-driver`: agent-status.json as a table for `git diff` and `git log -p`. Git starts it; people do not.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use unicode_width::UnicodeWidthStr;

use crate::documents::status::Status;
use crate::domain::agent::Entry;
use crate::domain::escape;
use crate::error::{Error, Kind, Result};
use crate::git::sides;

/// Show agent-status.json as a table (git runs this)
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The file to show
    pub file: PathBuf,
}

/// Runs the verb.
pub fn run(args: Args) -> Result<Vec<u8>> {
    let text = sides::text(&args.file)?;
    let text = text.ok_or_else(|| {
        Error::new(
            Kind::Unreadable,
            format!("{} is not UTF-8", args.file.display()),
        )
    })?;
    Ok(table(&text).into_bytes())
}

/// One line an agent, without the time of its last heartbeat: what changes every minute is no difference to a reader.
/// What is no status document is shown as it stands.
fn table(text: &str) -> String {
    let Ok(status) = Status::parse(text) else {
        return text.to_owned();
    };
    let rows: Vec<[String; 4]> = status
        .agents
        .iter()
        .map(|(name, entry)| row(name, entry))
        .collect();
    let wide = |column: usize| {
        rows.iter()
            .map(|row| row[column].width())
            .max()
            .unwrap_or(0)
    };
    let widths = [wide(0), wide(1), wide(2)];
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width + 2 - cell.width()));
        }
        line.push_str(&row[3]);
        out.push_str(line.trim_end());
        out.push('\n');
    }
    for (key, value) in status.unknown.iter() {
        out.push_str(&escape::terminal(&format!("{key}: {value}")));
        out.push('\n');
    }
    out
}

fn row(name: &str, entry: &Entry) -> [String; 4] {
    let mut blocked = entry
        .blocked_on
        .iter()
        .map(|issue| format!("#{issue}"))
        .collect::<Vec<_>>()
        .join(" ");
    if !blocked.is_empty() {
        blocked = format!(" on {blocked}");
    }
    let issue = entry
        .issue
        .map_or("-".to_owned(), |issue| format!("#{issue}"));
    let status = format!("{}{blocked}", entry.status.as_deref().unwrap_or("-"));
    let rest = rest(entry);
    let said = [entry.last_action.as_deref().unwrap_or(""), &rest].join(" ");
    [name, &issue, &status, said.trim()].map(|cell| escape::terminal(cell).into_owned())
}

/// The other fields, as they stand in the document.
fn rest(entry: &Entry) -> String {
    let shown = Entry {
        issue: None,
        status: None,
        last_action: None,
        timestamp: None,
        blocked_on: Vec::new(),
        ..entry.clone()
    };
    match serde_json::to_string(&shown).as_deref() {
        Ok("{}") | Err(_) => String::new(),
        Ok(rest) => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_an_agent() {
        let text = r#"{"agents":{
            "worker-10":{"issue":148,"status":"blocked","lastAction":"Waiting","timestamp":"2025-01-25T10:30:00Z","blockedOn":[147],"fence":3},
            "b":{"timestamp":"2025-01-25T10:31:00Z"}},"version":2}"#;
        let expected = "b          -     -\nworker-10  #148  blocked on #147  Waiting {\"fence\":3}\nversion: 2\n";
        assert_eq!(table(text), expected);
        assert_eq!(table(&text.replace("10:30", "10:45")), expected);
        assert_eq!(table("<<<<<<< ours\n"), "<<<<<<< ours\n");
    }

    #[test]
    fn nothing_in_it_steers_a_terminal() {
        let text = r#"{"agents":{"a":{"lastAction":"\u001b[31mred"}}}"#;
        assert!(!table(text).contains('\u{1b}'));
    }
}
