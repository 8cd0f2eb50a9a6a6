//! Codex: hooks.json, as run by version 0.169. Its events are Claude Code's; files are changed by one tool, whose input
//! is a patch.

use super::payload::Payload;
use super::{Harness, Reading, claude};
use crate::domain::harness::patched_paths;

pub(super) const HARNESS: Harness = Harness {
    name: "codex",
    hears_at_edit: false,
    read,
    say: claude::say,
};

fn read(payload: &Payload) -> Option<Reading> {
    claude::read_with(payload, |tool| {
        let patch = payload.tool_input.first(&["command"]).unwrap_or_default();
        (tool == "apply_patch").then(|| {
            patched_paths(patch)
                .into_iter()
                .map(str::to_owned)
                .collect()
        })
    })
}
