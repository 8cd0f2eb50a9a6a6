//! Any program. It has no hooks and no screen that we know: while it runs it is ready. Without a screen it is
//! run once for each prompt, and what it prints is its answer.

use std::time::Duration;

use super::{Asked, Headless, Provider, Speech};

pub(super) const PROVIDER: Provider = Provider {
    name: "command",
    program: "",
    install: "name it behind --",
    harness: None,
    needs: None,
    words,
    headless: Headless {
        words: |asked, turn| asked.in_turn(turn).into_iter().collect(),
        input: None,
        speech: Speech::Text,
        note: None,
    },
    takes_prompt: true,
    pause: Duration::from_millis(50),
    first_asks: None,
    look: |_| None,
};

fn words(asked: &Asked<'_>) -> Vec<String> {
    asked.together().into_iter().collect()
}
