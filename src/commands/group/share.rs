//! `ghp group share`: a group's context grows, changes and shrinks by key.

use std::collections::BTreeMap;

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::Value;

use super::context::One;
use super::registration::register;
use super::{Standings, own, standalone, unknown};
use crate::commands::text::refuse_secrets;
use crate::commands::{require_lead, require_own_or_lead};
use crate::domain::escape::one_line;
use crate::domain::group::{
    BadShare, DEEPEST_VALUE, Group, GroupName, LARGEST_CONTEXT, LARGEST_VALUE, Share, is_key,
};
use crate::error::{Error, Kind, Result};
use crate::project::{Caller, Project};

/// Share something with your group: KEY=VALUE
///
/// The value is taken as JSON where it is JSON, else as text; KEY= deletes the key. Every write raises the key's version;
/// --if-version writes only if nobody else has since (0: only if there is no such key), else exit 5. A value holds 64 KiB,
/// a group's context 1 MiB. A number is kept as a number: for 3.10 to stay text, write version='"3.10"'.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// The group (default: yours)
    pub name: Option<String>,
    /// What to share: KEY=VALUE, the value JSON or text; KEY= deletes
    #[arg(value_name = "K=V")]
    pub values: Vec<String>,
    /// Only if the key has this version now
    #[arg(long, value_name = "N")]
    pub if_version: Option<u64>,
}

/// What is shared now.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Report {
    /// The group.
    pub group: String,
    /// What was written, in the order of the command.
    pub shared: Vec<One>,
    /// What was deleted.
    pub deleted: Vec<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let (name, changes) = understood(&args)?;
    let by = project.by()?;
    let standings = Standings::of(project, project.now())?;
    if let Caller::Agent(me) = project.caller()? {
        require_own_or_lead(project, me.as_str(), "sharing as another agent")?;
    }
    let me = match (&name, project.caller()?) {
        (_, Caller::Agent(me)) => Some(me.as_str()),
        (Some(_), _) => None,
        (None, _) => Some(own(project)?),
    };
    let found = project.decide(&by, "group share", |transaction| {
        let group = match (&name, me) {
            (Some(name), _) => transaction.group(name.as_str())?,
            (None, Some(me)) => transaction.group_of(me)?,
            (None, None) => None,
        };
        let Some(mut group) = group else {
            return Ok(None);
        };
        if me.is_some_and(|me| !group.has(me)) {
            require_lead(
                project,
                &format!("sharing with {} from outside", group.name),
            )
            .map_err(|error| error.next(format!("ghp group join {}", group.name)))?;
        }
        let status = transaction.board()?;
        group.settle(|agent| standings.on(status, agent));
        let changed = group
            .share(&changes, args.if_version, &by, project.now())
            .map_err(|wrong| refused(&group, wrong))?;
        if !changed.is_empty() {
            transaction.save_group(&group)?;
            let line = told(&group, &by, &changed);
            transaction.say(one_line(&line, 500), None);
        }
        Ok(Some(group))
    })?;
    if let Some(group) = &found {
        register(project, &group.name);
    }
    match (found, name, me) {
        (Some(group), ..) => Ok(report(group, &changes)),
        (None, Some(name), _) => Err(unknown(project, name.as_str())?),
        (None, None, me) => Err(standalone(me.unwrap_or_default())),
    }
}

/// What happened, in one line.
fn told(group: &Group, by: &str, changed: &[String]) -> String {
    let (kept, gone): (Vec<&str>, Vec<&str>) = changed
        .iter()
        .map(String::as_str)
        .partition(|key| group.context.contains_key(*key));
    let said = |verb: &str, keys: &[&str]| {
        (!keys.is_empty()).then(|| format!("{verb} {}", keys.join(", ")))
    };
    let parts: Vec<String> = [said("shares", &kept), said("deletes", &gone)]
        .into_iter()
        .flatten()
        .collect();
    format!("{by} {} in {}", parts.join(" and "), group.name)
}

fn report(group: Group, changes: &[Share]) -> Report {
    let mut last: BTreeMap<&str, bool> = BTreeMap::new();
    for change in changes {
        last.insert(&change.key, change.value.is_some());
    }
    let mut report = Report {
        shared: Vec::new(),
        deleted: Vec::new(),
        group: String::new(),
    };
    for change in changes {
        match last.remove(change.key.as_str()) {
            Some(true) => report.shared.extend(One::of(&group, &change.key)),
            Some(false) => report.deleted.push(change.key.clone()),
            None => {}
        }
    }
    report.group = group.name;
    report
}

/// Which group, and what to share with it: no group's name has an equals sign.
fn understood(args: &Args) -> Result<(Option<GroupName>, Vec<Share>)> {
    let is_value = |word: &&String| word.contains('=');
    let name = args.name.as_ref().filter(|word| !is_value(word));
    let name = name.map(|word| word.parse()).transpose()?;
    let values = args.name.iter().filter(is_value).chain(&args.values);
    let changes = values.map(|word| share(word)).collect::<Result<Vec<_>>>()?;
    let wrong = if changes.is_empty() {
        "say what to share: KEY=VALUE"
    } else if args.if_version.is_some() && changes.len() > 1 {
        "--if-version is about one key: share one at a time"
    } else {
        return Ok((name, changes));
    };
    Err(Error::new(Kind::Usage, wrong).next("ghp group share --help"))
}

fn share(word: &str) -> Result<Share> {
    let wrong = |what: &str| {
        let said = format!("\"{}\" {what}", one_line(word, 60));
        Error::new(Kind::Usage, said).next("ghp group share --help")
    };
    let (key, value) = word
        .split_once('=')
        .ok_or_else(|| wrong("is not KEY=VALUE"))?;
    if !is_key(key) {
        return Err(wrong(
            "has no good key: use letters, digits, \"_\", \".\", \":\", \"/\" and \"-\", at most 128",
        ));
    }
    if value.contains('\0') {
        return Err(wrong("holds a NUL byte"));
    }
    // It travels wherever the documents go.
    refuse_secrets(
        value,
        &format!("value of {key}"),
        &format!("ghp group share {key}=WHERE"),
    )?;
    let value = match serde_json::from_str::<Value>(value) {
        _ if value.is_empty() => None,
        Ok(json) if loses_digits(value, &json) => Some(Value::from(value)),
        Ok(json) => Some(json),
        // It is JSON, and goes deeper than anything that may be shared.
        Err(error) if error.to_string().starts_with("recursion limit") => {
            return Err(too_deep(key));
        }
        Err(_) => Some(Value::from(value)),
    };
    Ok(Share {
        key: key.to_owned(),
        value,
    })
}

/// Whether a whole number is larger than 64 bits hold: as a number only its first digits would be kept.
fn loses_digits(text: &str, json: &Value) -> bool {
    let is_rounded = json.is_f64() && json.as_f64().is_some_and(|number| number.abs() > 1.0);
    is_rounded && !text.contains(['.', 'e', 'E'])
}

fn too_deep(key: &str) -> Error {
    let said = format!("{key} is nested more than {DEEPEST_VALUE} deep");
    Error::new(Kind::Usage, said)
        .hint("share where it is instead: a path, a commit, an issue")
        .next("ghp group share --help")
}

fn refused(group: &Group, wrong: BadShare) -> Error {
    let name = &group.name;
    match wrong {
        BadShare::Moved { key, version } => {
            let now = match (version, group.context.get(&key)) {
                (0, _) => format!("there is no {key} in {name} now (version 0)"),
                (_, Some(shared)) => format!(
                    "{key} in {name} is version {version} now, by {}",
                    shared.by.as_deref().unwrap_or("hand")
                ),
                (_, None) => format!("{key} in {name} is version {version} now"),
            };
            Error::new(Kind::Changed, now)
                .hint("read it again")
                .next(format!("ghp group context {name} {key}"))
        }
        BadShare::LargeValue { key, size } => Error::new(
            Kind::Usage,
            format!(
                "{key} is {} bytes too large: {size} of at most {LARGEST_VALUE}",
                size - LARGEST_VALUE
            ),
        )
        .hint("share where it is instead: a path, a commit, an issue")
        .next("ghp group share --help"),
        BadShare::DeepValue { key } => too_deep(&key),
        BadShare::NoVersionLeft { key } => Error::new(
            Kind::Usage,
            format!("{key} in {name} has the highest version there is"),
        )
        .hint("share it under another key")
        .next(format!("ghp group context {name}")),
        BadShare::LargeContext { size } => Error::new(
            Kind::Usage,
            format!(
                "the context of {name} would be {} bytes too large: {size} of at most {LARGEST_CONTEXT}",
                size - LARGEST_CONTEXT
            ),
        )
        .hint("delete what nobody needs (KEY=)")
        .next(format!("ghp group context {name}")),
    }
}
