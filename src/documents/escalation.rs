//! escalations/ID.md: a question. A person may decide it by typing under its last heading.

use serde::Deserialize;

use super::front_matter::{Malformed, Page};
use super::{Document, markdown, waiting};
use crate::domain::escalation::{Decision, Escalation, understood};
use crate::domain::id::is_document_id;
use crate::domain::waiting::{Waits, tail};

/// The section that the decision stands in; the last one, and empty while the question is open.
pub const DECISION: &str = "Decision";
/// The section that says what one can do; written once, read by people only.
const HOW: &str = "How to answer";
/// The longest reason that is taken from behind a decision typed by hand, in bytes.
const LONGEST_REASON: usize = 4096;

/// The known keys of the front matter, beside those of everything that waits.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Front {
    status: Option<Spelled>,
    choice: Option<u64>,
    why: Option<String>,
    key: Option<String>,
    count: Option<u64>,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
}

#[derive(PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Spelled {
    Open,
    Resolved,
    Withdrawn,
}

impl Document for Escalation {
    const FOLDER: &'static str = "escalations";
    const WORD: &'static str = "escalation";

    fn is_stem(stem: &str) -> bool {
        is_document_id(stem)
    }

    fn stem(&self) -> String {
        self.core.id.clone()
    }

    fn read(stem: &str, page: &Page) -> Result<Escalation, Malformed> {
        let core = waiting::read(stem, page)?;
        let front: Front = page.read()?;
        let (mut decision, reason) = typed(&core.body, &front.options);
        if decision.is_none() && front.status == Some(Spelled::Resolved) {
            decision = front
                .choice
                .map(|choice| understood(&choice.to_string(), &front.options))
                .filter(|chosen| chosen.choice.is_some());
        }
        Ok(Escalation {
            core,
            withdrawn: front.status == Some(Spelled::Withdrawn),
            options: front.options,
            paths: front.paths,
            key: front.key,
            count: front.count.unwrap_or(1),
            decision,
            why: front.why.or(reason),
        })
    }

    fn write(&self, page: &mut Page) {
        waiting::write(&self.core, self.status(), page);
        super::set_number(
            page,
            "choice",
            self.decision.as_ref().and_then(|decision| decision.choice),
        );
        super::set_text(page, "why", self.why.as_deref());
        super::set_text(page, "key", self.key.as_deref());
        super::set_number(page, "count", Some(self.count).filter(|count| *count > 1));
        super::set_texts(page, "options", &self.options);
        super::set_texts(page, "paths", &self.paths);
        // What a person typed stays in their words.
        if let Some(decision) = &self.decision
            && typed(page.body(), &self.options).0.as_ref() != Some(decision)
        {
            page.set_body(&markdown::with_section(
                page.body(),
                DECISION,
                &markdown::quoted(&decision.text),
            ));
        }
    }
}

/// What the words under `## Decision` decide. The first line alone may name an option; the rest is then the reason.
fn typed(body: &str, options: &[String]) -> (Option<Decision>, Option<String>) {
    let words = decision_words(body);
    if words.is_empty() {
        return (None, None);
    }
    let whole = understood(words, options);
    if whole.choice.is_none()
        && let Some((first, rest)) = words.split_once('\n')
        && rest.len() <= LONGEST_REASON
    {
        let chosen = understood(first, options);
        if chosen.choice.is_some() {
            return (Some(chosen), Some(rest.trim().to_owned()));
        }
    }
    (Some(whole), None)
}

/// What stands under `## Decision`, or under the only heading with that title that says something: people type
/// `# Decision` and `### Decision`. Above the answers' part the words are the question's, and decide nothing.
fn decision_words(body: &str) -> &str {
    let exact = markdown::section(body, DECISION).unwrap_or_default();
    let is_plain = !exact.is_empty() && markdown::loose_section(exact, DECISION).is_none();
    if is_plain {
        return exact;
    }
    let asked = markdown::before_section(body, HOW);
    let answers = body.strip_prefix(asked).unwrap_or_default();
    markdown::loose_section(answers, DECISION).unwrap_or(exact)
}

/// The text of a new question's document: the question, how to answer it, and a place for the decision.
pub fn body(id: &str, question: &str, options: &[String]) -> String {
    let mut body = markdown::quoted(question);
    if !body.is_empty() {
        body.push_str("\n\n");
    }
    body.push_str(&format!("## {HOW}\n\n"));
    for (index, option) in options.iter().enumerate() {
        body.push_str(&format!("{}. {option}\n", index + 1));
    }
    let (what, word) = if options.is_empty() {
        ("your words", "\"…\"")
    } else {
        ("a number or your own words", "N")
    };
    let gap = if options.is_empty() { "" } else { "\n" };
    body.push_str(&format!(
        "{gap}Write {what} under {DECISION}, at the end of this file, and save it. Or: `ghp answer {} {word}`\n\n## {}\n\n## {DECISION}\n",
        tail(id),
        waiting::REPLIES,
    ));
    body
}

/// The question itself.
pub fn question(body: &str) -> &str {
    let decision = markdown::before_section(body, DECISION);
    let replies = markdown::before_section(decision, waiting::REPLIES);
    markdown::before_section(replies, HOW).trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::paged::Paged;
    use crate::domain::time::Timestamp;
    use crate::domain::waiting::Core;

    const ID: &str = "2025-01-25-which-store-q7mt";

    fn new(options: &[&str]) -> Paged<Escalation> {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let core = Core {
            id: ID.into(),
            from: "worker-1".into(),
            issue: Some(147),
            title: "Which store?".into(),
            created_at: Timestamp::parse("2025-01-25T10:30:00Z"),
            body: body(ID, "We need one.\n## Decision\nmine", &options),
            ..Core::default()
        };
        Paged::new(Escalation {
            core,
            options,
            count: 1,
            ..Escalation::default()
        })
    }

    fn parse(text: &str) -> Paged<Escalation> {
        Paged::parse(ID, text).expect(text)
    }

    #[test]
    fn a_new_question_ends_with_an_empty_decision() {
        let text = new(&["SQLite", "Two files"]).render();
        assert_eq!(
            text,
            "---\ntitle: Which store?\nstatus: open\nfrom: worker-1\nissue: 147\ncreatedAt: 2025-01-25T10:30:00Z\noptions:\n  - SQLite\n  - Two files\n---\n\n\
             We need one.\n\\## Decision\nmine\n\n## How to answer\n\n1. SQLite\n2. Two files\n\n\
             Write a number or your own words under Decision, at the end of this file, and save it. Or: `ghp answer q7mt N`\n\n\
             ## Replies\n\n## Decision\n"
        );
        let read = parse(&text);
        assert_eq!((read.is_open(), read.render()), (true, text));
        assert_eq!(
            question(&read.core.body),
            "We need one.\n\\## Decision\nmine"
        );
    }

    #[test]
    fn a_person_types_the_decision() {
        let open = new(&["SQLite", "Two files"]).render();
        for (typed, choice, text, why) in [
            ("2", Some(2), "Two files", None),
            ("two files\n", Some(2), "Two files", None),
            (
                "\n1.\n\nIt is there already.\n",
                Some(1),
                "SQLite",
                Some("It is there already."),
            ),
            ("Memory will do.", None, "Memory will do.", None),
        ] {
            let mut read = parse(&format!("{open}{typed}"));
            assert_eq!(
                read.decision,
                Some(Decision {
                    choice,
                    text: text.into()
                }),
                "{typed}"
            );
            assert_eq!(
                (
                    read.why.as_deref(),
                    read.status(),
                    read.is_decided_by_hand()
                ),
                (why, "resolved", true)
            );
            read.note_hand(Timestamp::from_seconds(0));
            let noted = read.render();
            assert!(
                noted.ends_with(&format!("## Decision\n{typed}")),
                "the person's words stay: {noted}"
            );
            assert!(
                noted.contains("status: resolved") && noted.contains("by: hand"),
                "{noted}"
            );
            assert_eq!(*parse(&noted), *read);
        }
    }

    #[test]
    fn a_heading_of_another_level_will_do() {
        let open = new(&["SQLite", "Two files"]).render();
        let open = open.replace("\\## Decision\nmine", "### Decision\nmine");
        assert!(parse(&open).is_open(), "the question's own words: {open}");
        let choice = |text: String| parse(&text).decision.as_ref().and_then(|it| it.choice);
        for heading in [
            "# Decision",
            "### decision",
            "##  DECISION  ",
            "## Decision ##",
        ] {
            let typed = format!("{heading}\n2\n");
            assert_eq!(choice(format!("{open}\n{typed}")), Some(2), "{heading}");
            assert_eq!(
                choice(open.replace("## Decision\n", "") + &typed),
                Some(2),
                "{heading}"
            );
        }
        let two = format!("{open}\n# Decision\n1\n\n### Decision\n2\n");
        assert!(parse(&two).is_open());
        assert_eq!(
            choice(format!("{open}1\n\n### Why\n\nIt is there.\n")),
            Some(1)
        );
    }

    #[test]
    fn half_saved_is_undecided() {
        let open = new(&["SQLite", "Two files"]).render();
        let half = parse(&open.replace("status: open", "status: resolved"));
        assert!(half.is_open());
        let by_key = parse(&open.replace("status: open", "status: resolved\nchoice: 2"));
        assert_eq!(
            by_key
                .decision
                .as_ref()
                .and_then(|decision| decision.choice),
            Some(2)
        );
        assert!(parse(&open.replace("status: open", "status: resolved\nchoice: 3")).is_open());
        assert!(
            Paged::<Escalation>::parse(ID, &open.replace("status: open", "status: maybe")).is_err()
        );
        assert!(Paged::<Escalation>::parse(ID, "").is_err());
        assert!(parse("---\ntitle: Typed by hand\n---\n").is_open());
    }

    #[test]
    fn a_decision_is_written_and_read_back() {
        let mut one = new(&["SQLite", "Two files"]);
        let chosen = one.meaning("2").expect("an option");
        one.decide(
            chosen,
            Some("no: server".into()),
            "Ana",
            Timestamp::from_seconds(0),
        )
        .expect("open");
        let text = one.render();
        assert!(
            text.ends_with("## Decision\n\nTwo files\n") && text.contains("choice: 2\n"),
            "{text}"
        );
        assert_eq!(
            *parse(&text),
            Escalation {
                core: Core {
                    body: parse(&text).core.body.clone(),
                    ..one.core.clone()
                },
                ..one.clone().into_inner()
            }
        );
        let mut free = new(&[]);
        free.decide(
            understood("# Big\n## Decision\nno", &[]),
            None,
            "Ana",
            Timestamp::from_seconds(0),
        )
        .expect("open");
        assert_eq!(
            parse(&free.render())
                .decision
                .as_ref()
                .map(|decision| decision.text.as_str()),
            Some("\\# Big\n\\## Decision\nno")
        );
    }
}
