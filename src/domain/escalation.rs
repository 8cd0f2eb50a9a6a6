//! Questions: what an agent cannot settle by itself.

use super::time::Timestamp;
use super::waiting::{Core, Kind, Settled, Waits};

/// A question, perhaps with options to choose from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Escalation {
    /// What it shares with everything that waits.
    pub core: Core,
    /// Its maker took it back.
    pub withdrawn: bool,
    /// What one may choose from; numbered from 1.
    pub options: Vec<String>,
    /// Paths it is about.
    pub paths: Vec<String>,
    /// What the condition behind it is called: asked again under the same key, it only counts.
    pub key: Option<String>,
    /// How often it was asked.
    pub count: u64,
    /// What was decided.
    pub decision: Option<Decision>,
    /// Why, in one line.
    pub why: Option<String>,
}

/// What was decided: an option, or something else in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The option's number.
    pub choice: Option<u64>,
    /// The option's words, or the free text.
    pub text: String,
}

/// There is no option of this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSuchOption(pub u64);

impl Escalation {
    /// What these words decide: an option by its number or its words, else themselves. `yes` and `no` are words like
    /// any others. A number beyond the options is refused: it is a slip.
    pub fn meaning(&self, words: &str) -> Result<Decision, NoSuchOption> {
        let decision = understood(words, &self.options);
        match (decision.choice, number(words)) {
            (None, Some(number)) if !self.options.is_empty() => Err(NoSuchOption(number)),
            _ => Ok(decision),
        }
    }

    /// Settles it; `false`: this is what had been decided. An edit by hand is completed with who and when.
    pub fn decide(
        &mut self,
        decision: Decision,
        why: Option<String>,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, Settled> {
        match &self.decision {
            _ if self.withdrawn => Err(Settled),
            Some(first) if *first == decision => Ok(false),
            Some(_) => Err(Settled),
            None => {
                self.decision = Some(decision);
                self.why = why;
                self.core.settle(by, at);
                Ok(true)
            }
        }
    }
}

impl Waits for Escalation {
    fn kind(&self) -> Kind {
        Kind::Escalation
    }

    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn status(&self) -> &'static str {
        match &self.decision {
            _ if self.withdrawn => "withdrawn",
            Some(_) => "resolved",
            None => "open",
        }
    }

    fn is_open(&self) -> bool {
        !self.withdrawn && self.decision.is_none()
    }

    fn is_withdrawn(&self) -> bool {
        self.withdrawn
    }

    fn withdraw(&mut self, by: &str, why: Option<&str>, at: Timestamp) -> Result<bool, Settled> {
        if self.decision.is_some() && !self.withdrawn {
            return Err(Settled);
        }
        if !self.withdrawn {
            self.withdrawn = true;
            self.why = why.map(str::to_owned);
            self.core.settle(by, at);
            return Ok(true);
        }
        Ok(false)
    }

    fn is_decided_by_hand(&self) -> bool {
        self.decision.is_some()
            && !self.withdrawn
            && (self.core.decided_at.is_none() || self.core.by.is_none())
    }
}

/// What words under a question's options mean; a number that is no option is a text.
pub fn understood(words: &str, options: &[String]) -> Decision {
    let words = words.trim();
    let by_number = number(words)
        .and_then(|number| usize::try_from(number).ok())
        .and_then(|number| number.checked_sub(1));
    let chosen = by_number
        .filter(|index| *index < options.len())
        .or_else(|| by_words(words, options));
    match chosen {
        Some(index) => Decision {
            choice: Some(index as u64 + 1),
            text: options[index].clone(),
        },
        None => Decision {
            choice: None,
            text: words.to_owned(),
        },
    }
}

/// `2`, `#2`, `2.` and `2)`.
fn number(words: &str) -> Option<u64> {
    let digits = words
        .trim()
        .trim_start_matches('#')
        .trim_end_matches(['.', ')']);
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())
        .flatten()
}

/// The option with these words, whatever their case and spaces; copied with its number, too: `2. Two files`.
fn by_words(words: &str, options: &[String]) -> Option<usize> {
    let plain = |text: &str| {
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase()
    };
    let wanted = plain(words);
    options.iter().enumerate().position(|(index, option)| {
        let option = plain(option);
        wanted == option
            || ['.', ')']
                .iter()
                .any(|mark| wanted == format!("{}{mark} {option}", index + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn question(options: &[&str]) -> Escalation {
        Escalation {
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            ..Escalation::default()
        }
    }

    #[test]
    fn words_mean_options_or_themselves() {
        let store = question(&["SQLite", "Two files"]);
        for (words, choice, text) in [
            ("1", Some(1), "SQLite"),
            ("#2", Some(2), "Two files"),
            ("2.", Some(2), "Two files"),
            (" two  FILES\n", Some(2), "Two files"),
            ("2) two files", Some(2), "Two files"),
            ("1. two files", None, "1. two files"),
            ("yes", None, "yes"),
            ("neither: use memory", None, "neither: use memory"),
            ("", None, ""),
        ] {
            assert_eq!(
                store.meaning(words),
                Ok(Decision {
                    choice,
                    text: text.into()
                }),
                "{words}"
            );
        }
        assert_eq!(store.meaning("3"), Err(NoSuchOption(3)));
        assert_eq!(store.meaning("0"), Err(NoSuchOption(0)));
        let yes_or_no = question(&["Yes", "No"]);
        assert_eq!(
            yes_or_no.meaning("no").map(|decision| decision.choice),
            Ok(Some(2))
        );
        assert_eq!(
            question(&[]).meaning("8080"),
            Ok(Decision {
                choice: None,
                text: "8080".into()
            })
        );
        // Options that are numbers: their place counts first.
        let ports = question(&["8080", "2", "1"]);
        assert_eq!(
            ports.meaning("8080").map(|decision| decision.choice),
            Ok(Some(1))
        );
        assert_eq!(
            ports.meaning("2").map(|decision| decision.choice),
            Ok(Some(2))
        );
        assert_eq!(
            ports.meaning("1").map(|decision| decision.choice),
            Ok(Some(1))
        );
    }

    #[test]
    fn decided_once() {
        let mut one = question(&["a", "b"]);
        let (a, b) = (understood("1", &one.options), understood("b", &one.options));
        assert!(one.is_open());
        assert_eq!(
            one.decide(a.clone(), Some("fast".into()), "Ana", at(1)),
            Ok(true)
        );
        assert_eq!(one.decide(a, None, "Bob", at(2)), Ok(false));
        assert_eq!(one.decide(b, None, "Bob", at(3)), Err(Settled));
        assert_eq!(
            (one.status(), one.core.by.as_deref(), one.core.decided_at),
            ("resolved", Some("Ana"), Some(at(1)))
        );
        assert_eq!(
            (one.why.as_deref(), one.is_decided_by_hand()),
            (Some("fast"), false)
        );
        assert_eq!(one.withdraw("worker-1", None, at(4)), Err(Settled));
    }

    #[test]
    fn taken_back_once() {
        let mut one = question(&[]);
        assert_eq!(one.withdraw("worker-1", Some("found out"), at(1)), Ok(true));
        assert_eq!(one.withdraw("worker-1", None, at(2)), Ok(false));
        assert_eq!(
            (one.status(), one.why.as_deref(), one.is_open()),
            ("withdrawn", Some("found out"), false)
        );
        assert_eq!(
            one.decide(understood("x", &[]), None, "Ana", at(3)),
            Err(Settled)
        );
    }

    #[test]
    fn an_edit_by_hand_is_completed() {
        let mut one = question(&[]);
        one.decision = Some(understood("use memory", &[]));
        assert!(one.is_decided_by_hand() && !one.is_open());
        one.note_hand(at(7));
        assert_eq!(
            (
                one.core.by.as_deref(),
                one.core.decided_at,
                one.is_decided_by_hand()
            ),
            (Some("hand"), Some(at(7)), false)
        );
    }
}
