//! What the board needs of an issue, read without a YAML parser where the front matter is plain.

use super::front_matter::plain::{Value, lines};
use crate::domain::issue::{Issue, Part};

/// An issue in brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// Its number.
    pub number: u64,
    /// Whether there is work left.
    pub open: bool,
    /// Whose it is.
    pub assignee: Option<String>,
    /// The issue that it is a part of.
    pub parent: Option<u64>,
    /// Its branch.
    pub branch: Option<String>,
    /// Globs of the paths it is about; empty: anywhere.
    pub scope: Vec<String>,
    /// Issues that must be closed first.
    pub blocked_by: Vec<u64>,
    /// Whether anybody may have said something below it.
    pub discussed: bool,
}

impl Brief {
    /// Reads it from the issue's text; `None`: the text is not as plain as that, parse the document.
    pub fn plain(number: u64, text: &str) -> Option<Brief> {
        let mut brief = Brief {
            number,
            open: true,
            assignee: None,
            parent: None,
            branch: None,
            scope: Vec::new(),
            blocked_by: Vec::new(),
            discussed: is_discussed(text),
        };
        for line in lines(front(text)?)? {
            match line.key {
                "status" => brief.open = is_open(&line.value)?,
                "assignee" => brief.assignee = Some(text_of(line.value)?),
                "branch" => brief.branch = Some(text_of(line.value)?),
                "parent" => brief.parent = Some(number_of(line.value)?),
                "scope" => brief.scope = list_of(line.value, text_of)?,
                "blockedBy" => brief.blocked_by = list_of(line.value, number_of)?,
                _ => {}
            }
        }
        Some(brief)
    }
}

impl From<&Issue> for Brief {
    fn from(issue: &Issue) -> Brief {
        let (assignee, branch) = (issue.assignee.clone(), issue.branch.clone());
        Brief {
            number: issue.number,
            open: issue.is_open(),
            assignee,
            parent: issue.parent,
            branch,
            scope: issue.scope.clone(),
            blocked_by: issue.blocked_by.clone(),
            discussed: is_discussed(&issue.body),
        }
    }
}

impl Part for Brief {
    fn parent(&self) -> Option<u64> {
        self.parent
    }
    fn holder(&self) -> Option<&str> {
        self.assignee.as_deref()
    }
    fn is_open(&self) -> bool {
        self.open
    }
    fn scope(&self) -> &[String] {
        &self.scope
    }
    fn blocked_by(&self) -> &[u64] {
        &self.blocked_by
    }
}

fn is_discussed(text: &str) -> bool {
    text.contains("## Comments")
}

fn front(text: &str) -> Option<&str> {
    let front = text.strip_prefix("---\n")?;
    front.find("\n---\n").map(|at| &front[..=at])
}

fn is_open(value: &Value<'_>) -> Option<bool> {
    match value {
        Value::Text("open") => Some(true),
        Value::Text("closed") => Some(false),
        _ => None,
    }
}

fn text_of(value: Value<'_>) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_owned()),
        _ => None,
    }
}

fn number_of(value: Value<'_>) -> Option<u64> {
    match value {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

fn list_of<T>(value: Value<'_>, of: impl Fn(Value<'_>) -> Option<T>) -> Option<Vec<T>> {
    match value {
        Value::List(items) => items.into_iter().map(of).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Brief;
    use crate::documents::paged::Paged;
    use crate::domain::issue::Issue;

    #[test]
    fn the_short_way_agrees_with_the_long_one() {
        let mut taken = 0;
        for front in [
            "title: Dashboard\nassignee: worker-1\nparent: 140\nbranch: ana/147-dashboard\n",
            "title: A\nscope: [src/a/**, b]\nassignee: w\n",
            "title: A\nassignee: \"w\"\n",
            "title: A\nassignee: null\n",
            "title: A\nassignee: NULL\n",
            "assignee: 12\n",
            "title: |\n  parent: 3\n",
            "title: >-\n",
            "title: a\n  branch: b\n",
            "title: a #b\nbranch: c#d\n",
            "title: A\nscope: [*a, b]\n",
            "scope: [**/x]\n",
            "scope: [a, &b c]\n",
            "scope: [a: b]\n",
            "scope: []\nblockedBy: []\n",
            "scope: [src/a/**,b , c d]\nblockedBy: [3, 4]\n",
            "blockedBy: [3, x]\n",
            "blockedBy: [3,]\n",
            "blockedBy: 3\n",
            "scope: a\n",
            "scope: [a, [b]]\n",
            "scope: [1, true, null]\n",
            "title: Ünïcode — ok\nparent: 3\n",
            "title: A\nparent: 007\n",
            "status: closed\n",
            "status: Open\n",
            "status: open\nparent: 3\n",
            "parent: 0x10\n",
            "parent: 1_0\n",
            "title: [a\nbranch: b]\n",
            "title: a: b\n",
            "title: [a]\nlabels: [\"]\nparent: 3\n",
            "branch: a\nbranch: b\n",
            "labels:\n  - x\nbranch: b\n",
            "? a\n: b\n",
            "title: A\n\nbranch: b\n",
            "title: A\n# parent: 3\nbranch: b\n",
            "title: {a: b}\n",
            "branch: true\n",
            "branch: ~\n",
            "<<<<<<< a\nbranch: b\n",
            "title: A\nfence: 3\ncreatedAt: 2025-01-25T10:00:00Z\nbranch: main\n",
            "branch: .inf\n",
            "branch: a/b.c_d-e\n",
            "parent: 3.0\n",
            "parent: 1e3\n",
            "title: a\tb\nbranch: c\n",
        ] {
            let text = format!("---\n{front}---\n\nassignee: body\n");
            let Some(brief) = Brief::plain(147, &text) else {
                continue;
            };
            taken += 1;
            let issue = Paged::<Issue>::parse("147", &text)
                .unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(brief, Brief::from(&*issue), "{text}");
        }
        assert!(taken >= 10, "{taken} were read the short way");
        assert!(Brief::plain(1, "no front matter").is_none());
    }
}
