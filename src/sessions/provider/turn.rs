//! Turns without a screen: how a provider takes one, and what its output tells of it.

use serde_json::Value;

use super::Asked;
use crate::domain::harness::SessionId;

/// How a provider takes a turn without a screen.
#[derive(Debug)]
pub struct Headless {
    /// The words behind the program.
    pub words: fn(&Asked<'_>, Turn<'_>) -> Vec<String>,
    /// What it reads from its standard input; `None`: the prompt is among its words.
    pub input: Option<fn(&Asked<'_>, Turn<'_>) -> Option<String>>,
    /// How its output is read.
    pub speech: Speech,
    /// What a person should know who starts one.
    pub note: Option<&'static str>,
}

/// A turn without a screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turn<'a> {
    /// The provider's own id of the conversation that it goes on with, as far as one is known.
    pub conversation: Option<&'a str>,
    /// Whether there was one before.
    pub goes_on: bool,
}

/// What a provider prints in a turn.
#[derive(Debug, Clone, Copy)]
pub enum Speech {
    /// An event a line, in JSON.
    Lines(fn(&Value, &mut Said)),
    /// One document in JSON.
    Document(fn(&Value, &mut Said)),
    /// Its answer.
    Text,
}

/// What a turn has told.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The provider's own id of the conversation.
    pub conversation: Option<String>,
    /// Its last message.
    pub message: Option<String>,
    /// Why it failed, when it says so.
    pub failed: Option<String>,
    /// What it was hindered by on the way; it may have got over it.
    pub trouble: Option<String>,
    /// What is to be shown of what it has just told.
    shown: Vec<String>,
}

impl Said {
    /// It names its conversation. What no provider would take for one is left out: it becomes a word of a command.
    pub(super) fn names(&mut self, id: &Value) {
        let id = id.as_str().and_then(|id| id.parse::<SessionId>().ok());
        if let Some(id) = id {
            self.conversation = Some(id.to_string());
        }
    }

    /// It says something.
    pub(super) fn says(&mut self, text: &Value) {
        if let Some(text) = text.as_str().filter(|text| !text.trim().is_empty()) {
            self.message = Some(text.to_owned());
            self.shown.push(text.to_owned());
        }
    }

    /// It failed.
    pub(super) fn fails(&mut self, why: &Value) {
        let why = why.as_str().unwrap_or("it says that it failed");
        self.failed = Some(why.to_owned());
    }

    /// It was hindered.
    pub(super) fn stumbles(&mut self, why: &Value) {
        if let Some(why) = why.as_str() {
            self.trouble = Some(why.to_owned());
            self.shown.push(why.to_owned());
        }
    }
}

/// Hears a turn line by line.
#[derive(Debug)]
pub struct Listener {
    speech: Speech,
    said: Said,
    /// What can be read only as a whole.
    text: String,
}

/// So much of an output is kept that can be read only as a whole, in bytes.
const LONGEST: usize = 1 << 20;

impl Listener {
    /// A listener to what is printed so.
    pub fn new(speech: Speech) -> Listener {
        Listener {
            speech,
            said: Said::default(),
            text: String::new(),
        }
    }

    /// It has printed a line; what of it is to be shown.
    pub fn line(&mut self, line: &str) -> Vec<String> {
        match (self.speech, serde_json::from_str::<Value>(line)) {
            (Speech::Lines(hear), Ok(event)) if event.is_object() => hear(&event, &mut self.said),
            (Speech::Document(_), _) => self.keep(line),
            (Speech::Text, _) => {
                self.keep(line);
                self.said.shown.push(line.to_owned());
            }
            // A word of warning among the events.
            (Speech::Lines(_), _) => self.said.shown.push(line.to_owned()),
        }
        std::mem::take(&mut self.said.shown)
    }

    fn keep(&mut self, line: &str) {
        let left = LONGEST.saturating_sub(self.text.len() + 1);
        if left > 0 {
            self.text.push_str(&line[..line.floor_char_boundary(left)]);
            self.text.push('\n');
        }
    }

    /// What it has told so far.
    pub fn said(&self) -> &Said {
        &self.said
    }

    /// It prints no more; what is to be shown now, and all that it told.
    pub fn end(mut self) -> (Vec<String>, Said) {
        let text = self.text.trim();
        match self.speech {
            Speech::Document(hear) => match serde_json::from_str(text) {
                Ok(document) => hear(&document, &mut self.said),
                Err(_) => self.said.shown.push(text.to_owned()),
            },
            Speech::Text if !text.is_empty() => self.said.message = Some(text.to_owned()),
            Speech::Text | Speech::Lines(_) => {}
        }
        let shown = std::mem::take(&mut self.said.shown);
        (shown, self.said)
    }
}
