//! `ghp session context`: an agent's Working Context, read and added to.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::commands::{cave, require_own_or_lead, status, text, word};
use crate::domain::cave::Part;
use crate::domain::escape::one_line;
use crate::domain::id::AgentId;
use crate::domain::nearest::nearest;
use crate::error::{Error, Kind, Result};
use crate::project::Project;
use crate::store::layout;

/// Show an agent's Working Context, or one document of it; --append adds a dated entry
///
/// Works for any agent, with a session or without. --append writes to the working log unless a document is named, and
/// says on the board that the context is saved.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The agent
    pub name: AgentId,
    /// background, plan, working-log or results-summary
    #[arg(value_name = "FILE")]
    pub file: Option<String>,
    /// Add this at its end, with your name and the time (`-`: standard input)
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub append: Option<String>,
}

/// The Working Context.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whose it is.
    pub agent: String,
    /// Its documents, in the order one reads them.
    pub documents: Vec<Document>,
    /// Whether something was added just now.
    pub appended: bool,
    /// Whether one document was asked for.
    #[serde(skip)]
    pub only: bool,
}

/// One of its documents.
#[derive(Debug, Serialize)]
pub struct Document {
    /// Its name.
    pub file: &'static str,
    /// Where it lies.
    pub path: PathBuf,
    /// What stands in it.
    pub text: String,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let name = &args.name;
    let part = args
        .file
        .as_deref()
        .map(|file| part(name, file))
        .transpose()?;
    if let Some(said) = &args.append {
        append(project, name, part.unwrap_or(Part::Log), said)?;
    }
    let appended = args.append.is_some();
    let wanted = part.or(appended.then_some(Part::Log));
    let texts = cave::read(project, name.as_str())?;
    let documents: Vec<Document> = texts
        .into_iter()
        .filter(|(part, _)| wanted.is_none_or(|wanted| wanted == *part))
        .map(|(part, text)| Document {
            file: part.file(),
            path: project
                .documents()
                .join(layout::cave(name.as_str(), part.file())),
            text,
        })
        .collect();
    if documents.is_empty() {
        return Err(unwritten(project, name)?);
    }
    Ok(Report {
        agent: name.to_string(),
        documents,
        appended,
        only: part.is_some(),
    })
}

fn part(agent: &AgentId, name: &str) -> Result<Part> {
    Part::named(name).ok_or_else(|| {
        let names = Part::ALL.map(|part| part.file().trim_end_matches(".md"));
        let said = format!(
            "a Working Context has no {}: it is {}",
            one_line(name, 64),
            names.join(", ")
        );
        let near = nearest(name, names.iter().copied()).unwrap_or("plan");
        Error::new(Kind::NotFound, said).next(format!("ghp session context {agent} {near}"))
    })
}

fn append(project: &Project, agent: &AgentId, part: Part, said: &str) -> Result<()> {
    let again = format!("ghp session context {agent} --append \"…\"");
    require_own_or_lead(project, agent.as_str(), "writing another's Working Context")?;
    let by = project.by()?;
    let said = if said == "-" {
        text::read("session context", "-".as_ref())?
    } else {
        text::checked(said, "entry")?
    };
    text::refuse_secrets(&said, "entry", &again)?;
    if said.trim().is_empty() {
        return Err(Error::new(Kind::Usage, "an entry must not be empty").next(again));
    }
    project.decide(&by, "session context", |transaction| {
        let now = project.now();
        let number = match transaction.known(agent.as_str())? {
            Some(entry) => {
                entry.context_saved = Some(true);
                if by == agent.as_str() {
                    entry.beat(now, None);
                }
                entry.issue
            }
            None => None,
        };
        let issue = match number {
            Some(number) => transaction.load(&number.to_string())?,
            None => None,
        };
        cave::fill(transaction, agent, issue.as_deref(), None, now)?;
        cave::add(transaction, agent, part, &by, now, &said)?;
        transaction.say(format!("{by} adds to {agent}'s {}", part.file()), number);
        Ok(())
    })
}

/// The error of an agent without the document.
fn unwritten(project: &Project, agent: &AgentId) -> Result<Error> {
    let status = project.store()?.status()?;
    if !status.agents.contains_key(agent.as_str()) {
        let known = project.store()?.caves()?;
        let error = status::unknown(agent.as_str(), status.agents.keys());
        return Ok(
            match nearest(agent.as_str(), known.iter().map(String::as_str)) {
                Some(near) => error.next(format!("ghp session context {}", word(near))),
                None => error,
            },
        );
    }
    Ok(Error::new(
        Kind::NotFound,
        format!("{agent} has no Working Context yet"),
    )
    .hint("`start` writes it, and so does the first entry")
    .next(format!("ghp session context {agent} --append \"…\"")))
}
