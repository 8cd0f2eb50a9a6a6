use proptest::prelude::*;

use super::*;

const EVENTS: &[Hook] = &[
    Hook {
        event: "PreToolUse",
        matcher: Some("Edit|Write"),
        timeout: 10,
    },
    Hook {
        event: "Stop",
        matcher: None,
        timeout: 10,
    },
];

fn hooks(shape: Shape) -> Hooks {
    Hooks {
        command: "ghp hook x",
        events: EVENTS,
        shape,
        comments: shape == Shape::Named,
    }
}

#[track_caller]
fn ok<T>(result: Result<T, Refusal>) -> T {
    result.unwrap_or_else(|refusal| match refusal {
        Refusal::Malformed(why) => panic!("{why}"),
        Refusal::Foreign | Refusal::Taken => panic!("another's"),
    })
}

#[test]
fn a_new_file_comes_and_goes() {
    for shape in [Shape::Grouped, Shape::Named, Shape::Flat] {
        let hooks = hooks(shape);
        let text = ok(hooks.put(None));
        assert_eq!(ok(hooks.put(Some(&text))), text);
        assert_eq!(ok(hooks.take(&text)), None, "{text}");
    }
    let text = ok(hooks(Shape::Flat).put(None));
    assert!(text.ends_with("  },\n  \"version\": 1\n}\n"), "{text}");
}

#[test]
fn what_was_there_keeps_every_byte() {
    let user = r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"mine"}]}],"Other":[]}}"#;
    for shape in [Shape::Grouped, Shape::Named, Shape::Flat] {
        let hooks = hooks(shape);
        for text in [
            "{}",
            "{\n}\n",
            "{\n  \"model\": \"x\",\n  \"big\": 12345678901234567890123, \"f\": 1.0\n}\n",
            "{\"hooks\": {}}",
            "{\n  \"hooks\": {\n  }\n}",
            "{\"hooks\": {\"Stop\": []}}\n",
            "{\n\t\"hooks\": {\n\t\t\"Stop\": [\n\t\t\t{ \"command\": \"mine\" }\n\t\t]\n\t},\n\t\"version\": 1\n}\n",
            "{\r\n  \"a\": 1\r\n}\r\n",
            "{\n  \"version\": 1\n}\n",
            user,
        ] {
            let with = ok(hooks.put(Some(text)));
            assert_ne!(with, text);
            assert_eq!(ok(hooks.put(Some(&with))), with, "again: {text}");
            assert_eq!(ok(hooks.take(&with)).as_deref(), Some(text), "{with}");
            assert_eq!(ok(hooks.take(text)).as_deref(), Some(text));
        }
    }
}

#[test]
fn an_old_entry_is_replaced_and_a_shared_one_is_shared() {
    let hooks = hooks(Shape::Grouped);
    let new = ok(hooks.put(None));
    let old = new.replace("Edit|Write", "Edit");
    assert_eq!(ok(hooks.put(Some(&old))), new);
    let shared = r#"{"hooks":{"Stop":[{"hooks":[{"command":"mine"}, {"type":"command","command":"ghp hook x"}]}]}}"#;
    let taken = ok(hooks.take(shared)).expect("more is in it");
    assert_eq!(
        taken,
        r#"{"hooks":{"Stop":[{"hooks":[{"command":"mine"}]}]}}"#
    );
    // Ours, for an event that is not wanted any more.
    let more = new.replace("\"Stop\"", "\"Gone\"");
    assert_eq!(ok(hooks.put(Some(&more))), new);
    // A command that only begins like ours is not ours.
    let theirs = r#"{"hooks":{"Stop":[{"hooks":[{"command":"ghp hook xyz"}]}]}}"#;
    assert_eq!(ok(hooks.take(theirs)).as_deref(), Some(theirs));
}

#[test]
fn what_cannot_be_merged_is_refused() {
    let strict = hooks(Shape::Grouped);
    for bad in [
        "",
        "[]",
        "{\"hooks\": []}",
        "{\"hooks\": {\"Stop\": {}}}",
        "{\"a\": 1,}",
        "// c\n{}",
    ] {
        assert!(
            matches!(strict.put(Some(bad)), Err(Refusal::Malformed(_))),
            "{bad}"
        );
    }
    let commented = hooks(Shape::Named);
    let text = "{\n  // mine\n  \"a\": 1 /* too */\n}\n";
    let with = ok(commented.put(Some(text)));
    assert_eq!(ok(commented.take(&with)).as_deref(), Some(text));
}

/// Any settings, with hooks of all sorts in them.
fn settings() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~é\n\"\\\\]{0,8}".prop_map(Value::from),
    ];
    let any = leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    let entries = prop::collection::vec(any.clone(), 0..3);
    let hooks = prop::collection::hash_map("PreToolUse|Stop|Other", entries, 0..3);
    let hooks = hooks.prop_map(|map| json!(map));
    (
        prop::collection::hash_map("[a-z]{1,3}", any, 0..3),
        prop::option::of(hooks),
    )
        .prop_map(|(rest, hooks)| {
            let mut root: serde_json::Map<String, Value> = rest.into_iter().collect();
            root.remove("hooks");
            root.extend(hooks.map(|hooks| ("hooks".to_owned(), hooks)));
            Value::Object(root)
        })
}

proptest! {
    #[test]
    fn any_settings_come_back_byte_for_byte(value in settings(), pretty in any::<bool>()) {
        let text = if pretty {
            serde_json::to_string_pretty(&value)
        } else {
            serde_json::to_string(&value)
        }
        .expect("JSON");
        for shape in [Shape::Grouped, Shape::Named, Shape::Flat] {
            let hooks = hooks(shape);
            let with = ok(hooks.put(Some(&text)));
            let parsed: Value = serde_json::from_str(&with).expect("still JSON");
            for event in ["PreToolUse", "Stop"] {
                prop_assert!(parsed["hooks"][event].as_array().is_some_and(|list| !list.is_empty()));
            }
            prop_assert_eq!(&ok(hooks.put(Some(&with))), &with);
            prop_assert_eq!(ok(hooks.take(&with)), Some(text.clone()));
        }
    }
}
