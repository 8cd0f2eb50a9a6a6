//! The trailers of an agent's commit: who made it, for which issue.

use std::path::Path;

use crate::commands::check::issue_here;
use crate::commands::{Outside, system};
use crate::error::Result;
use crate::git::place::Head;
use crate::git::trailers;
use crate::host::{env, input};
use crate::project::{Caller, Project};

/// A longer message is not looked at.
const LONGEST: usize = 16 << 20;

/// Adds them to the message in `file`. Nothing for a person, among the documents, and in a rebase, which changes no
/// commit's maker.
pub(super) fn sign(outside: &Outside, file: &Path) -> Result<()> {
    let project = Project::open(outside.directory.as_deref(), outside.agent.clone())?;
    let Caller::Agent(agent) = project.caller()? else {
        return Ok(());
    };
    let place = &project.place;
    let Some(worktree) = &place.worktree else {
        return Ok(());
    };
    if worktree == project.documents() || matches!(place.head()?, Head::Rebasing(_)) {
        return Ok(());
    }
    let file = env::current_dir()
        .map_err(system("find the message"))?
        .join(file);
    // Git gives up on a commit without a message; trailers alone would make one of nothing.
    // One that is no UTF-8 is a message.
    if is_unattended() && input::read(&file, LONGEST).is_ok_and(|text| is_empty(&text)) {
        return Ok(());
    }
    let mut lines = vec![format!("Agent: {agent}")];
    lines.extend(issue_here(&project)?.map(|number| format!("Issue: #{number}")));
    Ok(trailers::add(worktree, &file, &lines)?)
}

/// Whether nobody will write into the message: `:` is how git says so itself.
fn is_unattended() -> bool {
    env::var("GIT_EDITOR").is_some_and(|editor| matches!(editor.as_str(), ":" | "true"))
}

/// Whether there is nothing but comments.
fn is_empty(text: &str) -> bool {
    text.lines()
        .take_while(|line| !line.contains(">8"))
        .all(|line| line.trim().is_empty() || line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::is_empty;

    #[test]
    fn comments_are_no_message() {
        for (text, empty) in [
            ("", true),
            ("\n# Please enter\n#\n", true),
            (
                "\n# ------------------------ >8 ------------------------\ndiff\n+x\n",
                true,
            ),
            ("Subject\n# a comment\n", false),
            ("# a comment\n\nSubject", false),
        ] {
            assert_eq!(is_empty(text), empty, "{text:?}");
        }
    }
}
