//! A block in AGENTS.md, and in CLAUDE.md where that is a page of its own, for agents whose harness has no hooks.

use super::{Needs, Part, Refusal, Site, Target};
use crate::error::Result;

pub(super) const TARGET: Target = Target {
    name: "agents-md",
    gives: "AGENTS.md: the few commands, for agents without hooks",
    note: None,
    needs: Needs::Files(files),
    servers: None,
};

const BEGIN: &str = "<!-- ghp:begin -->";
const END: &str = "<!-- ghp:end -->";

/// What stands between the marks.
const WORDS: &str = "\
## Working with others

Several agents and people work in this repository. `ghp` says who does what, and who may change which file.
Say who you are once: `GHP_AGENT=worker-1` in your environment, or `ghp whoami --set worker-1` in your worktree.

- `ghp prime`: what you must know at the start; `ghp next`: what to do now
- `ghp start N --worktree`: take issue N, with a branch and a worktree of your own
- `ghp check PATH`: may you change it? Exit 3: ask first, 4: somebody else changes it, 6: stop writing
- `ghp heartbeat -m TEXT`: every few minutes; `ghp status set testing -m TEXT`: what you are doing
- `ghp escalate \"QUESTION\" -o A -o B --wait`: ask a person
- `ghp handoff -m NOTE`: give your issue on; `ghp issue close`: finished

A refusal ends with the command to run next. Never edit `.ghp/` by hand: its documents change through `ghp`.
";

fn files(site: &Site) -> Result<Vec<Part>> {
    let worktree = site.worktree()?;
    let part = |path| Part {
        root: worktree.to_owned(),
        path,
        mode: 0o644,
        put,
        take,
    };
    let mut parts = vec![part("AGENTS.md")];
    // A link to the other page, or one that takes it in, needs no block of its own.
    let claude = worktree.join("CLAUDE.md");
    let text = crate::host::folder::read_outside(&claude);
    if text.is_some_and(|text| !claude.is_symlink() && !text.contains("@AGENTS.md")) {
        parts.push(part("CLAUDE.md"));
    }
    Ok(parts)
}

#[expect(clippy::unnecessary_wraps, reason = "other targets can refuse")]
fn put(text: Option<&str>) -> Result<String, Refusal> {
    let text = text.unwrap_or_default();
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let block = format!("{BEGIN}\n{WORDS}{END}").replace('\n', newline);
    Ok(match place(text) {
        Some((start, end)) => format!("{}{block}{}", &text[..start], &text[end..]),
        None if text.is_empty() => block + newline,
        // The other line break is how one tells afterwards that the last line had none.
        None if text.ends_with('\n') => format!("{text}{newline}{block}{newline}"),
        None => format!("{text}{newline}{newline}{block}"),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "other targets can refuse")]
fn take(text: &str) -> Result<Option<String>, Refusal> {
    let Some((start, end)) = place(text) else {
        return Ok(Some(text.to_owned()));
    };
    let (before, after) = (&text[..start], &text[end..]);
    let one_less = |text: &str| {
        let text = text.strip_suffix('\n').unwrap_or(text);
        text.strip_suffix('\r').unwrap_or(text).len()
    };
    let after = match after.strip_prefix("\r\n").or(after.strip_prefix('\n')) {
        Some(after) => after,
        None if after.is_empty() => {
            let before = &before[..one_less(before)];
            return Ok(Some(before[..one_less(before)].to_owned()));
        }
        None => after,
    };
    let rest = format!("{}{after}", &before[..one_less(before)]);
    Ok((!rest.is_empty()).then_some(rest))
}

/// From the first mark to the end of the last.
fn place(text: &str) -> Option<(usize, usize)> {
    let start = text.find(BEGIN)?;
    let end = start + text[start..].find(END)? + END.len();
    Some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok<T>(result: Result<T, Refusal>) -> T {
        result.unwrap_or_else(|_| panic!("refused"))
    }

    #[test]
    fn a_block_comes_and_goes_without_a_trace() {
        for text in ["# Us\n", "# Us", "# Us\n\n\n", "\n", "a\r\nb\r\n", "a\r\nb"] {
            let with = ok(put(Some(text)));
            assert!(
                with.starts_with(text) && with.contains("ghp next"),
                "{text:?}"
            );
            assert_eq!(ok(put(Some(&with))), with, "{text:?}");
            assert_eq!(ok(take(&with)).as_deref(), Some(text));
            assert_eq!(with.matches('\r').count() > 0, text.contains('\r'));
        }
        let new = ok(put(None));
        assert_eq!(ok(take(&new)), None);
        assert_eq!(
            ok(take("nothing of ours")).as_deref(),
            Some("nothing of ours")
        );
        let old = new.replace("ghp next", "ghp before") + "\nMore\n";
        assert_eq!(ok(put(Some(&old))), new.clone() + "\nMore\n");
        assert_eq!(ok(take(&old)).as_deref(), Some("\nMore\n"));
    }
}
