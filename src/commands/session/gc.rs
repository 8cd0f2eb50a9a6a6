//! `ghp session gc`: what sessions left behind.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::commands::require_lead;
use crate::domain::escape::one_line;
use crate::error::Result;
use crate::git::checkouts;
use crate::project::Project;
use crate::sessions::{SessionManager, Sessions, Strays};

/// How long orphans may take to end by themselves.
const GRACE: Duration = Duration::from_secs(5);

/// Find what sessions left behind, and with --apply remove it
///
/// Sessions that are over, processes of sessions that are over or forgotten, idle terminals, folders of starts that were
/// killed. Nothing that runs is touched, nor anything of which nobody can tell. Caves without a session are named and stay:
/// ghp session rm NAME removes one when no work would be lost.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Remove it
    #[arg(long)]
    pub apply: bool,
}

/// What was left behind.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whether it was removed.
    pub applied: bool,
    /// Sessions that are over.
    pub sessions: Vec<Over>,
    /// Their processes, and those of sessions that are forgotten.
    pub orphans: Vec<Process>,
    /// Terminals and folders, in words.
    pub remains: Vec<String>,
    /// Caves without a session; they stay.
    pub caves: Vec<Cave>,
    /// What nobody can tell; it stays.
    pub unknown: Vec<Unknown>,
}

/// A session that is over.
#[derive(Debug, Serialize)]
pub struct Over {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How it ended, in words.
    pub state: String,
}

/// A process without its session.
#[derive(Debug, Serialize)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its session's id.
    pub session: String,
    /// Its words.
    pub command: String,
}

/// A worktree that is an agent's, without a session.
#[derive(Debug, Serialize)]
pub struct Cave {
    /// The agent.
    pub agent: String,
    /// Where.
    pub cave: PathBuf,
}

/// Something that may run or not.
#[derive(Debug, Serialize)]
pub struct Unknown {
    /// The session, or the backend.
    pub name: String,
    /// Why nobody can tell.
    pub why: String,
}

impl Report {
    /// Whether there is anything that could be removed.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.orphans.is_empty() && self.remains.is_empty()
    }
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    if args.apply {
        require_lead(project, "removing what sessions left behind")?;
    }
    let sessions = project.sessions()?;
    let strays = sessions.strays()?;
    let caves = caves(project, &sessions)?;
    if args.apply {
        apply(project, &sessions, &strays);
    }
    let over = strays.over.into_iter().map(|listed| Over {
        id: listed.record.id,
        name: listed.record.name.to_string(),
        state: listed.status.to_string(),
    });
    let orphans = strays.orphans.into_iter().map(|orphan| Process {
        pid: orphan.process.pid,
        session: orphan.id,
        command: one_line(&orphan.command, 200),
    });
    let terminals = strays
        .terminals
        .into_iter()
        .map(|terminal| one_line(&terminal.shown, 200));
    let folders = strays
        .folders
        .into_iter()
        .map(|name| format!("folder of a start that was killed: {name}"));
    let unknown = strays
        .unknown
        .into_iter()
        .map(|(name, why)| Unknown { name, why });
    Ok(Report {
        applied: args.apply,
        sessions: over.collect(),
        orphans: orphans.collect(),
        remains: terminals.chain(folders).collect(),
        caves,
        unknown: unknown.collect(),
    })
}

/// Removes what is certainly over; what could not be is said, and found again by the next.
fn apply(project: &Project, sessions: &Sessions, strays: &Strays) {
    let mut reaped = BTreeSet::new();
    for orphan in &strays.orphans {
        if reaped.insert(&orphan.id) {
            let left = sessions.reap(orphan, GRACE).left;
            if left > 0 {
                project.warn(format!("{left} processes of {} did not end", orphan.id));
            }
        }
    }
    let terminals = strays
        .terminals
        .iter()
        .map(|terminal| sessions.take_down(terminal));
    let over = strays
        .over
        .iter()
        .map(|listed| sessions.remove(listed.record.name.as_str()));
    let folders = strays
        .folders
        .iter()
        .map(|name| sessions.remove_folder(name));
    for removed in terminals.chain(over).chain(folders) {
        if let Err(error) = removed {
            project.warn(error.to_string());
        }
    }
}

/// Worktrees with an agent's label and no session of its name.
fn caves(project: &Project, sessions: &Sessions) -> Result<Vec<Cave>> {
    let listing = sessions.all()?;
    let mut caves = Vec::new();
    for place in checkouts::all(&project.place)? {
        let Some(agent) = place.label().filter(|_| place.git_dir != place.common) else {
            continue;
        };
        let has_session = listing
            .sessions
            .iter()
            .any(|listed| listed.record.name.as_str() == agent)
            || listing.unreadable.iter().any(|(name, _)| *name == agent);
        let is_used = has_session || sessions.is_being_made(&agent);
        if let Some(cave) = place.worktree.filter(|_| !is_used) {
            caves.push(Cave { agent, cave });
        }
    }
    Ok(caves)
}
