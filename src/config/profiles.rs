//! Profiles of agents: those that ship, and what the configuration says of them and adds.

use serde_json::Value;

use super::layers::{Config, ConfigError};
use crate::domain::escape::one_line;
use crate::domain::nearest::nearest;
use crate::domain::task::profile::{Profile, built_in, built_in_names};

const KEY: &str = "coordination.profiles";
/// What can be said of one.
const SAID: &[&str] = &[
    "provider", "args", "persona", "cave", "count", "capacity", "headless",
];

/// What profiles say that nobody knows, a line each: a slip of the pen, most likely.
pub(super) fn unknown(profiles: &Value) -> Vec<String> {
    let profiles = profiles.as_object().into_iter().flatten();
    let said = profiles.flat_map(|(name, said)| {
        let keys = said.as_object().into_iter().flat_map(|said| said.keys());
        keys.map(move |key| (name, key))
    });
    let unknown = said.filter(|(_, key)| !SAID.contains(&key.as_str()));
    let line = |(name, key): (&String, &String)| {
        let near = nearest(key, SAID.iter().copied());
        let near = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
        let shown = one_line(&format!("{KEY}.{name}.{key}"), 120);
        format!("unknown key {shown}{near}")
    };
    unknown.map(line).collect()
}

impl Config {
    /// The names of all profiles, sorted.
    pub fn profile_names(&self) -> Result<Vec<String>, ConfigError> {
        let value = self.get(KEY)?.0;
        let configured = value.as_object().into_iter().flat_map(|map| map.keys());
        let mut names: Vec<String> = configured
            .cloned()
            .chain(built_in_names().map(str::to_owned))
            .collect();
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// The profile of this name; `None`: there is none.
    pub fn profile(&self, name: &str) -> Result<Option<Profile>, ConfigError> {
        let value = self.get(KEY)?.0;
        let Some(said) = value.get(name) else {
            return Ok(built_in(name));
        };
        if !said.is_object() {
            return Err(self.misshapen(name, "an object such as {\"provider\": \"claude\"}"));
        }
        let own = built_in(name).unwrap_or_else(|| Profile {
            name: name.to_owned(),
            count: 1,
            capacity: 1,
            ..Profile::default()
        });
        let text = |key: &str| match said.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.misshapen(&format!("{name}.{key}"), "text")),
        };
        let number = |key: &str, default| match said.get(key) {
            None => Ok(default),
            Some(value) => value
                .as_u64()
                .filter(|number| (1..=1024).contains(number))
                .ok_or_else(|| {
                    self.misshapen(&format!("{name}.{key}"), "a whole number from 1 to 1024")
                }),
        };
        let args = match said.get("args") {
            None => Some(Vec::new()),
            Some(args) => args.as_array().and_then(|args| {
                let text = |arg: &Value| arg.as_str().map(str::to_owned);
                args.iter().map(text).collect()
            }),
        };
        let headless = match said.get("headless") {
            None => Some(false),
            Some(said) => said.as_bool(),
        };
        Ok(Some(Profile {
            provider: text("provider")?,
            args: args.ok_or_else(|| self.misshapen(&format!("{name}.args"), "a list of texts"))?,
            persona: text("persona")?.unwrap_or(own.persona),
            count: number("count", own.count)?,
            capacity: number("capacity", own.capacity)?,
            shares_cave: match text("cave")?.as_deref() {
                None | Some("own") => false,
                Some("shared") => true,
                Some(_) => {
                    return Err(self.misshapen(&format!("{name}.cave"), "\"own\" or \"shared\""));
                }
            },
            headless: headless
                .ok_or_else(|| self.misshapen(&format!("{name}.headless"), "true or false"))?,
            name: own.name,
        }))
    }

    fn misshapen(&self, what: &str, form: &str) -> ConfigError {
        let file = if self.of_repository(KEY).is_some() {
            "config.json"
        } else {
            "your own configuration"
        };
        ConfigError::Form {
            file: file.to_owned(),
            key: format!("{KEY}.{}", one_line(what, 80)),
            form: form.to_owned(),
        }
    }
}
