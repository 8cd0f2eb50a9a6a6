//! goals/ID.md merged by meaning: each key on its own.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{pages, three_way};
use crate::documents::front_matter::Malformed;
use crate::documents::paged::Paged;
use crate::domain::goal::{Goal, Status};

/// Merges two descendants of `base` (empty: there is none) of this goal, key by key, metadata by its own keys. What became
/// of it is one thing: closed wins over active, then the later closing. Anything else that both sides changed has the
/// greater text. Which side is called ours makes no difference.
pub fn merge_goal(id: &str, base: &str, ours: &str, theirs: &str) -> Result<String, Malformed> {
    pages(id, [base, ours, theirs], both_changed)
}

fn both_changed([base, ours, theirs]: [&Paged<Goal>; 3]) -> Result<String, Malformed> {
    let mut merged = Paged::merged(base, ours, theirs)?;
    let status = [base, ours, theirs].map(|goal| state(goal));
    let [before, our, their] = &status;
    let chosen = if our == before || (their != before && rank(their) > rank(our)) {
        their
    } else {
        our
    };
    (merged.status, merged.closed_at, merged.by) = chosen.clone();
    let metadata = [base, ours, theirs].map(|goal| by_key(&goal.metadata));
    let [before, our, their] = metadata;
    let mut metadata = three_way(&before, our, their, Value::to_string);
    // In the order of the base, then by name.
    let mut ordered = Map::new();
    for key in base.metadata.keys() {
        ordered.extend(metadata.remove_entry(key));
    }
    ordered.extend(metadata);
    merged.metadata = ordered;
    Ok(merged.render())
}

/// What became of it, when, and by whom.
type State = (
    Status,
    Option<crate::domain::time::Timestamp>,
    Option<String>,
);

fn state(goal: &Goal) -> State {
    (goal.status, goal.closed_at, goal.by.clone())
}

fn rank(state: &State) -> impl Ord + use<> {
    let (status, at, by) = state.clone();
    (status != Status::Active, at, status.word(), by)
}

fn by_key(metadata: &Map<String, Value>) -> BTreeMap<String, Value> {
    let pairs = metadata.iter();
    pairs
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "2026-01-25-ten-users-q7mt";
    const BASE: &str = "---\nname: Ten users\nstatus: active\nmood: good # for now\nfrom: lead\nmetadata:\n  a: 1\n  b: 2\n---\n\nText.\n";

    fn merge(ours: &str, theirs: &str) -> String {
        let merged = merge_goal(ID, BASE, ours, theirs).expect("valid");
        let turned = merge_goal(ID, BASE, theirs, ours).expect("valid");
        assert_eq!(merged, turned, "whichever side is ours");
        merged
    }

    #[test]
    fn each_key_on_its_own() {
        let ours = BASE
            .replace("Ten users", "Twenty users")
            .replace("a: 1", "a: 3");
        let theirs = BASE
            .replace("mood: good", "mood: bad")
            .replace("  b: 2\n", "  b: 2\n  c: 4\n")
            .replace("from: lead", "from: lead\ngroup: g")
            .replace("Text", "More text");
        let expected = "---\nname: Twenty users\nstatus: active\nmood: bad # for now\nfrom: lead\nmetadata:\n  a: 3\n  b: 2\n  c: 4\ngroup: g\n---\n\nMore text.\n";
        assert_eq!(merge(&ours, &theirs), expected);
        assert_eq!(merge(BASE, BASE), BASE);
        assert_eq!(merge(&ours, BASE), ours);
    }

    #[test]
    fn what_became_of_it_is_one_thing() {
        let closed = |status: &str, at: &str, by: &str| {
            BASE.replace("active", status).replace(
                "from: lead",
                &format!("from: lead\nclosedAt: {at}\nby: {by}"),
            )
        };
        let early = closed("completed", "2026-01-26T10:00:00Z", "zoe");
        let late = closed("cancelled", "2026-01-27T10:00:00Z", "ana");
        let both = Paged::<Goal>::parse(ID, &merge(&early, &late)).expect("valid");
        assert_eq!(
            (both.status, both.by.as_deref()),
            (Status::Cancelled, Some("ana"))
        );
        let renamed = BASE.replace("Ten", "Two");
        let both = Paged::<Goal>::parse(ID, &merge(&early, &renamed)).expect("valid");
        assert_eq!(
            (both.status, both.name.as_str()),
            (Status::Completed, "Two users")
        );
        assert!(merge_goal(ID, BASE, "---\n<<<<<<< x\n", BASE).is_err());
        let id = crate::documents::merge::page_id::<Goal>;
        assert_eq!(id(&format!("goals/{ID}.md")), Some(ID));
        assert_eq!(id("goals/x.md"), None);
    }

    fn page() -> impl Strategy<Value = String> {
        let word = || prop::sample::select(vec!["a", "b", "true", "'[x]'"]);
        let extra = prop::option::of(prop::sample::select(vec![
            "mood: x # why",
            "# alone\nzeta: [1]",
            "by: q",
        ]));
        (word(), prop::sample::select(vec!["active", "completed", "cancelled"]), extra, word(), word()).prop_map(
            |(name, status, extra, value, body)| {
                let extra = extra.map(|extra| format!("{extra}\n")).unwrap_or_default();
                format!("---\nname: {name}\nstatus: {status}\n{extra}metadata:\n  k: {value}\n---\n\n{body}\n")
            },
        )
    }

    proptest! {
        #[test]
        fn whichever_side_is_ours(base in page(), ours in page(), theirs in page()) {
            let one = merge_goal(ID, &base, &ours, &theirs).expect("valid");
            prop_assert_eq!(&one, &merge_goal(ID, &base, &theirs, &ours).expect("valid"));
            prop_assert_eq!(&merge_goal(ID, &base, &one, &one).expect("valid"), &one);
            prop_assert_eq!(merge_goal(ID, &base, &base, &theirs).expect("valid"), theirs);
        }
    }
}
