//! `ghp session list`: what runs, and what it is doing.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::{Row, all};
use crate::error::Result;
use crate::project::Project;

/// List the sessions on this machine, and what each is doing
///
/// States: starting, ready, working, waiting (for a person's permission or answer), interactive (a person types), idle,
/// exited, lost (its terminal is gone); unknown when nobody can tell just now.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {}

/// The sessions.
#[derive(Debug, Serialize)]
pub struct Report {
    /// By name.
    pub sessions: Vec<Row>,
}

/// Runs the verb.
pub fn run(project: &Project, _: Args) -> Result<Report> {
    let sessions = all(project)?;
    let now = project.now();
    Ok(Report {
        sessions: sessions.iter().map(|seen| Row::of(seen, now)).collect(),
    })
}
