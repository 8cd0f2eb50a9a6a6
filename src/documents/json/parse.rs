//! JSON read with its places. Strict, and never deeper than its stack allows.

use super::{Node, Value};

/// The deepest nesting.
const DEEPEST: usize = 100;

/// Why a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct Malformed {
    /// Line in the text.
    pub line: usize,
    /// Column in that line, in characters.
    pub column: usize,
    /// What is wrong there.
    pub what: &'static str,
}

/// Reads a whole text.
pub(super) fn parse(text: &str, comments: bool) -> Result<Node, Malformed> {
    let mut reader = Reader {
        text,
        at: 0,
        comments,
    };
    let node = reader.space().and_then(|()| reader.value(0));
    let node = node.and_then(|node| {
        reader.space()?;
        if reader.at < text.len() {
            return Err("something follows the value");
        }
        Ok(node)
    });
    node.map_err(|what| {
        let mut at = reader.at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &text[..at];
        Malformed {
            line: before.matches('\n').count() + 1,
            column: before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1,
            what,
        }
    })
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    comments: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) -> Result<(), &'static str> {
        loop {
            while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
                self.at += 1;
            }
            let rest = self.rest();
            if !self.comments {
                return Ok(());
            }
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/").ok_or("a comment without an end")? + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, &'static str> {
        if depth > DEEPEST {
            return Err("nested too deeply");
        }
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => Value::Object(self.object(depth)?),
            Some(b'[') => Value::List(self.list(depth)?),
            Some(b'"') => Value::Text(self.string()?),
            Some(_) => self.word()?,
            None => return Err("the text ends too early"),
        };
        Ok(Node {
            span: start..self.at,
            value,
        })
    }

    fn object(&mut self, depth: usize) -> Result<Vec<(String, usize, Node)>, &'static str> {
        let mut members = Vec::new();
        self.at += 1;
        self.space()?;
        if self.took(b'}') {
            return Ok(members);
        }
        loop {
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err("a key in quotes belongs here");
            }
            let key = self.string()?;
            self.space()?;
            if !self.took(b':') {
                return Err("a colon belongs here");
            }
            self.space()?;
            let node = self.value(depth + 1)?;
            members.push((key, start, node));
            self.space()?;
            if self.took(b'}') {
                return Ok(members);
            }
            if !self.took(b',') {
                return Err("a comma or a closing brace belongs here");
            }
            self.space()?;
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, &'static str> {
        let mut items = Vec::new();
        self.at += 1;
        self.space()?;
        if self.took(b']') {
            return Ok(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space()?;
            if self.took(b']') {
                return Ok(items);
            }
            if !self.took(b',') {
                return Err("a comma or a closing bracket belongs here");
            }
            self.space()?;
        }
    }

    fn took(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn string(&mut self) -> Result<String, &'static str> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
                None => return Err("a text without an end"),
            }
        }
        self.at += 1;
        let whole = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(whole).map_err(|_| {
            self.at = start;
            "this text is malformed"
        })
    }

    fn word(&mut self) -> Result<Value, &'static str> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '+' | '.'))
            .unwrap_or(rest.len());
        serde_json::from_str::<serde_json::Value>(&rest[..end])
            .map_err(|_| "a value belongs here")?;
        self.at += end;
        Ok(Value::Other)
    }
}
