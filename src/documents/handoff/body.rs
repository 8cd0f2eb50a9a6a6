//! The text of a handoff: what really is, under four headings, and what the giver says.

use crate::documents::{markdown, waiting};
use crate::domain::escape;
use crate::domain::handoff::Facts;

/// The headings, in order.
const HEADINGS: [&str; 4] = ["Progress", "Blockers", "Next steps", "Context"];
/// So many commits and paths are named; the rest is counted.
const NAMED: usize = 40;

/// The text of a new handoff.
pub fn body(facts: &Facts) -> String {
    let mut said = Said::of(&facts.note);
    let mut next = said.take(2);
    if next.is_empty() {
        next = format!(
            "Nothing was said. Read the issue: `ghp issue show {}`",
            facts.issue
        );
    }
    let texts = [
        join(progress(facts), &said.take(0)),
        join(blockers(facts), &said.take(1)),
        next,
        join(context(facts), &said.take(3)),
    ];
    let mut body = String::new();
    for (heading, text) in HEADINGS
        .iter()
        .chain([&waiting::REPLIES])
        .zip(texts.iter().map(String::as_str).chain([""]))
    {
        let text = if text.is_empty() {
            String::new()
        } else {
            format!("\n{text}\n")
        };
        let gap = if body.is_empty() { "" } else { "\n" };
        body.push_str(&format!("{gap}## {heading}\n{text}"));
    }
    body
}

/// What the giver says, by our headings. Without any of them it is about the next steps; what stands under other ones
/// belongs to the context.
struct Said([String; 4]);

impl Said {
    fn of(note: &str) -> Said {
        let parts = markdown::parts(note);
        let ours = |title: &str| {
            HEADINGS
                .iter()
                .position(|heading| heading.eq_ignore_ascii_case(title))
        };
        if !parts.iter().any(|(title, _)| ours(title).is_some()) {
            let mut said: [String; 4] = Default::default();
            said[2] = markdown::quoted(note);
            return Said(said);
        }
        let mut said: [String; 4] = Default::default();
        for (title, text) in parts {
            let text = match ours(title) {
                None if !title.is_empty() => format!("**{title}**\n\n{text}"),
                _ => text.to_owned(),
            };
            let place = &mut said[ours(title).unwrap_or(3)];
            *place = join(std::mem::take(place), &markdown::quoted(&text));
        }
        Said(said)
    }

    fn take(&mut self, heading: usize) -> String {
        std::mem::take(&mut self.0[heading])
    }
}

fn join(first: String, second: &str) -> String {
    match (first.is_empty(), second.is_empty()) {
        (true, _) => second.to_owned(),
        (_, true) => first,
        _ => format!("{first}\n\n{second}"),
    }
}

fn progress(facts: &Facts) -> String {
    let mut blocks = Vec::new();
    blocks.push(match (&facts.branch, &facts.base) {
        (None, _) => "No branch yet.".to_owned(),
        (Some(branch), None) => format!(
            "On `{}`, of which nothing in common with {} is known.",
            one(branch),
            one(&facts.main)
        ),
        (Some(branch), Some(base)) => {
            let since = format!(
                "since it left {} at {}",
                one(&facts.main),
                &base[..base.len().min(7)]
            );
            format!(
                "On `{}`: {} {since}.",
                one(branch),
                counted(facts.commits.len(), "commit")
            )
        }
    });
    blocks.extend(list(
        "",
        facts
            .commits
            .iter()
            .map(|(id, subject)| format!("{id} {}", one(subject))),
    ));
    blocks.extend(list("Changed in them:", paths(&facts.changed)));
    let place = facts
        .worktree
        .as_deref()
        .map(|path| format!(", in {}", one(path)))
        .unwrap_or_default();
    blocks.extend(list(
        &format!("Not committed{place}:"),
        paths(&facts.uncommitted),
    ));
    if let Some(action) = &facts.last_action {
        let status = facts
            .status
            .as_deref()
            .map(|word| format!(" ({word})"))
            .unwrap_or_default();
        blocks.push(format!(
            "Last action of {}{status}: {}",
            one(&facts.from),
            one(action)
        ));
    }
    blocks.join("\n\n")
}

fn blockers(facts: &Facts) -> String {
    list("", facts.blockers.iter().map(|line| one(line)))
        .unwrap_or_else(|| "None known.".to_owned())
}

fn context(facts: &Facts) -> String {
    let mut blocks = Vec::new();
    blocks.extend(list("Decided:", facts.decided.iter().map(|line| one(line))));
    if !facts.scope.is_empty() {
        let globs: Vec<String> = facts
            .scope
            .iter()
            .map(|glob| format!("`{}`", one(glob)))
            .collect();
        blocks.push(format!("Scope: {}", globs.join(", ")));
    }
    blocks.extend(facts.context_summary.as_deref().map(one));
    blocks.extend(list(
        "Learned earlier (`ghp memory show ID`):",
        facts.memories.iter().map(|id| one(id)),
    ));
    blocks.push(format!("The issue: `ghp issue show {}`", facts.issue));
    blocks.join("\n\n")
}

/// One of somebody's words on one line.
fn one(text: &str) -> String {
    escape::one_line(text, 400)
}

fn paths(changed: &[(&'static str, String)]) -> impl ExactSizeIterator<Item = String> {
    changed
        .iter()
        .map(|(how, path)| format!("{how} `{}`", one(path)))
}

/// A list under a line of its own; `None` when it is empty.
fn list(head: &str, items: impl ExactSizeIterator<Item = String>) -> Option<String> {
    let count = items.len();
    let mut lines: Vec<String> = items.take(NAMED).map(|item| format!("- {item}")).collect();
    if count > NAMED {
        lines.push(format!("- and {} more", count - NAMED));
    }
    let head = if head.is_empty() {
        String::new()
    } else {
        format!("{head}\n\n")
    };
    (count > 0).then(|| format!("{head}{}", lines.join("\n")))
}

/// `1 commit`, `2 commits`.
fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(note: &str) -> Facts {
        Facts {
            from: "worker-1".into(),
            main: "main".into(),
            branch: Some("ana/147-x".into()),
            base: Some("0123456789abcdef".into()),
            commits: vec![("abc1234".into(), "Parse\n## Blockers".into())],
            changed: vec![("added", "src/x.rs".into())],
            worktree: Some("/work".into()),
            uncommitted: vec![("untracked", "notes".into())],
            status: Some("testing".into()),
            last_action: Some("Ran the tests".into()),
            decided: vec!["q7mt Which store? SQLite".into()],
            scope: vec!["src/**".into()],
            memories: vec!["2026-01-25-flush-redis-m4qa".into()],
            issue: 147,
            note: note.into(),
            ..Facts::default()
        }
    }

    #[test]
    fn what_is_and_what_is_said() {
        assert_eq!(
            body(&facts("Now the renderer.")),
            "## Progress\n\nOn `ana/147-x`: 1 commit since it left main at 0123456.\n\n- abc1234 Parse ## Blockers\n\n\
             Changed in them:\n\n- added `src/x.rs`\n\nNot committed, in /work:\n\n- untracked `notes`\n\n\
             Last action of worker-1 (testing): Ran the tests\n\n## Blockers\n\nNone known.\n\n## Next steps\n\nNow the renderer.\n\n\
             ## Context\n\nDecided:\n\n- q7mt Which store? SQLite\n\nScope: `src/**`\n\nLearned earlier (`ghp memory show ID`):\n\n- 2026-01-25-flush-redis-m4qa\n\nThe issue: `ghp issue show 147`\n\n## Replies\n"
        );
    }

    #[test]
    fn a_note_with_headings_is_sorted_under_them() {
        let text = body(&facts(
            "Hello.\n## next steps\nRender.\n## Risks\nFonts.\n## Blockers\nThe API.\n# Blockers\nTime.\n",
        ));
        assert_eq!(
            markdown::headings(&text),
            ["Progress", "Blockers", "Next steps", "Context", "Replies"]
        );
        let section = |heading| markdown::section(&text, heading).unwrap_or_default();
        assert_eq!(section("Next steps"), "Render.");
        assert_eq!(section("Blockers"), "None known.\n\nThe API.\n\nTime.");
        assert!(
            section("Context").ends_with("Hello.\n\n**Risks**\n\nFonts."),
            "{text}"
        );
    }

    #[test]
    fn long_lists_are_counted() {
        let many = Facts {
            commits: (0..50).map(|n| (format!("{n:07}"), "x".into())).collect(),
            ..facts("")
        };
        let text = body(&many);
        assert!(
            text.contains("- 0000039 x\n- and 10 more\n") && text.contains("Nothing was said."),
            "{text}"
        );
        assert!(
            body(&Facts {
                issue: 5,
                ..Facts::default()
            })
            .starts_with("## Progress\n\nNo branch yet.\n\n## Blockers\n\nNone known.\n")
        );
    }
}
