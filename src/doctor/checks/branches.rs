//! No code branch tracks documents of its own: checking it out would overwrite the live ones.

use crate::doctor::{Check, Finding, Level};
use crate::error::Result;
use crate::git::tracked;
use crate::project::Project;

pub(crate) const CHECK: Check = Check {
    name: "branches",
    run,
};

fn run(project: &Project, _: bool) -> Result<Vec<Finding>> {
    let branches = tracked::code_branches_tracking_documents(&project.place)?;
    let finding = |branch: &String| Finding {
        check: CHECK.name,
        level: Level::Warning,
        what: format!(
            "the branch {branch} tracks a .ghp/ of its own: checking it out overwrites documents"
        ),
        next: Some("ghp init --migrate".to_owned()),
        fixed: false,
    };
    Ok(branches.iter().map(finding).collect())
}
