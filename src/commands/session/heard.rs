//! What a session's hooks have said last: `<common>/ghp/run/NAME/heard.json`, written only when it changes.

use crate::commands::event::Refused;
use crate::config::env_vars::SESSION;
use crate::domain::harness::SessionId;
use crate::domain::session::{Heard, Said};
use crate::error::Result;
use crate::host::{env, process};
use crate::project::Project;
use crate::store::layout::run;

/// What the hooks of this very session have said; a damaged note is none.
pub(crate) fn read(project: &Project, name: &str, id: &str) -> Result<Option<Heard>> {
    Ok(load(project, name)?.filter(|heard| heard.session == id))
}

fn load(project: &Project, name: &str) -> Result<Option<Heard>> {
    let text = project.store()?.local_text(&run::file(name, run::HEARD))?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Notes what they say.
pub(crate) fn write(project: &Project, name: &str, heard: &Heard) -> Result<(), Refused> {
    let text = serde_json::to_string(heard).unwrap_or_else(|_| unreachable!("plain fields"));
    let path = run::file(name, run::HEARD);
    Ok(project.store()?.set_local_text(&path, &(text + "\n"))?)
}

/// A hook of this agent says something. Whether it is of the agent's session the environment tells, or where a harness
/// runs its hooks in that of another terminal, the id that the harness gave it before.
pub(crate) fn note(
    project: &Project,
    agent: &str,
    harness: &str,
    id: Option<&SessionId>,
    said: Said,
) -> Result<(), Refused> {
    let ours = env::var(SESSION);
    if ours.is_none() && id.is_none() {
        return Ok(());
    }
    let id = id.map(ToString::to_string);
    let Some(mut heard) = load(project, agent)? else {
        return Ok(());
    };
    let is_known = id.is_some() && heard.harness_session == id;
    if ours.as_deref() != Some(&heard.session) && !is_known {
        return Ok(());
    }
    let said = match said {
        Said::Prompted { .. } => Said::Prompted {
            sent: is_sending(project, agent)?,
        },
        other => other,
    };
    if heard.hear(said, harness, id.as_deref(), project.now()) {
        write(project, agent, &heard)?;
    }
    Ok(())
}

/// Whether somebody waits for a prompt that they have sent; who was killed over it waits no more.
fn is_sending(project: &Project, name: &str) -> Result<bool> {
    let note = project.store()?.local_text(&run::file(name, run::SENT))?;
    let pid = note.and_then(|pid| pid.trim().parse().ok());
    Ok(pid.is_some_and(process::is_alive))
}

/// Says that this process waits for a prompt of its own, until it is dropped.
pub(crate) struct Sending<'p> {
    project: &'p Project,
    path: String,
}

impl Sending<'_> {
    pub(crate) fn begin<'p>(project: &'p Project, name: &str) -> Result<Sending<'p>> {
        let path = run::file(name, run::SENT);
        let text = format!("{}\n", process::own());
        project.store()?.set_local_text(&path, &text)?;
        Ok(Sending { project, path })
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        // It counts only while this process lives.
        if let Ok(store) = self.project.store() {
            let _ = store.remove_local(&self.path);
        }
    }
}
