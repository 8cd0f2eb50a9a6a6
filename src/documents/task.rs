//! tasks/ID.md: delegated work. The prompt is its text; the answer stands below `## Answer`.

use serde::Deserialize;

use super::front_matter::{Malformed, Page};
use super::{Document, markdown, waiting};
use crate::domain::id::is_document_id;
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;
use crate::domain::waiting::Waits;

/// The section with what the sender's own session knows.
pub const CONTEXT: &str = "Context";
/// The section with what came of it.
pub const ANSWER: &str = "Answer";

/// The known keys of the front matter, beside those of everything that waits.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Front {
    status: Option<Spelled>,
    agent: Option<String>,
    #[serde(default)]
    attempts: u64,
    #[serde(default)]
    priority: u64,
    route: Option<String>,
    why: Option<String>,
    queued_at: Option<Timestamp>,
    delivered_at: Option<Timestamp>,
    working_at: Option<Timestamp>,
    collected_at: Option<Timestamp>,
    #[serde(default)]
    attachments: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Spelled {
    Queued,
    Delivered,
    Working,
    Blocked,
    Done,
    Failed,
    Cancelled,
}

impl Document for Task {
    const FOLDER: &'static str = "tasks";
    const WORD: &'static str = "task";

    fn is_stem(stem: &str) -> bool {
        is_document_id(stem)
    }

    fn stem(&self) -> String {
        self.core.id.clone()
    }

    fn read(stem: &str, page: &Page) -> Result<Task, Malformed> {
        let front: Front = page.read()?;
        let core = waiting::read(stem, page)?;
        let text = |value: Option<String>| value.filter(|value| !value.is_empty());
        Ok(Task {
            status: match front.status {
                Some(Spelled::Delivered) => Status::Delivered,
                Some(Spelled::Working) => Status::Working,
                Some(Spelled::Blocked) => Status::Blocked,
                Some(Spelled::Done) => Status::Done,
                Some(Spelled::Failed) => Status::Failed,
                Some(Spelled::Cancelled) => Status::Cancelled,
                Some(Spelled::Queued) | None => Status::Queued,
            },
            agent: text(front.agent),
            attempts: front.attempts,
            priority: front.priority,
            route: text(front.route),
            why: text(front.why),
            queued_at: front.queued_at,
            delivered_at: front.delivered_at,
            working_at: front.working_at,
            collected_at: front.collected_at,
            attachments: front.attachments,
            prompt: prompt(&core.body),
            answer: markdown::section(&core.body, ANSWER)
                .filter(|answer| !answer.is_empty())
                .map(markdown::unquoted),
            core,
        })
    }

    fn write(&self, page: &mut Page) {
        waiting::write(&self.core, self.status(), page);
        super::set_text(page, "agent", self.agent.as_deref());
        let some = |number: u64| Some(number).filter(|number| *number > 0);
        super::set_number(page, "priority", some(self.priority));
        super::set_number(page, "attempts", some(self.attempts));
        super::set_text(page, "route", self.route.as_deref());
        super::set_text(page, "why", self.why.as_deref());
        super::set_time(page, "queuedAt", self.queued_at);
        super::set_time(page, "deliveredAt", self.delivered_at);
        super::set_time(page, "workingAt", self.working_at);
        super::set_time(page, "collectedAt", self.collected_at);
        super::set_texts(page, "attachments", &self.attachments);
        let answer = self.answer.as_deref().unwrap_or_default();
        let written = markdown::section(&self.core.body, ANSWER).unwrap_or_default();
        if markdown::unquoted(written) != answer {
            let answer = markdown::quoted(answer);
            page.set_body(&markdown::with_section(&self.core.body, ANSWER, &answer));
        }
    }
}

/// The text before the sections that are ours.
fn prompt(body: &str) -> String {
    let shortest = [CONTEXT, waiting::REPLIES, ANSWER]
        .into_iter()
        .map(|heading| markdown::before_section(body, heading))
        .min_by_key(|before| before.len());
    markdown::unquoted(shortest.unwrap_or(body).trim())
}

/// What the sender's session knows, for whoever does it.
pub fn context(body: &str) -> Option<String> {
    let context = markdown::section(body, CONTEXT)?;
    Some(markdown::unquoted(context)).filter(|context| !context.is_empty())
}

/// The text of a new task's document.
pub fn body(prompt: &str, context: Option<&str>) -> String {
    let context = context.map_or_else(String::new, |context| {
        format!("## {CONTEXT}\n\n{}\n\n", markdown::quoted(context))
    });
    format!(
        "{}\n\n{context}## {}\n\n## {ANSWER}\n",
        markdown::quoted(prompt),
        waiting::REPLIES
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::paged::Paged;
    use crate::domain::waiting::Core;

    const ID: &str = "2026-01-25-plan-dark-mode-q7mt";
    const TEXT: &str = "---\ntitle: Plan dark mode\nstatus: queued\nfrom: lead # the chief\nto: planning\nmood: calm\ncreatedAt: 2026-01-25T10:30:00Z\npriority: 3\n---\n\nPlan dark mode.\n\n\\# Not a section\n\n## Replies\n\n## Answer\n";

    #[test]
    fn read_and_written_back() {
        let mut task = Paged::<Task>::parse(ID, TEXT).expect("valid");
        assert_eq!(task.render(), TEXT);
        assert_eq!(task.prompt, "Plan dark mode.\n\n# Not a section");
        assert_eq!((task.priority, task.answer.as_deref()), (3, None));
        let at = Timestamp::from_seconds(0);
        task.take("planning-1", at).expect("free");
        let answer = "# Plan\n\n## Steps\n\n```\n## code\n```\n\n<div>\n\\- item\n<<<<<<< x";
        task.finish("planning-1", answer, &["/tmp/a.png".into()], at)
            .expect("open");
        let text = task.render();
        for line in [
            "status: done\n",
            "agent: planning-1\n",
            "attempts: 1\n",
            "mood: calm\n",
            "from: lead # the chief\n",
            "workingAt: 1970-01-01T00:00:00Z\n",
            "attachments:\n  - /tmp/a.png\n",
            "## Answer\n\n\\# Plan\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        let read = Paged::<Task>::parse(ID, &text).expect("valid");
        assert_eq!(read.answer.as_deref(), Some(answer), "{text}");
        assert_eq!(read.render(), text);
        assert_eq!(read.prompt, task.prompt);
    }

    #[test]
    fn a_prompt_is_kept_whatever_it_holds() {
        for prompt in [
            "## Answer\n\nmine\n## Context\n",
            "---\nstatus: done\n---",
            "```\nopen fence",
            "# A\n\n## B\n### C",
        ] {
            for context in [None, Some("branch: main\n## Answer\nx")] {
                let new = Paged::new(Task {
                    core: Core {
                        id: ID.into(),
                        title: "t".into(),
                        body: body(prompt, context),
                        ..Core::default()
                    },
                    ..Task::default()
                });
                let read = Paged::<Task>::parse(ID, &new.render()).expect("valid");
                let closed = if prompt.contains("open") { "\n```" } else { "" };
                assert_eq!(read.prompt, format!("{}{closed}", prompt.trim()));
                assert_eq!(read.answer, None);
                assert_eq!(super::context(&read.core.body).as_deref(), context);
            }
        }
    }

    #[test]
    fn typed_by_hand() {
        let typed =
            "---\ntitle: x\nstatus: done\n---\n# A heading\n\nDo it.\n\n## Answer\n\nIt is done.\n";
        let task = Paged::<Task>::parse(ID, typed).expect("valid");
        assert_eq!(task.prompt, "# A heading\n\nDo it.");
        assert_eq!(task.answer.as_deref(), Some("It is done."));
        assert!(task.is_decided_by_hand());
        assert!(Paged::<Task>::parse(ID, &TEXT.replace("queued", "open")).is_err());
    }
}
