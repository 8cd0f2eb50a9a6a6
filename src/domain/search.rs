//! Ranked search in a few texts: Okapi BM25 over title, tags and body. Deterministic, and without an index to keep.

use std::collections::BTreeSet;

/// How fast a word that is said again counts less.
const SATURATION: f64 = 1.2;
/// How much longer texts are held back.
const LENGTH: f64 = 0.75;
/// What a word of the title, a tag and a word of the body count.
const WEIGHTS: [f64; 3] = [3.0, 2.0, 1.0];
/// English words that are in every text.
const EVERYWHERE: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "how", "in", "is", "it", "its",
    "of", "on", "or", "that", "the", "this", "to", "was", "what", "when", "where", "which", "who",
    "why", "will", "with",
];

/// What is searched in.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    /// One line.
    pub title: &'a str,
    /// Words to find it by.
    pub tags: &'a [String],
    /// The rest.
    pub body: &'a str,
}

/// A text that has at least one of the words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Which text, by its place.
    pub index: usize,
    /// How well it fits; comparable within one search only.
    pub score: f64,
    /// How many different words of the query it has.
    pub matched: usize,
}

/// A text as far as a query asks: how often it has each word, weighted, and how long it is.
struct Counted {
    counts: Vec<f64>,
    length: f64,
}

/// The texts that have words of the query, best first; of equals the one that comes first.
pub fn ranked(query: &str, texts: &[Text<'_>]) -> Vec<Hit> {
    let query = words(query);
    let counted: Vec<Counted> = texts.iter().map(|text| count(&query, text)).collect();
    let total = many(counted.len());
    let mean = counted.iter().map(|text| text.length).sum::<f64>() / total;
    let rarity: Vec<f64> = (0..query.len())
        .map(|word| {
            let having = many(counted.iter().filter(|it| it.counts[word] > 0.0).count());
            (1.0 + (total - having + 0.5) / (having + 0.5)).ln()
        })
        .collect();
    let mut hits: Vec<Hit> = counted
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let held_back = SATURATION * (1.0 - LENGTH + LENGTH * text.length / mean.max(1.0));
            let each = text.counts.iter().zip(&rarity);
            Hit {
                index,
                score: each
                    .map(|(count, rarity)| {
                        rarity * count * (SATURATION + 1.0) / (count + held_back)
                    })
                    .sum(),
                matched: text.counts.iter().filter(|count| **count > 0.0).count(),
            }
        })
        .filter(|hit| hit.matched > 0)
        .collect();
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)));
    hits
}

/// The line of a body that has most of the query's words, else its first; none when it is blank.
pub fn excerpt<'a>(query: &str, body: &'a str) -> Option<&'a str> {
    let query = words(query);
    let has = |line: &str| words(line).intersection(&query).count();
    let lines = body.lines().map(str::trim).filter(|line| !line.is_empty());
    // The last of equals would win, so they come backwards.
    lines.rev().max_by_key(|line| has(line))
}

/// The different words of a text, as they are compared; without those that are everywhere.
pub fn words(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    each_word(text, |word| {
        found.insert(word);
    });
    found
}

fn count(query: &BTreeSet<String>, text: &Text<'_>) -> Counted {
    let mut counted = Counted {
        counts: vec![0.0; query.len()],
        length: 0.0,
    };
    let [title, tag, body] = WEIGHTS;
    let tags = text.tags.iter().map(|text| (text.as_str(), tag));
    for (part, weight) in [(text.title, title), (text.body, body)]
        .into_iter()
        .chain(tags)
    {
        each_word(part, |word| {
            counted.length += weight;
            if let Some(place) = query.iter().position(|wanted| *wanted == word) {
                counted.counts[place] += weight;
            }
        });
    }
    counted
}

/// Letters and digits make words; of writing without spaces between words each character is one.
fn each_word(text: &str, mut found: impl FnMut(String)) {
    for run in text.split(|c: char| !c.is_alphanumeric()) {
        let mut rest = run;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_a_word(*c)) {
            take(&rest[..at], &mut found);
            found(c.to_string());
            rest = &rest[at + c.len_utf8()..];
        }
        take(rest, &mut found);
    }
}

fn take(word: &str, found: &mut impl FnMut(String)) {
    let word = word.to_lowercase();
    if !word.is_empty() && !EVERYWHERE.contains(&word.as_str()) {
        found(folded(&word).to_owned());
    }
}

/// Kana, Chinese characters, Hangul syllables.
fn is_a_word(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// An English word without its ending, roughly: `parse`, `parses`, `parsed` and `parsing` are one.
fn folded(word: &str) -> &str {
    if word.len() < 4 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return word;
    }
    let mut stem = word;
    if !["ss", "us", "is"].iter().any(|end| stem.ends_with(end)) {
        stem = stem.strip_suffix('s').unwrap_or(stem);
    }
    for end in ["ing", "ed"] {
        if let Some(rest) = stem.strip_suffix(end)
            && rest.len() >= 3
            && rest.contains(['a', 'e', 'i', 'o', 'u', 'y'])
        {
            stem = rest;
            break;
        }
    }
    // querie(s) and queri(ed) are query.
    for end in ["ie", "e", "i", "y"] {
        if let Some(rest) = stem.strip_suffix(end).filter(|rest| rest.len() >= 3) {
            stem = rest;
            break;
        }
    }
    // runn(ing) is run.
    let last = stem.as_bytes()[stem.len() - 1];
    match stem.as_bytes() {
        [.., before, _] if *before == last && stem.len() > 3 => &stem[..stem.len() - 1],
        _ => stem,
    }
}

/// A count of texts; far below where `f64` would round.
fn many(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
