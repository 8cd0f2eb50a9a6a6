//! Cursor: `.cursor/hooks.json` of the worktree. From its documentation only.

use serde_json::json;

use super::hooks::{Hooks, Shape, hook};
use super::server::Servers as InJson;
use super::{Needs, Part, Reach, Servers, Site, Target};
use crate::error::Result;

pub(super) const TARGET: Target = Target {
    name: "cursor",
    gives: "Cursor: the same, by its documentation; not tried with a client",
    note: Some("Cursor reads it again when it is saved."),
    needs: Needs::Files(files),
    servers: Some(Servers {
        gives: "Cursor: the same (.cursor/mcp.json), by its documentation; not tried with a client",
        note: "Cursor shows it in its settings, where it can be turned on.",
        files: servers,
    }),
};

/// Events whose timeouts are in seconds.
const HOOKS: Hooks = Hooks {
    command: "ghp hook cursor",
    shape: Shape::Flat,
    comments: false,
    events: &[
        hook("sessionStart", None, 10),
        hook("beforeSubmitPrompt", None, 10),
        hook(
            "preToolUse",
            Some("Write|Edit|MultiEdit|StrReplace|Delete|EditNotebook"),
            10,
        ),
        hook("postToolUse", None, 10),
        hook("afterFileEdit", None, 10),
        hook("stop", None, 10),
        hook("sessionEnd", None, 10),
    ],
};

fn files(site: &Site) -> Result<Vec<Part>> {
    Ok(vec![Part {
        root: site.worktree()?.to_owned(),
        path: ".cursor/hooks.json",
        mode: 0o644,
        put: |text| HOOKS.put(text),
        take: |text| HOOKS.take(text),
    }])
}

const SERVERS: InJson = InJson {
    list: "mcpServers",
    entry: || json!({ "command": "ghp", "args": ["mcp"] }),
    comments: false,
};

fn servers(site: &Site, reach: Reach) -> Result<Vec<Part>> {
    Ok(vec![Part {
        root: site.root(reach)?,
        path: ".cursor/mcp.json",
        mode: 0o644,
        put: |text| SERVERS.put(text),
        take: |text| SERVERS.take(text),
    }])
}
