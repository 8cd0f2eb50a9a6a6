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
    // What is no UTF-8 is a message of words, with git's usual comments.
    let text = input::read(&file, LONGEST).ok();
    let editor = env::var("GIT_EDITOR");
    let comment = match editor.as_deref() {
        // No editor: what looks like a comment is a part of the message.
        Some(":") => Some('\u{1}'),
        _ => text.as_deref().and_then(comment),
    };
    // Git gives up on a commit without a message; trailers alone would make one of nothing.
    let is_unattended = matches!(editor.as_deref(), Some(":" | "true"));
    if is_unattended && text.is_some_and(|text| is_empty(&text, comment.unwrap_or('#'))) {
        return Ok(());
    }
    let mut lines = vec![format!("Agent: {agent}")];
    lines.extend(issue_here(&project)?.map(|number| format!("Issue: #{number}")));
    Ok(trailers::add(worktree, &file, comment, &lines)?)
}

/// What stands behind the sign for comments on the line above a diff.
const SCISSORS: &str = " ------------------------ >8 ------------------------";
/// The signs that git chooses from (`core.commentChar=auto`).
const SIGNS: &str = "#;@!$%^&|:";

/// The sign that comments begin with in a message on its way to an editor; `None`: there are none, or odd ones. A setting
/// given on git's command line is told to nobody, so the lines have to say it.
fn comment(text: &str) -> Option<char> {
    let scissors = text.lines().find(|line| line.ends_with(SCISSORS));
    let last = || text.lines().rfind(|line| !line.trim().is_empty());
    let line = scissors.or_else(last)?;
    line.chars().next().filter(|sign| SIGNS.contains(*sign))
}

/// Whether there is nothing but comments.
fn is_empty(text: &str, comment: char) -> bool {
    text.lines()
        .take_while(|line| !line.ends_with(SCISSORS))
        .all(|line| line.trim().is_empty() || line.starts_with(comment))
}

#[cfg(test)]
mod tests {
    use super::{comment, is_empty};

    #[test]
    fn comments_are_no_message() {
        let scissors = "\n; ------------------------ >8 ------------------------\ndiff\n+x\n";
        for (text, sign, empty) in [
            ("", None, true),
            ("\n# Please enter\n#\n", Some('#'), true),
            ("\n; Please enter\n;\n", Some(';'), true),
            (scissors, Some(';'), true),
            ("#1 Subject\n\n; a comment\n", Some(';'), false),
            ("Subject\n# a comment\n", Some('#'), false),
            ("# a comment\n\nSubject", None, false),
        ] {
            assert_eq!(comment(text), sign, "{text:?}");
            assert_eq!(is_empty(text, sign.unwrap_or('#')), empty, "{text:?}");
        }
    }
}
