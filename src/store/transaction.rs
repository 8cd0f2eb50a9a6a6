//! A decision: read, change, and write documents as one.

use std::collections::BTreeMap;

use super::error::StoreError;
use super::layout::{CONFIG, STATUS, local};
use super::loaded::{Before, Loaded, LoadedStatus};
use super::log::{Applied, Change, EntryChange, Line, Record};
use super::recover::Journal;
use super::{Store, document_path, parse, parse_status, stems, utf8};
use crate::documents::Document;
use crate::documents::hash::BlobId;
use crate::documents::paged::Paged;
use crate::documents::status::Status;
use crate::domain::agent::Entry;
use crate::host::folder::{Stat, is_refusal};
use crate::host::seed::{Seed, is_sown};

/// A log longer than this is turned into commits by whoever made it so, in bytes.
const CHECKPOINT_AT: u64 = 256 << 10;
/// How often a decision is made again because a person saved a document meanwhile.
const TRIES: usize = 3;

/// The documents as a decision sees them; nothing is written before it is whole.
pub struct Transaction<'a> {
    pub(super) store: &'a Store,
    documents: BTreeMap<String, Loaded>,
    status: Option<LoadedStatus>,
    /// Whether missing documents have been looked for.
    restored: bool,
    message: String,
    issue: Option<u64>,
}

impl Transaction<'_> {
    /// Says what this decision is, in one line for the history; `issue` becomes a trailer.
    pub fn say(&mut self, message: impl Into<String>, issue: Option<u64>) {
        self.message = message.into();
        self.issue = issue;
    }

    /// Says this in front of what was said.
    pub fn say_first(&mut self, first: &str) {
        self.message = format!("{first}; {}", self.message);
    }

    /// Who does what; changes to it are part of the decision. Where one entry changes, [`Transaction::entry`] and its like
    /// cost less.
    pub fn status(&mut self) -> Result<&mut Status, StoreError> {
        let loaded = self.loaded_status()?;
        if let Before::Entries(entries) = &mut loaded.before {
            let mut before = loaded.after.clone();
            for (name, entry) in std::mem::take(entries) {
                match entry {
                    Some(entry) => drop(before.agents.insert(name, entry)),
                    None => drop(before.agents.remove(&name)),
                }
            }
            loaded.before = Before::Whole(before);
        }
        Ok(&mut loaded.after)
    }

    /// Who does what, as this decision has it so far; to look at only.
    pub fn board(&mut self) -> Result<&Status, StoreError> {
        Ok(&self.loaded_status()?.after)
    }

    fn loaded_status(&mut self) -> Result<&mut LoadedStatus, StoreError> {
        if self.status.is_none() {
            let (text, stat) = self.store.read_with_stat(STATUS)?;
            let status = match text.as_deref() {
                None => Status::default(),
                Some(text) => {
                    let (status, merged) = parse_status(text)?;
                    if merged {
                        self.store.warn("agent-status.json held git's conflict markers; both sides were merged by agent");
                    }
                    status
                }
            };
            self.status = Some(LoadedStatus {
                text,
                stat,
                before: Before::Entries(BTreeMap::new()),
                after: status,
            });
        }
        match &mut self.status {
            Some(loaded) => Ok(loaded),
            None => unreachable!("loaded just above"),
        }
    }

    /// The status document, to change this agent's entry in and nothing else: a copy of that alone is kept.
    fn lent(&mut self, agent: &str) -> Result<&mut Status, StoreError> {
        let loaded = self.loaded_status()?;
        if let Before::Entries(entries) = &mut loaded.before
            && !entries.contains_key(agent)
        {
            entries.insert(agent.to_owned(), loaded.after.agents.get(agent).cloned());
        }
        Ok(&mut loaded.after)
    }

    /// An agent's entry, made if there is none.
    pub fn entry(&mut self, agent: &str) -> Result<&mut Entry, StoreError> {
        let status = self.lent(agent)?;
        Ok(status.agents.entry(agent.to_owned()).or_default())
    }

    /// An agent's entry, when there is one.
    pub fn known(&mut self, agent: &str) -> Result<Option<&mut Entry>, StoreError> {
        Ok(self.lent(agent)?.agents.get_mut(agent))
    }

    /// Takes an agent's entry off the board; `false`: there was none.
    pub fn remove_entry(&mut self, agent: &str) -> Result<bool, StoreError> {
        Ok(self.lent(agent)?.agents.remove(agent).is_some())
    }

    fn loaded(&mut self, path: &str) -> Result<&mut Loaded, StoreError> {
        if !self.documents.contains_key(path) {
            let (mut text, mut stat) = self.store.read_with_stat(path)?;
            // Nobody deletes a document with `rm`: what the branch or the log knows comes back first. The configuration
            // is what a checkout of an old branch of the code overwrites.
            let doubtful = text.is_none() || path == CONFIG;
            if doubtful && !std::mem::replace(&mut self.restored, true) {
                self.store.restore_and_warn()?;
                (text, stat) = self.store.read_with_stat(path)?;
            }
            self.documents.insert(
                path.to_owned(),
                Loaded {
                    before: text.clone(),
                    stat,
                    after: text,
                },
            );
        }
        match self.documents.get_mut(path) {
            Some(loaded) => Ok(loaded),
            None => unreachable!("inserted just above"),
        }
    }

    /// The text of a document; `None` when there is none.
    pub fn text(&mut self, path: &str) -> Result<Option<String>, StoreError> {
        Ok(self.loaded(path)?.after.clone())
    }

    /// Writes a new document under a name that was never used before (a random id), so that nothing needs to be looked
    /// up: should there be one, it is found before anything is written, and the decision is made again.
    pub fn add<T: Document>(&mut self, document: &Paged<T>) {
        let new = Loaded {
            before: None,
            stat: None,
            after: Some(document.render()),
        };
        self.documents.insert(document.path(), new);
    }

    /// Sets the text of a document.
    pub fn set_text(&mut self, path: &str, text: String) -> Result<(), StoreError> {
        self.loaded(path)?.after = Some(text);
        Ok(())
    }

    /// Removes a document.
    pub fn remove(&mut self, path: &str) -> Result<(), StoreError> {
        self.loaded(path)?.after = None;
        Ok(())
    }

    /// A document by its stem; `None` when there is none.
    pub fn load<T: Document>(&mut self, stem: &str) -> Result<Option<Paged<T>>, StoreError> {
        let path = document_path::<T>(stem);
        self.text(&path)?
            .map(|text| parse(&path, stem, &text))
            .transpose()
    }

    /// Writes a document.
    pub fn save<T: Document>(&mut self, document: &Paged<T>) -> Result<(), StoreError> {
        self.set_text(&document.path(), document.render())
    }

    /// The stems of a kind's documents, sorted.
    pub fn stems<T: Document>(&self) -> Result<Vec<String>, StoreError> {
        stems::<T>(self.store.docs.as_ref())
    }

    /// Whether a document of this kind has a stem that ends so. Read as the folder gives them: nothing is kept.
    pub fn has_end<T: Document>(&self, end: &str) -> Result<bool, StoreError> {
        let mut found = false;
        let mut see = |name: &str, _| {
            found |= name
                .strip_suffix(".md")
                .is_some_and(|stem| stem.ends_with(end));
        };
        let seen = self.store.docs.names(T::FOLDER, &mut see);
        seen.map_err(|source| StoreError::io("list", T::FOLDER, source))?;
        Ok(found)
    }

    /// All documents of a kind that can be read; the others are warned about.
    pub fn all<T: Document>(&mut self) -> Result<Vec<Paged<T>>, StoreError> {
        let mut all = Vec::new();
        for stem in self.stems::<T>()? {
            match self.load::<T>(&stem) {
                Ok(document) => all.extend(document),
                Err(error @ (StoreError::Unreadable { .. } | StoreError::Io { .. })) => {
                    self.store.warn(error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    }

    fn changes(&self) -> Vec<(&str, &Loaded)> {
        self.documents
            .iter()
            .filter(|(_, loaded)| loaded.before != loaded.after)
            .map(|(path, loaded)| (path.as_str(), loaded))
            .collect()
    }

    fn entries(&self) -> BTreeMap<String, EntryChange> {
        self.status
            .as_ref()
            .map(LoadedStatus::changes)
            .unwrap_or_default()
    }
}

impl Store {
    /// Makes a decision: under the lock, runs `change` on the documents as they stand, and writes what it changed
    /// as one. When a person saves one of these documents meanwhile, `change` runs again on what they saved.
    /// `by`: who decides; `command`: the verb.
    pub fn decide<T, E: From<StoreError>>(
        &self,
        by: &str,
        command: &str,
        mut change: impl FnMut(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let _lock = self.locked()?;
        self.require_attached()?;
        let mut journal = self.recover()?;
        self.restore_lost_status()?;
        for _ in 0..TRIES {
            let mut transaction = Transaction {
                store: self,
                documents: BTreeMap::new(),
                status: None,
                restored: false,
                message: String::new(),
                issue: None,
            };
            let answer = change(&mut transaction)?;
            match self.commit(by, command, &transaction, &mut journal)? {
                None => {
                    if journal.length > CHECKPOINT_AT {
                        self.checkpoint_or_warn();
                    }
                    return Ok(answer);
                }
                Some(path) => drop(path),
            }
        }
        Err(StoreError::Changed("a document".to_owned()).into())
    }

    fn require_attached(&self) -> Result<(), StoreError> {
        match self.branch.detached()? {
            Some(elsewhere) => Err(StoreError::Detached(elsewhere)),
            None => Ok(()),
        }
    }

    fn restore_lost_status(&self) -> Result<(), StoreError> {
        match self.docs.stat(STATUS) {
            Ok(None) => self.restore_and_warn(),
            // Something else in its place is for whoever needs it to refuse: other documents stay usable.
            Err(error) if !is_refusal(&error) => Err(StoreError::io("read", STATUS, error)),
            _ => Ok(()),
        }
    }

    pub(super) fn restore_and_warn(&self) -> Result<(), StoreError> {
        for path in self.restore_missing()? {
            self.warn(format!("{path} was missing and has been restored"));
        }
        Ok(())
    }

    fn read_with_stat(&self, path: &str) -> Result<(Option<String>, Option<Stat>), StoreError> {
        let read = self
            .docs
            .read_with_stat(path)
            .map_err(|source| StoreError::io("read", path, source))?;
        Ok(match read {
            None => (None, None),
            Some((content, stat)) => (Some(utf8(path, content)?), Some(stat)),
        })
    }

    /// Writes what the transaction changed; the path of a document that a person saved meanwhile when it must be
    /// made again.
    fn commit(
        &self,
        by: &str,
        command: &str,
        transaction: &Transaction<'_>,
        journal: &mut Journal,
    ) -> Result<Option<String>, StoreError> {
        let changes = transaction.changes();
        let entries = transaction.entries();
        if changes.is_empty() && entries.is_empty() {
            return Ok(None);
        }
        if let Some(path) = self.saved_meanwhile(transaction, &changes)? {
            return Ok(Some(path));
        }
        let mut documents = Vec::with_capacity(changes.len());
        for (path, loaded) in &changes {
            loaded.refuse_unreadable(path)?;
            // Somebody else wrote it since our last write: their words must not be lost under ours.
            let ours = loaded.stat.is_none_or(|stat| {
                journal
                    .applied
                    .files
                    .iter()
                    .any(|(p, s)| p == path && *s == stat)
            });
            if !ours {
                self.docs
                    .sync(path)
                    .map_err(|source| StoreError::io("sync", path, source))?;
            }
            documents.push(Change {
                path: (*path).to_owned(),
                before: loaded
                    .before
                    .as_deref()
                    .map(|text| BlobId::of(text.as_bytes())),
                was: loaded.before.clone().filter(|_| !ours),
                content: loaded.after.clone(),
            });
        }
        debug_assert!(
            !transaction.message.is_empty(),
            "a {command} that the history cannot tell"
        );
        let record = Record {
            seq: journal.seq + 1,
            boot: self.boot().to_owned(),
            at: self.now.get(),
            by: by.to_owned(),
            command: command.to_owned(),
            message: transaction.message.clone(),
            issue: transaction.issue,
            documents,
            entries,
        };
        let seq = record.seq;
        let line = super::log::encode(&Line::Record(record));
        if is_sown(Seed::EarlyApply) {
            self.put_in_place(transaction, &changes, journal)?;
        }
        let synced = self
            .local
            .append_durably(local::LOG, &line)
            .map_err(|source| StoreError::io("write", local::LOG, source))?;
        if let Err(source) = synced {
            // Never try the sync again: the kernel may have dropped the pages. Take the record back instead; if even
            // that fails, nobody knows.
            return Err(match self.local.truncate(local::LOG, journal.length) {
                Ok(()) => StoreError::io("sync", local::LOG, source),
                Err(_) => StoreError::Unknown(source),
            });
        }
        journal.seq = seq;
        journal.length += line.len() as u64;
        // From here on the decision stands. A person who saved in this very moment wins: it is taken back whole.
        let unknown = |error: StoreError| StoreError::Unknown(std::io::Error::other(error));
        if !is_sown(Seed::EarlyApply)
            && let Some(path) = self
                .saved_meanwhile(transaction, &changes)
                .map_err(unknown)?
        {
            self.append(&Line::Void(seq)).map_err(unknown)?;
            self.local.sync(local::LOG).map_err(StoreError::Unknown)?;
            journal.applied = self.mark(seq, Vec::new())?;
            journal.length = self.log_length()?;
            return Ok(Some(path));
        }
        self.put_in_place(transaction, &changes, journal)
            .unwrap_or_else(|error| {
                self.warn(format!(
                    "decided, but not yet in place: {error}; the next command finishes it"
                ));
            });
        Ok(None)
    }

    /// Renames the decision's documents into place. A failure leaves the mark away, so that the next locker does it.
    fn put_in_place(
        &self,
        transaction: &Transaction<'_>,
        changes: &[(&str, &Loaded)],
        journal: &mut Journal,
    ) -> Result<(), StoreError> {
        let mut files = Vec::with_capacity(changes.len());
        for (path, loaded) in changes {
            let io = |source| StoreError::io("write", path, source);
            match &loaded.after {
                Some(text) => files.push((
                    (*path).to_owned(),
                    self.docs
                        .replace_with_stat(path, text.as_bytes())
                        .map_err(io)?,
                )),
                None => self.docs.remove(path).map_err(io)?,
            }
        }
        if let Some(status) = transaction
            .status
            .as_ref()
            .filter(|status| status.is_changed())
        {
            let text = status.after.render();
            self.docs
                .replace(STATUS, text.as_bytes())
                .map_err(|source| StoreError::io("write", STATUS, source))?;
        }
        journal.applied = self.mark(journal.seq, files)?;
        Ok(())
    }

    fn mark(&self, seq: u64, files: Vec<(String, Stat)>) -> Result<Applied, StoreError> {
        let applied = Applied {
            seq,
            boot: self.boot().to_owned(),
            files,
        };
        self.append(&Line::Applied(applied.clone()))?;
        Ok(applied)
    }

    /// The first document that is not as it was read. A look is enough where its stat still agrees.
    fn saved_meanwhile(
        &self,
        transaction: &Transaction<'_>,
        changes: &[(&str, &Loaded)],
    ) -> Result<Option<String>, StoreError> {
        let status = transaction
            .status
            .iter()
            .map(|status| (STATUS, status.stat, status.text.as_deref()));
        let documents = changes
            .iter()
            .map(|(path, loaded)| (*path, loaded.stat, loaded.before.as_deref()));
        for (path, stat, text) in status.chain(documents) {
            let now = self
                .docs
                .stat(path)
                .map_err(|source| StoreError::io("read", path, source))?;
            if now != stat && self.read_with_stat(path)?.0.as_deref() != text {
                return Ok(Some(path.to_owned()));
            }
        }
        Ok(None)
    }
}
