//! Every document can be read.

use crate::config::layers;
use crate::doctor::{Check, Finding, Level};
use crate::documents::Document;
use crate::documents::paged::Paged;
use crate::documents::status::Status;
use crate::domain::issue::Issue;
use crate::error::Result;
use crate::project::Project;
use crate::store::error::StoreError;
use crate::store::layout;

pub(crate) const CHECK: Check = Check { name: "documents", run };

fn run(project: &Project, fix: bool) -> Result<Vec<Finding>> {
    let store = project.store()?;
    let mut findings = Vec::new();
    for path in store.paths()? {
        let wrong = match store.text(&path) {
            Ok(text) => text.and_then(|text| wrong(&path, &text)),
            Err(error @ StoreError::Unreadable { .. }) => Some(error.to_string()),
            // Something that is no file stands in its place: only a person can say what it is for.
            Err(error) => {
                let next = Some(format!("ls -l {}", project.documents().join(&path).display()));
                findings.push(Finding { check: CHECK.name, level: Level::Error, what: error.to_string(), next, fixed: false });
                None
            }
        };
        let Some(wrong) = wrong else { continue };
        let mut finding =
            Finding { check: CHECK.name, level: Level::Error, what: wrong, next: Some("ghp doctor --fix".to_owned()), fixed: false };
        if fix {
            let by = project.by().unwrap_or_else(|_| "ghp".to_owned());
            let rebuilt = store.rebuild(&by, &path)?;
            let kept = project.local().join(&rebuilt.quarantine);
            finding.what = format!("{}; rebuilt, the original is {}", finding.what, kept.display());
            finding.next = None;
            finding.fixed = true;
        }
        findings.push(finding);
    }
    Ok(findings)
}

/// Why a document's text cannot be read as what it should be; `None` when it can.
fn wrong(path: &str, text: &str) -> Option<String> {
    let markdown = |malformed| Some(format!("{path} cannot be read: {malformed}"));
    match path {
        layout::STATUS => Status::parse(text).err().and_then(markdown),
        layout::CONFIG => layers::parse(Some(text), path).err().map(|error| error.to_string()),
        _ => {
            let stem = |folder: &str| path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".md");
            stem(Issue::FOLDER).and_then(|stem| Paged::<Issue>::parse(stem, text).err()).and_then(markdown)
        }
    }
}
