//! Claude Code: `.claude/settings.json` of the worktree.

use serde_json::json;

use super::hooks::{Hooks, Shape};
use super::server::Servers as InJson;
use super::{Needs, Part, Reach, Servers, Site, Target};
use crate::domain::harness::CLAUDE;
use crate::error::Result;

pub(super) const TARGET: Target = Target {
    name: "claude",
    gives: "Claude Code: edits checked, heartbeats, context at the start",
    note: Some(
        "Claude Code reads it when a session starts. Where ghp is not on its PATH it shows a notice and goes on.",
    ),
    needs: Needs::Files(files),
    servers: Some(Servers {
        gives: "Claude Code: the commands as tools (.mcp.json)",
        note: "Claude Code asks at its next start whether to use it; `claude mcp list` says how it stands.",
        files: servers,
    }),
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

const SERVERS: InJson = InJson {
    list: "mcpServers",
    entry: || json!({ "type": "stdio", "command": "ghp", "args": ["mcp"] }),
    comments: false,
};

fn servers(site: &Site, reach: Reach) -> Result<Vec<Part>> {
    Ok(vec![Part {
        root: site.root(reach)?,
        path: match reach {
            Reach::Worktree => ".mcp.json",
            Reach::Person => ".claude.json",
        },
        mode: 0o644,
        put: |text| SERVERS.put(text),
        take: |text| SERVERS.take(text),
    }])
}
