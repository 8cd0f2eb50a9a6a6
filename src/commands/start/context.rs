//! An agent's Working Context, filled from the issue and never overwritten.

use crate::documents::issue::without_comments;
use crate::domain::cave::FILES;
use crate::domain::escape::one_line;
use crate::domain::id::AgentId;
use crate::domain::issue::Issue;
use crate::error::Result;
use crate::store::{Transaction, layout};

/// Writes those of its documents that are missing; whether any was.
pub(super) fn fill(
    transaction: &mut Transaction<'_>,
    agent: &AgentId,
    issue: &Issue,
) -> Result<bool> {
    let mut written = false;
    for file in FILES {
        let path = layout::cave(agent.as_str(), file);
        if transaction.text(&path)?.is_none() {
            transaction.set_text(&path, text(file, issue))?;
            written = true;
        }
    }
    Ok(written)
}

fn text(file: &str, issue: &Issue) -> String {
    let title = format!("#{} {}", issue.number, one_line(&issue.title, 200));
    match file {
        "background.md" => background(&title, issue),
        "plan.md" => format!("# Plan for {title}\n\nSteps, in order; tick them off.\n\n- [ ] \n"),
        "working-log.md" => {
            format!("# Working log of {title}\n\nWhat was done and found, newest last.\n")
        }
        _ => format!(
            "# Results of {title}\n\nWhat is true now that was not before, and how it was tested.\n"
        ),
    }
}

fn background(title: &str, issue: &Issue) -> String {
    let numbers = |numbers: &[u64]| {
        numbers
            .iter()
            .map(|number| format!("#{number}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let facts = [
        ("Branch", issue.branch.clone().unwrap_or_default()),
        ("Scope", issue.scope.join(", ")),
        (
            "Part of",
            issue
                .parent
                .map(|parent| format!("#{parent}"))
                .unwrap_or_default(),
        ),
        ("Blocked by", numbers(&issue.blocked_by)),
        ("Labels", issue.labels.join(", ")),
    ];
    let mut text = format!("# Background of {title}\n");
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        text.push_str(&format!("\n- {name}: {}", one_line(value, 1000)));
    }
    let body = without_comments(&issue.body).trim();
    if !body.is_empty() {
        text.push_str(&format!(
            "\n\n## The issue's text\n\n{}",
            crate::documents::markdown::quoted(body)
        ));
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_background_says_what_the_issue_says() {
        let issue = Issue {
            number: 147,
            title: "Dashboard\u{1b} command".into(),
            scope: vec!["src/dashboard/**".into()],
            body: "Do it.\n## Then\nmore\n\n## Comments\n\n### lead, now\n\nno\n".into(),
            ..Issue::default()
        };
        let text = text("background.md", &issue);
        assert_eq!(
            text,
            "# Background of #147 Dashboard\\x1b command\n\n- Scope: src/dashboard/**\n\n## The issue's text\n\nDo it.\n\\## Then\nmore\n"
        );
    }
}
