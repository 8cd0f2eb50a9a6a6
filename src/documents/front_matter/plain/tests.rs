//! Whatever is read without the parser, the parser reads the same.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use super::super::entries::{Entries, yaml};
use super::{lines, read};

type Keys = BTreeMap<String, Value>;

/// Whether it was read without the parser; then both must agree.
fn agrees(front: &str) -> bool {
    let Some(plain) = lines(front) else {
        return false;
    };
    let parsed = Entries::parse_yaml(front).unwrap_or_else(|error| panic!("{front:?}: {error}"));
    assert_eq!(Entries::from(plain), parsed, "{front:?}");
    if !front.is_empty() {
        let parsed: Keys = yaml(front).unwrap_or_else(|error| panic!("{front:?}: {error}"));
        assert_eq!(read::<Keys>(front), Some(parsed), "{front:?}");
    }
    true
}

#[test]
fn what_this_product_writes_needs_no_parser() {
    for front in [
        "",
        "title: Dashboard\nstatus: open\n",
        "createdAt: 2025-01-25T10:30:00Z\nfence: 12\nattempts: 0\n",
        "scope:\n  - src/**\n  - docs/a b.md\nbranch: ana/147-dashboard\n",
        "labels: []\nblockedBy: [3, 4]\npaths: [src/a/**,b , c d]\n",
        "title: Ünïcode — it's \"fine\", [really] {so} & more\n",
        "x-own_key2: 0day\n",
    ] {
        assert!(agrees(front), "{front:?}");
    }
}

#[test]
fn what_is_not_plain_is_left_to_the_parser() {
    for front in [
        "title:\n",
        "title: \n",
        "title: null\n",
        "title: No\n",
        "title: a: b\n",
        "title: a #b\n",
        "title: a\n  b\n",
        "title: |\n  a\n",
        "title: \"a\"\n",
        "title:  a\n",
        "title: a \n",
        "title: a\tb\n",
        " title: a\n",
        "title: a\n\nstatus: open\n",
        "# a\ntitle: a\n",
        "title: a\ntitle: b\n",
        "null: a\n",
        "fence: 012\n",
        "fence: 1_000\n",
        "fence: 1e3\n",
        "fence: -1\n",
        "scope: [a, [b]]\n",
        "scope: [a,]\n",
        "scope: [*a]\n",
        "scope: [a: b]\n",
        "scope: [a\n",
        "scope: [a]]\n",
        "scope:\n  - a\n   b\n",
        "scope:\n  - a: b\n",
        "scope:\n- a\n",
        "scope:\n    - a\n",
        "? a\n: b\n",
        "a: b",
    ] {
        assert!(!agrees(front), "{front:?}");
    }
}

fn odd() -> impl Strategy<Value = String> {
    let soup = "[a-cnoNO0-9: #,.|>'\"\\[\\]{}&*!%@`?~/_-]{0,12}";
    let word = "(null|true|yes|Off|y|nan|inf|0x1f|0o7|1e3|12:30|2025-01-25|2025-01-25T10:30:00Z|---|\\.\\.\\.)";
    prop_oneof![soup, word, "\\PC{0,10}", "[a-z]{1,6}( [a-z/*]{1,6}){0,3}"]
}

fn line() -> impl Strategy<Value = String> {
    let key = prop_oneof![9 => "[a-c]{1,2}".boxed(), 1 => odd().boxed()];
    prop_oneof![
        4 => (key, odd()).prop_map(|(key, value)| format!("{key}: {value}\n")),
        1 => ("[a-c]{1,2}", prop::collection::vec(odd(), 0..3)).prop_map(|(key, items)| {
            let items = items.iter().map(|item| format!("  - {item}\n"));
            format!("{key}:\n{}", items.collect::<Vec<_>>().concat())
        }),
        1 => ("[a-c]{1,2}", prop::collection::vec(odd(), 0..3))
            .prop_map(|(key, items)| format!("{key}: [{}]\n", items.join(", "))),
        1 => odd().prop_map(|text| format!("{text}\n")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn the_parser_reads_the_same(lines in prop::collection::vec(line(), 1..4)) {
        agrees(&lines.concat());
    }
}
