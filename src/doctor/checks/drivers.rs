//! Git runs this very program for its filter, diff and merge drivers.

use crate::doctor::{Check, Finding, Level};
use crate::error::{Error, Kind, Result};
use crate::git::settings;
use crate::git::worktree::completed_attributes;
use crate::host::process;
use crate::project::Project;
use crate::store::layout;

pub(crate) const CHECK: Check = Check {
    name: "drivers",
    run,
};

fn run(project: &Project, fix: bool) -> Result<Vec<Finding>> {
    let program = process::current_program().map_err(|error| {
        Error::new(Kind::Failed, "cannot find the ghp program")
            .because(error)
            .next("ghp doctor")
    })?;
    let mut findings = attributes(project)?;
    if settings::are_written(&project.place, &program)? {
        return Ok(findings);
    }
    if fix {
        settings::rewrite(&project.place, &program)?;
    }
    findings.push(Finding {
        check: CHECK.name,
        level: Level::Warning,
        what: "git's filter and drivers for agent-status.json are missing, or run another ghp"
            .to_owned(),
        next: Some("ghp doctor --fix".to_owned()).filter(|_| !fix),
        fixed: fix,
    });
    Ok(findings)
}

/// An older ghp made the documents: git would merge some of them by line.
fn attributes(project: &Project) -> Result<Vec<Finding>> {
    let there = project.store()?.text(layout::ATTRIBUTES)?;
    let is_old = there.is_some_and(|there| completed_attributes(&there).is_some());
    let finding = Finding {
        check: CHECK.name,
        level: Level::Warning,
        what: format!(
            "{} lacks lines that have git merge documents by meaning",
            layout::ATTRIBUTES
        ),
        next: Some("ghp init".to_owned()),
        fixed: false,
    };
    Ok(is_old.then_some(finding).into_iter().collect())
}
