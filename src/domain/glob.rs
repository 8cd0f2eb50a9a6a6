//! Globs for scopes and shared files, over `/`-separated paths relative to the repository.
//!
//! | pattern | matches |
//! |---|---|
//! | `*` | any characters within a segment |
//! | `**` | any characters, across segments; `**/` also none at all: `a/**/b` matches `a/b` |
//! | `?` | one character of a segment |
//! | `[abc]` `[a-z]` `[!a]` `[^a]` | one character of a segment, listed or not listed |
//! | `{a,b/*}` | either, nested as deep as one likes |
//! | `\` | the next character as itself |
//!
//! A last segment without wildcards names a file or a directory with everything beneath it:
//! `src/metrics` matches `src/metrics/api.rs`, not `src/metrics2`. With wildcards it names just
//! what it matches, `src/*` no file of `src/a/`, unless a `/` follows: `packages/*/`. Names that
//! begin with a dot are ordinary.
//!
//! A leading `/` or `./` means nothing, because every pattern is anchored at the root: `README.md`
//! is that one file. A scope grants authority, so it must not reach by accident into directories
//! that its author did not think of; `**/README.md` reaches everywhere and says so.
//!
//! Matching follows all possibilities at once: for each character of the path at most one step
//! for each token of the pattern, so no pattern takes exponential time. It allocates nothing.

mod live;
mod meet;
mod parse;
mod token;

#[cfg(test)]
mod tests;

use live::Live;
use token::{Case, Token};

/// The longest pattern, in bytes.
pub const MAX_PATTERN: usize = 512;

/// The most patterns that the braces of one may stand for.
pub const MAX_ALTERNATIVES: usize = 64;

/// A parsed pattern; the semantics are those of [this module](self).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    pattern: String,
    alternatives: Vec<Alternative>,
}

/// A pattern without braces.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Alternative {
    /// How every path that it matches begins, up to the first wildcard.
    beginning: String,
    tokens: Vec<Token>,
    covers_beneath: bool,
}

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// Nothing, or nothing but `/` and `./`.
    #[error("a pattern must not be empty; `**` matches every path")]
    Empty,
    /// Longer than [`MAX_PATTERN`]; holds the length in bytes.
    #[error("a pattern has at most {MAX_PATTERN} bytes, this one has {0}")]
    TooLong(usize),
    /// NUL or another control character.
    #[error("pattern {0:?} holds a control character")]
    Control(String),
    /// `C:\` and its like.
    #[error("pattern {0:?} names a drive; patterns are relative to the root of the repository")]
    Drive(String),
    /// A segment `..`.
    #[error("pattern {0:?} leaves the repository with `..`")]
    Parent(String),
    /// An empty segment or `.`, which no path has.
    #[error("pattern {0:?} can match nothing: it has an empty segment or `.`")]
    Segment(String),
    /// `[` without `]`.
    #[error("pattern {0:?} opens `[` and never closes it; write `\\[` for the character")]
    UnclosedClass(String),
    /// A range that ends before it begins.
    #[error("pattern {0:?} has a range that ends before it begins")]
    Range(String),
    /// `{` without `}`.
    #[error("pattern {0:?} opens `{{` and never closes it; write `\\{{` for the character")]
    UnclosedBrace(String),
    /// A `\` at the end.
    #[error("pattern {0:?} ends in `\\`; segments are separated by `/`")]
    TrailingBackslash(String),
    /// Braces that multiply beyond [`MAX_ALTERNATIVES`].
    #[error("the braces of pattern {0:?} stand for more than {MAX_ALTERNATIVES} patterns")]
    TooManyAlternatives(String),
}

impl Glob {
    /// Reads a pattern.
    pub fn parse(pattern: &str) -> Result<Self, GlobError> {
        Ok(Self {
            pattern: pattern.to_owned(),
            alternatives: parse::alternatives(pattern)?,
        })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    /// Whether the pattern names `path` or a directory above it.
    ///
    /// `path` is relative to the repository, as [`is_clean_path`] wants it; another is never
    /// wrongly taken for one beneath the root, but may match nothing.
    pub fn matches(&self, path: &str) -> bool {
        self.matches_by(path, Case::Exact)
    }

    /// As [`matches`](Self::matches), for file systems where `A` and `a` are one name.
    pub fn matches_ignoring_case(&self, path: &str) -> bool {
        self.matches_by(path, Case::Ignored)
    }

    fn matches_by(&self, path: &str, case: Case) -> bool {
        let mut alternatives = self.alternatives.iter();
        alternatives.any(|alternative| alternative.matches(path, case))
    }
}

impl Alternative {
    fn matches(&self, path: &str, case: Case) -> bool {
        // A repository has many scopes, and a path is in few of them.
        if case == Case::Exact && !path.starts_with(&self.beginning) {
            return false;
        }
        let end = self.tokens.len();
        let mut live = Live::default();
        live.enter(&self.tokens, 0, true);
        for c in path.chars() {
            let is_separator = c == '/';
            if is_separator && self.covers_beneath && live.holds(end) {
                return true;
            }
            let mut next = Live::default();
            for at in live.positions() {
                let Some(token) = self.tokens.get(at).filter(|token| token.takes(c, case)) else {
                    continue;
                };
                let at = if token.repeats() { at } else { at + 1 };
                next.enter(&self.tokens, at, is_separator);
            }
            if next.is_empty() {
                return false;
            }
            live = next;
        }
        live.holds(end)
    }
}

/// What makes a path a glob.
pub const WILD: [char; 5] = ['*', '?', '[', '{', '\\'];

/// A pattern as it is meant: every one is anchored at the top.
fn anchored(pattern: &str) -> &str {
    pattern
        .trim_start_matches("./")
        .trim_start_matches('/')
        .trim_end_matches('/')
}

/// The part of a pattern before its first wildcard, up to a whole folder.
pub fn base(pattern: &str) -> &str {
    let pattern = anchored(pattern);
    match pattern.find(WILD) {
        None => pattern,
        Some(at) => pattern[..at].rsplit_once('/').map_or("", |(base, _)| base),
    }
}

/// The folder of which a pattern matches everything; `None` when it matches only some of one.
pub fn tree(pattern: &str) -> Option<&str> {
    let pattern = anchored(pattern);
    let top = match pattern.strip_suffix("**") {
        Some("") => "",
        Some(rest) => rest.strip_suffix('/')?,
        None => pattern,
    };
    (!top.contains(WILD)).then_some(top)
}

/// Whether `path` is relative, `/`-separated and spelled in the one way that git spells it: no
/// empty segment, no `.` or `..`, no drive, no control character.
pub fn is_clean_path(path: &str) -> bool {
    !path.chars().any(char::is_control)
        && !names_drive(path)
        && path
            .split('/')
            .all(|segment| !matches!(segment, "" | "." | ".."))
}

/// `C:`, alone or before a slash.
fn names_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', rest @ ..]
        if letter.is_ascii_alphabetic() && matches!(rest, [] | [b'/' | b'\\', ..]))
}
