//! `ghp claim`: an agent takes an issue for itself. One winner, ever.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::holding::{self, Holding};
use super::{issue, presence};
use crate::domain::id::IssueId;
use crate::domain::issue::choices;
use crate::error::{Error, Kind, Result};
use crate::project::Project;

/// Take an issue for yourself; no branch, no worktree (see start)
///
/// Somebody else's issue: exit 4 naming the holder. A blocked or closed one is refused.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which
    #[arg(
        value_name = "N",
        required_unless_present = "next",
        conflicts_with = "next"
    )]
    pub issue: Option<IssueId>,
    /// The first that is yours or free, and unblocked
    #[arg(long)]
    pub next: bool,
}

/// Who now holds it.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Report(pub Holding);

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let number = args
        .issue
        .map_or_else(|| "N".to_owned(), |issue| issue.0.to_string());
    let me = holding::agent(project, &format!("ghp assign {number} worker-1"))?;
    let report = project.decide(me.as_str(), "claim", |transaction| {
        let number = match args.issue {
            Some(issue) => issue.0,
            None => choices(me.as_str(), &issue::all_in(transaction)?)
                .first()
                .copied()
                .ok_or_else(nothing_free)?,
        };
        let mut issue = issue::load(transaction, number)?;
        let taken = holding::take(transaction, &mut issue, &me)?;
        let pointed = holding::work_on(transaction, &me, &issue, project.now(), "Claimed")?;
        if taken {
            issue::save(transaction, &issue)?;
        }
        transaction.say(format!("{me} claims #{number}"), Some(number));
        let holding = Holding::of(&issue, Some(me.as_str()), !taken && !pointed);
        Ok(Report(
            holding.then(format!("ghp start {number} --worktree")),
        ))
    })?;
    presence::note(project, &me);
    Ok(report)
}

/// The error when no issue can be taken.
pub(crate) fn nothing_free() -> Error {
    Error::new(Kind::ClaimHeld, "no open issue is free and unblocked")
        .hint("wait for one")
        .next("ghp next --wait")
}
