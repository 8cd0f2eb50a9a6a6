//! `ghp session rm`: a session and its cave are removed, and no work with them.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::commands::require_own_or_lead;
use crate::domain::escape::one_line;
use crate::domain::id::AgentId;
use crate::domain::shell;
use crate::error::{Error, Kind, Result};
use crate::git::place::Place;
use crate::git::removal::{self, Risk};
use crate::git::{GitError, checkouts};
use crate::project::Project;
use crate::sessions::{Record, SessionError, SessionManager, Sessions};

/// Remove an ended session: its record, its output, its cave; never work
///
/// Refused while the cave holds uncommitted work, or commits that no other branch, remote or tag holds. With --force all of
/// that is kept first, untracked files as well, under refs/ghp/archive/NAME. Files that git ignores go. The branch of an
/// issue stays; cave/NAME goes with its cave. The Working Context stays with the documents.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Which; a cave whose session is forgotten counts too
    pub name: AgentId,
    /// Keep what would be lost under refs/ghp/archive/NAME, then remove
    #[arg(short, long)]
    pub force: bool,
}

/// What was removed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The session's name.
    pub name: String,
    /// Its id, when it was on record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The cave that is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cave: Option<PathBuf>,
    /// The branch that it was on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Where its work is kept that nothing else holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive: Option<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let name = args.name.as_str();
    require_own_or_lead(project, name, "removing another agent's session")?;
    let sessions = project.sessions()?;
    if sessions.is_being_made(name) {
        let name = name.to_owned();
        return Err(SessionError::Made { name }.into());
    }
    let (record, unknown) = match sessions.get(name) {
        Ok(session) => {
            refuse_alive(&sessions, session.record(), &session.status()?)?;
            (Some(session.record().clone()), None)
        }
        Err(error @ SessionError::Nobody { .. }) => (None, Some(error)),
        Err(error) => return Err(error.into()),
    };
    let cave = cave(project, name, record.as_ref())?;
    if let (None, Some(unknown)) = (&cave, unknown) {
        return Err(unknown.into());
    }
    let mut report = Report {
        name: name.to_owned(),
        id: record.as_ref().map(|record| record.id.clone()),
        cave: None,
        branch: None,
        archive: None,
    };
    if let Some(cave) = cave {
        remove_cave(project, &args, &cave, &mut report)?;
    }
    if record.is_some() {
        sessions.remove(name)?;
    }
    Ok(report)
}

/// Refuses while it runs, or while it left processes behind.
fn refuse_alive(
    sessions: &Sessions,
    record: &Record,
    status: &crate::sessions::Status,
) -> Result<()> {
    let name = record.name.to_string();
    if !status.is_over() {
        let status = status.to_string();
        return Err(SessionError::Runs { name, status }.into());
    }
    let orphans = sessions.strays()?.orphans;
    let left = orphans
        .iter()
        .filter(|orphan| orphan.id == record.id)
        .count();
    if left > 0 {
        let said = format!("{name} has ended, and left {left} of its processes running");
        return Err(Error::new(Kind::Conflict, said)
            .hint("end them first")
            .next(format!("ghp session stop {name}")));
    }
    Ok(())
}

/// The worktree that is the agent's cave: the one that was made for its session, else one that has its label.
fn cave(project: &Project, name: &str, record: Option<&Record>) -> Result<Option<Place>> {
    let made = record.and_then(|record| record.cave.as_deref());
    let mut caves = checkouts::all(&project.place)?.into_iter().filter(|place| {
        // The main worktree is nobody's cave.
        place.git_dir != place.common && place.label().as_deref() == Some(name)
    });
    Ok(match (made, record) {
        (Some(made), _) => {
            let made = made.canonicalize().ok();
            caves.find(|place| {
                made.is_some()
                    && place
                        .worktree
                        .as_ref()
                        .and_then(|top| top.canonicalize().ok())
                        == made
            })
        }
        // It ran in a worktree that was there before it.
        (None, Some(_)) => None,
        (None, None) => caves.next(),
    })
}

fn remove_cave(project: &Project, args: &Args, cave: &Place, report: &mut Report) -> Result<()> {
    let name = args.name.as_str();
    let worktree = cave.worktree.clone().unwrap_or_default();
    if project.here().starts_with(&worktree) {
        let said = format!("you stand in the cave of {name}");
        let main = project.place.main_worktree()?.unwrap_or_default();
        return Err(Error::new(Kind::Conflict, said)
            .hint("go somewhere else first")
            .next(format!("ghp -C {} session rm {name}", shell::path(&main))));
    }
    let branch = match cave.head() {
        Ok(head) => head.branch().map(str::to_owned),
        Err(GitError::NoRepository { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let risk = removal::risk(cave)?;
    if risk.submodules {
        let said = format!("the cave of {name} has submodules, whose commits only it may have");
        return Err(Error::new(Kind::Unsafe, said)
            .hint("push them, then remove it yourself")
            .next(format!(
                "git -C {} submodule status",
                shell::path(&worktree)
            )));
    }
    if !risk.is_none() {
        if !args.force {
            return Err(would_lose(name, &risk, &worktree));
        }
        report.archive = Some(removal::archive(cave, name)?);
    }
    let own = branch
        .as_deref()
        .filter(|branch| *branch == format!("cave/{name}"));
    removal::remove(cave, report.archive.is_some(), own)?;
    report.cave = Some(worktree);
    report.branch = branch;
    Ok(())
}

fn would_lose(name: &str, risk: &Risk, worktree: &std::path::Path) -> Error {
    let mut what = Vec::new();
    if let Some(first) = risk.uncommitted.first() {
        let (count, first) = (risk.uncommitted.len(), one_line(&first.path, 60));
        what.push(match count {
            1 => format!("uncommitted work ({first})"),
            _ => format!("uncommitted work in {count} places ({first}, …)"),
        });
    }
    if let Some(latest) = risk.latest.first() {
        let (count, latest) = (risk.commits, one_line(latest, 60));
        what.push(match count {
            1 => format!("1 commit that is nowhere else ({latest})"),
            _ => format!("{count} commits that are nowhere else (the last: {latest})"),
        });
    }
    let said = format!("the cave of {name} has {}", what.join(" and "));
    Error::new(Kind::Unsafe, said)
        .hint(format!(
            "commit it, and merge or push it; ghp session rm {name} --force keeps all of it under refs/ghp/archive/{name} and removes the cave"
        ))
        .next(format!("git -C {} status", shell::path(worktree)))
}
