//! issues/147.md: an issue as a Markdown document.

use serde::Deserialize;

use super::front_matter::{Malformed, Page};
use super::{Document, markdown, remark};
use crate::domain::issue::{Issue, State};
use crate::domain::time::Timestamp;

/// The known keys of the front matter.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Front {
    #[serde(default)]
    title: String,
    status: Option<Spelled>,
    assignee: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    parent: Option<u64>,
    #[serde(default)]
    blocked_by: Vec<u64>,
    #[serde(default)]
    scope: Vec<String>,
    branch: Option<String>,
    fence: Option<u64>,
    created_at: Option<Timestamp>,
    created_by: Option<String>,
    closed_at: Option<Timestamp>,
    request_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Spelled {
    Open,
    Closed,
}

impl Document for Issue {
    const FOLDER: &'static str = "issues";
    const WORD: &'static str = "issue";

    fn is_stem(stem: &str) -> bool {
        !stem.starts_with('0')
            && !stem.is_empty()
            && stem.len() <= 15
            && stem.bytes().all(|byte| byte.is_ascii_digit())
    }

    fn stem(&self) -> String {
        self.number.to_string()
    }

    fn read(stem: &str, page: &Page) -> Result<Issue, Malformed> {
        let front: Front = page.read()?;
        Ok(Issue {
            number: stem.parse().unwrap_or(0),
            title: front.title,
            state: match front.status {
                Some(Spelled::Closed) => State::Closed,
                Some(Spelled::Open) | None => State::Open,
            },
            assignee: front.assignee.filter(|name| !name.is_empty()),
            labels: front.labels,
            parent: front.parent,
            blocked_by: front.blocked_by,
            scope: front.scope,
            branch: front.branch,
            fence: front.fence,
            created_at: front.created_at,
            created_by: front.created_by,
            closed_at: front.closed_at,
            request_id: front.request_id,
            body: page.body().to_owned(),
        })
    }

    fn write(&self, page: &mut Page) {
        page.set("title", self.title.as_str());
        page.set("status", if self.is_open() { "open" } else { "closed" });
        super::set_text(page, "assignee", self.assignee.as_deref());
        super::set_texts(page, "labels", &self.labels);
        super::set_number(page, "parent", self.parent);
        super::set_numbers(page, "blockedBy", &self.blocked_by);
        super::set_texts(page, "scope", &self.scope);
        super::set_text(page, "branch", self.branch.as_deref());
        super::set_number(page, "fence", self.fence);
        super::set_time(page, "createdAt", self.created_at);
        super::set_text(page, "createdBy", self.created_by.as_deref());
        super::set_time(page, "closedAt", self.closed_at);
        super::set_text(page, "requestId", self.request_id.as_deref());
        if page.body() != self.body {
            page.set_body(&self.body);
        }
    }
}

/// The section that comments stand in.
const COMMENTS: &str = "Comments";

/// The body with a comment behind those it has. Nothing in the comment can end it, or look like another's.
pub fn with_comment(body: &str, by: &str, at: Timestamp, text: &str) -> String {
    markdown::append_to_section(body, COMMENTS, &remark::entry(by, at, text))
}

/// Another text of the author's above the comments there are.
pub fn with_text(body: &str, text: &str) -> String {
    match markdown::section(body, COMMENTS) {
        Some(comments) => markdown::with_section(text, COMMENTS, comments),
        None => text.to_owned(),
    }
}

/// The body without its comments: the author's own text.
pub fn without_comments(body: &str) -> &str {
    markdown::before_section(body, COMMENTS)
}

/// The assignee of an issue's text, for the hot path: one plain `assignee: name` line is read without parsing the
/// rest; `None`: it is not as plain as that, parse the document.
pub fn plain_assignee(text: &str) -> Option<Option<&str>> {
    let front = text.strip_prefix("---\n")?;
    let front = &front[..front.find("\n---\n").map(|at| at + 1)?];
    let mut found = None;
    for line in front.lines() {
        if let Some(value) = line.strip_prefix("assignee:") {
            let name = value.strip_prefix(' ')?;
            let plain = !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
            let word = !matches!(
                name,
                "null" | "true" | "false" | "yes" | "no" | "on" | "off"
            ) && !name.as_bytes()[0].is_ascii_digit();
            if found.is_some() || !plain || !word {
                return None;
            }
            found = Some(name);
        } else if line.contains("assignee") || line.ends_with(['|', '>']) {
            return None;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::paged::Paged;

    const TEXT: &str = "---\ntitle: Dashboard command\nstatus: open\nassignee: worker-1 # ours\nsize: large\nblockedBy: [3, 4]\nscope:\n  - src/dashboard/**\n---\n\nText.\n";

    #[test]
    fn known_keys_are_read_and_the_rest_survives() {
        let mut issue = Paged::<Issue>::parse("147", TEXT).expect("valid");
        assert_eq!(
            (
                issue.number,
                issue.assignee.as_deref(),
                issue.blocked_by.as_slice()
            ),
            (147, Some("worker-1"), &[3, 4][..])
        );
        assert_eq!(issue.render(), TEXT);
        issue.assign("worker-2");
        let text = issue.render();
        assert!(
            text.contains("assignee: worker-2")
                && text.contains("size: large")
                && text.contains("fence: 1"),
            "{text}"
        );
    }

    #[test]
    fn comments_stand_behind_one_another_and_are_nobody_elses() {
        let at = Timestamp::from_seconds(0);
        let body = with_comment("Text.\n", "worker-1", at, "First.");
        assert_eq!(
            body,
            "Text.\n\n## Comments\n\n### worker-1, 1970-01-01T00:00:00Z\n\nFirst.\n"
        );
        let body = with_comment(
            &body,
            "worker-2",
            at,
            "Look:\n### lead, 1970-01-01T00:00:00Z\n## Decision\n  ### x\n#### fine\n```\n### code\n```",
        );
        let headings = |level: &str| {
            body.lines()
                .filter(|line| line.trim_start().starts_with(level))
                .count()
        };
        // The one in fenced code is none.
        assert_eq!((headings("### "), headings("## ")), (3, 1), "{body}");
        let body = with_text(&body, "Other words.\n");
        assert!(
            body.starts_with("Other words.\n\n## Comments\n\n### worker-1,")
                && body.contains("First.")
                && body.contains("Look:"),
            "{body}"
        );
        assert_eq!(without_comments(&body).trim(), "Other words.");
        assert_eq!(with_text("Old.\n", "New.\n"), "New.\n");
    }

    #[test]
    fn the_short_way_agrees_with_the_long_one() {
        for (text, expected) in [
            ("---\nassignee: worker-2\n---\n", Some(Some("worker-2"))),
            ("---\ntitle: x\n---\nassignee: body\n", Some(None)),
            ("---\nassignee: \"worker-2\"\n---\n", None),
            ("---\nassignee: null\n---\n", None),
            ("---\nassignee: 12\n---\n", None),
            ("---\nassignee: a\nassignee: b\n---\n", None),
            ("---\n\"assignee\": a\n---\n", None),
            ("---\ntitle: |\n  assignee: x\n---\n", None),
            ("no front matter", None),
        ] {
            assert_eq!(plain_assignee(text), expected, "{text}");
        }
    }
}
