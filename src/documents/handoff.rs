//! handoffs/ID.md: what the next agent should know.

mod body;

pub use body::body;

use serde::Deserialize;

use super::front_matter::{Malformed, Page};
use super::{Document, waiting};
use crate::domain::handoff::{Handoff, Status};
use crate::domain::id::is_document_id;
use crate::domain::waiting::Waits;

/// The known keys of the front matter, beside those of everything that waits.
#[derive(Deserialize)]
struct Front {
    status: Option<Spelled>,
    branch: Option<String>,
    base: Option<String>,
    why: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Spelled {
    Open,
    Accepted,
    Withdrawn,
}

impl Document for Handoff {
    const FOLDER: &'static str = "handoffs";
    const WORD: &'static str = "handoff";

    fn is_stem(stem: &str) -> bool {
        is_document_id(stem)
    }

    fn stem(&self) -> String {
        self.core.id.clone()
    }

    fn read(stem: &str, page: &Page) -> Result<Handoff, Malformed> {
        let front: Front = page.read()?;
        Ok(Handoff {
            core: waiting::read(stem, page)?,
            status: match front.status {
                Some(Spelled::Accepted) => Status::Accepted,
                Some(Spelled::Withdrawn) => Status::Withdrawn,
                Some(Spelled::Open) | None => Status::Open,
            },
            branch: front.branch,
            base: front.base,
            why: front.why,
        })
    }

    fn write(&self, page: &mut Page) {
        waiting::write(&self.core, self.status(), page);
        super::set_text(page, "branch", self.branch.as_deref());
        super::set_text(page, "base", self.base.as_deref());
        super::set_text(page, "why", self.why.as_deref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::paged::Paged;
    use crate::domain::time::Timestamp;

    const ID: &str = "2025-01-25-dashboard-h2vw";
    const TEXT: &str = "---\ntitle: Dashboard\nstatus: open\nfrom: worker-1 # the first\nto: worker-2\nissue: 147\nmood: good\ncreatedAt: 2025-01-25T10:30:00Z\nbranch: ana/147-dashboard\n---\n\n## Progress\n\nMuch.\n";

    #[test]
    fn read_and_written_back() {
        let mut handoff = Paged::<Handoff>::parse(ID, TEXT).expect("valid");
        assert_eq!(handoff.render(), TEXT);
        assert_eq!(
            (handoff.core.to.as_deref(), handoff.branch.as_deref()),
            (Some("worker-2"), Some("ana/147-dashboard"))
        );
        handoff
            .accept("worker-2", Timestamp::from_seconds(0))
            .expect("addressed");
        let text = handoff.render();
        assert!(
            text.contains("status: accepted")
                && text.contains("by: worker-2")
                && text.contains("mood: good"),
            "{text}"
        );
        assert_eq!(
            *Paged::<Handoff>::parse(ID, &text).expect("valid"),
            *handoff
        );
        assert!(Paged::<Handoff>::parse(ID, &TEXT.replace("open", "resolved")).is_err());
    }
}
