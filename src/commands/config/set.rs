//! `ghp config set`: one value of the repository's configuration.

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::{Map, Value};

use super::get;
use crate::config::keys::find;
use crate::config::layers::{ConfigError, Origin, parse, set};
use crate::error::{Error, Kind, Result};
use crate::project::Project;
use crate::store::layout::CONFIG;

/// Set one value of the repository's configuration
///
/// The value is taken as JSON where it is JSON, else as text. Other keys of the file stay as they are.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Dotted key, such as coordination.staleAfter
    #[arg(value_name = "KEY")]
    pub key: String,
    /// Its value, such as 15m, or a JSON list
    #[arg(value_name = "VALUE")]
    pub value: String,
}

/// The value as it now is.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Report(pub get::Report);

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    crate::commands::require_lead(project, "changing the configuration")?;
    let Some(key) = find(&args.key) else {
        return Err(match project.config()?.get(&args.key) {
            Err(error) => error.into(),
            Ok(_) => Error::new(
                Kind::Usage,
                format!("{} is not a key of ghp's; edit {CONFIG} by hand", args.key),
            )
            .next("ghp config list"),
        });
    };
    let as_text = Value::String(args.value.clone());
    let value = match serde_json::from_str::<Value>(&args.value) {
        Ok(value) if key.form.fits(&value) => value,
        _ => as_text,
    };
    if !key.form.fits(&value) {
        let error = ConfigError::Form {
            file: "ghp config set".to_owned(),
            key: args.key,
            form: key.form.words(),
        };
        return Err(error.into());
    }
    project.decide(&by, "config set", |transaction| {
        let text = transaction.text(CONFIG)?;
        let mut layer: Map<String, Value> = parse(text.as_deref(), CONFIG)?;
        set(&mut layer, key.name, value.clone());
        let text = serde_json::to_string_pretty(&layer)
            .unwrap_or_else(|_| unreachable!("a map with text keys"));
        transaction.set_text(CONFIG, text + "\n")?;
        transaction.say(format!("{} = {value}", key.name), None);
        Ok(())
    })?;
    Ok(Report(get::Report {
        key: args.key,
        value,
        origin: Origin::Repository,
        show_origin: false,
    }))
}
