//! Issues point at issues that exist, and at no circle.

use std::collections::BTreeMap;

use crate::doctor::{Check, Finding, Level};
use crate::domain::issue::{Issue, cycle};
use crate::error::Result;
use crate::project::Project;

pub(crate) const CHECK: Check = Check {
    name: "issues",
    run,
};

fn run(project: &Project, _: bool) -> Result<Vec<Finding>> {
    let (issues, _) = project.store()?.all::<Issue>()?;
    let issues: BTreeMap<u64, Issue> = issues
        .into_iter()
        .map(|issue| (issue.number, issue.into_inner()))
        .collect();
    let mut findings = Vec::new();
    let mut say = |number: u64, what: String| {
        let next = Some(format!("ghp issue edit {number} --help"));
        findings.push(Finding {
            check: CHECK.name,
            level: Level::Warning,
            what,
            next,
            fixed: false,
        });
    };
    for (number, issue) in &issues {
        for other in issue
            .blocked_by
            .iter()
            .chain(&issue.parent)
            .filter(|other| !issues.contains_key(other))
        {
            say(
                *number,
                format!("#{number} points at #{other}, which does not exist"),
            );
        }
        let blockers = |number: u64| {
            issues
                .get(&number)
                .map(|issue| issue.blocked_by.clone())
                .unwrap_or_default()
        };
        let parents = |number: u64| {
            issues
                .get(&number)
                .and_then(|issue| issue.parent)
                .into_iter()
                .collect()
        };
        for (circle, word) in [
            (cycle(*number, blockers), "blocked by"),
            (cycle(*number, parents), "a part of"),
        ] {
            // Each circle once: by its smallest number.
            if let Some(circle) = circle.filter(|circle| circle.iter().min() == Some(number)) {
                let way: Vec<String> = circle.iter().map(|number| format!("#{number}")).collect();
                say(
                    *number,
                    format!("a circle: {}", way.join(&format!(" {word} "))),
                );
            }
        }
    }
    Ok(findings)
}
