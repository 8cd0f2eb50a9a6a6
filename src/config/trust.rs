//! What a repository may have us run: nothing, until a person has looked at exactly that and said `ghp trust`.
//!
//! **Before anything that came with a repository is run, or decides what is run, ask `Project::require_trust(key, value)`.**
//! `key` is the setting's dotted name (`coordination.profiles`, or anything beneath it such as
//! `coordination.profiles.planning`), `value` what is about to be used. A setting that runs programs has `runs: true` in
//! its row of [`super::keys::KEYS`]; `ghp trust` then shows it and asks for it, and nothing else is to be done.
//!
//! What the person's own file says, and what is built in, is always trusted. What the repository says is trusted while
//! the setting, whole, is byte for byte what the person looked at: the content itself is kept, not a hash of it, so that no
//! two contents can pass for one another. Any change of it asks again.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::keys::{KEYS, find};
use super::layers::Config;
use crate::domain::escape;
use crate::error::{Explain, Kind};

/// One thing that a repository would have us run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// The setting, dotted.
    pub key: String,
    /// What it says.
    pub value: Value,
}

impl Program {
    /// The same setting, byte for byte: what the order of an object's fields is may matter to what runs.
    fn is(&self, key: &str, value: &Value) -> bool {
        self.key == key && is_same(&self.value, value)
    }

    /// The setting on one line, not too long for a message.
    pub fn one_line(&self) -> String {
        let value = escape::one_line(&self.value.to_string(), 400);
        format!("{} = {value}", escape::one_line(&self.key, 200))
    }
}

/// What a person on this machine has said yes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pin {
    /// To what.
    #[serde(flatten)]
    pub program: Program,
    /// Who.
    pub by: String,
    /// When.
    pub at: String,
}

/// Everything that was said yes to in this repository; one content of each setting.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Pins {
    trusted: Vec<Pin>,
}

/// The notes on what is trusted are damaged.
#[derive(Debug, thiserror::Error)]
#[error("the notes on what is trusted cannot be read: {0}")]
pub struct Damaged(#[from] serde_json::Error);

impl Explain for Damaged {
    fn kind(&self) -> Kind {
        Kind::Unreadable
    }
    fn hint(&self) -> Option<String> {
        Some("nothing is trusted until they are written anew".to_owned())
    }
    fn next(&self) -> Option<String> {
        Some("ghp trust --revoke".to_owned())
    }
}

impl Pins {
    /// Reads the notes; none are no pins.
    pub fn parse(text: Option<&str>) -> Result<Pins, Damaged> {
        match text.map(str::trim) {
            None | Some("") => Ok(Pins::default()),
            Some(text) => Ok(serde_json::from_str(text)?),
        }
    }

    /// The notes' text.
    pub fn render(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        text.unwrap_or_else(|_| unreachable!("texts and values of JSON")) + "\n"
    }

    /// Each, by setting.
    pub fn all(&self) -> &[Pin] {
        &self.trusted
    }

    /// The yes to exactly this, if there is one.
    pub fn of(&self, program: &Program) -> Option<&Pin> {
        let mut pins = self.trusted.iter();
        pins.find(|pin| pin.program.is(&program.key, &program.value))
    }

    /// Notes a yes; an earlier one to another content of the setting is over.
    pub fn add(&mut self, pin: Pin) {
        self.remove(&pin.program.key);
        self.trusted.push(pin);
        self.trusted
            .sort_by(|a, b| a.program.key.cmp(&b.program.key));
    }

    /// Takes a yes back; whether there was one.
    pub fn remove(&mut self, key: &str) -> bool {
        let before = self.trusted.len();
        self.trusted.retain(|pin| pin.program.key != key);
        self.trusted.len() < before
    }
}

/// Nobody has said yes to it.
#[derive(Debug, thiserror::Error)]
#[error("this repository's configuration wants to run what nobody here has trusted: {}", .0.one_line())]
pub struct Untrusted(pub Program);

impl Explain for Untrusted {
    fn kind(&self) -> Kind {
        Kind::Unsafe
    }
    fn hint(&self) -> Option<String> {
        Some("a person looks at it and says yes".to_owned())
    }
    fn next(&self) -> Option<String> {
        Some("ghp trust".to_owned())
    }
}

/// Whether this value of a setting may decide what is run.
pub fn trusted(config: &Config, pins: &Pins, key: &str, value: &Value) -> Result<(), Untrusted> {
    let same = |other: &Value| is_same(other, value);
    let is_built_in = find(key).is_some_and(|row| same(&built_in(row.default)));
    if is_built_in || config.of_person(key).is_some_and(same) {
        return Ok(());
    }
    let asked = Program {
        key: key.to_owned(),
        value: value.clone(),
    };
    // What is trusted is a setting as a whole; what is asked about may be a part of it.
    let setting = KEYS.iter().find(|row| {
        let rest = key.strip_prefix(row.name);
        row.runs && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    });
    let whole = match setting {
        Some(row) => config.of_repository(row.name).map(|value| Program {
            key: row.name.to_owned(),
            value: value.clone(),
        }),
        None => Some(asked.clone()),
    };
    let Some(whole) = whole else {
        return Err(Untrusted(asked));
    };
    let is_part = setting.is_none() || config.of_repository(key).is_some_and(same);
    if is_part && pins.of(&whole).is_some() {
        Ok(())
    } else {
        Err(Untrusted(asked))
    }
}

/// Every setting of the repository's configuration that would run something, and is neither built in nor the person's own.
pub fn programs(config: &Config) -> Vec<Program> {
    let running = KEYS.iter().filter(|row| row.runs);
    let said = running.filter_map(|row| {
        let value = config.of_repository(row.name)?;
        let program = Program {
            key: row.name.to_owned(),
            value: value.clone(),
        };
        // Without any pin, only what needs none passes.
        trusted(config, &Pins::default(), row.name, value)
            .is_err()
            .then_some(program)
    });
    said.collect()
}

/// The same text: `1` is not `1.0`, and an object's fields have an order.
fn is_same(a: &Value, b: &Value) -> bool {
    let text = |value: &Value| value.to_string();
    text(a) == text(b)
}

fn built_in(default: &str) -> Value {
    serde_json::from_str(default).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::layers::parse;
    use super::*;

    const KEY: &str = "coordination.profiles";

    fn config(repository: &str, user: &str) -> Config {
        let mut config = Config::defaults();
        config.fill(
            parse(Some(repository), "r").expect("JSON"),
            parse(Some(user), "u").expect("JSON"),
        );
        config
    }

    fn pinned(key: &str, value: Value) -> Pins {
        let mut pins = Pins::default();
        let program = Program {
            key: key.to_owned(),
            value,
        };
        pins.add(Pin {
            program,
            by: "Ana".to_owned(),
            at: "2026-01-25T10:30:00Z".to_owned(),
        });
        Pins::parse(Some(&pins.render())).expect("what was written")
    }

    #[test]
    fn the_repositorys_only_when_exactly_that_is_pinned() {
        let theirs = r#"{"coordination":{"profiles":{"a":{"run":["x"],"n":1}}}}"#;
        let config = config(theirs, "");
        let whole = json!({"a": {"run": ["x"], "n": 1}});
        assert!(trusted(&config, &Pins::default(), KEY, &whole).is_err());
        assert!(trusted(&config, &pinned(KEY, whole.clone()), KEY, &whole).is_ok());
        for other in [
            json!({"a": {"run": ["y"], "n": 1}}),
            json!({"a": {"n": 1, "run": ["x"]}}),
            json!({"a": {"run": ["x"], "n": 1.0}}),
        ] {
            assert!(trusted(&config, &pinned(KEY, other), KEY, &whole).is_err());
        }
        assert!(
            trusted(
                &config,
                &pinned("coordination.other", whole.clone()),
                KEY,
                &whole
            )
            .is_err()
        );
        assert_eq!(programs(&config).len(), 1);
    }

    #[test]
    fn a_part_is_trusted_with_the_whole() {
        let theirs = r#"{"coordination":{"profiles":{"a":{"run":["x"]}}}}"#;
        let config = config(theirs, "");
        let pins = pinned(KEY, json!({"a": {"run": ["x"]}}));
        let part = "coordination.profiles.a.run";
        assert!(trusted(&config, &pins, part, &json!(["x"])).is_ok());
        assert!(trusted(&config, &pins, part, &json!(["y"])).is_err());
        assert!(trusted(&config, &pins, "coordination.profilesX", &json!(["x"])).is_err());
    }

    #[test]
    fn ones_own_and_the_built_in_always() {
        let own = r#"{"coordination":{"profiles":{"a":{"run":["x"]}}}}"#;
        let config = config("", own);
        let none = Pins::default();
        assert!(trusted(&config, &none, KEY, &json!({"a": {"run": ["x"]}})).is_ok());
        assert!(
            trusted(
                &config,
                &none,
                "coordination.profiles.a",
                &json!({"run": ["x"]})
            )
            .is_ok()
        );
        assert!(trusted(&config, &none, KEY, &json!({"a": {"run": ["z"]}})).is_err());
        assert!(trusted(&config, &none, KEY, &json!({})).is_ok());
        assert!(programs(&config).is_empty());
    }

    #[test]
    fn one_content_of_a_setting_is_pinned_at_a_time() {
        let mut pins = pinned(KEY, json!({"a": 1}));
        let mut pin = pins.all()[0].clone();
        pin.program.value = json!({"a": 2});
        pins.add(pin);
        assert_eq!(pins.all().len(), 1);
        assert!(pins.remove(KEY) && !pins.remove(KEY));
        assert!(Pins::parse(Some("{")).is_err());
    }

    #[test]
    fn the_refusal_shows_what_and_names_the_way() {
        let program = Program {
            key: KEY.to_owned(),
            value: json!({"a": "\u{1b}[2Jrm"}),
        };
        let refused = Untrusted(program);
        let said = refused.to_string();
        assert!(said.contains(KEY) && said.contains("rm"), "{said}");
        assert!(!said.contains('\u{1b}'), "{said}");
        assert_eq!(refused.next().as_deref(), Some("ghp trust"));
        assert_eq!(refused.kind(), Kind::Unsafe);
    }
}
