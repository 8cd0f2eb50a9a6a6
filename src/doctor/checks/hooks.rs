//! Harnesses' hooks did not fail: they go on without a word, so this is where one learns of it.

use crate::doctor::{Check, Finding, Level};
use crate::domain::escape::one_line;
use crate::error::Result;
use crate::project::Project;
use crate::store::layout::local::HOOK_FAULT;

pub(crate) const CHECK: Check = Check { name: "hooks", run };

fn run(project: &Project, fix: bool) -> Result<Vec<Finding>> {
    let store = project.store()?;
    let fault = store.local_text(HOOK_FAULT)?.unwrap_or_default();
    if fault.trim().is_empty() {
        return Ok(Vec::new());
    }
    if fix {
        store.remove_local(HOOK_FAULT)?;
    }
    Ok(vec![Finding {
        check: CHECK.name,
        level: Level::Warning,
        what: format!("a hook let an event pass: {}", one_line(&fault, 700)),
        next: Some("ghp doctor --fix".to_owned()),
        fixed: fix,
    }])
}
