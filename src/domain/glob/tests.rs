use proptest::prelude::*;

use super::{Glob, GlobError, MAX_PATTERN, is_clean_path};

fn glob(pattern: &str) -> Glob {
    Glob::parse(pattern).expect("a good pattern")
}

#[test]
fn matches_what_the_table_says() {
    for (pattern, yes, no) in [
        (
            "README.md",
            &["README.md"][..],
            &["docs/README.md", "README.md2", "readme.md"][..],
        ),
        (
            "**/README.md",
            &["README.md", "a/README.md", "a/b/README.md"],
            &["aREADME.md"],
        ),
        (
            "src/metrics",
            &["src/metrics", "src/metrics/api.rs", "src/metrics/a/b"],
            &["src/metrics2", "src", "a/src/metrics"],
        ),
        (
            "src/metrics/",
            &["src/metrics/api.rs"],
            &["src/metrics2/api.rs"],
        ),
        ("/src", &["src/a"], &["a/src"]),
        ("./src", &["src/a"], &["a/src"]),
        (".//src//", &[], &[]),
        (
            "src/*",
            &["src/a.rs", "src/.hidden"],
            &["src/a/b.rs", "src"],
        ),
        ("src/*/", &["src/a/b.rs", "src/a/b/c"], &["x/a/b"]),
        (
            "src/*.rs",
            &["src/a.rs", "src/.rs"],
            &["src/a/b.rs", "src/a.rs/x", "src/a.rsx"],
        ),
        ("src/**", &["src/a", "src/a/b"], &["src", "src2/a"]),
        (
            "src/**/*.rs",
            &["src/a.rs", "src/a/b/c.rs"],
            &["src/a/b/c.py", "srca.rs"],
        ),
        ("src/**.rs", &["src/a.rs", "src/a/b.rs"], &["src/a.py"]),
        (
            "a/**/b",
            &["a/b", "a/x/b", "a/x/y/b", "a/b/c"],
            &["ab", "a/xb", "xa/b"],
        ),
        ("**/**/b", &["b", "a/b", "x/y/b"], &["ab"]),
        ("**", &["a", "a/b"], &[]),
        ("**/", &["a", "a/b"], &[]),
        ("a?c", &["abc", "aéc"], &["a/c", "ac", "abbc", "abc/d"]),
        ("[a-cx]1", &["a1", "c1", "x1"], &["d1", "-1", "a1/b"]),
        ("[!a-c]", &["d", "é"], &["a", "/"]),
        ("a[^b]c", &["axc"], &["abc", "a/c"]),
        ("[]-]", &["]", "-"], &["a"]),
        ("[a-]", &["a", "-"], &["b"]),
        (
            "{src,docs}/*.md",
            &["src/a.md", "docs/a.md"],
            &["test/a.md"],
        ),
        ("{src/*,docs}", &["src/a", "docs/a/b"], &["src/a/b"]),
        ("a{b,{c,d}e}f", &["abf", "acef", "adef"], &["aef", "acf"]),
        ("src{,/**}", &["src", "src/a/b"], &["src2"]),
        ("{**/,}a{b}", &["ab", "x/ab"], &["xab"]),
        ("a,b}", &["a,b}"], &["a"]),
        (r"app/\[id\]/\*.ts", &["app/[id]/*.ts"], &["app/i/a.ts"]),
        ("[{,}]", &["{", ",", "}"], &["a"]),
        ("*", &["a", ".github"], &["a/b"]),
        ("a..b", &["a..b"], &["ab"]),
    ] {
        let Ok(parsed) = Glob::parse(pattern) else {
            assert!(yes.is_empty(), "{pattern}");
            continue;
        };
        for path in yes {
            assert!(parsed.matches(path), "{pattern} must match {path}");
            assert!(
                parsed.matches_ignoring_case(&path.to_uppercase().to_lowercase())
                    || !path.is_ascii()
            );
        }
        for path in no {
            assert!(!parsed.matches(path), "{pattern} must not match {path}");
        }
    }
}

#[test]
fn case_is_ignored_on_request_only() {
    for (pattern, path) in [
        ("readme.md", "README.md"),
        ("SRC/**/*.RS", "src/a/b.rs"),
        ("[a-c]x", "BX"),
        ("[A-C]x", "bx"),
        ("straße/Ä", "STRASSE/ä"),
        ("é", "É"),
    ] {
        assert!(!glob(pattern).matches(path), "{pattern}");
        let folds = glob(pattern).matches_ignoring_case(path);
        assert_eq!(
            folds,
            !pattern.contains('ß'),
            "{pattern}: one character for one"
        );
    }
    assert!(!glob("[!a]").matches_ignoring_case("A"));
}

#[test]
fn refuses_with_the_reason() {
    let all = |why: fn(String) -> GlobError, patterns: &[&str]| {
        for pattern in patterns {
            assert_eq!(Glob::parse(pattern), Err(why((*pattern).to_owned())));
        }
    };
    for pattern in ["", "/", "./", ".//", "{a,}", "{}"] {
        assert_eq!(Glob::parse(pattern), Err(GlobError::Empty), "{pattern}");
    }
    all(
        GlobError::Parent,
        &[
            "..",
            "../a",
            "a/../b",
            "a/..",
            "a/{b,..}/c",
            "{.,x}./a",
            r"\.\.",
        ],
    );
    all(GlobError::Segment, &["a//b", "a/./b", ".", "a//", "a/."]);
    all(GlobError::Drive, &["C:", "C:/a", r"c:\a"]);
    all(
        GlobError::Control,
        &["a\0", "a\nb", "\x1b[2J", "\u{9b}", "a\x7f"],
    );
    all(
        GlobError::UnclosedClass,
        &["[", "[a", "[]", "[!]", "a[b/c", "[a\\", "{[a,b}"],
    );
    all(
        GlobError::UnclosedBrace,
        &["{", "{a", "{a,b", "{a,{b}", r"{a\}"],
    );
    all(GlobError::Range, &["[b-a]"]);
    all(GlobError::TrailingBackslash, &["a\\", r"src\"]);
    all(
        GlobError::TooManyAlternatives,
        &["{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"],
    );
    assert_eq!(Glob::parse(&"a".repeat(513)), Err(GlobError::TooLong(513)));
    assert!(Glob::parse(&"{".repeat(512)).is_err());
}

#[test]
fn the_longest_patterns_fit() {
    let literal = "a".repeat(MAX_PATTERN);
    assert!(glob(&literal).matches(&literal));
    assert!(glob(&"*a".repeat(MAX_PATTERN / 2)).matches(&"ba".repeat(MAX_PATTERN / 2)));
    let nested = format!("{}a{}", "{".repeat(255), "}".repeat(255));
    assert!(glob(&nested).matches("a"));
}

/// A matcher that backtracks would not end within a lifetime.
#[test]
fn no_pattern_takes_exponential_time() {
    let path = format!("{}c", "a".repeat(2_000));
    let deep = format!("{}c", "a/".repeat(1_000));
    for pattern in [
        "a*".repeat(100) + "b",
        "**a".repeat(100) + "b",
        "**/a/".repeat(100) + "b",
    ] {
        assert!(!glob(&pattern).matches(&path));
        assert!(!glob(&pattern).matches(&deep));
    }
}

#[test]
fn clean_paths() {
    for path in [
        "a",
        "a/b.rs",
        ".hidden/x",
        "a..b/...",
        "é/漢 字",
        "a:b",
        "-rf",
        r"a\b",
    ] {
        assert!(is_clean_path(path), "{path}");
    }
    for path in [
        "", "/a", "a/", "a//b", ".", "./a", "..", "a/../b", "a\0b", "a\nb", "\u{9b}", "C:/a", "C:",
    ] {
        assert!(!is_clean_path(path), "{path:?}");
    }
}

/// The semantics again, as plainly as they can be said: for patterns of letters, `*`, `**`, `?`,
/// `/` and braces without nesting.
fn oracle(pattern: &str, path: &str) -> bool {
    if let Some((before, (choices, after))) = pattern
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        return choices
            .split(',')
            .any(|choice| oracle(&format!("{before}{choice}{after}"), path));
    }
    let trimmed = pattern.trim_start_matches('/');
    let name = trimmed.strip_suffix('/').unwrap_or(trimmed);
    let last = name.rsplit('/').next().unwrap_or_default();
    let covers = name != trimmed || !last.contains(['*', '?']);
    let ends = path.match_indices('/').map(|(at, _)| at).filter(|_| covers);
    ends.chain([path.len()])
        .any(|end| spells(name, &path[..end], true))
}

fn spells(pattern: &str, path: &str, starts_segment: bool) -> bool {
    let tails = || (0..=path.len()).map(|at| &path[at..]);
    if let Some(rest) = pattern.strip_prefix("**") {
        let rest = rest.trim_start_matches('*');
        if let (true, Some(rest)) = (starts_segment, rest.strip_prefix('/')) {
            let after_slash = path.match_indices('/').map(|(at, _)| &path[at + 1..]);
            return [path]
                .into_iter()
                .chain(after_slash)
                .any(|tail| spells(rest, tail, true));
        }
        return tails().any(|tail| spells(rest, tail, false));
    }
    if let Some(rest) = pattern.strip_prefix('*') {
        let within = path.find('/').unwrap_or(path.len());
        return (0..=within).any(|at| spells(rest, &path[at..], false));
    }
    let (Some(wanted), Some(c)) = (pattern.chars().next(), path.chars().next()) else {
        return pattern.is_empty() && path.is_empty();
    };
    (wanted == c || wanted == '?' && c != '/') && spells(&pattern[1..], &path[1..], c == '/')
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn agrees_with_the_oracle(pattern in "(a|b|/|\\*|\\*\\*|\\?|\\{a,/b\\}|\\{a\\*b,/\\*\\*/\\}){1,8}", path in "[ab]{1,3}(/[ab]{1,2}){0,3}") {
        if let Ok(glob) = Glob::parse(&pattern) {
            prop_assert_eq!(glob.matches(&path), oracle(&pattern, &path));
            prop_assert_eq!(glob.matches_ignoring_case(&path.to_uppercase()), glob.matches(&path));
        }
    }

    #[test]
    fn any_text_is_parsed_or_refused(pattern in "\\PC{0,40}|[\\[\\]{},!a\\\\*/.-]{0,20}", path in "\\PC{0,40}") {
        if let Ok(glob) = Glob::parse(&pattern) {
            // They must come to an end, whatever they say.
            let _ = (glob.matches(&path), glob.matches_ignoring_case(&path));
        }
    }

    #[test]
    fn a_path_escaped_names_itself_and_all_beneath(path in "[a-c*?{}\\[\\],!]{1,6}(/[a-c\\\\]{1,4}){0,2}") {
        let escaped: String = path.chars().flat_map(|c| if c == '/' { vec![c] } else { vec!['\\', c] }).collect();
        prop_assert!(glob(&escaped).matches(&path));
        let beneath = format!("{path}/x/y");
        prop_assert!(glob(&escaped).matches(&beneath));
        let beside = format!("{path}x");
        prop_assert!(!glob(&escaped).matches(&beside));
    }
}
