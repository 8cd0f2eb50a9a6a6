//! Sessions as they are now: from their backends, their hooks, their screens.

use std::time::Duration;

use super::headless::Headless;
use super::heard;
use super::new::provider;
use crate::domain::session::{Heard, Look, Process, State, state};
use crate::error::Result;
use crate::host::clock;
use crate::project::Project;
use crate::sessions::{Listed, Record, Session, SessionManager, Sessions, Status, Wanted};

/// A screen that contradicts a hook is looked at again after so long: it may be half drawn.
const AGAIN: Duration = Duration::from_millis(200);
/// So many lines of a screen are looked at.
const LINES: usize = 60;

/// A session that was looked at.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub record: Record,
    pub status: Status,
    pub state: State,
    /// What its hooks have said.
    pub heard: Option<Heard>,
}

/// Every session on record, by name.
pub(crate) fn all(project: &Project) -> Result<Vec<Seen>> {
    let sessions = project.sessions()?;
    let listing = sessions.all()?;
    for (name, why) in listing.unreadable {
        project.warn(format!("the session {name}: {why}"));
    }
    let listed = listing.sessions.into_iter();
    listed
        .map(|listed| look(project, &sessions, listed))
        .collect()
}

/// The session of this name.
pub(crate) fn named(project: &Project, name: &str) -> Result<Seen> {
    let sessions = project.sessions()?;
    let session = sessions.get(name)?;
    let listed = Listed {
        record: session.record().clone(),
        status: session.status()?,
    };
    look(project, &sessions, listed)
}

fn look(project: &Project, sessions: &Sessions, listed: Listed) -> Result<Seen> {
    let Listed { record, status } = listed;
    let name = record.name.as_str();
    // Of one without a screen its process tells everything.
    let heard = if record.headless {
        None
    } else {
        heard::read(project, name, &record.id)?
    };
    let process = match &status {
        Status::Running { .. } => Process::Running,
        Status::Resting { .. } => Process::Resting,
        Status::Exited { .. } => Process::Exited,
        Status::Lost => Process::Lost,
        Status::Unknown(why) => {
            project.warn(format!("the session {name}: {why}"));
            Process::Unknown
        }
    };
    let row = provider::row(project, &record.provider);
    let hooks = row.harness.is_some() && row.needs.is_none();
    let of = |look| state(process, heard.as_ref(), look, hooks, clock::now());
    let mut now = of(None);
    if record.headless {
        now = match process {
            Process::Running => State::Working,
            Process::Resting if Headless::load(project, &record)?.turns == 0 => State::Ready,
            _ => now,
        };
    } else if process == Process::Running {
        let session = sessions.get(name)?;
        let screen = || on_screen(session.as_ref(), row.look);
        let first = screen();
        let seen = of(first);
        // What agrees with the hooks, or is all there is, need not be looked at again.
        let is_settled = seen == now || heard.as_ref().is_none_or(|it| it.harness.is_none());
        if !is_settled {
            std::thread::sleep(AGAIN);
        }
        if is_settled || screen() == first {
            now = seen;
        }
    }
    Ok(Seen {
        record,
        status,
        state: now,
        heard,
    })
}

/// How its screen looks; one that cannot be read, because it has just ended, says nothing.
fn on_screen(session: &dyn Session, look: fn(&str) -> Option<Look>) -> Option<Look> {
    let wanted = Wanted {
        lines: Some(LINES),
        styled: false,
    };
    look(&session.get_output(&wanted).ok()?)
}
