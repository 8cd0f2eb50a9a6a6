//! agent-status.json: the seed's format, every unknown field kept.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::front_matter::Malformed;
use crate::domain::agent::Entry;
use crate::domain::unknown::Unknown;

/// The whole document. Agents are sorted by name; names are as they stand in the file, since a person may
/// have typed them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Status {
    /// Who does what.
    pub agents: BTreeMap<String, Entry>,
    /// Other top-level fields, kept.
    pub unknown: Unknown,
}

impl Status {
    /// Reads the document; a byte-order mark and CRLF are accepted.
    pub fn parse(text: &str) -> Result<Status, Malformed> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        serde_json::from_str(text).map_err(|error| {
            let what = if text.lines().any(|line| line.starts_with("<<<<<<< ")) {
                "git's conflict markers".to_owned()
            } else {
                let message = error.to_string();
                message
                    .split(" at line ")
                    .next()
                    .unwrap_or(&message)
                    .to_owned()
            };
            Malformed {
                line: error.line().max(1),
                column: error.column().max(1),
                what,
            }
        })
    }

    /// Writes the document: two spaces, one trailing newline.
    pub fn render(&self) -> String {
        let mut text = serde_json::to_string_pretty(self)
            .unwrap_or_else(|_| unreachable!("maps with text keys"));
        text.push('\n');
        text
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Status, D::Error> {
        struct Whole;
        impl<'de> Visitor<'de> for Whole {
            type Value = Status;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with \"agents\"")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Status, M::Error> {
                let mut status = Status::default();
                let mut seen = false;
                while let Some(key) = map.next_key::<String>()? {
                    if key == "agents" {
                        if std::mem::replace(&mut seen, true) {
                            return Err(M::Error::duplicate_field("agents"));
                        }
                        status.agents = map.next_value::<Agents>()?.0;
                    } else if status.unknown.get(&key).is_some() {
                        return Err(M::Error::custom(format!("duplicate field `{key}`")));
                    } else {
                        status.unknown.insert(key, map.next_value()?);
                    }
                }
                Ok(status)
            }
        }
        deserializer.deserialize_map(Whole)
    }
}

/// The map of agents; a name twice is an error, not a silent loss of the first.
struct Agents(BTreeMap<String, Entry>);

impl<'de> Deserialize<'de> for Agents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Agents, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Agents;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of agents by name")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Agents, M::Error> {
                let mut agents = BTreeMap::new();
                while let Some(name) = map.next_key::<String>()? {
                    match agents.entry(name) {
                        Place::Vacant(free) => drop(free.insert(map.next_value()?)),
                        Place::Occupied(taken) => {
                            let name = taken.key();
                            return Err(M::Error::custom(format!("agent `{name}` twice")));
                        }
                    }
                }
                Ok(Agents(agents))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Entry, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Entry;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an agent's entry, an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Entry, M::Error> {
                let mut entry = Entry::default();
                let mut seen = 0_u32;
                while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
                    if let Some(at) = NAMES.iter().position(|name| *name == key) {
                        if seen & (1 << at) != 0 {
                            return Err(M::Error::custom(format!("field `{key}` twice")));
                        }
                        seen |= 1 << at;
                    }
                    match key.as_ref() {
                        "issue" => entry.issue = map.next_value()?,
                        "status" => entry.status = map.next_value()?,
                        "lastAction" => entry.last_action = map.next_value()?,
                        "timestamp" => entry.timestamp = map.next_value()?,
                        "role" => entry.role = map.next_value()?,
                        "blockedOn" => {
                            entry.blocked_on = map.next_value::<Option<_>>()?.unwrap_or_default();
                        }
                        "currentTask" => entry.current_task = map.next_value()?,
                        "contextSummary" => entry.context_summary = map.next_value()?,
                        "provider" => entry.provider = map.next_value()?,
                        "node" => entry.node = map.next_value()?,
                        "fence" => entry.fence = map.next_value()?,
                        "group" => entry.group = map.next_value()?,
                        "type" => entry.kind = map.next_value()?,
                        "objective" => entry.objective = map.next_value()?,
                        "goal" => entry.goal = map.next_value()?,
                        "createdAt" => entry.created_at = map.next_value()?,
                        "tasksCompleted" => entry.tasks_completed = map.next_value()?,
                        "interactions" => entry.interactions = map.next_value()?,
                        "contextSaved" => entry.context_saved = map.next_value()?,
                        "limitedAt" => entry.limited_at = map.next_value()?,
                        _ => {
                            if entry.unknown.get(&key).is_some() {
                                return Err(M::Error::custom(format!("field `{key}` twice")));
                            }
                            entry.unknown.insert(key.into_owned(), map.next_value()?);
                        }
                    }
                }
                Ok(entry)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// A field's name, borrowed from the text where it has no escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key<'de>, D::Error> {
        struct Name;
        impl<'de> Visitor<'de> for Name {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Name)
    }
}

/// The known fields, in the order they are written.
const NAMES: [&str; 20] = [
    "issue",
    "status",
    "lastAction",
    "timestamp",
    "role",
    "blockedOn",
    "currentTask",
    "contextSummary",
    "provider",
    "node",
    "fence",
    "group",
    "type",
    "objective",
    "goal",
    "createdAt",
    "tasksCompleted",
    "interactions",
    "contextSaved",
    "limitedAt",
];

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn put<M: SerializeMap, T: Serialize>(
            map: &mut M,
            key: &str,
            value: Option<&T>,
        ) -> Result<(), M::Error> {
            value.map_or(Ok(()), |value| map.serialize_entry(key, value))
        }
        let mut map = serializer.serialize_map(None)?;
        put(&mut map, "issue", self.issue.as_ref())?;
        put(&mut map, "status", self.status.as_ref())?;
        put(&mut map, "lastAction", self.last_action.as_ref())?;
        put(&mut map, "timestamp", self.timestamp.as_ref())?;
        put(&mut map, "role", self.role.as_ref())?;
        put(
            &mut map,
            "blockedOn",
            (!self.blocked_on.is_empty()).then_some(&self.blocked_on),
        )?;
        put(&mut map, "currentTask", self.current_task.as_ref())?;
        put(&mut map, "contextSummary", self.context_summary.as_ref())?;
        put(&mut map, "provider", self.provider.as_ref())?;
        put(&mut map, "node", self.node.as_ref())?;
        put(&mut map, "fence", self.fence.as_ref())?;
        put(&mut map, "group", self.group.as_ref())?;
        put(&mut map, "type", self.kind.as_ref())?;
        put(&mut map, "objective", self.objective.as_ref())?;
        put(&mut map, "goal", self.goal.as_ref())?;
        put(&mut map, "createdAt", self.created_at.as_ref())?;
        put(&mut map, "tasksCompleted", self.tasks_completed.as_ref())?;
        put(&mut map, "interactions", self.interactions.as_ref())?;
        put(&mut map, "contextSaved", self.context_saved.as_ref())?;
        put(&mut map, "limitedAt", self.limited_at.as_ref())?;
        for (key, value) in self.unknown.iter() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + self.unknown.iter().len()))?;
        map.serialize_entry("agents", &self.agents)?;
        for (key, value) in self.unknown.iter() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &str = r#"{
  "agents": {
    "worker-1": {
      "issue": 147,
      "status": "implementing",
      "lastAction": "Created dashboard command skeleton",
      "timestamp": "2025-01-25T10:30:00Z"
    },
    "worker-2": {
      "issue": 148,
      "status": "blocked",
      "lastAction": "Waiting for #147 to complete",
      "timestamp": "2025-01-25T10:28:00Z"
    }
  }
}
"#;

    #[test]
    fn the_seeds_example_comes_back_byte_for_byte() {
        assert_eq!(
            Status::parse(SEED).expect("the seed's example").render(),
            SEED
        );
    }

    #[test]
    fn unknown_fields_survive_at_every_level() {
        let text = "{\"version\":2,\"agents\":{\"b\":{\"zeta\":{\"x\":[1]},\"alpha\":null,\"issue\":1}},\"more\":true}";
        let back = Status::parse(text).expect("valid").render();
        let compact: String = back.split_whitespace().collect();
        assert_eq!(
            compact,
            "{\"agents\":{\"b\":{\"issue\":1,\"zeta\":{\"x\":[1]},\"alpha\":null}},\"version\":2,\"more\":true}"
        );
    }

    #[test]
    fn what_is_no_status_is_refused_with_its_place() {
        for bad in [
            "",
            "[]",
            "{\"agents\":[]}",
            "{\"agents\":{\"a\":\"x\"}}",
            "{\"agents\":{\"a\":{\"issue\":1e999}}}",
            "{\"agents\":{\"a\":{\"issue\":-1}}}",
            "{\"agents\":{\"a\":{\"issue\":18446744073709551616}}}",
            "{\"agents\":{\"a\":{},\"a\":{}}}",
            "{\"agents\":{\"a\":{\"issue\":1,\"issue\":2}}}",
            "{\"agents\":{}} x",
            "{\"agents\":NaN}",
            "\0\0\0",
        ] {
            assert!(Status::parse(bad).is_err(), "{bad}");
        }
        let deep = "[".repeat(100_000);
        assert!(Status::parse(&deep).is_err());
        let error =
            Status::parse("{\n  \"agents\": {\n    \"a\": 5\n").expect_err("a number is no entry");
        assert_eq!(error.line, 3);
        let markers = "{\n<<<<<<< HEAD\n";
        assert_eq!(
            Status::parse(markers).expect_err("markers").what,
            "git's conflict markers"
        );
    }
}
