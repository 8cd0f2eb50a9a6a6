//! What runs in a session: one file and one row each. More come from `coordination.providers`.
//!
//! A row says how the program takes its first prompt and its persona (as words, never typed), how our hooks reach it, how
//! a turn is run without a screen, and how its screen looks. What is on a screen is a second opinion: hooks come first.

mod aider;
mod claude;
mod codex;
mod command;
mod gemini;
mod itself;
mod opencode;
mod own;
mod screen;
mod turn;

use std::path::Path;
use std::time::Duration;

use crate::domain::session::Look;
pub use itself::ITSELF;
pub use own::Own;
pub use turn::{Headless, Listener, Said, Speech, Turn};

/// A program that can run in a session.
#[derive(Debug)]
pub struct Provider {
    /// Its word.
    pub name: &'static str,
    /// The program.
    pub program: &'static str,
    /// How to get it, in one line.
    pub install: &'static str,
    /// The harness that it speaks as through hooks (`ghp hook HARNESS`).
    pub harness: Option<&'static str>,
    /// The command that hands it our hooks once; `None`: they come with its words, or it has none.
    pub needs: Option<&'static str>,
    /// The words behind the program.
    pub words: fn(&Asked<'_>) -> Vec<String>,
    /// How it takes a turn without a screen.
    pub headless: Headless,
    /// Whether the first prompt is among its words; else it is pasted once it is ready.
    pub takes_prompt: bool,
    /// How long after a paste it takes Enter for a key of its own.
    pub pause: Duration,
    /// What it may ask a person before it speaks through a hook, and how to be asked that only once.
    pub first_asks: Option<&'static str>,
    /// How its screen looks; `None`: it does not say.
    pub look: fn(&str) -> Option<Look>,
}

/// What a provider is asked to do.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The first prompt.
    pub prompt: Option<&'a str>,
    /// Who it shall be: a text for its system prompt.
    pub persona: Option<&'a str>,
    /// The command that runs us as its hook, as a shell takes it: `ghp hook claude`.
    pub hook: &'a str,
    /// The documents, which it may read and in which its Working Context is.
    pub documents: &'a Path,
    /// The machine-local folder, which our commands write to.
    pub local: &'a Path,
}

impl Asked<'_> {
    /// Persona and prompt as one text, for programs that take no persona of their own.
    fn together(&self) -> Option<String> {
        match (self.persona, self.prompt) {
            (Some(persona), Some(prompt)) => Some(format!("{}\n\n{prompt}", persona.trim_end())),
            (one, other) => one.or(other).map(str::to_owned),
        }
    }

    /// The prompt of a turn without a screen; a persona that is no word of its own was said in the first.
    fn in_turn(&self, turn: Turn<'_>) -> Option<String> {
        if turn.goes_on {
            self.prompt.map(str::to_owned)
        } else {
            self.together()
        }
    }
}

/// Every provider that is built in, the first that is installed being the one that is used when none is named.
pub const PROVIDERS: &[&Provider] = &[
    &claude::PROVIDER,
    &codex::PROVIDER,
    &gemini::PROVIDER,
    &opencode::PROVIDER,
    &aider::PROVIDER,
    &command::PROVIDER,
];

/// The provider of this word.
pub fn named(name: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().copied().find(|row| row.name == name)
}

/// The words of every provider, for messages.
pub fn names() -> Vec<&'static str> {
    PROVIDERS.iter().map(|row| row.name).collect()
}

#[cfg(test)]
mod tests;
