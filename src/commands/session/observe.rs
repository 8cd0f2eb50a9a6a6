//! Sessions as they are now: from their backends, their hooks, their screens.

use std::time::Duration;

use super::headless::Headless;
use super::heard;
use super::new::provider;
use crate::domain::session::{Heard, Look, Process, State, state};
use crate::error::Result;
use crate::host::clock;
use crate::project::Project;
use crate::sessions::provider::Provider;
use crate::sessions::{Listed, Record, SessionManager, Sessions, Status};

/// A screen that contradicts a hook is looked at again after so long: it may be half drawn. Many are waited for at once.
const AGAIN: Duration = Duration::from_millis(200);

/// A session that was looked at.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub record: Record,
    pub status: Status,
    pub state: State,
    /// What its hooks have said.
    pub heard: Option<Heard>,
}

impl Seen {
    /// What a person is asked for, in words, when it waits for one.
    pub(crate) fn asks(&self, project: &Project) -> &'static str {
        let has_spoken = self.heard.as_ref().is_some_and(|it| it.harness.is_some());
        let first = provider::row(project, &self.record.provider).first_asks;
        first
            .filter(|_| !has_spoken)
            .unwrap_or("it asks a person for a permission or an answer")
    }
}

/// Every session on record, by name.
pub(crate) fn all(project: &Project) -> Result<Vec<Seen>> {
    let sessions = project.sessions()?;
    let listing = sessions.all()?;
    for (name, why) in listing.unreadable {
        project.warn(format!("the session {name}: {why}"));
    }
    look(project, &sessions, listing.sessions)
}

/// The session of this name.
pub(crate) fn named(project: &Project, name: &str) -> Result<Seen> {
    let sessions = project.sessions()?;
    let session = sessions.get(name)?;
    let listed = Listed {
        record: session.record().clone(),
        status: session.status()?,
    };
    let mut seen = look(project, &sessions, vec![listed])?;
    Ok(seen.remove(0))
}

fn look(project: &Project, sessions: &Sessions, listed: Vec<Listed>) -> Result<Vec<Seen>> {
    let listed = listed.into_iter();
    let told = listed.map(|listed| Told::of(project, listed));
    let mut told = told.collect::<Result<Vec<_>>>()?;
    let mut drawn: Vec<&mut Told> = told.iter_mut().filter(|it| it.has_screen()).collect();
    let first = looks(sessions, &drawn);
    for (it, first) in drawn.iter_mut().zip(first) {
        it.look = first;
    }
    // What agrees with the hooks, or is all there is, need not be looked at again.
    drawn.retain(|it| !it.is_settled());
    if !drawn.is_empty() {
        std::thread::sleep(AGAIN);
    }
    let again = looks(sessions, &drawn);
    for (it, again) in drawn.iter_mut().zip(again) {
        it.look = it.look.filter(|_| again == it.look);
    }
    let seen = told.into_iter().map(|it| it.seen(project));
    seen.collect()
}

/// How the screens of these look; one that cannot be read, because it has just ended, says nothing.
fn looks(sessions: &Sessions, of: &[&mut Told]) -> Vec<Option<Look>> {
    let records: Vec<&Record> = of.iter().map(|it| &it.listed.record).collect();
    let screens = sessions.screens(&records).into_iter();
    let looks = screens.zip(of).map(|(screen, it)| (it.row.look)(&screen?));
    looks.collect()
}

/// What is told of a session.
struct Told {
    listed: Listed,
    row: &'static Provider,
    heard: Option<Heard>,
    process: Process,
    look: Option<Look>,
}

impl Told {
    fn of(project: &Project, listed: Listed) -> Result<Told> {
        let (record, status) = (&listed.record, &listed.status);
        let name = record.name.as_str();
        // Of one without a screen its process tells everything.
        let heard = if record.headless {
            None
        } else {
            heard::read(project, name, &record.id)?
        };
        let process = match status {
            Status::Running { .. } => Process::Running,
            Status::Resting { .. } => Process::Resting,
            Status::Exited { .. } => Process::Exited,
            Status::Lost => Process::Lost,
            Status::Unknown(why) => {
                project.warn(format!("the session {name}: {why}"));
                Process::Unknown
            }
        };
        Ok(Told {
            row: provider::row(project, &record.provider),
            listed,
            heard,
            process,
            look: None,
        })
    }

    fn has_screen(&self) -> bool {
        self.process == Process::Running && !self.listed.record.headless
    }

    fn state(&self, look: Option<Look>) -> State {
        let hooks = self.row.harness.is_some() && self.row.needs.is_none();
        state(self.process, self.heard.as_ref(), look, hooks, clock::now())
    }

    fn is_settled(&self) -> bool {
        let speaks = self.heard.as_ref().is_some_and(|it| it.harness.is_some());
        !speaks || self.state(self.look) == self.state(None)
    }

    fn seen(self, project: &Project) -> Result<Seen> {
        let state = match self.process {
            Process::Running if self.listed.record.headless => State::Working,
            Process::Resting if Headless::load(project, &self.listed.record)?.turns == 0 => {
                State::Ready
            }
            _ => self.state(self.look),
        };
        Ok(Seen {
            record: self.listed.record,
            status: self.listed.status,
            state,
            heard: self.heard,
        })
    }
}
