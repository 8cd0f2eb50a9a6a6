//! Claude Code: `.claude/settings.json` of the worktree.

use super::hooks::{Hooks, Shape};
use super::{Needs, Part, Site, Target};
use crate::domain::harness::CLAUDE;
use crate::error::Result;

pub(super) const TARGET: Target = Target {
    name: "claude",
    gives: "Claude Code: edits checked, heartbeats, context at the start",
    note: Some(
        "Claude Code reads it when a session starts. Where ghp is not on its PATH it shows a notice and goes on.",
    ),
    needs: Needs::Files(files),
};

const HOOKS: Hooks = Hooks {
    command: "ghp hook claude",
    shape: Shape::Grouped,
    comments: false,
    events: CLAUDE,
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
