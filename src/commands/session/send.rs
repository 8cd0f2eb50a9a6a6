//! `ghp session send`: a prompt is pasted into a session, and its arrival is acknowledged by a hook.

use std::time::{Duration, Instant};

use clap::Args as ClapArgs;
use serde::Serialize;

use super::headless;
use super::heard::{self, Sending};
use super::new::provider;
use super::{Seen, named};
use crate::commands::require_own_or_lead;
use crate::commands::text::{self, Text};
use crate::domain::session::{Heard, State};
use crate::error::{Error, Kind, Result};
use crate::host::lock::{Lock, lock};
use crate::host::watch::{Patience, Watch};
use crate::project::Project;
use crate::sessions::{Input, SessionManager};
use crate::store::layout::run as files;

/// A session that has just been made is waited for so long.
const START: Duration = Duration::from_mins(1);
/// After so long without an acknowledgement Enter is pressed again.
const ENTERS: [Duration; 3] = [
    Duration::from_secs(2),
    Duration::from_secs(3),
    Duration::from_secs(5),
];
/// So long it may take after the last Enter: a busy machine runs hooks late.
const LAST: Duration = Duration::from_secs(20);
/// What a hook has not said, the screen is asked again after so long.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Somebody else's prompt is waited for so long.
const OTHERS: Duration = Duration::from_mins(2);

/// Give a session a prompt: it is pasted when the session is ready, and a hook acknowledges it
///
/// Only a ready or idle session takes one; a working one is exit 4 unless --wait says to wait for it, and one that a person
/// types in is left alone. Receipts: submitted (its hook said so), sent (its provider has no hooks). Exit 9 when no hook
/// said so in time: the text may stand in its line for a prompt.
#[derive(Debug, ClapArgs)]
#[command(mut_args(text::word("The prompt")))]
pub struct Args {
    /// Which
    pub name: String,
    #[command(flatten)]
    pub text: Text,
    /// Wait until it is ready, at most so long (default: for ever)
    #[arg(long, value_name = "DUR", num_args = 0..=1, default_missing_value = "forever")]
    pub wait: Option<Patience>,
}

/// How far a prompt came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Receipt {
    /// It was typed; the provider has no hook that would say more.
    Sent,
    /// The provider's hook said that it has it; without a screen: its turn was begun with it.
    Submitted,
}

/// What became of a prompt.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The session's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How far the prompt came.
    pub receipt: Receipt,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    require_own_or_lead(project, &args.name, "giving a session a prompt")?;
    let text = args.text.read("session send")?;
    if text.trim().is_empty() {
        return Err(Error::new(Kind::Usage, "a prompt must not be empty")
            .next(format!("ghp session send {} TEXT", args.name)));
    }
    deliver(project, &args.name, &text, args.wait)
}

/// Delivers a prompt to a session. `patience`: how long to wait for one that is working; `None`: not at all.
pub(crate) fn deliver(
    project: &Project,
    name: &str,
    text: &str,
    patience: Option<Patience>,
) -> Result<Report> {
    let _alone = alone(project, name)?;
    deliver_alone(project, name, text, patience)
}

/// Waits until nobody else gives the session a prompt; nobody does until it is dropped.
pub(crate) fn alone(project: &Project, name: &str) -> Result<Lock> {
    // Looked up first: an unknown name makes no lock.
    project.sessions()?.get(name)?;
    let path = project.local().join(files::file(name, files::SENDER));
    Ok(lock(&path, || OTHERS).map_err(crate::sessions::SessionError::from)?)
}

/// Whether somebody gives the session a prompt just now.
pub(crate) fn is_under_way(project: &Project, name: &str) -> bool {
    let path = project.local().join(files::file(name, files::SENDER));
    path.exists() && lock(&path, || Duration::ZERO).is_err()
}

/// The same for whoever is alone with the session.
pub(crate) fn deliver_alone(
    project: &Project,
    name: &str,
    text: &str,
    patience: Option<Patience>,
) -> Result<Report> {
    let seen = until_ready(project, name, patience)?;
    if seen.record.headless {
        headless::begin(project, &seen.record, text)?;
        return Ok(Report {
            id: seen.record.id,
            name: name.to_owned(),
            receipt: Receipt::Submitted,
        });
    }
    let id = seen.record.id.clone();
    let row = provider::row(project, &seen.record.provider);
    let session = project.sessions()?.get(name)?;
    // Who never spoke through a hook acknowledges nothing.
    let before = seen.heard.filter(|heard| heard.harness.is_some());
    let report = |receipt| Report {
        id: id.clone(),
        name: name.to_owned(),
        receipt,
    };
    let Some(before) = before else {
        session.send_input(&Input::text(text, row.pause))?;
        return Ok(report(Receipt::Sent));
    };
    let watch = project.watch_local(&files::folder(name))?;
    let _sending = Sending::begin(project, name)?;
    session.send_input(&Input::text(text, row.pause))?;
    for span in ENTERS {
        if acknowledged(project, &watch, &before, name, span)? {
            return Ok(report(Receipt::Submitted));
        }
        session.send_input(&Input::enter())?;
    }
    if acknowledged(project, &watch, &before, name, LAST)? {
        return Ok(report(Receipt::Submitted));
    }
    Err(Error::new(
        Kind::TimedOut,
        format!("{name} did not acknowledge the prompt; it may stand in its line for one"),
    )
    .next(format!("ghp session attach {name}")))
}

/// Whether the session's hook says within this time that one more prompt was submitted, or that the harness goes on with
/// another session, which is what `/clear` does.
fn acknowledged(
    project: &Project,
    watch: &Watch,
    before: &Heard,
    name: &str,
    span: Duration,
) -> Result<bool> {
    let deadline = Instant::now() + span;
    loop {
        let heard = heard::read(project, name, &before.session)?;
        let has_it = |heard: &Heard| {
            heard.prompts > before.prompts || heard.harness_session != before.harness_session
        };
        if heard.as_ref().is_some_and(has_it) {
            return Ok(true);
        }
        if !watch.changed(Some(deadline))? {
            return Ok(false);
        }
    }
}

/// The session once it takes a prompt.
fn until_ready(project: &Project, name: &str, patience: Option<Patience>) -> Result<Seen> {
    let starts_until = Instant::now() + START;
    let deadline = patience.and_then(Patience::deadline);
    let watch = project.watch_local(&files::folder(name))?;
    loop {
        let seen = named(project, name)?;
        let state = seen.state;
        if state.takes_prompts() {
            return Ok(seen);
        }
        let is_over = state.is_over();
        let until = match (state, patience) {
            _ if is_over => None,
            (State::Starting, None) => Some(starts_until),
            (_, None) => None,
            (_, Some(_)) => deadline.or(Some(Instant::now() + LOOK_AGAIN)),
        };
        let now = Instant::now();
        if until.is_none_or(|until| until <= now) {
            let is_late = patience.is_some() && !is_over;
            return Err(not_ready(project, &seen, is_late));
        }
        watch.changed(Some(now + LOOK_AGAIN))?;
    }
}

fn not_ready(project: &Project, seen: &Seen, is_late: bool) -> Error {
    let (name, state) = (&seen.record.name, seen.state);
    let kind = if is_late {
        Kind::TimedOut
    } else {
        Kind::Conflict
    };
    let error = Error::new(kind, format!("{name} is {}", state.word()));
    match state {
        State::Interactive => error
            .hint("a person types in it; it is left alone until its turn ends")
            .next(format!("ghp session wait {name} --until idle")),
        State::Waiting => error
            .hint(seen.asks(project))
            .next(format!("ghp session attach {name}")),
        state if state.is_over() => error.next(format!("ghp session output {name}")),
        _ => error
            .hint("wait for it")
            .next(format!("ghp session wait {name} --until ready")),
    }
}
