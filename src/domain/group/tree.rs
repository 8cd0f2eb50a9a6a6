//! Groups of groups: a tree without cycles, of eight levels at most.

use std::collections::BTreeMap;

/// How many levels of groups there are at most.
pub const DEEPEST: usize = 8;

/// Why a group cannot have this parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadParent {
    /// It is the group itself, or a part of it.
    Cycle,
    /// There would be more than [`DEEPEST`] levels.
    TooDeep,
}

/// The groups above one, its parent first. `parents`: each group's parent, if it has one. A cycle that somebody typed by
/// hand ends where it closes.
pub fn above<'a>(parents: &'a BTreeMap<String, Option<String>>, name: &'a str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut at = name;
    while let Some(Some(parent)) = parents.get(at) {
        if parent == name || found.contains(&parent.as_str()) {
            break;
        }
        found.push(parent.as_str());
        at = parent;
    }
    found
}

/// The groups below one, however deep, by name.
pub fn below<'a>(parents: &'a BTreeMap<String, Option<String>>, name: &str) -> Vec<&'a str> {
    let is_below = |other: &&String| *other != name && above(parents, other).contains(&name);
    parents
        .keys()
        .filter(is_below)
        .map(String::as_str)
        .collect()
}

/// Whether the group may become part of `parent`.
pub fn check_parent(
    parents: &BTreeMap<String, Option<String>>,
    name: &str,
    parent: &str,
) -> Result<(), BadParent> {
    let higher = above(parents, parent);
    if parent == name || higher.contains(&name) {
        return Err(BadParent::Cycle);
    }
    // Levels below a group: how far its deepest part is from it.
    let distance = |part: &&str| above(parents, part).iter().position(|up| *up == name);
    let lower = below(parents, name);
    let height = lower
        .iter()
        .filter_map(distance)
        .map(|steps| steps + 1)
        .max();
    let levels = higher.len() + 1 + 1 + height.unwrap_or(0);
    if levels > DEEPEST {
        return Err(BadParent::TooDeep);
    }
    Ok(())
}
