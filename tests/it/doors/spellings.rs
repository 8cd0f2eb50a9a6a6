//! However a path is spelled, a worker gains nothing by it; and a set of paths is as bad as its worst.

use std::os::unix::fs::symlink;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::check::{rules, world, write};
use crate::support::Playground;

/// Paths that are not worker-1's, each with the only rules that may speak of it.
const REFUSED: [(&str, &[&str]); 4] = [
    ("README.md", &["shared"]),
    ("src/metrics/api.rs", &["foreign-scope"]),
    ("src/dashboard2/a.rs", &["out-of-scope"]),
    ("src/metrics/deep/new.rs", &["foreign-scope"]),
];

/// One way to spell a path otherwise.
#[derive(Debug, Clone)]
enum Twist {
    /// `./` before a segment.
    Here(usize),
    /// `//` at a segment.
    Twice(usize),
    /// Down into a folder that is worker-1's and up again.
    There,
    /// Through a symlink that is worker-1's.
    Link,
    /// The absolute path.
    Absolute,
    /// A segment in capitals, where the file system takes that for the same.
    Case(usize),
}

fn twist() -> impl Strategy<Value = Twist> {
    prop_oneof![
        (0..4_usize).prop_map(Twist::Here),
        (0..4_usize).prop_map(Twist::Twice),
        Just(Twist::There),
        Just(Twist::Link),
        Just(Twist::Absolute),
        (0..4_usize).prop_map(Twist::Case),
    ]
}

fn spelled(path: &str, top: &str, twists: &[Twist]) -> String {
    let mut segments: Vec<String> = path.split('/').map(str::to_owned).collect();
    let mut before = String::new();
    for twist in twists {
        let count = segments.len();
        match twist {
            Twist::Here(at) => segments[at % count].insert_str(0, "./"),
            Twist::Twice(at) => segments[at % count].insert(0, '/'),
            Twist::There => before.push_str("src/dashboard/../../"),
            // It leads to the top.
            Twist::Link => before.push_str("src/dashboard/up/"),
            Twist::Absolute => {
                before.clear();
                before.push_str(top);
                before.push('/');
            }
            Twist::Case(at) => {
                let at = at % count;
                segments[at] = segments[at].to_uppercase();
            }
        }
    }
    let joined = segments.join("/");
    format!("{before}{}", joined.trim_start_matches('/'))
}

#[test]
fn no_spelling_gains_a_path() {
    let playground = Playground::new();
    let (_, at) = world(&playground);
    at.git(&["config", "core.ignoreCase", "true"]);
    symlink("../..", at.dir.join("src/dashboard/up")).expect("a link");
    write(&at, "src/dashboard2/a.rs", "x");
    let top = at.dir.display().to_string();
    let one = (0..REFUSED.len(), prop::collection::vec(twist(), 0..5));
    let many = prop::collection::vec(one, 1..40);
    let mut runner = TestRunner::new(Config {
        cases: 24,
        ..Config::default()
    });
    let asked = runner.run(&many, |many| {
        let mut input = Vec::new();
        for (which, twists) in &many {
            input.extend_from_slice(spelled(REFUSED[*which].0, &top, twists).as_bytes());
            input.push(0);
        }
        let run = at.feed(&["check", "--json", "--stdin", "-z"], &input);
        prop_assert_eq!(run.code, Some(3), "{}", run);
        let report = run.json();
        let told = rules(&report);
        prop_assert_eq!(told.len(), many.len());
        for ((which, twists), (path, rule)) in many.iter().zip(&told) {
            let (asked, allowed) = REFUSED[*which];
            let spelling = spelled(asked, &top, twists);
            prop_assert!(
                allowed.contains(&rule.as_str()),
                "{spelling} is {path}: {rule}"
            );
        }
        let worst = told.iter().any(|(_, rule)| rule == "foreign-scope");
        prop_assert_eq!(
            &report["verdict"],
            if worst { "deny" } else { "needs-approval" }
        );
        Ok(())
    });
    asked.expect("no spelling gains a path");
}

#[test]
fn what_looks_like_a_glob_is_a_name() {
    let playground = Playground::new();
    let (repo, at) = world(&playground);
    for name in ["*", "**", "[a].rs", "{a,b}", "?"] {
        write(&at, &format!("src/{name}"), "x");
        let path = format!("src/{name}");
        let report = at.ghp(&["check", "--json", &path]).exit(3).json();
        assert_eq!(rules(&report), [(path.clone(), "out-of-scope".to_owned())]);
    }
    // An approval of such a name is one of that name alone.
    at.ghp(&["request", "src/[a].rs", "-m", "It is called so"])
        .ok();
    repo.ghp(&["approve", "src/[a].rs", "--for", "worker-1"])
        .ok();
    at.ghp(&["check", "src/[a].rs"]).silent();
    at.ghp(&["check", "src/b.rs"]).exit(3);
    // The end of a scope is the end of a name.
    for path in [
        "src/dashboardx",
        "src/dashboard.rs",
        "xsrc/dashboard/a.rs",
        "src/dash",
    ] {
        at.ghp(&["check", path]).exit(3);
    }
    // Its folder itself is worker-1's to make.
    at.ghp(&["check", "src/dashboard/"]).silent();
}
