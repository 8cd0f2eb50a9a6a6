//! `ghp memory add`: keep what was learned.

use clap::Args as ClapArgs;

use super::server::Server;
use super::{Did, Report};
use crate::commands::text::{self, Text};
use crate::commands::{escalate, issue, matter, one_line};
use crate::documents::paged::Paged;
use crate::domain::glob::Glob;
use crate::domain::id::{IssueId, document_id};
use crate::domain::memory::Memory;
use crate::error::{Error, Kind, Result};
use crate::project::Project;
use crate::store::Transaction;

/// What to type when there was nothing to keep.
const EXAMPLE: &str = "ghp memory add \"Flush redis before the tests: they share one database\"";

/// Keep something that should outlive the work
///
/// The first line is the title: say the thing itself there. It is brought up where it binds: on the same issue, on one
/// whose scope meets --scope, or on one with a title like it. What looks like a credential is refused. Who does what,
/// questions and decisions belong elsewhere: `ghp status set`, `ghp escalate`, `ghp issue comment`.
#[derive(Debug, Default, ClapArgs)]
#[command(mut_args(text::word("What was learned; its first line is the title")))]
pub struct Args {
    #[command(flatten)]
    pub text: Text,
    /// A word to find it by (repeatable)
    #[arg(long = "tag", value_name = "T")]
    pub tags: Vec<String>,
    /// Issue it is about (default: the one you work on)
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
    /// Paths it is about (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub scope: Vec<String>,
    /// Added twice with the same word, it is one memory
    #[arg(long, value_name = "ID")]
    pub request_id: Option<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    keep(project, args, false)
}

/// Keeps it in the place of what was kept under the same request id.
pub(crate) fn replace(project: &Project, args: Args) -> Result<Report> {
    keep(project, args, true)
}

fn keep(project: &Project, args: Args, anew: bool) -> Result<Report> {
    let by = project.by()?;
    let new = checked(project, &by, args)?;
    if let Some(server) = Server::chosen(project)? {
        return keep_there(project, &server, new, anew);
    }
    let kept = project.decide(&by, "memory add", |transaction| {
        if let Some(mut same) = repeated(transaction, &new)? {
            if anew && (&same.title, &same.body) != (&new.title, &new.body) {
                let id = same.id.clone();
                *same = Memory { id, ..new.clone() };
                transaction.say(format!("kept: {}", same.title), same.issue);
                transaction.save(&same)?;
            }
            return Ok(same);
        }
        let memory = Paged::new(Memory {
            id: matter::fresh_id(transaction, &new.title, project.now())?,
            ..new.clone()
        });
        transaction.say(format!("kept: {}", memory.title), memory.issue);
        transaction.add(&memory);
        Ok::<_, Error>(memory)
    })?;
    Ok(Report::of(project, &kept, Did::Kept))
}

fn keep_there(project: &Project, server: &Server, new: Memory, anew: bool) -> Result<Report> {
    let _alone;
    if new.request_id.is_some() {
        _alone = Server::alone(project)?;
        let held = server.all()?;
        match held.iter().find(|it| is_repeated(&it.memory, &new)) {
            Some(same) if anew => server.remove(&same.memory)?,
            Some(same) => return Ok(Report::there(&same.memory, Some(server), Did::Kept)),
            None => {}
        }
    }
    let memory = Memory {
        id: document_id(project.now(), &new.title, fastrand::u32(..)),
        ..new
    };
    server.add(&memory)?;
    Ok(Report::there(&memory, Some(server), Did::Kept))
}

/// The memory as it is to be kept, still without an id.
fn checked(project: &Project, by: &str, args: Args) -> Result<Memory> {
    let said = args.text.read("memory add")?;
    let tags = super::tags(&args.tags)?;
    text::refuse_secrets(&said, "memory", EXAMPLE)?;
    for tag in &tags {
        text::refuse_secrets(tag, "tag", EXAMPLE)?;
    }
    let (title, body) = parts(&said);
    let title = one_line(title, "first line")?;
    if title.is_empty() {
        return Err(Error::new(Kind::Usage, "there is nothing to keep").next(EXAMPLE));
    }
    for pattern in &args.scope {
        Glob::parse(pattern).map_err(|error| {
            Error::new(Kind::Usage, format!("--scope: {error}"))
                .next("ghp memory add TEXT --scope \"src/dashboard/**\"")
        })?;
        text::refuse_secrets(pattern, "scope", EXAMPLE)?;
    }
    let request_id = args.request_id.as_deref();
    Ok(Memory {
        id: String::new(),
        title,
        tags,
        issue: args
            .issue
            .map(|issue| issue.0)
            .or(escalate::own_issue(project)?),
        from: by.to_owned(),
        created_at: Some(project.now()),
        scope: issue::once(&args.scope),
        request_id: request_id
            .map(|id| one_line(id, "request id"))
            .transpose()?,
        body,
    })
}

/// The first line that is not blank, without the `#` of a heading, and what stands below it, with a line break at its end.
fn parts(said: &str) -> (&str, String) {
    let said = said.trim();
    let (title, rest) = said.split_once('\n').unwrap_or((said, ""));
    let heading = title.trim_start_matches('#');
    let title = if heading.starts_with(' ') {
        heading
    } else {
        title
    };
    let rest = rest.trim_matches(['\r', '\n']).trim_end();
    let body = if rest.is_empty() {
        String::new()
    } else {
        format!("{rest}\n")
    };
    (title.trim(), body)
}

fn repeated(
    transaction: &mut Transaction<'_>,
    new: &Memory,
) -> Result<Option<Paged<Memory>>, Error> {
    if new.request_id.is_none() {
        return Ok(None);
    }
    let all = transaction.all::<Memory>()?;
    Ok(all.into_iter().find(|it| is_repeated(it, new)))
}

fn is_repeated(memory: &Memory, new: &Memory) -> bool {
    memory.from == new.from && memory.request_id == new.request_id
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn the_first_line_is_the_title() {
        for (said, title, body) in [
            ("One line", "One line", ""),
            ("\n # A heading \n\nText.\n\n", "A heading", "Text.\n"),
            ("#147 is done\r\n  indented", "#147 is done", "  indented\n"),
            ("  ", "", ""),
        ] {
            assert_eq!(parts(said), (title, body.to_owned()), "{said:?}");
        }
    }
}
