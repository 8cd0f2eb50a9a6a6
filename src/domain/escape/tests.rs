use std::borrow::Cow;

use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::{one_line, plain, terminal, terminal_lines};

#[test]
fn what_a_terminal_would_obey_becomes_visible() {
    for (text, shown) in [
        ("\x1b]0;pwn\x07\x1b[2J", r"\x1b]0;pwn\x07\x1b[2J"),
        ("\x1b]52;c;cHdu\x07", r"\x1b]52;c;cHdu\x07"),
        ("\x1b]8;;http://a\x1b\\b", r"\x1b]8;;http://a\x1b\b"),
        ("\u{9b}31m", r"\x9b31m"),
        ("a\nb\tc\rd\0", r"a\nb\tc\rd\x00"),
        ("\x7f\u{80}\u{9f}", r"\x7f\x80\x9f"),
        ("user\u{202e}txt.exe", r"user\u202etxt.exe"),
        (
            "\u{2066}a\u{2069}\u{200e}\u{200f}\u{61c}",
            r"\u2066a\u2069\u200e\u200f\u061c",
        ),
        (
            "w\u{200b}\u{200d}\u{2060}\u{feff}",
            r"w\u200b\u200d\u2060\ufeff",
        ),
        ("a\u{2028}b\u{2029}", r"a\u2028b\u2029"),
        ("\u{e0041}", r"\u{e0041}"),
    ] {
        assert_eq!(terminal(text), shown);
    }
}

#[test]
fn harmless_text_is_borrowed() {
    for text in [
        "",
        "plain",
        r"back\slash \x1b",
        "žluťoučký kůň",
        "漢字 🎉 e\u{301}",
        "\u{a0}\u{ad}",
    ] {
        assert!(matches!(terminal(text), Cow::Borrowed(same) if same == text));
        assert!(matches!(terminal_lines(text), Cow::Borrowed(same) if same == text));
    }
    assert!(matches!(
        terminal_lines("a\n\tb\n"),
        Cow::Borrowed("a\n\tb\n")
    ));
}

#[test]
fn bodies_keep_their_lines() {
    assert_eq!(terminal_lines("a\r\nb\rc\x1b\n\td"), "a\nb\\rc\\x1b\n\td");
}

#[test]
fn one_line_folds_and_cuts() {
    for (text, width, shown) in [
        ("  fix \n\n the\tbug ", 20, "fix the bug"),
        ("fix the bug", 11, "fix the bug"),
        ("fix the bug", 10, "fix the b…"),
        ("漢字漢字", 8, "漢字漢字"),
        ("漢字漢字", 7, "漢字漢…"),
        ("漢字漢字", 6, "漢字…"),
        ("a\x1b[0m", 20, r"a\x1b[0m"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("", 0, ""),
        ("abc", usize::MAX, "abc"),
    ] {
        assert_eq!(one_line(text, width), shown);
    }
}

#[test]
fn marks_without_width_are_bounded() {
    let piled = format!("a{}", "\u{301}".repeat(100_000));
    assert!(one_line(&piled, 10).chars().count() <= 40);
}

/// Text rich in what the escaper is for.
fn nasty() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        '\0',
        '\x07',
        '\n',
        '\r',
        '\t',
        '\x1b',
        ' ',
        '\\',
        '\x7f',
        '\u{85}',
        '\u{9b}',
        '\u{61c}',
        '\u{200b}',
        '\u{200d}',
        '\u{200f}',
        '\u{2028}',
        '\u{202e}',
        '\u{2060}',
        '\u{2069}',
        '\u{feff}',
        '\u{e0001}',
        '\u{e007f}',
        '\u{301}',
        '\u{fe0f}',
        '☺',
        '漢',
        '👩',
        'x',
        'u',
    ]);
    let mixed = prop_oneof![special, any::<char>()];
    prop::collection::vec(mixed, 0..60).prop_map(String::from_iter)
}

/// The forbidden classes as the design lists them, apart from the table under test.
fn is_safe(text: &str, keeps: &str) -> bool {
    text.chars().all(|c| {
        let code = u32::from(c);
        keeps.contains(c)
            || !(c.is_control()
                || [0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0x2060, 0xfeff].contains(&code)
                || (0x200b..=0x200d).contains(&code)
                || (0x202a..=0x202e).contains(&code)
                || (0x2066..=0x2069).contains(&code)
                || (0xe0000..=0xe007f).contains(&code))
    })
}

proptest! {
    #[test]
    fn nothing_obeyed_remains(text in nasty()) {
        prop_assert!(is_safe(&terminal(&text), ""));
        prop_assert!(is_safe(&terminal_lines(&text), "\n\t"));
        prop_assert!(is_safe(&one_line(&text, 20), ""));
    }

    #[test]
    fn escaping_twice_changes_nothing(text in nasty(), width in 0_usize..40) {
        let once = terminal(&text).into_owned();
        prop_assert!(matches!(terminal(&once), Cow::Borrowed(same) if same == once));
        let lines = terminal_lines(&text).into_owned();
        prop_assert_eq!(terminal_lines(&lines), &*lines);
        let line = one_line(&text, width);
        prop_assert_eq!(&one_line(&line, width), &line);
    }

    #[test]
    fn one_line_fits(text in nasty(), width in 0_usize..40) {
        let line = one_line(&text, width);
        prop_assert!(line.width() <= width, "{line:?}");
        prop_assert!(line.chars().count() <= width * 4);
    }
}

#[test]
fn nothing_in_a_text_can_end_its_paste() {
    assert_eq!(
        plain("a\x1b[201~\r\nb\tc\x7f\u{9b}201~\0\u{200d}é$`'\\"),
        "a[201~\nb\tc201~\u{200d}é$`'\\"
    );
}
