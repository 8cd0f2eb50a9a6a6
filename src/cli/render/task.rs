//! Delegated work, and its answers.

use super::{Report, approval};
use crate::cli::screen::{Screen, Style};
use crate::commands::delegate::{self, Delegated};
use crate::commands::matter::{Decided, Item, TaskFields};
use crate::commands::{collect, done, task};
use crate::domain::escape::{one_line, quoted};
use crate::domain::time::{Timestamp, span};
use crate::domain::waiting::tail;
use crate::exit::Exit;

/// The tasks of a list.
pub(super) fn table(screen: &mut Screen, items: &[Item]) {
    let row = |item: &Item| {
        vec![
            (Style::Strong, tail(&item.id).to_owned()),
            (style(&item.status), item.status.clone()),
            (Style::Plain, item.to.clone().unwrap_or_default()),
            (Style::Plain, item.from.clone()),
            (Style::Plain, item.age_seconds.map(span).unwrap_or_default()),
            (Style::Plain, quoted(&item.title, 80)),
            (Style::Note, item.next.clone()),
        ]
    };
    let rows: Vec<_> = items.iter().map(row).collect();
    screen.table(
        &["ID", "STATUS", "TO", "FROM", "AGE", "TITLE", "NEXT"],
        &rows,
    );
}

fn style(status: &str) -> Style {
    match status {
        "done" => Style::Good,
        "failed" => Style::Bad,
        "blocked" => Style::Warn,
        _ => Style::Plain,
    }
}

/// What a task has of its own, for the page that shows one whole.
pub(super) fn rows(task: &TaskFields) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    rows.extend(task.agent.clone().map(|agent| ("agent", agent)));
    rows.extend(task.route.clone().map(|route| ("route", route)));
    let number = |number: u64| (number > 0).then(|| number.to_string());
    rows.extend(number(task.priority).map(|priority| ("priority", priority)));
    rows.extend(number(task.attempts).map(|attempts| ("attempts", attempts)));
    let at = &task.receipts;
    let receipts: [(&str, Option<Timestamp>); 3] = [
        ("delivered", at.delivered),
        ("working", at.working),
        ("collected", at.collected),
    ];
    rows.extend(
        receipts
            .into_iter()
            .filter_map(|(word, at)| Some((word, at?.to_string()))),
    );
    rows.extend(
        task.attachments
            .iter()
            .cloned()
            .map(|file| ("attached", file)),
    );
    rows
}

impl Report for delegate::Report {
    fn text(&self, screen: &mut Screen) {
        match self {
            delegate::Report::One(one) => {
                sent(screen, one);
                screen.next(&one.next);
            }
            delegate::Report::Several { items } => {
                for one in items {
                    sent(screen, one);
                }
                screen.next("ghp collect");
            }
            delegate::Report::Settled(settled) => {
                for decided in settled.each() {
                    screen.text_line(decided.words());
                }
            }
        }
    }

    fn quiet(&self) -> Option<String> {
        let lines: Vec<&str> = match self {
            delegate::Report::One(one) => vec![&one.task.id],
            delegate::Report::Several { items } => {
                items.iter().map(|one| one.task.id.as_str()).collect()
            }
            delegate::Report::Settled(settled) => {
                settled.each().iter().map(Decided::words).collect()
            }
        };
        Some(lines.join("\n"))
    }

    fn informs(&self) -> bool {
        self.informs()
    }

    fn exit(&self) -> Exit {
        match self {
            delegate::Report::Settled(settled) => approval::exit(settled.each()),
            _ => Exit::Done,
        }
    }
}

fn sent(screen: &mut Screen, one: &Delegated) {
    let task = &one.task;
    let short = tail(&task.id);
    let title = quoted(&task.title, 60);
    if task.already {
        return screen.line(&format!(
            "{short} is delegated already, {}: {title}",
            task.status
        ));
    }
    let fields = task.task.as_deref();
    let whose = fields.and_then(|fields| fields.agent.as_deref());
    let whose = whose.or(task.to.as_deref()).unwrap_or_default();
    let why = fields.and_then(|fields| fields.route.as_deref());
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    screen.line(&format!("{short} waits for {whose}{why}: {title}"));
}

impl Report for task::take::Report {
    fn text(&self, screen: &mut Screen) {
        let it = &self.task;
        let already = if it.already { " already" } else { "" };
        screen.line(&format!(
            "{} is{already} in your hands, from {}. Between the lines is what was delegated:",
            tail(&it.id),
            it.from
        ));
        if let Some(persona) = &self.persona {
            screen.text_line(persona);
        }
        let prompt = it.task.as_ref().map_or("", |task| task.prompt.as_str());
        let line = format!("---- {} ----", it.id);
        screen.line(&line);
        screen.text_line(prompt);
        if let Some(context) = &self.context {
            screen.line(&format!("---- what {} knows ----", it.from));
            screen.text_line(context);
        }
        screen.line(&line);
        screen.next(&self.next);
    }

    fn quiet(&self) -> Option<String> {
        let prompt = |task: &TaskFields| task.prompt.clone();
        self.task.task.as_deref().map(prompt)
    }
}

impl Report for task::reply::Report {
    fn text(&self, screen: &mut Screen) {
        for it in &self.items {
            screen.line(&format!(
                "{} was sent to {}: {}",
                tail(&it.id),
                one_line(&it.from, 80),
                quoted(&it.title, 60)
            ));
        }
        if self.items.is_empty() {
            screen.line("no answer waits to be sent");
        }
    }

    fn quiet(&self) -> Option<String> {
        let ids: Vec<_> = self.items.iter().map(|it| it.id.as_str()).collect();
        (!ids.is_empty()).then(|| ids.join("\n"))
    }
}

impl Report for task::retry::Report {
    fn text(&self, screen: &mut Screen) {
        let it = &self.task;
        let route = it.task.as_ref().and_then(|task| task.route.as_deref());
        let why = route.map(|why| format!(" ({why})")).unwrap_or_default();
        let already = if it.already { " already" } else { " again" };
        let title = quoted(&it.title, 60);
        screen.line(&format!(
            "{} is queued{already}{why}: {title}",
            tail(&it.id)
        ));
    }

    fn quiet(&self) -> Option<String> {
        Some(self.task.id.clone())
    }
}

impl Report for task::receive::Report {
    fn text(&self, screen: &mut Screen) {
        let it = &self.task;
        let already = if it.already { " already" } else { "" };
        let to = it.to.as_deref().unwrap_or_default();
        let title = quoted(&it.title, 60);
        screen.line(&format!(
            "{} is{already} a task for {to}, from {}: {title}",
            tail(&it.id),
            it.from
        ));
    }

    fn quiet(&self) -> Option<String> {
        Some(self.task.id.clone())
    }
}

impl Report for done::Report {
    fn text(&self, screen: &mut Screen) {
        let it = &self.task;
        let already = if it.already { " already" } else { "" };
        let short = tail(&it.id);
        match &it.why {
            Some(why) if it.is_failed() => {
                let why = one_line(why, 200);
                screen.line(&format!("{short} has{already} failed: {why}"));
            }
            _ => screen.line(&format!(
                "{short} is{already} answered; {} finds it.",
                it.from
            )),
        }
    }

    fn quiet(&self) -> Option<String> {
        Some(self.task.id.clone())
    }
}

impl Report for collect::Report {
    fn text(&self, screen: &mut Screen) {
        for (index, item) in self.items.iter().enumerate() {
            if index > 0 {
                screen.put("\n");
            }
            screen.line(&item.heading);
            screen.put("\n");
            screen.text_line(&words(&item.task));
            for file in item.task.task.iter().flat_map(|task| &task.attachments) {
                screen.line(&format!("Attached: {file}"));
            }
        }
    }

    fn quiet(&self) -> Option<String> {
        let words: Vec<String> = self.items.iter().map(|item| words(&item.task)).collect();
        Some(words.join("\n"))
    }

    fn informs(&self) -> bool {
        true
    }

    fn exit(&self) -> Exit {
        if self.items.iter().any(|item| item.task.is_failed()) {
            Exit::Failed
        } else {
            Exit::Done
        }
    }
}

/// The answer, or why there is none.
fn words(task: &Decided) -> String {
    match (&task.text, &task.why) {
        (Some(answer), _) => answer.clone(),
        (None, Some(why)) => format!("{}: {why}", task.status),
        (None, None) => task.status.to_owned(),
    }
}
