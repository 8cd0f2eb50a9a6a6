//! This very program, which goes on without the terminal that it was typed in. It has no hooks, and takes no prompts: while
//! it runs it is at work.

use std::time::Duration;

use super::{Headless, Look, Provider, Speech};

/// Its row. Nobody chooses it for a session, so it stands outside the table.
pub const ITSELF: Provider = Provider {
    name: "ghp",
    program: "ghp",
    install: "it is there",
    harness: None,
    needs: None,
    words: |_| Vec::new(),
    headless: Headless {
        words: |_, _| Vec::new(),
        input: None,
        speech: Speech::Text,
        note: None,
    },
    takes_prompt: false,
    pause: Duration::ZERO,
    first_asks: None,
    look: |_| Some(Look::Working),
};
