//! Any program. It has no hooks and no screen that we know: while it runs it is ready.

use std::time::Duration;

use super::{Asked, Provider};

pub(super) const PROVIDER: Provider = Provider {
    name: "command",
    program: "",
    install: "name it behind --",
    harness: None,
    needs: None,
    words,
    headless: None,
    takes_prompt: true,
    pause: Duration::from_millis(50),
    look: |_| None,
};

fn words(asked: &Asked<'_>) -> Vec<String> {
    asked.together().into_iter().collect()
}
