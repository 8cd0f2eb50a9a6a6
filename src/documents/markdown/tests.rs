//! Sections: what is one, what an edit leaves alone, what quoting holds back.

use proptest::prelude::*;

use super::{
    append_to_section, closed, conflict, headings, parts, quoted, section, with_section,
    without_conflict,
};

const BODY: &str =
    "# Title\n\nIntro\n\n## Options\n\n1. yes\n2. no\n\n### Detail\n\nmore\n\n## Decision\n";

#[test]
fn finds_sections_by_title() {
    assert_eq!(
        section(BODY, "options"),
        Some("1. yes\n2. no\n\n### Detail\n\nmore")
    );
    assert_eq!(section(BODY, "Decision"), Some(""));
    assert_eq!(section(BODY, "Detail"), None);
    assert_eq!(section(BODY, "Title"), None);
    assert_eq!(headings(BODY), ["Options", "Decision"]);
    assert_eq!(
        section("##\tTabbed ##  \ntext\n# End\nno", "tabbed"),
        Some("text")
    );
    assert_eq!(section("##NoSpace\n    ## code\n", "NoSpace"), None);
    assert_eq!(headings("## C#\n## a # \n"), ["C#", "a"]);
    assert_eq!(section("## Ünit\r\n\r\nx\r\n", "üNIT"), Some("x"));
}

#[test]
fn fenced_code_holds_no_headings() {
    for (open, close) in [
        ("```", "```"),
        ("~~~~ text", "~~~~~"),
        ("  ````rust", "   ````  "),
        ("~~~ a`b", "~~~"),
    ] {
        let body = format!("{open}\n## code\n```x\n~~\n{close}\n## Real\ntext\n");
        assert_eq!(headings(&body), ["Real"], "{body}");
    }
    assert_eq!(headings("``` `no fence`\n## Real\n"), ["Real"]);
    assert_eq!(headings("    ```\n## Real\n"), ["Real"]);
    assert_eq!(headings("```\n``` no end\n## code\n"), Vec::<&str>::new());
    assert_eq!(headings("- ```\n  ## code\n  ```\n## Real\n"), ["Real"]);
    assert_eq!(headings("1. ~~~\n   ## code\n\n## Real\n"), ["Real"]);
}

#[test]
fn replaces_and_adds() {
    let decided = with_section(BODY, "decision", "Option 1.");
    assert_eq!(decided, format!("{BODY}\nOption 1.\n"));
    assert_eq!(with_section(&decided, "Decision", ""), BODY);
    assert_eq!(
        with_section("## A\nold\n## B\nb\n", "A", "\n\n  new\nlines\n\n"),
        "## A\n\n  new\nlines\n\n## B\nb\n"
    );
    assert_eq!(
        with_section("## A\nold\n## B\nb\n", "A", ""),
        "## A\n\n## B\nb\n"
    );
    assert_eq!(with_section("", "A", "x"), "## A\n\nx\n");
    assert_eq!(
        with_section("## A\n## B\n", "A", "```\nopen"),
        "## A\n\n```\nopen\n```\n\n## B\n"
    );
    assert_eq!(with_section("text", "A", ""), "text\n\n## A\n");
    assert_eq!(with_section("## A", "A", "x"), "## A\n\nx\n");
    assert_eq!(
        with_section("```\nopen", "A", "x"),
        "```\nopen\n```\n\n## A\n\nx\n"
    );
}

#[test]
fn appends() {
    let log = append_to_section("", "Log", "- one\n");
    assert_eq!(log, "## Log\n\n- one\n");
    let log = append_to_section(&format!("{log}\n\n## Next\n"), "log", "- two");
    assert_eq!(log, "## Log\n\n- one\n- two\n\n## Next\n");
    let log = append_to_section(&log, "log", "Paragraph");
    assert_eq!(log, "## Log\n\n- one\n- two\n\nParagraph\n\n## Next\n");
    assert_eq!(
        append_to_section("## A\n```\nx", "A", "- y"),
        "## A\n\n```\nx\n```\n- y\n"
    );
}

#[test]
fn quoting_keeps_text_inside() {
    assert_eq!(
        quoted("  a\r\n## b\n  # c\n### d\n#e\r##"),
        "a\n\\## b\n  \\# c\n### d\n#e\n\\##"
    );
    assert_eq!(
        quoted("```sh\n# comment\n## x"),
        "```sh\n# comment\n## x\n```"
    );
    assert_eq!(
        quoted("<!-- hidden\n<PRE>\n<https://x.y>"),
        "\\<!-- hidden\n\\<PRE>\n<https://x.y>"
    );
    assert_eq!(
        quoted("<<<<<<< ours\n```\n<<<<<<< x\n```"),
        "\\<<<<<<< ours\n```\n<<<<<<< x\n```"
    );
    assert_eq!(quoted(" \n "), "");
}

#[test]
fn sees_conflicts_outside_fences() {
    let text = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> theirs\n";
    assert_eq!(conflict(text), Some(2));
    assert_eq!(conflict(&format!("```\n{text}```\n")), None);
    assert_eq!(conflict("<<<<<<< a\n=======\n"), None);
    assert_eq!(conflict("Title\n=======\n>>>>>>> a\n<<<<<<< b\n"), None);
    assert_eq!(conflict(&without_conflict(text)), None);
}

fn document() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        4 => "[a-c `~#<=>0-9.*-]{0,12}",
        2 => "(## |  ## |# |### |##|    ## )[a-c]{1,2}( #+)?",
        2 => "( {0,4})(```|~~~|````|~~~~)[a ]{0,2}",
        1 => "(- |1\\. |  )(```|~~~)",
        1 => "(<<<<<<<|=======|>>>>>>>)( x)?",
        1 => Just(String::new()),
    ];
    let end = prop_oneof![8 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\r")];
    (prop::collection::vec((line, end), 0..14), any::<bool>()).prop_map(|(lines, ended)| {
        let text: String = lines
            .into_iter()
            .flat_map(|(line, end)| [line, end.to_owned()])
            .collect();
        if ended {
            text
        } else {
            text.trim_end().to_owned()
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_section_holds_what_was_put_there(body in document(), heading in "[a-cA-C]{1,2}", text in document()) {
        let (body, text) = (closed(&body), quoted(&text));
        let edited = with_section(&body, &heading, &text);
        prop_assert_eq!(section(&edited, &heading), Some(text.trim()));
        let again = with_section(&edited, &heading, &text);
        prop_assert_eq!(&again, &edited);
        others_unchanged(&body, &edited, &heading)?;
    }

    #[test]
    fn an_entry_is_appended(body in document(), heading in "[a-cA-C]{1,2}", text in document()) {
        let (body, text) = (closed(&body), quoted(&text));
        let edited = append_to_section(&body, &heading, &text);
        let now = section(&edited, &heading).expect("the section was created");
        prop_assert!(now.ends_with(text.trim()), "{:?}", edited);
        prop_assert!(now.starts_with(section(&body, &heading).unwrap_or_default()), "{:?}", edited);
        others_unchanged(&body, &edited, &heading)?;
    }

    #[test]
    fn quoting_is_idempotent(text in document()) {
        let safe = quoted(&text);
        prop_assert_eq!(quoted(&safe), safe.clone());
        prop_assert_eq!(headings(&safe).len(), 0);
        prop_assert_eq!(conflict(&safe), None);
    }

    #[test]
    fn no_text_panics(body in "\\PC{0,40}|[\\x00-\\x7f]{0,40}", heading in "\\PC{0,5}") {
        let edited = append_to_section(&body, &heading, &quoted(&body));
        prop_assert!(with_section(&edited, &heading, &body).len() >= heading.trim().len());
        prop_assert_eq!(conflict(&without_conflict(&edited)), None);
    }
}

/// Every other section has its text, and headings keep their order.
fn others_unchanged(before: &str, after: &str, heading: &str) -> Result<(), TestCaseError> {
    let old = headings(before);
    let mut expected = old.clone();
    if section(before, heading).is_none() {
        expected.push(heading);
    }
    prop_assert_eq!(headings(after), expected);
    for other in old
        .iter()
        .filter(|other| !other.eq_ignore_ascii_case(heading))
    {
        prop_assert_eq!(section(after, other), section(before, other));
    }
    Ok(())
}

#[test]
fn cut_at_its_headings() {
    let body =
        "Intro.\n\n# Top\n## Next steps ##\n\nOne.\n### deeper\n```\n## code\n```\n## Empty\n";
    assert_eq!(
        parts(body),
        [
            ("", "Intro."),
            ("Top", ""),
            ("Next steps", "One.\n### deeper\n```\n## code\n```"),
            ("Empty", "")
        ]
    );
    assert_eq!(parts(""), [("", "")]);
    assert_eq!(parts("## A"), [("", ""), ("A", "")]);
}
