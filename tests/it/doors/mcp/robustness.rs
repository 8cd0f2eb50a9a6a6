//! One misbehaving request never ends the server, and standard output holds nothing but the protocol.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use super::{Client, Revision};
use crate::support::{Playground, finish};

#[test]
fn lines_that_are_no_requests_are_answered_and_the_next_one_is_served() {
    let playground = Playground::new();
    let repo = playground.repo();
    for revision in Revision::ALL {
        let mut client = Client::of(&repo, "worker-1", revision);
        for (line, code, id) in [
            ("{nonsense", -32700, Value::Null),
            ("\u{0}\u{1}\u{2}", -32700, Value::Null),
            ("[]", -32600, Value::Null),
            (
                r#"[{"jsonrpc":"2.0","id":90,"method":"ping"}]"#,
                -32600,
                Value::Null,
            ),
            ("7", -32600, Value::Null),
            (r#"{"jsonrpc":"2.0","id":91,"method":7}"#, -32600, json!(91)),
            (
                r#"{"jsonrpc":"2.0","id":"s","method":[]}"#,
                -32600,
                json!("s"),
            ),
            (
                r#"{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}"#,
                -32600,
                Value::Null,
            ),
        ] {
            client.raw(line);
            let answer = client.expect(line, |message| message["error"]["code"] == code);
            assert_eq!(answer["id"], id, "{line}: {answer}");
        }
        client.raw(b"\xff\xfe{}");
        client.expect("not UTF-8", |message| message["error"]["code"] == -32700);
        client.raw("");
        client.raw("[".repeat(100_000));
        client.expect("too deep", |message| message["error"]["code"] == -32700);
        let unknown = client.request("no/such/method", json!({}));
        assert_eq!(unknown["error"]["code"], -32601, "{unknown}");
        for params in [
            json!({"name": 7}),
            json!({"name": "check", "arguments": "paths"}),
            json!({"arguments": {}}),
        ] {
            let odd = client.request("tools/call", params);
            assert_eq!(odd["error"]["code"], -32602, "{odd}");
        }
        let tool = client.request(
            "tools/call",
            json!({"name": "agent_heartbeet", "arguments": {}}),
        );
        assert_eq!(tool["error"]["code"], -32602);
        assert!(tool.to_string().contains("agent_heartbeat"), "{tool}");
        client.notify("notifications/nonsense", json!({}));
        client.raw(r#"{"jsonrpc":"2.0","id":4711,"result":{}}"#);
        client.notify("notifications/cancelled", json!({"requestId": 4711}));
        client.ok("agent_heartbeat", &json!({}));
        client.close();
    }
}

#[test]
fn ids_are_handed_back_as_they_came() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut client = Client::of(&repo, "worker-1", Revision::November2025);
    for id in [
        json!(0),
        json!(-7),
        json!("a string"),
        json!(""),
        json!(9_007_199_254_740_993_i64),
    ] {
        client.raw(
            json!({"jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": {"name": "agent_status", "arguments": {}}})
            .to_string(),
        );
        client.expect("the id", |message| {
            message["id"] == id && message["result"].is_object()
        });
    }
    client.close();
}

#[test]
fn what_came_before_the_handshake_does_not_prevent_it() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut client = Client::start(
        repo.command(&["mcp", "--agent", "a"]),
        Revision::November2025,
    );
    client.raw("{nonsense");
    client.notify("notifications/initialized", json!({}));
    client.raw(r#"{"jsonrpc":"2.0","id":77,"result":{}}"#);
    let early = client.request("tools/list", json!({}));
    assert!(early["error"].is_object(), "{early}");
    let opened = client.request(
        "initialize",
        json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}),
    );
    assert_eq!(
        opened["result"]["protocolVersion"], "2025-11-25",
        "{opened}"
    );
    client.ok("agent_status", &json!({}));
    client.close();
}

#[test]
fn large_and_odd_arguments_are_refused_and_written_nowhere() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut client = Client::of(&repo, "worker-1", Revision::July2026);
    let large = "x".repeat(2 << 20);
    for (tool, arguments) in [
        ("agent_escalate", json!({"title": large})),
        ("agent_escalate", json!({"title": "a", "message": large})),
        ("agent_escalate", json!({"title": "a\u{0}b"})),
        ("agent_escalate", json!({"title": ["a"]})),
        ("agent_escalate", json!({"title": {"a": 1}})),
        ("agent_escalate", json!({"title": 7})),
        (
            "agent_escalate",
            json!({"title": "a", "option": "one", "nonsense": 1}),
        ),
        ("agent_escalate", json!({})),
        ("agent_escalate", json!({"title": "a", "wait": "soon"})),
        ("agent_escalate", json!({"title": "a", "wait": -1})),
        ("agent_escalate", json!({"title": "a", "issue": 1.5})),
        ("agent_escalate", json!({"title": "a", "issue": -1})),
        ("agent_heartbeat", json!({"every": "1s"})),
        ("check", json!({"stdin": true})),
        ("check", json!({"paths": true})),
    ] {
        let error = client.refused(tool, &arguments);
        assert_eq!(error["code"], "USAGE", "{tool}: {error}");
        assert!(
            error.to_string().len() < 2000,
            "an error repeats all it was given"
        );
    }
    // What looks like an option is a title.
    client.ok("agent_escalate", &json!({"title": "--wait"}));
    assert_eq!(
        std::fs::read_dir(repo.documents().join("escalations"))
            .expect("a folder")
            .count(),
        1
    );
    // Longer than any message may be.
    client.raw(
        json!({"jsonrpc": "2.0", "id": 1, "method": "x", "params": {"a": "y".repeat(17 << 20)}})
            .to_string(),
    );
    client.expect("a refusal", |message| message["error"]["code"] == -32600);
    client.ok("agent_status", &json!({}));
    client.close();
}

#[test]
fn a_file_named_dash_is_not_the_protocols_input() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut client = Client::of(&repo, "worker-1", Revision::November2025);
    client.call("agent_escalate", &json!({"title": "a", "file": "-"}));
    client.ok("agent_status", &json!({}));
    client.close();
}

#[test]
fn input_that_ends_in_the_middle_ends_it_in_order() {
    let playground = Playground::new();
    let repo = playground.repo();
    let client = Client::of(&repo, "worker-1", Revision::July2026);
    let mut client = client;
    for number in 0..30 {
        client.begin(
            "agent_heartbeat",
            &json!({"message": format!("Beat {number}")}),
        );
    }
    let input = client.input.as_mut().expect("open");
    input
        .write_all(br#"{"jsonrpc":"2.0","id":99,"meth"#)
        .expect("the server reads");
    let rest = client.close();
    // All that came whole is done and answered.
    let answered = rest
        .iter()
        .filter(|message| message["result"].is_object())
        .count();
    assert_eq!(answered, 30, "{rest:?}");
    repo.ghp(&["doctor"]).ok();
}

#[test]
fn a_client_that_reads_nothing_is_no_reason_to_stay() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut command = repo.command(&["mcp", "--agent", "worker-1"]);
    let mut server = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("ghp runs");
    let mut input = server.stdin.take().expect("piped");
    let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}});
    let list =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}})
            .to_string();
    // More answers than a pipe holds.
    for _ in 0..20 {
        writeln!(input, "{list}").expect("the server reads");
    }
    drop(input);
    let ended = server.wait().expect("our own child");
    assert_eq!(ended.code(), Some(0));
}

#[test]
fn a_closed_output_ends_it() {
    let playground = Playground::new();
    let repo = playground.repo();
    let mut command = repo.command(&["mcp"]);
    let mut server = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("ghp runs");
    drop(server.stdout.take());
    let mut input = server.stdin.take().expect("piped");
    writeln!(input, r#"{{"jsonrpc":"2.0","id":1,"method":"ping"}}"#).expect("the server reads");
    // Its input stays open; it ends all the same.
    assert_eq!(server.wait().expect("our own child").code(), Some(0));
    drop(input);
}

#[test]
fn eight_clients_at_once_lose_nothing() {
    let playground = Playground::new();
    let repo = playground.repo();
    std::thread::scope(|scope| {
        for worker in 0..8 {
            let repo = &repo;
            scope.spawn(move || {
                let revision = Revision::ALL[worker % 3];
                let mut client = Client::of(repo, &format!("worker-{worker}"), revision);
                let begun: Vec<i64> = (0..10)
                    .map(|beat| {
                        client.begin(
                            "agent_heartbeat",
                            &json!({"message": format!("Beat {beat}")}),
                        )
                    })
                    .collect();
                client.ok("issue_new", &json!({"title": format!("Issue of {worker}")}));
                for id in begun {
                    assert_ne!(client.answer(id)["result"]["isError"], true);
                }
                client.close();
            });
        }
    });
    let status = repo.status();
    assert_eq!(
        status["agents"].as_object().map_or(0, serde_json::Map::len),
        8,
        "{status}"
    );
    let issues = repo.ghp(&["issue", "list", "--json"]).ok().json();
    assert_eq!(
        issues["issues"].as_array().map_or(0, Vec::len),
        8,
        "{issues}"
    );
    finish(&mut repo.command(&["doctor"]), b"").ok();
}

#[test]
fn a_panic_ends_only_the_call_that_it_is_in() {
    let playground = Playground::new();
    let repo = playground.repo();
    playground.sow("panics");
    let mut client = Client::of(&repo, "worker-1", Revision::July2026);
    for _ in 0..3 {
        let error = client.refused("whoami", &json!({}));
        assert_eq!(error["code"], "FAILED", "{error}");
        client.ok("agent_heartbeat", &json!({}));
    }
    client.close();
}
