//! Where and when documents are written: one lock, one log, atomic replacement.
//!
//! Lock order: the store's lock first, then git's `index.lock`. The lock under which worktrees are added
//! (`git::checkout`) is never held together with the store's.
//!
//! A **decision** is one checksummed record in the log, made durable by one fdatasync (the commit point); then its
//! documents are renamed into place. A **heartbeat** is one rename and no record. A **checkpoint** turns the log's
//! records into commits. Whoever takes the lock next finishes what a killed process began. Readers take no lock.

pub mod branch;
mod checkpoint;
pub mod error;
mod groups;
pub mod layout;
mod loaded;
mod log;
mod pending;
mod rebuild;
mod recover;
mod replay;
pub mod scan;
pub use scan::is_document;
mod transaction;
mod workflows;

#[cfg(test)]
mod simulation;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use crate::documents::Document;
use crate::documents::brief::Brief;
use crate::documents::paged::Paged;
use crate::documents::status::Status;
use crate::domain::issue::Issue;
use crate::domain::time::Timestamp;
use crate::host::folder::{Dir, Folder};
use crate::host::lock::{Lock, lock};
use crate::host::seed::{Seed, is_sown};
use branch::Branch;
pub use checkpoint::Checkpoint;
use error::StoreError;
pub use pending::Pending;
pub use rebuild::Rebuilt;
pub use transaction::Transaction;

/// How long to wait for the lock; asked only when somebody else holds it.
pub type Patience = Box<dyn Fn() -> Duration>;

/// The documents of one repository, and the machine-local files that guard them.
pub struct Store {
    docs: Box<dyn Folder>,
    local: Rc<dyn Folder>,
    branch: Box<dyn Branch>,
    /// The lock file and how long to wait for it; `None` when the caller is alone by construction.
    lock: Option<(PathBuf, Patience)>,
    boot: OnceCell<String>,
    now: Cell<Timestamp>,
    warnings: RefCell<Vec<String>>,
}

impl Store {
    /// Opens the documents in `docs` with the machine-local files in `local` (`<common>/ghp`).
    pub fn open(
        docs: &Path,
        local: Rc<Dir>,
        branch: Box<dyn Branch>,
        patience: Patience,
        now: Timestamp,
    ) -> Result<Store, StoreError> {
        let opened = Dir::open(docs, layout::ASIDE);
        Ok(Store {
            docs: Box::new(opened.map_err(|source| StoreError::io("open", docs, source))?),
            branch,
            lock: Some((local.path().join(layout::local::LOCK), patience)),
            local,
            boot: OnceCell::new(),
            now: Cell::new(now),
            warnings: RefCell::new(Vec::new()),
        })
    }

    /// Makes the machine-local folder with an empty lock and log, durably; what is there stays.
    pub fn prepare(local: &Path) -> Result<(), StoreError> {
        let io = |source| StoreError::io("make", local, source);
        std::fs::create_dir_all(local).map_err(io)?;
        let dir = Dir::open(local, layout::local::ASIDE).map_err(io)?;
        for file in [layout::local::LOCK, layout::local::LOG] {
            dir.append(file, b"").map_err(io)?;
        }
        dir.sync_names("").map_err(io)
    }

    /// Takes the lock of a repository whose documents are not open: for `init` and for restoring them.
    pub fn lock(local: &Path) -> Result<Lock, StoreError> {
        lock(&local.join(layout::local::LOCK), || Duration::from_secs(10)).map_err(StoreError::Lock)
    }

    /// Opens the documents' folder again if another stands in its place; `false` when none does.
    pub fn reopen(&self) -> Result<bool, StoreError> {
        let io = |source| StoreError::io("open", layout::DOCUMENTS, source);
        self.docs.reopen().map_err(io)
    }

    /// Says what time it is now: for commands that stay.
    pub fn set_now(&self, now: Timestamp) {
        self.now.set(now);
    }

    /// Puts the documents in order if the log says so, before anybody reads them.
    pub fn settle(&self) -> Result<(), StoreError> {
        let _lock = self.locked()?;
        self.recover().map(drop)
    }

    /// What the store had to say while it worked, for a person's eyes.
    pub fn take_warnings(&self) -> Vec<String> {
        self.warnings.take()
    }

    fn warn(&self, warning: impl Into<String>) {
        self.warnings.borrow_mut().push(warning.into());
    }

    /// Whether the documents' folder is linked to its branch; a decision needs that.
    pub fn is_linked(&self) -> Result<bool, StoreError> {
        Ok(self.branch.is_linked()?)
    }

    /// This boot of this machine.
    pub fn boot(&self) -> &str {
        self.boot.get_or_init(crate::host::clock::boot)
    }

    fn locked(&self) -> Result<Option<Lock>, StoreError> {
        if is_sown(Seed::Unlocked) {
            return Ok(None);
        }
        self.lock
            .as_ref()
            .map(|(path, patience)| lock(path, patience))
            .transpose()
            .map_err(StoreError::Lock)
    }

    /// The text of a document; `None` when there is none. No lock: a rename is atomic.
    pub fn text(&self, path: &str) -> Result<Option<String>, StoreError> {
        read_text(self.docs.as_ref(), path)
    }

    /// Who does what, as it stands now.
    pub fn status(&self) -> Result<Status, StoreError> {
        let text = self.text(layout::STATUS)?.unwrap_or_default();
        if text.is_empty() {
            return Ok(Status::default());
        }
        parse_status(&text).map(|(status, _)| status)
    }

    /// One document by its stem; `None` when there is none.
    pub fn load<T: Document>(&self, stem: &str) -> Result<Option<Paged<T>>, StoreError> {
        let path = document_path::<T>(stem);
        self.text(&path)?
            .map(|text| parse::<T>(&path, stem, &text))
            .transpose()
    }

    /// The stems of a kind's documents, sorted; whatever else lies in the folder is no document.
    pub fn stems<T: Document>(&self) -> Result<Vec<String>, StoreError> {
        stems::<T>(self.docs.as_ref())
    }

    /// All documents of a kind that can be read, sorted by stem, with those that cannot.
    pub fn all<T: Document>(&self) -> Result<(Vec<Paged<T>>, Vec<StoreError>), StoreError> {
        let mut good = Vec::new();
        let mut bad = Vec::new();
        for stem in self.stems::<T>()? {
            match self.load::<T>(&stem) {
                Ok(Some(document)) => good.push(document),
                Ok(None) => {}
                Err(error @ (StoreError::Unreadable { .. } | StoreError::Io { .. })) => {
                    bad.push(error);
                }
                Err(error) => return Err(error),
            }
        }
        Ok((good, bad))
    }

    /// Like [`Store::all`], warning about what cannot be read: other documents stay usable.
    pub fn readable<T: Document>(&self) -> Result<Vec<Paged<T>>, StoreError> {
        let (good, bad) = self.all::<T>()?;
        for error in bad {
            self.warn(error.to_string());
        }
        Ok(good)
    }

    /// What the board needs of every issue, by number; those that cannot be read are warned about.
    pub fn briefs(&self) -> Result<BTreeMap<u64, Brief>, StoreError> {
        let mut briefs = BTreeMap::new();
        for stem in self.stems::<Issue>()? {
            let path = document_path::<Issue>(&stem);
            let brief = self.text(&path).and_then(|text| {
                let Some(text) = text else { return Ok(None) };
                match Brief::plain(stem.parse().unwrap_or(0), &text) {
                    Some(brief) => Ok(Some(brief)),
                    None => {
                        parse::<Issue>(&path, &stem, &text).map(|issue| Some(Brief::from(&*issue)))
                    }
                }
            });
            match brief {
                Ok(brief) => briefs.extend(brief.map(|brief| (brief.number, brief))),
                Err(error @ (StoreError::Unreadable { .. } | StoreError::Io { .. })) => {
                    self.warn(error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(briefs)
    }

    /// Whose Working Contexts there are, sorted.
    pub fn caves(&self) -> Result<BTreeSet<String>, StoreError> {
        let folder = layout::CAVES;
        let names = self
            .docs
            .list(folder)
            .map_err(|source| StoreError::io("list", folder, source))?;
        let folders = names.into_iter().filter(|(_, is_folder)| *is_folder);
        Ok(folders.map(|(name, _)| name).collect())
    }

    /// The path of every document in the folder, sorted.
    pub fn paths(&self) -> Result<BTreeSet<String>, StoreError> {
        self.scan()
    }

    /// A machine-local file's text.
    pub fn local_text(&self, path: &str) -> Result<Option<String>, StoreError> {
        read_text(self.local.as_ref(), path)
    }

    /// The names in a machine-local folder.
    pub fn local_names(&self, dir: &str) -> Result<BTreeSet<String>, StoreError> {
        let names = self
            .local
            .list(dir)
            .map_err(|source| StoreError::io("list", dir, source))?;
        Ok(names.into_iter().map(|(name, _)| name).collect())
    }

    /// Replaces a machine-local file when its content is another.
    pub fn set_local_text(&self, path: &str, text: &str) -> Result<(), StoreError> {
        if self.local_text(path)?.as_deref() != Some(text) {
            self.local
                .replace(path, text.as_bytes())
                .map_err(|source| StoreError::io("write", path, source))?;
        }
        Ok(())
    }

    /// Removes a machine-local file; fine when there is none.
    pub fn remove_local(&self, path: &str) -> Result<(), StoreError> {
        self.local
            .remove(path)
            .map_err(|source| StoreError::io("remove", path, source))
    }

    /// When a machine-local file was last written, in nanoseconds since 1970; `None` when there is none.
    pub fn local_written_at(&self, path: &str) -> Result<Option<i64>, StoreError> {
        let stat = self.local.stat(path);
        let stat = stat.map_err(|source| StoreError::io("look at", path, source))?;
        Ok(stat.map(|stat| stat.mtime))
    }

    /// A heartbeat: changes the status document under the lock, with one rename, no record and no sync.
    pub fn beat<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Status) -> Result<T, E>,
    ) -> Result<T, E> {
        let early = is_sown(Seed::EarlyRead).then(|| self.text(layout::STATUS));
        let _lock = self.locked()?;
        self.recover()?;
        let text = if let Some(text) = early.unwrap_or_else(|| self.text(layout::STATUS))? {
            text
        } else {
            self.restore_and_warn()?;
            self.text(layout::STATUS)?
                .unwrap_or_else(|| Status::default().render())
        };
        let (mut status, merged) = parse_status(&text)?;
        if merged {
            self.warn(
                "agent-status.json held git's conflict markers; both sides were merged by agent",
            );
        }
        let answer = change(&mut status)?;
        let rendered = status.render();
        if rendered != text {
            self.docs
                .replace(layout::STATUS, rendered.as_bytes())
                .map_err(|source| StoreError::io("write", layout::STATUS, source))?;
        }
        Ok(answer)
    }
}

fn document_path<T: Document>(stem: &str) -> String {
    format!("{}/{stem}.md", T::FOLDER)
}

fn parse<T: Document>(path: &str, stem: &str, text: &str) -> Result<Paged<T>, StoreError> {
    Paged::parse(stem, text).map_err(|malformed| StoreError::Unreadable {
        path: path.to_owned(),
        malformed,
    })
}

fn stems<T: Document>(docs: &dyn Folder) -> Result<Vec<String>, StoreError> {
    let names = docs
        .list(T::FOLDER)
        .map_err(|source| StoreError::io("list", T::FOLDER, source))?;
    let mut stems: Vec<String> = names
        .into_iter()
        .filter(|(_, folder)| !folder)
        .filter_map(|(name, _)| {
            name.strip_suffix(".md")
                .filter(|stem| T::is_stem(stem))
                .map(str::to_owned)
        })
        .collect();
    stems.sort_unstable();
    Ok(stems)
}

fn read_text(folder: &dyn Folder, path: &str) -> Result<Option<String>, StoreError> {
    let content = folder
        .read(path)
        .map_err(|source| StoreError::io("read", path, source))?;
    content.map(|content| utf8(path, content)).transpose()
}

fn utf8(path: &str, content: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(content).map_err(|error| {
        StoreError::not_text(path, error.as_bytes(), error.utf8_error().valid_up_to())
    })
}

/// Reads the status document; one with git's conflict markers is merged by agent, which the second value says.
fn parse_status(text: &str) -> Result<(Status, bool), StoreError> {
    Status::parse(text)
        .map(|status| (status, false))
        .or_else(|malformed| {
            if is_sown(Seed::UnreadAsEmpty) {
                return Ok((Status::default(), false));
            }
            crate::documents::merge::resolve_markers(text)
                .and_then(|merged| Status::parse(&merged).ok())
                .map(|status| (status, true))
                .ok_or(StoreError::Unreadable {
                    path: layout::STATUS.to_owned(),
                    malformed,
                })
        })
}
