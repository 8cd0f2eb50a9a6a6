//! Pages: what parses, what an edit leaves alone, how values are written.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::{Field, MAX_DOCUMENT, MAX_FRONT_MATTER, Malformed, Page};

const PAGE: &str = "---
# An escalation
id: 2025-01-25-which-db-k3xq
status: open # until a human answers
createdAt: 2025-01-25T10:30:00Z

# not ours
x-color: {a: [1, 'b # c']} # keep
paths: # shared
  - src/**
  # all of it
  - \"*.md\"
note: |
  text
  # text too

# the end
---

# Which database?

---
## Decision
";

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Known {
    id: String,
    status: String,
    created_at: String,
    paths: Vec<String>,
}

fn page(text: &str) -> Page {
    Page::parse(text).expect("the page parses")
}

fn malformed(text: &str) -> Malformed {
    Page::parse(text).expect_err("the page is malformed")
}

#[test]
fn reads_and_renders_what_it_parsed() {
    let page = page(PAGE);
    let known: Known = page.read().expect("the keys have their types");
    assert_eq!(known.created_at, "2025-01-25T10:30:00Z");
    assert_eq!(known.paths, ["src/**", "*.md"]);
    assert_eq!(page.body(), "# Which database?\n\n---\n## Decision\n");
    assert_eq!(page.render(), PAGE);
}

#[test]
fn an_edit_touches_its_lines_alone() {
    let mut page = page(PAGE);
    page.set("status", "open");
    page.set("paths", vec!["src/**".to_owned(), "*.md".to_owned()]);
    page.set("note", "text\n# text too\n");
    page.set("createdAt", "2025-01-25T10:30:00Z");
    page.remove("missing");
    page.set_body("# Which database?\n\n---\n## Decision\n");
    assert_eq!(page.render(), PAGE);
    page.set("status", "resolved");
    page.set("paths", Vec::<String>::new());
    page.set("x-color", "blue: #1");
    page.set("note", "no");
    page.remove("id");
    page.set("issues", vec![1, 2]);
    page.set("by", "worker-2");
    assert_eq!(
        page.render(),
        "---
# An escalation
status: resolved # until a human answers
createdAt: 2025-01-25T10:30:00Z

# not ours
x-color: \"blue: #1\" # keep
paths: [] # shared
note: \"no\"

# the end
issues: [1, 2]
by: worker-2
---

# Which database?

---
## Decision
"
    );
}

#[test]
fn line_ends_and_mark_stay_until_something_changes() {
    let text = "\u{feff}---\r\na: x\r\n---\r\n\r\nbody\r\n";
    let mut page = page(text);
    assert_eq!((page.render().as_str(), page.body()), (text, "body\n"));
    page.set("a", "x");
    page.set_body("body\r\n");
    assert_eq!(page.render(), text);
    page.set("a", "z");
    assert_eq!(page.render(), "---\na: z\n---\n\nbody\n");
}

#[test]
fn empty_pages_and_bodies() {
    #[derive(Deserialize)]
    struct Optional {
        a: Option<String>,
    }
    for text in [
        "---\n---\n",
        "---\n---",
        "---\n# only this\n\n---\n",
        "---  \n\n--- \nbody",
    ] {
        let mut page = page(text);
        assert_eq!(page.render(), text);
        assert_eq!(page.read::<Optional>().expect("empty").a, None);
        page.set("a", "null");
        let a = self::page(&page.render())
            .read::<Optional>()
            .expect("set")
            .a;
        assert_eq!(a.as_deref(), Some("null"));
    }
    let mut page = Page::new();
    assert_eq!(page.render(), "---\n---\n");
    page.set_body("---\ntext");
    assert_eq!(page.render(), "---\n---\n\n---\ntext");
    assert_eq!(self::page("---\n---\n---\ntext").body(), "---\ntext");
}

#[test]
fn faults_have_a_place_in_the_file() {
    let cases = [
        ("", 1, 1, "does not begin"),
        ("\0\0\0", 1, 1, "does not begin"),
        ("a: 1\n---\n", 1, 1, "does not begin"),
        ("---\na: 1\n", 1, 1, "not closed"),
        ("---\na: 1\nb: [1\n---\n", 3, 4, "unclosed"),
        ("---\na: 1\nb: 2\na: 3\n---\n", 4, 1, "duplicate"),
        ("---\na:\n  b: 1\n  b: 2\n---\n", 4, 3, "duplicate"),
        ("---\na: &x 1\n---\n", 2, 0, "anchors"),
        ("---\na: *x\n---\n", 2, 0, "anchor"),
        ("---\na: &x {}\nb:\n  <<: *x\n---\n", 2, 0, "anchors"),
        ("---\nb:\n  <<: {a: 1}\n---\n", 3, 0, "merge"),
        ("---\na: !!str 1\n---\n", 2, 0, "tags"),
        ("---\na:\n  - [!x y]\n---\n", 3, 0, "tags"),
        ("---\n!k a: 1\n---\n", 2, 0, "tags"),
        ("---\n!!map\na: 1\n---\n", 2, 1, "one `key: value` a line"),
        ("---\n{a: 1}\n---\n", 2, 2, "one `key: value` a line"),
        ("---\n{\na: 1\n}\n---\n", 2, 1, "one `key: value` a line"),
        (
            "---\na: 1\n? b\n: 2\n---\n",
            3,
            3,
            "one `key: value` a line",
        ),
        ("---\nnull\n---\n", 2, 1, "one `key: value` a line"),
        ("---\n- a\n---\n", 2, 1, "one `key: value` a line"),
        ("---\n%YAML 1.2\na: 1\n---\n", 2, 0, ""),
        ("---\na: 1\n...\n---\n", 3, 1, "document begins in"),
        ("---\na: 1\n--- # b\n---\n", 3, 1, "document begins in"),
        ("---\na: 1\n... # b\nc: 1\n---\n", 0, 0, ""),
        ("---\na: 1\rb: 2\n---\n", 2, 5, "carriage return"),
        (
            "---\na: x\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n---\n",
            3,
            1,
            "conflict markers",
        ),
        ("<<<<<<< HEAD\n---\n", 1, 1, "conflict markers"),
        (
            "---\na: x\n---\n\nb\n<<<<<<< HEAD\n=======\n>>>>>>> x\n",
            6,
            1,
            "conflict markers",
        ),
    ];
    for (text, line, column, what) in cases {
        let fault = malformed(text);
        assert!(line == 0 || fault.line == line, "{text:?}: {fault}");
        assert!(column == 0 || fault.column == column, "{text:?}: {fault}");
        assert!(
            fault.what.to_lowercase().contains(what),
            "{text:?}: {fault}"
        );
    }
    let fault = page("---\ntitle: x\n\nn: [one]\n---\n").read::<BTreeMap<String, u64>>();
    let fault = fault.expect_err("not a number");
    assert_eq!((fault.line, fault.column), (2, 8), "{fault}");
}

#[test]
fn sizes_and_depths_are_limited() {
    let long = "x".repeat(MAX_FRONT_MATTER);
    assert!(
        malformed(&format!("---\na: {long}\n---\n"))
            .what
            .contains("64 KiB")
    );
    let long = "x".repeat(MAX_DOCUMENT);
    assert!(
        malformed(&format!("---\n---\n{long}"))
            .what
            .contains("1 MiB")
    );
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", "")] {
        let nested = |depth| {
            format!(
                "---\na:\n  {}1{}\n---\n",
                open.repeat(depth),
                close.repeat(depth)
            )
        };
        assert_eq!(page(&nested(20)).body(), "");
        let fault = malformed(&nested(if open == "[" { 60_000 } else { 10_000 }));
        assert!(fault.line <= 3, "{fault}");
    }
    let comments = "# c\n".repeat(5_000);
    let text = format!("---\na:\n{comments}  - b\n{comments}c: 1\n---\n");
    assert_eq!(page(&text).render(), text);
}

#[test]
fn writes_texts_plain_only_when_every_reader_agrees() {
    let plain = [
        "worker-2",
        "open",
        "2025-01-25T10:30:00Z",
        "2025-01-25-which-db-k3xq",
        "src/**",
        "/etc/x",
        ".github/workflows",
        "a --- b",
        "Réparer: non".split_once(':').expect("a colon").0,
        "it's [x], {y} & z",
        "https://example.org/a#b",
        "deadbeef",
        "a:b",
    ];
    let quoted = [
        "",
        "no",
        "On",
        "y",
        "NULL",
        "true",
        "~",
        "nan",
        ".inf",
        "0o17",
        "0x1f",
        "017",
        "1e3",
        "12:30",
        "1_000",
        "147",
        "-1",
        "+1",
        ".5",
        "3f2abc9",
        "2025-01-25",
        "a: b",
        "a:",
        "a #b",
        "*.md",
        "#147",
        "---",
        "- a",
        "? a",
        "!x",
        "&x",
        "@x",
        "`x",
        "%x",
        "[a",
        "{a",
        "|",
        ">",
        "'a",
        "\"a",
        " a",
        "a ",
        "a\nb",
        "a\tb",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{202e}a",
        "\u{feff}",
        "=",
        "<<",
        ",",
        "a\u{0}",
        "...",
    ];
    for text in plain {
        let mut page = Page::new();
        page.set("k", text);
        assert_eq!(page.render(), format!("---\nk: {text}\n---\n"));
    }
    for text in quoted {
        let mut page = Page::new();
        page.set("k", text);
        assert!(
            page.render().starts_with("---\nk: \""),
            "{text:?}: {}",
            page.render()
        );
        assert_eq!(value(&page, "k"), Some(text.into()));
    }
}

#[test]
fn kept_blank_lines_belong_to_their_text() {
    let text = "---\na: |+\n  x\n\n\nb: 1\n---\n";
    let mut page = page(text);
    page.set("a", "x\n\n\n");
    assert_eq!(page.render(), text);
    page.set("a", "x\n");
    assert_eq!(page.render(), "---\na: \"x\\n\"\nb: 1\n---\n");
}

/// The value of one key after rendering, as a reader of YAML 1.1 and one of 1.2 infer it.
fn value(page: &Page, key: &str) -> Option<Value> {
    let again = self::page(&page.render());
    let lenient = serde_saphyr::from_str::<BTreeMap<String, Value>>(&again.entries.to_string());
    let strict = again.read::<BTreeMap<String, Value>>().expect("a mapping");
    assert_eq!(lenient.expect("a mapping").get(key), strict.get(key));
    strict.get(key).cloned()
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,20}",
        "[\\x00-\\x7f]{0,12}",
        "[a-z0-9:# '\"\\[\\],{}~.|>&*!%@`-]{0,10}",
        any::<String>()
    ]
}

fn field() -> impl Strategy<Value = Field> {
    prop_oneof![
        3 => any_text().prop_map(Field::Text),
        1 => any::<u64>().prop_map(Field::Number),
        1 => any::<bool>().prop_map(Field::Bool),
        2 => prop::collection::vec(any_text(), 0..4).prop_map(Field::Texts),
        1 => prop::collection::vec(any::<u64>(), 0..4).prop_map(Field::Numbers),
    ]
}

/// One foreign entry and the comment that an edit keeps; `KEY` stands for its key.
fn foreign() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop::sample::select(vec![
        ("KEY: plain # why\n", "# why"),
        ("KEY: 'it''s # x' # y\n", "# y"),
        ("KEY: \"a # b\\\" # c\" # d\n", "# d"),
        ("\"KEY\": [1, \"]# \"] # z\n", "# z"),
        ("KEY:\n", ""),
        (
            "KEY: # c\n  - a\n  # in\n  - b: 1\n    c: |\n      # text\n",
            "# c",
        ),
        ("KEY:\n- a\n# zero\n- b\n", ""),
        ("KEY: |\n  text\n\n  # text\n", ""),
        ("KEY: >- # fold\n  folded\n  more\n", "# fold"),
        ("KEY: |+\n  kept\n\n\n", ""),
        ("KEY:\n  - >+\n    kept\n", ""),
        ("KEY: 'two\n  # lines'\n", ""),
        ("KEY: {a: 1,\n  b: [2, 3]} # flow\n", ""),
        ("KEY: plain over\n  two lines\n", ""),
        ("'KEY' : 12 #\n", "#"),
        ("KEY: {1: x, true: z}\n", ""),
        ("KEY: é\u{85}ü # ö\n", "# ö"),
    ])
}

fn above() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "", "# note\n", "\n", "\n# a: b\n\n#c\n"])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn edits_keep_everything_else(
        parts in prop::collection::vec((above(), foreign()), 0..6),
        below in above(),
        edits in prop::collection::vec((0..8_usize, prop::option::weighted(0.8, field())), 0..10),
    ) {
        let keys: Vec<String> = (0..8).map(|index| format!("key{index}")).collect();
        let mut front = String::new();
        for ((above, (entry, _)), key) in parts.iter().zip(&keys) {
            front.push_str(above);
            front.push_str(&entry.replace("KEY", key));
        }
        let text = format!("---\n{front}{below}---\n\nbody");
        let mut page = page(&text);
        prop_assert_eq!(page.render(), text);
        let before = page.read::<BTreeMap<String, Value>>().expect("a mapping");
        let mut last = BTreeMap::new();
        let mut removed = BTreeSet::new();
        for (index, field) in edits {
            if let Some(field) = &field {
                page.set(&keys[index], field.clone());
            } else {
                page.remove(&keys[index]);
                removed.insert(index);
            }
            last.insert(index, field);
        }
        let rendered = page.render();
        for (index, key) in keys.iter().enumerate() {
            let expected = match last.get(&index) {
                Some(field) => field.as_ref().map(json),
                None => before.get(key).cloned(),
            };
            prop_assert_eq!(value(&page, key), expected, "{} in\n{}", key, rendered);
        }
        for (index, (above, (entry, comment))) in parts.iter().enumerate() {
            let kept = if last.contains_key(&index) {
                if removed.contains(&index) { String::new() } else { (*comment).to_owned() }
            } else {
                entry.replace("KEY", &keys[index])
            };
            prop_assert!(rendered.contains(&kept) && rendered.contains(above), "{kept} lost in\n{rendered}");
        }
        prop_assert!(rendered.contains(below) && rendered.ends_with("---\n\nbody"), "{}", rendered);
    }

    #[test]
    fn any_text_round_trips(body in any_text(), key in "[a-z]{1,8}|\\PC{1,8}", field in field()) {
        let mut page = Page::new();
        page.set(&key, field.clone());
        page.set_body(&body);
        prop_assert_eq!(value(&page, &key), Some(json(&field)), "{}", page.render());
        let mut again = self::page(&page.render());
        prop_assert_eq!(again.body(), page.body());
        again.set("last", true);
        again.remove("last");
        prop_assert_eq!(again.render(), page.render());
    }

    #[test]
    fn no_text_panics(front in "[\\x00-\\x7f]{0,40}|[a-c: #\\n.|>'\"\\[\\]{}&*!-]{0,30}|\\PC{0,20}") {
        let text = format!("---\n{front}\n---\n");
        if let Ok(mut page) = Page::parse(&text) {
            prop_assert_eq!(&page.render(), &text);
            page.set("zz", "x");
            page.set("a", vec!["no".to_owned()]);
            prop_assert_eq!(value(&page, "zz"), Some("x".into()));
            prop_assert_eq!(value(&page, "a"), Some(serde_json::json!(["no"])));
        }
    }
}

fn json(field: &Field) -> Value {
    match field {
        Field::Text(text) => text.as_str().into(),
        Field::Number(number) => (*number).into(),
        Field::Bool(value) => (*value).into(),
        Field::Texts(texts) => texts.clone().into(),
        Field::Numbers(numbers) => numbers.clone().into(),
        Field::Map(map) => serde_json::Value::Object(map.clone()),
    }
}
