//! JSON of other programs, changed in place: what we do not touch keeps every byte, and taking out again what was put in
//! gives the bytes of before.
//!
//! What we add to an object or a list that is there stands right before its closing bracket; an object or a list that we
//! make ourselves ends with a line of its own. So whoever takes the last member out of one can tell whether to leave the
//! empty brackets.

mod parse;

use std::ops::Range;

pub use parse::Malformed;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// What it is.
    pub value: Value,
}

/// What a value is, as far as we look.
#[derive(Debug, Clone)]
pub enum Value {
    /// An object: each member's key, where it begins, and its value.
    Object(Vec<(String, usize, Node)>),
    /// A list.
    List(Vec<Node>),
    /// A text.
    Text(String),
    /// Anything else.
    Other,
}

impl Node {
    /// The object's member of this name; of several the last, as JavaScript has it.
    pub fn member(&self, name: &str) -> Option<&Node> {
        let mut members = self.members().iter().rev();
        members
            .find(|(key, _, _)| key == name)
            .map(|(_, _, node)| node)
    }

    /// The object's members.
    pub fn members(&self) -> &[(String, usize, Node)] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The list's items.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        matches!(self.value, Value::Object(_))
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }

    /// Where each member or item begins and ends.
    fn parts(&self) -> Vec<Range<usize>> {
        match &self.value {
            Value::Object(members) => {
                let whole = |(_, start, node): &(String, usize, Node)| *start..node.span.end;
                members.iter().map(whole).collect()
            }
            Value::List(items) => items.iter().map(|node| node.span.clone()).collect(),
            _ => Vec::new(),
        }
    }
}

/// A text of JSON that is changed in place.
#[derive(Debug, Clone)]
pub struct Json {
    text: String,
    /// Whether `//` and `/* */` are white space in it.
    comments: bool,
}

impl Json {
    /// The text, when it is JSON. `comments`: whether the program that reads it allows comments.
    pub fn new(text: &str, comments: bool) -> Result<Json, Malformed> {
        parse::parse(text, comments)?;
        Ok(Json {
            text: text.to_owned(),
            comments,
        })
    }

    /// As it stands now.
    pub fn root(&self) -> Node {
        parse::parse(&self.text, self.comments)
            .unwrap_or_else(|_| unreachable!("what we change stays JSON"))
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Puts a member (`name` said) or an item to the end of an object or list of the present text; `depth`: how many
    /// brackets are around it.
    pub fn push(
        &mut self,
        node: &Node,
        depth: usize,
        name: Option<&str>,
        value: &serde_json::Value,
    ) {
        let key = name
            .map(|name| format!("{}: ", serde_json::Value::from(name)))
            .unwrap_or_default();
        let added = format!("{key}{}", self.pretty(value, depth + 1));
        let parts = node.parts();
        let (at, added) = match parts.last() {
            Some(last) => {
                let before = if parts.len() > 1 || self.is_broken(node) {
                    self.line(depth + 1)
                } else {
                    " ".to_owned()
                };
                (last.end, format!(",{before}{added}"))
            }
            None => (node.span.end - 1, added),
        };
        self.text.insert_str(at, &added);
    }

    /// Takes out the member or item that covers these bytes, which is one of this object's or list's. Says whether what
    /// is left is empty brackets of our own making.
    pub fn pull(&mut self, node: &Node, part: &Range<usize>) -> bool {
        let parts = node.parts();
        let Some(index) = parts.iter().position(|other| other == part) else {
            return false;
        };
        let inside = node.span.start + 1..node.span.end - 1;
        let is_space = |range: Range<usize>| self.text[range].trim().is_empty();
        let (cut, was_ours) = if index > 0 {
            (parts[index - 1].end..part.end, false)
        } else if let Some(next) = parts.get(1) {
            (part.start..next.start, false)
        } else if part.end < inside.end
            && is_space(part.end..inside.end)
            && is_space(inside.start..part.start)
        {
            (inside, true)
        } else {
            (part.clone(), false)
        };
        self.text.replace_range(cut, "");
        was_ours
    }

    /// Takes out a member by its name; see [`Json::pull`].
    pub fn pull_member(&mut self, node: &Node, name: &str) -> bool {
        let members = node.members().iter();
        let found = members.rev().find(|(key, _, _)| key == name);
        found.is_some_and(|(_, start, value)| self.pull(node, &(*start..value.span.end)))
    }

    /// The value as serde knows it.
    pub fn value(&self, node: &Node) -> serde_json::Value {
        serde_json::from_str(&self.text[node.span.clone()]).unwrap_or_default()
    }

    fn is_broken(&self, node: &Node) -> bool {
        let first = node
            .parts()
            .first()
            .map_or(node.span.end, |part| part.start);
        self.text[node.span.start..first].contains('\n')
    }

    fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        }
    }

    /// One step of indentation: what stands before the root's first member.
    fn step(&self) -> String {
        let root = self.root();
        let first = root.parts().first().map_or(0, |part| part.start);
        let line = self.text[..first].rsplit('\n').next().unwrap_or_default();
        if line.is_empty() || line.contains(|c| c != ' ' && c != '\t') {
            "  ".to_owned()
        } else {
            line.to_owned()
        }
    }

    fn line(&self, depth: usize) -> String {
        format!("{}{}", self.newline(), self.step().repeat(depth))
    }

    fn pretty(&self, value: &serde_json::Value, depth: usize) -> String {
        let mut out = Vec::new();
        let step = self.step();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(step.as_bytes());
        let mut writer = serde_json::Serializer::with_formatter(&mut out, formatter);
        serde::Serialize::serialize(value, &mut writer)
            .unwrap_or_else(|_| unreachable!("a value is JSON"));
        let text = String::from_utf8(out).unwrap_or_else(|_| unreachable!("JSON is UTF-8"));
        text.replace('\n', &self.line(depth))
    }
}

#[cfg(test)]
mod tests;
