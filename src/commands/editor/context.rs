//! What the sender's session knows, for `@NAME+context`: its last words, the files it touched, its branch and issue.

use std::path::Path;

use crate::commands::event::transcript_of;
use crate::commands::presence;
use crate::documents::transcript;
use crate::domain::escape::one_line;
use crate::domain::secrets;
use crate::error::Result;
use crate::host::input;
use crate::project::{Caller, Project};

/// How much of a transcript's end is looked at, in bytes.
const END_OF_TRANSCRIPT: u64 = 512 << 10;
/// How much of it goes along, in bytes.
const LONGEST_TALK: usize = 12 << 10;
/// How many files are named.
const MOST_FILES: usize = 40;

/// The package, as Markdown. What is not known is left out, and so is every line that looks like a credential.
pub(super) fn package(project: &Project) -> Result<String> {
    let mut parts = Vec::new();
    let mut place = Vec::new();
    if let Some(branch) = project.place.head()?.branch() {
        place.push(format!("Branch: {}", one_line(branch, 200)));
    }
    if let Some(issue) = crate::commands::escalate::own_issue(project)? {
        place.push(format!("Issue: #{issue} (ghp issue show {issue})"));
    }
    if let Some(worktree) = &project.place.worktree {
        place.push(format!(
            "Worktree: {}",
            one_line(&worktree.display().to_string(), 300)
        ));
    }
    parts.push(place.join("\n"));
    let me = match project.caller()? {
        Caller::Agent(me) => Some(me.as_str()),
        _ => None,
    };
    if let Some(presence) = me
        .map(|me| presence::of(project, me))
        .transpose()?
        .flatten()
    {
        let files: Vec<String> = presence
            .touched_lately(project.now())
            .take(MOST_FILES)
            .map(|path| format!("- {}", one_line(&path, 200)))
            .collect();
        if !files.is_empty() {
            parts.push(format!(
                "Files touched within the hour:\n{}",
                files.join("\n")
            ));
        }
    }
    if let Some(path) = transcript_of(project, me)? {
        parts.push(talk(&path));
    }
    Ok(secrets::without(&parts.join("\n\n")))
}

/// The last of what was said; a transcript that cannot be read is said to be so.
fn talk(path: &Path) -> String {
    match input::end_of(path, END_OF_TRANSCRIPT) {
        Ok(text) => {
            let said = transcript::last_words(&text, LONGEST_TALK);
            format!("The last of the sender's session:\n\n{said}")
        }
        Err(error) => format!("The sender's session could not be read: {error}"),
    }
}
