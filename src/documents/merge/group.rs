//! groups/NAME.json merged by meaning: each member, key and field on its own.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Sides, sides, three_way};
use crate::documents::front_matter::Malformed;
use crate::documents::group::{parse, render};
use crate::domain::group::{Group, Member};
use crate::domain::time::Timestamp;

/// Merges two descendants of `base` (empty: there is none) of the group of this name. A member that joined or left on one
/// side did so. A key has the value of its higher version, and is gone where the deletion is of no lower one. Any other
/// field that both sides changed has the greater text. Which side is called ours makes no difference.
pub fn merge_group(name: &str, base: &str, ours: &str, theirs: &str) -> Result<String, Malformed> {
    let read = |text: &str| {
        if text.trim().is_empty() {
            Ok(nothing(name))
        } else {
            parse(name, text)
        }
    };
    Ok(render(&merged(&read(base)?, read(ours)?, read(theirs)?)))
}

/// The document of a group in which git left conflict markers, merged; `None` when there are none, or a side cannot be
/// read.
pub fn resolve_group_markers(name: &str, text: &str) -> Option<Group> {
    let Sides { ours, base, theirs } = sides(text)?;
    let base = base.and_then(|base| parse(name, &base).ok());
    let base = base.unwrap_or_else(|| nothing(name));
    let (ours, theirs) = (parse(name, &ours).ok()?, parse(name, &theirs).ok()?);
    Some(merged(&base, ours, theirs))
}

fn nothing(name: &str) -> Group {
    Group {
        name: name.to_owned(),
        ..Group::default()
    }
}

fn merged(base: &Group, ours: Group, theirs: Group) -> Group {
    let mut fields = three_way(
        &fields(base),
        fields(&ours),
        fields(&theirs),
        Value::to_string,
    );
    // Unknown ones in the order of the base, then by name, whichever side is ours.
    let mut ordered = Map::new();
    for (name, _) in base.unknown.iter() {
        ordered.extend(fields.remove_entry(name));
    }
    ordered.extend(fields);
    let mut group: Group = serde_json::from_value(Value::Object(ordered))
        .unwrap_or_else(|_| unreachable!("a field of either side"));
    let joined = |member: &Member| member.joined_at.as_deref().and_then(Timestamp::parse);
    let place = |member: &Member| {
        let known = base.members.iter();
        let known = known.map(|known| known.agent.as_str());
        known
            .clone()
            .position(|agent| agent == member.agent)
            .unwrap_or(known.len())
    };
    let text = |member: &Member| serde_json::to_string(member).unwrap_or_default();
    let members = three_way(&members(base), members(&ours), members(&theirs), text);
    group.members = members.into_values().collect();
    group
        .members
        .sort_by_cached_key(|member| (joined(member), place(member), member.agent.clone()));
    group.deleted = ours.deleted;
    for (key, version) in theirs.deleted {
        let last = group.deleted.entry(key).or_default();
        *last = version.max(*last);
    }
    group.context = three_way(&base.context, ours.context, theirs.context, |shared| {
        let at = shared.at.as_deref().and_then(Timestamp::parse);
        let text = serde_json::to_string(shared).unwrap_or_default();
        (shared.version, at, text)
    });
    let deleted = group.deleted.clone();
    group.context.retain(|key, shared| {
        deleted
            .get(key)
            .is_none_or(|version| *version < shared.version)
    });
    let context = &group.context;
    group.deleted.retain(|key, _| !context.contains_key(key));
    group
}

/// Everything but members and keys.
fn fields(group: &Group) -> BTreeMap<String, Value> {
    let alone = Group {
        members: Vec::new(),
        context: BTreeMap::new(),
        deleted: BTreeMap::new(),
        ..group.clone()
    };
    match serde_json::to_value(&alone) {
        Ok(Value::Object(fields)) => fields.into_iter().collect(),
        _ => unreachable!("a group is an object"),
    }
}

fn members(group: &Group) -> BTreeMap<String, Member> {
    let members = group.members.iter().cloned();
    members
        .map(|member| (member.agent.clone(), member))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::domain::group::{Share, Standing};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000 + seconds)
    }

    fn share(group: &mut Group, key: &str, value: Option<Value>, second: i64) {
        let change = Share {
            key: key.to_owned(),
            value,
        };
        let shared = group.share(&[change], None, "a", at(second));
        assert!(shared.is_ok());
    }

    fn base() -> Group {
        let mut group = Group::new("g", at(0));
        for agent in ["b", "a"] {
            assert_eq!(group.join(agent, at(0), 9), Ok(true));
        }
        share(&mut group, "k", Some(json!(0)), 0);
        group
    }

    fn both(ours: &Group, theirs: &Group) -> Group {
        let texts = [render(&base()), render(ours), render(theirs)];
        let [base, ours, theirs] = texts.each_ref().map(String::as_str);
        let one = merge_group("g", base, ours, theirs).expect("groups");
        assert_eq!(Ok(&one), merge_group("g", base, theirs, ours).as_ref());
        parse("g", &one).expect("a group")
    }

    #[test]
    fn members_and_keys_of_both_sides_come_together() {
        let (mut ours, mut theirs) = (base(), base());
        assert_eq!(ours.join("c", at(5), 9), Ok(true));
        assert_eq!(theirs.join("d", at(4), 9), Ok(true));
        assert!(theirs.leave("b", at(4), |_| Standing::Live));
        share(&mut ours, "k", Some(json!("ours")), 5);
        share(&mut theirs, "k", Some(json!("x")), 6);
        share(&mut theirs, "k", Some(json!("theirs")), 6);
        share(&mut ours, "new", Some(json!([1])), 7);
        let merged = both(&ours, &theirs);
        let names: Vec<&str> = merged.members.iter().map(|m| m.agent.as_str()).collect();
        assert_eq!(names, ["a", "d", "c"]);
        assert_eq!(merged.coordinator.as_deref(), Some("a"));
        assert_eq!(merged.context["k"].value, json!("theirs"));
        assert_eq!((merged.version("k"), merged.version("new")), (3, 1));
        assert_eq!(merged.last_activity, ours.last_activity);
    }

    #[test]
    fn a_deletion_stands_against_what_it_had_seen() {
        let (mut ours, mut theirs) = (base(), base());
        share(&mut ours, "k", None, 1);
        assert_eq!(both(&ours, &theirs), ours);
        share(&mut theirs, "k", Some(json!("newer")), 2);
        let merged = both(&ours, &theirs);
        assert_eq!((merged.version("k"), merged.deleted.len()), (2, 0));
        share(&mut ours, "k", Some(json!(1)), 3);
        share(&mut ours, "k", None, 3);
        assert_eq!(both(&ours, &theirs).version("k"), 0);
    }

    fn grown(steps: &[(u8, u8)]) -> Group {
        let mut group = base();
        for (second, (what, which)) in (1..).zip(steps) {
            let agent = format!("w{}", which % 4);
            let key = format!("k{}", which % 3);
            match what % 4 {
                0 => drop(group.join(&agent, at(second), 9)),
                1 => drop(group.leave(&agent, at(second), |_| Standing::Live)),
                2 => share(&mut group, &key, Some(json!(which)), second),
                _ => share(&mut group, &key, None, second),
            }
        }
        group
    }

    proptest! {
        #[test]
        fn either_side_may_be_ours_and_nothing_new_changes_nothing(
            ours in prop::collection::vec(any::<(u8, u8)>(), 0..12),
            theirs in prop::collection::vec(any::<(u8, u8)>(), 0..12),
        ) {
            let (ours, theirs) = (grown(&ours), grown(&theirs));
            let merged = both(&ours, &theirs);
            for member in ours.members.iter().filter(|m| theirs.has(&m.agent)) {
                prop_assert!(merged.has(&member.agent));
            }
            for (key, shared) in &merged.context {
                prop_assert!(shared.version == ours.version(key).max(theirs.version(key)));
            }
            prop_assert_eq!(both(&ours, &base()).context, ours.context);
        }
    }
}
