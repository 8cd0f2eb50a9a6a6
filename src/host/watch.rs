//! Being woken when documents change.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration as StdDuration, Instant};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::domain::time::{BadDuration, Duration};
use crate::error::{Explain, Kind};

/// How long somebody is willing to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// For ever.
    Forever,
    /// This long.
    For(Duration),
}

impl Patience {
    /// The instant at which patience ends; `None`: never.
    pub fn deadline(self) -> Option<Instant> {
        match self {
            Patience::Forever => None,
            Patience::For(span) => Some(Instant::now() + span.to_std()),
        }
    }
}

impl FromStr for Patience {
    type Err = BadDuration;
    fn from_str(text: &str) -> Result<Patience, BadDuration> {
        if text == "forever" {
            Ok(Patience::Forever)
        } else {
            text.parse().map(Patience::For)
        }
    }
}

/// Waiting for documents to change did not work.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The documents cannot be watched.
    #[error("cannot watch the documents for changes")]
    Unwatched(#[from] notify::Error),
    /// Whoever waited no longer does.
    #[error("the wait was called off; what it was for stands")]
    CalledOff,
}

impl Explain for WatchError {
    fn kind(&self) -> Kind {
        Kind::Failed
    }
    fn next(&self) -> Option<String> {
        Some(match self {
            WatchError::Unwatched(_) => "ghp doctor".to_owned(),
            WatchError::CalledOff => "ghp next".to_owned(),
        })
    }
}

/// Calls off the waits of a command, from another thread.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Mutex<Waits>>);

#[derive(Debug, Default)]
struct Waits {
    called_off: bool,
    wake: Vec<Sender<()>>,
}

impl Stop {
    /// Ends the waits that go on and those that are yet to begin.
    pub fn call_off(&self) {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waits.called_off = true;
        for wake in waits.wake.drain(..) {
            // That wait has ended by itself.
            let _ = wake.send(());
        }
    }

    fn is_called_off(&self) -> bool {
        let waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waits.called_off
    }

    fn wakes(&self, wake: Sender<()>) {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waits.wake.push(wake);
    }
}

/// On file systems that report no changes (NFS), documents are looked at this often all the same.
const LOOK_ANYWAY: StdDuration = StdDuration::from_secs(5);

/// A watch over a folder of documents. Look at the documents after it was made and before waiting, and no change is
/// missed.
pub struct Watch {
    watcher: RefCell<RecommendedWatcher>,
    events: Receiver<()>,
    folder: PathBuf,
    /// Which folder is watched: when another stands in its place, that one is watched instead.
    inode: Cell<Option<u64>>,
    stop: Stop,
}

impl Watch {
    /// Watches this folder and those beneath it, until `stop`.
    pub fn documents(folder: &Path, stop: &Stop) -> Result<Watch, WatchError> {
        let (tell, events) = mpsc::channel();
        stop.wakes(tell.clone());
        let watcher = watcher(folder, move || {
            // Nobody waits any more: the command has ended.
            let _ = tell.send(());
        })?;
        Ok(Watch {
            watcher: RefCell::new(watcher),
            events,
            folder: folder.to_owned(),
            inode: Cell::new(inode(folder)),
            stop: stop.clone(),
        })
    }

    /// Waits until something changed, which may have been before the call; `false` when the deadline came first.
    pub fn changed(&self, deadline: Option<Instant>) -> Result<bool, WatchError> {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Ok(false);
        }
        let span = left.unwrap_or(LOOK_ANYWAY).min(LOOK_ANYWAY);
        match self.events.recv_timeout(span) {
            // One write makes several events; they are one change.
            Ok(()) => while self.events.try_recv().is_ok() {},
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        if self.stop.is_called_off() {
            return Err(WatchError::CalledOff);
        }
        let now = inode(&self.folder);
        if now.is_some() && now != self.inode.replace(now) {
            let mut watcher = self.watcher.borrow_mut();
            watcher.watch(&self.folder, RecursiveMode::Recursive)?;
        }
        Ok(true)
    }
}

/// Whoever waits for more than documents is told of their changes while this lives.
pub struct Bell {
    _watcher: RecommendedWatcher,
}

impl Bell {
    /// Calls `ring` after each change in this folder and those beneath it.
    pub fn on(folder: &Path, ring: impl Fn() + Send + 'static) -> Result<Bell, WatchError> {
        Ok(Bell {
            _watcher: watcher(folder, ring)?,
        })
    }
}

fn watcher(folder: &Path, tell: impl Fn() + Send + 'static) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading a document is no change of it. When the queue overflowed, anything may have changed.
        let reading = matches!(&event, Ok(event) if matches!(event.kind, EventKind::Access(_)));
        if !reading {
            tell();
        }
    })?;
    watcher.watch(folder, RecursiveMode::Recursive)?;
    Ok(watcher)
}

fn inode(folder: &Path) -> Option<u64> {
    rustix::fs::lstat(folder).ok().map(|stat| stat.st_ino)
}
