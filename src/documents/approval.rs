//! approvals/ID.md: permission for paths that are not the agent's own. A person may decide it by changing its `status`.

use serde::Deserialize;

use super::front_matter::{Malformed, Page};
use super::{Document, waiting};
use crate::domain::approval::{Approval, Status};
use crate::domain::id::is_document_id;
use crate::domain::time::Timestamp;
use crate::domain::waiting::{Waits, tail};

/// The known keys of the front matter, beside those of everything that waits.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Front {
    status: Option<Spelled>,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(rename = "for")]
    agent: Option<String>,
    expires_at: Option<Timestamp>,
    why: Option<String>,
}

/// Also what people type who are used to reviews.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Spelled {
    Requested,
    #[serde(alias = "approved")]
    Granted,
    #[serde(alias = "rejected")]
    Denied,
    Revoked,
    Withdrawn,
}

/// Whether a document's text may be that of an approval that is granted: cheaper than parsing it.
pub fn is_perhaps_granted(text: &str) -> bool {
    let front = text.split("\n---").next().unwrap_or_default();
    front.contains("granted") || front.contains("approved")
}

impl Document for Approval {
    const FOLDER: &'static str = "approvals";
    const WORD: &'static str = "approval";

    fn is_stem(stem: &str) -> bool {
        is_document_id(stem)
    }

    fn stem(&self) -> String {
        self.core.id.clone()
    }

    fn read(stem: &str, page: &Page) -> Result<Approval, Malformed> {
        let front: Front = page.read()?;
        Ok(Approval {
            core: waiting::read(stem, page)?,
            status: match front.status {
                Some(Spelled::Granted) => Status::Granted,
                Some(Spelled::Denied) => Status::Denied,
                Some(Spelled::Revoked) => Status::Revoked,
                Some(Spelled::Withdrawn) => Status::Withdrawn,
                Some(Spelled::Requested) | None => Status::Requested,
            },
            paths: front.paths,
            agent: front.agent.filter(|agent| !agent.is_empty()),
            expires_at: front.expires_at,
            why: front.why,
        })
    }

    fn write(&self, page: &mut Page) {
        waiting::write(&self.core, self.status(), page);
        super::set_text(page, "why", self.why.as_deref());
        super::set_text(page, "for", self.agent.as_deref());
        super::set_texts(page, "paths", &self.paths);
        super::set_time(page, "expiresAt", self.expires_at);
    }
}

/// The text of a new approval's document: how to decide it by hand, and a place for replies.
pub fn body(id: &str, status: Status) -> String {
    let short = tail(id);
    let how = if status == Status::Requested {
        format!(
            "Write `granted` or `denied` behind `status:` above and save this file. Or: `ghp approve {short}`, `ghp deny {short}`"
        )
    } else {
        format!(
            "To take it away, write `revoked` behind `status:` above and save this file. Or: `ghp deny {short}`"
        )
    };
    format!("## How to decide\n\n{how}\n\n## {}\n", waiting::REPLIES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::paged::Paged;
    use crate::domain::time::Duration;
    use crate::domain::waiting::{BY_HAND, Core};

    const ID: &str = "2026-01-25-link-the-dashboard-q7mt";
    const TEXT: &str = "---\ntitle: Link the dashboard\nstatus: requested\nfrom: worker-1 # the first\nissue: 147\nmood: hopeful\ncreatedAt: 2026-01-25T10:30:00Z\nfor: worker-1\npaths:\n  - README.md\n  - src/core/**\n---\n\n## Replies\n";

    fn parse(text: &str) -> Paged<Approval> {
        Paged::parse(ID, text).expect("valid")
    }

    #[test]
    fn read_and_written_back() {
        let mut approval = parse(TEXT);
        assert_eq!(approval.render(), TEXT);
        assert_eq!(approval.paths, ["README.md", "src/core/**"]);
        let at = Timestamp::from_seconds(0);
        let term = Some(Duration::from_seconds(7200));
        approval
            .grant(term, Some("only the link".into()), "Ana", at)
            .expect("open");
        let text = approval.render();
        for line in [
            "status: granted\n",
            "by: Ana\n",
            "why: only the link\n",
            "mood: hopeful\n",
            "from: worker-1 # the first\n",
            "expiresAt: 1970-01-01T02:00:00Z\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert_eq!(*parse(&text), *approval);
    }

    #[test]
    fn a_person_decides_by_changing_a_word() {
        for (typed, status) in [
            ("granted", "granted"),
            ("approved", "granted"),
            ("denied", "denied"),
            ("rejected", "denied"),
            ("revoked # too late", "revoked"),
        ] {
            let mut read = parse(&TEXT.replace("requested", typed));
            assert_eq!((read.status(), read.is_decided_by_hand()), (status, true));
            read.note_hand(Timestamp::from_seconds(0));
            assert_eq!(read.core.by.as_deref(), Some(BY_HAND));
            let noted = read.render();
            assert!(
                noted.contains(&format!("status: {status}")) && noted.contains("mood: hopeful"),
                "{noted}"
            );
            assert!(!parse(&noted).is_decided_by_hand());
        }
        for wrong in ["maybe", "yes", "Granted"] {
            assert!(Paged::<Approval>::parse(ID, &TEXT.replace("requested", wrong)).is_err());
        }
        assert!(Paged::<Approval>::parse(ID, "").is_err());
        let bare = parse("---\ntitle: Typed by hand\n---\n");
        assert!(bare.is_open() && bare.paths.is_empty());
    }

    #[test]
    fn whatever_is_granted_is_perhaps_granted() {
        for typed in ["granted", "approved", "'granted'"] {
            assert!(is_perhaps_granted(&TEXT.replace("requested", typed)));
        }
        let new = Approval {
            core: Core {
                body: body(ID, Status::Denied),
                ..Core::default()
            },
            status: Status::Denied,
            ..Approval::default()
        };
        assert!(!is_perhaps_granted(&Paged::new(new).render()));
    }
}
