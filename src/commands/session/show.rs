//! `ghp session show`: everything about one session.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::headless::Headless;
use super::{Row, named};
use crate::domain::session::State;
use crate::error::Result;
use crate::project::Project;

/// Show one session: what it is doing, where, and since when
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Which
    pub name: String,
}

/// A session.
#[derive(Debug, Serialize)]
pub struct Report {
    /// As it stands in a list.
    #[serde(flatten)]
    pub row: Row,
    /// Why the last turn failed, of a session without a screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// What a person is asked for, when it waits for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asks: Option<&'static str>,
    /// Where its program was started.
    #[serde(skip)]
    pub directory: PathBuf,
    /// The program and the beginning of its words.
    #[serde(skip)]
    pub program: Vec<String>,
    /// The command to type next.
    #[serde(skip)]
    pub next: String,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let seen = named(project, &args.name)?;
    let row = Row::of(&seen, project.now());
    let failed = if row.headless {
        Headless::load(project, &seen.record)?.failed
    } else {
        None
    };
    let next = match row.state {
        State::Idle if failed.is_some() => format!("ghp session output {}", row.name),
        State::Ready | State::Idle => format!("ghp session send {} TEXT", row.name),
        state if state.is_over() => format!("ghp session output {}", row.name),
        _ => format!("ghp session attach {}", row.name),
    };
    let asks = (row.state == State::Waiting).then(|| seen.asks(project));
    Ok(Report {
        row,
        failed,
        asks,
        directory: seen.record.directory,
        program: seen.record.program,
        next,
    })
}
