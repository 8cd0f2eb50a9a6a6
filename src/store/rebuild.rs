//! A document that cannot be read is rebuilt from the log and the branch; the original is kept in quarantine.

use super::error::StoreError;
use super::layout::{STATUS, local};
use super::replay::{apply_entry, older_entries};
use super::{Store, parse_status};
use crate::documents::hash::BlobId;
use crate::documents::merge::resolve;
use crate::documents::readable::fault;
use crate::documents::salvage;
use crate::documents::status::Status;
use crate::domain::time::Timestamp;

/// What a rebuilt document was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Where the original is, in the machine-local folder.
    pub quarantine: String,
    /// Agents whose entries were taken from the original, because they were newer there.
    pub salvaged: Vec<String>,
}

impl Store {
    /// Rebuilds a document that cannot be read; `None` when it can be read by now. `by`: who asked for it.
    pub fn rebuild(&self, by: &str, path: &str) -> Result<Option<Rebuilt>, StoreError> {
        let (quarantine, original) = {
            let _lock = self.locked()?;
            self.recover()?;
            let io = |source| StoreError::io("read", path, source);
            let original = self.docs.read(path).map_err(io)?.unwrap_or_default();
            let text = std::str::from_utf8(&original);
            // A person may have mended it while we waited for the lock.
            if text.is_ok_and(|text| fault(path, text).is_none()) {
                return Ok(None);
            }
            let merged = text.ok().and_then(|text| resolve(path, text));
            let id = BlobId::of(&original).to_string();
            let quarantine = format!(
                "{}/{}.{}",
                local::QUARANTINE,
                path.replace('/', "-"),
                &id[..12]
            );
            let keep = |source| StoreError::io("keep", &quarantine, source);
            self.local.replace(&quarantine, &original).map_err(keep)?;
            self.local.sync(&quarantine).map_err(keep)?;
            self.local.sync_names(local::QUARANTINE).map_err(keep)?;
            // Conflict markers are merged by meaning: nothing is lost, and nothing needs to be salvaged.
            let original = if merged.is_some() {
                Vec::new()
            } else {
                original
            };
            let known = match merged {
                Some(merged) => Some(merged.into_bytes()),
                None => self.last_known(path)?,
            };
            match known {
                Some(known) => self.docs.replace(path, &known),
                None if path == STATUS => self
                    .docs
                    .replace(path, Status::default().render().as_bytes()),
                None => self.docs.remove(path),
            }
            .map_err(|source| StoreError::io("write", path, source))?;
            (quarantine, original)
        };
        let mut salvaged = Vec::new();
        if path == STATUS {
            let found = salvage::entries(&String::from_utf8_lossy(&original));
            salvaged = self.decide::<_, StoreError>(by, "doctor", |transaction| {
                let status = transaction.status()?;
                let mut taken = Vec::new();
                for (name, entry) in &found {
                    let known = status
                        .agents
                        .get(name)
                        .and_then(|entry| entry.timestamp.as_deref())
                        .and_then(Timestamp::parse);
                    if entry.seen() >= known && status.agents.get(name) != Some(entry) {
                        status.agents.insert(name.clone(), entry.clone());
                        taken.push(name.clone());
                    }
                }
                transaction.say(
                    format!("{path} rebuilt; from the damaged one: {}", taken.join(", ")),
                    None,
                );
                Ok(taken)
            })?;
        }
        Ok(Some(Rebuilt {
            quarantine,
            salvaged,
        }))
    }

    /// The newest of what the log and the branch say a document held that can be read.
    fn last_known(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let log = self.digest_log()?;
        if path != STATUS {
            let held = log
                .records
                .iter()
                .rev()
                .flat_map(|record| &record.documents);
            let mut held = held.filter(|change| change.path == path);
            let newest = held.find(|change| match &change.content {
                Some(text) => fault(path, text).is_none(),
                None => true,
            });
            return match newest {
                Some(change) => Ok(change.content.clone().map(String::into_bytes)),
                None => Ok(self.last_committed(path)?.map(String::into_bytes)),
            };
        }
        let text = self.last_committed(path)?.unwrap_or_default();
        let tip_status = parse_status(&text)
            .map(|(status, _)| status)
            .unwrap_or_default();
        let mut status = tip_status.clone();
        for record in &log.records {
            for (agent, change) in &record.entries {
                let older = older_entries(agent, record.seq, &log.records, &tip_status);
                apply_entry(&mut status, agent, change, &older);
            }
        }
        Ok(Some(status.render().into_bytes()))
    }

    /// The newest text of a document on the branch that can be read; `None` when there is none since it was last made.
    fn last_committed(&self, path: &str) -> Result<Option<String>, StoreError> {
        let mut at = self.branch.tip()?;
        while let Some(commit) = at {
            let Some(bytes) = self.branch.read(&commit, path)? else {
                return Ok(None);
            };
            // Somebody may have committed it as it is, with git.
            match String::from_utf8(bytes) {
                Ok(text) if fault(path, &text).is_none() => return Ok(Some(text)),
                _ => at = self.branch.earlier(&commit)?,
            }
        }
        Ok(None)
    }
}
