//! Markdown documents with YAML front matter.
//!
//! A page keeps the author's text: known keys are read through types ([`Page::read`]), and an
//! edit replaces the lines of one top-level key, so that unknown keys, their order and every
//! comment stay. serde-saphyr says where each key begins, so no YAML is guessed at here.

mod entries;
mod field;
pub(super) mod plain;
#[cfg(test)]
mod tests;

use super::markdown;
use entries::Entries;
pub use field::Field;

/// The largest front matter that is read, in bytes.
pub const MAX_FRONT_MATTER: usize = 64 * 1024;
/// The largest document that is read, in bytes.
pub const MAX_DOCUMENT: usize = 1024 * 1024;

const FENCE: &str = "---";

/// Where and why a document does not parse. Both numbers count from 1, in the whole file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct Malformed {
    /// Line in the file.
    pub line: usize,
    /// Column in that line, in characters.
    pub column: usize,
    /// The reason, without the position.
    pub what: String,
}

impl Malformed {
    fn at_line(line: usize, what: impl Into<String>) -> Malformed {
        Malformed {
            line,
            column: 1,
            what: what.into(),
        }
    }
}

/// A Markdown document with YAML front matter.
///
/// One blank line between the closing `---` and the body belongs to neither. Line ends are `\n`
/// in all that is read from a page; a page that was not changed renders its own bytes, `\r\n` and
/// a byte order mark included, and a changed one renders with `\n` and without a mark.
#[derive(Debug, Clone, Default)]
pub struct Page {
    entries: Entries,
    /// Whether a blank line stands between front matter and body.
    gap: bool,
    body: String,
    /// The text as parsed, until something changes.
    unchanged: Option<String>,
}

impl Page {
    /// A page with empty front matter and an empty body.
    pub fn new() -> Page {
        Page::default()
    }

    /// Reads a document that begins with a line `---` and has a second one.
    ///
    /// # Errors
    /// The position and the reason: no front matter, invalid YAML, a duplicate key, an anchor,
    /// alias, tag or merge key, a top level that is not one key a line, conflict markers (in the
    /// body only outside fenced code), or more than [`MAX_FRONT_MATTER`] or [`MAX_DOCUMENT`].
    pub fn parse(text: &str) -> Result<Page, Malformed> {
        if text.len() > MAX_DOCUMENT {
            return Err(Malformed::at_line(1, "the document exceeds 1 MiB"));
        }
        let plain = with_line_feeds(text.strip_prefix('\u{feff}').unwrap_or(text));
        let (front, rest) = split(&plain)?;
        if front.len() > MAX_FRONT_MATTER {
            return Err(Malformed::at_line(1, "the front matter exceeds 64 KiB"));
        }
        let (gap, body) = match rest.strip_prefix('\n') {
            Some(body) => (true, body),
            None => (false, rest),
        };
        if let Some(at) = markdown::conflict(body) {
            let before = &plain[..plain.len() - body.len() + at];
            return Err(conflict_at(1 + before.matches('\n').count()));
        }
        Ok(Page {
            entries: Entries::parse(front)?,
            gap,
            body: body.to_owned(),
            unchanged: Some(text.to_owned()),
        })
    }

    /// The front matter as `T`. Plain scalars mean what YAML 1.2 says: `no` is a text.
    ///
    /// # Errors
    /// The position, in the text that [`Page::render`] returns, of a value that `T` refuses.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, Malformed> {
        self.entries.read()
    }

    /// Gives a top-level key a value: in place when the key is there (a comment behind the old
    /// value stays), at the end when not. A value equal to the present one changes nothing.
    /// Sizes are the caller's care: [`Page::parse`] refuses what grew beyond the limits.
    pub fn set(&mut self, key: &str, value: impl Into<Field>) {
        if self.entries.set(key, &value.into()) {
            self.unchanged = None;
        }
    }

    /// Removes a top-level key and its value. The comments above it stay.
    pub fn remove(&mut self, key: &str) {
        if self.entries.remove(key) {
            self.unchanged = None;
        }
    }

    /// Two descendants of `base`: each key, and the text, as the side has it that changed it; where both did, the greater.
    /// Which side is called ours makes no difference.
    ///
    /// # Errors
    /// What was put together is no page; then neither side alone was chosen.
    pub fn merged(base: &Page, ours: &Page, theirs: &Page) -> Result<Page, Malformed> {
        let body = if ours.body == base.body {
            theirs
        } else if theirs.body == base.body || ours.body > theirs.body {
            ours
        } else {
            theirs
        };
        let page = Page {
            entries: Entries::merged(&base.entries, &ours.entries, &theirs.entries),
            gap: body.gap,
            body: body.body.clone(),
            unchanged: None,
        };
        Page::parse(&page.render())
    }

    /// The text behind the front matter, exactly.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Replaces the body. Line ends become `\n`, and what git would take for a conflict outside
    /// fenced code gets a backslash in front, which Markdown does not show.
    pub fn set_body(&mut self, body: &str) {
        let body = markdown::without_conflict(&with_line_feeds(body)).into_owned();
        if body != self.body {
            self.gap = !body.is_empty();
            self.body = body;
            self.unchanged = None;
        }
    }

    /// The document's text; byte for byte what was parsed when nothing changed since.
    pub fn render(&self) -> String {
        match &self.unchanged {
            Some(text) => text.clone(),
            None => format!(
                "{FENCE}\n{}{FENCE}\n{}{}",
                self.entries,
                if self.gap { "\n" } else { "" },
                self.body
            ),
        }
    }
}

/// The front matter, without its two lines `---`, and what follows.
fn split(text: &str) -> Result<(&str, &str), Malformed> {
    let mut lines = text.split_inclusive('\n');
    let opening = lines.next().unwrap_or_default();
    if is_conflict(opening) {
        return Err(conflict_at(1));
    }
    if opening.trim_end() != FENCE {
        let what = "the document does not begin with a line ---";
        return Err(Malformed::at_line(1, what));
    }
    let mut end = opening.len();
    for (index, line) in lines.enumerate() {
        if is_conflict(line) {
            return Err(conflict_at(index + 2));
        }
        if line.trim_end() == FENCE {
            return Ok((&text[opening.len()..end], &text[end + line.len()..]));
        }
        if line.starts_with("--- ") || line.trim_end() == "..." {
            let what = "another YAML document begins in the front matter";
            return Err(Malformed::at_line(index + 2, what));
        }
        if let Some(at) = line.find('\r') {
            return Err(Malformed {
                line: index + 2,
                column: line[..at].chars().count() + 1,
                what: "a carriage return without a line feed".into(),
            });
        }
        end += line.len();
    }
    let what = "the front matter that begins here is not closed by a line ---";
    Err(Malformed::at_line(1, what))
}

fn is_conflict(line: &str) -> bool {
    ["<<<<<<<", "|||||||", "=======", ">>>>>>>"]
        .into_iter()
        .any(|marker| markdown::is_marker(line, marker))
}

fn conflict_at(line: usize) -> Malformed {
    Malformed::at_line(line, "conflict markers of an unfinished git merge")
}

/// The text with `\n` for every `\r\n`; idempotent, whatever stands in front of a `\n`.
fn with_line_feeds(text: &str) -> String {
    if !text.contains('\r') {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match line.strip_suffix('\n') {
            Some(line) => {
                plain.push_str(line.trim_end_matches('\r'));
                plain.push('\n');
            }
            None => plain.push_str(line),
        }
    }
    plain
}
