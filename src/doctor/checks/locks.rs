//! No lock of git's lies among the documents that nobody holds any more.

use crate::doctor::{Check, Finding, Level};
use crate::domain::shell::word;
use crate::error::Result;
use crate::git::locks;
use crate::project::Project;
use crate::store::Store;

pub(crate) const CHECK: Check = Check { name: "locks", run };

fn run(project: &Project, fix: bool) -> Result<Vec<Finding>> {
    if locks::left_behind(&project.place, project.now())?.is_empty() {
        return Ok(Vec::new());
    }
    // With ours held, no checkpoint takes or leaves one meanwhile.
    let _lock = Store::lock(project.local())?;
    let mut findings = Vec::new();
    for lock in locks::left_behind(&project.place, project.now())? {
        let mended = fix && lock.of_branch;
        if mended {
            locks::remove(&lock)?;
        }
        let path = lock.path.display().to_string();
        let next = if lock.of_branch {
            "ghp doctor --fix".to_owned()
        } else {
            format!("rm {}", word(&path))
        };
        findings.push(Finding {
            check: CHECK.name,
            level: Level::Warning,
            what: format!("git's lock {path} was left behind: it is old, and no git is at work"),
            next: Some(next).filter(|_| !mended),
            fixed: mended,
        });
    }
    Ok(findings)
}
