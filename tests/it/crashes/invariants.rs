//! What must hold after a fault, judged after the next writer has run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::support::{Repo, Run, finish_within};

use super::rig::Fault;

/// Documents by path, without what differs from run to run.
pub(super) type Documents = BTreeMap<String, String>;

/// Who writes next.
const OBSERVER: &str = "observer";

/// Beside the documents: what history will tell, which must be there when they are, and only then.
const HISTORY: &str = "(history)";

/// The documents as they stand, without the observer's entry; ids that are not in `known` are written `NEW`. `git`: the
/// command makes commits of the history, so that the log need not tell it.
pub(super) fn documents(repo: &Repo<'_>, known: &Documents, git: bool) -> Documents {
    let mut found = Documents::new();
    collect(&repo.documents(), "", &mut found);
    if !git {
        found.insert(HISTORY.to_owned(), history(repo));
    }
    let fresh: Vec<String> = found
        .keys()
        .filter(|path| !known.contains_key(*path))
        .filter_map(|path| random_part(path))
        .collect();
    let plain = |text: &str| {
        fresh
            .iter()
            .fold(text.to_owned(), |text, id| text.replace(id, "NEW"))
    };
    found
        .into_iter()
        .map(|(path, text)| (plain(&path), plain(&text)))
        .collect()
}

/// The decisions that the log holds, but for the observer's, a line each.
fn history(repo: &Repo<'_>) -> String {
    let log = fs::read(repo.dir.join(".git/ghp/log")).unwrap_or_default();
    let mut told = String::new();
    for line in String::from_utf8_lossy(&log).lines() {
        // Eight digits of checksum and a space; a torn line tells nothing.
        let line = line.get(9..).unwrap_or_default();
        let record = serde_json::from_str::<serde_json::Value>(line).unwrap_or_default();
        let record = &record["record"];
        if !record.is_null() && record["by"] != OBSERVER {
            told.push_str(&format!("{}: {}\n", record["by"], record["message"]));
        }
    }
    told
}

/// The random end of an id: `…-x7k2` of `escalations/2026-01-25-title-x7k2.md`.
fn random_part(path: &str) -> Option<String> {
    let stem = path.strip_suffix(".md")?.rsplit('/').next()?;
    let (front, random) = stem.rsplit_once('-')?;
    (front.starts_with("20") && random.len() == 4).then(|| random.to_owned())
}

fn collect(dir: &Path, prefix: &str, found: &mut Documents) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for entry in entries {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if matches!(path.as_str(), ".git" | ".new") {
            continue;
        }
        if entry.file_type().expect("a type").is_dir() {
            collect(&entry.path(), &format!("{path}/"), found);
            continue;
        }
        let text =
            String::from_utf8_lossy(&fs::read(entry.path()).expect("a document")).into_owned();
        found.insert(
            path.clone(),
            if path == "agent-status.json" {
                without_observer(&text)
            } else {
                text
            },
        );
    }
}

fn without_observer(text: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(mut status) => {
            status["agents"]
                .as_object_mut()
                .map(|agents| agents.shift_remove(OBSERVER));
            status.to_string()
        }
        // Said as it is: it equals neither the old nor the new.
        Err(_) => text.to_owned(),
    }
}

/// What is wrong after a fault; empty when all is well. `git`: the command makes commits.
pub(super) fn violations(
    repo: &Repo<'_>,
    fault: Fault,
    run: &Run,
    old: &Documents,
    new: &Documents,
    git: bool,
) -> Vec<String> {
    let mut wrong = Vec::new();
    if run.hung {
        wrong.push("it hung".to_owned());
    }
    if run.code == Some(101) || run.stderr.contains("panicked") {
        wrong.push("it panicked".to_owned());
    }
    // The command may have been the first of this repository: then the next writer is the same command again.
    let first = !old.contains_key("agent-status.json");
    let words: &[&str] = if first {
        &["init"]
    } else {
        &["status", "set", "working", "-m", "next"]
    };
    let mut next = repo.command(words);
    if !first {
        next.env("GHP_AGENT", OBSERVER);
    }
    let next = finish_within(
        next.env("GHP_LOCK_TIMEOUT", "2s"),
        b"",
        Duration::from_secs(10),
    );
    if next.code != Some(0) {
        wrong.push(format!("the next writer failed: {next}"));
    }
    let now = documents(repo, old, git);
    let (is_old, is_new) = (now == *old || first && now == *new, now == *new);
    if !is_old && !is_new {
        wrong.push(format!(
            "neither old nor new: {}",
            difference(&now, old, new)
        ));
    }
    let answered = run.code == Some(0) || run.stderr.contains("what was asked for is done");
    if fault != Fault::Kill {
        match run.code {
            Some(0) if !is_new => wrong.push("it said done, and is not".to_owned()),
            Some(0 | 75) => {}
            Some(_) if run.stderr.trim().is_empty() => {
                wrong.push("it failed without a word".to_owned());
            }
            Some(_) if !is_old && !answered => {
                wrong.push("it failed, and yet it is done".to_owned());
            }
            Some(_) => {}
            None => wrong.push("a signal ended it".to_owned()),
        }
    }
    if git {
        wrong.extend(git_violations(repo));
    }
    wrong
}

fn difference(now: &Documents, old: &Documents, new: &Documents) -> String {
    let paths: std::collections::BTreeSet<&String> =
        now.keys().chain(old.keys()).chain(new.keys()).collect();
    let mut said = String::new();
    for path in paths {
        let (now, old, new) = (now.get(path), old.get(path), new.get(path));
        if now != old || now != new {
            said.push_str(&format!(
                "\n  {path}\n    now {now:?}\n    old {old:?}\n    new {new:?}"
            ));
        }
    }
    said
}

/// The branch after one more checkpoint: whole, clean, each decision once, nothing of ours lying about.
fn git_violations(repo: &Repo<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    let again = repo.ghp(&["log"]);
    if again.code != Some(0) {
        wrong.push(format!("the next checkpoint failed: {again}"));
    }
    let fsck = repo.try_git(&[
        "-C",
        ".ghp",
        "fsck",
        "--strict",
        "--no-dangling",
        "--no-progress",
    ]);
    let grumbles = fsck
        .stderr
        .lines()
        .chain(fsck.stdout.lines())
        .any(|line| !line.starts_with("notice:"));
    if fsck.code != Some(0) || grumbles {
        wrong.push(format!("{fsck}"));
    }
    let status = repo.try_git(&["-C", ".ghp", "status", "--porcelain"]);
    if status.code != Some(0) || !status.stdout.is_empty() {
        wrong.push(format!("{status}"));
    }
    let code = repo.try_git(&["status", "--porcelain"]);
    if code.code != Some(0) || !code.stdout.is_empty() {
        wrong.push(format!("{code}"));
    }
    let subjects = repo.try_git(&["log", "--format=%s", "ghp", "--"]).stdout;
    let mut lines: Vec<&str> = subjects
        .lines()
        .filter(|line| *line != "heartbeats")
        .collect();
    let all = lines.len();
    lines.sort_unstable();
    lines.dedup();
    if lines.len() != all {
        wrong.push(format!("a decision was committed twice:\n{subjects}"));
    }
    for place in [
        ".git/refs/heads",
        ".git/objects/pack",
        ".ghp/.new",
        ".git/ghp/tmp",
        ".git/worktrees/ghp",
        ".git",
    ] {
        let Ok(entries) = fs::read_dir(repo.dir.join(place)) else {
            continue;
        };
        for entry in entries {
            let name = entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned();
            let left = place.ends_with("new")
                || place.ends_with("tmp")
                || [".lock", ".keep"].iter().any(|end| name.ends_with(end))
                || name.starts_with("tmp");
            if left && name != "locked" {
                let path = repo.dir.join(place).join(&name);
                let content = fs::read(path).unwrap_or_default();
                let content =
                    String::from_utf8_lossy(&content[..content.len().min(60)]).into_owned();
                wrong.push(format!("left behind: {place}/{name}: {content:?}; {again}"));
            }
        }
    }
    wrong
}
