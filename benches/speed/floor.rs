//! The least that a heartbeat and a durable decision can be: the same lock, read, parse, render and rename, and
//! nothing else. No root is looked for, nothing is recovered, refused or explained.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::process::ExitCode;

use fs2::FileExt;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Status {
    agents: BTreeMap<String, Entry>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Entry {
    issue: Option<u64>,
    status: String,
    last_action: String,
    timestamp: String,
}

/// Runs it in the current folder: `beat`, or `durable` for a record and one fdatasync before the rename.
pub(crate) fn run(words: &[String]) -> ExitCode {
    let durable = words.first().is_some_and(|word| word == "durable");
    let lock = File::open("lock").expect("the lock");
    lock.lock_exclusive().expect("the lock is free in the end");
    let text = fs::read("agent-status.json").expect("the document");
    let mut status: Status = serde_json::from_slice(&text).expect("the document's form");
    let agent = std::env::var("GHP_AGENT").expect("an agent");
    let entry = status.agents.entry(agent).or_default();
    let now = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |since| since.as_secs());
    let now = i64::try_from(now)
        .ok()
        .and_then(|now| chrono::DateTime::from_timestamp(now, 0))
        .expect("a time");
    entry.timestamp = now.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    if durable {
        let record = serde_json::to_vec(entry).expect("plain fields");
        let mut log = OpenOptions::new()
            .append(true)
            .open("log")
            .expect("the log");
        log.write_all(&record)
            .and_then(|()| log.sync_data())
            .expect("a record");
    }
    let text = serde_json::to_vec_pretty(&status).expect("plain fields");
    let temporary = std::process::id().to_string();
    fs::write(&temporary, text)
        .and_then(|()| fs::rename(&temporary, "agent-status.json"))
        .expect("the document");
    ExitCode::SUCCESS
}
