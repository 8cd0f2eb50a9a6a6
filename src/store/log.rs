//! The log: decisions since the last checkpoint, a line each, `CRC32 JSON`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::documents::hash::BlobId;
use crate::domain::agent::Entry;
use crate::domain::time::Timestamp;
use crate::host::folder::Stat;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Line {
    /// The log begins here: everything up to this number is in the branch and on the disk.
    Base(Base),
    /// A decision.
    Record(Record),
    /// The decisions up to this number were renamed into place.
    Applied(Applied),
    /// This decision was taken back before any of its documents was touched: a person saved one meanwhile.
    Void(u64),
    /// A checkpoint wrote this commit and is about to move the branch to it.
    Intent(Intent),
    /// Earlier intents came to nothing.
    Redo,
    /// The documents were written from the branch: nobody knows which records they lack.
    Doubt,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Base {
    pub seq: u64,
    pub boot: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Applied {
    pub seq: u64,
    pub boot: String,
    /// How the files looked when they were renamed into place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<(String, Stat)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Intent {
    pub upto: u64,
    pub commit: String,
}

/// A decision: who, why, and everything it changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub seq: u64,
    pub boot: String,
    pub at: Timestamp,
    pub by: String,
    pub command: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Change>,
    /// Entries of agent-status.json: a record never carries another agent's heartbeat.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub entries: BTreeMap<String, EntryChange>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Change {
    pub path: String,
    /// What the document held; `None`: there was none.
    pub before: Option<BlobId>,
    /// What it held, in full, when somebody else had written it: so that history can show their edit too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// What it holds now; `None`: it is removed.
    pub content: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct EntryChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Entry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Entry>,
}

/// A line as it stands in the file, with its line feed.
pub(super) fn encode(line: &Line) -> Vec<u8> {
    let json =
        serde_json::to_string(line).unwrap_or_else(|_| unreachable!("log lines have text keys"));
    let mut bytes = format!(
        "{:08x} {json}",
        crate::documents::hash::checksum(json.as_bytes())
    )
    .into_bytes();
    bytes.push(b'\n');
    bytes
}

/// One line, without its line feed; `None` when it is torn or not ours.
pub(super) fn decode(line: &[u8]) -> Option<Line> {
    let (sum, json) = line.split_at_checked(9)?;
    let sum = std::str::from_utf8(sum).ok()?.strip_suffix(' ')?;
    if u32::from_str_radix(sum, 16).ok()? != crate::documents::hash::checksum(json) {
        return None;
    }
    serde_json::from_slice(json).ok()
}

/// The whole log: its readable lines, and how many bytes of it are good (the rest was torn by a crash).
pub(super) fn read(bytes: &[u8]) -> (Vec<Line>, usize) {
    let mut lines = Vec::new();
    let mut good = 0;
    for raw in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(line) = raw.strip_suffix(b"\n").and_then(decode) else {
            break;
        };
        good += raw.len();
        lines.push(line);
    }
    (lines, good)
}

/// The last line of the log's tail, when it is whole.
pub(super) fn last(tail: &[u8]) -> Option<Line> {
    let body = tail.strip_suffix(b"\n")?;
    let start = body
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    decode(&body[start..])
}

/// The log, digested.
#[derive(Debug, Default)]
pub(super) struct Digest {
    /// Decisions that stand, oldest first.
    pub records: Vec<Record>,
    /// The highest number given.
    pub seq: u64,
    /// The highest number that is marked as applied.
    pub applied: u64,
    /// The boot in which documents were last put in order; `None`: nobody knows.
    pub boot: Option<String>,
    /// A checkpoint that was under way.
    pub intent: Option<Intent>,
}

impl Digest {
    /// Whether a decision wrote this content.
    pub(super) fn has_written(&self, path: &str, content: &[u8]) -> bool {
        let mut changes = self.records.iter().flat_map(|record| &record.documents);
        changes.any(|change| {
            change.path == path && change.content.as_deref().map(str::as_bytes) == Some(content)
        })
    }
}

/// Digests the lines.
pub(super) fn digest(lines: Vec<Line>) -> Digest {
    let mut log = Digest::default();
    for line in lines {
        match line {
            Line::Base(base) => {
                log = Digest {
                    seq: base.seq,
                    applied: base.seq,
                    boot: Some(base.boot),
                    ..Digest::default()
                };
            }
            Line::Record(record) => {
                log.seq = record.seq;
                log.records.push(record);
            }
            Line::Applied(applied) => {
                log.applied = applied.seq;
                log.boot = Some(applied.boot);
            }
            Line::Void(seq) => {
                log.records.retain(|record| record.seq != seq);
                log.applied = log.applied.max(seq);
            }
            Line::Intent(intent) => log.intent = Some(intent),
            Line::Redo => log.intent = None,
            Line::Doubt => log.boot = None,
        }
    }
    log
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_end_is_cut_off_at_every_byte() {
        let lines = [
            Line::Base(Base {
                seq: 3,
                boot: "b".into(),
            }),
            Line::Void(4),
            Line::Redo,
        ];
        let bytes: Vec<u8> = lines.iter().flat_map(encode).collect();
        assert_eq!(read(&bytes), (lines.to_vec(), bytes.len()));
        assert_eq!(last(&bytes), Some(Line::Redo));
        let ends: Vec<usize> = bytes
            .iter()
            .enumerate()
            .filter(|(_, b)| **b == b'\n')
            .map(|(at, _)| at + 1)
            .collect();
        for cut in 0..bytes.len() {
            let (read, good) = read(&bytes[..cut]);
            assert_eq!(
                good,
                ends.iter()
                    .copied()
                    .filter(|end| *end <= cut)
                    .max()
                    .unwrap_or(0)
            );
            assert_eq!(read, lines[..read.len()]);
        }
    }

    #[test]
    fn a_flipped_bit_is_seen() {
        let bytes = encode(&Line::Void(7));
        for at in 0..bytes.len() - 1 {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            assert_eq!(decode(&bad[..bad.len() - 1]), None, "byte {at}");
        }
    }
}
