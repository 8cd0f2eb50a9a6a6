//! caves/NAME/*.md: the Working Context, four documents that an agent keeps filling under the headings of
//! [`Part::headings`].
//!
//! What stands in them is written once and then only added to, because it is the agent's.

mod lint;

pub use lint::{begun, is_unfilled, last_issue, missing};

use std::borrow::Cow;

use super::issue::without_comments;
use super::{markdown, remark};
use crate::domain::cave::Part;
use crate::domain::escape::one_line;
use crate::domain::handoff::Handoff;
use crate::domain::issue::Issue;
use crate::domain::time::Timestamp;
use crate::domain::waiting::tail;

/// What a new context is made from.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// Whose it is.
    pub agent: &'a str,
    /// What the agent works on.
    pub issue: Option<&'a Issue>,
    /// What somebody left for whoever goes on with that.
    pub handoff: Option<&'a Handoff>,
    /// What the agent is to achieve, in one line.
    pub objective: Option<&'a str>,
    /// Now.
    pub at: Timestamp,
}

impl Ground<'_> {
    fn title(&self) -> String {
        match self.issue {
            Some(issue) => titled(issue),
            None => self.agent.to_owned(),
        }
    }

    /// A section of the handoff, with whose words they are.
    fn handed(&self, section: &str) -> Option<String> {
        let handoff = self.handoff?;
        let said = markdown::section(&handoff.core.body, section)?;
        (!said.is_empty()).then(|| {
            let from = one_line(&handoff.core.from, 64);
            format!(
                "From {from}'s handoff ({}):\n\n{}",
                tail(&handoff.core.id),
                markdown::quoted(said)
            )
        })
    }
}

fn titled(issue: &Issue) -> String {
    format!("#{} {}", issue.number, one_line(&issue.title, 200))
}

/// A document as it begins.
pub fn text(part: Part, ground: &Ground<'_>) -> String {
    let (title, lead) = match part {
        Part::Background => (format!("Background of {}", ground.title()), facts(ground)),
        Part::Plan => (format!("Plan for {}", ground.title()), String::new()),
        Part::Log => (
            format!("Working log of {}", ground.title()),
            format!(
                "Newest last: `ghp session context {} --append TEXT`",
                ground.agent
            ),
        ),
        Part::Results => (
            format!("Results of {}", ground.title()),
            "What is true now that was not before, and how it was tested.".to_owned(),
        ),
    };
    let mut text = format!("# {title}\n");
    if !lead.is_empty() {
        text.push_str(&format!("\n{lead}\n"));
    }
    let mut said = match part {
        Part::Background => background(ground),
        Part::Plan => vec![
            ground.handed("Next steps").unwrap_or_default(),
            "- [ ] ".to_owned(),
        ],
        Part::Log => vec![log(ground)],
        Part::Results => Vec::new(),
    };
    said.resize(part.headings().len(), String::new());
    for (heading, said) in part.headings().iter().zip(said) {
        text.push_str(&format!("\n## {heading}\n"));
        if !said.is_empty() {
            text.push_str(&format!("\n{said}\n"));
        }
    }
    text
}

/// What is known about the work, a line each.
fn facts(ground: &Ground<'_>) -> String {
    let numbers = |numbers: &[u64]| {
        let numbers: Vec<String> = numbers.iter().map(|number| format!("#{number}")).collect();
        numbers.join(", ")
    };
    let issue = ground.issue;
    let facts = [
        ("Agent", Some(ground.agent.to_owned())),
        (
            "Objective",
            ground.objective.map(|text| one_line(text, 512)),
        ),
        ("Branch", issue.and_then(|issue| issue.branch.clone())),
        ("Scope", issue.map(|issue| issue.scope.join(", "))),
        (
            "Part of",
            issue
                .and_then(|issue| issue.parent)
                .map(|parent| format!("#{parent}")),
        ),
        ("Blocked by", issue.map(|issue| numbers(&issue.blocked_by))),
        ("Labels", issue.map(|issue| issue.labels.join(", "))),
        ("Started", Some(ground.at.to_string())),
    ];
    let facts = facts.into_iter().filter_map(|(name, value)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some(format!("- {name}: {}", one_line(&value, 1000)))
    });
    facts.collect::<Vec<_>>().join("\n")
}

/// Which heading of the background a heading of an issue's text belongs under.
fn place_of(title: &str) -> usize {
    match title.to_lowercase().as_str() {
        "requirements" | "key requirements" => 1,
        "success criteria"
        | "acceptance criteria"
        | "acceptance"
        | "done when"
        | "definition of done" => 2,
        "context" | "constraints" | "context and constraints" => 3,
        _ => 0,
    }
}

fn background(ground: &Ground<'_>) -> Vec<String> {
    let mut said = vec![String::new(); 4];
    let body = ground
        .issue
        .map_or("", |issue| without_comments(&issue.body));
    for (title, text) in markdown::parts(body) {
        let place = place_of(title);
        let text = match place {
            0 if !title.is_empty() => Cow::Owned(format!("**{title}**\n\n{text}")),
            _ => Cow::Borrowed(text),
        };
        add(&mut said[place], &markdown::quoted(&text));
    }
    for section in ["Blockers", "Context"] {
        add(&mut said[3], &ground.handed(section).unwrap_or_default());
    }
    said
}

fn add(to: &mut String, text: &str) {
    if !to.is_empty() && !text.is_empty() {
        to.push_str("\n\n");
    }
    to.push_str(text);
}

fn log(ground: &Ground<'_>) -> String {
    let mut entries = String::new();
    let said = ground
        .handoff
        .and_then(|handoff| Some((handoff, markdown::section(&handoff.core.body, "Progress")?)));
    if let Some((handoff, said)) = said.filter(|(_, said)| !said.is_empty()) {
        let at = handoff.core.created_at.unwrap_or(ground.at);
        add(&mut entries, &remark::entry(&handoff.core.from, at, said));
    }
    add(
        &mut entries,
        &remark::entry(ground.agent, ground.at, &started(ground.issue)),
    );
    entries
}

fn started(issue: Option<&Issue>) -> String {
    issue.map_or_else(
        || "Started".to_owned(),
        |issue| format!("Started {}", titled(issue)),
    )
}

/// The log with a line that the agent begins another issue; `None` where it says so already, or where the log is not
/// one of ours any more.
pub fn with_start(log: &str, agent: &str, issue: &Issue, at: Timestamp) -> Option<String> {
    let is_ours = markdown::section(log, "Progress Log").is_some();
    if !is_ours || last_issue(log) == Some(issue.number) {
        return None;
    }
    let said = format!(
        "{}. The background above this may be of another issue: `ghp issue show {}`",
        started(Some(issue)),
        issue.number
    );
    Some(with_entry(log, Part::Log, agent, at, &said))
}

/// The document with a dated entry at its end: of the log under its heading, of another below whatever stands last.
pub fn with_entry(text: &str, part: Part, by: &str, at: Timestamp, said: &str) -> String {
    let entry = remark::entry(by, at, said);
    match part {
        Part::Log => markdown::append_to_section(text, Part::Log.headings()[0], &entry),
        _ => match markdown::headings(text).last() {
            Some(last) => markdown::append_to_section(text, last, &entry),
            None => markdown::append_to_section(text, part.headings()[0], &entry),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_769_337_000 + seconds)
    }

    fn issue() -> Issue {
        Issue {
            number: 147,
            title: "Dashboard\u{1b} command".into(),
            scope: vec!["src/dashboard/**".into()],
            body: "Do it.\n## Acceptance criteria\n\n- [ ] tested\n\n## Then\nmore\n\n## Comments\n\n### lead, now\n\nno\n".into(),
            ..Issue::default()
        }
    }

    fn ground<'a>(issue: Option<&'a Issue>, handoff: Option<&'a Handoff>) -> Ground<'a> {
        Ground {
            agent: "worker-1",
            issue,
            handoff,
            objective: None,
            at: at(0),
        }
    }

    #[test]
    fn the_background_says_what_the_issue_says() {
        assert_eq!(
            text(Part::Background, &ground(Some(&issue()), None)),
            "# Background of #147 Dashboard\\x1b command\n\n- Agent: worker-1\n- Scope: src/dashboard/**\n- Started: 2026-01-25T10:30:00Z\n\n\
             ## Task Overview\n\nDo it.\n\n**Then**\n\nmore\n\n## Key Requirements\n\n## Success Criteria\n\n- [ ] tested\n\n## Context and Constraints\n"
        );
    }

    #[test]
    fn a_handoff_is_gone_on_from() {
        let mut handoff = Handoff::default();
        handoff.core.id = "2026-01-25-dashboard-h2vw".into();
        handoff.core.from = "worker-9".into();
        handoff.core.created_at = Some(at(-60));
        handoff.core.body = "## Progress\n\nHalf.\n\n## Blockers\n\n## Next steps\n\nThe other half.\n\n## Context\n\nIt is old.\n".into();
        let issue = issue();
        let ground = ground(Some(&issue), Some(&handoff));
        let plan = text(Part::Plan, &ground);
        assert!(
            plan.contains("## Approach\n\nFrom worker-9's handoff (h2vw):\n\nThe other half.\n\n## Task Breakdown\n\n- [ ] \n"),
            "{plan}"
        );
        assert!(text(Part::Background, &ground).ends_with(
            "## Context and Constraints\n\nFrom worker-9's handoff (h2vw):\n\nIt is old.\n"
        ));
        assert!(text(Part::Log, &ground).ends_with(
            "## Progress Log\n\n### worker-9, 2026-01-25T10:29:00Z\n\nHalf.\n\n### worker-1, 2026-01-25T10:30:00Z\n\nStarted #147 Dashboard\\x1b command\n"
        ));
    }

    #[test]
    fn entries_go_to_the_end() {
        let log = text(Part::Log, &ground(None, None));
        let log = with_entry(
            &log,
            Part::Log,
            "lead",
            at(60),
            "One.\n## Progress Log\n### lead, x",
        );
        assert!(
            log.ends_with("Started\n\n### lead, 2026-01-25T10:31:00Z\n\nOne.\n\\## Progress Log\n\\### lead, x\n"),
            "{log}"
        );
        let plan = text(Part::Plan, &ground(None, None));
        let plan = with_entry(&plan, Part::Plan, "lead", at(60), "Do it twice.");
        assert!(
            plan.ends_with(
                "## Testing Strategy\n\n### lead, 2026-01-25T10:31:00Z\n\nDo it twice.\n"
            ),
            "{plan}"
        );
        let bare = with_entry("mine\n", Part::Plan, "lead", at(60), "x");
        assert_eq!(
            bare,
            "mine\n\n## Approach\n\n### lead, 2026-01-25T10:31:00Z\n\nx\n"
        );
    }

    #[test]
    fn another_issue_is_said_once() {
        let mut other = issue();
        let log = text(Part::Log, &ground(Some(&other), None));
        assert_eq!(with_start(&log, "worker-1", &other, at(60)), None);
        other.number = 148;
        let log = with_start(&log, "worker-1", &other, at(60)).expect("another");
        assert_eq!(last_issue(&log), Some(148));
        assert_eq!(with_start(&log, "worker-1", &other, at(60)), None);
        assert_eq!(with_start("mine\n", "worker-1", &other, at(60)), None);
    }
}
