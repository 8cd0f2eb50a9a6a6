//! Working Contexts have their headings, a plan, and in the end results.

use crate::doctor::{Check, Finding, Level};
use crate::documents::working_context::{begun, is_unfilled, last_issue, missing};
use crate::domain::cave::Part;
use crate::domain::escape::one_line;
use crate::domain::id::AgentId;
use crate::domain::issue::Issue;
use crate::error::Result;
use crate::project::Project;
use crate::store::layout;

pub(crate) const CHECK: Check = Check {
    name: "contexts",
    run,
};

/// Who has worked for so long without a plan has none, in seconds.
const LONG: i64 = 3600;

fn run(project: &Project, _: bool) -> Result<Vec<Finding>> {
    let store = project.store()?;
    let status = store.status()?;
    let mut findings = Vec::new();
    for name in store.caves()? {
        let Ok(agent) = name.parse::<AgentId>() else {
            continue;
        };
        let mut say = |level: Level, part: Part, what: String| {
            let stem = part.file().trim_end_matches(".md");
            findings.push(Finding {
                check: CHECK.name,
                level,
                what,
                next: Some(format!("ghp session context {agent} {stem}")),
                fixed: false,
            });
        };
        let text = |part: Part| store.text(&layout::cave(&name, part.file()));
        for part in Part::ALL {
            // What is not there is written by the next start.
            let missing = text(part)?.map(|text| missing(part, &text));
            if let Some(missing) = missing.filter(|missing| !missing.is_empty()) {
                let headings: Vec<String> =
                    missing.iter().map(|title| format!("## {title}")).collect();
                say(
                    Level::Warning,
                    part,
                    format!("{agent}'s {} has no {}", part.file(), headings.join(", ")),
                );
            }
        }
        let log = text(Part::Log)?.unwrap_or_default();
        let is_at_work = status
            .agents
            .get(&name)
            .is_some_and(|entry| entry.issue.is_some() && !entry.ended());
        let since = begun(&log).map_or(0, |at| project.now().since(at));
        if is_at_work && since > LONG && text(Part::Plan)?.is_some_and(|text| is_unfilled(&text)) {
            let hours = since / 3600;
            say(
                Level::Warning,
                Part::Plan,
                format!("{agent} has worked for {hours}h without a plan"),
            );
        }
        let Some(number) = last_issue(&log) else {
            continue;
        };
        let issue = store.load::<Issue>(&number.to_string()).ok().flatten();
        // Whoever handed it on left its results to the next.
        let is_closed =
            issue.is_some_and(|issue| !issue.is_open() && issue.is_held_by(name.as_str()));
        if is_closed && text(Part::Results)?.is_some_and(|text| is_unfilled(&text)) {
            let agent = one_line(&name, 64);
            // Nothing goes wrong for it, and the work is over.
            say(
                Level::Note,
                Part::Results,
                format!("#{number} is closed, and {agent}'s results-summary.md says nothing of it"),
            );
        }
    }
    Ok(findings)
}
