//! Sections of Markdown bodies.
//!
//! A section is the text under a level-2 heading (`## Decision`), up to the next heading of level
//! 1 or 2. Headings and fences are those of the `CommonMark` standard, ATX headings only; what stands in fenced code is
//! no heading.

use std::borrow::Cow;
use std::ops::Range;

/// An open code fence.
#[derive(Clone, Copy)]
struct Fence {
    mark: char,
    length: usize,
    /// Width of the list marker it was opened behind; a line indented less ends list and fence.
    inside: usize,
}

struct Line<'a> {
    at: usize,
    /// With its line end.
    text: &'a str,
    fenced: bool,
}

/// The text under `## heading`, trimmed; none when there is no such heading. The first of several
/// counts, and letters' case does not.
pub fn section<'a>(body: &'a str, heading: &str) -> Option<&'a str> {
    find(body, heading).map(|range| body[range].trim())
}

/// The only text under a heading with this title, whatever its level from 1 to 3; none when there are several.
pub fn loose_section<'a>(body: &'a str, heading: &str) -> Option<&'a str> {
    let wanted = heading.to_lowercase();
    let headings = headings_to(body, 3);
    let ends = |index: usize| headings.get(index + 1).map_or(body.len(), |(at, ..)| *at);
    let mut texts = headings
        .iter()
        .enumerate()
        .filter(|(_, (.., title))| title.to_lowercase() == wanted)
        .filter_map(|(index, (at, ..))| Some(body[*at..ends(index)].split_once('\n')?.1.trim()))
        .filter(|text| !text.is_empty());
    texts.next().filter(|_| texts.next().is_none())
}

/// `body` with the text of that section replaced (a new section at the end when missing). A fence
/// that `text`, or the body before a new section, leaves open is closed.
pub fn with_section(body: &str, heading: &str, text: &str) -> String {
    let text = closed(without_blank_ends(text));
    match find(body, heading) {
        Some(range) => spliced(body, range, &text),
        None => added(body, heading, &text),
    }
}

/// `body` with an entry behind all that stands in that section (created at the end when missing).
/// A list item follows its predecessor directly, anything else after a blank line.
pub fn append_to_section(body: &str, heading: &str, entry: &str) -> String {
    let entry = without_blank_ends(entry);
    let Some(range) = find(body, heading) else {
        return added(body, heading, &closed(entry));
    };
    let present = closed(without_blank_ends(&body[range.clone()]));
    let between = match (present.is_empty(), entry.starts_with("- ")) {
        (true, _) => "",
        (false, true) => "\n",
        (false, false) => "\n\n",
    };
    let text = format!("{present}{between}{}", closed(entry));
    spliced(body, range, &text)
}

/// Text made safe to stand in a section, trimmed: what would begin another section, hide what
/// follows (raw HTML, a fence left open) or look like a merge conflict is escaped or closed.
/// Idempotent; fenced code stays as it is.
pub fn quoted(text: &str) -> String {
    quoted_from(text, 2)
}

/// Like [`quoted`], for text under a level-3 heading of its section: it begins no other such entry.
pub fn quoted_entry(text: &str) -> String {
    quoted_from(text, 3)
}

/// The text that [`quoted`] was given. A line that had a backslash in such a place itself loses it.
pub fn unquoted(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for line in lines(text).0 {
        let content = line.text.trim_start_matches(' ');
        let indent = &line.text[..line.text.len() - content.len()];
        let bare = content.strip_prefix('\\').filter(|bare| {
            !line.fenced
                && (level(&format!("{indent}{bare}")).is_some_and(|(level, _)| level <= 2)
                    || begins_raw_html(bare)
                    || is_marker(bare, "<<<<<<<"))
        });
        plain.push_str(indent);
        plain.push_str(bare.unwrap_or(content));
    }
    plain
}

/// What stands before `## heading`; everything when there is no such heading.
pub fn before_section<'a>(body: &'a str, heading: &str) -> &'a str {
    let Some(range) = find(body, heading) else {
        return body;
    };
    let above = body[..range.start].trim_end_matches('\n');
    &body[..above.rfind('\n').map_or(0, |end| end + 1)]
}

fn quoted_from(text: &str, deepest: usize) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut safe = String::with_capacity(text.len() + 8);
    for line in lines(text.trim()).0 {
        let content = line.text.trim_start_matches(' ');
        let escape = !line.fenced
            && (level(line.text).is_some_and(|(level, _)| level <= deepest)
                || begins_raw_html(content)
                || is_marker(line.text, "<<<<<<<"));
        safe.push_str(&line.text[..line.text.len() - content.len()]);
        if escape {
            safe.push('\\');
        }
        safe.push_str(content);
    }
    closed(&safe).into_owned()
}

/// The titles of all level-2 headings, in order.
pub fn headings(body: &str) -> Vec<&str> {
    outline(body)
        .into_iter()
        .filter(|(_, level, _)| *level == 2)
        .map(|(_, _, title)| title)
        .collect()
}

/// The body cut at its headings of level 1 and 2: the title of each with the trimmed text below it, and first, without a
/// title, what stands before them.
pub fn parts(body: &str) -> Vec<(&str, &str)> {
    let outline = outline(body);
    let begins = |index: usize| outline.get(index).map_or(body.len(), |(at, ..)| *at);
    let mut parts = vec![("", body[..begins(0)].trim())];
    for (index, (at, _, title)) in outline.iter().enumerate() {
        let text = body[*at..]
            .find('\n')
            .map_or(body.len(), |end| at + end + 1);
        parts.push((*title, body[text..begins(index + 1)].trim()));
    }
    parts
}

/// Where a merge conflict begins (`<<<<<<<`, then `=======`, then `>>>>>>>`), outside fenced code.
pub(crate) fn conflict(body: &str) -> Option<usize> {
    // Most bodies have none, and then no line needs a look.
    if !body.contains("<<<<<<<") {
        return None;
    }
    let mut expected = ["<<<<<<<", "=======", ">>>>>>>"].into_iter().peekable();
    let mut begin = None;
    for line in lines(body).0.iter().filter(|line| !line.fenced) {
        if expected
            .next_if(|marker| is_marker(line.text, marker))
            .is_some()
        {
            begin = begin.or(Some(line.at));
        }
    }
    begin.filter(|_| expected.peek().is_none())
}

/// `body` with a backslash before what [`conflict`] would find.
pub(crate) fn without_conflict(body: &str) -> Cow<'_, str> {
    if conflict(body).is_none() {
        return Cow::Borrowed(body);
    }
    let mut safe = String::with_capacity(body.len() + 8);
    for line in lines(body).0 {
        if !line.fenced && is_marker(line.text, "<<<<<<<") {
            safe.push('\\');
        }
        safe.push_str(line.text);
    }
    Cow::Owned(safe)
}

/// Whether a line is this conflict marker, alone or with a label.
pub(crate) fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\r', '\n']))
}

/// Byte range of a section's text, between its heading's line and the next heading.
fn find(body: &str, heading: &str) -> Option<Range<usize>> {
    let wanted = title(heading).to_lowercase();
    let mut outline = outline(body).into_iter();
    let (start, ..) =
        outline.find(|(_, level, title)| *level == 2 && title.to_lowercase() == wanted)?;
    let text = body[start..]
        .find('\n')
        .map_or(body.len(), |end| start + end + 1);
    Some(text..outline.next().map_or(body.len(), |(next, ..)| next))
}

/// Every heading of level 1 and 2: its offset, level and title.
fn outline(body: &str) -> Vec<(usize, usize, &str)> {
    headings_to(body, 2)
}

/// Every heading down to this level: its offset, level and title.
fn headings_to(body: &str, deepest: usize) -> Vec<(usize, usize, &str)> {
    let lines = lines(body).0.into_iter().filter(|line| !line.fenced);
    lines
        .filter_map(|line| level(line.text).map(|(level, title)| (line.at, level, title)))
        .filter(|(_, level, _)| *level <= deepest)
        .collect()
}

fn spliced(body: &str, range: Range<usize>, text: &str) -> String {
    let (before, after) = (&body[..range.start], &body[range.end..]);
    let line_end = if before.ends_with('\n') { "" } else { "\n" };
    let gap = if after.is_empty() { "" } else { "\n" };
    match text {
        "" => format!("{before}{line_end}{gap}{after}"),
        _ => format!("{before}{line_end}\n{text}\n{gap}{after}"),
    }
}

fn added(body: &str, heading: &str, text: &str) -> String {
    let mut body = closed(body).into_owned();
    while !body.is_empty() && !body.ends_with("\n\n") {
        body.push('\n');
    }
    body.push_str("## ");
    body.push_str(heading.trim());
    body.push('\n');
    let end = body.len();
    spliced(&body, end..end, text)
}

/// Text without blank lines at its ends; the first line keeps its indentation.
fn without_blank_ends(text: &str) -> &str {
    let text = text.trim_end();
    let blank = text.len() - text.trim_start().len();
    let start = text[..blank].rfind('\n').map_or(0, |end| end + 1);
    &text[start..]
}

/// Text with the fence closed that it leaves open.
fn closed(text: &str) -> Cow<'_, str> {
    let Some(fence) = lines(text).1 else {
        return Cow::Borrowed(text);
    };
    let line_end = if text.ends_with('\n') { "" } else { "\n" };
    let indent = " ".repeat(fence.inside);
    let marks = fence.mark.to_string().repeat(fence.length);
    Cow::Owned(format!("{text}{line_end}{indent}{marks}"))
}

/// The lines of a text, and the fence still open at its end.
fn lines(text: &str) -> (Vec<Line<'_>>, Option<Fence>) {
    let mut found = Vec::new();
    let mut open: Option<Fence> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let left = line.len() - line.trim_start_matches(' ').len();
        open = open.filter(|fence| left >= fence.inside || line.trim().is_empty());
        let fenced = if let Some(fence) = open {
            open = open.filter(|_| !closes(line, fence));
            true
        } else {
            open = opens(line);
            open.is_some()
        };
        found.push(Line {
            at,
            text: line,
            fenced,
        });
        at += line.len();
    }
    (found, open)
}

/// A line's content without its indentation; none for indented code (4 spaces, a tab).
fn unindented(line: &str) -> Option<&str> {
    let content = line.trim_start_matches(' ');
    let width = line.len() - content.len();
    (width <= 3 && !content.starts_with('\t')).then_some(content.trim_end())
}

fn opens(line: &str) -> Option<Fence> {
    let mut content = unindented(line)?;
    let mut inside = 0;
    if let Some(rest) = behind_list_marker(content) {
        inside = line.trim_end().len() - rest.len();
        content = rest;
    }
    let mark = content
        .chars()
        .next()
        .filter(|mark| matches!(mark, '`' | '~'))?;
    let info = content.trim_start_matches(mark);
    let length = content.len() - info.len();
    (length >= 3 && !(mark == '`' && info.contains('`'))).then_some(Fence {
        mark,
        length,
        inside,
    })
}

fn closes(line: &str, fence: Fence) -> bool {
    let line = line.get(fence.inside..).unwrap_or_default();
    unindented(line).is_some_and(|content| {
        content.len() >= fence.length && content.chars().all(|mark| mark == fence.mark)
    })
}

/// What follows `- `, `* `, `+ `, `1. ` or `1) `.
fn behind_list_marker(content: &str) -> Option<&str> {
    let marker = content.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let numbered = marker.len() < content.len();
    let ends: &[char] = if numbered {
        &['.', ')']
    } else {
        &['-', '*', '+']
    };
    let rest = marker.strip_prefix(ends)?;
    let behind = rest.trim_start_matches(' ');
    (1..=4)
        .contains(&(rest.len() - behind.len()))
        .then_some(behind)
}

/// The level and title of a heading.
fn level(line: &str) -> Option<(usize, &str)> {
    let content = unindented(line)?;
    let rest = content.trim_start_matches('#');
    let level = content.len() - rest.len();
    let is_heading = (1..=6).contains(&level) && (rest.is_empty() || rest.starts_with([' ', '\t']));
    is_heading.then(|| (level, title(rest)))
}

/// A heading's text without the closing `#`s it may have.
fn title(text: &str) -> &str {
    let text = text.trim();
    let open = text.trim_end_matches('#');
    if open.is_empty() || open.ends_with([' ', '\t']) {
        open.trim_end()
    } else {
        text
    }
}

/// Whether a line begins HTML that may run on past blank lines, to the end of the document.
fn begins_raw_html(content: &str) -> bool {
    ["<!", "<?", "<pre", "<script", "<style", "<textarea"]
        .into_iter()
        .any(|tag| {
            content
                .get(..tag.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(tag))
        })
}

#[cfg(test)]
mod tests;
