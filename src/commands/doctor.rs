//! `ghp doctor`: what is wrong with the documents, and mending it.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::doctor::{Finding, examine};

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
    let findings = examine(project, args.fix);
    let left = findings
        .iter()
        .filter(|finding| !finding.fixed && finding.level > Level::Note)
        .count();
    Ok(Report { findings, left })
}
