//! What is to be started, and how it reaches the process that becomes it.
//!
//! Words and environment go through a file that only its owner can read and that is gone once it was read: not through
//! the words of a command, which every user of the machine can list, and not through tmux, which would interpret them.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use super::SessionError;
use crate::domain::id::AgentId;
use crate::host::process;

/// The size of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Characters in a line.
    pub columns: u16,
    /// Lines.
    pub rows: u16,
}

impl Default for Size {
    /// Wide enough for what agents print, while nobody looks.
    fn default() -> Size {
        Size {
            columns: 200,
            rows: 50,
        }
    }
}

/// A session that is to be.
#[derive(Debug, Clone)]
pub struct Launch {
    /// Its name, which is its agent's.
    pub name: AgentId,
    /// Its unguessable id ([`super::Sessions::new_id`]).
    pub id: String,
    /// The issue that it works on.
    pub issue: Option<u64>,
    /// Which provider runs: its word in the table of providers, or `command`.
    pub provider: String,
    /// Which backend keeps its terminal ([`super::backend::choose`]).
    pub backend: String,
    /// The worktree that was made for it, if one was.
    pub cave: Option<PathBuf>,
    /// The branch that it works on.
    pub branch: Option<String>,
    /// Where the program starts.
    pub directory: PathBuf,
    /// The program and its words. Started as they are, without a shell.
    pub program: Vec<OsString>,
    /// Variables beside the caller's own, such as `GHP_AGENT`; the backend adds `GHP_SESSION` and takes away what would
    /// mislead ([`super::environment`] says what).
    pub environment: Vec<(String, String)>,
    /// Whether it has no screen: its program runs for one turn at a time ([`super::Session::turn`]).
    pub headless: bool,
    /// How large its terminal is at first.
    pub size: Size,
    /// Who may end it beside its agent: whoever started it.
    pub started_by: Option<String>,
}

/// A longer word no program takes, in bytes (Linux: `MAX_ARG_STRLEN`, the NUL behind it included).
pub const LONGEST_WORD: usize = (128 << 10) - 1;

impl Launch {
    /// A session of this name and program in this folder, with a fresh id and the backend that is there.
    pub fn new(
        sessions: &super::Sessions,
        name: AgentId,
        directory: PathBuf,
        program: Vec<OsString>,
    ) -> Result<Launch, SessionError> {
        Ok(Launch {
            id: sessions.new_id()?,
            name,
            issue: None,
            provider: "command".to_owned(),
            backend: super::backend::choose(None)?.name().to_owned(),
            cave: None,
            branch: None,
            directory,
            program,
            environment: Vec::new(),
            headless: false,
            size: Size::default(),
            started_by: None,
        })
    }

    /// Refuses a program that cannot be found, and words that it cannot be given.
    pub(super) fn require_program(&self) -> Result<(), SessionError> {
        if self.program.iter().any(|word| word.len() > LONGEST_WORD) {
            return Err(SessionError::TooLong);
        }
        let word = self.program.first().ok_or(SessionError::NoWords)?;
        let path = self.environment.iter().find(|(name, _)| name == "PATH");
        let path = path.map_or_else(process::absolute_path, |(_, path)| path.into());
        match process::find_in(&path, &self.directory, word) {
            Some(_) => Ok(()),
            None => Err(SessionError::NoProgram {
                program: crate::domain::escape::one_line(&word.to_string_lossy(), 80),
                hint: None,
            }),
        }
    }
}

/// A [`Launch`] as the process reads it that becomes the program.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub directory: PathBuf,
    pub program: Vec<OsString>,
    pub environment: Vec<(OsString, OsString)>,
}

impl Order {
    /// The order as bytes: none of its parts can hold a NUL.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let count = self.program.len().to_string();
        let mut bytes = Vec::new();
        let mut part = |text: &[u8]| {
            bytes.extend(text);
            bytes.push(0);
        };
        part(self.directory.as_os_str().as_bytes());
        part(count.as_bytes());
        self.program.iter().for_each(|word| part(word.as_bytes()));
        for (name, value) in &self.environment {
            part(&[name.as_bytes(), b"=", value.as_bytes()].concat());
        }
        bytes
    }

    /// The order that these bytes are; `None` when they are none.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Order> {
        let mut parts = bytes.strip_suffix(b"\0")?.split(|byte| *byte == 0);
        let text = |part: &[u8]| OsString::from_vec(part.to_vec());
        let directory = PathBuf::from(text(parts.next()?));
        let count: usize = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
        let program: Vec<OsString> = parts.by_ref().take(count).map(text).collect();
        let environment = parts.map(|part| {
            let at = part.iter().position(|byte| *byte == b'=')?;
            Some((text(&part[..at]), text(&part[at + 1..])))
        });
        let environment = environment.collect::<Option<Vec<_>>>()?;
        let order = Order {
            directory,
            program,
            environment,
        };
        (count > 0 && order.program.len() == count).then_some(order)
    }

    /// Whether a part holds a NUL byte, which no program can be given.
    pub(super) fn has_nul(&self) -> bool {
        let nul = |text: &OsStr| text.as_bytes().contains(&0);
        let pair = |(name, value): &(OsString, OsString)| nul(name) || nul(value);
        nul(self.directory.as_os_str())
            || self.program.iter().any(|word| nul(word))
            || self.environment.iter().any(pair)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_arrives_byte_for_byte() {
        let text = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        let order = Order {
            directory: "/a b/#(touch x);".into(),
            program: vec!["sh".into(), "".into(), text(b"\xff\n'\"$(x);")],
            environment: vec![("A".into(), "b=c".into()), ("E".into(), "".into())],
        };
        assert_eq!(Order::from_bytes(&order.to_bytes()), Some(order));
        for bad in [
            &b""[..],
            b"/\0",
            b"/\x002\0a\0",
            b"/\x000\0",
            b"/\x001\0a\0b\0",
            b"/\x00x\0a\0",
        ] {
            assert_eq!(Order::from_bytes(bad), None, "{bad:?}");
        }
    }
}
