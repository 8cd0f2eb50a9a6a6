//! Telling clients which resources have changed. One thread watches the documents once somebody wants to know.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc as threads};
use std::time::Duration;

use tokio::sync::mpsc;

use super::resources::{COLLECTIONS, address};
use crate::commands::call::Ground;
use crate::commands::document;
use crate::error::{Error, Kind, Result};
use crate::host::folder::Stat;
use crate::host::watch::Watch;
use crate::project::Project;

/// Between two rounds of notices: many changes in a row are told together.
const REST: Duration = Duration::from_millis(50);

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// There are other resources now.
    List,
    /// What a resource holds.
    Resource(String),
}

/// Whoever wants to know.
struct Listener {
    list: bool,
    /// Addresses.
    resources: BTreeSet<String>,
    tell: mpsc::UnboundedSender<Change>,
}

/// Everybody who wants to know.
#[derive(Clone, Default)]
pub(super) struct Notices(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    watching: Arc<Mutex<bool>>,
    listeners: Vec<Listener>,
}

impl Notices {
    /// What changes from now on, of the list and of these resources.
    pub(super) fn listen(
        &self,
        list: bool,
        resources: BTreeSet<String>,
    ) -> mpsc::UnboundedReceiver<Change> {
        let (tell, changes) = mpsc::unbounded_channel();
        self.state().listeners.push(Listener {
            list,
            resources,
            tell,
        });
        changes
    }

    /// Watches, unless that is done already. Blocks until no change can be missed.
    pub(super) fn watch(&self, ground: Ground) -> Result<()> {
        let watching = Arc::clone(&self.state().watching);
        // Held until it is watched: whoever comes second waits for that, too.
        let mut is_watching = watching.lock().unwrap_or_else(PoisonError::into_inner);
        if *is_watching {
            return Ok(());
        }
        let ended = Arc::clone(&watching);
        let (ready, begun) = threads::channel();
        let notices = self.clone();
        let spawned = std::thread::Builder::new()
            .name("notices".to_owned())
            .spawn(move || {
                match begin(&ground) {
                    Ok(begun) => {
                        // The one who started it has gone.
                        let _ = ready.send(Ok(()));
                        notices.tell_until_it_breaks(begun);
                    }
                    Err(error) => drop(ready.send(Err(error))),
                }
                *ended.lock().unwrap_or_else(PoisonError::into_inner) = false;
            });
        let failed =
            |why: String| Error::new(Kind::Failed, "cannot watch the documents").because(why);
        spawned.map_err(|error| failed(error.to_string()))?;
        begun.recv().map_err(|error| failed(error.to_string()))??;
        *is_watching = true;
        Ok(())
    }

    fn tell_until_it_breaks(&self, (project, watch, mut before): Begun) {
        while watch.changed(None).is_ok() {
            // The folder may be away for a moment; then there is nothing to compare.
            let looked = project.refresh().and_then(|()| document::places(&project));
            let Ok(now) = looked else { continue };
            let changes = changes(&before, &now);
            before = now;
            if !changes.is_empty() {
                self.tell(&changes);
                std::thread::sleep(REST);
            }
        }
    }

    fn tell(&self, changes: &[Change]) {
        self.state().listeners.retain(|listener| {
            let mut wanted = changes.iter().filter(|change| match change {
                Change::List => listener.list,
                Change::Resource(address) => listener.resources.contains(address),
            });
            // Nobody listens any more.
            wanted.all(|change| listener.tell.send(change.clone()).is_ok())
                && !listener.tell.is_closed()
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Begun = (Project, Watch, BTreeMap<String, Stat>);

fn begin(ground: &Ground) -> Result<Begun> {
    let project = ground.project()?;
    let watch = project.watch()?;
    let places = document::places(&project)?;
    Ok((project, watch, places))
}

/// What has changed between two looks.
fn changes(before: &BTreeMap<String, Stat>, now: &BTreeMap<String, Stat>) -> Vec<Change> {
    let either: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let changed: Vec<&String> = either
        .into_iter()
        .filter(|place| before.get(*place) != now.get(*place))
        .collect();
    let is_new_or_gone = |place: &&String| before.contains_key(*place) != now.contains_key(*place);
    let mut changes = Vec::new();
    if changed.iter().any(is_new_or_gone) {
        changes.push(Change::List);
    }
    let of = |of: &&str| changed.iter().any(|place| place.starts_with(of));
    for collection in COLLECTIONS {
        if collection.of.iter().any(&of) {
            changes.push(Change::Resource(address(collection.name)));
        }
    }
    changes.extend(changed.iter().map(|place| Change::Resource(address(place))));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_changes_is_told_with_what_is_made_of_it() {
        let stat = |mtime| Stat {
            mtime,
            ..Stat::default()
        };
        let before = BTreeMap::from([
            ("agent-status".to_owned(), stat(1)),
            ("issues/1".to_owned(), stat(1)),
        ]);
        let mut now = before.clone();
        assert_eq!(changes(&before, &now), []);
        now.insert("issues/1".to_owned(), stat(2));
        let told = |place: &str| Change::Resource(address(place));
        assert_eq!(changes(&before, &now), [told("issues"), told("issues/1")]);
        now.insert("escalations/x".to_owned(), stat(2));
        let both = changes(&before, &now);
        assert_eq!(both[0], Change::List);
        for place in [
            "status",
            "issues",
            "escalations",
            "escalations/x",
            "issues/1",
        ] {
            assert!(both.contains(&told(place)), "{place}");
        }
        assert_eq!(both.len(), 6);
    }

    #[test]
    fn only_what_is_wanted_is_told_and_only_to_whoever_listens() {
        let notices = Notices::default();
        let mut list = notices.listen(true, BTreeSet::new());
        let mut one = notices.listen(false, BTreeSet::from([address("issues/1")]));
        notices.tell(&[Change::List, Change::Resource(address("issues/1"))]);
        assert_eq!(list.try_recv().ok(), Some(Change::List));
        assert!(list.try_recv().is_err());
        assert_eq!(
            one.try_recv().ok(),
            Some(Change::Resource(address("issues/1")))
        );
        drop(list);
        notices.tell(&[]);
        assert_eq!(notices.state().listeners.len(), 1);
    }
}
