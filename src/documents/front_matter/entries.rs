//! The top-level keys of front matter, each with the lines it occupies.

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{
    Error, Location, MessageFormatter, Options, Spanned, Tagged, UserMessageFormatter, budget,
    options,
};

use super::{FENCE, Field, Malformed, field, plain};

/// Nested collections beyond this depth are refused.
const MAX_DEPTH: usize = 32;
/// How many `#` on a line are tried as the beginning of its comment.
const MAX_COMMENT_TRIES: usize = 64;
const NO_TAGS: &str = "tags are not accepted in front matter (quote a text that begins with !)";
const NO_ANCHORS: &str =
    "anchors and aliases are not accepted in front matter (quote a text that begins with & or *)";

/// One key with everything that belongs to it.
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    key: String,
    /// Blank lines and comments above the key.
    above: String,
    /// The key's own lines, each with its line end.
    text: String,
}

/// Front matter as its top-level keys in order; `Display` gives the text back.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Entries {
    list: Vec<Entry>,
    /// Spaces before every key.
    indent: usize,
    /// Blank lines and comments below the last key.
    below: String,
}

impl Entries {
    /// Splits front matter (its lines, without the two `---`) at its top-level keys.
    pub(super) fn parse(front: &str) -> Result<Entries, Malformed> {
        match plain::lines(front) {
            Some(lines) => Ok(Entries::from(lines)),
            None => Entries::parse_yaml(front),
        }
    }

    /// The same, of whatever YAML the parser takes.
    pub(super) fn parse_yaml(front: &str) -> Result<Entries, Malformed> {
        let keys = match yaml(&format!("{FENCE}\n{front}"))? {
            Node::Null => Vec::new(),
            Node::Map(keys) => keys,
            Node::Tagged(at) => return Err(malformed(Some(at), NO_TAGS.into())),
            _ => return Err(not_a_line_of_its_own(front, 0)),
        };
        let offset = FENCE.len() + 1;
        let mut parsed = Entries::default();
        let mut starts = Vec::with_capacity(keys.len());
        for (key, _) in keys {
            let at = key.at.span().byte_offset();
            let Some(at) = at.and_then(|at| usize::try_from(at).ok()?.checked_sub(offset)) else {
                return Err(malformed(
                    Some(key.at),
                    "the parser does not say where".into(),
                ));
            };
            let start = front[..at].rfind('\n').map_or(0, |end| end + 1);
            if starts.is_empty() {
                parsed.indent = at - start;
            }
            let alone = front[start..at].bytes().all(|byte| byte == b' ');
            if !alone || at - start != parsed.indent {
                return Err(not_a_line_of_its_own(front, at));
            }
            starts.push((key.name, start));
        }
        let first = starts.first().map_or(front.len(), |(_, start)| *start);
        let mut above = front[..first].to_owned();
        if let Some(at) = first_content(&above) {
            return Err(not_a_line_of_its_own(front, at));
        }
        let ends: Vec<usize> = starts.iter().skip(1).map(|(_, start)| *start).collect();
        let ends = ends.into_iter().chain([front.len()]);
        for ((key, start), end) in starts.into_iter().zip(ends) {
            let (text, rest) = split_below(&front[start..end], parsed.indent);
            parsed.list.push(Entry {
                key,
                above: std::mem::replace(&mut above, rest.to_owned()),
                text: text.to_owned(),
            });
        }
        parsed.below = above;
        Ok(parsed)
    }

    /// The front matter as `T`; positions count the opening `---` as line 1.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Malformed> {
        let text = self.to_string();
        if let Some(value) = plain::read(&text) {
            return Ok(value);
        }
        let empty = if self.list.is_empty() { "{}\n" } else { "" };
        yaml(&format!("{FENCE}\n{text}{empty}"))
    }

    /// Whether the text changed.
    pub(super) fn set(&mut self, key: &str, value: &Field) -> bool {
        let indent = " ".repeat(self.indent);
        let name = field::scalar(key);
        let Some(entry) = self.list.iter_mut().find(|entry| entry.key == key) else {
            self.list.push(Entry {
                key: key.to_owned(),
                above: std::mem::take(&mut self.below),
                text: value.entry(&indent, &name, ""),
            });
            return true;
        };
        if value.is(&entry.text) {
            return false;
        }
        entry.text = value.entry(&indent, &name, comment(&entry.text));
        true
    }

    /// Whether the key was there.
    pub(super) fn remove(&mut self, key: &str) -> bool {
        let Some(index) = self.list.iter().position(|entry| entry.key == key) else {
            return false;
        };
        let above = self.list.remove(index).above;
        let before = index.checked_sub(1).and_then(|index| self.list.get(index));
        let lengthens = before.is_some_and(|entry| keeps_blank(&entry.text));
        let next = match self.list.get_mut(index) {
            Some(next) => &mut next.above,
            None => &mut self.below,
        };
        next.insert_str(0, &above);
        if lengthens {
            // Blank lines here would become part of the block scalar they now follow.
            while let Some(line) = next.lines().next().filter(|line| line.trim().is_empty()) {
                next.drain(..=line.len());
            }
        }
        true
    }
}

impl Entries {
    /// Two descendants of `base`, key by key as they are written: changed on one side, that side's; on both, the greater
    /// text. In the order of the base, then by name. Keys are indented as the greater side has them.
    pub(super) fn merged(base: &Entries, ours: &Entries, theirs: &Entries) -> Entries {
        if ours.indent != theirs.indent {
            let greater = ours.to_string() > theirs.to_string();
            return if greater {
                ours.clone()
            } else {
                theirs.clone()
            };
        }
        let of = |side: &Entries, key: &str| -> Option<String> {
            let entry = side.list.iter().find(|entry| entry.key == key)?;
            Some(format!("{}{}", entry.above, entry.text))
        };
        let mut keys: Vec<&str> = base.list.iter().map(|entry| entry.key.as_str()).collect();
        let mut new: Vec<&str> = [ours, theirs]
            .into_iter()
            .flat_map(|side| side.list.iter().map(|entry| entry.key.as_str()))
            .filter(|key| !keys.contains(key))
            .collect();
        new.sort_unstable();
        new.dedup();
        keys.extend(new);
        let list = keys.into_iter().filter_map(|key| {
            let text = chosen(of(base, key), of(ours, key), of(theirs, key))?;
            Some(Entry {
                key: key.to_owned(),
                above: String::new(),
                text,
            })
        });
        Entries {
            list: list.collect(),
            indent: ours.indent,
            below: chosen(base.below.clone(), ours.below.clone(), theirs.below.clone()),
        }
    }
}

/// Changed on one side, that side's; on both, the greater.
fn chosen<T: PartialEq + Ord>(base: T, ours: T, theirs: T) -> T {
    if ours == base {
        theirs
    } else if theirs == base {
        ours
    } else {
        ours.max(theirs)
    }
}

impl From<Vec<plain::Line<'_>>> for Entries {
    fn from(lines: Vec<plain::Line<'_>>) -> Entries {
        let entry = |line: plain::Line<'_>| Entry {
            key: line.key.to_owned(),
            above: String::new(),
            text: line.text.to_owned(),
        };
        Entries {
            list: lines.into_iter().map(entry).collect(),
            ..Entries::default()
        }
    }
}

impl fmt::Display for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for entry in &self.list {
            write!(f, "{}{}", entry.above, entry.text)?;
        }
        f.write_str(&self.below)
    }
}

/// An entry's lines as `T`; `None`: they are not that.
pub(super) fn typed<T: DeserializeOwned>(entry: &str) -> Option<T> {
    plain::read(entry).or_else(|| yaml(entry).ok())
}

/// Deserialises YAML under this product's limits; the position is the one in `text`.
pub(super) fn yaml<T: DeserializeOwned>(text: &str) -> Result<T, Malformed> {
    serde_saphyr::from_str_with_options(text, limits())
        .map_err(|error| malformed(error.location(), reason(error.without_snippet())))
}

fn malformed(at: Option<Location>, what: String) -> Malformed {
    let number = |number: u64| usize::try_from(number).unwrap_or(1);
    Malformed {
        line: at.map_or(1, |at| number(at.line())),
        column: at.map_or(1, |at| number(at.column())),
        what,
    }
}

fn limits() -> Options {
    options! {
        budget: budget! {
            max_anchors: 0,
            max_aliases: 0,
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_documents: 1,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
        emit_comments: false,
    }
}

fn reason(error: &Error) -> String {
    use serde_saphyr::budget::BudgetBreach::{Aliases, Anchors, Depth};
    match error {
        Error::Budget {
            breach: Anchors { .. } | Aliases { .. },
            ..
        }
        | Error::UnknownAnchor { .. } => NO_ANCHORS.into(),
        Error::Budget {
            breach: Depth { .. },
            ..
        } => {
            format!("collections are nested more than {MAX_DEPTH} deep")
        }
        error => UserMessageFormatter.format_message(error).into_owned(),
    }
}

fn not_a_line_of_its_own(front: &str, at: usize) -> Malformed {
    let start = front[..at].rfind('\n').map_or(0, |end| end + 1);
    Malformed {
        line: 2 + front[..at].matches('\n').count(),
        column: 1 + front[start..at].chars().count(),
        what: "front matter is one `key: value` a line, all equally indented".into(),
    }
}

fn is_blank_or_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

/// Where the first line begins that is neither blank nor a comment.
fn first_content(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if !is_blank_or_comment(line) {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// Whether blank lines at the end may be part of the value, as in a block scalar `|+`.
fn keeps_blank(lines: &str) -> bool {
    lines.contains('+') && lines.contains(['|', '>'])
}

/// An entry's own lines, and the blank lines and comments below that are not its own: comments
/// indented deeper than the key stay (they may be a block scalar's text), as do blank lines that
/// a block scalar may keep (`|+`).
fn split_below(lines: &str, indent: usize) -> (&str, &str) {
    let keeps_blank = keeps_blank(lines);
    let mut end = lines.len();
    let mut own = end;
    for line in lines.split_inclusive('\n').rev() {
        let text = line.trim_start_matches(' ');
        let foreign = if text.trim().is_empty() {
            !keeps_blank
        } else {
            text.starts_with('#') && line.len() - text.len() <= indent
        };
        if !foreign && !text.trim().is_empty() {
            break;
        }
        end -= line.len();
        if foreign {
            own = end;
        }
    }
    lines.split_at(own)
}

/// The comment on an entry's first line, from its `#`: the first one that can be cut off without
/// a change of value.
fn comment(entry: &str) -> &str {
    if plain::lines(entry).is_some() {
        return "";
    }
    let line = entry.lines().next().unwrap_or_default();
    let Ok(whole) = yaml::<Node>(entry) else {
        return "";
    };
    line.match_indices('#')
        .filter(|(at, _)| line[..*at].ends_with([' ', '\t']))
        .take(MAX_COMMENT_TRIES)
        .find(|(at, _)| {
            let without = format!("{}{}", &line[..*at], &entry[line.len()..]);
            yaml::<Node>(&without).is_ok_and(|node| node == whole)
        })
        .map_or("", |(at, _)| &line[at..])
}

/// Any YAML value, to find the keys, to compare, and to refuse tags with their place.
#[derive(Debug, PartialEq)]
enum Node {
    Null,
    Text(String),
    /// A number or boolean, spelled by serde.
    Other(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
    /// Holds a tag; the place of the first one.
    Tagged(Location),
}

/// A key of a mapping; equal when spelled equally, wherever it stands.
#[derive(Debug)]
struct Key {
    name: String,
    at: Location,
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.name == other.name
    }
}

/// A key or value with its place and tag, as the parser hands it out.
type Placed<T> = Spanned<Tagged<T>>;

impl Node {
    /// The value, or the place of a tag on it or in it.
    fn untagged(placed: Placed<Node>) -> Result<Node, Location> {
        match placed.value {
            Tagged(_, Some(_)) => Err(placed.referenced),
            Tagged(Node::Tagged(at), None) => Err(at),
            Tagged(node, None) => Ok(node),
        }
    }
}

struct NodeVisitor;

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Other(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Other(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Other(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Other(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<Placed<Node>>()? {
            items.push(Node::untagged(item));
        }
        let items: Result<_, Location> = items.into_iter().collect();
        Ok(items.map_or_else(Node::Tagged, Node::List))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Placed<String>, Placed<Node>>()? {
            let at = key.referenced;
            entries.push(match key.value {
                Tagged(_, Some(_)) => Err(at),
                Tagged(name, None) => Node::untagged(value).map(|node| (Key { name, at }, node)),
            });
        }
        let entries: Result<_, Location> = entries.into_iter().collect();
        Ok(entries.map_or_else(Node::Tagged, Node::Map))
    }
}
