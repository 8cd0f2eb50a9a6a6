//! The agents' door: the real server, spoken to line by line.

mod calls;
mod clients;
mod lifecycle;
mod notices;
mod resources;
mod robustness;
mod roots;
mod waits;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use serde_json::{Value, json};

use super::share;
use crate::support::{PATIENCE, Playground, Repo};

/// A revision of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Revision {
    June2025,
    November2025,
    July2026,
}

impl Revision {
    const ALL: [Revision; 3] = [
        Revision::June2025,
        Revision::November2025,
        Revision::July2026,
    ];

    fn date(self) -> &'static str {
        match self {
            Revision::June2025 => "2025-06-18",
            Revision::November2025 => "2025-11-25",
            Revision::July2026 => "2026-07-28",
        }
    }
}

/// A repository with an issue of worker-1's, Dashboard, and one of worker-2's, Metrics; README.md is shared.
fn scene(playground: &Playground) -> Repo<'_> {
    let repo = playground.repo();
    share(&repo, "README.md");
    for (title, scope, agent) in [
        ("Dashboard", "src/**", "worker-1"),
        ("Metrics", "lib/**", "worker-2"),
    ] {
        repo.ghp(&["issue", "new", title, "--scope", scope, "--assign", agent])
            .ok();
    }
    repo
}

/// A client of our own.
struct Client {
    server: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
    /// What came that nobody has asked for yet.
    kept: Vec<Value>,
    revision: Revision,
    last_id: i64,
}

impl Client {
    /// A server of this repository for an agent, with the session opened.
    fn of(repo: &Repo, agent: &str, revision: Revision) -> Client {
        Client::open(repo.command(&["mcp", "--agent", agent]), revision)
    }

    /// The same with other words.
    fn open(command: Command, revision: Revision) -> Client {
        let mut client = Client::start(command, revision);
        if revision != Revision::July2026 {
            let opened = client.request(
                "initialize",
                json!({"protocolVersion": revision.date(), "capabilities": {},
                       "clientInfo": {"name": "ours", "version": "1"}}),
            );
            assert_eq!(
                opened["result"]["protocolVersion"],
                revision.date(),
                "{opened}"
            );
            client.notify("notifications/initialized", json!({}));
        }
        client
    }

    /// A server that has heard nothing yet.
    fn start(mut command: Command, revision: Revision) -> Client {
        let mut server = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("ghp runs");
        let output = BufReader::new(server.stdout.take().expect("piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let message = serde_json::from_str(&line);
                let message = message.unwrap_or_else(|_| json!({"notProtocol": line}));
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Client {
            input: server.stdin.take(),
            server,
            lines,
            kept: Vec::new(),
            revision,
            last_id: 0,
        }
    }

    /// Sends a line as it is.
    fn raw(&mut self, line: impl AsRef<[u8]>) {
        let input = self.input.as_mut().expect("open");
        input.write_all(line.as_ref()).expect("the server reads");
        input.write_all(b"\n").expect("the server reads");
        input.flush().expect("the server reads");
    }

    fn notify(&mut self, method: &str, params: Value) {
        self.raw(json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string());
    }

    /// Sends a request and returns its id.
    fn send(&mut self, method: &str, mut params: Value) -> i64 {
        self.last_id += 1;
        if self.revision == Revision::July2026 {
            params["_meta"]["io.modelcontextprotocol/protocolVersion"] =
                self.revision.date().into();
            params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
            params["_meta"]["io.modelcontextprotocol/clientInfo"] =
                json!({"name": "ours", "version": "1"});
        }
        let id = self.last_id;
        self.raw(
            json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string(),
        );
        id
    }

    /// The first message that is like this; the others are kept.
    #[track_caller]
    fn expect(&mut self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&is) {
            return self.kept.remove(at);
        }
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(message) if is(&message) => return message,
                Ok(message) => self.kept.push(message),
                Err(why) => panic!("no {what} ({why}); but {:?}", self.kept),
            }
        }
    }

    /// The answer to a request.
    #[track_caller]
    fn answer(&mut self, id: i64) -> Value {
        self.expect(&format!("answer to {id}"), |message| message["id"] == id)
    }

    #[track_caller]
    fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        self.answer(id)
    }

    /// Calls a tool without waiting for its answer.
    fn begin(&mut self, tool: &str, arguments: &Value) -> i64 {
        let params = json!({"name": tool, "arguments": arguments, "_meta": {"progressToken": format!("p-{tool}")}});
        self.send("tools/call", params)
    }

    /// What a tool answers.
    #[track_caller]
    fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let id = self.begin(tool, arguments);
        let answer = self.answer(id);
        let result = answer["result"].clone();
        assert!(result.is_object(), "{tool}: {answer}");
        result
    }

    /// The text of what a tool answers well.
    #[track_caller]
    fn ok(&mut self, tool: &str, arguments: &Value) -> Value {
        let result = self.call(tool, arguments);
        assert_ne!(result["isError"], true, "{tool}: {result}");
        let text = result["content"][0]["text"].as_str().expect("text");
        let said: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(said, result["structuredContent"], "{tool}");
        said
    }

    /// The error of what a tool refuses.
    #[track_caller]
    fn refused(&mut self, tool: &str, arguments: &Value) -> Value {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], true, "{tool}: {result}");
        let text = result["content"][0]["text"].as_str().expect("text");
        serde_json::from_str::<Value>(text).expect("JSON")["error"].clone()
    }

    /// Closes the server's input; it must end by itself with this code.
    #[track_caller]
    fn close(mut self) -> Vec<Value> {
        drop(self.input.take());
        let until = Instant::now() + PATIENCE;
        let mut rest = std::mem::take(&mut self.kept);
        while let Ok(message) = self
            .lines
            .recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            rest.push(message);
        }
        assert!(Instant::now() < until, "it still runs");
        let ended = self.server.wait().expect("our own child");
        assert_eq!(ended.code(), Some(0));
        for message in &rest {
            assert_eq!(message["notProtocol"], Value::Null, "{message}");
        }
        rest
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
