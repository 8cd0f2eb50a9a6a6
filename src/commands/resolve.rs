//! `ghp resolve`: decide a question.

use clap::Args as ClapArgs;

use super::answer::{Report, Verdict, settle};
use super::matter;
use super::one_line;
use crate::error::Result;
use crate::project::Project;

/// Decide a question: an option by number or words, or your own words
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which question
    pub id: String,
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
    let name = matter::name(project, &args.id)?;
    let (words, why) = match (args.words.or(args.choice), args.message) {
        (Some(words), why) => (words, why),
        (None, message) => (message.unwrap_or_default(), None),
    };
    let why = why.map(|why| one_line(&why, "reason")).transpose()?;
    Ok(Report::Settled(settle(
        project,
        "resolve",
        vec![Verdict { name, words, why }],
    )?))
}
