//! `ghp reply`: say something below a question, a request or a handoff without deciding it.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::matter::{self, Item};
use super::text;
use crate::documents::waiting::with_reply;
use crate::domain::waiting::tail;
use crate::error::{Error, Kind, Result};
use crate::host::clock;
use crate::project::Project;

/// Ask back, or add something: the other side finds it in its inbox
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Below which question, request or handoff
    pub id: String,
    /// What to say
    pub text: String,
}

/// What was replied to.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Report {
    /// As it now waits.
    pub item: Item,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let name = matter::name(project, &args.id)?;
    let short = tail(&name.id);
    let said = text::checked(args.text.trim(), "reply")?;
    text::refuse_secrets(&said, "reply", &format!("ghp reply {short} \"…\""))?;
    if said.is_empty() {
        return Err(
            Error::new(Kind::Usage, "the reply is empty").next(format!("ghp reply {short} \"…\""))
        );
    }
    let matter = project.decide(&by, "reply", |transaction| {
        let mut matter = matter::load_in(transaction, &name)?;
        if !matter.waits().is_open() {
            return Err(matter::settled(&matter, project.now()));
        }
        let core = matter.waits_mut().core_mut();
        core.body = with_reply(&core.body, &by, clock::now(), &said);
        transaction.say(format!("replied to {short}: {}", core.title), core.issue);
        matter.save(transaction)?;
        Ok(matter)
    })?;
    Ok(Report {
        item: Item::of(&matter, project.caller()?, project.now()),
    })
}
