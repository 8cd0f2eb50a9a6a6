//! memory/ID.md: something that was learned.

use serde::Deserialize;

use super::Document;
use super::front_matter::{Malformed, Page};
use crate::domain::id::is_document_id;
use crate::domain::memory::Memory;
use crate::domain::time::Timestamp;

/// The known keys of the front matter.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Front {
    #[serde(default)]
    title: String,
    #[serde(default)]
    tags: Vec<String>,
    issue: Option<u64>,
    #[serde(default)]
    from: String,
    created_at: Option<Timestamp>,
    #[serde(default)]
    scope: Vec<String>,
    request_id: Option<String>,
}

impl Document for Memory {
    const FOLDER: &'static str = "memory";
    const WORD: &'static str = "memory";

    fn is_stem(stem: &str) -> bool {
        is_document_id(stem)
    }

    fn stem(&self) -> String {
        self.id.clone()
    }

    fn read(stem: &str, page: &Page) -> Result<Memory, Malformed> {
        let front: Front = page.read()?;
        Ok(Memory {
            id: stem.to_owned(),
            title: front.title,
            tags: front.tags,
            issue: front.issue,
            from: front.from,
            created_at: front.created_at,
            scope: front.scope,
            request_id: front.request_id,
            body: page.body().to_owned(),
        })
    }

    fn write(&self, page: &mut Page) {
        page.set("title", self.title.as_str());
        super::set_texts(page, "tags", &self.tags);
        super::set_number(page, "issue", self.issue);
        // Typed by hand it may not say whose it is; absent means absent.
        super::set_text(
            page,
            "from",
            Some(self.from.as_str()).filter(|from| !from.is_empty()),
        );
        super::set_time(page, "createdAt", self.created_at);
        super::set_texts(page, "scope", &self.scope);
        super::set_text(page, "requestId", self.request_id.as_deref());
        if page.body() != self.body {
            page.set_body(&self.body);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::paged::Paged;

    const ID: &str = "2026-01-25-flush-redis-q7mt";
    const TEXT: &str = "---\ntitle: Flush redis before the tests\ntags: [redis, tests]\nissue: 147\nfrom: worker-1 # the first\nmood: good\ncreatedAt: 2026-01-25T10:30:00Z\nscope:\n  - src/cache/**\n---\n\nThey share one database.\n";

    #[test]
    fn read_and_written_back() {
        let mut memory = Paged::<Memory>::parse(ID, TEXT).expect("valid");
        assert_eq!(memory.render(), TEXT);
        assert_eq!(
            (memory.tags.as_slice(), memory.issue, memory.body.trim()),
            (
                &["redis".to_owned(), "tests".to_owned()][..],
                Some(147),
                "They share one database."
            )
        );
        memory.tags.clear();
        memory.title = "- [x]: \"odd\" # title".into();
        let text = memory.render();
        assert!(
            text.contains("mood: good") && text.contains("# the first") && !text.contains("tags"),
            "{text}"
        );
        assert_eq!(*Paged::<Memory>::parse(ID, &text).expect("valid"), *memory);
        assert!(Paged::<Memory>::parse(ID, &TEXT.replace("147", "\"#147\"")).is_err());
        assert!(Paged::<Memory>::parse(ID, &TEXT.replace("[redis, tests]", "redis")).is_err());
    }
}
