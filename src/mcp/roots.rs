//! Where calls happen: in the folder that the server was told or started in, or else in the first of the client's roots
//! that is in a repository with documents.
//!
//! Older revisions are asked for their roots at any time. 2026-07-28 knows no such requests: a call is answered with what it
//! needs, and comes again with it.
#![expect(
    deprecated,
    reason = "the protocol is about to forget roots; clients are not"
)]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rmcp::model::{
    ClientCapabilities, InputRequest, InputRequiredResult, InputResponses, ListRootsRequest,
    ListRootsResult,
};
use rmcp::service::{Peer, RequestContext, RoleServer};
use tokio::task::spawn_blocking;

use crate::commands::Outside;

/// How long a client of the older revisions may take to say what its roots are.
const PATIENCE: Duration = Duration::from_secs(10);
/// What we call the question.
const QUESTION: &str = "roots";

/// The folder in which calls happen; clones share it.
#[derive(Clone, Default)]
pub(super) struct Roots {
    found: Arc<Mutex<Found>>,
    /// Held while a client is asked: once is enough.
    asking: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
enum Found {
    /// Nobody has looked, or the client's roots have changed.
    #[default]
    Unknown,
    /// Where we were started, or where `-C` says.
    Started,
    /// A root.
    Root(PathBuf),
}

impl Roots {
    /// The root in which calls happen; `None`: where we were started.
    pub(super) fn directory(&self) -> Option<PathBuf> {
        match &*self.found() {
            Found::Root(root) => Some(root.clone()),
            _ => None,
        }
    }

    /// The client's roots are others now.
    pub(super) fn forget(&self) {
        *self.found() = Found::Unknown;
    }

    /// Finds out where calls happen, unless that is known. `told`: what `-C` said; `answers`: what came with the call. What
    /// the call must come again with is returned.
    pub(super) async fn locate(
        &self,
        told: Option<&Path>,
        context: &RequestContext<RoleServer>,
        answers: Option<&InputResponses>,
    ) -> Option<InputRequiredResult> {
        let Some(capabilities) = context.meta.client_capabilities() else {
            self.locate_by_asking(told, &context.peer).await;
            return None;
        };
        if !self.must_look(told).await {
            return None;
        }
        if let Some(answer) = answers.and_then(|answers| answers.get(QUESTION)) {
            let roots = serde_json::from_value::<ListRootsResult>(answer.clone());
            self.choose(roots.unwrap_or_default()).await;
            return None;
        }
        has_roots(&capabilities).then(|| {
            let question = InputRequest::ListRoots(ListRootsRequest::default());
            let questions = [(QUESTION.to_owned(), question)];
            InputRequiredResult::from_input_requests(questions.into())
        })
    }

    /// The same with a client of the older revisions.
    pub(super) async fn locate_by_asking(&self, told: Option<&Path>, peer: &Peer<RoleServer>) {
        let offers = peer
            .peer_info()
            .is_some_and(|client| has_roots(&client.capabilities));
        if !offers {
            return;
        }
        let _asking = self.asking.lock().await;
        if self.must_look(told).await {
            let roots = tokio::time::timeout(PATIENCE, peer.list_roots()).await;
            match roots {
                Ok(Ok(roots)) => self.choose(roots).await,
                // There are none, until it says that they have changed.
                _ => *self.found() = Found::Started,
            }
        }
    }

    /// Whether nobody knows yet where calls happen: not where we were started.
    async fn must_look(&self, told: Option<&Path>) -> bool {
        if !matches!(*self.found(), Found::Unknown) {
            return false;
        }
        let is_here = told.is_some() || has_documents(None).await;
        if is_here {
            *self.found() = Found::Started;
        }
        !is_here
    }

    /// The first of them with documents. Where there is none yet, the next call looks again.
    async fn choose(&self, roots: ListRootsResult) {
        for root in roots.roots {
            if let Some(path) = path(&root.uri)
                && has_documents(Some(path.clone())).await
            {
                *self.found() = Found::Root(path);
                return;
            }
        }
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn has_roots(client: &ClientCapabilities) -> bool {
    client.roots.is_some()
}

/// Whether this folder is in a repository with documents.
async fn has_documents(directory: Option<PathBuf>) -> bool {
    let outside = Outside {
        directory,
        ..Outside::default()
    };
    let look = spawn_blocking(move || outside.project().is_ok());
    look.await.unwrap_or(false)
}

/// The path of a `file:` address on this machine.
fn path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let mut bytes = Vec::with_capacity(rest.len());
    let mut left = rest.as_bytes();
    while let Some((first, after)) = left.split_first() {
        if *first == b'%' {
            let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
            bytes.push(u8::try_from(digit(0)? * 16 + digit(1)?).ok()?);
            left = &after[2..];
        } else {
            bytes.push(*first);
            left = after;
        }
    }
    let path = PathBuf::from(String::from_utf8(bytes).ok()?);
    path.is_absolute().then_some(path)
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn addresses_of_files_are_paths() {
        let here = |uri: &str| path(uri).map(|path| path.display().to_string());
        assert_eq!(here("file:///home/ana/app"), Some("/home/ana/app".into()));
        assert_eq!(here("file://localhost/a%20b/%C3%A9"), Some("/a b/é".into()));
        for other in [
            "",
            "/home/ana",
            "https://x/y",
            "file://host/share",
            "file:///a%2",
            "file:///a%+1",
            "file:///a%ff",
            "file://",
        ] {
            assert_eq!(here(other), None, "{other}");
        }
    }
}
