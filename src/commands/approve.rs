//! `ghp approve`: grant a request, or grant paths that nobody asked for.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::approval::{self, Grounds, Ruling, paths};
use super::matter::{self, Decided, Matter};
use super::{issue, presence, role_of_caller, word};
use crate::documents::approval::body;
use crate::documents::paged::Paged;
use crate::domain::agent::Role;
use crate::domain::approval::{Approval, Status};
use crate::domain::escape;
use crate::domain::id::{AgentId, IssueId};
use crate::domain::time::Duration;
use crate::domain::waiting::{Core, Waits, tail};
use crate::error::{Error, Kind, Result};
use crate::host::clock;
use crate::project::Project;
use crate::store::Transaction;

/// Grant what was asked for with `request`; or paths that nobody asked for, with --for or -i
///
/// A shared path is for an orchestrator or a person to grant; one in another issue's scope also for its assignee; one
/// that is only out of scope also for the epic of the issue. Nobody grants their own request, except a person.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Which request (default: the only one that waits on you), or paths and globs
    #[arg(value_name = "ID|PATH")]
    pub what: Vec<String>,
    /// The agent that may change these paths
    #[arg(long = "for", value_name = "AGENT")]
    pub agent: Option<AgentId>,
    /// The issue whose agents may change these paths
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
    /// How long it holds (default: until it is taken away)
    #[arg(long, value_name = "DUR")]
    pub expires: Option<Duration>,
    /// Why
    #[arg(short, long, value_name = "WHY", allow_hyphen_values = true)]
    pub message: Option<String>,
}

/// What was settled.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Report {
    /// As it now stands.
    pub decided: Decided,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    require_time(args.expires)?;
    if args.agent.is_some() || args.issue.is_some() {
        return unasked(project, &args);
    }
    let name = match args.what.as_slice() {
        [] => approval::meant(project, None, "approve")?,
        [one] => match approval::meant(project, Some(one), "approve") {
            Err(error) if error.kind == Kind::NotFound && is_path(project, one) => {
                return Err(for_whom(project, &args.what)?);
            }
            found => found?,
        },
        several => return Err(for_whom(project, several)?),
    };
    let ruling = Ruling::Yes(args.expires);
    let message = args.message.as_deref();
    let decided = approval::settle(project, "approve", &name, ruling, message)?;
    Ok(Report { decided })
}

/// Refuses a permission that would be over at once.
pub(super) fn require_time(expires: Option<Duration>) -> Result<()> {
    if expires.is_some_and(|term| term.seconds() == 0) {
        return Err(
            Error::new(Kind::Usage, "an approval that holds no time allows nothing")
                .hint("say how long, or deny it")
                .next("ghp approvals"),
        );
    }
    Ok(())
}

/// Whether a word that is no id is meant as a path.
fn is_path(project: &Project, word: &str) -> bool {
    word.contains(['/', '.', '*']) || project.here().join(word).exists()
}

/// The error of paths without anybody to grant them to; a request for them is named.
fn for_whom(project: &Project, words: &[String]) -> Result<Error> {
    let paths = paths::from_top(project, words)?;
    let error = Error::new(
        Kind::Usage,
        format!(
            "{} for whom? say --for AGENT or -i N",
            approval::listed(&paths)
        ),
    );
    let waiting = approval::waiting_on_caller(project)?;
    let asked = waiting.iter().find_map(|matter| match matter {
        Matter::Approval(it) if paths.iter().all(|path| it.paths.contains(path)) => Some(it),
        _ => None,
    });
    Ok(if let Some(it) = asked {
        let from = escape::one_line(&it.core.from, 64);
        error
            .hint(format!("{from} asked for it"))
            .next(format!("ghp approve {}", tail(&it.core.id)))
    } else {
        let words: Vec<_> = words.iter().map(|path| word(path)).collect();
        error.next(format!("ghp approve {} --for worker-1", words.join(" ")))
    })
}

/// Grants paths without a request, unless there is one for just these.
fn unasked(project: &Project, args: &Args) -> Result<Report> {
    let by = project.by()?;
    refuse_request(project, args)?;
    let why = approval::reason(args.message.as_deref(), "ghp approve --help")?;
    let approval = wanted(project, args, &by)?;
    require_granter(project, &approval, &by)?;
    let decided = project.decide(&by, "approve", |transaction| {
        let (mut matter, is_new) = match earlier(transaction, &approval, args.expires)? {
            Some(earlier) => (Matter::Approval(earlier), false),
            None => (
                Matter::Approval(new(project, transaction, &approval)?),
                true,
            ),
        };
        let ruling = Ruling::Yes(args.expires);
        let fresh = approval::rule(&mut matter, ruling, why.clone(), &by, clock::now())?;
        match &matter {
            Matter::Approval(it) if is_new => transaction.add(it)?,
            _ => matter.save(transaction)?,
        }
        transaction.say(approval::line(&matter), matter.core().issue);
        Ok(Decided {
            already: !fresh,
            ..Decided::of(&matter)
        })
    })?;
    if let Some(agent) = &args.agent {
        presence::warn_of_stranger(project, agent.as_str())?;
    }
    Ok(Report { decided })
}

/// Refuses an id beside --for or -i: a request says itself whom it is for.
fn refuse_request(project: &Project, args: &Args) -> Result<()> {
    if args.what.is_empty() {
        return Err(Error::new(Kind::Usage, "approve which paths?")
            .next("ghp approve README.md --for worker-1"));
    }
    let [word] = args.what.as_slice() else {
        return Ok(());
    };
    match matter::name(project, word) {
        Ok(name) if !is_path(project, word) => {
            approval::require_approval(&name)?;
            let short = tail(&name.id);
            let said = format!("{short} says itself whom it is for: leave out --for and -i");
            Err(Error::new(Kind::Usage, said).next(format!("ghp approve {short}")))
        }
        _ => Ok(()),
    }
}

/// What is to be granted. An agent that does not lead grants for the issue that it judged by, and no other.
fn wanted(project: &Project, args: &Args, by: &str) -> Result<Approval> {
    let status = project.store()?.status()?;
    let mut issue = args.issue.map(|issue| issue.0);
    if let Some(number) = issue {
        let is_worked_on = status
            .agents
            .values()
            .any(|entry| entry.issue == Some(number));
        let issues = issue::all(project)?;
        if !is_worked_on && !issues.contains_key(&number) {
            let known: Vec<String> = issues.keys().map(ToString::to_string).collect();
            return Err(issue::unknown(number, &known));
        }
    }
    let agent = args.agent.as_ref().map(ToString::to_string);
    let leads = matches!(role_of_caller(project)?, Role::Human | Role::Orchestrator);
    if let (None, Some(agent), false) = (issue, &agent, leads) {
        issue = status.agents.get(agent).and_then(|entry| entry.issue);
    }
    let whom = approval::whom(agent.as_deref(), issue);
    Ok(Approval {
        core: Core {
            from: by.to_owned(),
            title: format!("Granted unasked{whom}"),
            issue,
            ..Core::default()
        },
        // Nothing waits, so that it is not the granter's own request.
        status: Status::Granted,
        paths: paths::from_top(project, &args.what)?,
        agent,
        ..Approval::default()
    })
}

/// Refuses whoever may not grant this, naming who may.
fn require_granter(project: &Project, approval: &Approval, by: &str) -> Result<()> {
    if role_of_caller(project)? == Role::Human {
        return Ok(());
    }
    let grounds = Grounds::of(project)?;
    let judges = approval.judges(&grounds.facts());
    if judges.iter().any(|name| name == by) {
        return Ok(());
    }
    let paths = approval::listed(&approval.paths);
    let judges = approval::in_words(&judges);
    let error = Error::new(
        Kind::NotAuthorised,
        format!("{paths}: that is for {judges} to grant, not for {by}"),
    );
    let words: Vec<_> = approval.paths.iter().map(|path| word(path)).collect();
    Err(error
        .hint("ask for it")
        .next(format!("ghp request {} -m \"…\"", words.join(" "))))
}

/// An open request for just these paths, or the same granted before.
fn earlier(
    transaction: &mut Transaction<'_>,
    wanted: &Approval,
    term: Option<Duration>,
) -> Result<Option<Paged<Approval>>> {
    let all = transaction.all::<Approval>()?;
    let (issue, now) = (wanted.core.issue, clock::now());
    let asked = |it: &&Paged<Approval>| {
        it.is_open()
            && it.agent.is_some()
            && it.agent == wanted.agent
            && (issue.is_none() || it.core.issue == issue)
            && approval::is_same_set(&it.paths, &wanted.paths)
    };
    if let Some(request) = all.iter().find(asked) {
        return Ok(Some(request.clone()));
    }
    // Granted as a request, it is for the issue that the agent works on.
    let works_on = match &wanted.agent {
        Some(agent) => transaction.board()?.agents.get(agent),
        None => None,
    };
    let works_on = works_on.and_then(|entry| entry.issue);
    let is_same = |it: &&Paged<Approval>| {
        let granted = it.status == Status::Granted && !it.is_expired(now);
        granted
            && it.agent == wanted.agent
            && (it.core.issue == issue || issue.is_none() && it.core.issue == works_on)
            && approval::is_same_set(&it.paths, &wanted.paths)
            && term.is_none_or(|term| it.is_granted_for(term))
            && (term.is_some() || it.expires_at.is_none())
    };
    Ok(all.iter().find(is_same).cloned())
}

/// The new document.
fn new(
    project: &Project,
    transaction: &Transaction<'_>,
    wanted: &Approval,
) -> Result<Paged<Approval>> {
    let title = wanted.paths.first().map_or("", String::as_str);
    let id = matter::fresh_id(transaction, title, project.now())?;
    Ok(Paged::new(Approval {
        core: Core {
            body: body(&id, Status::Granted),
            id,
            created_at: Some(project.now()),
            ..wanted.core.clone()
        },
        status: Status::Requested,
        ..wanted.clone()
    }))
}
