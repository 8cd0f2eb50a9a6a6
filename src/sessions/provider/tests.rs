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
fn a_turn_without_a_screen_goes_on_with_its_session() {
    let turn = |name: &str, turn| {
        let headless = named(name).and_then(|row| row.headless).expect("headless");
        headless(&asked(Some("Go"), Some("P")), turn).join(" ")
    };
    assert!(
        turn("claude", Turn::First("u-1")).starts_with("-p --output-format json --session-id u-1 ")
    );
    assert!(turn("claude", Turn::Next("u-1")).contains(" --resume u-1 "));
    assert!(turn("codex", Turn::Next("u-1")).ends_with("resume u-1 -- P\n\nGo"));
    assert!(turn("codex", Turn::First("u-1")).ends_with("/app/.git/ghp -- P\n\nGo"));
    assert!(turn("gemini", Turn::Next("3")).ends_with("--resume 3 --prompt=P\n\nGo"));
    assert!(turn("opencode", Turn::Next("ses_1")).contains("--session ses_1 -- P"));
    assert!(turn("aider", Turn::Next("")).contains("--restore-chat-history"));
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
