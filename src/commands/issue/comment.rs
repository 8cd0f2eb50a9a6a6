//! `ghp issue comment`: somebody says something about an issue.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{Did, Report};
use crate::commands::text;
use crate::documents::issue::with_comment;
use crate::domain::id::IssueId;
use crate::error::{Error, Kind, Result};
use crate::project::Project;

/// Say something about an issue: it stands at its end, with your name and the time
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Which
    #[arg(value_name = "N")]
    pub issue: IssueId,
    /// What you say
    #[arg(value_name = "TEXT", required_unless_present = "file")]
    pub text: Option<String>,
    /// A file with what you say (`-`: standard input)
    #[arg(short = 'F', long, value_name = "FILE", conflicts_with = "text")]
    pub file: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let number = args.issue.0;
    let text = text::body("issue comment", args.text.as_deref(), args.file.as_deref())?;
    text::refuse_secrets(
        &text,
        "comment",
        &format!("ghp issue comment {number} \"…\""),
    )?;
    if text.trim().is_empty() {
        return Err(Error::new(Kind::Usage, "a comment must not be empty")
            .next(format!("ghp issue comment {number} \"…\"")));
    }
    project.decide(&by, "issue comment", |transaction| {
        let mut issue = super::load(transaction, number)?;
        issue.body = with_comment(&issue.body, &by, project.now(), &text);
        transaction.say(format!("{by} comments on #{number}"), Some(number));
        super::save(transaction, &issue)?;
        Ok(Report::of(&issue, Did::Commented))
    })
}
