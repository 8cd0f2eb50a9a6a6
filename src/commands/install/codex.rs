//! Codex: `hooks.json` of the person (`~/.codex`, or where `CODEX_HOME` says). Codex trusts a hook by its file's path and
//! its command, so one file with a command that never changes is asked about once, not in every worktree.

use std::path::PathBuf;

use super::hooks::{Hooks, Shape, hook};
use super::{Needs, Part, Servers, Site, Target, codex_config};
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
    servers: Some(Servers {
        gives: "Codex: the same, for every repository of yours (config.toml)",
        note: "Codex starts it with its next session; `codex mcp list` shows it.",
        files: |_, _| {
            let (root, path) = home("config.toml", ".codex/config.toml")?;
            Ok(vec![Part {
                root,
                path,
                mode: 0o600,
                put: codex_config::put,
                take: codex_config::take,
            }])
        },
    }),
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

/// A file of Codex's: beneath the folder that `CODEX_HOME` says, or beneath the person's.
fn home(told_path: &'static str, path: &'static str) -> Result<(PathBuf, &'static str)> {
    let told = env::var(CODEX_HOME)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    match (told, env::home()) {
        (Some(told), _) => Ok((told, told_path)),
        (None, Some(home)) => Ok((home, path)),
        (None, None) => Err(Error::new(
            Kind::Failed,
            "HOME is not set, so nobody knows where Codex looks",
        )
        .next("ghp install claude")),
    }
}

fn files(_: &Site) -> Result<Vec<Part>> {
    let (root, path) = home("hooks.json", ".codex/hooks.json")?;
    Ok(vec![Part {
        root,
        path,
        mode: 0o600,
        put: |text| HOOKS.put(text),
        take: |text| HOOKS.take(text),
    }])
}
