//! Joining, leaving, succession, sharing, and the tree.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

fn everybody_lives(_: &str) -> Standing {
    Standing::Live
}

fn group(members: &[&str]) -> Group {
    let mut group = Group::new("team", at(0));
    for (second, member) in (0..).zip(members) {
        assert_eq!(group.join(member, at(second), 32), Ok(true));
    }
    group
}

#[test]
fn the_first_member_coordinates_and_nobody_joins_twice() {
    let mut group = group(&["a", "b"]);
    assert_eq!(group.coordinator(everybody_lives), Some("a"));
    assert_eq!(group.join("a", at(9), 2), Ok(false));
    assert_eq!(group.join("c", at(9), 2), Err(Full));
    assert_eq!(group.last_activity, Some(at(1).to_string()));
}

#[test]
fn the_longest_standing_live_member_succeeds() {
    let mut group = group(&["a", "b", "c", "d"]);
    let standing = |agent: &str| match agent {
        "b" => Standing::Gone,
        "c" => Standing::Ended,
        _ => Standing::Live,
    };
    assert!(group.leave("a", at(9), standing));
    assert_eq!(group.coordinator.as_deref(), Some("d"));
    assert!(group.leave("d", at(9), standing));
    assert_eq!(group.coordinator.as_deref(), Some("c"));
    assert!(group.leave("c", at(9), standing));
    assert_eq!(group.coordinator.as_deref(), Some("b"));
    assert!(!group.leave("c", at(9), standing));
    assert!(group.leave("b", at(9), standing));
    assert_eq!(group.coordinator, None);
}

#[test]
fn expiry_moves_the_lead_when_read_and_not_when_everybody_is_gone() {
    let group = group(&["a", "b", "c"]);
    let a_is_gone = |agent: &str| {
        if agent == "a" {
            Standing::Gone
        } else {
            Standing::Live
        }
    };
    assert_eq!(group.coordinator(a_is_gone), Some("b"));
    assert_eq!(group.coordinator(|_| Standing::Gone), Some("a"));
    // A coordinator whose work is over still coordinates: only silence deposes.
    assert_eq!(group.coordinator(|_| Standing::Ended), Some("a"));
    let by_hand = Group {
        coordinator: Some("x".into()),
        ..group
    };
    assert_eq!(by_hand.coordinator(everybody_lives), Some("a"));
}

fn put(key: &str, value: Value) -> Share {
    Share {
        key: key.to_owned(),
        value: Some(value),
    }
}

fn delete(key: &str) -> Share {
    Share {
        key: key.to_owned(),
        value: None,
    }
}

#[test]
fn versions_only_grow_even_over_a_deletion() {
    let mut group = group(&["a"]);
    for version in 1..=3 {
        let changed = group.share(&[put("k", json!(version))], Some(version - 1), "a", at(1));
        assert_eq!(changed, Ok(vec!["k".to_owned()]));
        assert_eq!(group.version("k"), version);
    }
    let moved = BadShare::Moved {
        key: "k".into(),
        version: 3,
    };
    assert_eq!(
        group.share(&[put("k", json!(0))], Some(1), "a", at(1)),
        Err(moved)
    );
    assert_eq!(
        group
            .share(&[delete("k")], Some(3), "a", at(1))
            .map(|c| c.len()),
        Ok(1)
    );
    assert_eq!((group.version("k"), group.context.len()), (0, 0));
    assert_eq!(group.share(&[delete("k")], None, "a", at(1)), Ok(vec![]));
    assert!(
        group
            .share(&[put("k", json!(4))], Some(0), "a", at(1))
            .is_ok()
    );
    assert_eq!((group.version("k"), group.deleted.len()), (4, 0));
}

#[test]
fn what_is_too_large_is_refused_whole() {
    let mut group = group(&["a"]);
    let text = |bytes: usize| json!("x".repeat(bytes - 2));
    let both = [put("small", json!(1)), put("k", text(LARGEST_VALUE + 1))];
    let large = BadShare::LargeValue {
        key: "k".into(),
        size: LARGEST_VALUE + 1,
    };
    assert_eq!(group.share(&both, None, "a", at(1)), Err(large));
    assert!(group.context.is_empty());
    for n in 0..15 {
        let change = [put(&format!("k{n:02}"), text(LARGEST_VALUE))];
        assert!(group.share(&change, None, "a", at(1)).is_ok(), "{n}");
    }
    let last = group.share(&[put("k15", text(LARGEST_VALUE))], None, "a", at(1));
    assert_eq!(
        last,
        Err(BadShare::LargeContext {
            size: LARGEST_CONTEXT + 16 * 3
        })
    );
}

#[test]
fn keys_and_names() {
    for good in ["a", "found_pattern", "A.b:c/d-e", "0"] {
        assert!(is_key(good), "{good}");
    }
    for bad in ["", "-a", ".a", "a b", "a\n", "é", &"x".repeat(129)] {
        assert!(!is_key(bad), "{bad}");
    }
    assert!("research-team".parse::<GroupName>().is_ok());
    for bad in [
        "", "..", "../x", "a/b", "A", "join", "list", "human", ".a", "a\0", "-x",
    ] {
        assert!(bad.parse::<GroupName>().is_err(), "{bad}");
    }
}

fn parents(pairs: &[(&str, &str)]) -> BTreeMap<String, Option<String>> {
    let parent = |(name, parent): &(&str, &str)| {
        let parent = (!parent.is_empty()).then(|| (*parent).to_owned());
        ((*name).to_owned(), parent)
    };
    pairs.iter().map(parent).collect()
}

#[test]
fn groups_form_a_tree_of_eight_levels() {
    let tree = parents(&[("a", ""), ("b", "a"), ("c", "b"), ("x", "")]);
    assert_eq!(above(&tree, "c"), ["b", "a"]);
    assert_eq!(below(&tree, "a"), ["b", "c"]);
    assert_eq!(check_parent(&tree, "a", "a"), Err(BadParent::Cycle));
    assert_eq!(check_parent(&tree, "a", "c"), Err(BadParent::Cycle));
    assert_eq!(check_parent(&tree, "x", "c"), Ok(()));
    let names = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let chain: Vec<_> = names
        .iter()
        .zip(["", "1", "2", "3", "4", "5", "6", "7"])
        .collect();
    let chain: Vec<_> = chain
        .into_iter()
        .map(|(name, parent)| (*name, parent))
        .collect();
    let chain = parents(&chain);
    assert_eq!(above(&chain, "8").len(), 7);
    assert_eq!(check_parent(&chain, "9", "7"), Ok(()));
    assert_eq!(check_parent(&chain, "9", "8"), Err(BadParent::TooDeep));
    assert_eq!(check_parent(&chain, "1", "new"), Err(BadParent::TooDeep));
    // Typed by hand, a circle is left where it closes.
    let circle = parents(&[("a", "b"), ("b", "a"), ("c", "a")]);
    assert_eq!(above(&circle, "a"), ["b"]);
    assert_eq!(above(&circle, "c"), ["a", "b"]);
}

proptest! {
    #[test]
    fn whoever_joins_and_leaves_the_coordinator_is_a_member_or_nobody_is(
        steps in prop::collection::vec((0_u8..6, any::<bool>(), any::<u8>()), 0..60)
    ) {
        let mut group = Group::new("team", at(0));
        for (second, (agent, joins, gone)) in (0..).zip(steps) {
            let agent = format!("a{agent}");
            let standing = |name: &str| {
                let bit = name[1..].parse::<u32>().unwrap_or(0);
                if gone >> bit & 1 == 1 { Standing::Gone } else { Standing::Live }
            };
            let before = group.clone();
            if joins {
                let joined = group.join(&agent, at(second), 4);
                prop_assert_eq!(joined, if before.has(&agent) { Ok(false) } else if before.members.len() == 4 { Err(Full) } else { Ok(true) });
            } else {
                prop_assert_eq!(group.leave(&agent, at(second), standing), before.has(&agent));
                // A live coordinator stays when another leaves.
                if let Some(written) = &before.coordinator && *written != agent && standing(written) == Standing::Live {
                    prop_assert_eq!(&group.coordinator, &before.coordinator);
                }
            }
            match &group.coordinator {
                Some(coordinator) => prop_assert!(group.has(coordinator)),
                None => prop_assert!(group.members.is_empty()),
            }
            prop_assert!(group.members.len() <= 4);
        }
    }
}
