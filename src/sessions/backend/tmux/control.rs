//! What tmux tells a client in control mode: `%output PANE TEXT` for what a pane is sent, a subscription for its end.

/// One line of it, as far as we care.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// The pane was sent these bytes.
    Output(Vec<u8>),
    /// The client is attached: only now it can subscribe.
    Attached,
    /// The pane's program has ended, or the session is gone.
    End,
    /// Anything else.
    Other,
}

/// The word that our subscription goes by.
const SUBSCRIPTION: &str = "ghp-end";

/// The command that subscribes to which panes there are and which of them are dead. Of one pane alone tmux no longer
/// tells anything once it is dead.
pub(super) const SUBSCRIBE: &str =
    "refresh-client -B 'ghp-end::#{W:#{P:#{pane_id}=#{pane_dead} }}'\n";

/// Reads a line, without its line break.
pub(super) fn read(line: &[u8], pane: &str) -> Notice {
    let mut words = line.splitn(3, |byte| *byte == b' ');
    let (first, second) = (words.next().unwrap_or(b""), words.next().unwrap_or(b""));
    match first {
        b"%exit" => Notice::End,
        b"%session-changed" => Notice::Attached,
        b"%output" if second == pane.as_bytes() => {
            Notice::Output(unescaped(words.next().unwrap_or(b"")))
        }
        b"%subscription-changed" if second == SUBSCRIPTION.as_bytes() && !lives(line, pane) => {
            Notice::End
        }
        _ => Notice::Other,
    }
}

/// Whether the pane is among those that are told of, and not dead.
fn lives(line: &[u8], pane: &str) -> bool {
    let wanted = format!("{pane}=0");
    let mut words = line.split(|byte| *byte == b' ');
    words.any(|word| word == wanted.as_bytes())
}

/// Control characters and backslashes stand there as a backslash and three octal digits.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        let (byte, after) = match rest {
            [
                b'\\',
                a @ b'0'..=b'3',
                b @ b'0'..=b'7',
                c @ b'0'..=b'7',
                after @ ..,
            ] => ((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'), after),
            [byte, after @ ..] => (*byte, after),
            [] => return bytes,
        };
        bytes.push(byte);
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_control_mode() {
        let read = |line: &str| read(line.as_bytes(), "%1");
        assert_eq!(
            read("%output %1 a\\033[1m\\134é \\015\\012"),
            Notice::Output(b"a\x1b[1m\\\xc3\xa9 \r\n".to_vec())
        );
        assert_eq!(read("%output %11 a"), Notice::Other);
        assert_eq!(
            read("%subscription-changed ghp-end $0 - - - : %0=0 %1=1 "),
            Notice::End
        );
        assert_eq!(
            read("%subscription-changed ghp-end $0 - - - : %1=0 %11=1 "),
            Notice::Other
        );
        assert_eq!(read("%exit server exited"), Notice::End);
        assert_eq!(
            read("%output %1 \\9 \\"),
            Notice::Output(b"\\9 \\".to_vec())
        );
    }
}
