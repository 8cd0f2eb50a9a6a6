use proptest::prelude::*;

use super::*;

const NOW: &str = "2025-01-25T12:00:00Z";

fn now() -> Timestamp {
    Timestamp::parse(NOW).expect("a time")
}

fn status(agents: &[(&str, &str)]) -> String {
    let agents: Vec<String> = agents
        .iter()
        .map(|(name, entry)| format!("\"{name}\": {entry}"))
        .collect();
    Status::parse(&format!("{{\"agents\": {{{}}}}}", agents.join(",")))
        .expect("valid")
        .render()
}

fn merge(base: &str, ours: &str, theirs: &str) -> String {
    merge_status(base, ours, theirs, now()).expect("valid")
}

const OLD: &str = "{\"issue\":1,\"timestamp\":\"2025-01-25T10:00:00Z\"}";
const NEW: &str = "{\"issue\":2,\"timestamp\":\"2025-01-25T11:00:00Z\"}";
const FUTURE: &str = "{\"issue\":3,\"timestamp\":\"2025-01-25T12:05:01Z\"}";
const NEARLY: &str = "{\"issue\":4,\"timestamp\":\"2025-01-25T12:05:00Z\"}";
const FENCED: &str = "{\"issue\":5,\"timestamp\":\"2025-01-25T09:00:00Z\",\"fence\":2}";

#[test]
fn each_agent_on_its_own() {
    let base = status(&[("a", OLD), ("b", OLD), ("c", OLD)]);
    let ours = status(&[("a", NEW), ("b", OLD), ("d", OLD)]);
    let theirs = status(&[("a", OLD), ("b", NEW), ("c", OLD), ("e", NEW)]);
    assert_eq!(
        merge(&base, &ours, &theirs),
        status(&[("a", NEW), ("b", NEW), ("d", OLD), ("e", NEW)])
    );
}

#[test]
fn on_both_sides_the_fence_then_the_time_decides() {
    let one = |entry: &str| status(&[("a", entry)]);
    for (winner, loser) in [
        (NEW, OLD),
        (NEW, FUTURE),
        (NEARLY, NEW),
        (FENCED, NEARLY),
        (FENCED, FUTURE),
    ] {
        for base in [String::new(), one("{\"issue\":9}")] {
            assert_eq!(merge(&base, &one(winner), &one(loser)), one(winner));
            assert_eq!(merge(&base, &one(loser), &one(winner)), one(winner));
        }
    }
    // Removed here, changed there: it stays.
    assert_eq!(merge(&one(OLD), &status(&[]), &one(NEW)), one(NEW));
    assert_eq!(merge(&one(OLD), &status(&[]), &one(OLD)), status(&[]));
}

#[test]
fn other_fields_are_merged_too() {
    let text = |rest: &str| format!("{{\"agents\":{{}}{rest}}}");
    let merged = merge(
        &text(",\"z\":1,\"b\":1,\"gone\":0"),
        &text(",\"z\":1,\"b\":2"),
        &text(",\"b\":1,\"a\":[],\"z\":5,\"gone\":0"),
    );
    let compact: String = merged.split_whitespace().collect();
    assert_eq!(compact, "{\"agents\":{},\"z\":5,\"b\":2,\"a\":[]}");
}

#[test]
fn a_side_that_is_no_status_is_refused() {
    assert!(merge_status("", "{", "{}", now()).is_err());
    assert!(merge_status("[]", "{}", "{}", now()).is_err());
}

#[test]
fn markers_of_every_style_are_resolved() {
    let (base, ours, theirs) = (
        status(&[("a", OLD)]),
        status(&[("a", NEW)]),
        status(&[("a", OLD), ("b", NEW)]),
    );
    let expected = status(&[("a", NEW), ("b", NEW)]);
    let whole = |middle: &str| {
        format!("<<<<<<< HEAD\n{ours}{middle}=======\n{theirs}>>>>>>> other branch\n")
    };
    assert_eq!(resolve_markers(&whole("")), Some(expected.clone()));
    assert_eq!(
        resolve_markers(&whole(&format!("||||||| 1234567\n{base}"))),
        Some(expected.clone())
    );
    assert_eq!(
        resolve_markers(&whole("||||||| 1234567\n      \"issue\": 1,\n")),
        Some(expected)
    );
    let two = "{\"agents\": {\n<<<<<<< ours\n\"a\": {\"issue\": 1}\n=======\n\"a\": {}\n>>>>>>> theirs\n},\n<<<<<<< ours\n\"x\": 1\n=======\n\"x\": 2\n>>>>>>> theirs\n}\n";
    let compact: String = resolve_markers(two)
        .expect("resolved")
        .split_whitespace()
        .collect();
    assert_eq!(compact, "{\"agents\":{\"a\":{\"issue\":1}},\"x\":2}");
}

#[test]
fn markers_that_are_not_gits_are_left_alone() {
    for text in [
        "",
        "{}",
        "<<<<<<< ours\n{}\n",
        "<<<<<<< ours\n{}\n=======\n{}\n",
        "<<<<<<< ours\n<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n",
        "<<<<<<< ours\n{\n=======\n{}\n>>>>>>> theirs\n",
        "{}\n>>>>>>> theirs\n",
    ] {
        assert_eq!(resolve_markers(text), None, "{text}");
    }
}

fn any_entry() -> impl Strategy<Value = String> {
    (0..3_u64, 0..4_u64, prop::option::of(1..3_u64)).prop_map(|(issue, hour, fence)| {
        let fence = fence.map_or(String::new(), |fence| format!(",\"fence\":{fence}"));
        format!("{{\"issue\":{issue},\"timestamp\":\"2025-01-25T1{hour}:00:00Z\"{fence}}}")
    })
}

fn any_status() -> impl Strategy<Value = String> {
    let agents = prop::collection::btree_map("[a-c]", any_entry(), 0..4);
    let rest = prop::collection::btree_map("[xyz]", 0..3_u64, 0..3);
    (agents, rest).prop_map(|(agents, rest)| {
        let agents: Vec<String> = agents
            .iter()
            .map(|(name, entry)| format!("\"{name}\":{entry}"))
            .collect();
        let rest: Vec<String> = rest
            .iter()
            .map(|(key, value)| format!(",\"{key}\":{value}"))
            .collect();
        let rest = rest.concat();
        Status::parse(&format!("{{\"agents\":{{{}}}{rest}}}", agents.join(",")))
            .expect("valid")
            .render()
    })
}

proptest! {
    #[test]
    fn commutative(base in any_status(), a in any_status(), b in any_status()) {
        prop_assert_eq!(merge(&base, &a, &b), merge(&base, &b, &a));
    }

    #[test]
    fn idempotent(base in any_status(), a in any_status(), b in any_status()) {
        prop_assert_eq!(Status::parse(&merge(&base, &a, &a)).expect("valid"), Status::parse(&a).expect("valid"));
        let once = merge(&base, &a, &b);
        prop_assert_eq!(merge(&base, &once, &b), merge(&base, &b, &once));
    }

    /// From one base, in whatever order three sides come together.
    #[test]
    fn associative(base in any_status(), a in any_status(), b in any_status(), c in any_status()) {
        prop_assert_eq!(merge(&base, &merge(&base, &a, &b), &c), merge(&base, &a, &merge(&base, &b, &c)));
    }

    #[test]
    fn an_unchanged_side_yields(base in any_status(), a in any_status()) {
        let merged = Status::parse(&merge(&base, &base, &a)).expect("valid");
        prop_assert_eq!(merged, Status::parse(&a).expect("valid"));
    }

    #[test]
    fn no_text_breaks_it(text in "[<>=|{}a \n\"]{0,80}") {
        if let Some(resolved) = resolve_markers(&text) {
            prop_assert!(Status::parse(&resolved).is_ok());
        }
    }
}
