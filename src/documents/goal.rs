//! goals/ID.md: something to achieve.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Document;
use super::front_matter::{Malformed, Page};
use crate::domain::goal::{Goal, Status};
use crate::domain::id::is_document_id;
use crate::domain::time::Timestamp;

/// The known keys of the front matter.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Front {
    #[serde(default)]
    name: String,
    status: Option<Status>,
    group: Option<String>,
    #[serde(default)]
    from: String,
    created_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    by: Option<String>,
    metadata: Option<Map<String, Value>>,
    request_id: Option<String>,
}

impl Document for Goal {
    const FOLDER: &'static str = "goals";
    const WORD: &'static str = "goal";

    fn is_stem(stem: &str) -> bool {
        is_document_id(stem)
    }

    fn stem(&self) -> String {
        self.id.clone()
    }

    fn read(stem: &str, page: &Page) -> Result<Goal, Malformed> {
        let front: Front = page.read()?;
        Ok(Goal {
            id: stem.to_owned(),
            name: front.name,
            status: front.status.unwrap_or_default(),
            group: front.group,
            from: front.from,
            created_at: front.created_at,
            closed_at: front.closed_at,
            by: front.by,
            metadata: front.metadata.unwrap_or_default(),
            request_id: front.request_id,
            body: page.body().to_owned(),
        })
    }

    fn write(&self, page: &mut Page) {
        page.set("name", self.name.as_str());
        page.set("status", self.status.word());
        super::set_text(page, "group", self.group.as_deref());
        // Typed by hand it may not say whose it is; absent means absent.
        let from = Some(self.from.as_str()).filter(|from| !from.is_empty());
        super::set_text(page, "from", from);
        super::set_time(page, "createdAt", self.created_at);
        super::set_time(page, "closedAt", self.closed_at);
        super::set_text(page, "by", self.by.as_deref());
        if self.metadata.is_empty() {
            page.remove("metadata");
        } else {
            page.set("metadata", self.metadata.clone());
        }
        super::set_text(page, "requestId", self.request_id.as_deref());
        if page.body() != self.body {
            page.set_body(&self.body);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::documents::paged::Paged;

    const ID: &str = "2026-01-25-dashboard-in-beta-q7mt";
    const TEXT: &str = "---\nname: Dashboard in beta\nstatus: active # for now\ngroup: dashboard\nmood: good\nfrom: lead\ncreatedAt: 2026-01-25T10:30:00Z\nmetadata:\n  quarter: Q3\n  weights: [1,2.5]\n  people: {\"ana\":\"y\",\"deep\":[null,true]}\n---\n\nTen users see it.\n";

    #[test]
    fn read_and_written_back() {
        let mut goal = Paged::<Goal>::parse(ID, TEXT).expect("valid");
        assert_eq!(goal.render(), TEXT);
        let metadata = json!({"quarter": "Q3", "weights": [1, 2.5],
                              "people": {"ana": "y", "deep": [null, true]}});
        assert_eq!(Value::Object(goal.metadata.clone()), metadata);
        let now = Timestamp::from_seconds(1_800_000_000);
        goal.set_status(Status::Completed, "ana", now);
        goal.metadata.insert("sprint".into(), json!(4));
        let text = goal.render();
        assert!(
            text.contains("status: completed # for now")
                && text.contains("mood: good")
                && text.contains("\n  sprint: 4\n"),
            "{text}"
        );
        assert_eq!(*Paged::<Goal>::parse(ID, &text).expect("valid"), *goal);
        assert!(Paged::<Goal>::parse(ID, &TEXT.replace("active", "open")).is_err());
        assert!(Paged::<Goal>::parse(ID, "---\nname: x\nmetadata: [1]\n---\n").is_err());
    }

    #[test]
    fn whatever_stands_in_metadata_comes_back() {
        let odd = json!({
            "- [x]: \"key\" #": "yes", "true": true, "text": "true", "number": "12", "e": "1e3",
            "line": "a\nb\t\"c\" \\ \u{1b}[2J \u{202e} \u{feff} \u{1f600} é",
            "nested": [{"\u{2028}": "~", "a: b": [[], {}]}, -1, 0.5, 18_446_744_073_709_551_615_u64],
            "<<": 1, "empty": "", "none": {}, "time": "2026-01-25T10:30:00Z", "null": "null",
        });
        let goal = Paged::new(Goal {
            id: ID.into(),
            name: "x".into(),
            metadata: odd.as_object().expect("an object").clone(),
            ..Goal::default()
        });
        let text = goal.render();
        let again = Paged::<Goal>::parse(ID, &text).unwrap_or_else(|why| panic!("{why}\n{text}"));
        assert_eq!(Value::Object(again.metadata.clone()), odd, "{text}");
        assert_eq!(again.render(), text);
        assert!(
            !text.contains(['\u{1b}', '\u{202e}', '\u{2028}', '\u{feff}']),
            "{text:?}"
        );
    }
}
