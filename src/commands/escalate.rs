//! `ghp escalate`: ask a person.

use std::collections::BTreeSet;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::matter::{self, Decided, Item, Matter};
use super::text::{self, Message};
use super::{one_line, wait};
use crate::documents::escalation::{body, question};
use crate::documents::markdown::quoted;
use crate::documents::paged::Paged;
use crate::domain::conflict;
use crate::domain::escalation::Escalation;
use crate::domain::id::{AgentId, IssueId};
use crate::domain::time::Timestamp;
use crate::domain::waiting::{Core, HUMAN, Waits, by_age, tail};
use crate::error::{Error, Kind, Result};
use crate::host::watch::Patience;
use crate::project::{Caller, Project};
use crate::store::Transaction;

/// Ask a person what you cannot settle yourself
///
/// The question waits in their inbox, and as a file that they may answer with an editor. --wait blocks until it is
/// decided and prints only the decision. Asked again under the same --key, a question counts up instead of repeating,
/// and once decided it stays silent until its words change.
#[derive(Debug, Default, ClapArgs)]
#[command(mut_args(text::message("BODY", "What one must know to answer")))]
pub struct Args {
    /// The question, in one line
    pub title: String,
    /// Issue it is about (default: the one you work on)
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
    /// A path it is about (repeatable)
    #[arg(short, long = "path", value_name = "PATH")]
    pub paths: Vec<String>,
    /// Something to choose (repeatable); numbered from 1
    #[arg(
        short,
        long = "option",
        value_name = "OPTION",
        allow_hyphen_values = true
    )]
    pub options: Vec<String>,
    #[command(flatten)]
    pub text: Message,
    /// A name for the condition behind the question
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Whom to ask: `human`, or an agent (default: whoever may decide)
    #[arg(long, value_name = "WHO")]
    pub to: Option<String>,
    /// Asked twice with the same word, it is one question
    #[arg(long, value_name = "ID")]
    pub request_id: Option<String>,
    /// Block until it is decided, or this long (exit 9)
    #[arg(long, value_name = "DUR", num_args = 0..=1, default_missing_value = "forever")]
    pub wait: Option<Patience>,
}

/// The question that now waits, or what was decided.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Report {
    /// It waits.
    Asked(Box<Item>),
    /// It is decided.
    Decided(Box<Decided>),
}

/// What is asked.
#[derive(Debug, Default)]
pub(crate) struct Question {
    /// In one line.
    pub title: String,
    /// What one must know to answer.
    pub text: String,
    /// What one may choose.
    pub options: Vec<String>,
    /// The paths it is about.
    pub paths: Vec<String>,
    /// What the condition behind it is called.
    pub key: Option<String>,
    /// Whom it is for.
    pub to: Option<String>,
    /// The issue it is about.
    pub issue: Option<u64>,
    /// Asked twice with the same word, it is one question.
    pub request_id: Option<String>,
    /// When it is asked anew although it was decided.
    pub repeat: Repeat,
}

/// When a question is asked again that was decided under its key.
#[derive(Debug, Default)]
pub(crate) enum Repeat {
    /// In other words.
    #[default]
    OtherWords,
    /// About one of these paths, when no decision under its key was about it.
    OtherPaths(BTreeSet<String>),
}

/// What became of it.
pub(crate) enum Asked {
    /// It was asked now.
    New(Paged<Escalation>),
    /// It had been asked.
    Again(Paged<Escalation>),
}

impl Report {
    /// Whether an agent that has read it knows what was decided, and need not be told again.
    pub fn informs(&self) -> bool {
        matches!(self, Report::Decided(_))
    }
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let patience = args.wait;
    let question = checked(project, args)?;
    let (Asked::New(asked) | Asked::Again(asked)) = ask(project, &by, &question)?;
    let matter = Matter::Escalation(asked);
    if let Some(patience) = patience {
        let settled = wait::settled(project, &[matter::name_of(&matter)], patience)?;
        return Ok(Report::Decided(Box::new(Decided::of(
            settled.first().unwrap_or(&matter),
        ))));
    }
    Ok(if matter.waits().is_open() {
        Report::Asked(Box::new(Item::of(
            &matter,
            project.caller()?,
            project.now(),
        )))
    } else {
        Report::Decided(Box::new(Decided::of(&matter)))
    })
}

fn checked(project: &Project, args: Args) -> Result<Question> {
    let title = one_line(&args.title, "title")?;
    if title.is_empty() {
        return Err(Error::new(Kind::Usage, "the question is empty")
            .next("ghp escalate \"Which store?\" -o SQLite -o Files"));
    }
    let text = args.text.read("escalate")?;
    let options = args
        .options
        .iter()
        .map(|option| Ok(quoted(&one_line(option, "option")?)))
        .collect::<Result<Vec<_>>>()?;
    if options.iter().any(String::is_empty) {
        return Err(Error::new(Kind::Usage, "an option is empty").next("ghp escalate --help"));
    }
    for (what, said) in [("title", &title), ("body", &text)]
        .into_iter()
        .chain(options.iter().map(|option| ("option", option)))
    {
        text::refuse_secrets(said, what, "ghp escalate \"…\" -F FILE")?;
    }
    let short = |value: &Option<String>, what| {
        value
            .as_deref()
            .map(|value| one_line(value, what))
            .transpose()
    };
    // The answer to such a question lets an agent go on: only the radar asks it.
    if args
        .key
        .as_deref()
        .is_some_and(|key| key.starts_with(conflict::KEY))
    {
        return Err(Error::new(
            Kind::Usage,
            "keys that begin with \"conflict:\" are for conflicts",
        )
        .hint("those are asked about by")
        .next("ghp conflicts --escalate"));
    }
    Ok(Question {
        title,
        text: quoted(&text),
        options,
        paths: args
            .paths
            .iter()
            .map(|path| one_line(path, "path"))
            .collect::<Result<_>>()?,
        key: short(&args.key, "key")?,
        to: args.to.map(addressee).transpose()?,
        issue: args.issue.map(|issue| issue.0).or(own_issue(project)?),
        request_id: short(&args.request_id, "request id")?,
        repeat: Repeat::default(),
    })
}

/// `human`, or any well-formed agent name.
fn addressee(to: String) -> Result<String> {
    if to == HUMAN {
        Ok(to)
    } else {
        Ok(to.parse::<AgentId>()?.to_string())
    }
}

/// The issue that the caller works on.
pub(crate) fn own_issue(project: &Project) -> Result<Option<u64>> {
    let Caller::Agent(me) = project.caller()? else {
        return Ok(None);
    };
    Ok(project
        .store()?
        .status()?
        .agents
        .get(me.as_str())
        .and_then(|entry| entry.issue))
}

/// Asks, in one decision.
pub(crate) fn ask(project: &Project, by: &str, asked: &Question) -> Result<Asked> {
    project.decide(by, "escalate", |transaction| {
        ask_in(transaction, by, asked, project.now())
    })
}

pub(crate) fn ask_in(
    transaction: &mut Transaction<'_>,
    by: &str,
    asked: &Question,
    now: Timestamp,
) -> Result<Asked> {
    if let Some(mut earlier) = earlier(transaction, by, asked)? {
        let repeated = asked.request_id.is_some() && earlier.core.request_id == asked.request_id;
        if earlier.is_open() && !repeated {
            earlier.count = earlier.count.saturating_add(1);
            transaction.say(
                format!("asked again: {}", earlier.core.title),
                earlier.core.issue,
            );
            transaction.save(&earlier)?;
        }
        return Ok(Asked::Again(earlier));
    }
    let id = matter::fresh_id(transaction, &asked.title, now)?;
    let core = Core {
        body: body(&id, &asked.text, &asked.options),
        id,
        from: by.to_owned(),
        to: asked.to.clone(),
        issue: asked.issue,
        title: asked.title.clone(),
        created_at: Some(now),
        request_id: asked.request_id.clone(),
        ..Core::default()
    };
    let (options, paths, key) = (
        asked.options.clone(),
        asked.paths.clone(),
        asked.key.clone(),
    );
    let new = Paged::new(Escalation {
        core,
        options,
        paths,
        key,
        count: 1,
        ..Escalation::default()
    });
    transaction.say(format!("asked: {}", asked.title), asked.issue);
    transaction.add(&new);
    Ok(Asked::New(new))
}

/// Asks a person all of these in one decision, in the name of a command; a line for each that is new.
pub(crate) fn ask_all(
    project: &Project,
    by: &str,
    command: &str,
    questions: &[Question],
) -> Result<Vec<String>> {
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    let asked = project.decide(by, command, |transaction| {
        questions
            .iter()
            .map(|question| ask_in(transaction, by, question, project.now()))
            .collect::<Result<Vec<_>>>()
    })?;
    let line = |asked| match asked {
        Asked::New(new) => {
            let new: Paged<Escalation> = new;
            Some(format!(
                "asked a person: {} ({})",
                new.core.title,
                tail(&new.core.id)
            ))
        }
        Asked::Again(_) => None,
    };
    Ok(asked.into_iter().filter_map(line).collect())
}

/// The question that this one repeats: of the same request, or the last one under the same key that is open, or was
/// decided in the same words.
fn earlier(
    transaction: &mut Transaction<'_>,
    by: &str,
    asked: &Question,
) -> Result<Option<Paged<Escalation>>> {
    if asked.key.is_none() && asked.request_id.is_none() {
        return Ok(None);
    }
    let all = transaction.all::<Escalation>()?;
    let same_request = |it: &&Paged<Escalation>| {
        asked.request_id.is_some() && it.core.request_id == asked.request_id && it.core.from == by
    };
    if let Some(found) = all.iter().find(same_request) {
        return Ok(Some(found.clone()));
    }
    let same_key = |it: &Paged<Escalation>| asked.key.is_some() && it.key == asked.key;
    let is_decided = |it: &Escalation| it.decision.is_some() && !it.withdrawn;
    let decided: BTreeSet<String> = all
        .iter()
        .filter(|it| same_key(it) && is_decided(it))
        .flat_map(|it| it.paths.iter().cloned())
        .collect();
    let last = all.into_iter().filter(same_key).max_by(|a, b| {
        a.is_open()
            .cmp(&b.is_open())
            .then_with(|| by_age(&a.core, &b.core))
    });
    let says_nothing_new = |it: &Escalation| match &asked.repeat {
        Repeat::OtherWords => it.core.title == asked.title && question(&it.core.body) == asked.text,
        Repeat::OtherPaths(paths) => paths.is_subset(&decided),
    };
    Ok(last.filter(|it| it.is_open() || is_decided(it) && says_nothing_new(it)))
}

/// Asks a person once under a key, in the name of a command; the id when this is a new question.
pub(crate) fn ask_keyed(
    project: &Project,
    by: &str,
    key: &str,
    title: &str,
    body: &str,
    issue: Option<u64>,
) -> Result<Option<String>> {
    let asked = Question {
        title: title.to_owned(),
        text: quoted(body),
        key: Some(key.to_owned()),
        issue,
        ..Question::default()
    };
    Ok(match ask(project, by, &asked)? {
        Asked::New(new) => Some(tail(&new.core.id).to_owned()),
        Asked::Again(_) => None,
    })
}
