//! What the host process of a session and its callers say to each other: a kind, a length (4 bytes, the highest first),
//! so many bytes.

use std::io::{self, Read, Write};

/// The kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// To the host: bytes, as a keyboard sends them.
    Keys,
    /// To the host: a text to paste.
    Paste,
    /// To the host: columns and rows, two bytes each.
    Size,
    /// To the host: send what the terminal is sent from now on.
    Follow,
    /// To the host: the same, after what is on the screen; a terminal is there to answer the program's questions.
    Attach,
    /// To the host: send what is on the screen, as text.
    Screen,
    /// From the host: the terminal has taken it all.
    Taken,
    /// From the host: how many bytes there were before those that follow; 8 bytes.
    Position,
    /// From the host: what the terminal was sent.
    Output,
    /// From the host: the session has ended.
    End,
}

const KINDS: [(u8, Kind); 10] = [
    (b'k', Kind::Keys),
    (b'p', Kind::Paste),
    (b's', Kind::Size),
    (b'f', Kind::Follow),
    (b'a', Kind::Attach),
    (b'c', Kind::Screen),
    (b'T', Kind::Taken),
    (b'P', Kind::Position),
    (b'O', Kind::Output),
    (b'E', Kind::End),
];

/// Nobody says more at once.
const LONGEST: usize = 4 << 20;
/// Kind and length.
const HEAD: usize = 5;

/// One thing said.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub kind: Kind,
    pub bytes: Vec<u8>,
}

/// A frame as bytes.
pub(super) fn encode(kind: Kind, bytes: &[u8]) -> Vec<u8> {
    let letter = KINDS.iter().find(|(_, other)| *other == kind);
    let letter = letter.map_or(0, |(letter, _)| *letter);
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut frame = Vec::with_capacity(HEAD + bytes.len());
    frame.push(letter);
    frame.extend(length.to_be_bytes());
    frame.extend(bytes);
    frame
}

/// Takes the first frame out of what has arrived; `None`: not all of it is there yet. An error: this is no frame.
pub(super) fn take(arrived: &mut Vec<u8>) -> io::Result<Option<Frame>> {
    let Some((head, rest)) = arrived.split_first_chunk::<HEAD>() else {
        return Ok(None);
    };
    let [letter, length @ ..] = *head;
    let kind = KINDS.iter().find(|(other, _)| *other == letter);
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    let Some((_, kind)) = kind.filter(|_| length <= LONGEST) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    if rest.len() < length {
        return Ok(None);
    }
    let bytes = rest[..length].to_vec();
    arrived.drain(..HEAD + length);
    Ok(Some(Frame { kind: *kind, bytes }))
}

/// Says it.
pub(super) fn say(mut to: impl Write, kind: Kind, bytes: &[u8]) -> io::Result<()> {
    to.write_all(&encode(kind, bytes))
}

/// Waits for the next frame; `None` at the end of the connection.
pub(super) fn hear(mut from: impl Read, arrived: &mut Vec<u8>) -> io::Result<Option<Frame>> {
    let mut some = [0; 16 << 10];
    loop {
        if let Some(frame) = take(arrived)? {
            return Ok(Some(frame));
        }
        match from.read(&mut some) {
            Ok(0) => return Ok(None),
            Ok(read) => arrived.extend(&some[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Columns and rows as bytes, and back.
pub(super) fn size_bytes(columns: u16, rows: u16) -> [u8; 4] {
    let ([a, b], [c, d]) = (columns.to_be_bytes(), rows.to_be_bytes());
    [a, b, c, d]
}

/// Columns and rows, none of them 0.
pub(super) fn size_of(bytes: &[u8]) -> Option<(u16, u16)> {
    let [a, b, c, d] = *bytes.first_chunk::<4>()?;
    let (columns, rows) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    (columns > 0 && rows > 0).then_some((columns, rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_arrive_in_pieces_and_nonsense_is_refused() {
        let mut sent = Vec::new();
        for (_, kind) in KINDS {
            say(&mut sent, kind, b"ab").expect("memory");
        }
        let mut arrived = Vec::new();
        let mut kinds = Vec::new();
        for byte in sent {
            arrived.push(byte);
            while let Some(frame) = take(&mut arrived).expect("frames") {
                assert_eq!(frame.bytes, b"ab");
                kinds.push(frame.kind);
            }
        }
        assert_eq!(kinds, KINDS.map(|(_, kind)| kind));
        for bad in [&b"x\0\0\0\0"[..], b"k\xff\0\0\0"] {
            take(&mut bad.to_vec()).expect_err("no frame");
        }
        assert_eq!(size_of(&size_bytes(200, 50)), Some((200, 50)));
        assert_eq!(size_of(&size_bytes(0, 50)), None);
    }
}
