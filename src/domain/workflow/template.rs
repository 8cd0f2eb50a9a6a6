//! Texts with names in them: `{{ feature }}`, `{{ item }}`, `{{ plan.answer }}`.
//!
//! Strict and flat: a name is put in once, and nothing in what it stands for is looked at again. `{{ "text" }}` is the
//! text itself, for whoever needs the braces.

use super::{ITEM, is_name};
use crate::domain::escape;

/// A name in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// The thing of the step's list that the job is about.
    Item,
    /// A parameter.
    Param(String),
    /// The answer of a step.
    Answer(String),
}

impl Name {
    /// Reads what stands between the braces.
    pub fn parse(text: &str) -> Result<Name, BadTemplate> {
        let unknown = || BadTemplate::NoName(escape::one_line(text, 60));
        match text.split_once('.') {
            None if text == ITEM => Ok(Name::Item),
            None if is_name(text) => Ok(Name::Param(text.to_owned())),
            Some((step, "answer")) if is_name(step) => Ok(Name::Answer(step.to_owned())),
            _ => Err(unknown()),
        }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Name::Item => f.write_str(ITEM),
            Name::Param(name) => f.write_str(name),
            Name::Answer(step) => write!(f, "{step}.answer"),
        }
    }
}

/// A text that is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// The braces do not close.
    #[error("\"{{{{\" without \"}}}}\" behind it; a text with braces is {{{{ \"{{{{\" }}}}")]
    Open,
    /// What stands in them is no name.
    #[error(
        "{{{{ {0} }}}} is no name: write {{{{ PARAMETER }}}}, {{{{ STEP.answer }}}} or {{{{ item }}}}"
    )]
    NoName(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Name(Name),
}

/// A text with names in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template(Vec<Part>);

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Template, BadTemplate> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let inside = after.trim_start();
            if let Some(quoted) = inside.strip_prefix('"') {
                let (literal, after) = quoted.split_once('"').ok_or(BadTemplate::Open)?;
                let after = after.trim_start().strip_prefix("}}");
                parts.push(Part::Text(literal.to_owned()));
                rest = after.ok_or(BadTemplate::Open)?;
                continue;
            }
            let (name, after) = after.split_once("}}").ok_or(BadTemplate::Open)?;
            parts.push(Part::Name(Name::parse(name.trim())?));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Template(parts))
    }

    /// The names in it.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.0.iter().filter_map(|part| match part {
            Part::Name(name) => Some(name),
            Part::Text(_) => None,
        })
    }

    /// The text with what the names stand for; `None` when it would be longer than `most` bytes.
    pub fn render<'v>(
        &self,
        most: usize,
        mut value: impl FnMut(&Name) -> std::borrow::Cow<'v, str>,
    ) -> Option<String> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Name(name) => text.push_str(&value(name)),
            }
            if text.len() > most {
                return None;
            }
        }
        Some(text)
    }

    /// The template as somebody wrote it.
    pub fn source(&self) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) if text.contains("{{") => format!("{{{{ \"{text}\" }}}}"),
            Part::Text(text) => text.clone(),
            Part::Name(name) => format!("{{{{ {name} }}}}"),
        };
        self.0.iter().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn render(text: &str) -> String {
        let template = Template::parse(text).expect("a template");
        let value = |name: &Name| format!("<{name}{{{{ x }}}}>").into();
        template.render(1000, value).expect("short")
    }

    #[test]
    fn names_are_put_in_once() {
        assert_eq!(
            render("Do {{item}} of {{ feature }}: {{ plan.answer }}."),
            "Do <item{{ x }}> of <feature{{ x }}>: <plan.answer{{ x }}>."
        );
        assert_eq!(render("${{ \"{{ secrets }}\" }} }}"), "${{ secrets }} }}");
        assert_eq!(render(""), "");
    }

    #[test]
    fn what_is_no_template() {
        for bad in [
            "{{",
            "a {{ b",
            "{{ }}",
            "{{ A }}",
            "{{ a.b }}",
            "{{ a.answer.b }}",
            "{{ a | upper }}",
            "{{ 7*7 }}",
            "{{ a\u{1b}[2J }}",
            "{{ \"a }}",
            "{{ \"a\" b }}",
            "{{ ../a }}",
        ] {
            let error = Template::parse(bad).expect_err(bad);
            assert!(!error.to_string().contains('\u{1b}'));
        }
    }

    #[test]
    fn a_text_that_grows_is_stopped() {
        let bomb = Template::parse(&"{{ a }}".repeat(1000)).expect("a template");
        let mut asked = 0;
        let long = "x".repeat(1000);
        let rendered = bomb.render(10_000, |_| {
            asked += 1;
            (&long).into()
        });
        assert_eq!((rendered, asked), (None, 11));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(\\{\\{|\\}\\}|[a-z.\" \\n]){0,40}") {
            if let Ok(template) = Template::parse(&text) {
                let again = Template::parse(&template.source());
                prop_assert_eq!(
                    again.map(|again| again.render(1000, |name| name.to_string().into())),
                    Ok(template.render(1000, |name| name.to_string().into()))
                );
            }
        }
    }
}
