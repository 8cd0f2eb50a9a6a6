//! A prompt in an editor's file: a person's own text, or something to delegate. Notes of ours stand in square brackets on
//! the last line.

use crate::domain::escape;
use crate::domain::waiting::tail;

use super::Task;

/// How a note begins.
const NOTE: &str = "[ghp: ";
/// What is behind a name when the sender's context is to go along.
const WITH_CONTEXT: &str = "+context";

/// What a draft is.
#[derive(Debug, PartialEq, Eq)]
pub struct Draft<'a> {
    /// The text without our note.
    pub text: &'a str,
    /// The task that our note names.
    pub task: Option<&'a str>,
}

/// Whom a draft is addressed to.
#[derive(Debug, PartialEq, Eq)]
pub enum Order<'a> {
    /// `@name`: perhaps to an agent or a profile of this name.
    To {
        /// The name.
        name: &'a str,
        /// Whether the sender's context goes along.
        with_context: bool,
        /// What is to be done.
        prompt: &'a str,
    },
    /// `@` alone: the person wants to choose.
    Choose {
        /// What is to be done.
        prompt: &'a str,
    },
    /// Nobody.
    Own,
}

impl<'a> Draft<'a> {
    /// Reads a file's text.
    pub fn read(text: &'a str) -> Draft<'a> {
        let whole = text.trim_end();
        let (before, last) = whole.rsplit_once('\n').unwrap_or(("", whole));
        let Some(note) = last.strip_prefix(NOTE).filter(|note| note.ends_with(']')) else {
            return Draft { text, task: None };
        };
        let task = note
            .strip_prefix("task ")
            .and_then(|rest| rest.split(' ').next());
        Draft { text: before, task }
    }

    /// Whom it is addressed to.
    pub fn order(&self) -> Order<'a> {
        let text = self.text.trim_start_matches('\u{feff}').trim_start();
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let Some(name) = first.strip_prefix('@') else {
            return Order::Own;
        };
        let prompt = rest.trim();
        if name.is_empty() {
            return Order::Choose { prompt };
        }
        let (name, with_context) = match name.strip_suffix(WITH_CONTEXT) {
            Some(name) => (name, true),
            None => (name, false),
        };
        Order::To {
            name,
            with_context,
            prompt,
        }
    }
}

/// The text with a note below it.
pub fn noted(text: &str, note: &str) -> String {
    let text = text.trim_end();
    let gap = if text.is_empty() { "" } else { "\n\n" };
    format!("{text}{gap}{NOTE}{note}]\n")
}

/// The note of a task that goes on.
pub fn goes_on(task: &Task) -> String {
    let short = tail(&task.core.id);
    let to = task.agent.as_deref().or(task.core.to.as_deref());
    format!(
        "task {short} goes on with {}; its answer will be at: ghp collect {short}",
        to.unwrap_or("nobody")
    )
}

/// The text that takes the prompt's place when there is an answer. Terminals show it: nothing in it drives one.
pub fn answered(task: &Task) -> String {
    let mut text = format!(
        "{}\n\n{}\n",
        task.heading(),
        task.answer.as_deref().unwrap_or_default()
    );
    for file in &task.attachments {
        text.push_str(&format!("\nAttached: {file}"));
    }
    if !task.attachments.is_empty() {
        text.push('\n');
    }
    escape::plain(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_it_is_for() {
        let to = |name, with_context, prompt| Order::To {
            name,
            with_context,
            prompt,
        };
        for (text, order) in [
            ("@planning Plan it\n", to("planning", false, "Plan it")),
            ("\n  @planning\nPlan it", to("planning", false, "Plan it")),
            ("@planning+context Plan", to("planning", true, "Plan")),
            (
                "\u{feff}@planning Plan it",
                to("planning", false, "Plan it"),
            ),
            ("@planning: Plan it", to("planning:", false, "Plan it")),
            (
                "@src/main.rs what is it?",
                to("src/main.rs", false, "what is it?"),
            ),
            ("@planning", to("planning", false, "")),
            ("@ Plan it", Order::Choose { prompt: "Plan it" }),
            ("@", Order::Choose { prompt: "" }),
            ("Plan it with @planning", Order::Own),
            ("ana@example.com", Order::Own),
            ("", Order::Own),
        ] {
            assert_eq!(Draft::read(text).order(), order, "{text}");
        }
    }

    #[test]
    fn an_answer_drives_no_terminal() {
        let task = Task {
            answer: Some("a\u{1b}]0;x\u{7}\r\n\tb \u{9b}31m👩\u{200d}💻".to_owned()),
            ..Task::default()
        };
        assert!(answered(&task).ends_with("\n\na]0;x\n\tb 31m👩\u{200d}💻\n"));
    }

    #[test]
    fn our_note_is_read_back() {
        let with = noted(
            "@planning Plan it\n",
            "task q7mt goes on with planning-1; its answer",
        );
        let read = Draft::read(&with);
        assert_eq!(
            (read.text.trim(), read.task),
            ("@planning Plan it", Some("q7mt"))
        );
        let said = noted("@planning Plan it", "there was no disk");
        assert_eq!(
            Draft::read(&said),
            Draft {
                text: "@planning Plan it\n",
                task: None
            }
        );
        assert_eq!(
            Draft::read(&noted("", "task q7mt goes on")).task,
            Some("q7mt")
        );
        for own in ["[ghp: open", "x [ghp: y]", "[other: z]", ""] {
            assert_eq!(
                Draft::read(own),
                Draft {
                    text: own,
                    task: None
                }
            );
        }
        assert_eq!(noted(&noted("x", "a"), "b").matches("[ghp").count(), 2);
    }
}
