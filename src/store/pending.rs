//! Decisions that stand in the log and are in no commit yet.

use super::Store;
use super::error::StoreError;
use super::layout::{STATUS, local};
use super::log::{digest, read};
use crate::domain::time::Timestamp;

/// A decision that waits for the next checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// The verb.
    pub command: String,
    /// What, one line.
    pub message: String,
    /// The issue it is about.
    pub issue: Option<u64>,
    /// The documents it changed.
    pub documents: Vec<String>,
}

impl Store {
    /// What waits for the next checkpoint, oldest first. No lock: only whole lines count.
    pub fn pending(&self) -> Result<Vec<Pending>, StoreError> {
        let bytes = self
            .local
            .read(local::LOG)
            .map_err(|source| StoreError::io("read", local::LOG, source))?
            .unwrap_or_default();
        let records = digest(read(&bytes).0).records;
        let pending = records.into_iter().map(|record| {
            let status = (!record.entries.is_empty()).then(|| STATUS.to_owned());
            Pending {
                at: record.at,
                by: record.by,
                command: record.command,
                message: record.message,
                issue: record.issue,
                documents: status
                    .into_iter()
                    .chain(record.documents.into_iter().map(|change| change.path))
                    .collect(),
            }
        });
        Ok(pending.collect())
    }
}
