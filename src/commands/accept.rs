//! `ghp accept`: take an issue that another agent hands on.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::matter::{self, Decided, Matter, Name};
use super::{cave, holding};
use crate::documents::paged::Paged;
use crate::domain::escape;
use crate::domain::handoff::{Handoff, Refusal};
use crate::domain::id::AgentId;
use crate::domain::issue::Issue;
use crate::domain::waiting::{Kind as Waiting, tail};
use crate::error::{Error, Kind, Result};
use crate::git::checkouts;
use crate::git::place::Place;
use crate::project::Project;
use crate::store::Transaction;

/// Take an issue that is handed to you, and hear where to work
///
/// Assignment and status of both agents move as one, then the label of the worktree that has the branch. Whoever had the
/// issue hears it at the next heartbeat (exit 6). Only the addressee may; a handoff to nobody in particular is for
/// whoever comes first.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which handoff (default: the only one addressed to you)
    pub id: Option<String>,
}

/// What is yours now, and where to work.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The handoff.
    #[serde(flatten)]
    pub handoff: Decided,
    /// Whose the issue is now.
    pub agent: AgentId,
    /// Where its branch is checked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worktree: Option<PathBuf>,
    /// How often the issue has changed hands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fence: Option<u64>,
    /// It was yours before.
    pub already: bool,
    /// The command to type next.
    pub next: String,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let me = project.me()?;
    let name = meant(project, me, args.id.as_deref())?;
    let (handoff, fence, fresh) = project.decide(me.as_str(), "accept", |transaction| {
        take(project, transaction, me, &name)
    })?;
    let worktree = match &handoff.branch {
        Some(branch) if fresh => move_label(project, me, &handoff.core.from, branch)?,
        _ => None,
    };
    let next = match handoff.core.issue {
        Some(number) if worktree.is_none() => format!("ghp start {number} --worktree"),
        _ => format!("ghp show {}", tail(&name.id)),
    };
    let worktree = worktree.and_then(|place| place.worktree);
    Ok(Report {
        handoff: Decided::of(&Matter::Handoff(handoff)),
        agent: me.clone(),
        worktree,
        fence,
        already: !fresh,
        next,
    })
}

/// The handoff that is meant: the one named, or the only open one addressed to the caller.
fn meant(project: &Project, me: &AgentId, word: Option<&str>) -> Result<Name> {
    if let Some(word) = word {
        let name = matter::name(project, word)?;
        let short = tail(&name.id);
        return match name.kind {
            Waiting::Handoff => Ok(name),
            Waiting::Escalation => Err(Error::new(
                Kind::Usage,
                format!("{short} is a question: it is answered, not accepted"),
            )
            .next(format!("ghp answer {short} \"…\""))),
            Waiting::Approval => Err(Error::new(
                Kind::Usage,
                format!("{short} is an approval: it is granted, not accepted"),
            )
            .next(format!("ghp approve {short}"))),
            Waiting::Task => Err(Error::new(
                Kind::Usage,
                format!("{short} is a task: it is taken, not accepted"),
            )
            .next(format!("ghp task take {short}"))),
        };
    }
    let open = matter::open(project, &[Waiting::Handoff])?;
    let (mine, rest): (Vec<_>, Vec<_>) = open
        .into_iter()
        .partition(|matter| matter.core().is_to(me.as_str()));
    match mine.as_slice() {
        [only] => Ok(matter::name_of(only)),
        [] => {
            let error = Error::new(Kind::NotFound, format!("no handoff waits for {me}"));
            let anybody = rest
                .iter()
                .find(|matter| matter.core().to.is_none() && matter.core().from != me.as_str());
            Err(match anybody {
                Some(other) => error
                    .hint("one waits for anybody")
                    .next(format!("ghp accept {}", tail(&other.core().id))),
                None => error.next("ghp next"),
            })
        }
        several => Err(matter::several(
            "accept which?",
            several.iter().map(matter::listed),
            "ghp accept",
        )),
    }
}

/// Moves everything that documents say, as one; `false`: it had moved before.
fn take(
    project: &Project,
    transaction: &mut Transaction<'_>,
    me: &AgentId,
    name: &Name,
) -> Result<(Paged<Handoff>, Option<u64>, bool)> {
    let now = project.now();
    let Matter::Handoff(mut handoff) = matter::load_in(transaction, name)? else {
        unreachable!("named as a handoff")
    };
    let fresh = handoff
        .accept(me.as_str(), now)
        .map_err(|refusal| refused(project, &handoff, me, refusal))?;
    let number = handoff.core.issue;
    let issue = match number {
        Some(number) => transaction.load::<Issue>(&number.to_string())?,
        None => None,
    };
    if !fresh {
        return Ok((handoff, issue.and_then(|issue| issue.fence), false));
    }
    transaction.save(&handoff)?;
    let from = handoff.core.from.clone();
    transaction.say(
        format!("{me} accepts #{} from {from}", number.unwrap_or_default()),
        number,
    );
    let Some(number) = number else {
        return Ok((handoff, None, true));
    };
    let mut issue = issue.unwrap_or_else(|| holding::untold(number, &from, now));
    holding::refuse_closed(&issue)?;
    require_givers(&issue, &from, me)?;
    issue.assign(me.as_str());
    transaction.save(&issue)?;
    cave::begin(transaction, me, &issue, now)?;
    // The giver's entry keeps the issue: its next heartbeat finds it to be another's.
    if let Some(giver) = transaction.known(&from)?
        && giver.issue == Some(number)
    {
        giver.set_status("idle");
    }
    holding::work_on(transaction, me, &issue, now, "Accepted")?;
    Ok((handoff, issue.fence, true))
}

/// Refuses when the issue has meanwhile gone to a third agent.
fn require_givers(issue: &Issue, from: &str, me: &AgentId) -> Result<()> {
    match issue.assignee.as_deref() {
        Some(owner) if owner != from && owner != me.as_str() => {
            let owner = escape::one_line(owner, 64);
            Err(Error::new(
                Kind::ClaimHeld,
                format!(
                    "#{} is {owner}'s by now, not {}'s to give",
                    issue.number,
                    escape::one_line(from, 64)
                ),
            )
            .hint("take another")
            .next("ghp next"))
        }
        _ => Ok(()),
    }
}

fn refused(project: &Project, handoff: &Paged<Handoff>, me: &AgentId, refusal: Refusal) -> Error {
    let short = tail(&handoff.core.id);
    match refusal {
        Refusal::NotAddressed => {
            let to = escape::one_line(handoff.core.to.as_deref().unwrap_or_default(), 64);
            Error::new(
                Kind::NotAuthorised,
                format!("{short} is for {to}, and you are {me}"),
            )
            .hint("ask its maker")
            .next(format!("ghp reply {short} \"…\""))
        }
        Refusal::Own => Error::new(Kind::Usage, format!("{short} is your own: take it back"))
            .next(format!("ghp cancel {short}")),
        Refusal::Settled => matter::settled(&Matter::Handoff(handoff.clone()), project.now()),
    }
}

/// The worktree that has the branch is the agent's now, and says so; where it cannot be labelled, that is a warning: the
/// issue has moved already. The main worktree, where people work, only takes the place of another agent's label.
fn move_label(project: &Project, me: &AgentId, from: &str, branch: &str) -> Result<Option<Place>> {
    let Some(place) = checkouts::on_branch(&project.place, branch)?
        .into_iter()
        .next()
    else {
        return Ok(None);
    };
    let label = place.label();
    let is_free = match label.as_deref() {
        None => place.git_dir != place.common,
        Some(label) => label == from,
    };
    if is_free {
        if let Err(error) = place.set_label(Some(me.as_str())) {
            project.warn(format!(
                "the worktree is not labelled yet ({error}); in it, run: ghp whoami --set {me}"
            ));
        }
    } else if let Some(other) = label.filter(|label| label != me.as_str()) {
        project.warn(format!(
            "the worktree with {branch} is labelled for {}; it stays so",
            escape::one_line(&other, 64)
        ));
    }
    Ok(Some(place))
}
