//! groups/NAME.json: two-space JSON, every unknown field kept, a field or a key twice refused.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::front_matter::Malformed;
use crate::domain::group::{Group, Member, Shared};
use crate::domain::unknown::Unknown;

/// Reads a group's document; `name`: its file's. A byte-order mark and CRLF are accepted.
pub fn parse(name: &str, text: &str) -> Result<Group, Malformed> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut group: Group = serde_json::from_str(text).map_err(|error| {
        let what = if text.lines().any(|line| line.starts_with("<<<<<<< ")) {
            "git's conflict markers".to_owned()
        } else {
            let message = error.to_string();
            let what = message.split(" at line ").next().unwrap_or(&message);
            what.to_owned()
        };
        Malformed {
            line: error.line().max(1),
            column: error.column().max(1),
            what,
        }
    })?;
    if group.name.is_empty() {
        name.clone_into(&mut group.name);
    }
    if group.name == name {
        Ok(group)
    } else {
        Err(Malformed {
            line: 1,
            column: 1,
            what: format!("the name \"{}\" is not the file's", group.name),
        })
    }
}

/// Writes a group's document: two spaces, one trailing newline.
pub fn render(group: &Group) -> String {
    let mut text =
        serde_json::to_string_pretty(group).unwrap_or_else(|_| unreachable!("text keys"));
    text.push('\n');
    text
}

/// An object that is read field by field.
trait Fields: Default {
    /// What it is, for whoever typed something else.
    const WHAT: &'static str;
    /// Reads the field of this name; `false`, and nothing is read, when nobody knows it.
    fn take<'de, M: MapAccess<'de>>(&mut self, name: &str, map: &mut M) -> Result<bool, M::Error>;
    /// Where the others go.
    fn unknown(&mut self) -> &mut Unknown;
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Fields> Visitor<'de> for Object<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }
    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<T, M::Error> {
        let mut object = T::default();
        let mut seen = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if seen.contains(&name) {
                return Err(M::Error::custom(format!("field `{name}` twice")));
            }
            if !object.take(&name, &mut map)? {
                let value = map.next_value()?;
                object.unknown().insert(name.clone(), value);
            }
            seen.push(name);
        }
        Ok(object)
    }
}

/// A map in which no key comes twice.
struct Keyed<T>(BTreeMap<String, T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Keyed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Keyed<T>, D::Error> {
        struct Each<T>(PhantomData<T>);
        impl<'de, T: DeserializeOwned> Visitor<'de> for Each<T> {
            type Value = Keyed<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object by key")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Keyed<T>, M::Error> {
                let mut keyed = BTreeMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    if keyed.contains_key(&key) {
                        return Err(M::Error::custom(format!("key `{key}` twice")));
                    }
                    keyed.insert(key, map.next_value()?);
                }
                Ok(Keyed(keyed))
            }
        }
        deserializer.deserialize_map(Each(PhantomData))
    }
}

impl Fields for Group {
    const WHAT: &'static str = "a group, an object";
    fn take<'de, M: MapAccess<'de>>(&mut self, name: &str, map: &mut M) -> Result<bool, M::Error> {
        match name {
            "name" => self.name = map.next_value::<Option<_>>()?.unwrap_or_default(),
            "objective" => self.objective = map.next_value()?,
            "coordinator" => self.coordinator = map.next_value()?,
            "members" => {
                self.members = map.next_value::<Option<Vec<Member>>>()?.unwrap_or_default();
                for (at, member) in self.members.iter().enumerate() {
                    let name = &member.agent;
                    if self.members[..at].iter().any(|other| other.agent == *name) {
                        return Err(M::Error::custom(format!("member `{name}` twice")));
                    }
                }
            }
            "parent" => self.parent = map.next_value()?,
            "goal" => self.goal = map.next_value()?,
            "createdAt" => self.created_at = map.next_value()?,
            "lastActivity" => self.last_activity = map.next_value()?,
            "context" => self.context = keyed(map)?,
            "deleted" => self.deleted = keyed(map)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
    fn unknown(&mut self) -> &mut Unknown {
        &mut self.unknown
    }
}

fn keyed<'de, T: DeserializeOwned, M: MapAccess<'de>>(
    map: &mut M,
) -> Result<BTreeMap<String, T>, M::Error> {
    let keyed = map.next_value::<Option<Keyed<T>>>()?;
    Ok(keyed.map(|Keyed(keyed)| keyed).unwrap_or_default())
}

impl Fields for Member {
    const WHAT: &'static str = "a member, an object";
    fn take<'de, M: MapAccess<'de>>(&mut self, name: &str, map: &mut M) -> Result<bool, M::Error> {
        match name {
            "agent" => self.agent = map.next_value()?,
            "joinedAt" => self.joined_at = map.next_value()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
    fn unknown(&mut self) -> &mut Unknown {
        &mut self.unknown
    }
}

impl Fields for Shared {
    const WHAT: &'static str = "a shared value with its version, an object";
    fn take<'de, M: MapAccess<'de>>(&mut self, name: &str, map: &mut M) -> Result<bool, M::Error> {
        match name {
            "value" => self.value = map.next_value()?,
            "version" => self.version = map.next_value()?,
            "by" => self.by = map.next_value()?,
            "at" => self.at = map.next_value()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
    fn unknown(&mut self) -> &mut Unknown {
        &mut self.unknown
    }
}

impl<'de> Deserialize<'de> for Group {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Group, D::Error> {
        deserializer.deserialize_map(Object(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Member, D::Error> {
        let member: Member = deserializer.deserialize_map(Object(PhantomData))?;
        if member.agent.is_empty() {
            return Err(D::Error::custom("a member without `agent`"));
        }
        Ok(member)
    }
}

impl<'de> Deserialize<'de> for Shared {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Shared, D::Error> {
        let shared: Shared = deserializer.deserialize_map(Object(PhantomData))?;
        // One that was typed by hand, without a version, was written once.
        let version = shared.version.max(1);
        Ok(Shared { version, ..shared })
    }
}

/// Writes a field when it says something.
fn put<M: SerializeMap, T: Serialize>(
    map: &mut M,
    name: &str,
    value: Option<&T>,
) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, value))
}

fn put_unknown<M: SerializeMap>(map: &mut M, unknown: &Unknown) -> Result<(), M::Error> {
    unknown
        .iter()
        .try_for_each(|(name, value)| map.serialize_entry(name, value))
}

impl Serialize for Group {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        put(&mut map, "objective", self.objective.as_ref())?;
        put(&mut map, "coordinator", self.coordinator.as_ref())?;
        map.serialize_entry("members", &self.members)?;
        put(&mut map, "parent", self.parent.as_ref())?;
        put(&mut map, "goal", self.goal.as_ref())?;
        put(&mut map, "createdAt", self.created_at.as_ref())?;
        put(&mut map, "lastActivity", self.last_activity.as_ref())?;
        map.serialize_entry("context", &self.context)?;
        let deleted = (!self.deleted.is_empty()).then_some(&self.deleted);
        put(&mut map, "deleted", deleted)?;
        put_unknown(&mut map, &self.unknown)?;
        map.end()
    }
}

impl Serialize for Member {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("agent", &self.agent)?;
        put(&mut map, "joinedAt", self.joined_at.as_ref())?;
        put_unknown(&mut map, &self.unknown)?;
        map.end()
    }
}

impl Serialize for Shared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("value", &self.value)?;
        map.serialize_entry("version", &self.version)?;
        put(&mut map, "by", self.by.as_ref())?;
        put(&mut map, "at", self.at.as_ref())?;
        put_unknown(&mut map, &self.unknown)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_survive_at_every_level() {
        let text = "{\"zeta\":1,\"members\":[{\"team\":2,\"agent\":\"a\"}],\"context\":{\"k\":{\"more\":null,\"value\":[1]}},\"alpha\":[]}";
        let group = parse("g", text).expect("a group");
        let compact: String = render(&group).split_whitespace().collect();
        assert_eq!(
            compact,
            "{\"name\":\"g\",\"members\":[{\"agent\":\"a\",\"team\":2}],\"context\":{\"k\":{\"value\":[1],\"version\":1,\"more\":null}},\"zeta\":1,\"alpha\":[]}"
        );
        assert_eq!(parse("g", &render(&group)), Ok(group));
    }

    #[test]
    fn what_is_no_group_is_refused_with_its_place() {
        for bad in [
            "",
            "[]",
            "{\"name\":\"other\"}",
            "{\"members\":{}}",
            "{\"members\":[{}]}",
            "{\"members\":[\"a\"]}",
            "{\"members\":[{\"agent\":\"a\"},{\"agent\":\"a\"}]}",
            "{\"goal\":\"x\",\"goal\":\"y\"}",
            "{\"context\":{\"k\":1}}",
            "{\"context\":{\"k\":{\"value\":1},\"k\":{\"value\":2}}}",
            "{\"context\":{\"k\":{\"value\":1,\"version\":-1}}}",
            "{} x",
            "\0\0",
        ] {
            assert!(parse("g", bad).is_err(), "{bad}");
        }
        let error = parse("g", "{\n  \"members\": [\n    5\n").expect_err("no member");
        assert_eq!(error.line, 3);
        let error = parse("g", "{\n<<<<<<< HEAD\n").expect_err("markers");
        assert_eq!(error.what, "git's conflict markers");
    }
}
