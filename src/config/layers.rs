//! The layers of the configuration, and which one speaks.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};

use super::keys::{Form, KEYS, Key, find};
use crate::domain::agent::Patience;
use crate::domain::glob::Glob;
use crate::domain::nearest::nearest;
use crate::domain::time::Duration;
use crate::error::{Explain, Kind};
use crate::host::env;

/// Where a value came from, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Built in.
    Default,
    /// The person's own file.
    User,
    /// The repository's file.
    Repository,
    /// An environment variable.
    Environment,
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file is not JSON.
    #[error("{file} is not valid JSON: {why}")]
    Syntax {
        /// The file.
        file: String,
        /// Line, column and reason.
        why: String,
    },
    /// A value has the wrong form.
    #[error("{file}: {key} must be {form}")]
    Form {
        /// The file or variable it stands in.
        file: String,
        /// The key.
        key: String,
        /// What it must look like.
        form: String,
    },
    /// There is no such key.
    #[error("there is no key {key} in the configuration{}", near.as_ref().map(|near| format!("; did you mean {near}?")).unwrap_or_default())]
    Unknown {
        /// What was asked for.
        key: String,
        /// The nearest that exists.
        near: Option<String>,
    },
}

impl Explain for ConfigError {
    fn kind(&self) -> Kind {
        match self {
            ConfigError::Syntax { .. } => Kind::Unreadable,
            ConfigError::Form { .. } => Kind::Usage,
            ConfigError::Unknown { .. } => Kind::NotFound,
        }
    }
    fn next(&self) -> Option<String> {
        Some("ghp config list --show-origin".to_owned())
    }
}

/// The configuration, layer over layer.
#[derive(Debug)]
pub struct Config {
    repository: Map<String, Value>,
    user: Map<String, Value>,
    user_file: Option<PathBuf>,
    /// What is odd but harmless, such as an unknown key.
    pub warnings: Vec<String>,
}

impl Config {
    /// Reads the layers. `repository`: the text of the repository's file, if there is one; `name`: how to call it.
    pub fn load(repository: Option<&str>, name: &str) -> Result<Config, ConfigError> {
        let user_file = env::config_home().map(|home| home.join("ghp-cli").join("config.json"));
        let user = user_file
            .as_deref()
            .and_then(crate::host::folder::read_outside);
        let user_name = user_file
            .as_deref()
            .map_or_else(String::new, |path| path.display().to_string());
        let mut config = Config {
            repository: parse(repository, name)?,
            user: parse(user.as_deref(), &user_name)?,
            user_file,
            warnings: Vec::new(),
        };
        config.check(name, Origin::Repository)?;
        config.check(&user_name, Origin::User)?;
        Ok(config)
    }

    /// The defaults alone, for when there is no repository.
    pub fn defaults() -> Config {
        Config {
            repository: Map::new(),
            user: Map::new(),
            user_file: None,
            warnings: Vec::new(),
        }
    }

    /// These layers over the defaults.
    #[cfg(test)]
    pub(super) fn fill(&mut self, repository: Map<String, Value>, user: Map<String, Value>) {
        (self.repository, self.user) = (repository, user);
    }

    /// The person's own file.
    pub fn user_file(&self) -> Option<&Path> {
        self.user_file.as_deref()
    }

    fn layer(&self, origin: Origin) -> Option<&Map<String, Value>> {
        match origin {
            Origin::Repository => Some(&self.repository),
            Origin::User => Some(&self.user),
            Origin::Default | Origin::Environment => None,
        }
    }

    fn check(&mut self, file: &str, origin: Origin) -> Result<(), ConfigError> {
        let Some(layer) = self.layer(origin) else {
            return Ok(());
        };
        for key in KEYS {
            if let Some(value) = lookup(layer, key.name)
                && !(key.form.fits(value) || value.is_null() && key.default == "null")
            {
                return Err(form_error(file, key));
            }
        }
        let mut warnings = Vec::new();
        match layer.get("coordination") {
            Some(Value::Object(coordination)) => {
                for own in coordination.keys() {
                    let name = format!("coordination.{own}");
                    if find(&name).is_none() {
                        let known = KEYS
                            .iter()
                            .filter_map(|key| key.name.strip_prefix("coordination."));
                        // By their own words: what they all begin with makes everything look near.
                        let near = nearest(own, known)
                            .map(|near| format!("; did you mean coordination.{near}?"))
                            .unwrap_or_default();
                        warnings.push(format!(
                            "{file}: unknown key {}{near}",
                            crate::domain::escape::one_line(&name, 80)
                        ));
                    }
                }
            }
            None => {}
            Some(_) => {
                return Err(ConfigError::Form {
                    file: file.to_owned(),
                    key: "coordination".to_owned(),
                    form: Form::Object.words(),
                });
            }
        }
        if let Some(profiles) = lookup(layer, "coordination.profiles") {
            let unknown = super::profiles::unknown(profiles);
            warnings.extend(unknown.into_iter().map(|line| format!("{file}: {line}")));
        }
        self.warnings.extend(warnings);
        Ok(())
    }

    /// A key's value and where it came from; keys that are not ours are looked up in the files.
    pub fn get(&self, name: &str) -> Result<(Value, Origin), ConfigError> {
        let key = find(name);
        if let Some(text) = key.and_then(|key| key.env).and_then(env::var) {
            let value = Value::String(text);
            return match key {
                Some(key) if !key.form.fits(&value) => {
                    Err(form_error(key.env.unwrap_or_default(), key))
                }
                _ => Ok((value, Origin::Environment)),
            };
        }
        for origin in [Origin::Repository, Origin::User] {
            if let Some(value) = self.layer(origin).and_then(|layer| lookup(layer, name)) {
                return Ok((value.clone(), origin));
            }
        }
        match key {
            Some(key) if key.name == "coordination.protectedBranches" => Ok((
                Value::Array(vec![self.get("mainBranch")?.0]),
                Origin::Default,
            )),
            Some(key) => Ok((
                serde_json::from_str(key.default).unwrap_or(Value::Null),
                Origin::Default,
            )),
            None => Err(ConfigError::Unknown {
                key: crate::domain::escape::one_line(name, 80),
                near: near(name),
            }),
        }
    }

    /// What the repository's file alone says of a key.
    pub(super) fn of_repository(&self, name: &str) -> Option<&Value> {
        lookup(&self.repository, name)
    }

    /// What the person's own file alone says of a key.
    pub(super) fn of_person(&self, name: &str) -> Option<&Value> {
        lookup(&self.user, name)
    }

    pub(super) fn text(&self, name: &str) -> Result<String, ConfigError> {
        Ok(self.get(name)?.0.as_str().unwrap_or_default().to_owned())
    }

    fn texts(&self, name: &str) -> Result<Vec<String>, ConfigError> {
        let value = self.get(name)?.0;
        Ok(value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect())
    }

    fn duration(&self, name: &str) -> Result<Duration, ConfigError> {
        let value = self.get(name)?.0;
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        text.parse().map_err(|_| ConfigError::Form {
            file: "configuration".to_owned(),
            key: name.to_owned(),
            form: Form::Duration.words(),
        })
    }

    /// `mainBranch`
    pub fn main_branch(&self) -> Result<String, ConfigError> {
        self.text("mainBranch")
    }

    /// `branchPattern`
    pub fn branch_pattern(&self) -> Result<String, ConfigError> {
        self.text("branchPattern")
    }

    /// When silence becomes staleness, and staleness expiry.
    pub fn patience(&self) -> Result<Patience, ConfigError> {
        Ok(Patience {
            stale: self.duration("coordination.staleAfter")?,
            expire: self.duration("coordination.expireAfter")?,
        })
    }

    /// `coordination.maxPeers`
    pub fn max_peers(&self) -> Result<usize, ConfigError> {
        let value = self.get("coordination.maxPeers")?.0;
        // Of another form it would have been refused when it was read.
        let most = value.as_u64().and_then(|most| usize::try_from(most).ok());
        Ok(most.unwrap_or(32))
    }

    /// `coordination.editorTimeout`
    pub fn editor_timeout(&self) -> Result<Duration, ConfigError> {
        self.duration("coordination.editorTimeout")
    }

    /// `coordination.retries`
    pub fn retries(&self) -> Result<u64, ConfigError> {
        let value = self.get("coordination.retries")?.0;
        // Of another form it would have been refused when it was read.
        Ok(value.as_u64().unwrap_or(2))
    }

    /// `coordination.limited`
    pub fn limited(&self) -> Result<String, ConfigError> {
        self.text("coordination.limited")
    }

    /// `coordination.limitedFor`
    pub fn limited_for(&self) -> Result<Duration, ConfigError> {
        self.duration("coordination.limitedFor")
    }

    /// `coordination.reply`
    pub fn reply(&self) -> Result<Vec<String>, ConfigError> {
        self.texts("coordination.reply")
    }

    /// `coordination.senders`
    pub fn senders(&self) -> Result<Vec<String>, ConfigError> {
        self.texts("coordination.senders")
    }

    /// `coordination.stalePolicy`
    pub fn stale_policy(&self) -> Result<String, ConfigError> {
        self.text("coordination.stalePolicy")
    }

    /// `coordination.lockTimeout`
    pub fn lock_timeout(&self) -> Result<Duration, ConfigError> {
        self.duration("coordination.lockTimeout")
    }

    /// `coordination.orchestrators`
    pub fn orchestrators(&self) -> Result<Vec<String>, ConfigError> {
        self.texts("coordination.orchestrators")
    }

    /// The agents that manage parent issues, by issue.
    pub fn epics(&self) -> Result<Vec<(u64, String)>, ConfigError> {
        let value = self.get("coordination.epics")?.0;
        let pair = |(issue, agent): (&String, &Value)| {
            Some((issue.parse().ok()?, agent.as_str()?.to_owned()))
        };
        Ok(value
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(pair)
            .collect())
    }

    /// `coordination.sharedFiles`
    pub fn shared_files(&self) -> Result<Vec<Glob>, ConfigError> {
        Ok(self
            .texts("coordination.sharedFiles")?
            .iter()
            .filter_map(|glob| Glob::parse(glob).ok())
            .collect())
    }

    /// `coordination.sharedFiles` as they were written.
    pub fn shared_file_patterns(&self) -> Result<Vec<String>, ConfigError> {
        self.texts("coordination.sharedFiles")
    }

    /// The branches that only orchestrators and people work on: `coordination.protectedBranches`, else the main one.
    pub fn protected_branches(&self) -> Result<Vec<String>, ConfigError> {
        if self.get("coordination.protectedBranches")?.0.is_null() {
            return Ok(vec![self.main_branch()?]);
        }
        self.texts("coordination.protectedBranches")
    }

    /// `coordination.outsideScope`
    pub fn outside_scope(&self) -> Result<String, ConfigError> {
        self.text("coordination.outsideScope")
    }

    /// `coordination.humans`
    pub fn humans(&self) -> Result<Vec<String>, ConfigError> {
        self.texts("coordination.humans")
    }

    /// Every login and agent of `coordination.assignees`.
    pub fn assignees(&self) -> Result<Vec<String>, ConfigError> {
        let value = self.get("coordination.assignees")?.0;
        let both = |(login, agent): (&String, &Value)| {
            [Some(login.clone()), agent.as_str().map(str::to_owned)]
        };
        let pairs = value.as_object().into_iter().flatten();
        Ok(pairs.flat_map(both).flatten().collect())
    }

    /// `coordination.caves`
    pub fn caves(&self) -> Result<String, ConfigError> {
        self.text("coordination.caves")
    }

    /// `coordination.setupTimeout`
    pub fn setup_timeout(&self) -> Result<Duration, ConfigError> {
        self.duration("coordination.setupTimeout")
    }

    /// `coordination.copyFiles`
    pub fn copy_files(&self) -> Result<Vec<String>, ConfigError> {
        self.texts("coordination.copyFiles")
    }
}

fn form_error(file: &str, key: &Key) -> ConfigError {
    ConfigError::Form {
        file: file.to_owned(),
        key: key.name.to_owned(),
        form: key.form.words(),
    }
}

/// The key that somebody most likely meant: by its whole name, else by its last word alone.
fn near(name: &str) -> Option<String> {
    let names = || KEYS.iter().map(|key| key.name);
    let whole = nearest(name, names());
    let last = || {
        let known = names().filter_map(|name| name.strip_prefix("coordination."));
        nearest(name, known).map(|near| format!("coordination.{near}"))
    };
    whole.map(str::to_owned).or_else(last)
}

fn lookup<'a>(layer: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let mut parts = name.split('.');
    let first = layer.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(part))
}

/// Reads a layer's text; a missing or empty file is an empty layer.
pub fn parse(text: Option<&str>, file: &str) -> Result<Map<String, Value>, ConfigError> {
    let text = text.map_or("", |text| text.strip_prefix('\u{feff}').unwrap_or(text));
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_str(text).map_err(|error| ConfigError::Syntax {
        file: file.to_owned(),
        why: error.to_string(),
    })
}

/// Sets a dotted key in a layer, making the objects on the way.
pub fn set(layer: &mut Map<String, Value>, name: &str, value: Value) {
    match name.split_once('.') {
        None => {
            layer.insert(name.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = layer
                .entry(first)
                .or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            if let Some(inner) = inner.as_object_mut() {
                set(inner, rest, value);
            }
        }
    }
}
