//! Codex: `hooks.json` of the person (`~/.codex`, or where `CODEX_HOME` says). Codex trusts a hook by its file's path and
//! its command, so one file with a command that never changes is asked about once, not in every worktree.

use std::path::PathBuf;

use super::hooks::{Hooks, Shape, hook};
use super::{Needs, Part, Site, Target};
use crate::config::env_vars::CODEX_HOME;
use crate::error::{Error, Kind, Result};
use crate::host::env;

pub(super) const TARGET: Target = Target {
    name: "codex",
    gives: "Codex: the same, for every repository of yours with ghp",
    note: Some(
        "Codex asks once whether to trust these hooks (/hooks); until then it skips them without a word.",
    ),
    needs: Needs::Files(files),
};

/// Events whose timeouts are in seconds; the last two get 3 at most.
const HOOKS: Hooks = Hooks {
    command: "ghp hook codex",
    shape: Shape::Grouped,
    comments: false,
    events: &[
        hook("SessionStart", None, 10),
        hook("UserPromptSubmit", None, 10),
        hook("PreToolUse", Some("apply_patch"), 10),
        hook("PostToolUse", None, 10),
        hook("PermissionRequest", None, 10),
        hook("Stop", None, 10),
        hook("SubagentStop", None, 10),
        hook("Interrupt", None, 3),
        hook("SessionEnd", None, 3),
    ],
};

fn files(_: &Site) -> Result<Vec<Part>> {
    let told = env::var(CODEX_HOME)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let (root, path) = match (told, env::home()) {
        (Some(told), _) => (told, "hooks.json"),
        (None, Some(home)) => (home, ".codex/hooks.json"),
        (None, None) => {
            return Err(Error::new(
                Kind::Failed,
                "HOME is not set, so nobody knows where Codex looks",
            )
            .next("ghp install claude"));
        }
    };
    Ok(vec![Part {
        root,
        path,
        mode: 0o600,
        put: |text| HOOKS.put(text),
        take: |text| HOOKS.take(text),
    }])
}
