//! `ghp session output`: what is on a session's screen and above it.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::error::Result;
use crate::project::Project;
use crate::sessions::{SessionManager, Wanted};

/// Show what a session's terminal has said
///
/// Also after its end, as far as its backend kept it. It comes from a program: what could drive your terminal is shown as
/// text, unless --raw says to hand it on as it is.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Which
    pub name: String,
    /// Only the last so many lines
    #[arg(short = 'n', long, value_name = "LINES")]
    pub lines: Option<usize>,
    /// Go on with what it says from now on, until it ends
    #[arg(long)]
    pub follow: bool,
    /// With its colours and cursor movements
    #[arg(long)]
    pub raw: bool,
}

/// What it said.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The session's name.
    pub name: String,
    /// The text.
    pub text: String,
    /// Whether it is handed on as it is.
    #[serde(skip)]
    pub raw: bool,
    /// Whether more follows.
    #[serde(skip)]
    pub one_of_many: bool,
}

/// Runs the verb.
pub fn run(
    project: &Project,
    args: Args,
    emit: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<()> {
    let session = project.sessions()?.get(&args.name)?;
    let report = |text: String| Report {
        name: args.name.clone(),
        text,
        raw: args.raw,
        one_of_many: args.follow,
    };
    let wanted = Wanted {
        lines: args.lines,
        styled: args.raw,
    };
    emit(&report(session.get_output(&wanted)?))?;
    if !args.follow {
        return Ok(());
    }
    let mut pieces = Pieces::default();
    let mut ended = Ok(());
    session.follow(&mut |bytes| {
        let text = if args.raw {
            pieces.whole(bytes)
        } else {
            pieces.plain(bytes)
        };
        if !text.is_empty() {
            ended = emit(&report(text));
        }
        ended.is_ok()
    })?;
    ended
}

/// Text out of bytes that come in pieces: a character or an escape sequence may be cut in two.
#[derive(Default)]
struct Pieces {
    rest: Vec<u8>,
    stripper: anstream::adapter::StripBytes,
}

impl Pieces {
    fn whole(&mut self, bytes: &[u8]) -> String {
        self.rest.extend_from_slice(bytes);
        let end = match std::str::from_utf8(&self.rest) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.rest.len(),
        };
        let text = String::from_utf8_lossy(&self.rest[..end]).into_owned();
        self.rest.drain(..end);
        text
    }

    fn plain(&mut self, bytes: &[u8]) -> String {
        let mut stripped = Vec::with_capacity(bytes.len());
        for printable in self.stripper.strip_next(bytes) {
            stripped.extend_from_slice(printable);
        }
        self.whole(&stripped)
            .replace("\r\n", "\n")
            .replace('\r', "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_in_two_is_put_together() {
        let mut pieces = Pieces::default();
        assert_eq!(pieces.whole(b"a\xc3"), "a");
        assert_eq!(pieces.whole(b"\xa9b\xff"), "éb\u{fffd}");
        let mut pieces = Pieces::default();
        assert_eq!(pieces.plain(b"\x1b[3"), "");
        assert_eq!(pieces.plain(b"1mred\x1b[0m\r\n\x1b]0;title\x07x"), "red\nx");
    }
}
