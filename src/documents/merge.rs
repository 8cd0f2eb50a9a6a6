//! Documents merged by meaning, never by line: agent-status.json by agent, a group by member and key, a goal by key, a run
//! of a workflow by step, a task by its stage.

mod goal;
mod group;
mod run;
mod task;

pub use goal::merge_goal;
pub use group::{merge_group, resolve_group_markers};
pub use run::merge_run;
pub use task::merge_task;

use std::collections::BTreeMap;

use serde_json::Value;

use super::Document;
use super::front_matter::Malformed;
use super::paged::Paged;
use super::status::Status;
use crate::domain::agent::Entry;
use crate::domain::time::{Duration, Timestamp};
use crate::domain::unknown::Unknown;

/// A clock further ahead than this is wrong, and its entry no newer than any other.
const AHEAD: Duration = Duration::from_seconds(300);

/// Which document of a kind has this path.
pub fn page_id<T: Document>(path: &str) -> Option<&str> {
    let stem = path.strip_prefix(T::FOLDER)?.strip_prefix('/')?;
    stem.strip_suffix(".md").filter(|stem| T::is_stem(stem))
}

/// Merges a page of which `base` (empty: there is none), ours and theirs are given. Where a side has not changed it is the
/// other; `both_changed` settles the rest.
fn pages<T: Document>(
    id: &str,
    texts: [&str; 3],
    both_changed: impl FnOnce([&Paged<T>; 3]) -> Result<String, Malformed>,
) -> Result<String, Malformed> {
    let parse = |text: &str| {
        let nothing = "---\n---\n";
        let is_nothing = text.trim().is_empty();
        Paged::<T>::parse(id, if is_nothing { nothing } else { text })
    };
    let [base, ours, theirs] = texts;
    let read = [&parse(base)?, &parse(ours)?, &parse(theirs)?];
    if ours == base || ours == theirs {
        return Ok(theirs.to_owned());
    }
    if theirs == base {
        return Ok(ours.to_owned());
    }
    both_changed(read)
}

/// Merges two descendants of `base` (empty: there is none). An entry is taken whole: changed on one side, that
/// side's; on both, the one with the higher fence, then the later timestamp, then the longer text. An entry that
/// was removed on one side and changed on the other stays. Which side is called ours makes no difference.
pub fn merge_status(
    base: &str,
    ours: &str,
    theirs: &str,
    now: Timestamp,
) -> Result<String, Malformed> {
    let parse = |text: &str| {
        if text.trim().is_empty() {
            Ok(Status::default())
        } else {
            Status::parse(text)
        }
    };
    Ok(merged(&parse(base)?, parse(ours)?, parse(theirs)?, Some(now)).render())
}

/// A status document in which git left conflict markers (its styles merge, diff3 and zdiff3), merged; `None` when
/// there are none, or a side cannot be read.
pub fn resolve_markers(text: &str) -> Option<String> {
    let Sides { ours, base, theirs } = sides(text)?;
    let ours = Status::parse(&ours).ok()?;
    let theirs = Status::parse(&theirs).ok()?;
    // Without a base, or with one of which zdiff3 left pieces only, every entry counts as changed.
    let base = base
        .and_then(|base| Status::parse(&base).ok())
        .unwrap_or_default();
    Some(merged(&base, ours, theirs, None).render())
}

struct Sides {
    ours: String,
    base: Option<String>,
    theirs: String,
}

/// The text as each side has it; the base only where every conflict shows it.
fn sides(text: &str) -> Option<Sides> {
    #[derive(PartialEq)]
    enum At {
        Both,
        Ours,
        Base,
        Theirs,
    }
    let (mut ours, mut base, mut theirs) = (String::new(), String::new(), String::new());
    let (mut at, mut conflicts, mut bases) = (At::Both, 0, 0);
    for line in text.split_inclusive('\n') {
        let marker = line.trim_end();
        let is = |sign: &str| {
            marker == sign
                || marker
                    .strip_prefix(sign)
                    .is_some_and(|rest| rest.starts_with(' '))
        };
        match at {
            At::Both if is("<<<<<<<") => (at, conflicts) = (At::Ours, conflicts + 1),
            At::Ours if is("|||||||") => (at, bases) = (At::Base, bases + 1),
            At::Ours | At::Base if is("=======") => at = At::Theirs,
            At::Theirs if is(">>>>>>>") => at = At::Both,
            _ if is("<<<<<<<") || is(">>>>>>>") => return None,
            At::Both => [&mut ours, &mut base, &mut theirs]
                .into_iter()
                .for_each(|side| side.push_str(line)),
            At::Ours => ours.push_str(line),
            At::Base => base.push_str(line),
            At::Theirs => theirs.push_str(line),
        }
    }
    let base = (bases == conflicts).then_some(base);
    (conflicts > 0 && at == At::Both).then_some(Sides { ours, base, theirs })
}

fn merged(base: &Status, ours: Status, theirs: Status, now: Option<Timestamp>) -> Status {
    let agents = three_way(&base.agents, ours.agents, theirs.agents, |entry| {
        rank(entry, now)
    });
    // Other fields have no time of their own: the greater text, so that both sides come to the same.
    let table = |map: &Unknown| {
        map.iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    };
    let unknown = three_way(
        &table(&base.unknown),
        table(&ours.unknown),
        table(&theirs.unknown),
        Value::to_string,
    );
    let mut unknown: BTreeMap<String, Value> = unknown;
    let mut ordered = Unknown::default();
    // In the order of the base, then by name, whichever side is ours.
    for (key, _) in base.unknown.iter() {
        ordered.extend(unknown.remove_entry(key));
    }
    ordered.extend(unknown);
    Status {
        agents,
        unknown: ordered,
    }
}

/// By key: changed on one side, that side's; on both, the one that ranks higher, and anything over nothing.
fn three_way<V: Clone + PartialEq, R: Ord>(
    base: &BTreeMap<String, V>,
    ours: BTreeMap<String, V>,
    mut theirs: BTreeMap<String, V>,
    rank: impl Fn(&V) -> R,
) -> BTreeMap<String, V> {
    let mut pairs: Vec<(String, Option<V>, Option<V>)> = ours
        .into_iter()
        .map(|(key, value)| (key.clone(), Some(value), theirs.remove(&key)))
        .collect();
    pairs.extend(
        theirs
            .into_iter()
            .map(|(key, value)| (key, None, Some(value))),
    );
    let choose = |(key, ours, theirs): (String, Option<V>, Option<V>)| {
        let base = base.get(&key);
        let chosen = if ours.as_ref() == base {
            theirs
        } else if theirs.as_ref() == base || ours.as_ref().map(&rank) >= theirs.as_ref().map(&rank)
        {
            ours
        } else {
            theirs
        };
        chosen.map(|value| (key, value))
    };
    pairs.into_iter().filter_map(choose).collect()
}

/// What makes one entry win over another.
fn rank(entry: &Entry, now: Option<Timestamp>) -> (u64, Option<Timestamp>, usize, String) {
    let believable = |at: &Timestamp| now.is_none_or(|now| *at <= now.plus(AHEAD));
    let text =
        serde_json::to_string(entry).unwrap_or_else(|_| unreachable!("an entry has text keys"));
    (
        entry.fence.unwrap_or(0),
        entry.seen().filter(believable),
        text.len(),
        text,
    )
}

/// A document of any kind that is merged by meaning, in which git left conflict markers, merged.
pub fn resolve(path: &str, text: &str) -> Option<String> {
    match group_name(path) {
        Some(name) => resolve_group_markers(name, text).map(|group| super::group::render(&group)),
        None if path == "agent-status.json" => resolve_markers(text),
        None => None,
    }
}

/// The group whose document has this path.
pub fn group_name(path: &str) -> Option<&str> {
    path.strip_prefix("groups/")?.strip_suffix(".json")
}

/// The run of a workflow whose document has this path.
pub fn run_id(path: &str) -> Option<&str> {
    path.strip_prefix("workflows/runs/")?.strip_suffix(".json")
}

#[cfg(test)]
mod tests;
