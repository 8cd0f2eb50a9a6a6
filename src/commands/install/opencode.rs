//! opencode: a plugin of ours in `.opencode/plugins/` of the worktree.

use super::{Needs, Part, Refusal, Site, Target};
use crate::error::Result;

pub(super) const TARGET: Target = Target {
    name: "opencode",
    gives: "opencode: the same, by a small plugin",
    note: Some("opencode loads it when it starts."),
    needs: Needs::Files(files),
};

/// The plugin.
const PLUGIN: &str = include_str!("opencode.js");
/// How every version of it begins.
const FIRST_LINE: &str = "// ghp: ";

fn files(site: &Site) -> Result<Vec<Part>> {
    Ok(vec![Part {
        root: site.worktree()?.to_owned(),
        path: ".opencode/plugins/ghp.js",
        mode: 0o644,
        put: |text| match text {
            Some(text) if !text.starts_with(FIRST_LINE) => Err(Refusal::Foreign),
            _ => Ok(PLUGIN.to_owned()),
        },
        take: |text| {
            if text.starts_with(FIRST_LINE) {
                Ok(None)
            } else {
                Ok(Some(text.to_owned()))
            }
        },
    }])
}
