//! `ghp issue comment`: somebody says something about an issue.

use clap::Args as ClapArgs;

use super::{Did, Report};
use crate::commands::text::{self, Text};
use crate::documents::issue::with_comment;
use crate::domain::id::IssueId;
use crate::error::{Error, Kind, Result};
use crate::project::Project;

/// Say something about an issue: it stands at its end, with your name and the time
#[derive(Debug, ClapArgs)]
#[command(mut_args(text::word("What you say")))]
pub struct Args {
    /// Which
    #[arg(value_name = "N")]
    pub issue: IssueId,
    #[command(flatten)]
    pub text: Text,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let number = args.issue.0;
    let text = args.text.read("issue comment")?;
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
