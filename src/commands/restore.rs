//! `ghp restore`: a document becomes what it was.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::documents::status::Status;
use crate::domain::glob::is_clean_path;
use crate::error::{Error, Kind, Result};
use crate::git::history;
use crate::project::Project;
use crate::store::error::StoreError;
use crate::store::layout;

/// Make a document what it was at an earlier revision
///
/// REV is an id from `ghp log`, or anything git takes in .ghp, such as HEAD~3. The present text stays in the history.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// The document, such as issues/147.md
    #[arg(value_name = "PATH")]
    pub path: String,
    /// The revision it is taken from
    #[arg(long, value_name = "REV")]
    pub rev: String,
}

/// What was restored.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The document.
    pub path: String,
    /// The commit it was taken from.
    pub rev: String,
    /// Whether it holds something else now.
    pub changed: bool,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    crate::commands::require_lead(project, "restoring a document")?;
    let path = args.path.trim_start_matches("./").to_owned();
    let inside = path
        .strip_prefix(layout::DOCUMENTS)
        .and_then(|rest| rest.strip_prefix('/'))
        .map(str::to_owned);
    let path = inside.unwrap_or(path);
    if !is_clean_path(&path) || !crate::store::is_document(&path) {
        let said = format!(
            "{} is not a document",
            crate::domain::escape::one_line(&args.path, 80)
        );
        return Err(Error::new(Kind::NotFound, said).next("ghp log"));
    }
    // What stands there now goes into the history before it is replaced.
    project.store()?.checkpoint()?;
    let (rev, content) = history::content_at(project.documents(), &args.rev, &path)?;
    let missing = || {
        Error::new(
            Kind::NotFound,
            format!("{path} was not there at {}", history::short(&rev)),
        )
        .next("ghp log -p")
    };
    let text = String::from_utf8(content.ok_or_else(missing)?).map_err(|_| {
        Error::new(
            Kind::Unreadable,
            format!("{path} was not text at {}", history::short(&rev)),
        )
        .next("ghp log -p")
    })?;
    // What cannot be read now is kept in quarantine before it is replaced.
    project.store()?.rebuild(&by, &path)?;
    let changed = project.decide(&by, "restore", |transaction| {
        transaction.say(
            format!("{path} restored from {}", history::short(&rev)),
            None,
        );
        if path == layout::STATUS {
            let old = Status::parse(&text).map_err(|malformed| StoreError::Unreadable {
                path: path.clone(),
                malformed,
            })?;
            let status = transaction.status()?;
            let restored = with_newer_beats(old, status);
            let changed = *status != restored;
            *status = restored;
            return Ok(changed);
        }
        let changed = transaction.text(&path)?.as_deref() != Some(text.as_str());
        transaction.set_text(&path, text.clone())?;
        Ok(changed)
    })?;
    Ok(Report { path, rev, changed })
}

/// The old board, with what heartbeats have said since: nobody falls silent by it.
fn with_newer_beats(mut old: Status, now: &Status) -> Status {
    for (agent, entry) in &mut old.agents {
        if let Some(living) = now
            .agents
            .get(agent)
            .filter(|living| living.seen() > entry.seen())
        {
            entry.timestamp.clone_from(&living.timestamp);
            entry.last_action.clone_from(&living.last_action);
        }
    }
    old
}
