//! The last fault of a hook, for `ghp doctor`: a hook itself must not stop an agent for it.

use crate::domain::escape::one_line;
use crate::error::Error;
use crate::project::Project;
use crate::store::layout::local;

/// Remembers the fault on this machine; says whether that went well.
pub fn record(project: &Project, harness: &str, error: &Error) -> bool {
    let causes: Vec<&str> = error.causes.iter().map(String::as_str).collect();
    let causes = if causes.is_empty() {
        String::new()
    } else {
        format!(": {}", causes.join(": "))
    };
    let said = one_line(&format!("{}{causes}", error.message), 600);
    let line = format!("{} {harness}: {said}\n", project.now());
    let noted = project
        .store()
        .and_then(|store| Ok(store.set_local_text(local::HOOK_FAULT, &line)?));
    noted.is_ok()
}
