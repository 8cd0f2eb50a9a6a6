//! Workflows: the steps that work is delegated in, and what they need of each other.

pub mod drawing;
pub mod graph;
pub mod progress;
pub mod run;
pub mod template;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::time::Duration;
use template::{Name, Template};

/// The most steps that a workflow may have.
pub const MOST_STEPS: usize = 200;
/// The most jobs that one step may fan out to.
pub const MOST_JOBS: usize = 100;
/// The most times that a step is begun again.
pub const MOST_RETRIES: u64 = 20;
/// What a step calls the thing of its list that the job is about.
pub const ITEM: &str = "item";

/// A workflow as it was written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Workflow {
    /// What it is called: its file's name without the ending.
    pub name: String,
    /// What it is for, in one line.
    pub description: Option<String>,
    /// What whoever runs it says.
    pub params: Vec<Param>,
    /// What is done, as it was written; `needs` say in which order.
    pub steps: Vec<Step>,
}

/// Something that whoever runs a workflow says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// What it means, in one line.
    pub description: Option<String>,
    /// What it is when nobody says; `None`: it must be said.
    pub default: Option<Value>,
    /// Where it stands.
    pub line: usize,
}

/// What a parameter is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A text.
    Text(String),
    /// Several.
    List(Vec<String>),
}

impl Value {
    /// What somebody typed, as a value of the same kind as `like`: a list's things stand between commas or on lines.
    pub fn typed(text: &str, like: Option<&Value>) -> Value {
        match like {
            Some(Value::List(_)) => Value::List(things(text, &[',', '\n'])),
            _ => Value::Text(text.to_owned()),
        }
    }

    /// Its things: a text's are its lines.
    pub fn things(&self) -> Vec<String> {
        match self {
            Value::Text(text) => things(text, &['\n']),
            Value::List(list) => list.clone(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::List(list) => f.write_str(&list.join("\n")),
        }
    }
}

/// The things in a text: what stands between these marks and is not empty, without a list's dash or number before it.
pub fn things(text: &str, marks: &[char]) -> Vec<String> {
    let bare = |thing: &str| {
        let thing = thing.trim();
        let thing = thing
            .strip_prefix("- ")
            .or_else(|| thing.strip_prefix("* "));
        thing.map(str::trim).map(str::to_owned)
    };
    text.split(marks)
        .map(|thing| bare(thing).unwrap_or_else(|| thing.trim().to_owned()))
        .filter(|thing| !thing.is_empty())
        .collect()
}

/// A step of a workflow.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// The steps that must be done before.
    pub needs: Vec<String>,
    /// Whom it is delegated to; `None`: nobody, it only asks or checks.
    pub to: Option<Template>,
    /// What is to be done.
    pub prompt: Option<Template>,
    /// A command that must pass afterwards: a program and its words. None when empty.
    pub check: Vec<Template>,
    /// How often it is begun again when it fails.
    pub retries: u64,
    /// How long the agent may take, and how long the check.
    pub timeout: Option<Duration>,
    /// Whether a person has to say yes before it begins.
    pub approve: bool,
    /// It is done once for each of these; `None`: once.
    pub for_each: Option<Each>,
    /// Where it stands.
    pub line: usize,
}

impl Step {
    /// Every name in it, with where it is used.
    pub fn names(&self) -> impl Iterator<Item = (Place, &Name)> {
        let each = match &self.for_each {
            Some(Each::Of(name)) => Some((Place::ForEach, name)),
            _ => None,
        };
        let check = self.check.iter();
        named(Place::To, self.to.as_ref())
            .into_iter()
            .chain(named(Place::Prompt, self.prompt.as_ref()))
            .chain(check.flat_map(|word| named(Place::Check, Some(word))))
            .chain(each)
    }
}

fn named(place: Place, template: Option<&Template>) -> Vec<(Place, &Name)> {
    let names = template.into_iter().flat_map(Template::names);
    names.map(|name| (place, name)).collect()
}

/// What a step is done for.
#[derive(Debug, Clone, PartialEq)]
pub enum Each {
    /// Each of these.
    List(Vec<String>),
    /// Each thing of a parameter, or each line of an answer.
    Of(Name),
}

/// Where in a step a name is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In `to`.
    To,
    /// In `prompt`.
    Prompt,
    /// In `check`.
    Check,
    /// In `for_each`.
    ForEach,
}

/// Something wrong with a workflow, and the line that it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The line, from 1.
    pub line: usize,
    /// What, without the line.
    pub what: String,
}

/// Whether this may name a workflow, a step or a parameter: `[a-z][a-z0-9_-]{0,39}`.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.len() <= 40
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["plan", "plan-2", "a_b", &"x".repeat(40)] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "",
            "Plan",
            "1",
            "-a",
            "a.b",
            "a/b",
            "../a",
            "a b",
            "a\n",
            "ä",
            &"x".repeat(41),
        ] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn things_of_a_list() {
        let list = Value::List(Vec::new());
        assert_eq!(
            Value::typed("logs, code,,\n- tracker ", Some(&list)).things(),
            ["logs", "code", "tracker"]
        );
        let answer = Value::typed("- a, b\n\n* c\nd - e", None);
        assert_eq!(answer.things(), ["a, b", "c", "d - e"]);
    }
}
