//! What a coding agent's harness calls things.

use std::fmt;
use std::str::FromStr;

/// The longest id of a session, in bytes.
const LONGEST: usize = 128;

/// The id that a harness gave to a session. It comes from outside and becomes a file's name: letters, digits, `-`
/// and `_` only, the first no `-`, at most 128.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionId(String);

/// A text that is no session's id.
#[derive(Debug, PartialEq, Eq)]
pub struct NoSession;

impl FromStr for SessionId {
    type Err = NoSession;
    fn from_str(text: &str) -> Result<SessionId, NoSession> {
        let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if text.is_empty()
            || text.len() > LONGEST
            || text.starts_with('-')
            || !text.bytes().all(good)
        {
            return Err(NoSession);
        }
        Ok(SessionId(text.to_owned()))
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An event of a harness that we want to be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hook {
    /// Its name.
    pub event: &'static str,
    /// For which tools, in the harness's own form; `None`: for all, or it is about none.
    pub matcher: Option<&'static str>,
    /// How long the harness waits for us, in its own unit.
    pub timeout: u32,
}

/// A row of a harness's table.
pub const fn hook(event: &'static str, matcher: Option<&'static str>, timeout: u32) -> Hook {
    Hook {
        event,
        matcher,
        timeout,
    }
}

/// Claude Code's events; timeouts in seconds. `PostToolUse` runs for every tool, as a heartbeat.
pub const CLAUDE: &[Hook] = &[
    hook("SessionStart", None, 10),
    hook("UserPromptSubmit", None, 10),
    hook("PreToolUse", Some("Edit|Write|MultiEdit|NotebookEdit"), 10),
    hook("PostToolUse", None, 10),
    hook("PermissionRequest", None, 10),
    hook("Notification", None, 10),
    hook("Stop", None, 10),
    hook("StopFailure", None, 10),
    hook("SubagentStop", None, 10),
    hook("SessionEnd", None, 10),
];

/// The files that a patch of the `apply_patch` tool changes, both ends of a move. The tool takes a heading with spaces
/// before it, so a line of content that reads like one counts as well: rather one path too many.
pub fn patched_paths<'p>(patch: &'p str) -> Vec<&'p str> {
    const HEADINGS: [&str; 4] = [
        "*** Add File: ",
        "*** Update File: ",
        "*** Delete File: ",
        "*** Move to: ",
    ];
    let path = |line: &'p str| {
        HEADINGS
            .iter()
            .find_map(|heading| line.strip_prefix(heading))
    };
    patch
        .lines()
        .filter_map(|line| path(line.trim()))
        .map(str::trim)
        .filter(|path| !path.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_ids_are_none() {
        let long = "a".repeat(LONGEST + 1);
        for bad in [
            "", "..", "a/b", "a.b", "-x", "a b", "a\0", "é", "a\n", &long,
        ] {
            assert_eq!(bad.parse::<SessionId>(), Err(NoSession), "{bad:?}");
        }
        for good in [
            "369df313-4348-401f-9a0e-b34a88b9de5c",
            "ses_e01865c8bffeMeGq7EdcEoRUNS",
            &long[..LONGEST],
        ] {
            assert_eq!(good.parse::<SessionId>().expect(good).to_string(), good);
        }
    }

    #[test]
    fn a_patch_names_every_file_it_touches() {
        let patch = "*** Begin Patch\n*** Add File: /a/new.txt\n+*** Add File: not this\n\
                     *** Update File: src/old name.rs\r\n*** Move to: src/new.rs\n@@\n-x\n+y\n \
                     *** Delete File:  gone.rs \n*** Update File: \n*** End Patch\n";
        assert_eq!(
            patched_paths(patch),
            ["/a/new.txt", "src/old name.rs", "src/new.rs", "gone.rs"]
        );
        assert!(patched_paths("echo *** Add File: x").is_empty());
    }
}
