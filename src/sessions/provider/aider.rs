//! aider. It has no hooks: its screen alone says what it does, and git's hooks (`ghp install git`) check what it commits.

use std::time::Duration;

use super::screen::End;
use super::{Asked, Headless, Provider, Speech, Turn};
use crate::domain::session::Look;

pub(super) const PROVIDER: Provider = Provider {
    name: "aider",
    program: "aider",
    install: "python3 -m pip install aider-install && aider-install",
    harness: None,
    needs: Some("ghp install git"),
    words,
    headless: Headless {
        words: headless,
        input: None,
        speech: Speech::Text,
        note: None,
    },
    takes_prompt: false,
    pause: Duration::from_millis(150),
    first_asks: None,
    look,
};

/// It has no first prompt that leaves its terminal open, so that one is pasted when it is ready.
fn words(_: &Asked<'_>) -> Vec<String> {
    vec![
        "--git-commit-verify".to_owned(),
        "--no-check-update".to_owned(),
    ]
}

fn headless(asked: &Asked<'_>, turn: Turn<'_>) -> Vec<String> {
    let mut words = self::words(asked);
    if turn.goes_on {
        words.push("--restore-chat-history".to_owned());
    }
    words.push("--yes-always".to_owned());
    words.extend(asked.in_turn(turn).map(|text| format!("--message={text}")));
    words
}

fn look(screen: &str) -> Option<Look> {
    let end = End::of(screen);
    if end.says(1, &["(Y)es/(N)o"]) {
        return Some(Look::Waiting);
    }
    // `>`, `ask>`, `architect>`: nothing but a word before it.
    let before = end.last().strip_suffix('>')?;
    before
        .chars()
        .all(|c| c.is_ascii_lowercase() || matches!(c, ' ' | '-'))
        .then_some(Look::Idle)
}
