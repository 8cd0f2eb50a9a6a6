//! What is typed into a session, and what is wanted of its screen.

use std::time::Duration;

/// Something typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A text, pasted as one block: in brackets if the program asked for them (bracketed paste), so that a line break in
    /// it submits nothing.
    Text {
        /// The text; see [`crate::domain::escape::plain`] for what of it arrives.
        text: String,
        /// Enter is pressed so long after it; `None`: not at all. Harnesses take an Enter that comes too soon for a part
        /// of the paste.
        enter: Option<Duration>,
    },
    /// Bytes as a keyboard sends them, such as 3 for Ctrl-C.
    Keys(Vec<u8>),
}

impl Input {
    /// A text, then Enter after a pause.
    pub fn text(text: impl Into<String>, pause: Duration) -> Input {
        Input::Text {
            text: text.into(),
            enter: Some(pause),
        }
    }

    /// Enter alone, to submit what already stands there.
    pub fn enter() -> Input {
        Input::Keys(b"\r".to_vec())
    }
}

/// How much of the output, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The last so many lines; `None`: all there are.
    pub lines: Option<usize>,
    /// With colours and other attributes, as escape sequences.
    pub styled: bool,
}

impl Wanted {
    /// Of a whole screen text the lines that are wanted: none of the empty ones at its end.
    pub(super) fn of(&self, text: &str) -> String {
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        let end = lines
            .iter()
            .rposition(|line| !line.is_empty())
            .map_or(0, |last| last + 1);
        let begin = self.lines.map_or(0, |most| end.saturating_sub(most));
        let mut wanted = lines[begin..end].join("\n");
        if !wanted.is_empty() {
            wanted.push('\n');
        }
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_without_the_empty_ones() {
        let wanted = |lines| Wanted {
            lines,
            styled: false,
        };
        assert_eq!(wanted(None).of("a\n\nb  \n \n\n"), "a\n\nb\n");
        assert_eq!(wanted(Some(1)).of("a\nb\n\n"), "b\n");
        assert_eq!(wanted(Some(9)).of("a"), "a\n");
        assert_eq!(wanted(Some(1)).of("\n\n"), "");
    }
}
