//! Each verb as its callers meet it: what it prints, what it refuses and how, what a program reads.

mod answers;
mod approvals;
mod board;
mod claims;
mod config;
mod conflicts;
mod drivers;
mod goals;
mod groups;
mod handoffs;
mod help;
mod history;
mod identity;
mod issues;
mod memory;
mod next;
mod questions;
mod safety;
mod silence;
mod start;
mod trust;
mod waiting;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Repo, Run};
pub(crate) use help::verbs;

/// Runs ghp as an agent, or as the human when nobody is named.
fn run(repo: &Repo, who: &str, words: &[&str]) -> Run {
    if who.is_empty() {
        repo.ghp(words)
    } else {
        repo.agent(who, words)
    }
}

/// Its answer with `--json`: exactly one document on one line, and nothing beside it.
#[track_caller]
fn json(repo: &Repo, who: &str, words: &[&str]) -> Value {
    let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
    let run = run(repo, who, &words).ok();
    assert!(
        run.stderr.is_empty() && run.stdout.lines().count() == 1,
        "{run}"
    );
    run.json()
}

/// The names of an object's values, in their order.
#[track_caller]
fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().unwrap_or_else(|| panic!("{value}"));
    object.keys().map(String::as_str).collect()
}

/// How a command is refused.
struct Refusal<'a> {
    exit: i32,
    code: &'a str,
    /// What the message says, among other words.
    says: &'a str,
    next: &'a str,
}

/// The command is refused so, in words and in JSON; both times nothing is written.
#[track_caller]
fn refused(repo: &Repo, who: &str, words: &[&str], how: &Refusal) {
    let before = documents(repo);
    let text = run(repo, who, words).exit(how.exit).says("error: ");
    assert!(text.stdout.is_empty(), "{text}");
    let hint = text.stderr.lines().last().unwrap_or_default();
    assert!(
        hint.starts_with("hint: ") && hint.ends_with(how.next),
        "{text}"
    );
    let words: Vec<&str> = ["--json"].iter().chain(words).copied().collect();
    let run = run(repo, who, &words).exit(how.exit);
    let error = &run.json()["error"];
    assert_eq!(error["code"], how.code, "{run}");
    assert_eq!(error["next"], how.next, "{run}");
    assert!(error["retryable"].is_boolean(), "{run}");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains(how.says), "no \"{}\" in {run}", how.says);
    let first = message.lines().next().unwrap_or_default();
    assert!(text.stderr.contains(first), "{text}\n{run}");
    let after = documents(repo);
    assert!(before == after, "{words:?} has written");
}

/// Every document with its bytes. A heartbeat's timestamp is a document's too.
fn documents(repo: &Repo) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let root = repo.documents();
    if root.is_dir() {
        collect(&root, &mut found);
    }
    found
}

fn collect(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let is_ours = !path.ends_with(".new") && !path.ends_with(".git");
        if path.is_dir() && is_ours {
            collect(&path, found);
        } else if is_ours {
            let bytes = std::fs::read(&path).expect("a document");
            found.insert(path, bytes);
        }
    }
}

/// The id of the only document of a kind.
#[track_caller]
fn only(repo: &Repo, kind: &str) -> String {
    let mut ids = ids(repo, kind);
    assert_eq!(ids.len(), 1, "{kind}: {ids:?}");
    ids.remove(0)
}

/// The ids of the documents of a kind.
fn ids(repo: &Repo, kind: &str) -> Vec<String> {
    let Ok(folder) = std::fs::read_dir(repo.documents().join(kind)) else {
        return Vec::new();
    };
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("an entry").path();
        path.file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    };
    let mut ids: Vec<String> = folder.map(name).collect();
    ids.sort();
    ids
}

/// Asks as an agent; the question's id.
#[track_caller]
fn ask(repo: &Repo, who: &str, words: &[&str]) -> String {
    let words: Vec<&str> = ["escalate", "-q"].iter().chain(words).copied().collect();
    run(repo, who, &words).ok().stdout.trim().to_owned()
}

/// The last four of an id.
fn tail(id: &str) -> &str {
    &id[id.len() - 4..]
}
