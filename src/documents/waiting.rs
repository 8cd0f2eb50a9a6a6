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

/// What a document says in plain words: enough to know that it need not be parsed. What it says otherwise is not seen.
#[derive(Debug, Default)]
pub struct Glance<'t> {
    status: Option<&'t str>,
    from: Option<&'t str>,
    decided_at: Option<&'t str>,
    is_collected: bool,
}

impl<'t> Glance<'t> {
    /// Looks at the front matter, whose keys of this level are the only lines that begin without a space.
    pub fn of(text: &'t str) -> Self {
        let mut seen = Self::default();
        let front = text.strip_prefix("---\n").unwrap_or_default();
        for line in front.lines().take_while(|line| *line != "---") {
            match line.split_once(": ") {
                Some(("status", word)) => seen.status = Some(word),
                Some(("from", name)) => seen.from = Some(name),
                Some(("decidedAt", time)) => seen.decided_at = Some(time),
                Some(("collectedAt", _)) => seen.is_collected = true,
                _ => {}
            }
        }
        seen
    }

    /// Whether it plainly waits on nobody: it says that it is settled, and since when.
    pub fn is_settled(&self) -> bool {
        self.decided_at.is_some_and(|time| time.starts_with('2'))
            && self.status.is_some_and(|word| SETTLED.contains(&word))
    }

    /// Whether it plainly failed.
    pub fn is_failed(&self) -> bool {
        self.status == Some("failed")
    }

    /// When it was decided.
    pub fn decided_at(&self) -> Option<Timestamp> {
        self.decided_at.and_then(Timestamp::parse)
    }

    /// Whether it plainly is of somebody else.
    pub fn is_from_other_than(&self, agent: &str) -> bool {
        let is_plain = |name: &&str| {
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        self.from.filter(is_plain).is_some_and(|from| from != agent)
    }

    /// Whether its answer was read.
    pub fn is_collected(&self) -> bool {
        self.is_collected
    }
}

/// Whether a document plainly waits on nobody: see [`Glance::is_settled`].
pub fn is_plainly_settled(text: &str) -> bool {
    Glance::of(text).is_settled()
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
