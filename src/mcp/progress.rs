//! What a client hears while its call waits.

use std::time::{Duration, Instant};

use rmcp::Peer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{RequestContext, RoleServer};

/// How often a client that asked for it hears that its call still waits.
const PROGRESS: Duration = Duration::from_secs(5);

/// Tells a client that asked for it that its call still waits.
pub(super) struct Progress {
    told: Option<(Peer<RoleServer>, ProgressToken)>,
    began: Instant,
    next: tokio::time::Instant,
}

impl Progress {
    /// Of a call; only a wait has any to tell.
    pub(super) fn of(context: &RequestContext<RoleServer>, is_wait: bool) -> Progress {
        let token = context.meta.get_progress_token().filter(|_| is_wait);
        Progress {
            told: token.map(|token| (context.peer.clone(), token)),
            began: Instant::now(),
            next: tokio::time::Instant::now(),
        }
    }

    /// Returns when it was told again; never, when nobody asked.
    pub(super) async fn tick(&mut self) {
        let Some((peer, token)) = &self.told else {
            return std::future::pending().await;
        };
        tokio::time::sleep_until(self.next).await;
        self.next += PROGRESS;
        let waited = self.began.elapsed().as_secs_f64();
        let param = ProgressNotificationParam::new(token.clone(), waited)
            .with_message("waiting for a decision; it stands whether you wait or not");
        // A client that has gone is noticed elsewhere.
        let _ = peer.notify_progress(param).await;
    }
}
