//! Words and looks of the providers; the screens of Claude Code and Codex were recorded from them (`fixtures/screens`).

use serde_json::{Value, json};

use super::*;

fn asked<'a>(prompt: Option<&'a str>, persona: Option<&'a str>) -> Asked<'a> {
    Asked {
        prompt,
        persona,
        hook: "ghp hook claude",
        documents: Path::new("/app/.ghp"),
        local: Path::new("/app/.git/ghp"),
    }
}

#[test]
fn a_prompt_is_one_word_whatever_it_begins_with() {
    for row in PROVIDERS.iter().filter(|row| row.takes_prompt) {
        let words = (row.words)(&asked(Some("--version; $(x)\nline"), None));
        let holding: Vec<&String> = words
            .iter()
            .filter(|word| word.ends_with("--version; $(x)\nline"))
            .collect();
        assert_eq!(holding.len(), 1, "{}: {words:?}", row.name);
        let at = words.iter().position(|word| word == holding[0]);
        let behind = at.filter(|at| *at > 0).map(|at| words[at - 1].as_str());
        let is_safe = holding[0].starts_with("--prompt") || behind == Some("--");
        assert!(is_safe || row.name == "command", "{}: {words:?}", row.name);
        let none = (row.words)(&asked(None, None));
        assert!(!none.iter().any(|word| word == "--"), "{none:?}");
    }
}

#[test]
fn claude_gets_hooks_folders_and_persona_by_its_words() {
    let words = (named("claude").expect("a row").words)(&asked(Some("Go"), Some("Be brief.")));
    assert_eq!(words[0], "--settings");
    assert_eq!(
        words[2..],
        ["--append-system-prompt", "Be brief.", "--", "Go"]
    );
    let settings: Value = serde_json::from_str(&words[1]).expect("JSON");
    assert_eq!(
        settings["hooks"]["PreToolUse"],
        json!([{"matcher": "Edit|Write|MultiEdit|NotebookEdit",
                "hooks": [{"type": "command", "command": "ghp hook claude", "timeout": 10}]}])
    );
    assert_eq!(
        settings["sandbox"]["filesystem"]["allowWrite"],
        json!(["/app/.ghp", "/app/.git/ghp"])
    );
    assert_eq!(
        settings["permissions"]["additionalDirectories"],
        json!(["/app/.ghp"])
    );
}

#[test]
fn a_turn_without_a_screen_goes_on_with_its_conversation() {
    let turn = |name: &str, conversation| {
        let turn = Turn {
            conversation,
            goes_on: conversation.is_some(),
        };
        let (row, asked) = (named(name).expect("a row"), asked(Some("Go"), Some("P")));
        let input = row.headless.input.and_then(|input| input(&asked, turn));
        let words = (row.headless.words)(&asked, turn).join(" ");
        (words, input.unwrap_or_default())
    };
    let (words, input) = turn("claude", None);
    assert!(words.starts_with("-p --output-format stream-json --verbose --settings {"));
    assert!(words.ends_with(" --append-system-prompt P"));
    assert_eq!(input, "Go");
    let (words, input) = turn("claude", Some("u-1"));
    assert!(words.contains(" --resume u-1 --settings ") && input == "Go");
    let (words, input) = turn("codex", None);
    assert!(words.ends_with("/app/.git/ghp -") && input == "P\n\nGo");
    let (words, input) = turn("codex", Some("u-1"));
    assert!(words.ends_with(" resume u-1 -") && input == "Go");
    let words = |name, conversation| turn(name, conversation).0;
    assert!(words("gemini", None).ends_with("json --prompt=P\n\nGo"));
    assert!(words("gemini", Some("3")).ends_with("--resume 3 --prompt=Go"));
    assert!(words("opencode", Some("ses_1")).ends_with("--session ses_1 -- Go"));
    assert!(words("aider", Some("")).contains("--restore-chat-history"));
    assert_eq!(words("command", None), "P\n\nGo");
}

/// What a provider's output, line by line, tells: what is shown of it, and the rest.
fn told(name: &str, lines: &[Value]) -> (Vec<String>, Said) {
    let mut listener = Listener::new(named(name).expect("a row").headless.speech);
    let lines = lines.iter().map(Value::to_string);
    let mut shown: Vec<String> = lines.flat_map(|line| listener.line(&line)).collect();
    let (last, said) = listener.end();
    shown.extend(last);
    (shown, said)
}

#[test]
fn what_their_output_tells() {
    let id = "ba8e5f55-f20c-41ad-be10-b21cc9e78800";
    let says = |text: &str, below: Value| {
        json!({"type": "assistant", "message": {"role": "assistant", "content": [{"type": "text", "text": text}]},
               "parent_tool_use_id": below, "session_id": id})
    };
    let (shown, said) = told(
        "claude",
        &[
            json!({"type": "system", "subtype": "init", "session_id": id, "tools": []}),
            says("First.", Value::Null),
            says("A subagent's.", json!("toolu_1")),
            says("Last.", Value::Null),
            json!({"type": "result", "subtype": "success", "is_error": false, "result": "Last.", "session_id": id}),
        ],
    );
    assert_eq!(shown, ["First.", "Last."]);
    assert_eq!(said.conversation.as_deref(), Some(id));
    assert_eq!(
        (said.message.as_deref(), said.failed),
        (Some("Last."), None)
    );
    let (_, said) = told(
        "claude",
        &[
            json!({"type": "result", "subtype": "error_during_execution", "is_error": true,
                 "session_id": "--help", "errors": ["No conversation found"]}),
        ],
    );
    assert_eq!(
        (said.failed.as_deref(), said.conversation),
        (Some("No conversation found"), None)
    );
    let message = json!({"type": "item.completed", "item": {"id": "item_0", "type": "agent_message", "text": "Done."}});
    let (shown, said) = told(
        "codex",
        &[
            json!({"type": "thread.started", "thread_id": id}),
            json!({"type": "turn.started"}),
            json!({"type": "item.completed", "item": {"type": "command_execution", "text": "no message"}}),
            json!({"type": "error", "message": "Reconnecting... 1/5"}),
            message,
            json!({"type": "turn.completed", "usage": {}}),
        ],
    );
    assert_eq!(shown, ["Reconnecting... 1/5", "Done."]);
    assert_eq!(
        (said.message.as_deref(), said.failed),
        (Some("Done."), None)
    );
    assert_eq!(said.conversation.as_deref(), Some(id));
    let (_, said) = told(
        "codex",
        &[json!({"type": "turn.failed", "error": {"message": "quota"}})],
    );
    assert_eq!(said.failed.as_deref(), Some("quota"));
    let (shown, said) = told(
        "gemini",
        &[json!({"session_id": id, "response": "Done.", "stats": {}})],
    );
    assert_eq!(
        (shown, said.conversation.as_deref()),
        (vec!["Done.".to_owned()], Some(id))
    );
    let (_, said) = told(
        "opencode",
        &[
            json!({"type": "text", "sessionID": "ses_1", "part": {"type": "text", "text": "Done."}}),
            json!({"type": "error", "sessionID": "ses_1", "error": {"name": "UnknownError", "data": {"message": "quota"}}}),
        ],
    );
    assert_eq!(said.conversation.as_deref(), Some("ses_1"));
    assert_eq!(
        (said.message.as_deref(), said.failed.as_deref()),
        (Some("Done."), Some("quota"))
    );
    let mut any = Listener::new(Speech::Text);
    assert_eq!(any.line("{\"type\": \"x\"}"), ["{\"type\": \"x\"}"]);
    any.line("two");
    assert_eq!(
        any.end().1.message.as_deref(),
        Some("{\"type\": \"x\"}\ntwo")
    );
    // What is too long is cut, and no less an answer.
    let mut long = Listener::new(Speech::Text);
    long.line(&"é".repeat(1 << 20));
    long.line("more");
    let said = long.end().1.message.expect("an answer");
    assert_eq!(said.len(), (1 << 20) - 2);
    assert!(said.chars().all(|c| c == 'é'));
}

#[test]
fn screens_as_they_were_recorded() {
    for (name, screens) in [
        (
            "claude",
            &[
                ("trust", Some(Look::Waiting)),
                ("idle", Some(Look::Idle)),
                ("draft", Some(Look::Draft)),
                ("waiting", Some(Look::Waiting)),
                ("working", Some(Look::Working)),
                ("interrupted", Some(Look::Idle)),
            ][..],
        ),
        (
            "codex",
            &[
                ("asking", Some(Look::Waiting)),
                ("idle", Some(Look::Idle)),
                ("draft", Some(Look::Draft)),
                ("working", Some(Look::Working)),
                ("done", Some(Look::Idle)),
            ],
        ),
    ] {
        let look = named(name).expect("a row").look;
        for (screen, expected) in screens {
            let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join(format!("fixtures/screens/{name}/{screen}.txt"));
            let text = std::fs::read_to_string(path).expect("a fixture");
            assert_eq!(look(&text), *expected, "{name}/{screen}");
        }
        assert_eq!(look("$ "), None, "{name}");
    }
}

#[test]
fn screens_as_their_documentation_shows_them() {
    for (name, screen, expected) in [
        (
            "gemini",
            "⠏ Thinking (esc to cancel, 3s)\n│ >   Type your message or @path/to/file │",
            Some(Look::Working),
        ),
        (
            "gemini",
            "│ >   Type your message or @path/to/file │\n~/app   gemini-2.5-pro",
            Some(Look::Idle),
        ),
        (
            "gemini",
            "│ Allow execution? │\n│ ● 1. Yes, allow once │\n│ 2. No (esc) │",
            Some(Look::Waiting),
        ),
        (
            "opencode",
            "┃ Ask anything...\ntab agents  ctrl+p commands",
            Some(Look::Idle),
        ),
        (
            "opencode",
            "⬝⬝⬝■ esc interrupt\ntab agents  ctrl+p commands",
            Some(Look::Working),
        ),
        (
            "opencode",
            "△ Permission required\nAllow once   Reject",
            Some(Look::Waiting),
        ),
        ("aider", "Tokens: 1k sent\n\n────\n> ", Some(Look::Idle)),
        ("aider", "architect> ", Some(Look::Idle)),
        (
            "aider",
            "Add file to the chat? (Y)es/(N)o [Yes]: ",
            Some(Look::Waiting),
        ),
        ("aider", "░█ Waiting for model", None),
        ("command", "> ", None),
    ] {
        let look = named(name).expect("a row").look;
        assert_eq!(look(screen), expected, "{name}: {screen}");
    }
}

#[test]
fn own_providers_say_how_they_take_texts() {
    let own = |value: &Value| Own::parse(value);
    let goose = own(
        &json!({"command": ["goose", "run"], "prompt": "--text", "persona": "--system", "like": "claude"}),
    );
    let goose = goose.expect("a provider");
    assert_eq!(
        goose.words(&asked(Some("Go"), Some("P"))),
        ["run", "--system", "P", "--text", "Go"]
    );
    assert_eq!(goose.row().name, "claude");
    let bare = own(&json!({"command": ["x"]})).expect("a provider");
    assert_eq!(bare.words(&asked(Some("Go"), Some("P"))), ["P\n\nGo"]);
    assert!(bare.takes_prompt());
    let none = own(&json!({"command": ["x"], "prompt": "none"})).expect("a provider");
    assert!(none.words(&asked(Some("Go"), None)).is_empty() && !none.takes_prompt());
    for bad in [
        json!("x"),
        json!({}),
        json!({"command": []}),
        json!({"command": [""]}),
        json!({"command": ["x", 1]}),
        json!({"command": ["x"], "prompt": "text"}),
        json!({"command": ["x"], "like": "nobody"}),
        json!({"command": ["x"], "shell": "x"}),
    ] {
        assert!(own(&bad).is_err(), "{bad}");
    }
}
