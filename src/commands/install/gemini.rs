//! Gemini CLI: `.gemini/settings.json` of the worktree.

use serde_json::json;

use super::hooks::{Hooks, Shape, hook};
use super::server::Servers as InJson;
use super::{Needs, Part, Reach, Servers, Site, Target};
use crate::error::Result;

pub(super) const TARGET: Target = Target {
    name: "gemini",
    gives: "Gemini CLI: the same",
    note: Some("Gemini CLI reads it when it starts, in a folder that it trusts."),
    needs: Needs::Files(files),
    servers: Some(Servers {
        gives: "Gemini CLI: the same (.gemini/settings.json)",
        note: "Gemini CLI starts it in a folder that it trusts; `gemini mcp list` says how it stands.",
        files: servers,
    }),
};

/// Events whose timeouts are in milliseconds.
const HOOKS: Hooks = Hooks {
    command: "ghp hook gemini",
    shape: Shape::Named,
    comments: true,
    events: &[
        hook("SessionStart", None, 10_000),
        hook("BeforeAgent", None, 10_000),
        hook("BeforeTool", Some("write_file|replace"), 10_000),
        hook("AfterTool", Some(".*"), 10_000),
        hook("Notification", None, 10_000),
        hook("AfterAgent", None, 10_000),
        hook("SessionEnd", None, 10_000),
    ],
};

fn files(site: &Site) -> Result<Vec<Part>> {
    Ok(vec![Part {
        root: site.worktree()?.to_owned(),
        path: ".gemini/settings.json",
        mode: 0o644,
        put: |text| HOOKS.put(text),
        take: |text| HOOKS.take(text),
    }])
}

const SERVERS: InJson = InJson {
    list: "mcpServers",
    entry: || json!({ "command": "ghp", "args": ["mcp"] }),
    comments: true,
};

fn servers(site: &Site, reach: Reach) -> Result<Vec<Part>> {
    Ok(vec![Part {
        root: site.root(reach)?,
        path: ".gemini/settings.json",
        mode: 0o644,
        put: |text| SERVERS.put(text),
        take: |text| SERVERS.take(text),
    }])
}
