//! Claude Code: `.claude/settings.json` of the worktree.

use super::hooks::{Hooks, Shape, hook};
use super::{Needs, Part, Site, Target};
use crate::error::Result;

pub(super) const TARGET: Target = Target {
    name: "claude",
    gives: "Claude Code: edits checked, heartbeats, context at the start",
    note: Some(
        "Claude Code reads it when a session starts. Where ghp is not on its PATH it shows a notice and goes on.",
    ),
    needs: Needs::Files(files),
};

/// Events whose timeouts are in seconds. `PostToolUse` runs for every tool, as a heartbeat.
const HOOKS: Hooks = Hooks {
    command: "ghp hook claude",
    shape: Shape::Grouped,
    comments: false,
    events: &[
        hook("SessionStart", None, 10),
        hook("UserPromptSubmit", None, 10),
        hook("PreToolUse", Some("Edit|Write|MultiEdit|NotebookEdit"), 10),
        hook("PostToolUse", None, 10),
        hook("PermissionRequest", None, 10),
        hook("Notification", None, 10),
        hook("Stop", None, 10),
        hook("SubagentStop", None, 10),
        hook("SessionEnd", None, 10),
    ],
};

fn files(site: &Site) -> Result<Vec<Part>> {
    Ok(vec![Part {
        root: site.worktree()?.to_owned(),
        path: ".claude/settings.json",
        mode: 0o644,
        put: |text| HOOKS.put(text),
        take: |text| HOOKS.take(text),
    }])
}
