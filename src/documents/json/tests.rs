use super::*;
use serde_json::json;

fn read(text: &str) -> Json {
    Json::new(text, false).unwrap_or_else(|error| panic!("{error} in {text}"))
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    for bad in [
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\" 1}",
        "{} x",
        "tru",
        "\"a",
        "\"\\x\"",
        "01",
        "{\"a\":}",
        "// c\n{}",
        "[1 2]",
        "\u{feff}{}",
        "\"\n\"",
    ] {
        assert!(Json::new(bad, false).is_err(), "{bad}");
    }
    let deep = "[".repeat(200) + &"]".repeat(200);
    assert_eq!(
        Json::new(&deep, false).expect_err("deep").what,
        "nested too deeply"
    );
    let error = Json::new("{\n  \"ü\": nope\n}", false).expect_err("no value");
    assert_eq!((error.line, error.column), (2, 8));
    assert!(Json::new("// c\n{ /* d */ \"a\": 1 } // e", true).is_ok());
    assert!(Json::new("{} /* d", true).is_err());
}

#[test]
fn what_is_put_in_comes_out_without_a_trace() {
    let value = json!({"k": [1, {"x": "y"}]});
    for text in [
        "{}",
        "{ }",
        "{\n}",
        "{\"a\":1}",
        "{\n  \"a\": 1\n}\n",
        "{\n\t\"a\": 1,\n\t\"b\": [ ]\n}",
        "{\"a\":1, \"b\":2}\n",
        "{\r\n    \"a\": 1\r\n}\r\n",
    ] {
        let mut json = read(text);
        json.push(&json.root(), 0, Some("new"), &value);
        let root = json.root();
        assert_eq!(
            json.value(root.member("new").expect("there")),
            value,
            "{text}"
        );
        assert_eq!(text.contains("\r\n"), json.text.contains("\r\n"));
        assert!(!json.pull_member(&root, "new"));
        assert_eq!(json.into_text(), text);
    }
}

#[test]
fn lists_take_items_at_their_end() {
    let mut json = read("{\n  \"a\": [\n    1\n  ]\n}\n");
    let list = json.root().member("a").expect("a").clone();
    json.push(&list, 1, None, &json!({"b": 2}));
    assert_eq!(
        json.text,
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ]\n}\n"
    );
    let list = json.root().member("a").expect("a").clone();
    let first = list.items()[0].span.clone();
    assert!(!json.pull(&list, &first));
    let list = json.root().member("a").expect("a").clone();
    let only = list.items()[0].span.clone();
    // Its brackets end with a line of their own, as ours do.
    assert!(json.pull(&list, &only));
    assert_eq!(json.into_text(), "{\n  \"a\": []\n}\n");
}
