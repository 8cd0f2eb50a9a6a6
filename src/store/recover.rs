//! What the next locker does first: finish or drop what a killed process or a power cut left half done.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use super::branch::BranchError;
use super::error::StoreError;
use super::layout::{STATUS, local};
use super::log::{Applied, Base, Digest, Line, Record, digest, encode, last, read};
use super::replay::{applies, apply_entry, is_lost, older_entries, status_after};
use super::scan::is_document;
use super::{Store, parse_status};
use crate::documents::hash::BlobId;
use crate::documents::status::Status;
use crate::host::folder::{Dir, Folder};
use crate::host::seed::{Seed, is_sown};

/// Enough of the log's end to hold the mark that says all is well.
const TAIL: usize = 4096;

/// The log as the holder of the lock finds it.
pub(super) struct Journal {
    /// The number of the last decision.
    pub seq: u64,
    /// The log's length in bytes.
    pub length: u64,
    /// The mark it ends with: how the files of the last decision looked.
    pub applied: Applied,
}

fn read_log(local: &dyn Folder) -> Result<Digest, StoreError> {
    let io = |source| StoreError::io("read", local::LOG, source);
    let bytes = local.read(local::LOG).map_err(io)?.unwrap_or_default();
    let (lines, good) = read(&bytes);
    if good < bytes.len() {
        local
            .truncate(local::LOG, good as u64)
            .map_err(|source| StoreError::io("cut", local::LOG, source))?;
    }
    Ok(digest(lines))
}

impl Store {
    /// Puts the documents in order if the log says so. The caller holds the lock. Costs one read of the log's end
    /// when all is well.
    pub(super) fn recover(&self) -> Result<Journal, StoreError> {
        let io = |source| StoreError::io("read", local::LOG, source);
        let (tail, length) = self
            .local
            .tail(local::LOG, TAIL)
            .map_err(io)?
            .unwrap_or_default();
        let quiet = match last(&tail) {
            Some(Line::Applied(applied)) => Some(applied),
            Some(Line::Base(base)) => Some(Applied {
                seq: base.seq,
                boot: base.boot,
                files: Vec::new(),
            }),
            _ => None,
        };
        match quiet {
            Some(applied) if applied.boot == self.boot() => Ok(Journal {
                seq: applied.seq,
                length,
                applied,
            }),
            _ if is_sown(Seed::NeverRecovered) => Ok(Journal {
                seq: self.digest_log()?.seq,
                length,
                applied: Applied {
                    seq: 0,
                    boot: String::new(),
                    files: Vec::new(),
                },
            }),
            _ => self.repair(),
        }
    }

    fn repair(&self) -> Result<Journal, StoreError> {
        let mut log = self.digest_log()?;
        let other_boot = log.boot.as_deref() != Some(self.boot());
        if !log.records.is_empty() && log.applied < log.seq {
            // Never apply what a power cut could still take back.
            self.local
                .sync(local::LOG)
                .map_err(|source| StoreError::io("sync", local::LOG, source))?;
        }
        if other_boot {
            self.refill(&log)?;
        } else if let Some(record) = log.records.last().filter(|record| record.seq > log.applied) {
            self.replay(record, &HashMap::new(), None)?;
        }
        // Only now that the documents are whole may the log that vouches for them be emptied.
        if let Some(intent) = log.intent.take() {
            if self.branch.contains(&intent.commit)? {
                // What else the checkpoint held is not known any more: all of it.
                self.finish_checkpoint(intent.upto, &self.scan()?)?;
                log = self.digest_log()?;
            } else {
                self.append(&Line::Redo)?;
            }
        }
        let applied = Applied {
            seq: log.seq,
            boot: self.boot().to_owned(),
            files: Vec::new(),
        };
        if log.records.is_empty() && log.boot.is_none() {
            self.append(&Line::Base(Base {
                seq: log.seq,
                boot: self.boot().to_owned(),
            }))?;
        } else {
            self.append(&Line::Applied(applied.clone()))?;
        }
        let length = self.log_length()?;
        Ok(Journal {
            seq: log.seq,
            length,
            applied,
        })
    }

    /// Reads the log and cuts off what a crash tore.
    pub(super) fn digest_log(&self) -> Result<Digest, StoreError> {
        read_log(self.local.as_ref())
    }

    /// Notes that nobody knows any more what the documents hold, because they are about to be written from the branch:
    /// the next recovery looks at every record again. The caller holds the lock.
    pub fn doubt(local: &Path) -> Result<(), StoreError> {
        let io = |source| StoreError::io("write", local, source);
        let folder = Dir::open(local, local::ASIDE).map_err(io)?;
        read_log(&folder)?;
        if is_sown(Seed::Undoubted) {
            return Ok(());
        }
        folder.append(local::LOG, &encode(&Line::Doubt)).map_err(io)
    }

    pub(super) fn log_length(&self) -> Result<u64, StoreError> {
        let stat = self
            .local
            .stat(local::LOG)
            .map_err(|source| StoreError::io("read", local::LOG, source))?;
        Ok(stat.map_or(0, |stat| stat.size))
    }

    pub(super) fn append(&self, line: &Line) -> Result<(), StoreError> {
        self.local
            .append(local::LOG, &encode(line))
            .map_err(|source| StoreError::io("write", local::LOG, source))
    }

    /// After a power cut: what it emptied comes from the branch, then every record is looked at again.
    fn refill(&self, log: &Digest) -> Result<(), StoreError> {
        let mut older: HashMap<String, Vec<BlobId>> = HashMap::new();
        let mut tip_status = Status::default();
        if let Some(tip) = self.branch.tip()? {
            for (path, blob) in self.branch.paths(&tip)? {
                if is_document(&path) && is_lost(self.content(&path)?.as_deref()) {
                    self.put_back(&tip, &path)?;
                }
                older.insert(path, vec![blob]);
            }
            tip_status = self.status_at(&tip)?;
        }
        for record in &log.records {
            self.replay(record, &older, Some((&log.records, &tip_status)))?;
            for change in &record.documents {
                if let Some(content) = &change.content {
                    older
                        .entry(change.path.clone())
                        .or_default()
                        .push(BlobId::of(content.as_bytes()));
                }
            }
        }
        Ok(())
    }

    /// Brings back documents that the branch or the log holds and the folder does not, or that a checkout of the code
    /// has overwritten, each at once as it is to be: a kill leaves it missing or whole. One that somebody removed with
    /// git, or a decision removed, stays away. The caller holds the lock.
    pub(super) fn restore_missing(&self) -> Result<BTreeSet<String>, StoreError> {
        let log = self.digest_log()?;
        let changes = || log.records.iter().flat_map(|record| &record.documents);
        let mut wanted: BTreeMap<String, Option<Vec<u8>>> = BTreeMap::new();
        let mut in_branch = BTreeSet::new();
        if let Some(tip) = self.branch.tip()? {
            let copies: HashMap<String, BlobId> = self.branch.code_copies()?.into_iter().collect();
            let is_overwritten = |path: &str, content: &[u8], ours: BlobId| {
                copies.get(path).is_some_and(|copy| {
                    *copy != ours && *copy == BlobId::of(content) && !log.has_written(path, content)
                })
            };
            for (path, blob) in self.branch.paths(&tip)? {
                if is_document(&path)
                    && self
                        .content(&path)?
                        .is_none_or(|content| is_overwritten(&path, &content, blob))
                {
                    wanted.insert(path.clone(), Some(self.committed(&tip, &path)?));
                }
                in_branch.insert(path);
            }
        }
        let mut seen = BTreeSet::new();
        for change in changes() {
            // Not in the branch, and not begun in the log either: somebody removed it with git.
            let begun_here = seen.insert(&change.path) && change.before.is_none();
            let gone = (begun_here || in_branch.contains(&change.path))
                && self.content(&change.path)?.is_none();
            if gone || wanted.contains_key(&change.path) {
                let content = change.content.clone().map(String::into_bytes);
                wanted.insert(change.path.clone(), content);
            }
        }
        if wanted.contains_key(STATUS) || self.content(STATUS)?.is_none() {
            let committed = wanted.remove(STATUS).flatten();
            wanted.insert(STATUS.to_owned(), status_after(committed, &log.records));
        }
        let mut restored = BTreeSet::new();
        for (path, content) in wanted {
            if let Some(content) = content {
                self.docs
                    .replace(&path, &content)
                    .map_err(|source| StoreError::io("write", &path, source))?;
                restored.insert(path);
            }
        }
        Ok(restored)
    }

    fn status_at(&self, commit: &str) -> Result<Status, StoreError> {
        let text = self
            .branch
            .read(commit, STATUS)?
            .and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(text
            .and_then(|text| parse_status(&text).ok())
            .map(|(status, _)| status)
            .unwrap_or_default())
    }

    fn committed(&self, tip: &str, path: &str) -> Result<Vec<u8>, StoreError> {
        self.branch.read(tip, path)?.ok_or_else(|| {
            let what = format!("{path} is in the tree but not in the object store");
            BranchError { what }.into()
        })
    }

    fn put_back(&self, tip: &str, path: &str) -> Result<(), StoreError> {
        self.docs
            .replace(path, &self.committed(tip, path)?)
            .map_err(|source| StoreError::io("write", path, source))
    }

    fn content(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.docs.read(path) {
            Ok(content) => Ok(content),
            // A symlink or a folder in a document's place is not ours to touch: it counts as somebody's edit.
            Err(error) if crate::host::folder::is_refusal(&error) => {
                Ok(Some(b"not a regular file".to_vec()))
            }
            Err(source) => Err(StoreError::io("read", path, source)),
        }
    }

    fn replace(&self, path: &str, content: &str) -> Result<(), StoreError> {
        self.docs
            .replace(path, content.as_bytes())
            .map_err(|source| StoreError::io("write", path, source))
    }

    /// Does what of a record has not been done. `known`: after a power cut, every record and the branch's status.
    fn replay(
        &self,
        record: &Record,
        older: &HashMap<String, Vec<BlobId>>,
        known: Option<(&[Record], &Status)>,
    ) -> Result<(), StoreError> {
        for change in &record.documents {
            let now = self.content(&change.path)?;
            let older = older.get(&change.path).map_or(&[][..], Vec::as_slice);
            if applies(change, now.as_deref(), older) {
                match &change.content {
                    Some(content) => self.replace(&change.path, content)?,
                    None => {
                        self.docs
                            .remove(&change.path)
                            .map_err(|source| StoreError::io("remove", &change.path, source))?;
                    }
                }
            }
        }
        if record.entries.is_empty() {
            return Ok(());
        }
        let text = self.content(STATUS)?;
        let mut status = if is_lost(text.as_deref()) {
            Status::default()
        } else {
            // A status document that cannot be read is a person's to mend; the record stays in the log for doctor.
            let Some((status, _)) = text
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .and_then(|text| parse_status(&text).ok())
            else {
                return Ok(());
            };
            status
        };
        let mut changed = false;
        for (agent, change) in &record.entries {
            let older = known
                .map(|(records, tip)| older_entries(agent, record.seq, records, tip))
                .unwrap_or_default();
            changed |= apply_entry(&mut status, agent, change, &older);
        }
        if changed {
            self.replace(STATUS, &status.render())
        } else {
            Ok(())
        }
    }
}
