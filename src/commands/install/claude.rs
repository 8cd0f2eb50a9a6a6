//! Claude Code: `.claude/settings.json` of the worktree.

use super::hooks::{Hook, Hooks, Shape};
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
        hook("SessionStart", None),
        hook("UserPromptSubmit", None),
        hook("PreToolUse", Some("Edit|Write|MultiEdit|NotebookEdit")),
        hook("PostToolUse", None),
        hook("PermissionRequest", None),
        hook("Notification", None),
        hook("Stop", None),
        hook("SubagentStop", None),
        hook("SessionEnd", None),
    ],
};

const fn hook(event: &'static str, matcher: Option<&'static str>) -> Hook {
    Hook {
        event,
        matcher,
        timeout: 10,
    }
}

fn files(site: &Site) -> Result<Vec<Part>> {
    Ok(vec![Part {
        root: site.worktree()?.to_owned(),
        path: ".claude/settings.json",
        mode: 0o644,
        put: |text| HOOKS.put(text),
        take: |text| HOOKS.take(text),
    }])
}
