//! `ghp group context`: what a group shares.

use std::collections::BTreeMap;

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::Value;

use super::{Board, named_or_own, parents};
use crate::domain::escape::one_line;
use crate::domain::group::{Group, GroupName, above};
use crate::domain::nearest::nearest;
use crate::error::{Error, Kind, Result};
use crate::host::clock;
use crate::project::Project;

/// Show what a group shares, or one key of it
///
/// A word alone is the group of that name if there is one, else a key of your own group. One key prints its value alone.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// The group (default: yours)
    pub name: Option<String>,
    /// One key of it
    pub key: Option<String>,
    /// Show it again whenever it changes
    #[arg(long)]
    pub watch: bool,
    /// Also what the groups above it share, where it does not itself
    #[arg(long)]
    pub inherit: bool,
}

/// What is shared.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// Everything.
    Whole(Whole),
    /// One key.
    One(One),
}

/// Everything that a group shares.
#[derive(Debug, Serialize)]
pub struct Whole {
    /// The group.
    pub group: String,
    /// By key.
    pub context: BTreeMap<String, Item>,
    /// Whether more follow (`--watch`).
    #[serde(skip)]
    pub one_of_many: bool,
}

/// A shared value.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Item {
    /// Whatever was shared.
    pub value: Value,
    /// How often it was written.
    pub version: u64,
    /// Who wrote it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The group above that it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// One key.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct One {
    /// The group.
    pub group: String,
    /// The key.
    pub key: String,
    /// Its value.
    #[serde(flatten)]
    pub item: Item,
    /// Whether more follow (`--watch`).
    #[serde(skip)]
    pub one_of_many: bool,
}

impl One {
    /// A key of a group; `None` when there is no such key.
    pub(super) fn of(group: &Group, key: &str) -> Option<One> {
        let item = items(group, &group.name).remove(key)?;
        Some(One {
            group: group.name.clone(),
            key: key.to_owned(),
            item,
            one_of_many: false,
        })
    }
}

/// What a group shares. `of`: the group that was asked for.
pub(super) fn items(group: &Group, of: &str) -> BTreeMap<String, Item> {
    let item = |(key, shared): (&String, &crate::domain::group::Shared)| {
        let item = Item {
            value: shared.value.clone(),
            version: shared.version,
            by: shared.by.clone(),
            at: shared.at.clone(),
            from: (group.name != of).then(|| group.name.clone()),
        };
        (key.clone(), item)
    };
    group.context.iter().map(item).collect()
}

/// Runs the verb.
pub fn run(
    project: &Project,
    args: Args,
    emit: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<()> {
    let (name, key) = meant(project, &args)?;
    if !args.watch {
        let whole = whole(project, name.as_deref(), args.inherit, false)?;
        return emit(&picked(whole, key)?);
    }
    let watch = project.watch()?;
    let mut last = None;
    loop {
        project.refresh()?;
        let whole = whole(project, name.as_deref(), args.inherit, true)?;
        // Other keys are nothing to whoever waits for one; one that is not there yet is what they wait for.
        let now: Vec<_> = whole
            .context
            .iter()
            .filter(|(name, _)| key.as_ref().is_none_or(|key| key == *name))
            .map(|(name, item)| (name.clone(), item.clone()))
            .collect();
        let is_missing = key.is_some() && now.is_empty();
        if !is_missing && last.as_ref() != Some(&now) {
            emit(&picked(whole, key.clone())?)?;
        }
        last = Some(now);
        watch.changed(None)?;
    }
}

/// Which group and which key are meant.
fn meant(project: &Project, args: &Args) -> Result<(Option<String>, Option<String>)> {
    match (&args.name, &args.key) {
        (Some(word), None) => {
            let is_group =
                word.parse::<GroupName>().is_ok() && project.store()?.group(word)?.is_some();
            let board = Board::of(project, project.now())?;
            if is_group || named_or_own(project, &board, None).is_err() {
                Ok((Some(word.clone()), None))
            } else {
                Ok((None, Some(word.clone())))
            }
        }
        (name, key) => Ok((name.clone(), key.clone())),
    }
}

fn whole(project: &Project, name: Option<&str>, inherit: bool, one_of_many: bool) -> Result<Whole> {
    let board = Board::of(project, clock::now())?;
    let group = named_or_own(project, &board, name)?;
    let mut context = items(&group, &group.name);
    if inherit {
        let all = project.store()?.groups()?;
        let parents = parents(&all);
        for higher in above(&parents, &group.name) {
            let Some(higher) = all.iter().find(|group| group.name == higher) else {
                continue;
            };
            for (key, item) in items(higher, &group.name) {
                context.entry(key).or_insert(item);
            }
        }
    }
    Ok(Whole {
        group: group.name,
        context,
        one_of_many,
    })
}

/// Everything, or the one key.
fn picked(mut whole: Whole, key: Option<String>) -> Result<Report> {
    let Some(key) = key else {
        return Ok(Report::Whole(whole));
    };
    if let Some(item) = whole.context.remove(&key) {
        return Ok(Report::One(One {
            group: whole.group,
            key,
            item,
            one_of_many: whole.one_of_many,
        }));
    }
    let said = format!("{} shares no {}", whole.group, one_line(&key, 128));
    let error = Error::new(Kind::NotFound, said);
    Err(
        match nearest(&key, whole.context.keys().map(String::as_str)) {
            Some(near) => error.hint("did you mean").next(format!(
                "ghp group context {} {}",
                whole.group,
                crate::commands::word(near)
            )),
            None => error.next(format!("ghp group context {}", whole.group)),
        },
    )
}
