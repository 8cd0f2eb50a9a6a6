//! Documents, folders, locks, clocks and words as the world may bring them: numbers in names are rows of the list of bad
//! inputs, each with what the program promises about it.

mod by_hand;
mod conflicts;
mod damage;
mod environment;
mod intruders;
mod locks;
mod names;
mod outlets;
mod places;
mod texts;
mod times;

use std::process::Command;

use crate::support::{GHP, Repo, Run, finish};

/// A status document as it is in the issue that asked for all this.
const SEED: &str = r#"{
  "agents": {
    "worker-1": {
      "issue": 147,
      "status": "implementing",
      "lastAction": "Created dashboard command skeleton",
      "timestamp": "2026-01-25T10:29:00Z"
    },
    "worker-2": {
      "issue": 148,
      "status": "blocked",
      "lastAction": "Waiting for #147 to complete",
      "timestamp": "2026-01-25T10:15:00Z"
    }
  }
}
"#;

/// Runs ghp through a shell line that ends in `"$@"`, which is the program with these words.
fn through_shell(repo: &Repo<'_>, line: &str, words: &[&str]) -> Run {
    let mut command = repo.playground.command("sh", &repo.dir);
    command.args(["-c", line, "sh", GHP]).args(words);
    finish(&mut command, b"")
}

/// Runs a prepared ghp.
fn run(command: &mut Command) -> Run {
    finish(command, b"")
}

/// Unfinished files that a command left beside the documents.
fn temporaries(repo: &Repo<'_>) -> Vec<String> {
    let names = |dir: std::path::PathBuf| {
        let entries = std::fs::read_dir(&dir).into_iter().flatten();
        entries
            .map(|entry| entry.expect("a name").path().display().to_string())
            .collect::<Vec<_>>()
    };
    [
        names(repo.documents().join(".new")),
        names(repo.dir.join(".git/ghp/tmp")),
    ]
    .concat()
}
