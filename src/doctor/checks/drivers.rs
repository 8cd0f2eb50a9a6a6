//! Git runs this very program for its filter, diff and merge drivers.

use crate::doctor::{Check, Finding, Level};
use crate::error::{Error, Kind, Result};
use crate::git::settings;
use crate::host::process;
use crate::project::Project;

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
    if settings::are_written(&project.place, &program)? {
        return Ok(Vec::new());
    }
    if fix {
        settings::rewrite(&project.place, &program)?;
    }
    Ok(vec![Finding {
        check: CHECK.name,
        level: Level::Warning,
        what: "git's filter and drivers for agent-status.json are missing, or run another ghp"
            .to_owned(),
        next: Some("ghp doctor --fix".to_owned()).filter(|_| !fix),
        fixed: fix,
    }])
}
