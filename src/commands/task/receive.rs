//! `ghp task receive`: a mail or a webhook's body becomes a task.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::routing;
use crate::commands::delegate::{self, Order};
use crate::commands::matter::{Decided, Matter};
use crate::commands::{LONGEST_TEXT, one_line, system};
use crate::documents::message;
use crate::domain::escape;
use crate::domain::task::profile::ANY;
use crate::error::{Error, Kind, Result};
use crate::host::input;
use crate::project::Project;

/// Make a task from a mail (RFC 5322, plain text) or a webhook's JSON body on standard input
///
/// Only for senders in coordination.senders; the mail system or the webhook's receiver must have proven that the sender
/// is who it says. `@planning` at the beginning of the subject says whom it is for, else --to, else the first
/// orchestrator, else `any`. The same message again is the same task.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Whom it is for when the message does not say
    #[arg(long, value_name = "TO")]
    pub to: Option<String>,
}

/// The task that was made.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Report {
    /// As it stands.
    pub task: Decided,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let bytes = input::all(LONGEST_TEXT as u64).map_err(system("read the message"))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8"))?;
    let message = message::read(&text).map_err(unreadable)?;
    let senders = project.config()?.senders()?;
    if !senders
        .iter()
        .any(|sender| sender.eq_ignore_ascii_case(&message.from))
    {
        let from = escape::one_line(&message.from, 120);
        let said = format!("{from} is not among those who may send tasks: nothing was written");
        return Err(Error::new(Kind::Unsafe, said)
            .hint("a person trusts a sender with")
            .next("ghp config set coordination.senders '[\"ana@example.com\"]'"));
    }
    let orchestrators = project.config()?.orchestrators()?;
    let to = message
        .to
        .as_deref()
        .or(args.to.as_deref())
        .or(orchestrators.first().map(String::as_str))
        .unwrap_or(ANY);
    let to = routing::addressee(project, to)?;
    let order = Order {
        prompt: message.text,
        title: one_line(&message.title, "subject")?,
        request_id: message
            .id
            .as_deref()
            .map(|id| one_line(id, "message id"))
            .transpose()?,
        ..Order::default()
    };
    let (task, fresh) = delegate::one(project, &message.from, &to, order)?;
    Ok(Report {
        task: Decided {
            already: !fresh,
            ..Decided::of(&Matter::Task(task))
        },
    })
}

fn unreadable(why: impl std::fmt::Display) -> Error {
    Error::new(
        Kind::Usage,
        format!("this is no message that can be read: {why}"),
    )
    .hint("a mail with From, Subject and plain text, or {\"from\", \"title\", \"text\"}")
    .next("ghp task receive --help")
}
