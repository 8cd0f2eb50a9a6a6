use std::path::Path;

use super::*;

/// The recorded events of a harness: file name without ending, bytes.
fn recorded(harness: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/hooks")
        .join(harness);
    let mut found: Vec<_> = std::fs::read_dir(&folder)
        .expect("fixtures")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read(&path).expect("a fixture"))
        })
        .collect();
    found.sort();
    found
}

fn harness(name: &str) -> &'static Harness {
    HARNESSES.iter().find(|one| one.name == name).expect(name)
}

/// What an event means, and the files it is about.
fn meaning(name: &str, bytes: &[u8]) -> Option<(What, Vec<String>)> {
    let payload = Payload::parse(bytes).expect("JSON");
    let reading = (harness(name).read)(&payload)?;
    Some((reading.what, reading.paths))
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of every event")]
fn recorded_events_are_understood() {
    let file = "/home/ana/app/src/new.txt";
    for (name, expected) in [
        (
            "claude",
            &[
                ("Notification", Some(What::Asked), ""),
                ("PermissionRequest", Some(What::Asked), ""),
                ("PostToolUse", Some(What::AfterTool), file),
                ("PreToolUse", Some(What::BeforeEdit), file),
                ("PreToolUse-Bash", None, ""),
                ("PreToolUse-Edit", Some(What::BeforeEdit), file),
                (
                    "PreToolUse-NotebookEdit",
                    Some(What::BeforeEdit),
                    "/home/ana/app/a.ipynb",
                ),
                ("SessionEnd", Some(What::End), ""),
                ("SessionEnd-clear", None, ""),
                ("SessionStart", Some(What::Start), ""),
                ("SessionStart-clear", Some(What::Start), ""),
                ("SessionStart-compact", Some(What::Compacted), ""),
                ("Stop", Some(What::Stop), ""),
                ("Stop-active", Some(What::StopAgain), ""),
                ("SubagentStop", Some(What::Alive), ""),
                ("UserPromptSubmit", Some(What::Prompt), ""),
            ][..],
        ),
        (
            "codex",
            &[
                ("Interrupt", Some(What::Halt), ""),
                ("PermissionRequest", Some(What::Asked), ""),
                ("PostToolUse", Some(What::AfterTool), file),
                ("PreToolUse", Some(What::BeforeEdit), file),
                ("PreToolUse-Bash", None, ""),
                (
                    "PreToolUse-move",
                    Some(What::BeforeEdit),
                    "src/old.rs src/new.rs docs/a b.md gone.rs",
                ),
                ("SessionEnd", Some(What::End), ""),
                ("SessionStart", Some(What::Start), ""),
                ("Stop", Some(What::Stop), ""),
                ("UserPromptSubmit", Some(What::Prompt), ""),
            ],
        ),
        (
            "gemini",
            &[
                ("AfterAgent", Some(What::Stop), ""),
                ("AfterTool", Some(What::AfterTool), file),
                ("BeforeAgent", Some(What::Prompt), ""),
                ("BeforeTool", Some(What::BeforeEdit), file),
                ("Notification", Some(What::Asked), ""),
                ("SessionEnd", Some(What::End), ""),
                ("SessionStart", Some(What::Start), ""),
            ],
        ),
        (
            "opencode",
            &[
                ("chat.message", Some(What::Prompt), ""),
                ("permission.asked", Some(What::Asked), ""),
                ("session.created", Some(What::Start), ""),
                ("session.deleted", Some(What::End), ""),
                ("session.idle", Some(What::Stop), ""),
                ("tool.execute.after", Some(What::AfterTool), file),
                ("tool.execute.before", Some(What::BeforeEdit), file),
            ],
        ),
        (
            "cursor",
            &[
                ("afterFileEdit", Some(What::AfterTool), file),
                ("beforeSubmitPrompt", Some(What::Prompt), ""),
                ("postToolUse", Some(What::AfterTool), file),
                ("preToolUse", Some(What::BeforeEdit), file),
                ("sessionEnd", Some(What::End), ""),
                ("sessionStart", Some(What::Start), ""),
                ("stop", Some(What::Stop), ""),
            ],
        ),
    ] {
        let recorded = recorded(name);
        let names: Vec<&str> = recorded.iter().map(|(event, _)| event.as_str()).collect();
        let known: Vec<&str> = expected.iter().map(|(event, _, _)| *event).collect();
        assert_eq!(names, known, "{name}");
        for ((event, bytes), (_, what, paths)) in recorded.iter().zip(expected) {
            let found = meaning(name, bytes);
            assert_eq!(
                found.as_ref().map(|(what, _)| *what),
                *what,
                "{name} {event}"
            );
            let found = found.map(|(_, paths)| paths.join(" ")).unwrap_or_default();
            assert_eq!(found, *paths, "{name} {event}");
            let payload = Payload::parse(bytes).expect("JSON");
            assert!(payload.session().is_some(), "{name} {event}");
            assert_eq!(
                payload.cwd().as_deref(),
                Some(Path::new("/home/ana/app")),
                "{name} {event}"
            );
        }
    }
}

#[test]
fn an_answer_is_in_the_harnesss_own_form() {
    let why = || Answer::Refusal("why".to_owned());
    for (name, pointer) in [
        ("claude", "/hookSpecificOutput/permissionDecision"),
        ("codex", "/hookSpecificOutput/permissionDecision"),
        ("gemini", "/decision"),
        ("cursor", "/permission"),
    ] {
        let said = (harness(name).say)(What::BeforeEdit, why()).expect(name);
        assert_eq!(
            said.pointer(pointer),
            Some(&"deny".into()),
            "{name}: {said}"
        );
    }
    let said = (harness("opencode").say)(What::BeforeEdit, why()).expect("a refusal");
    assert_eq!(said["deny"], "why");
    for harness in HARNESSES {
        assert!((harness.say)(What::BeforeEdit, Answer::Silence).is_none());
        let said = (harness.say)(What::Stop, Answer::GoOn("more".to_owned())).expect(harness.name);
        assert!(said.to_string().contains("more"), "{said}");
        let said = (harness.say)(What::Start, Answer::Context("you are".to_owned()));
        assert!(said.expect(harness.name).to_string().contains("you are"));
    }
}

#[test]
fn odd_fields_are_no_fields() {
    let odd = br#"{"hook_event_name":"PreToolUse","session_id":{"a":[1,{}]},"cwd":7,"tool_name":"Write",
        "tool_input":{"content":"\ud800","file_path":["/a","/b"],"x":{"y":[null,true,1e999]}},"stop_hook_active":"yes"}"#;
    let payload = Payload::parse(odd).expect("JSON");
    assert_eq!((payload.session(), payload.cwd()), (None, None));
    assert_eq!(
        meaning("claude", odd),
        Some((What::BeforeEdit, vec!["/a".to_owned()]))
    );
    for input in [
        "null",
        "\"text\"",
        "[{}]",
        "7",
        "true",
        "{\"file_path\":null}",
        "{\"file_path\":\"\"}",
    ] {
        let event = format!(
            r#"{{"hook_event_name":"PreToolUse","tool_name":"Write","tool_input":{input}}}"#
        );
        assert_eq!(
            meaning("claude", event.as_bytes()),
            Some((What::BeforeEdit, Vec::new())),
            "{input}"
        );
    }
    for bad in ["", "[]", "null", "7", "{", "{\"cwd\":}", "\u{feff}{}"] {
        assert!(Payload::parse(bad.as_bytes()).is_err(), "{bad}");
    }
    assert!(Payload::parse(b"{\"cwd\":\"\xff\"}").is_err());
    let deep = |open: &str, close: &str| {
        let text = format!(
            "{{\"tool_input\":{}1{}}}",
            open.repeat(200_000),
            close.repeat(200_000)
        );
        // Either way, but no end of the stack.
        drop(Payload::parse(text.as_bytes()));
    };
    deep("[", "]");
    deep("{\"file_path\":", "}");
    deep("{\"a\":", "}");
}

#[test]
fn the_command_line_is_read_without_a_parser() {
    let read = |line: &str| call(line.split(' ').map(OsString::from));
    let claude = read("ghp hook claude").expect("a call");
    assert_eq!(claude.harness.as_deref(), Some("claude"));
    let more = read("ghp -C /x --json --agent=a hook --nonsense claude -t b").expect("a call");
    assert_eq!(more.directory.as_deref(), Some(Path::new("/x")));
    assert_eq!(
        (more.harness.as_deref(), more.agent.as_deref()),
        (Some("claude"), Some("b"))
    );
    assert_eq!(read("ghp hook"), Some(Call::default()));
    for other in [
        "ghp",
        "ghp status hook",
        "ghp hook --help",
        "ghp -h hook",
        "ghp -C hook status",
        "ghp help hook",
    ] {
        assert_eq!(read(other), None, "{other}");
    }
}
