//! What waits on somebody: the part that questions, handoffs and their like share.

use super::agent::Role;
use super::time::Timestamp;

/// What kind of thing waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A question to somebody.
    Escalation,
    /// Permission for paths that are not the agent's own.
    Approval,
    /// An issue offered to the next agent.
    Handoff,
    /// Delegated work.
    Task,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Kind] = &[Kind::Escalation, Kind::Approval, Kind::Handoff, Kind::Task];

    /// The word for programs and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Escalation => "escalation",
            Kind::Approval => "approval",
            Kind::Handoff => "handoff",
            Kind::Task => "task",
        }
    }

    /// The word for people.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::Escalation => "question",
            Kind::Approval => "approval",
            Kind::Handoff => "handoff",
            Kind::Task => "task",
        }
    }

    /// The word for a list of them.
    pub fn plural(self) -> &'static str {
        match self {
            Kind::Escalation => "escalations",
            Kind::Approval => "approvals",
            Kind::Handoff => "handoffs",
            Kind::Task => "tasks",
        }
    }
}

/// Whom a thing is addressed to when that is a person.
pub const HUMAN: &str = "human";
/// Who settled a thing by editing its document: a file does not say who saved it.
pub const BY_HAND: &str = "hand";

/// What all things that wait have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Core {
    /// Its document's name.
    pub id: String,
    /// Whose it is: an agent's or a person's name.
    pub from: String,
    /// Whom it waits on: an agent, `human`, or nobody in particular.
    pub to: Option<String>,
    /// The issue it is about.
    pub issue: Option<u64>,
    /// One line.
    pub title: String,
    /// When it was written.
    pub created_at: Option<Timestamp>,
    /// When it was settled.
    pub decided_at: Option<Timestamp>,
    /// By whom.
    pub by: Option<String>,
    /// What its maker said so that a repetition makes no second one.
    pub request_id: Option<String>,
    /// The document's text, with `## Replies` in it.
    pub body: String,
}

impl Core {
    /// Notes who settled it and when.
    pub fn settle(&mut self, by: &str, at: Timestamp) {
        self.by = Some(by.to_owned());
        self.decided_at = Some(at);
    }

    /// Whether it is addressed to this agent.
    pub fn is_to(&self, agent: &str) -> bool {
        self.to.as_deref() == Some(agent)
    }

    /// Whether it waits on a person: addressed to one, or to nobody in particular.
    pub fn is_to_human(&self) -> bool {
        self.to.as_deref().is_none_or(|to| to == HUMAN)
    }
}

/// It is settled already, and otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled;

/// A thing that waits on somebody, of whatever kind.
pub trait Waits {
    /// Its kind.
    fn kind(&self) -> Kind;
    /// What it shares with all kinds.
    fn core(&self) -> &Core;
    /// The same, to change.
    fn core_mut(&mut self) -> &mut Core;
    /// Where it stands, in one word.
    fn status(&self) -> &'static str;
    /// Whether it still waits.
    fn is_open(&self) -> bool;
    /// Whether its maker took it back.
    fn is_withdrawn(&self) -> bool;
    /// Its maker takes it back; `false`: that is done already.
    fn withdraw(&mut self, by: &str, why: Option<&str>, at: Timestamp) -> Result<bool, Settled>;

    /// Whether it was settled by editing the document, and nobody has noted when.
    fn is_decided_by_hand(&self) -> bool {
        false
    }

    /// Notes when an edit by hand was seen; who made it, a file does not say.
    fn note_hand(&mut self, at: Timestamp) {
        let core = self.core_mut();
        core.decided_at.get_or_insert(at);
        core.by.get_or_insert_with(|| BY_HAND.to_owned());
    }
}

/// How a thing is called in commands: the last four characters of its id.
pub fn tail(id: &str) -> &str {
    &id[id.len().saturating_sub(4)..]
}

/// Shorter beginnings are none: `2` answers a question, and every id begins with it.
const SHORTEST_BEGINNING: usize = 5;

/// The ids that a word could mean: a full id alone, else those that begin with it or whose last four characters it is.
pub fn candidates<'a>(word: &str, ids: impl Iterator<Item = &'a str> + Clone) -> Vec<&'a str> {
    let full: Vec<&str> = ids.clone().filter(|id| *id == word).collect();
    if !full.is_empty() || word.is_empty() {
        return full;
    }
    ids.filter(|id| word.len() >= SHORTEST_BEGINNING && id.starts_with(word) || tail(id) == word)
        .collect()
}

/// Who wants to settle something.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// The name.
    pub name: &'a str,
    /// The role.
    pub role: Role,
    /// Whether it manages an issue that the thing's issue is a part of.
    pub manages: bool,
}

/// Whether this one may settle it. A person anything; nobody else their own; whoever it is addressed to; an
/// orchestrator, and an epic for its children, whatever is not addressed to a person by name.
pub fn may_decide(core: &Core, judge: Judge<'_>) -> bool {
    if judge.role == Role::Human {
        return true;
    }
    if core.from == judge.name || core.is_to(HUMAN) {
        return false;
    }
    core.is_to(judge.name) || judge.role == Role::Orchestrator || judge.manages
}

/// The order of every list: the longest-waiting first.
pub fn by_age(a: &Core, b: &Core) -> std::cmp::Ordering {
    (a.created_at, &a.id).cmp(&(b.created_at, &b.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 3] = [
        "2025-01-25-which-store-q7mt",
        "2025-01-25-which-name-abcd",
        "2025-01-26-which-store-q7mt",
    ];

    #[test]
    fn ids_by_name_beginning_or_end() {
        let found = |word| candidates(word, IDS.into_iter());
        assert_eq!(found(IDS[0]), [IDS[0]]);
        assert_eq!(found("2025-01-26"), [IDS[2]]);
        assert_eq!(found("abcd"), [IDS[1]]);
        assert_eq!(found("q7mt"), [IDS[0], IDS[2]]);
        for nothing in ["", "2", "2025", "bcd", "store", "147"] {
            assert!(found(nothing).is_empty(), "{nothing}");
        }
        // Even an id that another begins with is meant alone by its full name.
        assert_eq!(
            candidates("abcde", ["abcdef", "abcde"].into_iter()),
            ["abcde"]
        );
    }

    #[test]
    fn who_may_decide() {
        let to = |to: Option<&str>| Core {
            from: "worker-1".into(),
            to: to.map(str::to_owned),
            ..Core::default()
        };
        let may = |core: &Core, name, role, manages| {
            may_decide(
                core,
                Judge {
                    name,
                    role,
                    manages,
                },
            )
        };
        for core in [to(None), to(Some(HUMAN)), to(Some("worker-2"))] {
            assert!(may(&core, "Ana", Role::Human, false));
            assert!(
                !may(&core, "worker-1", Role::Worker, false)
                    && !may(&core, "worker-1", Role::Orchestrator, true)
            );
            assert!(!may(&core, "worker-3", Role::Worker, false));
        }
        assert!(
            may(&to(None), "lead", Role::Orchestrator, false)
                && !may(&to(Some(HUMAN)), "lead", Role::Orchestrator, false)
        );
        assert!(
            may(&to(None), "epic", Role::Epic, true) && !may(&to(None), "epic", Role::Epic, false)
        );
        assert!(may(&to(Some("worker-2")), "worker-2", Role::Worker, false));
    }

    #[test]
    fn the_oldest_first() {
        let core = |id: &str, at| Core {
            id: id.into(),
            created_at: Some(Timestamp::from_seconds(at)),
            ..Core::default()
        };
        let mut all = [core("b", 5), core("c", 4), core("a", 5)];
        all.sort_by(by_age);
        assert_eq!(all.map(|core| core.id), ["c", "a", "b"]);
    }
}
