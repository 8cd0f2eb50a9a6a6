//! Real clients, and the scripted models that they talk to on the loopback device.
//!
//! `tests/run` puts the clients into target/clients; where one is not, its tests are skipped and counted.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::{Playground, require, skip};

/// The model that Claude Code understands.
pub(crate) const ANTHROPIC: &str = "anthropic.js";
/// The one that Codex understands.
pub(crate) const RESPONSES: &str = "responses.js";

/// A scripted model; killed when it is dropped.
pub(crate) struct Model {
    server: Child,
    pub port: String,
    lines: Option<std::thread::JoinHandle<Vec<Value>>>,
}

impl Model {
    /// `fake`: which API it speaks, a file of tests/fakes.
    pub(crate) fn start(playground: &Playground, fake: &str, turns: &Value) -> Model {
        let script = playground.path().join("script.json");
        std::fs::write(&script, turns.to_string()).expect("a file");
        let fake = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fakes")
            .join(fake);
        let mut server = Command::new("node")
            .arg(fake)
            .arg(&script)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs");
        let mut said = BufReader::new(server.stdout.take().expect("piped"));
        let mut port = String::new();
        said.read_line(&mut port).expect("a port");
        let lines = std::thread::spawn(move || {
            let lines = said.lines().map_while(Result::ok);
            lines
                .filter_map(|line| serde_json::from_str(&line).ok())
                .collect()
        });
        Model {
            server,
            port: port.trim().to_owned(),
            lines: Some(lines),
        }
    }

    /// What the client told it, in the end.
    pub(crate) fn end(mut self) -> Vec<Value> {
        self.server.kill().expect("our own child");
        let lines = self.lines.take().expect("once");
        lines.join().expect("a reader")
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The installed Claude Code, when there is one; else the skip is said.
pub(crate) fn claude(what: &str) -> Option<PathBuf> {
    client(what, "@anthropic-ai", "claude")
}

/// The installed Codex, likewise: as it starts itself.
pub(crate) fn codex(what: &str) -> Option<PathBuf> {
    client(what, ".bin", "codex")
}

fn client(what: &str, scope: &str, program: &str) -> Option<PathBuf> {
    if !require("node", what) {
        return None;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients/node_modules");
    let folders = std::fs::read_dir(folder.join(scope)).into_iter().flatten();
    let paths = folders.flatten().map(|entry| entry.path());
    let found = paths
        .flat_map(|path| [path.join(program), path])
        .find(|path| path.ends_with(program) && path.is_file());
    if found.is_none() {
        skip(
            what,
            "the client is not in target/clients (tests/run puts it there)",
        );
    }
    found
}

/// Claude Code speaks to this model and to nobody else.
pub(crate) fn speaks_to(model: &Model, command: &mut Command) {
    command
        .env(
            "ANTHROPIC_BASE_URL",
            format!("http://127.0.0.1:{}", model.port),
        )
        .env("ANTHROPIC_API_KEY", "sk-ant-no-key-at-all")
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        .env("DISABLE_AUTOUPDATER", "1");
}
