//! The same request by argv and over MCP gives the same bytes.

use serde_json::{Value, json};

use super::{Client, Revision, scene};
use crate::support::{Playground, Repo};

/// The scene at work: a question, a group, a memory.
fn busy_scene(playground: &Playground) -> Repo<'_> {
    let repo = scene(playground);
    repo.agent("worker-1", &["heartbeat", "-i", "1", "-m", "At work"])
        .ok();
    repo.agent("worker-2", &["status", "set", "testing", "-i", "2"])
        .ok();
    repo.agent(
        "worker-1",
        &["escalate", "Which store?", "-o", "A", "-o", "B"],
    )
    .ok();
    repo.agent("worker-1", &["group", "join", "team"]).ok();
    repo.agent("worker-1", &["group", "share", "port=8080"])
        .ok();
    repo.agent(
        "worker-2",
        &["memory", "add", "Ports are shared", "--tag", "net"],
    )
    .ok();
    repo
}

#[test]
fn by_argv_and_over_mcp_the_answer_is_the_same_bytes() {
    let playground = Playground::new();
    let repo = busy_scene(&playground);
    for revision in [Revision::June2025, Revision::July2026] {
        let mut client = Client::of(&repo, "worker-1", revision);
        for (tool, arguments, words) in [
            ("agent_status", json!({}), "status"),
            (
                "agent_status",
                json!({"agents": ["worker-2"]}),
                "status worker-2",
            ),
            ("agent_status", json!({"issue": "#2"}), "status -i 2"),
            ("inbox", json!({"all": true}), "inbox -a"),
            ("next", json!({}), "next"),
            (
                "check",
                json!({"paths": ["src/a.rs", "README.md", "lib/b.rs"]}),
                "check src/a.rs README.md lib/b.rs",
            ),
            (
                "check",
                json!({"paths": ["README.md"], "explain": true, "branch": "x"}),
                "check README.md --explain --branch x",
            ),
            ("issue_show", json!({"issue": 1}), "issue show 1"),
            ("issue_list", json!({}), "issue list"),
            ("escalations", json!({}), "escalations"),
            ("approvals", json!({"all": true}), "approvals --all"),
            ("whoami", json!({}), "whoami"),
            ("prime", json!({}), "prime"),
            ("show", json!({"what": "team"}), "show team"),
            (
                "group_context",
                json!({"key": "port"}),
                "group context port",
            ),
            ("group_peers", json!({}), "group peers"),
            ("group_list", json!({}), "group list"),
            (
                "memory_search",
                json!({"query": ["ports"], "count": 3}),
                "memory search ports -n 3",
            ),
            (
                "config_get",
                json!({"key": "mainBranch", "showOrigin": true}),
                "config get mainBranch --show-origin",
            ),
            ("conflicts", json!({}), "conflicts"),
            ("doctor", json!({}), "doctor"),
            ("stale", json!({"after": "5m"}), "stale --after 5m"),
            ("handoffs", json!({}), "handoffs"),
            (
                "agent_heartbeat",
                json!({"message": "Still here"}),
                "heartbeat -m Still·here",
            ),
            // Refused.
            ("issue_show", json!({"issue": 99}), "issue show 99"),
            ("issue_show", json!({"issue": "x y"}), "issue show x·y"),
            (
                "agent_status",
                json!({"agents": ["worker-9"]}),
                "status worker-9",
            ),
            ("claim", json!({"issue": 2}), "claim 2"),
            ("agent_heartbeat", json!({"issue": 2}), "heartbeat -i 2"),
            (
                "resolve",
                json!({"id": "zzzz", "choice": "1"}),
                "resolve zzzz -c 1",
            ),
            (
                "assign",
                json!({"issue": 2, "to": "worker-1"}),
                "assign 2 worker-1",
            ),
            (
                "agent_status_set",
                json!({"status": "Not a word"}),
                "status set Not·a·word",
            ),
            (
                "group_share",
                json!({"name": "team", "values": ["port=1"], "ifVersion": 7}),
                "group share team port=1 --if-version 7",
            ),
            (
                "show",
                json!({"what": "nothing-like-it"}),
                "show nothing-like-it",
            ),
            ("memory_show", json!({"id": "zzzz"}), "memory show zzzz"),
            (
                "config_get",
                json!({"key": "coordination.stale"}),
                "config get coordination.stale",
            ),
        ] {
            // A dot stands for a space within a word.
            let words: Vec<String> = words
                .split(' ')
                .map(|word| word.replace('·', " "))
                .collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let typed = [&["--json", "--agent", "worker-1"][..], &words].concat();
            let run = repo.ghp(&typed);
            let result = client.call(tool, &arguments);
            let said = result["content"][0]["text"].as_str().expect("text");
            let is_error = run.json()["error"].is_object();
            assert_eq!(result["isError"] == true, is_error, "{words:?}: {result}");
            assert_eq!(said, said_by(&run.stdout, tool), "{words:?}");
            if !is_error {
                assert_eq!(result["structuredContent"], run.json(), "{words:?}");
            }
        }
        client.close();
    }
}

/// What the command line said. An argument that is a positional there has its place's name, not its option's.
fn said_by(stdout: &str, tool: &str) -> String {
    let option = match tool {
        "issue_show" => ("'[N]'", "'--issue <N>'"),
        "agent_status_set" => ("'[STATUS]'", "'--status <STATUS>'"),
        _ => ("", ""),
    };
    let words = match tool {
        // The verb's other name.
        "agent_status_set" => {
            stdout.replace("ghp status set --help", "ghp agent-status set --help")
        }
        _ => stdout.to_owned(),
    };
    words.trim_end().replace(option.0, option.1)
}

#[test]
fn what_a_tool_changes_is_what_the_command_changes() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard", "--scope", "src/**"])
        .ok();
    let mut client = Client::of(&repo, "worker-1", Revision::July2026);
    assert_eq!(client.ok("claim", &json!({"next": true}))["issue"], 1);
    client.ok(
        "agent_status_set",
        &json!({"status": "implementing", "message": "Began", "blockedOn": []}),
    );
    let entry = &repo.status()["agents"]["worker-1"];
    assert_eq!(entry["status"], "implementing");
    assert_eq!(entry["lastAction"], "Began");
    let asked = client.ok(
        "agent_escalate",
        &json!({"title": "Which store?", "option": ["A", "B"], "path": ["src/x.rs"], "message": "It\nmatters"}),
    );
    let id = asked["id"].as_str().expect("an id");
    let document = repo.read(&format!("escalations/{id}.md"));
    assert!(
        document.contains("from: worker-1") && document.contains("1. A"),
        "{document}"
    );
    client.ok("group_join", &json!({"name": "team"}));
    client.ok(
        "group_share",
        &json!({"agent": "worker-1", "values": ["port=8080"]}),
    );
    client.close();
}

#[test]
fn whoever_does_not_say_a_name_may_read_and_nothing_else() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "Dashboard"]).ok();
    let mut client = Client::open(repo.command(&["mcp"]), Revision::November2025);
    client.ok("agent_status", &json!({}));
    assert_eq!(
        client.ok("check", &json!({"paths": ["a"]}))["verdict"],
        "deny"
    );
    for (tool, arguments) in [
        ("agent_heartbeat", json!({})),
        ("claim", json!({"issue": 1})),
        ("agent_escalate", json!({"title": "x"})),
        ("issue_new", json!({"title": "x"})),
        ("answer", json!({"id": "1"})),
    ] {
        let error = client.refused(tool, &arguments);
        assert_eq!(error["code"], "NO_AGENT", "{tool}: {error}");
    }
    // Each call may say a name, and the human's is one.
    client.ok("claim", &json!({"issue": 1, "agent": "worker-3"}));
    client.ok("issue_new", &json!({"title": "x", "agent": "human"}));
    assert_eq!(
        client.refused("agent_heartbeat", &json!({"agent": "Not a name"}))["code"],
        "USAGE"
    );
    assert_eq!(
        client.refused("agent_heartbeat", &json!({"agent": 7}))["code"],
        "USAGE"
    );
    client.close();
    // The environment and the label say it as well as the option.
    let mut command = repo.command(&["mcp"]);
    command.env("GHP_AGENT", "worker-4");
    let mut client = Client::open(command, Revision::June2025);
    assert_eq!(client.ok("whoami", &json!({}))["agent"], "worker-4");
    client.close();
}

#[test]
fn a_name_that_is_said_does_not_lend_the_servers_rights() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-2", &["status", "set", "testing"]).ok();
    let mut client = Client::of(&repo, "worker-1", Revision::July2026);
    let set = json!({"agent": "worker-2", "status": "done"});
    assert_eq!(
        client.refused("agent_status_set", &set)["code"],
        "NOT_AUTHORISED"
    );
    assert_eq!(repo.status()["agents"]["worker-2"]["status"], "testing");
    client.close();
}

#[test]
fn prompts_say_who_one_is_and_keep_others_words_apart() {
    let playground = Playground::new();
    let repo = busy_scene(&playground);
    let mut client = Client::of(&repo, "worker-1", Revision::July2026);
    let mut get = |name: &str, arguments: Value| {
        let answer = client.request("prompts/get", json!({"name": name, "arguments": arguments}));
        answer.get("result").cloned().unwrap_or(answer)
    };
    let prime = get("prime", json!({}));
    let text = prime["messages"][0]["content"]["text"]
        .as_str()
        .expect("text");
    assert!(text.starts_with("ghp: you are worker-1"), "{text}");
    let review = get("review", json!({"issue": "#1"}));
    let ours = review["messages"][0]["content"]["text"]
        .as_str()
        .expect("text");
    assert!(ours.contains("#1") && !ours.contains("Dashboard"), "{ours}");
    let theirs = &review["messages"][1]["content"]["resource"];
    assert_eq!(theirs["uri"], "ghp://issues/1");
    assert!(
        theirs["text"]
            .as_str()
            .is_some_and(|text| text.contains("Dashboard")),
        "{theirs}"
    );
    let handoff = get("handoff", json!({"to": "worker-2"}));
    assert!(handoff.to_string().contains("agent_handoff"), "{handoff}");
    assert_eq!(get("review", json!({}))["error"]["code"], -32602);
    assert_eq!(
        get("review", json!({"issue": "99"}))["error"]["code"],
        -32602
    );
    assert_eq!(
        get("handoff", json!({"to": "x; reboot"}))["error"]["code"],
        -32602
    );
    assert_eq!(get("nonsense", json!({}))["error"]["code"], -32602);
}

#[test]
fn it_is_an_agent_runtime_for_goals() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-1", &["group", "join", "team"]).ok();
    let mut client = Client::of(&repo, "worker-1", Revision::November2025);
    let goal = client.ok(
        "create_goal",
        &json!({"name": "Ten users", "description": "See the dashboard", "metadata": {"weight": [1, {"a": null}]}, "group": "team"}),
    );
    assert_eq!(goal["metadata"]["weight"], json!([1, {"a": null}]));
    let id = goal["id"].clone();
    client.ok(
        "update_goal",
        &json!({"goal_id": id, "status": "completed"}),
    );
    assert_eq!(
        client.ok("get_goal", &json!({"goal_id": id}))["status"],
        "completed"
    );
    let listed = client.ok("list_goals", &json!({"status": "completed"}));
    assert_eq!(listed["goals"][0]["id"], id, "{listed}");
    assert_eq!(
        client.refused("get_goal", &json!({"goal_id": "zzzz"}))["code"],
        "NOT_FOUND"
    );
    assert_eq!(
        client.refused("create_goal", &json!({"name": "x", "metadata": [1]}))["code"],
        "USAGE"
    );
    client.close();
}

#[test]
fn a_task_goes_to_an_agent_and_its_answer_comes_back() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.agent("worker-2", &["heartbeat"]).ok();
    let mut chief = Client::of(&repo, "lead", Revision::July2026);
    let mut worker = Client::of(&repo, "worker-2", Revision::June2025);
    let waiting = chief.begin(
        "delegate",
        &json!({"to": "worker-2", "text": "How many?", "wait": true}),
    );
    let next = worker.ok("next", &json!({"wait": true}));
    assert_eq!(next["item"]["kind"], "task", "{next}");
    worker.ok("task_take", &json!({"id": next["item"]["id"]}));
    worker.ok("done", &json!({"message": "Seven"}));
    let answer = chief.answer(waiting);
    assert!(
        answer["result"]["structuredContent"]
            .to_string()
            .contains("Seven"),
        "{answer}"
    );
    chief.close();
    worker.close();
}

#[test]
fn warnings_come_beside_the_answer() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["issue", "new", "First"]).ok();
    repo.write("issues/2.md", "---\ntitle: [\n---\n");
    let warned = repo.ghp(&["issue", "list", "--json"]).ok();
    assert!(warned.stderr.starts_with("warning: "), "{warned}");
    let mut client = Client::of(&repo, "worker-1", Revision::July2026);
    let result = client.call("issue_list", &json!({}));
    assert_eq!(result["structuredContent"], warned.json());
    let warning = result["content"][1]["text"].as_str().expect("a warning");
    assert!(
        warning.starts_with("warning: ") && warning.contains("issues/2.md"),
        "{result}"
    );
    client.close();
}
