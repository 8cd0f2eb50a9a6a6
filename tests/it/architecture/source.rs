//! A source file as the checks see it: its code without comments, and its literals.

use std::path::{Path, PathBuf};

/// A source file of the product.
pub(super) struct Source {
    /// Relative to `src`.
    pub path: PathBuf,
    /// How many lines it has.
    pub lines: usize,
    /// Its code without comments and with empty literals.
    pub code: String,
    /// The content of its string literals, each with its line; those of tests are left out.
    pub literals: Vec<(usize, String)>,
}

impl Source {
    pub(super) fn new(path: &Path, text: &str) -> Source {
        let (code, literals) = split(text);
        let tests = code
            .find("#[cfg(test)]\nmod")
            .map_or(usize::MAX, |at| code[..at].lines().count());
        let literals = literals
            .into_iter()
            .filter(|(line, _)| *line <= tests)
            .collect();
        Source {
            path: path.to_owned(),
            lines: text.lines().count(),
            code,
            literals,
        }
    }

    /// The room it belongs to: `git/pack.rs` and `git.rs` are both `git`.
    pub(super) fn room(&self) -> String {
        let first = self.path.components().next().expect("a file has a name");
        Path::new(first.as_os_str())
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    }

    /// Whether it holds tests only.
    pub(super) fn is_test(&self) -> bool {
        let name = self.path.file_stem().expect("a name");
        name == "tests"
            || name == "testing"
            || self
                .path
                .components()
                .any(|part| part.as_os_str() == "simulation")
    }
}

/// Takes the comments out and the literals' content apart. Lines keep their numbers.
fn split(text: &str) -> (String, Vec<(usize, String)>) {
    let bytes = text.as_bytes();
    let (mut code, mut literals, mut at) = (Vec::new(), Vec::new(), 0);
    let newlines = |part: &[u8]| part.split(|byte| *byte == b'\n').count() - 1;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = if rest.starts_with(b"//") {
            at + find(rest, b"\n").unwrap_or(rest.len())
        } else if rest.starts_with(b"/*") {
            at + find(rest, b"*/").map_or(rest.len(), |end| end + 2)
        } else if let Some((start, end)) =
            literal(rest, at.checked_sub(1).map(|before| bytes[before]))
        {
            let line = 1 + newlines(&bytes[..at]);
            literals.push((
                line,
                String::from_utf8_lossy(&rest[start..end]).into_owned(),
            ));
            code.extend_from_slice(b"\"\"");
            at + (end + start).min(rest.len())
        } else if rest.starts_with(b"'") {
            let length = character(rest);
            code.extend_from_slice(&rest[..length.min(1)]);
            at + length
        } else {
            code.push(rest[0]);
            at += 1;
            continue;
        };
        code.extend(std::iter::repeat_n(b'\n', newlines(&bytes[at..end])));
        at = end;
    }
    (
        String::from_utf8(code).expect("cut at ASCII only"),
        literals,
    )
}

/// Where the content of the string literal that begins here starts and ends; what closes it is as long as what opens
/// it, but for the letters in front.
fn literal(rest: &[u8], before: Option<u8>) -> Option<(usize, usize)> {
    if rest[0] == b'"' {
        let mut end = 1;
        while end < rest.len() && rest[end] != b'"' {
            end += if rest[end] == b'\\' { 2 } else { 1 };
        }
        return Some((1, end.min(rest.len())));
    }
    let in_a_word = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if rest[0] != b'r' || in_a_word {
        return None;
    }
    let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return None;
    }
    let close: Vec<u8> = std::iter::once(b'"')
        .chain(std::iter::repeat_n(b'#', hashes))
        .collect();
    let start = hashes + 2;
    Some((
        start,
        start + find(&rest[start..], &close).unwrap_or(rest.len() - start),
    ))
}

/// How long the character literal or lifetime is that begins here.
fn character(rest: &[u8]) -> usize {
    if let [_, b'\\', ..] = rest {
        find(&rest[3..], b"'").map_or(1, |end| end + 4)
    } else {
        let closed = (2..=5).find(|end| rest.get(*end) == Some(&b'\''));
        let text = closed.and_then(|end| std::str::from_utf8(&rest[1..end]).ok());
        match (closed, text) {
            (Some(end), Some(text)) if text.chars().count() == 1 => end + 1,
            _ => 1,
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

#[test]
fn comments_and_literals_are_told_apart() {
    let text = "a // b \"c\"\n/* d\n */ e(\"f // \\\" g\", 'h', '\\'', '\"', r#\"i \"j\"#); fn k<'l>() {} //! m\n";
    let (code, literals) = split(text);
    assert_eq!(code.lines().count(), text.lines().count());
    for gone in ["b", "c", "d ", "f /", "i ", "m"] {
        assert!(!code.contains(gone), "{gone} in {code}");
    }
    for kept in ["e(", "fn k<'l>"] {
        assert!(code.contains(kept), "no {kept} in {code}");
    }
    assert_eq!(
        literals,
        [(3, "f // \\\" g".to_owned()), (3, "i \"j".to_owned())]
    );
}

#[test]
fn literals_of_tests_do_not_count() {
    let source = Source::new(
        Path::new("a.rs"),
        "const A: &str = \"b\";\n#[cfg(test)]\nmod tests {\n const C: &str = \"d\"; }\n",
    );
    assert_eq!(source.literals, [(1, "b".to_owned())]);
}
