//! Cursor: `.cursor/hooks.json` of the worktree. From its documentation only.

use super::hooks::{Hook, Hooks, Shape};
use super::{Needs, Part, Site, Target};
use crate::error::Result;

pub(super) const TARGET: Target = Target {
    name: "cursor",
    gives: "Cursor: the same, by its documentation; not tried with a client",
    note: Some("Cursor reads it again when it is saved."),
    needs: Needs::Files(files),
};

/// Events whose timeouts are in seconds.
const HOOKS: Hooks = Hooks {
    command: "ghp hook cursor",
    shape: Shape::Flat,
    comments: false,
    events: &[
        hook("sessionStart", None),
        hook("beforeSubmitPrompt", None),
        hook(
            "preToolUse",
            Some("Write|Edit|MultiEdit|StrReplace|Delete|EditNotebook"),
        ),
        hook("postToolUse", None),
        hook("afterFileEdit", None),
        hook("stop", None),
        hook("sessionEnd", None),
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
        path: ".cursor/hooks.json",
        mode: 0o644,
        put: |text| HOOKS.put(text),
        take: |text| HOOKS.take(text),
    }])
}
