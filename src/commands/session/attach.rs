//! `ghp session attach`: a person's terminal is joined to a session.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::{Row, named};
use crate::commands::system;
use crate::error::{Error, Kind, Result};
use crate::host::process;
use crate::project::Project;
use crate::sessions::{SessionManager, Status};

/// Join your terminal to a session: see what it does, type into it
///
/// Leave it with Ctrl-b d (backend tmux) or Ctrl-\ (backend process); it runs on. Inside our own tmux the client is switched
/// over; inside another one the session is shown in it.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Which
    pub name: String,
    /// With the board beside it, kept up to date (backend tmux)
    #[arg(long)]
    pub board: bool,
}

/// A session that was left.
#[derive(Debug, Serialize)]
pub struct Report {
    /// As it stands in a list.
    #[serde(flatten)]
    pub row: Row,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let session = project.sessions()?.get(&args.name)?;
    if let Status::Resting { .. } = session.status()? {
        let said = format!("{} has no screen, and no turn of it goes on", args.name);
        return Err(Error::new(Kind::Conflict, said)
            .hint(format!("what it said: ghp session output {}", args.name))
            .next(format!("ghp session send {} TEXT", args.name)));
    }
    let board = if args.board {
        let program = process::current_program().map_err(system("find ghp"))?;
        let place = &project.place;
        let at = place.worktree.as_ref().unwrap_or(&place.common);
        let words = ["-C".into(), at.into(), "status".into(), "--watch".into()];
        Some([vec![program.into_os_string()], words.to_vec()].concat())
    } else {
        None
    };
    session.attach(board.as_deref())?;
    let seen = named(project, &args.name)?;
    Ok(Report {
        row: Row::of(&seen, project.now()),
    })
}
