//! README.md's commands, typed in its three terminals; what they print is what it says they print.

use std::path::{Path, PathBuf};

use super::bash;
use crate::support::{Playground, Run, eventually, finish};

/// Something typed, and what README.md shows below it.
struct Typed {
    /// 0: the person's terminal; else the worker's.
    terminal: usize,
    command: String,
    shown: String,
}

/// The commands behind a prompt, in order. Whose terminal it is, the bold words before the block say.
fn typed(text: &str) -> Vec<Typed> {
    let mut all: Vec<Typed> = Vec::new();
    let (mut terminal, mut fenced, mut begun) = (0, false, false);
    for line in text.lines() {
        if line.starts_with("```") {
            (fenced, begun) = (!fenced, false);
        } else if let Some(rest) = line.strip_prefix("**").filter(|_| !fenced) {
            let lead = rest.split("**").next().unwrap_or_default();
            terminal = [1, 2]
                .into_iter()
                .find(|n| lead.contains(&format!("worker-{n}")))
                .unwrap_or(0);
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| fenced) {
            begun = true;
            all.push(Typed {
                terminal,
                command: command.to_owned(),
                shown: String::new(),
            });
        } else if let Some(last) = all.last_mut().filter(|_| begun) {
            last.shown.push_str(line);
            last.shown.push('\n');
        }
    }
    all
}

/// Where a terminal is and who works there.
#[derive(Clone)]
struct Terminal {
    dir: PathBuf,
    agent: String,
}

/// Types a command; where the shell is afterwards is kept.
fn enter(
    playground: &Playground,
    terminal: &Terminal,
    command: &str,
    name: &str,
) -> (Run, Terminal) {
    let note = playground.path().join(format!("terminal-{name}"));
    let script = format!(
        "{command}\nprintf '%s\\n%s' \"$PWD\" \"${{GHP_AGENT-}}\" > '{}'\n",
        note.display()
    );
    let mut shell = bash(playground, &terminal.dir, &script);
    if !terminal.agent.is_empty() {
        shell.env("GHP_AGENT", &terminal.agent);
    }
    let run = finish(&mut shell, b"");
    let text = std::fs::read_to_string(&note).expect("the shell's note");
    let (dir, agent) = text.split_once('\n').expect("two lines");
    (
        run,
        Terminal {
            dir: dir.into(),
            agent: agent.to_owned(),
        },
    )
}

/// What differs from run to run made equal: folders, ids, hashes, ages, and the width of columns.
fn plain(text: &str, home: &Path) -> String {
    let text = text.replace(&home.display().to_string(), "/home/ana");
    let line = |line: &str| {
        line.split_whitespace()
            .map(word)
            .collect::<Vec<_>>()
            .join(" ")
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn word(word: &str) -> String {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let all = |test: fn(char) -> bool| bare.chars().all(test);
    let is_id = bare.len() == 4
        && bare.starts_with(|c: char| c.is_ascii_lowercase())
        && all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let is_hash = bare.len() == 10 && all(|c| c.is_ascii_hexdigit());
    let digits = bare.trim_end_matches(['s', 'm', 'h', 'd']);
    let is_age = digits.len() + 1 == bare.len()
        && !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit());
    let name = match (is_id, is_hash, is_age) {
        (true, ..) => "ID",
        (_, true, _) => "HASH",
        (.., true) => "AGE",
        _ => return word.to_owned(),
    };
    word.replace(bare, name)
}

/// The ids that README.md shows stand for those of this run, in the order in which documents were made.
fn with_our_ids(command: &str, shown: &[String], ours: &[String]) -> String {
    let pairs = shown.iter().zip(ours);
    pairs.fold(command.to_owned(), |command, (theirs, ours)| {
        command.replace(theirs, ours)
    })
}

fn ids(repo: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for kind in ["escalations", "handoffs"] {
        if let Ok(folder) = std::fs::read_dir(repo.join(".ghp").join(kind)) {
            let stems = folder.map(|entry| entry.expect("an entry").path());
            all.extend(stems.filter_map(|path| {
                let stem = path.file_stem()?.to_str()?;
                Some(stem[stem.len() - 4..].to_owned())
            }));
        }
    }
    all
}

#[test]
fn what_is_typed_prints_what_is_shown() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"))
        .expect("README.md");
    let typed = typed(&text);
    assert!(typed.len() >= 20, "only {} commands", typed.len());
    let playground = Playground::new();
    // For the configuration of git that a user has.
    drop(playground.bare_of_documents("elsewhere"));
    let home = playground
        .path()
        .canonicalize()
        .expect("a folder")
        .join("home");
    let mut terminals = vec![
        Terminal {
            dir: home.clone(),
            agent: String::new()
        };
        3
    ];
    // README.md's person answers one question and hands on one issue.
    let theirs = shown_ids(&text);
    std::thread::scope(|scope| {
        let mut waiting = Vec::new();
        for Typed {
            terminal,
            command,
            shown,
        } in &typed
        {
            let ours = ids(&home.join("app"));
            let command = with_our_ids(command, &theirs, &ours);
            let place = terminals[*terminal].clone();
            if command.ends_with("--wait") {
                let playground = &playground;
                let before = ours.len();
                waiting.push(
                    scope.spawn(move || enter(playground, &place, &command, "waiting").0.ok()),
                );
                eventually("the question is there", || {
                    ids(&home.join("app")).len() > before
                });
                continue;
            }
            let (run, now) = enter(&playground, &place, &command, &terminal.to_string());
            terminals[*terminal] = now;
            let said = format!("{}{}", run.stdout, run.stderr);
            assert_eq!(
                plain(&said, &home),
                plain(shown, &home),
                "$ {command}\n{said}\ninstead of\n{shown}"
            );
        }
        let answered: Vec<Run> = waiting
            .into_iter()
            .map(|waiting| waiting.join().expect("a terminal"))
            .collect();
        assert_eq!(answered.len(), 1, "one command waits");
        assert_eq!(answered[0].stdout, "SQLite\n");
    });
}

/// The ids in README.md's tables, in the order in which they appear.
fn shown_ids(text: &str) -> Vec<String> {
    let row = |line: &str| {
        let mut words = line.split_whitespace();
        let is_row = matches!(words.next(), Some("question" | "handoff"));
        words
            .next()
            .filter(|id| is_row && id.len() == 4)
            .map(str::to_owned)
    };
    let ids: Vec<String> = text.lines().filter_map(row).collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    ids
}
