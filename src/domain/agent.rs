//! An agent's entry: who does what, since when, and how alive it looks.

use serde::Serialize;

use super::id::{AgentId, IssueId};
use super::time::{Duration, Timestamp};
use super::unknown::Unknown;

/// One agent's entry in agent-status.json. The first four fields are the seed's, in its order; the others are
/// optional and absent when they say nothing; `unknown` holds whatever else stood there, in its order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// The issue the agent works on.
    pub issue: Option<u64>,
    /// One word; the words with a meaning are in [`ENDED`], [`BLOCKED`] and [`WORDS`].
    pub status: Option<String>,
    /// One line, its own words.
    pub last_action: Option<String>,
    /// When it was last heard of, as it stands in the file.
    pub timestamp: Option<String>,
    /// Its role when that is not plain from the configuration.
    pub role: Option<String>,
    /// Issues it waits for.
    pub blocked_on: Vec<u64>,
    /// A line on the task in hand.
    pub current_task: Option<String>,
    /// What its context holds.
    pub context_summary: Option<String>,
    /// The provider that runs it.
    pub provider: Option<String>,
    /// The machine's clone it runs on.
    pub node: Option<String>,
    /// The fence of its claim.
    pub fence: Option<u64>,
    /// Its coordination group.
    pub group: Option<String>,
    /// What kind of work it does.
    pub kind: Option<String>,
    /// What it is to achieve.
    pub objective: Option<String>,
    /// Its goal's id.
    pub goal: Option<String>,
    /// When the entry was first made.
    pub created_at: Option<String>,
    /// Delegated tasks it has finished.
    pub tasks_completed: Option<u64>,
    /// Prompts it has had.
    pub interactions: Option<u64>,
    /// Whether what it knows is written down.
    pub context_saved: Option<bool>,
    /// When its provider last failed to answer, as it stands in the file; absent once it has answered again.
    pub limited_at: Option<String>,
    /// Fields of nobody's we know, kept.
    pub unknown: Unknown,
}

/// Words that mean the work is over: such an agent never goes stale.
pub const ENDED: &[&str] = &["done", "stopped"];
/// Words that keep `blockedOn`; any other word clears it.
pub const BLOCKED: &[&str] = &["blocked", "waiting"];
/// Words with a meaning.
pub const WORDS: &[&str] = &[
    "starting",
    "working",
    "planning",
    "implementing",
    "reviewing",
    "testing",
    "waiting",
    "blocked",
    "idle",
    "done",
    "error",
    "stopped",
];

/// Words that a harness's hooks see for themselves, and between which alone they move an entry.
pub const SEEN: &[&str] = &["starting", "working", "waiting", "idle", "stopped"];

/// How alive an agent looks, from the age of its last heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Liveness {
    /// Heard of lately.
    Fresh,
    /// Silent for more than half of `staleAfter`.
    Quiet,
    /// Silent for more than `staleAfter`.
    Stale,
    /// Silent for more than `expireAfter`, or its process is proven dead on this host and boot.
    Expired,
    /// Its timestamp lies in the future.
    ClockSuspect,
    /// It has no readable timestamp.
    Never,
}

impl Liveness {
    /// Whether somebody should look.
    pub fn is_silent(self) -> bool {
        matches!(self, Liveness::Stale | Liveness::Expired)
    }

    /// The word as it stands in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Liveness::Fresh => "fresh",
            Liveness::Quiet => "quiet",
            Liveness::Stale => "stale",
            Liveness::Expired => "expired",
            Liveness::ClockSuspect => "clock-suspect",
            Liveness::Never => "never",
        }
    }
}

/// When silence becomes staleness, and staleness becomes expiry.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// `staleAfter`
    pub stale: Duration,
    /// `expireAfter`
    pub expire: Duration,
}

/// Clocks of machines that share a file may differ by this much before a timestamp counts as in the future.
const SKEW_SECONDS: i64 = 60;

impl Entry {
    /// When it was last heard of; `None` when that is not a time.
    pub fn seen(&self) -> Option<Timestamp> {
        self.timestamp.as_deref().and_then(Timestamp::parse)
    }

    /// The status word, `idle` when there is none.
    pub fn word(&self) -> &str {
        self.status.as_deref().unwrap_or("idle")
    }

    /// Whether its work is over.
    pub fn ended(&self) -> bool {
        ENDED.contains(&self.word())
    }

    /// Seconds since it was heard of; never negative.
    pub fn age(&self, now: Timestamp) -> Option<i64> {
        self.seen().map(|seen| now.since(seen).max(0))
    }

    /// How alive it looks. `dead`: its process is proven gone on this host and boot. An entry whose work is
    /// over is never stale.
    pub fn liveness(&self, now: Timestamp, patience: Patience, dead: bool) -> Liveness {
        let Some(seen) = self.seen() else {
            return Liveness::Never;
        };
        let silent = now.since(seen);
        if silent < -SKEW_SECONDS {
            Liveness::ClockSuspect
        } else if self.ended() {
            Liveness::Fresh
        } else if dead || silent > patience.expire.seconds() {
            Liveness::Expired
        } else if silent > patience.stale.seconds() {
            Liveness::Stale
        } else if silent * 2 > patience.stale.seconds() {
            Liveness::Quiet
        } else {
            Liveness::Fresh
        }
    }

    /// Whether its work may still be going on: neither over nor expired.
    pub fn is_at_work(&self, now: Timestamp, patience: Patience, dead: bool) -> bool {
        !self.ended() && self.liveness(now, patience, dead) != Liveness::Expired
    }

    /// A heartbeat: it is alive, and perhaps has something to say. Neither status nor issue moves, except that
    /// an entry made by a heartbeat is `working`.
    pub fn beat(&mut self, now: Timestamp, message: Option<String>) {
        if self.status.is_none() {
            self.status = Some("working".to_owned());
        }
        if message.is_some() {
            self.last_action = message;
        }
        self.timestamp = Some(now.to_string());
    }

    /// What a harness's hooks saw the agent do. A word of the agent's own stays, and so does `waiting` while it says for
    /// which issues.
    pub fn observe(&mut self, now: Timestamp, word: Option<&str>) {
        if word.is_some_and(|word| word != "waiting") {
            self.limited_at = None;
        }
        let is_its_own = |word: &str| !SEEN.contains(&word) || !self.blocked_on.is_empty();
        if let Some(word) = word
            && !self.status.as_deref().is_some_and(is_its_own)
        {
            self.status = Some(word.to_owned());
        }
        self.beat(now, None);
    }

    /// Its provider does not answer, for this reason.
    pub fn limit(&mut self, why: &str, now: Timestamp) {
        self.observe(now, Some("waiting"));
        self.beat(now, Some(format!("Its provider does not answer: {why}")));
        self.limited_at = Some(now.to_string());
    }

    /// Whether the last that was heard of its provider is that it did not answer.
    pub fn is_limited(&self) -> bool {
        self.limited_at
            .as_deref()
            .and_then(Timestamp::parse)
            .is_some()
    }

    /// Whether it rests: its provider failed it not longer ago than it is given.
    pub fn rests(&self, now: Timestamp, rest: Duration) -> bool {
        let since = self.limited_at.as_deref().and_then(Timestamp::parse);
        since.is_some_and(|since| now.since(since) < rest.seconds())
    }

    /// It was given a task.
    pub fn begin_task(&mut self, title: &str, now: Timestamp) {
        self.current_task = Some(title.to_owned());
        self.observe(now, Some("working"));
    }

    /// It has its task no more; `done`: for it has answered it.
    pub fn end_task(&mut self, done: bool) {
        self.current_task = None;
        if done {
            self.tasks_completed = Some(self.tasks_completed.unwrap_or(0).saturating_add(1));
        }
        if self.status.as_deref() == Some("working") {
            self.status = Some("idle".to_owned());
        }
    }

    /// A prompt was submitted to it: what it knew before is written down no more.
    pub fn prompted(&mut self) {
        self.interactions = Some(self.interactions.unwrap_or(0).saturating_add(1));
        if self.context_saved == Some(true) {
            self.context_saved = Some(false);
        }
    }

    /// A change of status; any word but `blocked` and `waiting` clears what it waited for.
    pub fn set_status(&mut self, word: &str) {
        word.clone_into(self.status.get_or_insert_default());
        self.limited_at = None;
        if !BLOCKED.contains(&word) {
            self.blocked_on.clear();
        }
    }

    /// The entry without what a heartbeat or a hook may change: what a decision is about. The words between which hooks
    /// move an entry, and none, are one.
    #[must_use]
    pub fn work(&self) -> Entry {
        let status = self.status.clone();
        let status = status.filter(|word| !SEEN.contains(&word.as_str()));
        Entry {
            timestamp: None,
            last_action: None,
            status,
            interactions: None,
            context_saved: None,
            limited_at: None,
            ..self.clone()
        }
    }
}

/// Most agents silent at once is the clock or the lid of a laptop, not a massacre: then nobody is reassigned.
/// Needs at least three agents, and more than half of the live ones silent.
pub fn is_mass_silence(silent: usize, live: usize) -> bool {
    silent >= 3 && silent * 2 > live
}

/// Role of an agent in the hierarchy human → orchestrator → epic → worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A person.
    Human,
    /// Talks with the human and delegates; listed in the configuration.
    Orchestrator,
    /// Owns a parent issue, or is listed as an epic's.
    Epic,
    /// Everybody else.
    Worker,
}

impl Role {
    /// The word as it stands in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Role::Human => "human",
            Role::Orchestrator => "orchestrator",
            Role::Epic => "epic",
            Role::Worker => "worker",
        }
    }
}

/// The agents that hold an entry with this issue.
pub fn holders<'a>(
    entries: impl Iterator<Item = (&'a AgentId, &'a Entry)>,
    issue: IssueId,
) -> impl Iterator<Item = &'a AgentId> {
    entries
        .filter(move |(_, entry)| entry.issue == Some(issue.0))
        .map(|(agent, _)| agent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000 + seconds)
    }

    #[test]
    fn liveness_by_age() {
        let patience = Patience {
            stale: Duration::from_seconds(600),
            expire: Duration::from_seconds(3600),
        };
        let mut entry = Entry::default();
        assert_eq!(entry.liveness(at(0), patience, false), Liveness::Never);
        entry.beat(at(0), None);
        for (later, expected) in [
            (0, Liveness::Fresh),
            (300, Liveness::Fresh),
            (301, Liveness::Quiet),
            (600, Liveness::Quiet),
            (601, Liveness::Stale),
            (3601, Liveness::Expired),
            (-60, Liveness::Fresh),
            (-61, Liveness::ClockSuspect),
        ] {
            assert_eq!(
                entry.liveness(at(later), patience, false),
                expected,
                "{later}"
            );
        }
        assert_eq!(entry.liveness(at(1), patience, true), Liveness::Expired);
        entry.set_status("done");
        assert_eq!(entry.liveness(at(9999), patience, true), Liveness::Fresh);
        entry.timestamp = Some("yesterday".into());
        assert_eq!(entry.liveness(at(1), patience, false), Liveness::Never);
    }

    #[test]
    fn a_beat_moves_neither_status_nor_issue() {
        let mut entry = Entry {
            issue: Some(7),
            status: Some("testing".into()),
            ..Entry::default()
        };
        entry.beat(at(5), Some("ran it".into()));
        assert_eq!(
            (entry.issue, entry.word(), entry.last_action.as_deref()),
            (Some(7), "testing", Some("ran it"))
        );
    }

    #[test]
    fn hooks_move_no_word_of_the_agents_own() {
        let observed = |before: Option<&str>, blocked_on: &[u64]| {
            let mut entry = Entry {
                status: before.map(str::to_owned),
                blocked_on: blocked_on.to_vec(),
                ..Entry::default()
            };
            entry.observe(at(5), Some("idle"));
            assert_eq!(entry.seen(), Some(at(5)));
            assert_eq!(entry.blocked_on, blocked_on);
            entry.word().to_owned()
        };
        for word in SEEN {
            assert_eq!(observed(Some(word), &[]), "idle");
        }
        for word in ["blocked", "testing", "done", "error", "implementing", "odd"] {
            assert_eq!(observed(Some(word), &[]), word);
        }
        assert_eq!(observed(None, &[]), "idle");
        assert_eq!(observed(Some("waiting"), &[7]), "waiting");
    }

    #[test]
    fn it_rests_for_a_while_and_until_its_provider_answers() {
        let rest = Duration::from_seconds(600);
        // Also one whose word is its own.
        for word in ["working", "testing"] {
            let mut entry = Entry {
                status: Some(word.to_owned()),
                ..Entry::default()
            };
            entry.limit("rate_limit", at(0));
            // Whatever it says of itself, and however alive it is.
            entry.beat(at(300), Some("thinking".to_owned()));
            assert!(entry.is_limited() && entry.rests(at(599), rest), "{word}");
            assert!(!entry.rests(at(600), rest));
            entry.observe(at(10), Some("waiting"));
            assert!(entry.rests(at(11), rest));
            entry.observe(at(12), Some("working"));
            assert!(!entry.is_limited(), "{word}");
        }
        let mut entry = Entry::default();
        entry.limit("rate_limit", at(0));
        entry.set_status("testing");
        assert!(!entry.is_limited());
        entry.limited_at = Some("yesterday".to_owned());
        assert!(!entry.is_limited() && !entry.rests(at(0), rest));
    }

    #[test]
    fn a_prompt_is_counted_and_no_work_of_its_own() {
        let mut entry = Entry {
            context_saved: Some(true),
            ..Entry::default()
        };
        let before = entry.work();
        entry.prompted();
        entry.prompted();
        assert_eq!(
            (entry.interactions, entry.context_saved),
            (Some(2), Some(false))
        );
        assert_eq!(entry.work(), before);
        let mut fresh = Entry::default();
        fresh.prompted();
        assert_eq!(fresh.context_saved, None);
    }

    #[test]
    fn leaving_blocked_forgets_the_blockers() {
        let mut entry = Entry {
            blocked_on: vec![1, 2],
            ..Entry::default()
        };
        entry.set_status("waiting");
        assert_eq!(entry.blocked_on, [1, 2]);
        entry.set_status("testing");
        assert!(entry.blocked_on.is_empty());
    }

    #[test]
    fn mass_silence_needs_a_mass() {
        assert!(!is_mass_silence(2, 2));
        assert!(!is_mass_silence(3, 6));
        assert!(is_mass_silence(3, 5));
    }
}
