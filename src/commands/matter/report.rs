//! How a thing that waits looks in JSON: ITEM while it waits, `decided` when it is settled.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::{Matter, TaskFields};
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;
use crate::domain::waiting::{HUMAN, Kind, Waits, tail};
use crate::project::Caller;

/// A thing as it stands in a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// What kind of thing: escalation, approval, handoff, agent, comment, issue.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Whose it is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// Whom it waits on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The issue it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<u64>,
    /// One line.
    pub title: String,
    /// Where it stands.
    pub status: String,
    /// When it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// How long ago that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<i64>,
    /// How often it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// What one may choose from, numbered from 1.
    pub options: Vec<String>,
    /// Paths it is about.
    pub paths: Vec<String>,
    /// Of an approval: the only agent it is for.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Of an approval: when it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The command to run.
    pub next: String,
    /// What was decided, when it is settled; for people.
    #[serde(skip)]
    pub decision: Option<String>,
    /// When there was something to hear: it was settled, or said.
    #[serde(skip)]
    pub told_at: Option<Timestamp>,
    /// Whether an approval's time is over.
    #[serde(skip)]
    pub ended: bool,
    /// The word for people.
    #[serde(skip)]
    pub noun: &'static str,
}

impl Item {
    /// A matter as `viewer` meets it.
    pub(crate) fn of(matter: &Matter, viewer: &Caller, now: Timestamp) -> Item {
        let it = matter.waits();
        let core = it.core();
        let mut item = Item {
            kind: it.kind().word(),
            id: core.id.clone(),
            from: core.from.clone(),
            to: addressee(matter),
            issue: core.issue,
            title: core.title.clone(),
            status: it.status().to_owned(),
            created_at: core.created_at,
            age_seconds: core.created_at.map(|at| now.since(at).max(0)),
            next: next(matter, viewer),
            told_at: core.decided_at,
            noun: it.kind().noun(),
            ..Item::default()
        };
        match matter {
            Matter::Escalation(question) => {
                let decision = question.decision.as_ref();
                item.decision = decision.map(|decision| decision.text.clone());
                item.count = Some(question.count);
                item.options.clone_from(&question.options);
                item.paths.clone_from(&question.paths);
            }
            Matter::Approval(approval) => {
                item.paths.clone_from(&approval.paths);
                item.agent.clone_from(&approval.agent);
                item.expires_at = approval.expires_at;
                item.ended = approval.is_expired(now);
            }
            Matter::Handoff(_) => {}
            Matter::Task(task) => {
                item.decision = task.answer.clone().or_else(|| task.why.clone());
                item.told_at = core.decided_at.or(task.queued_at);
            }
        }
        item
    }
}

/// Whom it waits on; a question that names nobody waits on a person, and so does a request.
fn addressee(matter: &Matter) -> Option<String> {
    match matter {
        Matter::Escalation(question) => {
            Some(question.core.to.clone().unwrap_or_else(|| HUMAN.to_owned()))
        }
        // One that was granted unasked waited on nobody.
        Matter::Approval(approval) => {
            let asked = approval.is_open() || approval.agent.as_ref() == Some(&approval.core.from);
            let to = approval.core.to.clone();
            to.or_else(|| asked.then(|| HUMAN.to_owned()))
        }
        Matter::Handoff(handoff) => handoff.core.to.clone(),
        Matter::Task(task) => task.core.to.clone(),
    }
}

/// The command that this viewer would run.
fn next(matter: &Matter, viewer: &Caller) -> String {
    let core = matter.core();
    let short = tail(&core.id);
    let agent = match viewer {
        Caller::Agent(agent) => Some(agent.as_str()),
        Caller::Human(_) | Caller::Unnamed(_) => None,
    };
    if let Matter::Task(task) = matter {
        return next_of_task(task, agent);
    }
    if !matter.waits().is_open() {
        return format!("ghp show {short}");
    }
    match (matter, agent) {
        (Matter::Escalation(_) | Matter::Approval(_), Some(agent)) if core.from == agent => {
            format!("ghp wait {short}")
        }
        (Matter::Approval(_), _) => format!("ghp approve {short}"),
        (Matter::Escalation(question), _) if question.options.is_empty() => {
            format!("ghp answer {short} \"…\"")
        }
        (Matter::Escalation(_), _) => format!("ghp answer {short} N"),
        (Matter::Handoff(_), Some(agent))
            if core.from != agent && core.to.as_deref().is_none_or(|to| to == agent) =>
        {
            format!("ghp accept {short}")
        }
        (Matter::Handoff(_) | Matter::Task(_), _) => format!("ghp show {short}"),
    }
}

/// The same of a task. Whoever it is not for waits for it, or looks at it.
fn next_of_task(task: &Task, viewer: Option<&str>) -> String {
    let short = tail(&task.core.id);
    let is_own = |agent: &&str| task.agent.as_deref().is_none_or(|own| own == *agent);
    match (task.status, viewer.filter(is_own)) {
        (Status::Failed | Status::Blocked, None) => format!("ghp task retry {short}"),
        (_, _) if !task.is_open() => format!("ghp task show {short}"),
        (_, Some(agent)) if task.is_in_hand_of(agent) => format!("ghp done {short} -m \"…\""),
        (_, Some(agent)) if task.core.from != agent || task.core.is_to(agent) => {
            format!("ghp task take {short}")
        }
        _ => format!("ghp collect {short}"),
    }
}

/// A thing that is settled, or will be.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// What kind of thing.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub from: String,
    /// Whom it waited on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The issue it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<u64>,
    /// One line.
    pub title: String,
    /// Where it stands.
    pub status: &'static str,
    /// When it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it was settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The option's number; absent for a free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<u64>,
    /// The option's words, or the free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What one could choose from, numbered from 1.
    pub options: Vec<String>,
    /// Paths it is about.
    pub paths: Vec<String>,
    /// Of an approval: the only agent it is for.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Of an approval: when it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// What its condition is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// How often it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The branch of the work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The commit where the branch left the main branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// What a task has of its own.
    #[serde(flatten)]
    pub task: Option<Box<TaskFields>>,
    /// It had been settled so before.
    #[serde(skip)]
    pub already: bool,
}

impl Decided {
    /// A matter as it stands.
    pub(crate) fn of(matter: &Matter) -> Decided {
        let it = matter.waits();
        let core = it.core();
        let bare = Decided {
            kind: it.kind().word(),
            id: core.id.clone(),
            from: core.from.clone(),
            to: addressee(matter),
            issue: core.issue,
            title: core.title.clone(),
            status: it.status(),
            created_at: core.created_at,
            decided_at: core.decided_at,
            by: core.by.clone(),
            choice: None,
            text: None,
            why: None,
            options: Vec::new(),
            paths: Vec::new(),
            agent: None,
            expires_at: None,
            key: None,
            count: None,
            branch: None,
            base: None,
            task: None,
            already: false,
        };
        match matter {
            Matter::Escalation(question) => Decided {
                choice: question
                    .decision
                    .as_ref()
                    .and_then(|decision| decision.choice),
                text: question
                    .decision
                    .as_ref()
                    .map(|decision| decision.text.clone()),
                why: question.why.clone(),
                options: question.options.clone(),
                paths: question.paths.clone(),
                key: question.key.clone(),
                count: Some(question.count),
                ..bare
            },
            Matter::Approval(approval) => Decided {
                why: approval.why.clone(),
                paths: approval.paths.clone(),
                agent: approval.agent.clone(),
                expires_at: approval.expires_at,
                ..bare
            },
            Matter::Handoff(handoff) => Decided {
                why: handoff.why.clone(),
                branch: handoff.branch.clone(),
                base: handoff.base.clone(),
                ..bare
            },
            Matter::Task(task) => Decided {
                text: task.answer.clone(),
                why: task.why.clone(),
                task: Some(Box::new(TaskFields::of(task))),
                ..bare
            },
        }
    }

    /// Whether what was asked for may not be done.
    pub fn is_refused(&self) -> bool {
        matches!(self.status, "denied" | "revoked")
    }

    /// Whether a task came to nothing.
    pub fn is_failed(&self) -> bool {
        self.status == "failed"
    }

    /// What a waiting command prints: the decision, or where a thing without one stands.
    pub fn words(&self) -> &str {
        let why = self.why.as_deref().filter(|_| self.is_failed());
        self.text.as_deref().or(why).unwrap_or(self.status)
    }
}

/// What a command settled or waited for: one thing as itself, several as a list.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Decisions {
    /// One.
    One(Box<Decided>),
    /// Several, in the order they were named.
    Several {
        /// Them.
        items: Vec<Decided>,
    },
}

impl Decisions {
    /// These; exactly one is itself.
    pub(crate) fn of(mut items: Vec<Decided>) -> Decisions {
        match items.pop() {
            Some(one) if items.is_empty() => Decisions::One(Box::new(one)),
            last => {
                items.extend(last);
                Decisions::Several { items }
            }
        }
    }

    /// Each of them.
    pub fn each(&self) -> &[Decided] {
        match self {
            Decisions::One(one) => std::slice::from_ref(&**one),
            Decisions::Several { items } => items,
        }
    }
}

/// A list of one kind.
#[derive(Debug)]
pub struct List {
    /// Of which kind.
    pub kind: Kind,
    /// The longest-waiting first.
    pub items: Vec<Item>,
    /// Whether the settled ones are among them.
    pub all: bool,
}

impl Serialize for List {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.kind.plural(), &self.items)?;
        map.end()
    }
}
