//! The log's records become commits on the branch, each by its author: killed anywhere it is finished or made again,
//! never committed twice.

use std::collections::{BTreeSet, HashMap};

use super::branch::{NewCommit, OnDisk, Published};
use super::error::StoreError;
use super::layout::{ASIDE, STATUS, local};
use super::log::{Base, Change, Intent, Line, Record, encode};
use super::replay::{apply_entry, older_entries};
use super::{Store, parse_status};
use crate::documents::hash::BlobId;
use crate::documents::noise::quiet;
use crate::documents::readable::fault;
use crate::documents::status::Status;
use crate::domain::agent::SEEN;
use crate::host::folder::is_refusal;

/// How a checkpoint ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checkpoint {
    /// So many commits were made; 0: there was nothing to do.
    Made(usize),
    /// Nothing was done, and why; the records stay in the log.
    PutOff(String),
}

/// How often the commits are made again because somebody moved the branch.
const TRIES: usize = 3;
/// Who commits what a person changed with an editor: git does not say who it was.
const BY_HAND: &str = "hand";

impl Store {
    /// Turns the log's records and whatever was edited by hand into commits, and brings back documents that are
    /// missing.
    pub fn checkpoint(&self) -> Result<Checkpoint, StoreError> {
        let _lock = self.locked()?;
        self.recover()?;
        self.checkpoint_locked()
    }

    /// The checkpoint that follows a long log: it never fails the decision before it.
    pub(super) fn checkpoint_or_warn(&self) {
        match self.checkpoint_locked() {
            Ok(Checkpoint::Made(_)) => {}
            Ok(Checkpoint::PutOff(why)) => self.warn(format!("checkpoint put off: {why}")),
            Err(error) => self.warn(format!(
                "checkpoint failed, the log keeps everything: {error}"
            )),
        }
    }

    fn checkpoint_locked(&self) -> Result<Checkpoint, StoreError> {
        if let Some(elsewhere) = self.branch.detached()? {
            return Ok(Checkpoint::PutOff(format!(
                "the documents are on {elsewhere}"
            )));
        }
        if let Some(why) = self.branch.busy()? {
            return Ok(Checkpoint::PutOff(why));
        }
        self.branch.sweep()?;
        self.sweep_aside()?;
        self.restore_and_warn()?;
        let log = self.digest_log()?;
        for _ in 0..TRIES {
            let Some(tip) = self.branch.tip()? else {
                return Ok(Checkpoint::PutOff(
                    "the branch ghp is gone; run ghp doctor --fix".to_owned(),
                ));
            };
            let mut history = History::at(self, &tip)?;
            for record in &log.records {
                history.add(record, &log.records);
            }
            history.add_hand_edits()?;
            let commits = history.commits;
            let touched: BTreeSet<String> = commits
                .iter()
                .flat_map(|c| c.changes.iter().map(|(path, _)| path.clone()))
                .collect();
            if commits.is_empty() {
                return Ok(Checkpoint::Made(0));
            }
            let commit = self.branch.write(&tip, &commits)?;
            self.append(&Line::Intent(Intent {
                upto: log.seq,
                commit: commit.clone(),
            }))?;
            self.local
                .sync(local::LOG)
                .map_err(|source| StoreError::io("sync", local::LOG, source))?;
            match self
                .branch
                .publish(&tip, &commit, &self.on_disk(&touched, &history.blobs)?)?
            {
                Published::Done => {
                    let recorded = log
                        .records
                        .iter()
                        .flat_map(|record| &record.documents)
                        .map(|change| change.path.clone());
                    self.finish_checkpoint(log.seq, &recorded.chain(touched).collect())?;
                    return Ok(Checkpoint::Made(commits.len()));
                }
                Published::Busy => {
                    self.append(&Line::Redo)?;
                    return Ok(Checkpoint::PutOff(
                        "git is at work in .ghp (its index is locked)".to_owned(),
                    ));
                }
                Published::Moved => self.append(&Line::Redo)?,
            }
        }
        Ok(Checkpoint::PutOff("the branch ghp keeps moving".to_owned()))
    }

    /// The branch has the records and what was edited by hand: makes these documents durable and empties the log.
    pub(super) fn finish_checkpoint(
        &self,
        upto: u64,
        documents: &BTreeSet<String>,
    ) -> Result<(), StoreError> {
        self.sync_documents(documents)?;
        // Emptied in place, not replaced: a rename could be undone by a power cut after the next record was promised.
        // An empty log means "nobody knows": the documents are looked through again, and all is well.
        self.local
            .truncate(local::LOG, 0)
            .map_err(|source| StoreError::io("empty", local::LOG, source))?;
        self.local
            .append(
                local::LOG,
                &encode(&Line::Base(Base {
                    seq: upto,
                    boot: self.boot().to_owned(),
                })),
            )
            .map_err(|source| StoreError::io("write", local::LOG, source))
    }

    fn sync_documents(&self, paths: &BTreeSet<String>) -> Result<(), StoreError> {
        let mut folders = BTreeSet::from([""]);
        for path in paths.iter().map(String::as_str).chain([STATUS]) {
            match self.docs.sync(path) {
                // Something else stands in its place: nothing of ours that could be lost.
                Err(error) if !is_refusal(&error) => {
                    return Err(StoreError::io("sync", path, error));
                }
                _ => {}
            }
            folders.extend(path.rsplit_once('/').map(|(folder, _)| folder));
        }
        for folder in folders {
            match self.docs.sync_names(folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StoreError::io("sync", folder, error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes unfinished files of killed processes: nobody else can be writing while we hold the lock.
    fn sweep_aside(&self) -> Result<(), StoreError> {
        for (folder, dir) in [
            (self.docs.as_ref(), ASIDE),
            (self.local.as_ref(), local::ASIDE),
        ] {
            for (name, is_folder) in folder
                .list(dir)
                .map_err(|source| StoreError::io("list", dir, source))?
            {
                let path = format!("{dir}/{name}");
                if !is_folder && name.bytes().all(|byte| byte.is_ascii_digit()) {
                    folder
                        .remove(&path)
                        .map_err(|source| StoreError::io("remove", path, source))?;
                }
            }
        }
        Ok(())
    }

    fn on_disk(
        &self,
        touched: &BTreeSet<String>,
        blobs: &HashMap<String, Content>,
    ) -> Result<Vec<OnDisk>, StoreError> {
        let mut documents = Vec::new();
        for path in touched {
            let committed = blobs.get(path).map(|content| content.id);
            let read = self
                .docs
                .read_with_stat(path)
                .map_err(|source| StoreError::io("read", path, source))?;
            let stat = read.filter(|(bytes, _)| {
                Some(BlobId::of(bytes)) == committed
                    || path == STATUS
                        && Some(BlobId::of(
                            self.quieted(bytes, blobs.get(STATUS)).as_bytes(),
                        )) == committed
            });
            documents.push(OnDisk {
                path: path.clone(),
                blob: committed,
                stat: stat.map(|(_, stat)| stat),
            });
        }
        Ok(documents)
    }

    /// The status document as git sees it beside what it has: without what only heartbeats changed.
    #[expect(clippy::unused_self, reason = "reads as one of the store's questions")]
    fn quieted(&self, bytes: &[u8], committed: Option<&Content>) -> String {
        let text = String::from_utf8_lossy(bytes).into_owned();
        match committed.and_then(|content| content.text.as_deref()) {
            Some(committed) => quiet(&text, committed),
            None => text,
        }
    }
}

/// A document's content in the history that is being made.
struct Content {
    id: BlobId,
    /// Kept for the status document only.
    text: Option<String>,
}

/// The commits to be made, with what the branch holds after each.
struct History<'a> {
    store: &'a Store,
    tip: String,
    tip_status: Status,
    /// What the newest commit holds.
    blobs: HashMap<String, Content>,
    /// Earlier states of each document in the log.
    earlier: HashMap<String, Vec<BlobId>>,
    commits: Vec<NewCommit>,
}

impl<'a> History<'a> {
    fn at(store: &'a Store, tip: &str) -> Result<History<'a>, StoreError> {
        let blobs = store
            .branch
            .paths(tip)?
            .into_iter()
            .map(|(path, id)| (path, Content { id, text: None }))
            .collect();
        let mut history = History {
            store,
            tip: tip.to_owned(),
            tip_status: Status::default(),
            blobs,
            earlier: HashMap::new(),
            commits: Vec::new(),
        };
        let text = store
            .branch
            .read(tip, STATUS)?
            .and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some(text) = text {
            history.tip_status = parse_status(&text)
                .map(|(status, _)| status)
                .unwrap_or_default();
            history.hold(STATUS, Some(&text));
        }
        Ok(history)
    }

    fn hold(&mut self, path: &str, text: Option<&str>) {
        match text {
            Some(text) => {
                let id = BlobId::of(text.as_bytes());
                self.blobs.insert(
                    path.to_owned(),
                    Content {
                        id,
                        text: (path == STATUS).then(|| text.to_owned()),
                    },
                );
            }
            None => drop(self.blobs.remove(path)),
        }
    }

    /// A record's commit. A document enters it only where the parent holds what it was made from, or an earlier state
    /// from the log: if somebody committed something newer, the commit keeps the message alone.
    fn add(&mut self, record: &Record, records: &[Record]) {
        let mut by_hand = Vec::new();
        for change in &record.documents {
            let was = change.was.as_ref().filter(|_| !self.fits(change));
            if let Some(was) = was.filter(|_| !self.was_removed(&change.path)) {
                self.earlier
                    .entry(change.path.clone())
                    .or_default()
                    .push(BlobId::of(was.as_bytes()));
                self.hold(&change.path, Some(was));
                by_hand.push((change.path.clone(), Some(was.clone().into_bytes())));
            }
        }
        if !by_hand.is_empty() {
            self.commits.push(hand_commit(by_hand, record.at));
        }
        let mut changes = Vec::new();
        for change in &record.documents {
            if self.fits(change) {
                changes.push((
                    change.path.clone(),
                    change.content.clone().map(String::into_bytes),
                ));
                self.hold(&change.path, change.content.as_deref());
            }
            if let Some(content) = &change.content {
                self.earlier
                    .entry(change.path.clone())
                    .or_default()
                    .push(BlobId::of(content.as_bytes()));
            }
        }
        if !record.entries.is_empty() {
            let text = self
                .blobs
                .get(STATUS)
                .and_then(|content| content.text.clone());
            let mut status = text
                .as_deref()
                .and_then(|text| parse_status(text).ok())
                .map(|(status, _)| status)
                .unwrap_or_default();
            let mut changed = false;
            for (agent, change) in &record.entries {
                let older = older_entries(agent, record.seq, records, &self.tip_status);
                changed |= apply_entry(&mut status, agent, change, &older);
            }
            if changed {
                let text = status.render();
                changes.push((STATUS.to_owned(), Some(text.clone().into_bytes())));
                self.hold(STATUS, Some(&text));
            }
        }
        let mut message = format!(
            "{}\n\nAgent: {}\nCommand: {}\n",
            record.message, record.by, record.command
        );
        if let Some(issue) = record.issue {
            message.push_str(&format!("Issue: #{issue}\n"));
        }
        self.commits.push(NewCommit {
            author: record.by.clone(),
            at: record.at,
            message,
            changes,
        });
    }

    /// Whether somebody removed the document with git: neither the branch nor the folder has it.
    fn was_removed(&self, path: &str) -> bool {
        let gone = self.store.docs.stat(path).is_ok_and(|stat| stat.is_none());
        gone && !self.blobs.contains_key(path)
    }

    /// Whether the parent holds what the change was made from, or an earlier state from the log.
    fn fits(&self, change: &Change) -> bool {
        let now = self.blobs.get(&change.path).map(|content| content.id);
        now == change.before
            || self
                .earlier
                .get(&change.path)
                .is_some_and(|earlier| now.is_some_and(|now| earlier.contains(&now)))
    }

    /// What stands in the folder and in no record: somebody's editor, or heartbeats.
    fn add_hand_edits(&mut self) -> Result<(), StoreError> {
        let mut changes = Vec::new();
        let mut heartbeats = None;
        for path in self.store.scan()? {
            let bytes = match self.store.docs.read(&path) {
                Ok(Some(bytes)) => bytes,
                Ok(None) => continue,
                Err(error) => {
                    self.store
                        .warn(format!("{path} is not in the checkpoint: {error}"));
                    continue;
                }
            };
            let committed = self.blobs.get(&path);
            if committed.is_some_and(|content| content.id == BlobId::of(&bytes)) {
                continue;
            }
            // A damaged document is no state to remember: the branch is what it will be rebuilt from.
            let damage = std::str::from_utf8(&bytes).map_or(Some("not UTF-8".to_owned()), |text| {
                fault(&path, text).map(|malformed| malformed.to_string())
            });
            if let Some(damage) = damage {
                self.store.warn(format!(
                    "{path} cannot be read and is not in the checkpoint: {damage}"
                ));
                continue;
            }
            if path == STATUS {
                let text = self.store.quieted(&bytes, committed);
                let before = committed
                    .and_then(|content| content.text.as_deref())
                    .unwrap_or_default();
                if text == before {
                    continue;
                }
                if only_heartbeats(before, &text) {
                    heartbeats = Some(bytes);
                    continue;
                }
                self.hold(STATUS, Some(&text));
            } else {
                self.blobs.insert(
                    path.clone(),
                    Content {
                        id: BlobId::of(&bytes),
                        text: None,
                    },
                );
            }
            changes.push((path, Some(bytes)));
        }
        // The same status document in both commits would be wrong, so heartbeats ride with whatever else was edited.
        if !changes.is_empty() {
            self.commits
                .push(hand_commit(changes, self.store.now.get()));
        }
        if let Some(bytes) = heartbeats {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            self.hold(STATUS, Some(&text));
            let changes = vec![(STATUS.to_owned(), Some(bytes))];
            self.commits.push(NewCommit {
                author: "ghp".to_owned(),
                at: self.store.now.get(),
                message: "heartbeats\n".to_owned(),
                changes,
            });
        }
        debug_assert!(!self.tip.is_empty());
        Ok(())
    }
}

fn hand_commit(
    changes: Vec<(String, Option<Vec<u8>>)>,
    at: crate::domain::time::Timestamp,
) -> NewCommit {
    let paths: Vec<&str> = changes.iter().map(|(path, _)| path.as_str()).collect();
    let message = match paths.as_slice() {
        [one] => format!("{one} edited by hand\n"),
        many => format!(
            "{} documents edited by hand\n\n{}\n",
            many.len(),
            many.join("\n")
        ),
    };
    NewCommit {
        author: BY_HAND.to_owned(),
        at,
        message,
        changes,
    }
}

/// Whether two status documents differ in nothing but what heartbeats change.
fn only_heartbeats(before: &str, after: &str) -> bool {
    let (Ok((before, _)), Ok((after, _))) = (parse_status(before), parse_status(after)) else {
        return false;
    };
    before.unknown == after.unknown
        && before
            .agents
            .keys()
            .all(|agent| after.agents.contains_key(agent))
        && after
            .agents
            .iter()
            .all(|(agent, entry)| match before.agents.get(agent) {
                Some(old) => old.work() == entry.work(),
                None => SEEN.contains(&entry.word()),
            })
}
