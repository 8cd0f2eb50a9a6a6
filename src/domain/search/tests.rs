//! Known orders, and what holds for any texts.

use proptest::prelude::*;

use super::*;

fn text(title: &'static str, body: &'static str) -> Text<'static> {
    Text {
        title,
        tags: &[],
        body,
    }
}

fn order(query: &str, texts: &[Text<'_>]) -> Vec<usize> {
    ranked(query, texts).iter().map(|hit| hit.index).collect()
}

#[test]
fn the_better_fit_comes_first() {
    let tags = ["redis".to_owned()];
    let texts = [
        text("Flush the cache", "Nothing else."),
        text("Another matter", "The cache of redis must be flushed."),
        Text {
            title: "A third",
            tags: &tags,
            body: "Words.",
        },
        text("Unrelated", "Nothing in common."),
    ];
    assert_eq!(order("cache", &texts), [0, 1], "the title counts more");
    assert_eq!(order("redis", &texts), [2, 1], "a tag more than the body");
    assert_eq!(order("redis must flush", &texts)[0], 1, "more words");
    for nothing in ["", "the", "?!", "missing"] {
        assert!(order(nothing, &texts).is_empty(), "{nothing}");
    }
    // A rare word weighs more than a common one; of equals the first wins.
    let texts = [
        text("store", ""),
        text("store", ""),
        text("store", ""),
        text("lock", ""),
    ];
    assert_eq!(order("store lock", &texts), [3, 0, 1, 2]);
    // One long text among short ones is held back.
    let texts = [
        text(
            "x",
            "lock one two three four five six seven eight nine ten eleven",
        ),
        text("x", "lock one"),
    ];
    assert_eq!(order("lock", &texts), [1, 0]);
}

#[test]
fn forms_of_a_word_are_one() {
    for forms in [
        &["parse", "parses", "parsed", "parsing"][..],
        &["query", "queries", "queried", "querying", "Query"],
        &["cache", "caches", "cached", "caching"],
        &["run", "runs", "running"],
        &["install", "installs", "installed", "installing"],
        &["process", "processes", "processing"],
        &["index", "indexes", "indexed"],
        &["string", "strings"],
        &["status"],
    ] {
        let one: BTreeSet<String> = forms.iter().flat_map(|form| words(form)).collect();
        assert_eq!(one.len(), 1, "{forms:?}: {one:?}");
    }
    let apart = ["string", "store", "need", "status", "test", "lock", "block"];
    assert_eq!(words(&apart.join(" ")).len(), apart.len());
    assert_eq!(words("snake_case-words, ADR-17").len(), 5);
    assert_eq!(words("Größe ГОРОД 数据库").len(), 5);
    assert!(!ranked("数据", &[text("关于数据库", "")]).is_empty());
}

#[test]
fn the_excerpt_is_the_line_that_tells_why() {
    let body = "First.\n\nThe lock is taken once.\nThe lock of the store is taken last.\n";
    assert_eq!(
        excerpt("store lock", body),
        Some("The lock of the store is taken last.")
    );
    assert_eq!(excerpt("lock", body), Some("The lock is taken once."));
    assert_eq!(excerpt("nothing of it", body), Some("First."));
    assert_eq!(excerpt("lock", " \n\n"), None);
}

fn some_text() -> impl Strategy<Value = (String, Vec<String>, String)> {
    let words = "([a-e]{1,3}|parsing|the|\\PC{0,6})( ([a-e]{1,3}|parsed|\\PC{0,6})){0,8}";
    (words, proptest::collection::vec("[a-e]{1,3}", 0..3), words)
}

proptest! {
    #[test]
    fn whatever_has_a_word_is_found_once_and_in_order(
        texts in proptest::collection::vec(some_text(), 0..12),
        query in "([a-e]{1,3}|parses|\\PC{0,6})( ([a-e]{1,3}|\\PC{0,6})){0,4}",
    ) {
        let texts: Vec<Text<'_>> = texts
            .iter()
            .map(|(title, tags, body)| Text { title, tags, body })
            .collect();
        let hits = ranked(&query, &texts);
        let wanted = words(&query);
        let has = |text: &Text<'_>| {
            let all = format!("{} {} {}", text.title, text.tags.join(" "), text.body);
            words(&all).intersection(&wanted).count()
        };
        let expected: BTreeSet<usize> =
            (0..texts.len()).filter(|index| has(&texts[*index]) > 0).collect();
        let found: BTreeSet<usize> = hits.iter().map(|hit| hit.index).collect();
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(found.len(), hits.len());
        for hit in &hits {
            prop_assert!(hit.score.is_finite() && hit.score > 0.0, "{:?}", hit);
            prop_assert_eq!(hit.matched, has(&texts[hit.index]));
        }
        prop_assert!(hits.is_sorted_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)).is_lt()));
        // Where a text stands changes nothing but the order of equals.
        let turned: Vec<Text<'_>> = texts.iter().rev().copied().collect();
        let mut scores: Vec<f64> = hits.iter().map(|hit| hit.score).collect();
        let mut others: Vec<f64> = ranked(&query, &turned).iter().map(|hit| hit.score).collect();
        scores.sort_by(f64::total_cmp);
        others.sort_by(f64::total_cmp);
        prop_assert!(scores.iter().zip(&others).all(|(a, b)| (a - b).abs() < 1e-9));
    }

    #[test]
    fn saying_a_word_again_never_hurts(word in "[a-z]{2,9}", other in "[a-z ]{0,30}") {
        let once = format!("{word} {other}");
        let more = format!("{word} {word}");
        let texts = [&more, &once].map(|body| Text { title: "", tags: &[], body });
        let hits = ranked(&word, &texts);
        if let [first, second] = hits.as_slice() {
            prop_assert!(first.index == 0 || first.score - second.score < 1e-9 || words(&other).is_empty());
        }
    }
}
