//! What harnesses send, read with goodwill: a field of another type than expected is a field that is not there, and what
//! is not needed (the text of an edit, the answer of a tool) is passed over, whatever it holds and however deep it is.

mod surrogates;

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::domain::harness::SessionId;
use crate::error::{Error, Kind};

/// The fields that any harness sends and that we look at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Payload {
    pub hook_event_name: Loose,
    pub tool_name: Loose,
    pub tool_input: ToolInput,
    pub source: Loose,
    pub reason: Loose,
    pub notification_type: Loose,
    pub stop_hook_active: Loose,
    /// Set inside a subagent.
    pub agent_id: Loose,
    /// Cursor's `afterFileEdit` names its file here.
    pub file_path: Loose,
    /// Cursor's word for how a turn ended.
    pub status: Loose,
    /// Claude Code's word for why a turn failed: `rate_limit`, `server_error`, …
    pub error: Loose,
    session_id: Loose,
    conversation_id: Loose,
    cwd: Loose,
    workspace_roots: Loose,
    transcript_path: Loose,
    last_assistant_message: Loose,
    prompt_response: Loose,
}

impl Payload {
    /// Reads an event.
    pub(super) fn parse(bytes: &[u8]) -> Result<Payload, Error> {
        let wrong = Error::new(Kind::Usage, "the event is no JSON that can be read");
        // A list would do for a structure, one value after the other.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(wrong.because("it is no object"));
        }
        // A text cut in the middle of a character is none to this language; the files named beside it are still named.
        serde_json::from_slice(bytes)
            .or_else(|_| serde_json::from_slice(&surrogates::replaced(bytes)))
            .map_err(|error| wrong.because(error))
    }

    /// The event's name.
    pub(super) fn event(&self) -> &str {
        self.hook_event_name.text().unwrap_or_default()
    }

    /// The tool's name.
    pub(super) fn tool(&self) -> &str {
        self.tool_name.text().unwrap_or_default()
    }

    /// The session, when its id can be used.
    pub(super) fn session(&self) -> Option<SessionId> {
        let id = self.session_id.text().or(self.conversation_id.text());
        id.and_then(|id| id.parse().ok())
    }

    /// Where the session stands, when that is an absolute path.
    pub(super) fn cwd(&self) -> Option<PathBuf> {
        let cwd = self.cwd.text().or(self.workspace_roots.text());
        cwd.map(PathBuf::from).filter(|path| path.is_absolute())
    }

    /// Where the harness keeps what was said.
    pub(super) fn transcript(&self) -> Option<PathBuf> {
        let path = self.transcript_path.text().map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    }

    /// What the agent said last.
    pub(super) fn last_message(&self) -> Option<String> {
        let said = self.last_assistant_message.text();
        said.or(self.prompt_response.text()).map(str::to_owned)
    }
}

/// The fields of a tool's input that name files.
#[derive(Debug, Default)]
pub(super) struct ToolInput(Vec<(&'static str, Loose)>);

/// Their names. All others are passed over unread.
const FIELDS: [&str; 9] = [
    "file_path",
    "notebook_path",
    "absolute_path",
    "filePath",
    "path",
    "target_file",
    "target_notebook",
    "command",
    "patchText",
];

impl ToolInput {
    /// The text of the first of these fields that has one.
    pub(super) fn first(&self, fields: &[&str]) -> Option<&str> {
        let text = |field: &&str| {
            let found = self.0.iter().find(|(name, _)| name == field)?;
            found.1.text().filter(|text| !text.is_empty())
        };
        fields.iter().find_map(text)
    }

    /// The texts of all of these fields: whichever of them a tool goes by.
    pub(super) fn path(&self, fields: &[&str]) -> Vec<String> {
        let named = self.0.iter().filter(|(name, _)| fields.contains(name));
        let texts = named.filter_map(|(_, value)| value.text());
        texts
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

/// A value of which only texts and truth matter.
#[derive(Debug, Default)]
pub(super) enum Loose {
    /// Something else, or nothing.
    #[default]
    Other,
    /// A text, or the first text of a list.
    Text(String),
    /// Yes or no.
    Truth(bool),
}

impl Loose {
    /// The text.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Loose::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it says yes.
    pub(super) fn is_true(&self) -> bool {
        matches!(self, Loose::Truth(true))
    }
}

/// What a visitor answers to values that it has no use for.
macro_rules! no_use_for {
    ($answer:expr; $($visit:ident($($value:ty)?)),+) => {
        $(fn $visit<E>(self, $(_: $value)?) -> Result<Self::Value, E> {
            Ok($answer)
        })+
    };
}

struct Look;

impl<'de> Visitor<'de> for Look {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    no_use_for!(Loose::Other; visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_unit());

    fn visit_str<E>(self, text: &str) -> Result<Loose, E> {
        Ok(Loose::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Loose, E> {
        Ok(Loose::Truth(yes))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Loose, A::Error> {
        let mut first = Loose::Other;
        while let Some(item) = list.next_element::<Loose>()? {
            if first.text().is_none() {
                first = item;
            }
        }
        Ok(first)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose::Other)
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Loose, D::Error> {
        from.deserialize_any(Look)
    }
}

struct LookIntoTool;

impl<'de> Visitor<'de> for LookIntoTool {
    type Value = ToolInput;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    no_use_for!(ToolInput::default(); visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_unit(), visit_str(&str));

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ToolInput, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(ToolInput::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ToolInput, A::Error> {
        let mut found = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            match FIELDS.iter().find(|field| **field == name) {
                Some(field) => found.push((*field, map.next_value()?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(ToolInput(found))
    }
}

impl<'de> Deserialize<'de> for ToolInput {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<ToolInput, D::Error> {
        from.deserialize_any(LookIntoTool)
    }
}
