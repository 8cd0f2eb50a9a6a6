//! The documents' worktree is linked, on its branch, and whole.

use crate::doctor::{Check, Finding, Level};
use crate::error::Result;
use crate::git::worktree::{self, Fault};
use crate::project::Project;
use crate::store::Checkpoint;

pub(crate) const CHECK: Check = Check {
    name: "worktree",
    run,
};

fn run(project: &Project, fix: bool) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for fault in worktree::state(&project.place)? {
        let mended = fix && fault != Fault::BranchGone && {
            project.relink()?;
            true
        };
        findings.push(Finding {
            check: CHECK.name,
            level: if fault == Fault::PlaceStale {
                Level::Warning
            } else {
                Level::Error
            },
            what: words(fault).to_owned(),
            next: Some("ghp doctor --fix".to_owned()).filter(|_| !mended),
            fixed: mended,
        });
    }
    // Also brings back documents that are missing, and says so.
    if let Checkpoint::PutOff(why) = project.store()?.checkpoint()? {
        let next = why
            .starts_with("the documents are on")
            .then(|| "git -C .ghp switch ghp".to_owned());
        findings.push(Finding {
            check: CHECK.name,
            level: Level::Warning,
            what: format!("checkpoints wait: {why}"),
            next,
            fixed: false,
        });
    }
    Ok(findings)
}

fn words(fault: Fault) -> &'static str {
    match fault {
        Fault::NeverMade => "this repository has no documents yet",
        Fault::BranchGone => "the branch ghp is gone; git reflog may still know it",
        Fault::FolderGone => "the documents' folder is gone",
        Fault::LinkGone => "the documents' folder is not linked to the repository",
        Fault::LinkAstray => {
            "the documents' folder is linked to another repository: it was moved or copied"
        }
        Fault::AdminGone => "git's own folder of the documents' worktree is gone",
        Fault::PlaceStale => {
            "git remembers another place for the documents: the repository was moved or copied"
        }
        Fault::IndexUnreadable => "git's index of the documents cannot be read",
    }
}
