//! `ghp resolve`: decide a question.

use clap::Args as ClapArgs;

use super::answer::{Report, Verdict, settle};
use super::matter;
use super::one_line;
use crate::domain::waiting::{Core, Kind};
use crate::error::Result;
use crate::project::{Caller, Project};

/// Decide a question: an option by number or words, or your own words
///
/// Without an id (`ghp resolve -c 2`) the only one that waits on you is meant.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which question (default: the only one that waits on you)
    pub id: Option<String>,
    /// An option's number, or words
    #[arg(value_name = "CHOICE")]
    pub words: Option<String>,
    /// The same, as an option
    #[arg(short, long, value_name = "CHOICE", conflicts_with = "words")]
    pub choice: Option<String>,
    /// Why; without a choice, the decision itself
    #[arg(short, long, value_name = "WHY", allow_hyphen_values = true)]
    pub message: Option<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let name = if let Some(id) = &args.id {
        matter::name(project, id)?
    } else {
        let by = project.by()?;
        let is_human = matches!(project.caller()?, Caller::Human(_));
        let waits = |core: &Core| core.is_to(&by) || is_human && core.is_to_human();
        matter::only(project, &[Kind::Escalation], waits, "resolve")?
    };
    let (words, why) = match (args.words.or(args.choice), args.message) {
        (Some(words), why) => (words, why),
        (None, message) => (message.unwrap_or_default(), None),
    };
    let why = why.map(|why| one_line(&why, "reason")).transpose()?;
    Ok(Report::Settled(settle(
        project,
        "resolve",
        vec![Verdict {
            name,
            words,
            why,
            expires: None,
        }],
    )?))
}
