//! opencode: a plugin of ours in `.opencode/plugins/` of the worktree.

use serde_json::json;

use super::server::Servers as InJson;
use super::{Needs, Part, Reach, Refusal, Servers, Site, Target};
use crate::error::Result;

pub(super) const TARGET: Target = Target {
    name: "opencode",
    gives: "opencode: the same, by a small plugin",
    note: Some("opencode loads it when it starts."),
    needs: Needs::Files(files),
    servers: Some(Servers {
        gives: "opencode: the same (opencode.json)",
        note: "opencode starts it with itself; `opencode mcp list` says how it stands.",
        files: servers,
    }),
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

const SERVERS: InJson = InJson {
    list: "mcp",
    entry: || json!({ "type": "local", "command": ["ghp", "mcp"], "enabled": true }),
    comments: true,
};

fn servers(site: &Site, reach: Reach) -> Result<Vec<Part>> {
    let root = site.root(reach)?;
    let (plain, commented) = match reach {
        Reach::Worktree => ("opencode.json", "opencode.jsonc"),
        Reach::Person => (
            ".config/opencode/opencode.json",
            ".config/opencode/opencode.jsonc",
        ),
    };
    // It reads both; a second one would only be confusing.
    let has_commented = root.join(commented).exists() && !root.join(plain).exists();
    Ok(vec![Part {
        root,
        path: if has_commented { commented } else { plain },
        mode: 0o644,
        put: |text| SERVERS.put(text),
        take: |text| SERVERS.take(text),
    }])
}
