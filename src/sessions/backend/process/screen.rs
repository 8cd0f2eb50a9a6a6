//! A terminal's screen, from what it was sent: what a person would see, which modes are on, what the program asked it.

use std::fmt::Write as _;
use std::num::NonZeroU16;
use std::panic::{AssertUnwindSafe, catch_unwind};

use vt100::{Callbacks, Parser};

/// How many lines above the screen are remembered when text is wanted.
pub(super) const HISTORY: usize = 50_000;

/// The screen.
pub(super) struct Screen {
    parser: Parser<Questions>,
    history: usize,
}

/// What the program asked the terminal, answered as a plain one would.
#[derive(Default)]
struct Questions {
    answers: String,
}

impl Callbacks for Questions {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        first: Option<u8>,
        _: Option<u8>,
        params: &[&[u16]],
        kind: char,
    ) {
        let param = params.first().and_then(|param| param.first()).copied();
        let (row, column) = screen.cursor_position();
        // Text grows without failing.
        let _ = match (first, kind, param.unwrap_or(0)) {
            (None, 'n', 5) => self.answers.write_str("\x1b[0n"),
            (None, 'n', 6) => write!(self.answers, "\x1b[{};{}R", row + 1, column + 1),
            (Some(b'?'), 'n', 6) => write!(self.answers, "\x1b[?{};{}R", row + 1, column + 1),
            (None, 'c', 0) => self.answers.write_str("\x1b[?62;22c"),
            (Some(b'>'), 'c', 0) => self.answers.write_str("\x1b[>0;0;0c"),
            _ => Ok(()),
        };
    }
}

fn at_least_one(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap_or(NonZeroU16::MIN)
}

impl Screen {
    /// An empty one that remembers so many lines above it.
    pub(super) fn new(columns: u16, rows: u16, history: usize) -> Screen {
        let (rows, columns) = (at_least_one(rows), at_least_one(columns));
        Screen {
            parser: Parser::new_with_callbacks(rows, columns, history, Questions::default()),
            history,
        }
    }

    /// It was sent these bytes. What the program asked is answered.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        // These bytes are a stranger's: a fault in reading them may cost the picture, never the session.
        let read = catch_unwind(AssertUnwindSafe(|| self.parser.process(bytes)));
        if read.is_err() {
            let (rows, columns) = self.parser.screen().size();
            *self = Screen::new(columns.get(), rows.get(), self.history);
        }
        std::mem::take(&mut self.parser.callbacks_mut().answers).into_bytes()
    }

    /// It has another size now.
    pub(super) fn resize(&mut self, columns: u16, rows: u16) {
        let (rows, columns) = (at_least_one(rows), at_least_one(columns));
        let resized = catch_unwind(AssertUnwindSafe(|| {
            self.parser.screen_mut().set_size(rows, columns);
        }));
        if resized.is_err() {
            *self = Screen::new(columns.get(), rows.get(), self.history);
        }
    }

    /// Whether the program wants pastes in brackets.
    pub(super) fn wants_brackets(&self) -> bool {
        self.parser.screen().bracketed_paste()
    }

    /// What draws it on an empty terminal, modes included.
    pub(super) fn drawn(&self) -> String {
        let screen = self.parser.screen();
        let other = if screen.alternate_screen() {
            "\x1b[?1049h"
        } else {
            ""
        };
        format!("{other}{}", screen.state_formatted())
    }

    /// History and screen, line by line; lines that only the width broke are whole.
    pub(super) fn text(&mut self, styled: bool) -> String {
        let screen = self.parser.screen_mut();
        let (rows, columns) = screen.size();
        let (rows, columns) = (usize::from(rows.get()), columns.get());
        let mut text = String::new();
        let mut above = screen.scrollback_len();
        screen.set_scrollback(above);
        loop {
            let shown = if above == 0 { rows } else { rows.min(above) };
            let lines: Vec<String> = if styled {
                screen.rows_formatted(0, columns).take(shown).collect()
            } else {
                screen.rows(0, columns).take(shown).collect()
            };
            for (row, line) in lines.iter().enumerate() {
                text.push_str(line);
                let row = u16::try_from(row).unwrap_or(u16::MAX);
                if !screen.row_wrapped(row) {
                    text.push_str(if styled { "\x1b[m\n" } else { "\n" });
                }
            }
            if above == 0 {
                return text;
            }
            above -= shown;
            screen.set_scrollback(above);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_and_screen_as_lines() {
        let mut screen = Screen::new(10, 3, 100);
        for line in 1..=8 {
            screen.take(format!("line {line}\r\n").as_bytes());
        }
        screen.take(b"a line that is too long\x1b[31m!");
        assert_eq!(
            screen.text(false),
            "line 1\nline 2\nline 3\nline 4\nline 5\nline 6\nline 7\nline 8\na line that is too long!\n"
        );
        assert!(screen.text(true).contains("\x1b[31m!"));
    }

    #[test]
    fn questions_are_answered_and_modes_known() {
        let mut screen = Screen::new(80, 24, 0);
        assert_eq!(
            screen.take(b"ab\x1b[6n\x1b[c\x1b[5n"),
            b"\x1b[1;3R\x1b[?62;22c\x1b[0n"
        );
        assert!(!screen.wants_brackets());
        screen.take(b"\x1b[?20");
        screen.take(b"04h");
        assert!(screen.wants_brackets());
        screen.take(b"\x1b[?1049hx");
        assert!(screen.drawn().starts_with("\x1b[?1049h"));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_it(bytes: Vec<u8>, columns in 0..200u16, rows in 0..60u16) {
            let mut screen = Screen::new(40, 10, 50);
            screen.take(&bytes);
            screen.resize(columns, rows);
            screen.take(&bytes);
            screen.text(true);
            screen.text(false);
            screen.drawn();
        }
    }
}
