//! Goals are there that groups and agents name, and groups that goals name.

use std::collections::BTreeMap;

use crate::doctor::{Check, Finding, Level};
use crate::documents::Document;
use crate::domain::escape::one_line;
use crate::domain::goal::Goal;
use crate::domain::group::Group;
use crate::domain::id::AgentId;
use crate::error::Result;
use crate::project::Project;

pub(crate) const CHECK: Check = Check { name: "goals", run };

fn run(project: &Project, _: bool) -> Result<Vec<Finding>> {
    let store = project.store()?;
    let ids = store.stems::<Goal>()?;
    // What cannot be read is the finding of another check.
    let (goals, _) = store.all::<Goal>()?;
    let names = store.group_names()?;
    let groups: BTreeMap<String, Group> = names
        .iter()
        .filter_map(|name| store.group(name.as_str()).ok().flatten())
        .map(|group| (group.name.clone(), group))
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
    let is_unknown = |goal: &str| !ids.iter().any(|id| id == goal);
    for (name, group) in &groups {
        if let Some(goal) = group.goal.as_deref().filter(|goal| is_unknown(goal)) {
            say(
                format!(
                    "{name}'s goal is {}, which there is not",
                    one_line(goal, 64)
                ),
                format!("ghp group edit {name} --goal none"),
            );
        }
    }
    for (agent, entry) in &store.status()?.agents {
        let goal = entry.goal.as_deref().filter(|goal| is_unknown(goal));
        if let Some(goal) = goal.filter(|_| agent.parse::<AgentId>().is_ok()) {
            say(
                format!(
                    "{agent}'s goal is {}, which there is not",
                    one_line(goal, 64)
                ),
                format!("ghp -t {agent} status set --goal none"),
            );
        }
    }
    for goal in &goals {
        let Some(group) = &goal.group else { continue };
        let theirs = groups.get(group).map(|group| group.goal.as_deref());
        let is_there = names.iter().any(|name| name.as_str() == group);
        if theirs.is_none() && is_there {
            // It cannot be read.
            continue;
        }
        if theirs != Some(Some(goal.id.as_str())) {
            let shown = one_line(group, 64);
            let what = match theirs {
                None => "which there is not",
                Some(None) => "which names no goal",
                Some(Some(_)) => "which names another",
            };
            say(
                format!(
                    "{} {} is for the group {shown}, {what}",
                    Goal::WORD,
                    goal.id
                ),
                format!("ghp goal update {} --group none", goal.id),
            );
        }
    }
    Ok(findings)
}
