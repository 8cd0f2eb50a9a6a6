//! What is typed into a session, and what is wanted of its screen.

use std::time::Duration;

/// Something typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A text, pasted as one block: in brackets if the program asked for them (bracketed paste), so that a line break in
    /// it submits nothing.
    Text {
        /// The text; see [`plain`] for what of it arrives.
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

/// A text as it can be pasted: its line breaks are `\n`, and of the control characters only those and tabs stay, for any
/// other could end the paste and be taken for keys. Everything else arrives byte for byte.
pub(super) fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || !c.is_control())
        .collect()
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
    fn nothing_in_a_text_can_end_its_paste() {
        assert_eq!(
            plain("a\x1b[201~\r\nb\tc\x7f\u{9b}201~\0\u{200d}é$`'\\"),
            "a[201~\nb\tc201~\u{200d}é$`'\\"
        );
    }

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
