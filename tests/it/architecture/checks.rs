//! The checks, each a pure function from one source file to what is wrong with it.

use super::source::Source;

/// One sentence naming the file and what is wrong.
pub(super) type Finding = String;

/// Each room, and every room it may use; `a::{b,c}`: of room `a` only these.
const ARROWS: &[(&str, &[&str])] = &[
    ("main", &["cli", "hook", "mcp", "sessions"]),
    ("lib", &[]),
    ("error", &[]),
    ("exit", &["error"]),
    ("domain", &["error"]),
    ("documents", &["domain", "error"]),
    ("host", &["domain", "error"]),
    ("config", &["documents", "host", "domain", "error"]),
    ("runtime", &["host", "domain", "error"]),
    ("store", &["documents", "host", "domain", "error"]),
    (
        "git",
        &[
            "store::branch",
            "store::layout",
            "documents",
            "host",
            "domain",
            "error",
        ],
    ),
    (
        "sessions",
        &[
            "store::layout",
            "config::env_vars",
            "documents",
            "host",
            "domain",
            "error",
        ],
    ),
    (
        "project",
        &[
            "sessions",
            "store",
            "git",
            "config",
            "documents",
            "host",
            "domain",
            "error",
        ],
    ),
    ("authority", &["documents", "domain", "error"]),
    (
        "doctor",
        &[
            "project",
            "sessions",
            "store",
            "git",
            "config",
            "documents",
            "host",
            "domain",
            "error",
        ],
    ),
    (
        "commands",
        &[
            "runtime",
            "authority",
            "doctor",
            "project",
            "sessions",
            "store",
            "git",
            "config",
            "documents",
            "host",
            "domain",
            "error",
            "exit",
        ],
    ),
    (
        "hook",
        &["commands", "project", "host", "domain", "error", "exit"],
    ),
    (
        "mcp",
        &["commands", "project", "host", "domain", "error", "exit"],
    ),
    (
        "cli",
        &[
            "commands", "project", "config", "host", "domain", "error", "exit",
        ],
    ),
];

/// Names that say nothing about what a file holds.
const BANNED: &[&str] = &[
    "util", "utils", "helper", "helpers", "manager", "misc", "common",
];

/// Files that may name the documents' folder in words for a person, and why.
const MAY_NAME_THE_FOLDER: &[(&str, &str)] = &[
    ("store/layout.rs", "it is where the name lives"),
    ("exit.rs", "what exit code 7 means, in words"),
    (
        "git/index.rs",
        "the ending of our own file beside git's index",
    ),
];

/// The longest file, in lines, tests included.
const LONGEST: usize = 500;

pub(super) fn known_room(source: &Source) -> Vec<Finding> {
    let room = source.room();
    let known = ARROWS.iter().any(|(name, _)| *name == room);
    if known {
        Vec::new()
    } else {
        vec![format!(
            "{}: the room {room} is not drawn in ARROWS",
            source.path.display()
        )]
    }
}

pub(super) fn arrows(source: &Source) -> Vec<Finding> {
    let room = source.room();
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == room) else {
        return Vec::new();
    };
    let may = |path: &str| {
        let inside = |arrow: &&str| {
            path == *arrow
                || path
                    .strip_prefix(*arrow)
                    .is_some_and(|rest| rest.starts_with("::"))
        };
        path == room || path.starts_with(&format!("{room}::")) || allowed.iter().any(inside)
    };
    let mut findings: Vec<Finding> = used(&source.code)
        .into_iter()
        .filter(|path| {
            ARROWS
                .iter()
                .any(|(name, _)| path.split("::").next() == Some(name))
                && !may(path)
        })
        .map(|path| format!("{}: {room} may not use {path}", source.path.display()))
        .collect();
    let depth = source.path.components().count();
    let (product, tests) = source.code.split_at(
        source
            .code
            .find("#[cfg(test)]\nmod")
            .unwrap_or(source.code.len()),
    );
    // In a module of tests one step more stays inside.
    if product.contains(&"super::".repeat(depth)) || tests.contains(&"super::".repeat(depth + 1)) {
        findings.push(format!(
            "{}: leaves its room by super::, say crate::",
            source.path.display()
        ));
    }
    findings.sort();
    findings.dedup();
    findings
}

/// Every path behind `crate::`, those in braces one by one.
fn used(code: &str) -> Vec<String> {
    let squeezed: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
    squeezed
        .split("crate::")
        .skip(1)
        .flat_map(|after| paths("", after).0)
        .collect()
}

/// The paths of a use tree that begins here, and how long it is.
fn paths(prefix: &str, text: &str) -> (Vec<String>, usize) {
    let word: String = text
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
        .collect();
    let whole = format!("{prefix}{word}");
    let mut at = word.len();
    if !text[at..].starts_with('{') {
        return (vec![whole.trim_end_matches(':').to_owned()], at);
    }
    let mut found = Vec::new();
    at += 1;
    while at < text.len() && !text[at..].starts_with('}') {
        if text[at..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            let (inner, length) = paths(&whole, &text[at..]);
            found.extend(inner);
            at += length;
            // `x as y`: y is a name of this file, not a path.
            let rest = &text[at..];
            at += rest.find([',', '}']).unwrap_or(rest.len());
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    (found, (at + 1).min(text.len()))
}

pub(super) fn length(source: &Source) -> Vec<Finding> {
    if source.lines <= LONGEST {
        return Vec::new();
    }
    vec![format!(
        "{} has {} lines; at most {LONGEST}",
        source.path.display(),
        source.lines
    )]
}

pub(super) fn printing(source: &Source) -> Vec<Finding> {
    words(
        source,
        &["print!", "println!", "eprint!", "eprintln!", "dbg!"],
    )
}

pub(super) fn spawning(source: &Source) -> Vec<Finding> {
    if source.path.ends_with("host/process.rs") || source.is_test() {
        return Vec::new();
    }
    // clap has a Command too; whoever imports std's is the one to look at.
    let imports = source.code.contains("process::Command")
        || source.code.contains("process::{") && source.code.contains("Command::new");
    let only_the_type = !source.code.contains("Command::new");
    if imports && !only_the_type {
        vec![format!("{}: starts programs", source.path.display())]
    } else {
        Vec::new()
    }
}

pub(super) fn unsafety(source: &Source) -> Vec<Finding> {
    let found = source
        .code
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|word| word == "unsafe");
    if found {
        vec![format!("{}: unsafe", source.path.display())]
    } else {
        Vec::new()
    }
}

fn words(source: &Source, banned: &[&str]) -> Vec<Finding> {
    let code = source.code.split(|c: char| {
        c.is_whitespace() || matches!(c, '(' | ')' | '{' | '}' | ';' | ':' | '=' | ',')
    });
    code.filter(|word| banned.contains(word))
        .map(|word| format!("{}: {word}", source.path.display()))
        .collect()
}

pub(super) fn names(source: &Source) -> Vec<Finding> {
    let parts = source
        .path
        .iter()
        .map(|part| part.to_string_lossy().trim_end_matches(".rs").to_owned());
    let modules = source.code.split("mod ").skip(1).map(|rest| {
        rest.split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
            .unwrap_or("")
            .to_owned()
    });
    let banned = |name: &String| name.split('_').any(|word| BANNED.contains(&word));
    parts
        .chain(modules)
        .filter(banned)
        .map(|name| format!("{}: the name {name} says nothing", source.path.display()))
        .collect()
}

pub(super) fn folder_name(source: &Source) -> Vec<Finding> {
    let path = source.path.to_string_lossy();
    if source.is_test() || MAY_NAME_THE_FOLDER.iter().any(|(file, _)| *file == path) {
        return Vec::new();
    }
    let names = |text: &str| {
        text.match_indices(".ghp").any(|(at, name)| {
            let after = text[at + name.len()..].chars().next();
            after.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '_' | '-'))
        })
    };
    // A command for a person to type or a sentence has spaces; a path has none.
    let is_path = |text: &str| !text.contains(' ');
    let found = source
        .literals
        .iter()
        .filter(|(_, text)| names(text) && is_path(text));
    found
        .map(|(line, text)| format!("{path}:{line}: \"{text}\" belongs to store/layout.rs"))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    type Check = fn(&Source) -> Vec<Finding>;

    fn source(path: &str, text: &str) -> Source {
        Source::new(Path::new(path), text)
    }

    #[test]
    fn an_arrow_upwards_is_found() {
        for (path, text) in [
            ("store/log.rs", "use crate::git::place;"),
            (
                "store.rs",
                "use crate::{\n    documents::hash,\n    git::{place, branch},\n};",
            ),
            ("domain/id.rs", "fn f() { crate::host::clock::now() }"),
            ("git/pack.rs", "use crate::store::log::Record;"),
            ("git/pack.rs", "use crate::store::{layout, Store};"),
            ("documents.rs", "use crate::host as h;"),
            ("error.rs", "use crate::domain::id::AgentId;"),
            ("domain/id.rs", "use super::super::host::clock;"),
            ("domain.rs", "use super::super::host;"),
        ] {
            assert!(!arrows(&source(path, text)).is_empty(), "{path}: {text}");
        }
    }

    #[test]
    fn an_arrow_downwards_is_none() {
        for (path, text) in [
            (
                "git/pack.rs",
                "use crate::store::branch::{Branch, NewCommit as New}; use crate::store::layout;",
            ),
            (
                "git/pack.rs",
                "use crate::store::{branch::Branch, layout::{self, local}};",
            ),
            (
                "store/log.rs",
                "// use crate::git\nuse super::branch::Branch; const A: &str = \"crate::git\";",
            ),
            (
                "domain/id.rs",
                "use crate::error::Error; \n#[cfg(test)]\nmod tests { use super::super::slug; }",
            ),
            (
                "cli/render.rs",
                "use crate::commands::status; use crate::exit::Exit;",
            ),
        ] {
            assert_eq!(
                arrows(&source(path, text)),
                Vec::<String>::new(),
                "{path}: {text}"
            );
        }
    }

    #[test]
    fn every_other_check_can_fail() {
        let long = "\n".repeat(LONGEST + 1);
        let bad: &[(Check, &str, &str)] = &[
            (known_room, "cellar/wine.rs", ""),
            (length, "a.rs", &long),
            (printing, "a.rs", "fn f() { println!(\"x\"); }"),
            (printing, "a.rs", "fn f() { std::eprint!(\"x\") }"),
            (
                spawning,
                "git/x.rs",
                "use std::process::Command; fn f() { Command::new(\"git\"); }",
            ),
            (
                spawning,
                "git/x.rs",
                "fn f() { std::process::Command::new(\"git\"); }",
            ),
            (unsafety, "a.rs", "fn f() { unsafe { g() } }"),
            (names, "host/file_helper.rs", ""),
            (names, "host/misc/x.rs", ""),
            (names, "host.rs", "pub mod utils;"),
            (folder_name, "git/x.rs", "const A: &str = \".ghp\";"),
            (folder_name, "git/x.rs", "const A: &str = r\"/.ghp/x\";"),
        ];
        for (check, path, text) in bad {
            assert!(!check(&source(path, text)).is_empty(), "{path}: {text}");
        }
    }

    #[test]
    fn no_check_fails_on_what_is_fine() {
        let fine = source(
            "git/x.rs",
            "//! .ghp, unsafe\nuse clap::Command; fn f() { Command::new(\"x\"); g(\"filter.ghp.clean\", \"git -C .ghp switch ghp\") }\n\
             #[cfg(test)]\nmod tests { const A: &str = \".ghp\"; }",
        );
        for check in [
            known_room,
            length,
            printing,
            spawning,
            unsafety,
            names,
            folder_name,
        ] {
            assert_eq!(check(&fine), Vec::<String>::new());
        }
    }
}
