//! `ghp doctor`: what is wrong with the documents, and mending it.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::doctor::{Finding, examine};

use super::editor::profile;
use super::task::lost;
pub use crate::doctor::Level;
use crate::error::Result;
use crate::project::Project;

/// Look for what is wrong with the documents, and mend it
///
/// Exit 8 when something is left. Whatever --fix replaces is kept in .git/ghp/quarantine; an agent says its name first.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Mend what can be mended
    #[arg(long)]
    pub fix: bool,
}

/// What was found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// In the order of the checks.
    pub findings: Vec<Finding>,
    /// How many are left; notes do not count.
    pub left: usize,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    if args.fix {
        project.by()?;
    }
    let mut findings = examine(project, args.fix);
    findings.extend(lost_tasks(project, args.fix));
    findings.extend(profile::findings(project));
    let left = findings
        .iter()
        .filter(|finding| !finding.fixed && finding.level > Level::Note)
        .count();
    Ok(Report { findings, left })
}

/// Tasks whose agents are gone. Documents that cannot be read are the findings of other checks.
fn lost_tasks(project: &Project, fix: bool) -> Vec<Finding> {
    let lost = if fix {
        lost::look(project)
    } else {
        lost::would(project)
    };
    let finding = |what| Finding {
        check: "tasks",
        level: Level::Warning,
        what,
        next: Some("ghp stale --apply".to_owned()),
        fixed: fix,
    };
    lost.unwrap_or_default().into_iter().map(finding).collect()
}
