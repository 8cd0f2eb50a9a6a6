//! Gemini CLI: `.gemini/settings.json` of the worktree.

use super::hooks::{Hook, Hooks, Shape};
use super::{Needs, Part, Site, Target};
use crate::error::Result;

pub(super) const TARGET: Target = Target {
    name: "gemini",
    gives: "Gemini CLI: the same",
    note: Some("Gemini CLI reads it when it starts, in a folder that it trusts."),
    needs: Needs::Files(files),
};

/// Events whose timeouts are in milliseconds.
const HOOKS: Hooks = Hooks {
    command: "ghp hook gemini",
    shape: Shape::Named,
    comments: true,
    events: &[
        hook("SessionStart", None),
        hook("BeforeAgent", None),
        hook("BeforeTool", Some("write_file|replace")),
        hook("AfterTool", Some(".*")),
        hook("Notification", None),
        hook("AfterAgent", None),
        hook("SessionEnd", None),
    ],
};

const fn hook(event: &'static str, matcher: Option<&'static str>) -> Hook {
    Hook {
        event,
        matcher,
        timeout: 10_000,
    }
}

fn files(site: &Site) -> Result<Vec<Part>> {
    Ok(vec![Part {
        root: site.worktree()?.to_owned(),
        path: ".gemini/settings.json",
        mode: 0o644,
        put: |text| HOOKS.put(text),
        take: |text| HOOKS.take(text),
    }])
}
