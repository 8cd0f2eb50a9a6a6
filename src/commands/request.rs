//! `ghp request`: an agent asks to change paths that are not its own.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::approval::{self, Grounds, paths};
use super::matter::{self, Decided, Item, Matter};
use super::{escalate, issue, one_line, text, wait};
use crate::documents::approval::body;
use crate::documents::paged::Paged;
use crate::domain::approval::{Approval, Status};
use crate::domain::branch::issue_of;
use crate::domain::id::IssueId;
use crate::domain::issue::Issue;
use crate::domain::waiting::{Core, Waits};
use crate::error::{Error, Kind, Result};
use crate::git::code_config;
use crate::host::clock;
use crate::host::watch::Patience;
use crate::project::{Caller, Project};
use crate::store::Transaction;

/// Ask to change shared files, or paths that are another's
///
/// The request waits on whoever may grant it: for a shared path an orchestrator or a person, for one in another issue's
/// scope also its assignee, for one that is only out of scope also the epic of your issue. --wait blocks until it is
/// decided and prints only the decision: exit 0 when it is granted, 3 when it is denied. Granted, it is for you, on this
/// issue.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Paths and globs, relative to where you are
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<String>,
    /// Why, in one line
    #[arg(
        short,
        long,
        value_name = "WHY",
        required = true,
        allow_hyphen_values = true
    )]
    pub message: String,
    /// Issue it is for (default: the one you work on)
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
    /// Asked twice with the same word, it is one request
    #[arg(long, value_name = "ID")]
    pub request_id: Option<String>,
    /// Block until it is decided, or this long (exit 9)
    #[arg(long, value_name = "DUR", num_args = 0..=1, default_missing_value = "forever")]
    pub wait: Option<Patience>,
}

/// The request that now waits, or what was decided.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Report {
    /// It waits.
    Asked(Box<Asked>),
    /// It had been decided before.
    Before(Box<Decided>),
    /// It is decided, after a wait.
    Decided(Box<Decided>),
}

/// A request that waits.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Asked {
    /// As it waits.
    #[serde(flatten)]
    pub item: Item,
    /// Who may grant it: agents, and `human` for the people.
    pub approvers: Vec<String>,
    /// It had been asked for before.
    #[serde(skip)]
    pub already: bool,
}

impl Report {
    /// Whether an agent that has read it knows what was decided, and need not be told again.
    pub fn informs(&self) -> bool {
        !matches!(self, Report::Asked(_))
    }
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let me = asker(project)?;
    let patience = args.wait;
    let wanted = wanted(project, &me, args)?;
    let (found, already) = ask(project, &me, &wanted)?;
    let approvers = found.judges(&Grounds::of(project)?.facts());
    let matter = Matter::Approval(found);
    if let Some(patience) = patience {
        let settled = wait::settled(project, &[matter::name_of(&matter)], patience)?;
        let decided = Decided::of(settled.first().unwrap_or(&matter));
        return Ok(Report::Decided(Box::new(decided)));
    }
    Ok(if matter.waits().is_open() {
        let item = Item::of(&matter, project.caller()?, project.now());
        Report::Asked(Box::new(Asked {
            item,
            approvers,
            already,
        }))
    } else {
        Report::Before(Box::new(Decided {
            already: true,
            ..Decided::of(&matter)
        }))
    })
}

/// The agent that asks; a person needs no approval.
fn asker(project: &Project) -> Result<String> {
    if let Caller::Human(_) = project.caller()? {
        return Err(
            Error::new(Kind::NoAgent, "a person needs no approval to change a file")
                .hint("say which agent asks, or grant it unasked")
                .next("ghp approve PATH --for worker-1"),
        );
    }
    Ok(project.me()?.to_string())
}

fn wanted(project: &Project, me: &str, args: Args) -> Result<Approval> {
    let title = one_line(&args.message, "reason")?;
    let again = "ghp request PATH -m \"…\"";
    if title.is_empty() {
        return Err(Error::new(Kind::Usage, "say why, in one line").next(again));
    }
    text::refuse_secrets(&title, "reason", again)?;
    let request_id = args.request_id.as_deref();
    Ok(Approval {
        core: Core {
            from: me.to_owned(),
            issue: match args.issue {
                Some(issue) => Some(issue.0),
                None => issue_in_hand(project, me)?,
            },
            title,
            request_id: request_id
                .map(|word| one_line(word, "request id"))
                .transpose()?,
            ..Core::default()
        },
        paths: paths::from_top(project, &args.paths)?,
        agent: Some(me.to_owned()),
        ..Approval::default()
    })
}

/// The issue of this worktree's branch if the agent holds it, else the one that its entry names.
fn issue_in_hand(project: &Project, me: &str) -> Result<Option<u64>> {
    if let Some(branch) = project.place.head()?.branch() {
        let noted = code_config::of_branch(&project.place.common, Some(branch))?.issue;
        let issues = issue::all(project)?;
        let pattern = project.config()?.branch_pattern()?;
        let named = issue_of(
            &pattern,
            branch,
            |_| true,
            |number| issues.contains_key(&number),
        );
        let is_here = |issue: &&Issue| {
            let number = Some(issue.number);
            number == noted || number == named || issue.branch.as_deref() == Some(branch)
        };
        let mut mine = issues.values().filter(|issue| issue.is_held_by(me));
        if let Some(issue) = mine.find(is_here) {
            return Ok(Some(issue.number));
        }
    }
    escalate::own_issue(project)
}

/// Writes the request; `true`: it was there already.
fn ask(project: &Project, me: &str, wanted: &Approval) -> Result<(Paged<Approval>, bool)> {
    project.decide(me, "request", |transaction| {
        if let Some(earlier) = earlier(transaction, me, wanted)? {
            return Ok((earlier, true));
        }
        let first = wanted.paths.first().map_or("", String::as_str);
        let slug = format!("{first} {}", wanted.core.title);
        let id = matter::fresh_id(transaction, &slug, project.now())?;
        let new = Paged::new(Approval {
            core: Core {
                body: body(&id, Status::Requested),
                id,
                created_at: Some(project.now()),
                ..wanted.core.clone()
            },
            ..wanted.clone()
        });
        let said = approval::line(&Matter::Approval(new.clone()));
        transaction.say(said, wanted.core.issue);
        transaction.add(&new);
        Ok((new, false))
    })
}

/// The request that this one repeats: of the same request id, open for the same paths, or granted for all of them.
fn earlier(
    transaction: &mut Transaction<'_>,
    me: &str,
    wanted: &Approval,
) -> Result<Option<Paged<Approval>>> {
    let all = transaction.all::<Approval>()?;
    let word = wanted.core.request_id.as_deref();
    let same_word = |it: &&Paged<Approval>| {
        word.is_some() && it.core.request_id.as_deref() == word && it.core.from == me
    };
    if let Some(found) = all.iter().find(same_word) {
        return Ok(Some(found.clone()));
    }
    let issue = wanted.core.issue;
    let same = |it: &&Paged<Approval>| {
        it.is_open()
            && it.agent.as_deref() == Some(me)
            && it.core.issue == issue
            && approval::is_same_set(&it.paths, &wanted.paths)
    };
    if let Some(found) = all.iter().find(same) {
        return Ok(Some(found.clone()));
    }
    let now = clock::now();
    let allows_all = |it: &&Paged<Approval>| {
        let mut paths = wanted.paths.iter();
        paths.all(|path| it.covers_all_of(path, me, issue, now))
    };
    Ok(all.iter().find(allows_all).cloned())
}
