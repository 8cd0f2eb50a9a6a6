//! What may be wrong with a repository's documents: one check, one file, one row of the table.

mod checks;

use serde::Serialize;

use crate::error::Result;
use crate::project::Project;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Good to know.
    Note,
    /// Something will go wrong.
    Warning,
    /// Something is wrong.
    Error,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Which check found it.
    pub check: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What it is, in one sentence.
    pub what: String,
    /// The command that mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Whether it was mended just now.
    pub fixed: bool,
}

/// A check: what it looks at, and the function that looks. With `fix` it mends what it can.
pub(crate) struct Check {
    pub name: &'static str,
    pub run: fn(&Project, fix: bool) -> Result<Vec<Finding>>,
}

/// Every check, in the order in which mending makes sense.
const CHECKS: &[Check] = &[
    checks::locks::CHECK,
    checks::worktree::CHECK,
    checks::drivers::CHECK,
    checks::documents::CHECK,
    checks::agents::CHECK,
    checks::groups::CHECK,
    checks::goals::CHECK,
    checks::issues::CHECK,
    checks::tasks::CHECK,
    checks::contexts::CHECK,
    checks::config::CHECK,
    checks::branches::CHECK,
    checks::hooks::CHECK,
    checks::workflows::CHECK,
];

/// Runs every check. A check that cannot run is a finding of its own.
pub fn examine(project: &Project, fix: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for check in CHECKS {
        match (check.run)(project, fix) {
            Ok(found) => findings.extend(found),
            Err(error) => findings.push(Finding {
                check: check.name,
                level: Level::Error,
                what: error.message,
                next: error.next,
                fixed: false,
            }),
        }
    }
    findings
}
