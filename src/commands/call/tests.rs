//! Every row: its names, and that its parser is sound; what is said by JSON is what is said by words.

use std::collections::BTreeSet;

use clap::Command;
use serde_json::{Map, Value, json};

use super::{CALLS, Call, arguments, property};
use crate::error::Kind;

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("an object")
}

fn call(name: &str) -> &'static Call {
    CALLS.iter().find(|call| call.name == name).expect(name)
}

/// What the parser makes of a call: the words behind each argument.
fn parsed(name: &str, said: &Value) -> Result<String, crate::error::Error> {
    let call = call(name);
    let matches = arguments::parse(call.command(), name, object(said))?;
    let ids = matches
        .ids()
        .map(clap::Id::as_str)
        .filter(|id| *id != "Args");
    let ids: BTreeSet<&str> = ids.collect();
    let words = ids.into_iter().filter_map(|id| {
        let values = matches.get_raw(id)?.map(|word| word.to_string_lossy());
        Some(format!("{id}={}", values.collect::<Vec<_>>().join(",")))
    });
    Ok(words.collect::<Vec<_>>().join(" "))
}

#[test]
fn every_row_is_sound_and_names_its_arguments_as_the_command_line_does() {
    let mut names = BTreeSet::new();
    for call in CALLS {
        assert!(names.insert(call.name), "{} comes twice", call.name);
        assert!(!call.about().is_empty(), "{}", call.name);
        call.command().debug_assert();
        let typed = (call.args)(Command::new("x"));
        let typed: BTreeSet<String> = typed
            .get_arguments()
            .filter(|arg| !call.hidden.contains(&arg.get_id().as_str()))
            .map(property::name)
            .collect();
        let schema = call.schema();
        let properties: BTreeSet<String> = object(&schema["properties"]).keys().cloned().collect();
        assert_eq!(typed, properties, "{}", call.name);
        // The doors' own.
        assert!(!properties.contains("agent"), "{}", call.name);
        for (name, property) in object(&schema["properties"]) {
            assert!(property["description"].is_string(), "{} {name}", call.name);
        }
        for hidden in call.hidden {
            let command = (call.args)(Command::new("x"));
            assert!(
                command.get_arguments().any(|arg| arg.get_id() == hidden),
                "{} {hidden}",
                call.name
            );
        }
    }
}

#[test]
fn an_answers_schema_says_nothing_that_only_rust_knows() {
    for call in CALLS {
        let schema = Value::from(call.answer_schema().unwrap_or_default()).to_string();
        assert!(!schema.contains("\"uint"), "{}: {schema}", call.name);
    }
}

#[test]
fn arguments_are_named_as_the_long_option_or_the_positional() {
    let names = |name: &str| {
        let schema = call(name).schema();
        let names = object(&schema["properties"]).keys().cloned();
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        names("agent-escalate"),
        "title issue path option message file key to requestId wait"
    );
    assert_eq!(
        names("agent-status set"),
        "status issue message blockedOn role type objective goal wait"
    );
    assert_eq!(
        names("check"),
        "paths staged range branch documents explain"
    );
    assert_eq!(
        call("agent-escalate").schema()["required"],
        json!(["title"])
    );
    assert!(!call("claim").schema().contains_key("required"));
}

#[test]
fn json_says_what_words_say() {
    for (name, said, meant) in [
        (
            "agent-heartbeat",
            json!({"issue": 147, "message": "-x"}),
            "issue=147 message=-x",
        ),
        (
            "agent-heartbeat",
            json!({"issue": "#147", "message": null}),
            "issue=#147",
        ),
        (
            "claim",
            json!({"issue": "issue-147"}),
            "issue=issue-147 next=false",
        ),
        (
            "agent-status set",
            json!({"blockedOn": [3, "#4"]}),
            "blocked_on=3,#4",
        ),
        (
            "agent-status set",
            json!({"blockedOn": 3, "status": "blocked"}),
            "blocked_on=3 status=blocked",
        ),
        ("next", json!({"wait": true}), "wait=forever"),
        (
            "goal new",
            json!({"name": "x", "metadata": {"a": [1]}}),
            "metadata={\"a\":[1]} name=x",
        ),
        ("next", json!({"wait": false}), ""),
        ("next", json!({"wait": 90}), "wait=90"),
        ("next", json!({"wait": "20m"}), "wait=20m"),
        (
            "agent-escalate",
            json!({"title": "--wait", "option": ["a,b", "-c"]}),
            "options=a,b,-c title=--wait",
        ),
    ] {
        assert_eq!(parsed(name, &said).expect(name), meant, "{said}");
    }
}

#[test]
fn what_excludes_what_holds_for_programs_as_well() {
    for (name, said, complaint) in [
        (
            "claim",
            json!({"issue": 1, "next": true}),
            "cannot be used with",
        ),
        ("claim", json!({}), "required"),
        ("agent-escalate", json!({"message": "x"}), "--title"),
        (
            "agent-escalate",
            json!({"title": "x", "titel": "y"}),
            "no argument \"titel\"",
        ),
        (
            "agent-heartbeat",
            json!({"issue": true}),
            "an issue's number was expected",
        ),
        ("agent-heartbeat", json!({"issue": 0}), "is not an issue"),
        ("agent-heartbeat", json!({"message": ["x"]}), "is a list"),
        ("agent-heartbeat", json!({"message": "a\u{0}b"}), "NUL"),
        (
            "agent-heartbeat",
            json!({"message": "x".repeat(300 << 10)}),
            "at most",
        ),
        (
            "agent-heartbeat",
            json!({"every": "2m"}),
            "no argument \"every\"",
        ),
        (
            "agent-status set",
            json!({"role": "king"}),
            "possible values",
        ),
        ("next", json!({"wait": "soon"}), "not a duration"),
        (
            "goal new",
            json!({"name": "x", "metadata": [1]}),
            "an object was expected",
        ),
        (
            "goal new",
            json!({"name": "x", "metadata": "[1]"}),
            "no JSON object",
        ),
    ] {
        let error = parsed(name, &said).expect_err(name);
        assert_eq!(error.kind, Kind::Usage, "{said}");
        assert!(
            error.message.contains(complaint),
            "{said}: {}",
            error.message
        );
        assert!(error.next.is_some(), "{said}");
        assert!(error.message.len() < 600, "{said}");
    }
}
