//! A thing that waits on somebody, whatever its kind: found by a word, read, written. A new kind joins here.

pub(crate) mod hand;
mod own;
mod report;

pub use own::TaskFields;
pub use report::{Decided, Decisions, Item, List};

use std::collections::BTreeMap;

use crate::commands::role_of_caller;
use crate::documents::Document;
use crate::documents::paged::Paged;
use crate::documents::waiting::is_plainly_settled;
use crate::domain::approval::Approval;
use crate::domain::escalation::Escalation;
use crate::domain::escape;
use crate::domain::goal::Goal;
use crate::domain::handoff::Handoff;
use crate::domain::id::document_id;
use crate::domain::issue::{Issue, is_managed_by};
use crate::domain::memory::Memory;
use crate::domain::nearest::nearest;
use crate::domain::task::Task;
use crate::domain::time::{Timestamp, span};
use crate::domain::waiting::{self, Core, Judge, Kind, Waits, may_decide, tail};
use crate::error::{Error, Kind as Wrong, Result};
use crate::project::Project;
use crate::store::Transaction;
use crate::store::error::StoreError;

/// One of them.
#[derive(Debug, Clone)]
pub(crate) enum Matter {
    /// A question.
    Escalation(Paged<Escalation>),
    /// Permission, asked for or given.
    Approval(Paged<Approval>),
    /// An issue offered.
    Handoff(Paged<Handoff>),
    /// Delegated work.
    Task(Paged<Task>),
}

impl Matter {
    /// What all kinds can do.
    pub(crate) fn waits(&self) -> &dyn Waits {
        match self {
            Matter::Escalation(it) => &**it,
            Matter::Approval(it) => &**it,
            Matter::Handoff(it) => &**it,
            Matter::Task(it) => &**it,
        }
    }

    /// The same, to change.
    pub(crate) fn waits_mut(&mut self) -> &mut dyn Waits {
        match self {
            Matter::Escalation(it) => &mut **it,
            Matter::Approval(it) => &mut **it,
            Matter::Handoff(it) => &mut **it,
            Matter::Task(it) => &mut **it,
        }
    }

    /// What it shares with all kinds.
    pub(crate) fn core(&self) -> &Core {
        self.waits().core()
    }

    /// Its document, relative to the documents' folder.
    pub(crate) fn path(&self) -> String {
        match self {
            Matter::Escalation(it) => it.path(),
            Matter::Approval(it) => it.path(),
            Matter::Handoff(it) => it.path(),
            Matter::Task(it) => it.path(),
        }
    }

    /// Writes it as part of a decision.
    pub(crate) fn save(&self, transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
        match self {
            Matter::Escalation(it) => transaction.save(it),
            Matter::Approval(it) => transaction.save(it),
            Matter::Handoff(it) => transaction.save(it),
            Matter::Task(it) => transaction.save(it),
        }
    }
}

/// Which one: its kind and full id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// Its kind.
    pub(crate) kind: Kind,
    /// Its full id.
    pub(crate) id: String,
}

/// Reads one; `None`: there is none.
pub(crate) fn load(project: &Project, name: &Name) -> Result<Option<Matter>, Error> {
    let store = project.store()?;
    Ok(match name.kind {
        Kind::Escalation => store.load(&name.id)?.map(Matter::Escalation),
        Kind::Approval => store.load(&name.id)?.map(Matter::Approval),
        Kind::Handoff => store.load(&name.id)?.map(Matter::Handoff),
        Kind::Task => store.load(&name.id)?.map(Matter::Task),
    })
}

/// Reads one as part of a decision.
pub(crate) fn load_in(transaction: &mut Transaction<'_>, name: &Name) -> Result<Matter> {
    let found = match name.kind {
        Kind::Escalation => transaction.load(&name.id)?.map(Matter::Escalation),
        Kind::Approval => transaction.load(&name.id)?.map(Matter::Approval),
        Kind::Handoff => transaction.load(&name.id)?.map(Matter::Handoff),
        Kind::Task => transaction.load(&name.id)?.map(Matter::Task),
    };
    found.ok_or_else(|| gone(name))
}

/// The error of a document that was there a moment ago.
fn gone(name: &Name) -> Error {
    Error::new(
        Wrong::NotFound,
        format!("{} {} is gone", name.kind.word(), name.id),
    )
    .next("ghp doctor")
}

/// All of these kinds that `wanted` lets through by their text alone, the longest-waiting first. What cannot be read is
/// warned about.
pub(crate) fn all(
    project: &Project,
    kinds: &[Kind],
    wanted: impl Fn(Kind, &str) -> bool,
) -> Result<Vec<Matter>> {
    let mut all = Vec::new();
    for kind in kinds {
        let wanted = |text: &str| wanted(*kind, text);
        match kind {
            Kind::Escalation => {
                all.extend(some(project, wanted)?.into_iter().map(Matter::Escalation));
            }
            Kind::Approval => all.extend(some(project, wanted)?.into_iter().map(Matter::Approval)),
            Kind::Handoff => all.extend(some(project, wanted)?.into_iter().map(Matter::Handoff)),
            Kind::Task => all.extend(some(project, wanted)?.into_iter().map(Matter::Task)),
        }
    }
    all.sort_by(|a, b| waiting::by_age(a.core(), b.core()));
    Ok(all)
}

fn some<T: Document>(project: &Project, wanted: impl Fn(&str) -> bool) -> Result<Vec<Paged<T>>> {
    let store = project.store()?;
    let mut some = Vec::new();
    for stem in store.stems::<T>()? {
        let path = format!("{}/{stem}.md", T::FOLDER);
        match store.text(&path).map(|text| {
            text.filter(|text| wanted(text))
                .map(|text| Paged::<T>::parse(&stem, &text))
        }) {
            Ok(None) => {}
            Ok(Some(Ok(document))) => some.push(document),
            Ok(Some(Err(malformed))) => {
                project.warn(StoreError::Unreadable { path, malformed }.to_string());
            }
            Err(error) => project.warn(error.to_string()),
        }
    }
    Ok(some)
}

/// Those that still wait, read quickly: what plainly says that it is settled is not parsed.
pub(crate) fn open(project: &Project, kinds: &[Kind]) -> Result<Vec<Matter>> {
    let mut open = all(project, kinds, |_, text| !is_plainly_settled(text))?;
    open.retain(|matter| matter.waits().is_open());
    Ok(open)
}

/// The one that a word means: a full id, the beginning of one, or its last four characters. Of several the open one; one
/// that cannot be read, because it is being saved, counts as open.
pub(crate) fn name(project: &Project, word: &str) -> Result<Name> {
    let names = names(project)?;
    let mut found: Vec<Name> = waiting::candidates(word, names.keys().map(String::as_str))
        .into_iter()
        .map(|id| Name {
            kind: names[id],
            id: id.to_owned(),
        })
        .collect();
    if found.len() > 1 {
        let is_open = |name: &Name| {
            load(project, name).map_or(true, |matter| {
                matter.is_some_and(|matter| matter.waits().is_open())
            })
        };
        let open: Vec<Name> = found.iter().filter(|name| is_open(name)).cloned().collect();
        found = if open.is_empty() { found } else { open };
    }
    match found.pop() {
        None => Err(unknown(word, names.keys().map(String::as_str))),
        Some(only) if found.is_empty() => Ok(only),
        Some(last) => {
            found.push(last);
            let lines = found
                .iter()
                .map(|name| (name.id.clone(), name.kind.noun().to_owned()));
            Err(several(
                &format!(
                    "\"{}\" could mean several things",
                    escape::one_line(word, 64)
                ),
                lines,
                "ghp show",
            ))
        }
    }
}

/// The same, read.
pub(crate) fn find(project: &Project, word: &str) -> Result<Matter> {
    let name = name(project, word)?;
    load(project, &name)?.ok_or_else(|| gone(&name))
}

fn names(project: &Project) -> Result<BTreeMap<String, Kind>> {
    let store = project.store()?;
    let mut names = BTreeMap::new();
    for kind in Kind::ALL {
        let stems = match kind {
            Kind::Escalation => store.stems::<Escalation>()?,
            Kind::Approval => store.stems::<Approval>()?,
            Kind::Handoff => store.stems::<Handoff>()?,
            Kind::Task => store.stems::<Task>()?,
        };
        names.extend(stems.into_iter().map(|stem| (stem, *kind)));
    }
    Ok(names)
}

fn unknown<'a>(word: &str, ids: impl Iterator<Item = &'a str> + Clone) -> Error {
    let error = Error::new(
        Wrong::NotFound,
        format!("nothing here has the id {}", escape::one_line(word, 80)),
    );
    match nearest(word, ids.clone().map(tail)).or_else(|| nearest(word, ids)) {
        Some(near) => error.hint("did you mean").next(format!("ghp show {near}")),
        None => error.next("ghp inbox"),
    }
}

/// The error of a command that needs one thing and could mean several; `lines`: an id and what it is about.
pub(crate) fn several(
    what: &str,
    lines: impl Iterator<Item = (String, String)>,
    command: &str,
) -> Error {
    let lines: Vec<_> = lines.take(20).collect();
    let list: Vec<String> = lines
        .iter()
        .map(|(id, about)| format!("  {id}  {}", escape::one_line(about, 80)))
        .collect();
    let first = lines.first().map_or("ID", |(id, _)| id);
    Error::new(Wrong::Ambiguous, format!("{what}\n{}", list.join("\n")))
        .hint("say which")
        .next(format!("{command} {first}"))
}

/// The only open thing of these kinds that `concerns` the caller, for a command that was given no id.
pub(crate) fn only(
    project: &Project,
    kinds: &[Kind],
    concerns: impl Fn(&Core) -> bool,
    verb: &str,
) -> Result<Name> {
    let mut open = open(project, kinds)?;
    open.retain(|matter| concerns(matter.core()));
    match open.as_slice() {
        [only] => Ok(name_of(only)),
        [] => {
            let said = format!("{verb} what? nothing is open that could be meant");
            Err(Error::new(Wrong::NotFound, said).next("ghp inbox"))
        }
        several => Err(self::several(
            &format!("{verb} what?"),
            several.iter().map(listed),
            &format!("ghp {verb}"),
        )),
    }
}

/// A line of such a list.
pub(crate) fn listed(matter: &Matter) -> (String, String) {
    (matter.core().id.clone(), matter.core().title.clone())
}

/// Which one it is.
pub(crate) fn name_of(matter: &Matter) -> Name {
    Name {
        kind: matter.waits().kind(),
        id: matter.core().id.clone(),
    }
}

/// A new id whose last four characters no other has.
pub(crate) fn fresh_id(
    transaction: &Transaction<'_>,
    title: &str,
    now: Timestamp,
) -> Result<String> {
    loop {
        let id = document_id(now, title, fastrand::u32(..));
        let end = tail(&id);
        let mut is_taken =
            transaction.has_end::<Memory>(end)? || transaction.has_end::<Goal>(end)?;
        for kind in Kind::ALL {
            is_taken = is_taken
                || match kind {
                    Kind::Escalation => transaction.has_end::<Escalation>(end)?,
                    Kind::Approval => transaction.has_end::<Approval>(end)?,
                    Kind::Handoff => transaction.has_end::<Handoff>(end)?,
                    Kind::Task => transaction.has_end::<Task>(end)?,
                };
        }
        if !is_taken {
            return Ok(id);
        }
    }
}

/// What was decided first, as the error of deciding otherwise.
pub(crate) fn settled(matter: &Matter, now: Timestamp) -> Error {
    let it = matter.waits();
    let core = it.core();
    let by = core
        .by
        .as_deref()
        .map(|by| format!(" by {}", escape::one_line(by, 64)))
        .unwrap_or_default();
    let ago = core
        .decided_at
        .map(|at| format!(" {} ago", span(now.since(at).max(0))))
        .unwrap_or_default();
    let words = match matter {
        Matter::Escalation(question) if !question.withdrawn => {
            question.decision.as_ref().map(|decision| &decision.text)
        }
        Matter::Escalation(question) => question.why.as_ref(),
        Matter::Approval(approval) => approval.why.as_ref(),
        Matter::Handoff(handoff) => handoff.why.as_ref(),
        Matter::Task(task) => task.answer.as_ref().or(task.why.as_ref()),
    };
    let what = words
        .map(|text| format!(": {}", escape::one_line(text, 200)))
        .unwrap_or_default();
    Error::new(
        Wrong::Changed,
        format!("{} was {}{by}{ago}{what}", tail(&core.id), it.status()),
    )
    .next(format!("ghp show {}", tail(&core.id)))
}

/// Refuses whoever may not settle this.
pub(crate) fn require_judge(project: &Project, core: &Core) -> Result<()> {
    let name = project.by()?;
    let manages = match core.issue {
        None => false,
        Some(issue) => {
            let issues = project.store()?.readable::<Issue>()?;
            let issues = issues
                .into_iter()
                .map(|issue| (issue.number, issue.into_inner()))
                .collect();
            is_managed_by(&name, issue, &issues, &project.config()?.epics()?)
        }
    };
    if may_decide(
        core,
        Judge {
            name: &name,
            role: role_of_caller(project)?,
            manages,
        },
    ) {
        return Ok(());
    }
    let whose = if core.from == name {
        "your own question".to_owned()
    } else {
        format!("{}'s question", escape::one_line(&core.from, 64))
    };
    let to = core.to.as_deref().unwrap_or("a person");
    Err(Error::new(
        Wrong::NotAuthorised,
        format!(
            "{} is {whose}: it is for {to} to decide, not for {name}",
            tail(&core.id)
        ),
    )
    .hint("wait for the answer")
    .next(format!("ghp wait {}", tail(&core.id))))
}
