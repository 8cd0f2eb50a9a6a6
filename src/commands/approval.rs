//! What the verbs share about approvals: who may settle one, settling it, and which are in force.

pub(crate) mod paths;

use std::collections::BTreeMap;

use super::matter::{self, Decided, Matter, Name};
use super::{agent_word, issue, one_line, role_of_caller, text, word};
use crate::documents::approval::is_perhaps_granted;
use crate::domain::agent::Role;
use crate::domain::approval::{Approval, Facts, Status};
use crate::domain::escape;
use crate::domain::glob::Glob;
use crate::domain::issue::Issue;
use crate::domain::time::{Duration, Timestamp};
use crate::domain::waiting::{HUMAN, Kind as Waiting, Waits, tail};
use crate::error::{Error, Kind, Result};
use crate::git::code_config;
use crate::host::clock;
use crate::project::{Caller, Project};

/// What the documents say about who may grant, read once.
#[derive(Debug)]
pub(crate) struct Grounds {
    issues: BTreeMap<u64, Issue>,
    shared: Vec<Glob>,
    orchestrators: Vec<String>,
    epics: Vec<(u64, String)>,
    ignores_case: bool,
}

impl Grounds {
    /// As they stand now.
    pub(crate) fn of(project: &Project) -> Result<Grounds> {
        let config = project.config()?;
        Ok(Grounds {
            issues: issue::all(project)?,
            shared: config.shared_files()?,
            orchestrators: config.orchestrators()?,
            epics: config.epics()?,
            ignores_case: code_config::of_branch(&project.place.common, None)?.ignore_case,
        })
    }

    /// The same as a rule takes it.
    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            issues: &self.issues,
            shared: &self.shared,
            orchestrators: &self.orchestrators,
            epics: &self.epics,
            ignores_case: self.ignores_case,
        }
    }
}

/// The approvals that are granted, expired ones too: [`Approval::covers`] looks at the time. What cannot be read allows
/// nothing, and is warned about.
pub(crate) fn granted(project: &Project) -> Result<Vec<Approval>> {
    let found = matter::all(project, &[Waiting::Approval], |_, text| {
        is_perhaps_granted(text)
    })?;
    let approval = |matter| match matter {
        Matter::Approval(it) if it.status == Status::Granted => Some(it.into_inner()),
        _ => None,
    };
    Ok(found.into_iter().filter_map(approval).collect())
}

/// The open requests that the caller may settle, the longest-waiting first.
pub(crate) fn waiting_on_caller(project: &Project) -> Result<Vec<Matter>> {
    let mut open = matter::open(project, &[Waiting::Approval])?;
    if let Caller::Agent(me) = project.caller()?
        && !open.is_empty()
    {
        let grounds = Grounds::of(project)?;
        open.retain(|matter| may_settle(matter, me.as_str(), &grounds));
    }
    Ok(open)
}

/// Whether this is an approval that an agent may settle.
pub(crate) fn may_settle(matter: &Matter, agent: &str, grounds: &Grounds) -> bool {
    matches!(matter, Matter::Approval(it) if it.may_settle(agent, &grounds.facts()))
}

/// The approval that a word means, else the only open one that the caller may settle.
pub(crate) fn meant(project: &Project, word: Option<&str>, verb: &str) -> Result<Name> {
    if let Some(word) = word {
        let name = matter::name(project, word)?;
        require_approval(&name)?;
        return Ok(name);
    }
    project.by()?;
    let open = waiting_on_caller(project)?;
    match open.as_slice() {
        [only] => Ok(matter::name_of(only)),
        [] => Err(Error::new(
            Kind::NotFound,
            format!("{verb} what? no approval waits on you"),
        )
        .next("ghp inbox")),
        several => Err(matter::several(
            &format!("{verb} which?"),
            several.iter().map(matter::listed),
            &format!("ghp {verb}"),
        )),
    }
}

/// Refuses what is no approval, naming the verb for it.
pub(crate) fn require_approval(name: &Name) -> Result<()> {
    let short = tail(&name.id);
    let (what, next) = match name.kind {
        Waiting::Approval => return Ok(()),
        Waiting::Escalation => (
            "a question: it is answered, not approved",
            format!("ghp answer {short} \"…\""),
        ),
        Waiting::Handoff => (
            "a handoff: it is accepted, not approved",
            format!("ghp accept {short}"),
        ),
        Waiting::Task => (
            "a task: it is answered by whoever does it, not approved",
            format!("ghp task show {short}"),
        ),
    };
    Err(Error::new(Kind::Usage, format!("{short} is {what}")).next(next))
}

/// Refuses whoever may not settle it, naming who may.
pub(crate) fn require_judge(project: &Project, approval: &Approval) -> Result<()> {
    let by = project.by()?;
    if role_of_caller(project)? == Role::Human {
        return Ok(());
    }
    let grounds = Grounds::of(project)?;
    if approval.may_settle(&by, &grounds.facts()) {
        return Ok(());
    }
    let whose = if approval.core.from == by {
        "your own".to_owned()
    } else {
        format!("{}'s", escape::one_line(&approval.core.from, 64))
    };
    let what = if approval.is_open() {
        "request"
    } else {
        "approval"
    };
    let paths = listed(&approval.paths);
    let short = tail(&approval.core.id);
    let judges = in_words(&approval.judges(&grounds.facts()));
    let said = format!(
        "{short} is {whose} {what} for {paths}: it is for {judges} to decide, not for {by}"
    );
    Err(Error::new(Kind::NotAuthorised, said)
        .hint("wait for the decision")
        .next(format!("ghp wait {short}")))
}

/// What is decided.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ruling {
    /// Allowed, so long or without an end.
    Yes(Option<Duration>),
    /// Refused, or taken away.
    No,
}

/// Settles one as a decision of its own.
pub(crate) fn settle(
    project: &Project,
    verb: &str,
    name: &Name,
    ruling: Ruling,
    why: Option<&str>,
) -> Result<Decided> {
    let by = project.by()?;
    let again = format!("ghp {verb} {}", tail(&name.id));
    let why = reason(why, &again)?;
    if let Some(Matter::Approval(found)) = matter::load(project, name)? {
        require_judge(project, &found)?;
    }
    project.decide(&by, verb, |transaction| {
        let mut found = matter::load_in(transaction, name)?;
        let fresh = rule(&mut found, ruling, why.clone(), &by, clock::now())?;
        found.save(transaction)?;
        transaction.say(line(&found), found.core().issue);
        Ok(Decided {
            already: !fresh,
            ..Decided::of(&found)
        })
    })
}

/// A reason on one line that holds no credential. `again`: the command to say it again with.
pub(crate) fn reason(why: Option<&str>, again: &str) -> Result<Option<String>> {
    let why = why.map(|why| one_line(why, "reason")).transpose()?;
    text::refuse_secrets(why.as_deref().unwrap_or_default(), "reason", again)?;
    Ok(why.filter(|why| !why.is_empty()))
}

/// Rules on an approval; `false`: so it was already. What was decided otherwise is an error that says it.
pub(crate) fn rule(
    found: &mut Matter,
    ruling: Ruling,
    why: Option<String>,
    by: &str,
    now: Timestamp,
) -> Result<bool> {
    let Matter::Approval(approval) = found else {
        require_approval(&matter::name_of(found))?;
        return Ok(false);
    };
    if approval.is_decided_by_hand() {
        approval.note_hand(now);
    }
    let ruled = match ruling {
        Ruling::Yes(term) => approval.grant(term, why, by, now),
        Ruling::No => approval.deny(why, by, now),
    };
    ruled.map_err(|_| otherwise(found, now))
}

/// An answer is not changed by another answer; taking a granted one away is `deny`'s to do.
pub(crate) fn refuse_reversal(found: &Matter, ruling: Ruling) -> Result<()> {
    match (found, ruling) {
        (Matter::Approval(it), Ruling::No) if it.status == Status::Granted => {
            Err(otherwise(found, clock::now()))
        }
        _ => Ok(()),
    }
}

/// What was decided first, and how to come to another decision.
fn otherwise(found: &Matter, now: Timestamp) -> Error {
    let error = matter::settled(found, now);
    let Matter::Approval(approval) = found else {
        return error;
    };
    match approval.status {
        Status::Granted => error
            .hint("take it away first")
            .next(format!("ghp deny {}", tail(&approval.core.id))),
        Status::Denied | Status::Revoked => error
            .hint("grant the paths anew")
            .next(format!("ghp approve {}", again(approval))),
        Status::Requested | Status::Withdrawn => error,
    }
}

/// The words that grant the same paths without a request.
fn again(approval: &Approval) -> String {
    let paths: Vec<_> = approval.paths.iter().map(|path| word(path)).collect();
    let whom = match (&approval.agent, approval.core.issue) {
        (Some(agent), _) => format!("--for {}", agent_word(agent)),
        (None, Some(issue)) => format!("-i {issue}"),
        (None, None) => "--for AGENT".to_owned(),
    };
    format!("{} {whom}", paths.join(" "))
}

/// One line for the history: `granted q7mt: README.md for worker-1 on #147`.
pub(crate) fn line(found: &Matter) -> String {
    let Matter::Approval(approval) = found else {
        return found.core().title.clone();
    };
    format!(
        "{} {}: {}{}",
        approval.status(),
        tail(&approval.core.id),
        listed(&approval.paths),
        whom(approval.agent.as_deref(), approval.core.issue)
    )
}

/// ` for worker-1 on #147`.
pub fn whom(agent: Option<&str>, issue: Option<u64>) -> String {
    let agent = agent.map(|agent| format!(" for {}", escape::one_line(agent, 64)));
    let issue = issue.map(|issue| format!(" on #{issue}"));
    agent.unwrap_or_default() + &issue.unwrap_or_default()
}

/// The first few paths on one line.
pub fn listed(paths: &[String]) -> String {
    const MOST: usize = 3;
    let mut shown: Vec<String> = paths
        .iter()
        .take(MOST)
        .map(|path| escape::one_line(path, 80))
        .collect();
    if paths.len() > MOST {
        shown.push(format!("{} more", paths.len() - MOST));
    }
    shown.join(", ")
}

/// Names as a sentence has them: `worker-2, lead or a person`.
pub fn in_words(names: &[String]) -> String {
    let mut words: Vec<String> = names
        .iter()
        .map(|name| match name.as_str() {
            HUMAN => "a person".to_owned(),
            name => escape::one_line(name, 64),
        })
        .collect();
    match words.pop() {
        Some(last) if !words.is_empty() => format!("{} or {last}", words.join(", ")),
        last => last.unwrap_or_default(),
    }
}

/// Whether two lists hold the same paths, in whatever order.
pub(crate) fn is_same_set(some: &[String], others: &[String]) -> bool {
    some.iter().all(|path| others.contains(path)) && others.iter().all(|path| some.contains(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_in_a_sentence() {
        let names = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        assert_eq!(in_words(&names(&["human"])), "a person");
        assert_eq!(in_words(&names(&["lead", "human"])), "lead or a person");
        assert_eq!(
            in_words(&names(&["worker-2", "lead", "human"])),
            "worker-2, lead or a person"
        );
        assert_eq!(listed(&names(&["a", "b"])), "a, b");
        assert_eq!(
            listed(&names(&["a", "b", "c", "d", "e"])),
            "a, b, c, 2 more"
        );
        assert_eq!(whom(Some("worker-1"), Some(7)), " for worker-1 on #7");
        assert_eq!(whom(None, None), "");
    }
}
