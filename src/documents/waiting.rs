//! What the documents of everything that waits have in common: keys, and replies.

use serde::Deserialize;

use super::front_matter::{Malformed, Page};
use super::{markdown, remark};
use crate::domain::time::Timestamp;
use crate::domain::waiting::Core;

/// What `status` says of things that wait on nobody any more.
const SETTLED: &[&str] = &[
    "resolved",
    "accepted",
    "granted",
    "denied",
    "revoked",
    "withdrawn",
    "done",
    "failed",
    "cancelled",
];

/// The section that replies stand in.
pub const REPLIES: &str = "Replies";

/// The keys that all kinds have. `status` is each kind's own.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Front {
    #[serde(default)]
    title: String,
    #[serde(default)]
    from: String,
    to: Option<String>,
    issue: Option<u64>,
    created_at: Option<Timestamp>,
    decided_at: Option<Timestamp>,
    by: Option<String>,
    request_id: Option<String>,
}

/// Reads what all kinds have.
pub(super) fn read(stem: &str, page: &Page) -> Result<Core, Malformed> {
    let front: Front = page.read()?;
    Ok(Core {
        id: stem.to_owned(),
        from: front.from,
        to: front.to.filter(|to| !to.is_empty()),
        issue: front.issue,
        title: front.title,
        created_at: front.created_at,
        decided_at: front.decided_at,
        by: front.by,
        request_id: front.request_id,
        body: page.body().to_owned(),
    })
}

/// Writes what all kinds have, with the kind's own status word.
pub(super) fn write(core: &Core, status: &str, page: &mut Page) {
    page.set("title", core.title.as_str());
    page.set("status", status);
    // Typed by hand it may not say whose it is; absent means absent.
    super::set_text(
        page,
        "from",
        Some(core.from.as_str()).filter(|from| !from.is_empty()),
    );
    super::set_text(page, "to", core.to.as_deref());
    super::set_number(page, "issue", core.issue);
    super::set_time(page, "createdAt", core.created_at);
    super::set_time(page, "decidedAt", core.decided_at);
    super::set_text(page, "by", core.by.as_deref());
    super::set_text(page, "requestId", core.request_id.as_deref());
    page.set_body(&core.body);
}

/// The body with a reply behind those it has.
pub fn with_reply(body: &str, by: &str, at: Timestamp, text: &str) -> String {
    markdown::append_to_section(body, REPLIES, &remark::entry(by, at, text))
}

/// Who replied last.
pub fn last_reply(body: &str) -> Option<remark::Remark<'_>> {
    remark::all(markdown::section(body, REPLIES)?).pop()
}

/// Whether a document says in plain words that it is settled, and since when: then it need not be parsed to know
/// that it waits on nobody.
pub fn is_plainly_settled(text: &str) -> bool {
    let front = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split("\n---\n").next())
        .unwrap_or_default();
    let has = |begins: &str| front.lines().any(|line| line.starts_with(begins));
    has("decidedAt: 2") && SETTLED.iter().any(|word| has(&format!("status: {word}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settled_in_plain_words() {
        let settled = "---\ntitle: x\nstatus: resolved\ndecidedAt: 2025-01-25T10:30:00Z\n---\n";
        assert!(is_plainly_settled(settled));
        for text in [
            "",
            "---\nstatus: resolved\n---\n",
            "---\nstatus: open\ndecidedAt: 2025-01-25T10:30:00Z\n---\n",
            "---\nstatus: open\n---\n\nstatus: resolved\ndecidedAt: 2025-01-25T10:30:00Z\n",
        ] {
            assert!(!is_plainly_settled(text), "{text}");
        }
    }

    #[test]
    fn replies_in_order() {
        let at = Timestamp::from_seconds(0);
        let body = with_reply(
            "Text.\n\n## Replies\n\n## Decision\n",
            "Ana",
            at,
            "Which one?\n## Decision\nmine",
        );
        let body = with_reply(&body, "worker-1", at, "The second.");
        assert_eq!(markdown::section(&body, "Decision"), Some(""), "{body}");
        assert_eq!(
            last_reply(&body).map(|reply| (reply.by, reply.text)),
            Some(("worker-1", "The second."))
        );
        assert!(last_reply("## Replies\n").is_none());
    }
}
