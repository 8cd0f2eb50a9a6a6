//! Every document can be read.

use crate::doctor::{Check, Finding, Level};
use crate::documents::readable::fault;
use crate::domain::shell;
use crate::error::Result;
use crate::project::Project;
use crate::store::error::StoreError;

pub(crate) const CHECK: Check = Check {
    name: "documents",
    run,
};

fn run(project: &Project, fix: bool) -> Result<Vec<Finding>> {
    let store = project.store()?;
    let mut findings = Vec::new();
    for path in store.paths()? {
        let wrong = match store.text(&path) {
            Ok(text) => text
                .and_then(|text| fault(&path, &text))
                .map(|malformed| format!("{path} cannot be read: {malformed}")),
            Err(error @ StoreError::Unreadable { .. }) => Some(error.to_string()),
            // Something that is no file stands in its place: only a person can say what it is for.
            Err(error) => {
                let next = Some(format!(
                    "ls -l {}",
                    shell::path(&project.documents().join(&path))
                ));
                findings.push(Finding {
                    check: CHECK.name,
                    level: Level::Error,
                    what: error.to_string(),
                    next,
                    fixed: false,
                });
                None
            }
        };
        let Some(wrong) = wrong else { continue };
        let mut finding = Finding {
            check: CHECK.name,
            level: Level::Error,
            what: wrong,
            next: Some("ghp doctor --fix".to_owned()),
            fixed: false,
        };
        if fix {
            let by = project.by().unwrap_or_else(|_| "ghp".to_owned());
            let Some(rebuilt) = store.rebuild(&by, &path)? else {
                continue;
            };
            let kept = project.local().join(&rebuilt.quarantine);
            finding.what = format!(
                "{}; rebuilt, the original is {}",
                finding.what,
                kept.display()
            );
            finding.next = None;
            finding.fixed = true;
        }
        findings.push(finding);
    }
    Ok(findings)
}
