//! Entries on the board make sense.

use crate::config::layers::Config;
use crate::doctor::{Check, Finding, Level};
use crate::domain::agent::Liveness;
use crate::domain::escape::one_line;
use crate::domain::id::{AgentId, StatusWord};
use crate::domain::issue::Issue;
use crate::domain::shell::word;
use crate::error::Result;
use crate::project::Project;

pub(crate) const CHECK: Check = Check {
    name: "agents",
    run,
};

fn run(project: &Project, _: bool) -> Result<Vec<Finding>> {
    let status = project.store()?.status()?;
    let patience = project
        .config()
        .map_or_else(|_| Config::defaults().patience(), Config::patience)?;
    let mut findings = Vec::new();
    let mut notes = Vec::new();
    let mut say = |what: String, next: String| {
        findings.push(Finding {
            check: CHECK.name,
            level: Level::Warning,
            what,
            next: Some(next),
            fixed: false,
        });
    };
    for (name, entry) in &status.agents {
        let shown = one_line(name, 64);
        if name.parse::<AgentId>().is_err() {
            say(
                format!("\"{shown}\" is not a name for an agent"),
                format!("ghp status rm {}", word(name)),
            );
            continue;
        }
        if entry
            .status
            .as_deref()
            .is_some_and(|word| word.parse::<StatusWord>().is_err())
        {
            say(
                format!(
                    "{shown}'s status \"{}\" is not one word",
                    one_line(entry.word(), 40)
                ),
                format!("ghp -t {shown} status set working"),
            );
        }
        match entry.liveness(project.now(), patience, false) {
            Liveness::ClockSuspect => {
                say(
                    format!("{shown} was last heard of in the future: a clock is wrong"),
                    format!("ghp -t {shown} heartbeat"),
                );
            }
            Liveness::Never if entry.timestamp.is_some() => {
                let text = one_line(entry.timestamp.as_deref().unwrap_or_default(), 40);
                say(
                    format!("{shown}'s timestamp \"{text}\" is not a time"),
                    format!("ghp -t {shown} heartbeat"),
                );
            }
            _ => {}
        }
        let Some(number) = entry.issue else { continue };
        let owner = project
            .store()?
            .load::<Issue>(&number.to_string())
            .ok()
            .flatten()
            .and_then(|issue| issue.assignee.clone());
        if let Some(owner) = owner.filter(|owner| owner != name) {
            // Its next heartbeat tells it; until then this is how it should be.
            notes.push(Finding {
                check: CHECK.name,
                level: Level::Note,
                what: format!(
                    "{shown} does not know yet that #{number} is {}'s",
                    one_line(&owner, 64)
                ),
                next: Some(format!("ghp -t {shown} release {number}")),
                fixed: false,
            });
        }
    }
    findings.append(&mut notes);
    Ok(findings)
}
