//! `ghp filter clean`: what git takes into its index of agent-status.json. Git starts it; people do not.

use std::io::Read;

use clap::Args as ClapArgs;

use crate::documents::noise::quiet;
use crate::error::Result;
use crate::git::staged;
use crate::store::layout;

/// Filter a document for git (git runs this)
///
/// Reads agent-status.json on standard input and writes it without what only heartbeats changed. On any fault the input
/// passes through unchanged. Takes no lock.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Which filter
    #[arg(value_parser = ["clean"])]
    pub filter: String,
}

/// Runs the verb.
pub fn run(_: Args) -> Result<Vec<u8>> {
    let mut input = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut input)
        .map_err(super::system("read standard input"))?;
    // What git cannot tell us, it has not: the document goes in as it is.
    let index = staged::content(layout::STATUS).ok().flatten();
    Ok(clean(input, index.as_deref()))
}

fn clean(input: Vec<u8>, index: Option<&[u8]>) -> Vec<u8> {
    let texts = index.and_then(|index| {
        Some((
            std::str::from_utf8(&input).ok()?,
            std::str::from_utf8(index).ok()?,
        ))
    });
    match texts {
        Some((worktree, index)) => quiet(worktree, index).into_bytes(),
        None => input,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beat_is_cleaned_and_any_fault_passes_through() {
        let document = |at: &str| {
            let text =
                format!("{{\"agents\":{{\"a\":{{\"timestamp\":\"2025-01-25T10:3{at}:00Z\"}}}}}}");
            crate::documents::status::Status::parse(&text)
                .expect("valid")
                .render()
                .into_bytes()
        };
        assert_eq!(clean(document("1"), Some(&document("0"))), document("0"));
        assert_eq!(clean(document("1"), None), document("1"));
        assert_eq!(clean(document("1"), Some(b"\xff")), document("1"));
        assert_eq!(
            clean(b"\xff\xfe".to_vec(), Some(&document("0"))),
            b"\xff\xfe"
        );
    }
}
