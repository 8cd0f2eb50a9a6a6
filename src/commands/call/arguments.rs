//! From a JSON object to what the verb's own parser makes of it.

use clap::{Arg, ArgMatches, Command};
use serde_json::{Map, Value};

use super::property::{self, Kind as Property};
use super::usage;
use crate::commands::LONGEST_TEXT;
use crate::domain::escape::one_line;
use crate::domain::nearest::nearest;
use crate::error::{Error, Kind, Result};

/// The parser of a verb whose arguments come by name: every positional one is an option, too.
pub(super) fn by_name(command: Command, hidden: &[&str]) -> Command {
    command
        .no_binary_name(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .mut_args(|arg| {
            let name = property::name(&arg);
            let is_hidden = hidden.contains(&arg.get_id().as_str());
            let arg = arg.hide(is_hidden);
            if arg.is_positional() {
                // What only a positional argument can be.
                arg.index(None)
                    .last(false)
                    .trailing_var_arg(false)
                    .long(name)
            } else {
                arg
            }
        })
}

/// Parses a call. `name`: the verb's words, for the page of help that an error names.
pub(super) fn parse(
    command: Command,
    name: &str,
    arguments: &Map<String, Value>,
) -> Result<ArgMatches> {
    let page = format!("ghp {name} --help");
    let mut words = Vec::new();
    for (key, value) in arguments {
        let mut known = command.get_arguments().filter(|arg| !arg.is_hide_set());
        let Some(arg) = known.find(|arg| property::name(arg) == *key) else {
            return Err(unknown(&command, key, &page));
        };
        words.extend(spelled(arg, key, value).map_err(|error| error.next(page.clone()))?);
    }
    command
        .try_get_matches_from(words)
        .map_err(|error| usage(&error, page))
}

fn unknown(command: &Command, key: &str, page: &str) -> Error {
    let names: Vec<String> = command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set())
        .map(property::name)
        .collect();
    let error = Error::new(
        Kind::Usage,
        format!("there is no argument \"{}\"", one_line(key, 60)),
    )
    .next(page);
    match nearest(key, names.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean \"{near}\"")),
        None if names.is_empty() => error.hint("it takes none"),
        None => error.hint(format!("its arguments are {}", names.join(", "))),
    }
}

/// One property as words of the command line. What is null is not said.
fn spelled(arg: &Arg, key: &str, value: &Value) -> Result<Vec<String>> {
    let option = format!("--{}", arg.get_long().unwrap_or_default());
    let kind = property::kind(arg);
    match (value, kind) {
        (Value::Null, _) | (Value::Bool(false), Property::Flag | Property::Patience) => {
            Ok(Vec::new())
        }
        (Value::Bool(true), Property::Flag | Property::Patience) => Ok(vec![option]),
        (Value::Array(values), _) if property::is_list(arg) => {
            let values = values.iter().map(|value| word(kind, key, value));
            values
                .map(|word| Ok(format!("{option}={}", word?)))
                .collect()
        }
        _ => Ok(vec![format!("{option}={}", word(kind, key, value)?)]),
    }
}

/// A value as a word.
fn word(kind: Property, key: &str, value: &Value) -> Result<String> {
    let takes_number = matches!(
        kind,
        Property::Issue | Property::Number | Property::Span | Property::Patience
    );
    match value {
        Value::String(text) if text.contains('\0') => Err(Error::new(
            Kind::Usage,
            format!("\"{key}\" holds a NUL byte"),
        )),
        Value::String(text) if text.len() > LONGEST_TEXT => Err(Error::new(
            Kind::Usage,
            format!(
                "\"{key}\" has {} bytes; at most {LONGEST_TEXT} are taken",
                text.len()
            ),
        )),
        Value::String(text) if kind != Property::Flag => Ok(text.clone()),
        Value::Number(number) if takes_number => Ok(number.to_string()),
        Value::Object(_) if kind == Property::Object => Ok(value.to_string()),
        _ => Err(Error::new(
            Kind::Usage,
            format!(
                "\"{key}\" is {}, and {} was expected",
                said(value),
                expected(kind)
            ),
        )),
    }
}

fn said(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn expected(kind: Property) -> &'static str {
    match kind {
        Property::Flag => "true or false",
        Property::Issue => "an issue's number",
        Property::Number => "a number",
        Property::Span => "a duration such as \"20m\", or seconds",
        Property::Patience => "true, a duration such as \"20m\", or seconds",
        Property::Object => "an object",
        Property::Text => "text",
    }
}
