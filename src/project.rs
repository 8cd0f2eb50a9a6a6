//! The opened project: fields and openers only.

mod caller;

pub use caller::{Caller, Found};

use std::cell::{Cell, OnceCell, RefCell};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use crate::config::Config;
use crate::config::trust::{self, Pins};
use crate::domain::id::AgentId;
use crate::domain::time::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::git::branch::DocumentsBranch;
use crate::git::place::{self, Place};
use crate::git::worktree;
use crate::host::folder::{Dir, Folder};
use crate::host::watch::{Stop, Watch};
use crate::host::{clock, env};
use crate::sessions::Sessions;
use crate::store::error::StoreError;
use crate::store::layout::{self, local};
use crate::store::{Store, Transaction};

/// A repository with documents, and who is asking.
pub struct Project {
    /// Where git says we are.
    pub place: Place,
    here: PathBuf,
    documents: PathBuf,
    local: Rc<Dir>,
    now: Cell<Timestamp>,
    agent: Option<String>,
    lock_wait: Cell<Option<Duration>>,
    config: OnceCell<Config>,
    found: OnceCell<Found>,
    store: OnceCell<Store>,
    warnings: RefCell<Vec<String>>,
    stop: Stop,
}

impl Project {
    /// Opens the project around `directory` (the current one when `None`); `agent`: what `--agent` said.
    pub fn open(directory: Option<&Path>, agent: Option<String>) -> Result<Project> {
        let cwd = match directory {
            None => env::current_dir(),
            Some(directory) => directory.canonicalize(),
        };
        let cwd = cwd.map_err(|error| {
            let shown = directory.unwrap_or(Path::new(".")).display().to_string();
            Error::new(Kind::Usage, format!("cannot go to {shown}"))
                .because(error)
                .next("ghp -C DIR status")
        })?;
        let guessed = place::guess(&cwd).map(open_local).transpose()?.flatten();
        let (place, local, root) = match guessed {
            Some(found) => found,
            None => open_local(place::find(&cwd)?)?.ok_or_else(no_documents)?,
        };
        let documents = normal(&place.common.join(root.trim_end()));
        Ok(Project {
            place,
            here: cwd,
            documents,
            local,
            now: Cell::new(clock::now()),
            agent,
            lock_wait: Cell::new(None),
            config: OnceCell::new(),
            found: OnceCell::new(),
            store: OnceCell::new(),
            warnings: RefCell::new(Vec::new()),
            stop: Stop::default(),
        })
    }

    /// With waits that `stop` calls off.
    #[must_use]
    pub fn until(self, stop: Stop) -> Project {
        Project { stop, ..self }
    }

    /// A watch over the documents. Made before they are looked at, it misses no change.
    pub fn watch(&self) -> Result<Watch> {
        Ok(Watch::documents(&self.documents, &self.stop)?)
    }

    /// Watches a folder beneath the machine-local one.
    pub fn watch_local(&self, folder: &str) -> Result<Watch> {
        Ok(Watch::documents(&self.local().join(folder), &self.stop)?)
    }

    /// The time this command runs at.
    pub fn now(&self) -> Timestamp {
        self.now.get()
    }

    /// The folder that the caller stands in, or that `-C` said; paths on the command line are relative to it.
    pub fn here(&self) -> &Path {
        &self.here
    }

    /// The documents' folder, absolute.
    pub fn documents(&self) -> &Path {
        &self.documents
    }

    /// The machine-local folder, `<common>/ghp`.
    pub fn local(&self) -> &Path {
        self.local.path()
    }

    /// The configuration, read once.
    pub fn config(&self) -> Result<&Config> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let text = self.store()?.text(layout::CONFIG)?;
        let config = Config::load(
            text.as_deref(),
            &self.documents.join(layout::CONFIG).display().to_string(),
        )?;
        Ok(self.config.get_or_init(|| config))
    }

    /// What a person on this machine has said yes to that the repository's configuration would run.
    pub fn pins(&self) -> Result<Pins> {
        let notes = self.store()?.local_text(local::TRUST)?;
        Ok(Pins::parse(notes.as_deref())?)
    }

    /// Refuses a setting that would run a program, unless it is the person's own or they have trusted exactly this
    /// content; see [`crate::config::trust`].
    pub fn require_trust(&self, key: &str, value: &Value) -> Result<()> {
        Ok(trust::trusted(self.config()?, &self.pins()?, key, value)?)
    }

    /// Says how long to wait for the lock, whatever the configuration says. Before the documents are opened.
    pub fn set_lock_wait(&self, longest: Duration) {
        self.lock_wait.set(Some(longest));
    }

    /// The documents, opened once. A lost folder is put back.
    pub fn store(&self) -> Result<&Store> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        let store = match self.open_store() {
            Ok(store) => store,
            Err(_) if !self.documents.join(".git").exists() => {
                self.relink()?;
                let store = self.open_store()?;
                store.settle()?;
                store
            }
            Err(error) => return Err(error),
        };
        Ok(self.store.get_or_init(|| store))
    }

    /// Puts back the documents' folder, or its link to the repository.
    pub(crate) fn relink(&self) -> Result<()> {
        let _lock = Store::lock(self.local.path())?;
        Store::doubt(self.local.path())?;
        worktree::restore(&self.place)?;
        self.warn("the documents were not linked to the repository; they are again");
        Ok(())
    }

    /// For commands that stay: time has passed, and the documents' folder may have been lost and put back since it was
    /// opened.
    pub fn refresh(&self) -> Result<()> {
        self.now.set(clock::now());
        if let Some(store) = self.store.get() {
            store.set_now(self.now());
        }
        if let Some(store) = self.store.get()
            && !store.reopen()?
        {
            self.relink()?;
            store.reopen()?;
            store.settle()?;
        }
        Ok(())
    }

    fn open_store(&self) -> Result<Store> {
        let branch = DocumentsBranch::new(&self.place.common, &self.documents);
        let documents = self.documents.clone();
        let told = self.lock_wait.get();
        // Read only when somebody else holds the lock: a heartbeat needs no configuration.
        let patience = move || {
            if let Some(told) = told {
                return told;
            }
            let text = Dir::open(&documents, layout::ASIDE)
                .and_then(|folder| folder.read(layout::CONFIG))
                .ok()
                .flatten()
                .and_then(|bytes| String::from_utf8(bytes).ok());
            let config = Config::load(text.as_deref(), layout::CONFIG).ok();
            config.and_then(|config| config.lock_timeout().ok()).map_or(
                Duration::from_secs(10),
                crate::domain::time::Duration::to_std,
            )
        };
        Ok(Store::open(
            &self.documents,
            Rc::clone(&self.local),
            Box::new(branch),
            Box::new(patience),
            self.now.get(),
        )?)
    }

    /// The sessions of this repository on this machine.
    pub fn sessions(&self) -> Result<Sessions> {
        Ok(Sessions::open(self.local())?)
    }

    /// Makes a decision as `by`; see [`Store::decide`].
    pub fn decide<T>(
        &self,
        by: &str,
        command: &str,
        change: impl FnMut(&mut Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        let store = self.store()?;
        if !store.is_linked()? {
            self.relink()?;
        }
        store.decide(by, command, change)
    }

    /// Says something beside the answer when the command ends.
    pub fn warn(&self, warning: impl Into<String>) {
        self.warnings.borrow_mut().push(warning.into());
    }

    /// What there is to say beside the answer.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.warnings.take();
        warnings.extend(
            self.store
                .get()
                .map(Store::take_warnings)
                .unwrap_or_default(),
        );
        warnings
    }

    /// Who is calling, and which rule says so.
    pub fn found(&self) -> Result<&Found> {
        if let Some(found) = self.found.get() {
            return Ok(found);
        }
        let found = caller::find(self.agent.as_deref(), &self.place)?;
        Ok(self.found.get_or_init(|| found))
    }

    /// Says who is calling, before anybody asks: for a door that knows it better than the environment does.
    pub fn recognise(&self, found: Found) -> &Found {
        self.found.get_or_init(|| found)
    }

    /// Whether `--agent` said who is calling.
    pub fn is_told_who(&self) -> bool {
        self.agent.is_some()
    }

    /// Who is calling.
    pub fn caller(&self) -> Result<&Caller> {
        Ok(&self.found()?.caller)
    }

    /// The agent that is calling; an error for a person, who has no entry of their own, and for an unnamed agent.
    pub fn me(&self) -> Result<&AgentId> {
        match self.caller()? {
            Caller::Agent(agent) => Ok(agent),
            Caller::Human(_) => Err(Error::new(
                Kind::NoAgent,
                "this is for an agent, and you are the human here",
            )
            .hint("say which agent you mean: --agent worker-1, or export GHP_AGENT=worker-1")
            .next("ghp --agent worker-1 status")),
            Caller::Unnamed(marker) => Err(caller::unnamed(marker)),
        }
    }

    /// The name that goes into documents for whoever is calling; an error for an unnamed agent.
    pub fn by(&self) -> Result<String> {
        self.found()?.by()
    }
}

/// The machine-local folder of a repository and where it says that the documents are; `None` before `ghp init`.
fn open_local(place: Place) -> Result<Option<(Place, Rc<Dir>, String)>, StoreError> {
    let folder = layout::local_dir(&place.common);
    let opened = Dir::open(&folder, local::ASIDE).and_then(|local| {
        let root = local.read(local::ROOT)?;
        Ok((local, root))
    });
    match opened {
        Ok((local, root)) => {
            let root = root.and_then(|root| String::from_utf8(root).ok());
            Ok(root.map(|root| (place, Rc::new(local), root)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::Io {
            what: "open",
            path: folder.display().to_string(),
            source,
        }),
    }
}

/// The error of a repository without documents.
pub fn no_documents() -> Error {
    Error::new(
        Kind::NoDocuments,
        "this repository has no ghp documents yet",
    )
    .next("ghp init")
}

/// A path without `..` and `.`, by words alone.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(out.pop()),
            std::path::Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}
