//! The one escaper for terminals: text from documents is shown, never obeyed.
//!
//! Control characters, invisible ones and those that reorder a line become visible escapes such
//! as `\x1b` and `\u202e`. A backslash itself stays as it is: the result is for reading, not for
//! reading back, and text that is already escaped stays unchanged. Joiners inside emoji and
//! Persian words become visible too; that is the price of never hiding anything.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

#[cfg(test)]
mod tests;

/// `text` for one line of a terminal; line breaks and tabs become `\n` and `\t`.
pub fn terminal(text: &str) -> Cow<'_, str> {
    escape(text, |_| false)
}

/// `text` for several lines of a terminal: as [`terminal`], but line breaks and tabs stay.
///
/// A carriage return is dropped before a line break and shown anywhere else.
pub fn terminal_lines(text: &str) -> Cow<'_, str> {
    let stays = |c| c == '\n' || c == '\t';
    if text.contains("\r\n") {
        let text = text.replace("\r\n", "\n");
        return Cow::Owned(escape(&text, stays).into_owned());
    }
    escape(text, stays)
}

/// `text` as it can be pasted: its line breaks are `\n`, and of the control characters only those and tabs stay, for any
/// other could end the paste and be taken for keys. Everything else stays byte for byte.
pub fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || !c.is_control())
        .collect()
}

/// `text` on one line of at most `width` columns: escaped, each run of white space one space,
/// and what does not fit replaced by `…`.
///
/// Marks that take no column count as well: at most four characters are shown for each column.
pub fn one_line(text: &str, width: usize) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&terminal(word));
    }
    let most = width.saturating_mul(4);
    if line.width() <= width && line.chars().count() <= most {
        return line;
    }
    let Some(room) = width.checked_sub(1) else {
        return String::new();
    };
    let mut taken = 0;
    let end = line.char_indices().enumerate().find(|(count, (_, c))| {
        taken += c.width().unwrap_or(0);
        taken > room || count + 1 >= most
    });
    line.truncate(end.map_or(line.len(), |(_, (at, _))| at));
    // Some sequences are wider than their characters.
    while line.width() > room {
        line.pop();
    }
    line.push('…');
    line
}

/// Somebody's words as data: [`one_line`], in quotes that they cannot close.
pub fn quoted(text: &str, width: usize) -> String {
    format!("\"{}\"", one_line(text, width).replace('"', "'"))
}

/// JSON in which what a terminal would obey or hide is written as `\u` escapes: to a program the same document.
///
/// Outside strings JSON has no such characters but line breaks and tabs, which stay.
pub fn json(text: String) -> String {
    let hidden = |c: char| is_hidden(c) && !matches!(c, '\n' | '\t');
    if is_all(&text, |byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) || !text.contains(hidden) {
        return text;
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hidden(c) {
            let units = &mut [0; 2];
            for unit in c.encode_utf16(units) {
                write!(shown, "\\u{unit:04x}").expect("a String takes everything");
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

fn escape(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    if is_all(text, |byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let hidden = |c: char| is_hidden(c) && !stays(c);
    let Some(first) = text.find(hidden) else {
        return Cow::Borrowed(text);
    };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..first]);
    for c in text[first..].chars() {
        if hidden(c) {
            push_escape(&mut shown, c);
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

fn push_escape(shown: &mut String, c: char) {
    let written = match (c, u32::from(c)) {
        ('\n', _) => shown.write_str("\\n"),
        ('\t', _) => shown.write_str("\\t"),
        ('\r', _) => shown.write_str("\\r"),
        (_, code @ ..=0xff) => write!(shown, "\\x{code:02x}"),
        (_, code @ ..=0xffff) => write!(shown, "\\u{code:04x}"),
        (_, code) => write!(shown, "\\u{{{code:x}}}"),
    };
    written.expect("a String takes everything");
}

/// Whether every byte is such a one: most texts are printable ASCII, and looking at many bytes at a time tells it quickly.
fn is_all(text: &str, is: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(true, |all, byte| all & is(byte))
}

/// Whether a terminal would obey `c`, or show nothing for it.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}'      // controls, ESC, DEL
        | '\u{61c}' | '\u{200e}' | '\u{200f}'  // direction marks
        | '\u{202a}'..='\u{202e}'              // direction overrides
        | '\u{180e}' | '\u{200b}'..='\u{200d}' // no width
        | '\u{2028}' | '\u{2029}'              // line and paragraph breaks
        | '\u{2060}'..='\u{206f}'              // joiners, isolates, deprecated controls
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' // byte order mark, annotations
        | '\u{e0000}'..='\u{e007f}') // tags
}
