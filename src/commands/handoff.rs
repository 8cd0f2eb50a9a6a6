//! `ghp handoff`: give an issue on, with what one knows.

mod facts;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::matter::{self, Item, Matter};
use super::text::{self, Message};
use super::{agent_word, holding, one_line, presence, role_of_caller};
use crate::documents::handoff::body;
use crate::documents::paged::Paged;
use crate::domain::agent::Role;
use crate::domain::escape;
use crate::domain::handoff::{Facts, Handoff};
use crate::domain::id::{AgentId, IssueId};
use crate::domain::issue::Issue;
use crate::domain::waiting::{Core, HUMAN, Waits, tail};
use crate::error::{Error, Kind, Result};
use crate::project::Project;
use crate::store::{Checkpoint, Transaction};

/// Give your issue on, with what the next agent should know
///
/// Writes what really is, from git and the documents, under Progress, Blockers, Next steps and Context; your note goes
/// to the next steps, or under those headings if it has them. Nothing moves until somebody accepts. What looks like a
/// credential is refused.
#[derive(Debug, Default, ClapArgs)]
#[command(mut_args(text::message("NOTE", "What you know and no document says")))]
pub struct Args {
    /// Who is to go on (default: anybody)
    #[arg(value_name = "TO")]
    pub to: Option<String>,
    /// Which issue (default: the one you work on)
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
    #[command(flatten)]
    pub text: Message,
    /// Written twice with the same word, it is one handoff
    #[arg(long, value_name = "ID")]
    pub request_id: Option<String>,
}

/// The handoff that now waits.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// As it waits.
    #[serde(flatten)]
    pub item: Item,
    /// The branch of the work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The commit where it left the main branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// How many commits there are since then.
    pub commits: usize,
    /// Paths that no commit holds: in another worktree they are not there.
    pub uncommitted: Vec<String>,
    /// The issue is the addressee's already: the giver has only to let go of it.
    #[serde(skip)]
    pub lost: bool,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let me = project.me()?;
    let number = meant(project, me, args.issue)?;
    let to = args
        .to
        .as_deref()
        .map(|to| addressee(to, me, number))
        .transpose()?
        .flatten();
    let note = args.text.read("handoff")?;
    text::refuse_secrets(&note, "note", "ghp handoff WHO -F FILE")?;
    let request_id = args
        .request_id
        .as_deref()
        .map(|id| one_line(id, "request id"))
        .transpose()?;
    let issue = project
        .store()?
        .load::<Issue>(&number.to_string())?
        .map(Paged::into_inner);
    require_giver(project, me, number, issue.as_ref(), to.as_deref())?;
    let facts = facts::gather(project, me, number, issue.as_ref(), note)?;
    for said in [&facts.last_action, &facts.context_summary] {
        text::refuse_secrets(
            said.as_deref().unwrap_or_default(),
            "last action",
            "ghp heartbeat -m \"…\"",
        )?;
    }
    let title = issue
        .as_ref()
        .map_or_else(|| format!("Issue {number}"), |issue| issue.title.clone());
    text::refuse_secrets(
        &title,
        "issue's title",
        &format!("ghp issue edit {number} --title \"…\""),
    )?;
    let (written, fresh) = project.decide(me.as_str(), "handoff", |transaction| {
        if let Some(same) = repeated(transaction, me, request_id.as_deref())? {
            return Ok((same, false));
        }
        replace_earlier(project, transaction, me, number)?;
        let id = matter::fresh_id(transaction, &title, project.now())?;
        let core = Core {
            id,
            from: me.to_string(),
            to: to.clone(),
            issue: Some(number),
            title: title.clone(),
            created_at: Some(project.now()),
            request_id: request_id.clone(),
            body: body(&facts),
            ..Core::default()
        };
        let handoff = Paged::new(Handoff {
            core,
            branch: facts.branch.clone(),
            base: facts.base.clone(),
            ..Handoff::default()
        });
        transaction.add(&handoff);
        if let Some(entry) = transaction.known(me.as_str())? {
            entry.context_saved = Some(true);
            entry.beat(project.now(), None);
        }
        transaction.say(
            format!(
                "{me} offers #{number} to {}",
                to.as_deref().unwrap_or("anybody")
            ),
            Some(number),
        );
        Ok((handoff, true))
    })?;
    if fresh {
        checkpoint(project);
    }
    if let Some(to) = to {
        presence::warn_of_stranger(project, &to)?;
    }
    report(project, written, &facts, issue.as_ref())
}

/// The addressee: an agent, or anybody.
fn addressee(to: &str, me: &AgentId, number: u64) -> Result<Option<String>> {
    match to {
        "any" => Ok(None),
        HUMAN => Err(Error::new(
            Kind::Usage,
            "a person takes no issue: only agents accept handoffs",
        )
        .hint("ask one instead")
        .next(format!("ghp escalate \"…\" -i {number}"))),
        name if name == me.as_str() => Err(Error::new(
            Kind::Usage,
            "a handoff to yourself changes nothing",
        )
        .next("ghp handoff WHO -m \"…\"")),
        name => Ok(Some(name.parse::<AgentId>()?.to_string())),
    }
}

/// The issue that is meant: the one named, the one of one's entry, or the only one that one holds.
fn meant(project: &Project, me: &AgentId, named: Option<IssueId>) -> Result<u64> {
    let store = project.store()?;
    if let Some(number) = named.map(|issue| issue.0).or(store
        .status()?
        .agents
        .get(me.as_str())
        .and_then(|entry| entry.issue))
    {
        return Ok(number);
    }
    let issues = store.readable::<Issue>()?;
    let mut held = issues
        .iter()
        .filter(|issue| issue.is_open() && issue.is_held_by(me.as_str()))
        .map(|issue| issue.number);
    match (held.next(), held.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(
            Error::new(Kind::Usage, format!("which issue does {me} give on?"))
                .hint("name it")
                .next("ghp handoff -i N"),
        ),
    }
}

/// One gives on what one holds, or held: whoever lost an issue hands on what it knows of it, to its holder. What `accept`
/// would refuse is not offered.
fn require_giver(
    project: &Project,
    me: &AgentId,
    number: u64,
    issue: Option<&Issue>,
    to: Option<&str>,
) -> Result<()> {
    if let Some(issue) = issue {
        holding::refuse_closed(issue)?;
    }
    let works_on = project
        .store()?
        .status()?
        .agents
        .get(me.as_str())
        .and_then(|entry| entry.issue);
    let owner = issue.and_then(|issue| issue.assignee.as_deref());
    let knows = works_on == Some(number);
    let leads = role_of_caller(project)? == Role::Orchestrator;
    let is_owners = owner.is_none() || owner == to;
    if owner == Some(me.as_str()) || (knows || leads) && is_owners {
        return Ok(());
    }
    let owner = owner.unwrap_or("nobody");
    let error = Error::new(
        Kind::NotAuthorised,
        format!(
            "#{number} is {}'s, not yours to give on",
            escape::one_line(owner, 64)
        ),
    );
    Err(if leads {
        error
            .hint("you lead: assign it")
            .next(format!("ghp assign {number} {}", to.unwrap_or("AGENT")))
    } else if knows {
        error.hint("say to its holder what you know").next(format!(
            "ghp handoff {} -i {number} -m \"…\"",
            agent_word(owner)
        ))
    } else {
        error.next("ghp whoami")
    })
}

fn repeated(
    transaction: &mut Transaction<'_>,
    me: &AgentId,
    request_id: Option<&str>,
) -> Result<Option<Paged<Handoff>>> {
    let Some(request_id) = request_id else {
        return Ok(None);
    };
    let same = |it: &Paged<Handoff>| {
        it.core.from == me.as_str() && it.core.request_id.as_deref() == Some(request_id)
    };
    Ok(transaction.all::<Handoff>()?.into_iter().find(same))
}

/// One's earlier offer of the same issue is taken back: it says what was.
fn replace_earlier(
    project: &Project,
    transaction: &mut Transaction<'_>,
    me: &AgentId,
    number: u64,
) -> Result<()> {
    let is_mine = |it: &Paged<Handoff>| {
        it.is_open() && it.core.from == me.as_str() && it.core.issue == Some(number)
    };
    for mut earlier in transaction.all::<Handoff>()?.into_iter().filter(is_mine) {
        // It is open: it can be taken back.
        let _ = earlier.withdraw(
            me.as_str(),
            Some("a newer handoff replaces it"),
            project.now(),
        );
        transaction.save(&earlier)?;
    }
    Ok(())
}

/// What the next agent relies on goes into a commit at once; the handoff stands even if that has to wait.
fn checkpoint(project: &Project) {
    match project.store().and_then(|store| Ok(store.checkpoint()?)) {
        Ok(Checkpoint::Made(_)) => {}
        Ok(Checkpoint::PutOff(why)) => project.warn(format!("checkpoint put off: {why}")),
        Err(error) => project.warn(format!(
            "checkpoint failed, the log keeps everything: {error}"
        )),
    }
}

fn report(
    project: &Project,
    written: Paged<Handoff>,
    facts: &Facts,
    issue: Option<&Issue>,
) -> Result<Report> {
    let lost = written
        .core
        .to
        .as_deref()
        .is_some_and(|to| issue.is_some_and(|issue| issue.is_held_by(to)));
    let (branch, base) = (written.branch.clone(), written.base.clone());
    let matter = Matter::Handoff(written);
    let mut item = Item::of(&matter, project.caller()?, project.now());
    item.next = match (&item.to, item.issue) {
        (_, Some(number)) if lost => format!("ghp release {number}"),
        (to, _) => format!(
            "ghp --agent {} accept {}",
            agent_word(to.as_deref().unwrap_or_default()),
            tail(&item.id)
        ),
    };
    let uncommitted = facts
        .uncommitted
        .iter()
        .map(|(_, path)| path.clone())
        .collect();
    Ok(Report {
        item,
        branch,
        base,
        commits: facts.commits.len(),
        uncommitted,
        lost,
    })
}
