//! The configuration can be read and every key is known.

use crate::doctor::{Check, Finding, Level};
use crate::error::Result;
use crate::project::Project;

pub(crate) const CHECK: Check = Check {
    name: "config",
    run,
};

fn run(project: &Project, _: bool) -> Result<Vec<Finding>> {
    let finding = |what: &String| Finding {
        check: CHECK.name,
        level: Level::Warning,
        what: what.clone(),
        next: Some("ghp config list --show-origin".to_owned()),
        fixed: false,
    };
    Ok(project.config()?.warnings.iter().map(finding).collect())
}
