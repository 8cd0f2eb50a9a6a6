//! What waits on somebody, and what became of it.

use super::{Report, approval};
use crate::cli::screen::{Screen, Style};
use crate::commands::approval::listed;
use crate::commands::matter::{Decided, Item, List};
use crate::commands::{answer, cancel, escalate, inbox, reply, show, wait};
use crate::domain::escape;
use crate::domain::time::span;
use crate::domain::waiting::{Kind, tail};
use crate::exit::Exit;

impl Report for inbox::Report {
    fn text(&self, screen: &mut Screen) {
        if self.items.is_empty() {
            screen.line("Nothing waits on you.");
            return;
        }
        items(screen, &self.items);
    }

    fn informs(&self) -> bool {
        self.informs()
    }

    fn quiet(&self) -> Option<String> {
        Some(ids(&self.items))
    }
}

impl Report for List {
    fn text(&self, screen: &mut Screen) {
        if self.items.is_empty() {
            let open = if self.all { "" } else { "open " };
            screen.line(&format!("There are no {open}{}.", self.kind.plural()));
            return;
        }
        if self.kind == Kind::Task {
            return super::task::table(screen, &self.items);
        }
        items(screen, &self.items);
    }

    fn quiet(&self) -> Option<String> {
        Some(ids(&self.items))
    }
}

fn ids(items: &[Item]) -> String {
    let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
    ids.join("\n")
}

/// A table of things; below a question what one may choose, or what was chosen, a line each.
fn items(screen: &mut Screen, items: &[Item]) {
    let mut rows = Vec::new();
    for item in items {
        rows.push(row(item));
        for below in below(item) {
            let empty = || (Style::Plain, String::new());
            rows.push(vec![
                empty(),
                empty(),
                empty(),
                empty(),
                (Style::Dim, below),
                empty(),
            ]);
        }
    }
    screen.table(&["KIND", "ID", "AGE", "FROM", "TITLE", "NEXT"], &rows);
}

fn row(item: &Item) -> Vec<(Style, String)> {
    let id = match item.kind {
        "escalation" | "approval" | "handoff" | "task" => tail(&item.id).to_owned(),
        "comment" => format!("#{}", item.id),
        _ => item.id.clone(),
    };
    vec![
        (Style::Plain, item.noun.to_owned()),
        (Style::Strong, id),
        (Style::Plain, item.age_seconds.map(span).unwrap_or_default()),
        (Style::Plain, item.from.clone()),
        (Style::Plain, title(item)),
        (Style::Note, item.next.clone()),
    ]
}

fn title(item: &Item) -> String {
    let mut title = escape::one_line(&item.title, 100);
    if item.kind == "approval" {
        title = format!("{}: {title}", listed(&item.paths));
    }
    if let Some(issue) = item.issue.filter(|_| item.kind != "comment") {
        title.push_str(&format!(" (#{issue})"));
    }
    match item.count {
        Some(count) if count > 1 => title.push_str(&format!(", asked {count} times")),
        _ => {}
    }
    if item.kind != "agent" && !matches!(item.status.as_str(), "open" | "new" | "requested") {
        title.push_str(&format!(", {}", item.status));
    }
    match item.expires_at {
        Some(_) if item.ended => title.push_str(", expired"),
        Some(end) if item.status == "granted" => title.push_str(&format!(" until {end}")),
        _ => {}
    }
    title
}

fn below(item: &Item) -> Vec<String> {
    match &item.decision {
        Some(decision) => vec![format!("→ {}", escape::one_line(decision, 100))],
        None => item
            .options
            .iter()
            .enumerate()
            .map(|(index, option)| format!("{} {option}", index + 1))
            .collect(),
    }
}

impl Report for escalate::Report {
    fn text(&self, screen: &mut Screen) {
        match self {
            escalate::Report::Decided(decided) => screen.text_line(decided.words()),
            escalate::Report::Asked(item) => {
                let again = item
                    .count
                    .filter(|count| *count > 1)
                    .map(|count| format!(" again ({count} times)"))
                    .unwrap_or_default();
                screen.line(&format!(
                    "{} is asked{again}: {}",
                    tail(&item.id),
                    item.title
                ));
                screen.next(&item.next);
            }
        }
    }

    fn informs(&self) -> bool {
        self.informs()
    }

    fn quiet(&self) -> Option<String> {
        Some(match self {
            escalate::Report::Decided(decided) => decided.words().to_owned(),
            escalate::Report::Asked(item) => item.id.clone(),
        })
    }
}

impl Report for wait::Report {
    fn text(&self, screen: &mut Screen) {
        for decided in self.settled.each() {
            screen.text_line(decided.words());
        }
    }

    fn informs(&self) -> bool {
        true
    }

    fn exit(&self) -> Exit {
        approval::exit(self.settled.each())
    }

    fn quiet(&self) -> Option<String> {
        let words: Vec<&str> = self.settled.each().iter().map(Decided::words).collect();
        Some(words.join("\n"))
    }
}

impl Report for answer::Report {
    fn text(&self, screen: &mut Screen) {
        match self {
            answer::Report::Question(item) => ask(screen, item),
            answer::Report::Refused { refused } => screen.text_line(refused),
            answer::Report::Nothing { .. } => screen.line("Nothing waits on you."),
            answer::Report::Settled(decisions) => {
                for decided in decisions.each() {
                    screen.line(&line(decided));
                }
            }
        }
    }

    fn quiet(&self) -> Option<String> {
        let answer::Report::Settled(decisions) = self else {
            return None;
        };
        let ids: Vec<&str> = decisions
            .each()
            .iter()
            .map(|decided| decided.id.as_str())
            .collect();
        Some(ids.join("\n"))
    }

    fn is_one_of_many(&self) -> bool {
        matches!(
            self,
            answer::Report::Question(_) | answer::Report::Refused { .. }
        )
    }
}

/// A question to a person at the terminal; the cursor stays behind it.
fn ask(screen: &mut Screen, item: &Item) {
    screen.styled(Style::Strong, &title(item));
    screen.put("\n");
    let age = item
        .age_seconds
        .map(|age| format!(", {} ago", span(age)))
        .unwrap_or_default();
    screen.line(&format!("  {} from {}{age}", tail(&item.id), item.from));
    for (index, option) in item.options.iter().enumerate() {
        screen.line(&format!("  {}  {option}", index + 1));
    }
    let how = if item.kind == "approval" {
        "yes or no"
    } else {
        "Answer"
    };
    screen.styled(Style::Note, how);
    screen.put(" (Enter: later, q: enough): ");
}

/// What was decided, in one line.
fn line(decided: &Decided) -> String {
    if decided.kind == "approval" {
        return approval::line(decided);
    }
    let option = decided
        .choice
        .map(|choice| format!(" (option {choice})"))
        .unwrap_or_default();
    let already = if decided.already { " already" } else { "" };
    format!(
        "{} is{already} decided: {}{option}",
        tail(&decided.id),
        escape::one_line(decided.words(), 200)
    )
}

impl Report for reply::Report {
    fn text(&self, screen: &mut Screen) {
        screen.line(&format!(
            "Your reply stands below {}; {} finds it in the inbox.",
            tail(&self.item.id),
            self.item.from
        ));
    }

    fn quiet(&self) -> Option<String> {
        Some(self.item.id.clone())
    }
}

impl Report for cancel::Report {
    fn text(&self, screen: &mut Screen) {
        let already = if self.taken.already { " already" } else { "" };
        screen.line(&format!(
            "{} is{already} taken back: {}",
            tail(&self.taken.id),
            self.taken.title
        ));
    }

    fn quiet(&self) -> Option<String> {
        Some(self.taken.id.clone())
    }
}

impl Report for show::Report {
    fn text(&self, screen: &mut Screen) {
        match self {
            show::Report::Matter(shown) => whole(screen, shown),
            show::Report::Issue(issue) => issue.text(screen),
            show::Report::Agent(board) => board.text(screen),
            show::Report::Group(group) => group.text(screen),
            show::Report::Goal(goal) => goal.text(screen),
            show::Report::Memory(memory) => memory.text(screen),
            show::Report::Event(event) => super::history::whole(screen, event),
        }
    }

    fn informs(&self) -> bool {
        self.informs()
    }

    fn quiet(&self) -> Option<String> {
        match self {
            show::Report::Matter(shown) => Some(shown.decided.id.clone()),
            show::Report::Issue(issue) => issue.quiet(),
            show::Report::Agent(board) => board.quiet(),
            show::Report::Group(group) => group.quiet(),
            show::Report::Goal(goal) => goal.quiet(),
            show::Report::Memory(memory) => memory.quiet(),
            show::Report::Event(event) => Some(event.id.clone()),
        }
    }
}

fn whole(screen: &mut Screen, shown: &show::Shown) {
    let it = &shown.decided;
    screen.styled(Style::Strong, &it.title);
    screen.put("\n");
    let anybody = (it.kind == "handoff").then(|| "anybody".to_owned());
    let mut rows = vec![("status", it.status.to_owned()), ("from", it.from.clone())];
    rows.extend(it.to.clone().or(anybody).map(|to| ("to", to)));
    rows.extend(it.agent.clone().map(|agent| ("for", agent)));
    rows.extend(it.issue.map(|issue| ("issue", format!("#{issue}"))));
    rows.extend(it.created_at.map(|at| ("created", at.to_string())));
    rows.extend(it.decided_at.map(|at| {
        (
            "settled",
            format!("{at} by {}", it.by.as_deref().unwrap_or("somebody")),
        )
    }));
    rows.extend(it.expires_at.map(|at| ("expires", at.to_string())));
    let text = it.text.clone().filter(|_| it.task.is_none());
    rows.extend(text.map(|text| ("decision", text)));
    rows.extend(it.why.clone().map(|why| ("why", why)));
    rows.extend(it.task.iter().flat_map(|task| super::task::rows(task)));
    rows.extend(it.branch.clone().map(|branch| ("branch", branch)));
    rows.extend(
        Some(it.paths.join(" "))
            .filter(|paths| !paths.is_empty())
            .map(|paths| ("paths", paths)),
    );
    rows.push(("document", shown.path.display().to_string()));
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(key, value)| vec![(Style::Dim, key.to_owned()), (Style::Plain, value)])
        .collect();
    screen.table(&[], &rows);
    screen.put("\n");
    screen.block(&shown.body);
}
