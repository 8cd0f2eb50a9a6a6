//! What a session is doing: from its hooks first, its screen second, its process always.

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// What a session is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It was started and has not shown yet that it takes prompts.
    Starting,
    /// It takes its first prompt.
    Ready,
    /// A turn is going on.
    Working,
    /// A person is asked for a permission or an answer.
    Waiting,
    /// A person types, or began the turn that goes on by hand: it is left alone.
    Interactive,
    /// Its turn has ended, it takes the next prompt.
    Idle,
    /// Its program has ended.
    Exited,
    /// Its terminal is gone, and nobody saw how it ended.
    Lost,
    /// Nobody can tell just now. It may well run.
    Unknown,
}

impl State {
    /// The word as it stands in JSON.
    pub fn word(self) -> &'static str {
        match self {
            State::Starting => "starting",
            State::Ready => "ready",
            State::Working => "working",
            State::Waiting => "waiting",
            State::Interactive => "interactive",
            State::Idle => "idle",
            State::Exited => "exited",
            State::Lost => "lost",
            State::Unknown => "unknown",
        }
    }

    /// Whether a prompt can be given to it.
    pub fn takes_prompts(self) -> bool {
        matches!(self, State::Ready | State::Idle)
    }

    /// Whether it certainly does not run.
    pub fn is_over(self) -> bool {
        matches!(self, State::Exited | State::Lost)
    }
}

/// What a screen looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A turn is going on.
    Working,
    /// It asks something.
    Waiting,
    /// Its line for a prompt is empty.
    Idle,
    /// Somebody has begun a prompt and not submitted it.
    Draft,
}

/// What the program's process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// It runs.
    Running,
    /// It runs for one turn at a time, and none goes on.
    Resting,
    /// It has ended.
    Exited,
    /// Nobody knows how it ended.
    Lost,
    /// Nobody can tell.
    Unknown,
}

/// What a session's hooks have said last, kept on its machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Heard {
    /// The session's own id, `GHP_SESSION`.
    pub session: String,
    /// What they said.
    pub state: State,
    /// Since when (RFC 3339).
    pub since: String,
    /// The harness that speaks, once it has spoken.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub harness: Option<String>,
    /// Its own id of the session: it may give another one (`/clear`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub harness_session: Option<String>,
    /// How many prompts it has acknowledged.
    #[serde(default)]
    pub prompts: u64,
    /// Whether the program was started with a prompt that it has not acknowledged yet.
    #[serde(default)]
    pub first_pending: bool,
    /// Whether a person began the turn that goes on, by hand.
    #[serde(default)]
    pub by_hand: bool,
}

/// What a hook says of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It begins, or goes on under another id.
    Started,
    /// A prompt was submitted; `sent`: we sent one.
    Prompted {
        /// Whether `session send` is waiting for just that.
        sent: bool,
    },
    /// A tool has run.
    Worked,
    /// A person is asked.
    Asked,
    /// The turn is over.
    Rested,
}

impl Heard {
    /// A session that is about to start. `first_pending`: with a prompt.
    pub fn new(session: String, first_pending: bool, now: Timestamp) -> Heard {
        Heard {
            session,
            state: State::Starting,
            since: now.to_string(),
            harness: None,
            harness_session: None,
            prompts: 0,
            first_pending,
            by_hand: false,
        }
    }

    /// Notes what a hook says; whether that changed anything.
    pub fn hear(&mut self, said: Said, harness: &str, id: Option<&str>, now: Timestamp) -> bool {
        let before = self.clone();
        self.harness = Some(harness.to_owned());
        if let Some(id) = id {
            self.harness_session = Some(id.to_owned());
        }
        let state = match said {
            Said::Started if self.prompts > 0 => State::Idle,
            Said::Started => State::Ready,
            Said::Prompted { sent } => {
                self.by_hand = !(sent || self.first_pending);
                self.first_pending = false;
                self.prompts += 1;
                State::Working
            }
            Said::Worked => State::Working,
            Said::Asked => State::Waiting,
            Said::Rested => {
                self.by_hand = false;
                State::Idle
            }
        };
        if state != self.state {
            self.state = state;
            self.since = now.to_string();
        }
        *self != before
    }
}

/// A word of a hook counts for so long against a screen that says otherwise, in seconds: the screen may be drawn later.
const SETTLED: i64 = 2;

/// The first word of a hook comes within so long, in seconds; the screen may be drawn before it.
const FIRST: i64 = 20;

/// What the session is doing. `heard`: what its hooks said, of this very session. `look`: what its screen looked like, twice
/// alike. `hooks`: whether its provider is expected to speak through hooks.
pub fn state(
    process: Process,
    heard: Option<&Heard>,
    look: Option<Look>,
    hooks: bool,
    now: Timestamp,
) -> State {
    match process {
        Process::Resting => return State::Idle,
        Process::Exited => return State::Exited,
        Process::Lost => return State::Lost,
        Process::Unknown => return State::Unknown,
        Process::Running => {}
    }
    let since = heard.and_then(|heard| Timestamp::parse(&heard.since));
    let Some(heard) = heard.filter(|heard| heard.harness.is_some()) else {
        let pending = heard.is_some_and(|heard| heard.first_pending || hooks)
            && since.is_some_and(|since| now.since(since).abs() < FIRST);
        return match look {
            Some(Look::Working) => State::Working,
            Some(Look::Waiting) => State::Waiting,
            Some(Look::Draft) => State::Interactive,
            Some(Look::Idle) if pending => State::Starting,
            None if hooks => State::Starting,
            Some(Look::Idle) | None => State::Ready,
        };
    };
    // A clock that was set back makes no word eternal.
    let settled = since.is_none_or(|since| now.since(since).abs() >= SETTLED);
    let state = match (heard.state, look) {
        (State::Ready | State::Idle, Some(Look::Waiting)) => State::Waiting,
        (State::Ready | State::Idle | State::Waiting, Some(Look::Working)) if settled => {
            State::Working
        }
        (State::Ready, _) if heard.first_pending => State::Starting,
        (State::Ready | State::Idle, Some(Look::Draft)) => State::Interactive,
        // What Esc took back stands there again.
        (State::Working | State::Waiting, Some(Look::Draft)) if settled => State::Interactive,
        // Esc ends a turn, and refuses what was asked, without a word of a hook.
        (State::Working | State::Waiting, Some(Look::Idle)) if settled => State::Idle,
        (State::Working, Some(Look::Waiting)) if settled => State::Waiting,
        (state, _) => state,
    };
    if state == State::Working && heard.by_hand {
        State::Interactive
    } else {
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000 + seconds)
    }

    fn heard(all: &[Said]) -> Heard {
        let mut heard = Heard::new("id".into(), false, at(0));
        for said in all {
            heard.hear(*said, "claude", Some("x"), at(0));
        }
        heard
    }

    fn now(heard: &Heard, look: Option<Look>, later: i64) -> State {
        state(Process::Running, Some(heard), look, true, at(later))
    }

    const SENT: Said = Said::Prompted { sent: true };
    const TYPED: Said = Said::Prompted { sent: false };

    #[test]
    fn hooks_say_it_first() {
        for (said, expected) in [
            (&[][..], State::Starting),
            (&[Said::Started], State::Ready),
            (&[Said::Started, SENT], State::Working),
            (&[Said::Started, SENT, Said::Asked], State::Waiting),
            (
                &[Said::Started, SENT, Said::Asked, Said::Worked],
                State::Working,
            ),
            (&[Said::Started, SENT, Said::Rested], State::Idle),
            (
                &[Said::Started, SENT, Said::Rested, Said::Started],
                State::Idle,
            ),
            (&[Said::Started, TYPED], State::Interactive),
            (&[Said::Started, TYPED, Said::Worked], State::Interactive),
            (&[Said::Started, TYPED, Said::Asked], State::Waiting),
            (&[Said::Started, TYPED, Said::Rested], State::Idle),
            (&[Said::Started, TYPED, Said::Rested, SENT], State::Working),
        ] {
            assert_eq!(now(&heard(said), None, 0), expected, "{said:?}");
        }
    }

    #[test]
    fn the_screen_corrects_what_hooks_miss() {
        let working = heard(&[Said::Started, SENT]);
        // Esc.
        assert_eq!(now(&working, Some(Look::Idle), 0), State::Working);
        assert_eq!(now(&working, Some(Look::Idle), SETTLED), State::Idle);
        // A closed laptop: hours later the screen decides.
        assert_eq!(now(&working, Some(Look::Idle), 36_000), State::Idle);
        assert_eq!(now(&working, Some(Look::Working), 36_000), State::Working);
        assert_eq!(now(&working, None, 36_000), State::Working);
        let asked = heard(&[Said::Started, SENT, Said::Asked]);
        assert_eq!(now(&asked, Some(Look::Working), SETTLED), State::Working);
        assert_eq!(now(&asked, Some(Look::Idle), SETTLED), State::Idle);
        let idle = heard(&[Said::Started, SENT, Said::Rested]);
        assert_eq!(now(&idle, Some(Look::Working), SETTLED), State::Working);
        assert_eq!(now(&idle, Some(Look::Working), 0), State::Idle);
        assert_eq!(now(&idle, Some(Look::Idle), SETTLED), State::Idle);
        assert_eq!(now(&idle, Some(Look::Draft), 0), State::Interactive);
        assert_eq!(
            now(&working, Some(Look::Draft), SETTLED),
            State::Interactive
        );
    }

    #[test]
    fn a_first_prompt_that_is_on_its_way_is_no_rest() {
        let mut first = Heard::new("id".into(), true, at(0));
        first.hear(Said::Started, "claude", None, at(0));
        assert_eq!(now(&first, Some(Look::Idle), 5), State::Starting);
        first.hear(TYPED, "claude", None, at(0));
        assert_eq!(now(&first, None, 5), State::Working);
    }

    #[test]
    fn the_process_says_it_always() {
        let working = heard(&[Said::Started, SENT]);
        for (process, expected) in [
            (Process::Exited, State::Exited),
            (Process::Lost, State::Lost),
            (Process::Unknown, State::Unknown),
        ] {
            let state = state(process, Some(&working), Some(Look::Working), true, at(0));
            assert_eq!(state, expected);
        }
        let bare = |look, hooks| state(Process::Running, None, look, hooks, at(0));
        assert_eq!(bare(None, false), State::Ready);
        assert_eq!(bare(None, true), State::Starting);
        assert_eq!(bare(Some(Look::Idle), true), State::Ready);
        assert_eq!(bare(Some(Look::Waiting), true), State::Waiting);
    }

    #[test]
    fn what_says_nothing_new_changes_nothing() {
        let mut heard = heard(&[Said::Started, SENT, Said::Worked]);
        assert!(!heard.hear(Said::Worked, "claude", Some("x"), at(60)));
        assert_eq!(heard.since, at(0).to_string());
        assert!(heard.hear(Said::Worked, "claude", Some("y"), at(60)));
        assert!(heard.hear(SENT, "claude", Some("y"), at(60)));
        assert_eq!(heard.prompts, 2);
    }
}
