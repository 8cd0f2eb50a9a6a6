//! Groups agree with their members' entries, and with each other.

use std::collections::BTreeMap;

use crate::doctor::{Check, Finding, Level};
use crate::domain::escape::one_line;
use crate::domain::group::{GroupName, above};
use crate::domain::id::AgentId;
use crate::error::Result;
use crate::project::Project;

pub(crate) const CHECK: Check = Check {
    name: "groups",
    run,
};

fn run(project: &Project, _: bool) -> Result<Vec<Finding>> {
    let store = project.store()?;
    let status = store.status()?;
    // What cannot be read is the finding of another check.
    let groups: Vec<_> = store
        .group_names()?
        .iter()
        .filter_map(|name| store.group(name.as_str()).ok().flatten())
        .collect();
    let parents: BTreeMap<_, _> = groups
        .iter()
        .map(|group| (group.name.clone(), group.parent.clone()))
        .collect();
    let mut findings = Vec::new();
    let mut say = |what: String, next: String| {
        findings.push(Finding {
            check: CHECK.name,
            level: Level::Warning,
            what,
            next: Some(next),
            fixed: false,
        });
    };
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for group in &groups {
        let name = &group.name;
        for member in &group.members {
            let agent = &member.agent;
            let shown = one_line(agent, 64);
            if agent.parse::<AgentId>().is_err() {
                say(
                    format!("{name} has a member \"{shown}\", which is no agent's name"),
                    format!("ghp group show {name}"),
                );
                continue;
            }
            if let Some(other) = first.insert(agent, name) {
                say(
                    format!("{agent} is a member of {other} and of {name}"),
                    format!("ghp -t {agent} group leave {name}"),
                );
                continue;
            }
            let said = status.agents.get(agent).map(|entry| entry.group.as_deref());
            if said != Some(Some(name)) {
                let said = said
                    .flatten()
                    .map_or("no group".to_owned(), |said| one_line(said, 64));
                say(
                    format!("{agent} is a member of {name}, and its entry names {said}"),
                    format!("ghp -t {agent} group join {name}"),
                );
            }
        }
        let Some(parent) = &group.parent else {
            continue;
        };
        let shown = one_line(parent, 64);
        if !parents.contains_key(parent) {
            say(
                format!("{name} is part of {shown}, which there is not"),
                format!("ghp group show {name}"),
            );
        } else if parent == name || above(&parents, parent).contains(&name.as_str()) {
            say(
                format!("{name} is part of {shown}, which is part of {name}"),
                format!("ghp group show {name}"),
            );
        }
    }
    for (agent, entry) in &status.agents {
        let Some(said) = &entry.group else { continue };
        let unreadable = said.parse::<GroupName>().is_ok() && store.group(said).is_err();
        if !first.contains_key(agent.as_str()) && !unreadable && agent.parse::<AgentId>().is_ok() {
            say(
                format!(
                    "{agent}'s entry names the group {}, and it is no member of it",
                    one_line(said, 64)
                ),
                format!("ghp -t {agent} group leave"),
            );
        }
    }
    Ok(findings)
}
