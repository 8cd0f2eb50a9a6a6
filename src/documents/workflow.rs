//! workflows/NAME.toml: a workflow as somebody writes it. All that is wrong with it is said at once, each with its line.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::front_matter::MAX_DOCUMENT;
use crate::domain::escape::{one_line, quoted};
use crate::domain::nearest::nearest;
use crate::domain::time::Duration;
use crate::domain::workflow::template::{Name, Template};
use crate::domain::workflow::{Each, Flaw, Param, Step, Value, Workflow, graph, is_name};

const TOP: &[&str] = &["description", "params", "step"];
const PARAM: &[&str] = &["description", "default"];
const STEP: &[&str] = &[
    "name", "needs", "to", "prompt", "check", "retries", "timeout", "approve", "for_each",
];

/// A workflow, and what is odd about its text.
#[derive(Debug)]
pub struct Read {
    /// The workflow.
    pub workflow: Workflow,
    /// Keys that mean nothing here, a sentence each.
    pub warnings: Vec<String>,
}

/// Reads the workflow of this name; everything that is wrong with it otherwise, by line.
pub fn parse(name: &str, text: &str) -> Result<Read, Vec<Flaw>> {
    let mut reader = Reader {
        text,
        flaws: Vec::new(),
        warnings: Vec::new(),
    };
    if text.len() > MAX_DOCUMENT {
        let what = format!("it has more than {} KiB", MAX_DOCUMENT >> 10);
        return Err(vec![Flaw { line: 1, what }]);
    }
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        vec![Flaw {
            line: reader.line(at),
            what: one_line(error.message(), 200),
        }]
    })?;
    let mut workflow = reader.workflow(table.get_ref());
    name.clone_into(&mut workflow.name);
    if reader.flaws.is_empty() {
        reader.flaws = graph::flaws(&workflow);
    }
    if reader.flaws.is_empty() {
        Ok(Read {
            workflow,
            warnings: reader.warnings,
        })
    } else {
        reader.flaws.sort_by_key(|flaw| flaw.line);
        Err(reader.flaws)
    }
}

struct Reader<'t> {
    text: &'t str,
    flaws: Vec<Flaw>,
    warnings: Vec<String>,
}

type Node<'t> = Spanned<DeValue<'t>>;

impl Reader<'_> {
    fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        before.filter(|byte| **byte == b'\n').count() + 1
    }

    fn say(&mut self, at: Range<usize>, what: impl Into<String>) {
        let line = self.line(at.start);
        self.flaws.push(Flaw {
            line,
            what: what.into(),
        });
    }

    /// Warns about every key that means nothing here.
    fn strangers(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys() {
            if known.contains(&key.get_ref().as_ref()) {
                continue;
            }
            let line = self.line(key.span().start);
            let near = nearest(key.get_ref(), known.iter().copied());
            let near = near.map(|near| format!("; did you mean {near}?"));
            self.warnings.push(format!(
                "line {line}: nobody knows the key {}{}",
                quoted(key.get_ref(), 40),
                near.unwrap_or_default()
            ));
        }
    }

    fn workflow(&mut self, table: &DeTable<'_>) -> Workflow {
        self.strangers(table, TOP);
        let mut params = Vec::new();
        if let Some(node) = table.get("params") {
            match node.get_ref() {
                DeValue::Table(table) => {
                    let mut rows: Vec<_> = table.iter().collect();
                    rows.sort_by_key(|(key, _)| key.span().start);
                    for (key, value) in rows {
                        params.extend(self.param(key.get_ref(), key.span(), value));
                    }
                }
                _ => self.say(
                    node.span(),
                    "params is a table: [params], then NAME = \"default\"",
                ),
            }
        }
        let mut steps = Vec::new();
        if let Some(node) = table.get("step") {
            match node.get_ref() {
                DeValue::Array(list) => {
                    for node in list {
                        match node.get_ref() {
                            DeValue::Table(table) => steps.push(self.step(table, node.span())),
                            _ => self.say(node.span(), "a step is a table: [[step]]"),
                        }
                    }
                }
                _ => self.say(node.span(), "steps are tables: [[step]], with two brackets"),
            }
        }
        Workflow {
            name: String::new(),
            description: self.text(table, "description"),
            params,
            steps,
        }
    }

    fn param(&mut self, name: &str, at: Range<usize>, node: &Node<'_>) -> Option<Param> {
        if !is_name(name) {
            self.say(at, not_a_name("parameter", name));
            return None;
        }
        let mut param = Param {
            name: name.to_owned(),
            line: self.line(at.start),
            ..Param::default()
        };
        if let DeValue::Table(table) = node.get_ref() {
            self.strangers(table, PARAM);
            param.description = self.text(table, "description");
            param.default = table.get("default").and_then(|node| self.value(node));
        } else {
            param.default = self.value(node);
        }
        Some(param)
    }

    fn value(&mut self, node: &Node<'_>) -> Option<Value> {
        match node.get_ref() {
            DeValue::String(text) => Some(Value::Text(text.to_string())),
            DeValue::Integer(number) => Some(Value::Text(number.as_str().to_owned())),
            DeValue::Boolean(yes) => Some(Value::Text(yes.to_string())),
            DeValue::Array(_) => self.texts(node, "a parameter").map(Value::List),
            _ => {
                self.say(node.span(), "a parameter is a text or a list of texts");
                None
            }
        }
    }

    fn step(&mut self, table: &DeTable<'_>, at: Range<usize>) -> Step {
        self.strangers(table, STEP);
        let name = self.text(table, "name");
        match &name {
            None => self.say(at.clone(), "a step without a name: name = \"plan\""),
            Some(name) if !is_name(name) => self.say(at.clone(), not_a_name("step", name)),
            Some(_) => {}
        }
        let mut step = Step {
            name: name.unwrap_or_default(),
            to: self.template(table, "to"),
            prompt: self.template(table, "prompt"),
            line: self.line(at.start),
            ..Step::default()
        };
        if let Some(node) = table.get("needs") {
            step.needs = self.texts(node, "needs").unwrap_or_default();
        }
        if let Some(node) = table.get("check") {
            let words = self.texts(node, "check").unwrap_or_default();
            for word in words {
                match Template::parse(&word) {
                    Ok(word) => step.check.push(word),
                    Err(error) => self.say(node.span(), error.to_string()),
                }
            }
        }
        if let Some(node) = table.get("retries") {
            let number = node.get_ref().as_integer();
            match number.and_then(|number| number.as_str().parse().ok()) {
                Some(number) => step.retries = number,
                None => self.say(node.span(), "retries is a whole number: retries = 2"),
            }
        }
        if let Some(text) = self.text(table, "timeout") {
            match text.parse::<Duration>() {
                Ok(span) => step.timeout = Some(span),
                Err(error) => self.say(table["timeout"].span(), error.to_string()),
            }
        }
        match self.text(table, "approve").as_deref() {
            None => {}
            Some("human") => step.approve = true,
            Some(_) => self.say(
                table["approve"].span(),
                "approve = \"human\" is all there is",
            ),
        }
        step.for_each = table.get("for_each").and_then(|node| self.each(node));
        step
    }

    fn each(&mut self, node: &Node<'_>) -> Option<Each> {
        let DeValue::String(text) = node.get_ref() else {
            return self.texts(node, "for_each").map(Each::List);
        };
        let inner = text.trim();
        let inner = inner
            .strip_prefix("{{")
            .and_then(|inner| inner.strip_suffix("}}"))
            .unwrap_or(inner);
        match Name::parse(inner.trim()) {
            Ok(name) => Some(Each::Of(name)),
            Err(error) => {
                self.say(node.span(), error.to_string());
                None
            }
        }
    }

    fn text(&mut self, table: &DeTable<'_>, key: &str) -> Option<String> {
        let node = table.get(key)?;
        if let DeValue::String(text) = node.get_ref() {
            if text.contains('\0') {
                self.say(node.span(), format!("{key} holds a NUL byte"));
            }
            return Some(text.to_string());
        }
        self.say(node.span(), format!("{key} is a text: {key} = \"…\""));
        None
    }

    fn texts(&mut self, node: &Node<'_>, what: &str) -> Option<Vec<String>> {
        let said = format!("{what} is a list of texts: [\"…\", \"…\"]");
        let DeValue::Array(list) = node.get_ref() else {
            self.say(node.span(), said);
            return None;
        };
        let text = |node: &Node<'_>| node.get_ref().as_str().map(str::to_owned);
        let texts: Option<Vec<String>> = list.iter().map(text).collect();
        if texts
            .as_ref()
            .is_none_or(|texts| texts.iter().any(|text| text.contains('\0')))
        {
            self.say(node.span(), said);
            return None;
        }
        texts
    }

    fn template(&mut self, table: &DeTable<'_>, key: &str) -> Option<Template> {
        let text = self.text(table, key)?;
        match Template::parse(&text) {
            Ok(template) => Some(template),
            Err(error) => {
                self.say(table[key].span(), format!("{key}: {error}"));
                None
            }
        }
    }
}

fn not_a_name(what: &str, name: &str) -> String {
    format!(
        "{} is no name for a {what}: use lower-case letters, digits, \"-\" and \"_\", at most 40",
        quoted(name, 60)
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let flaws = parse("x", text).expect_err("something is wrong");
        let line = |flaw: Flaw| format!("{}: {}", flaw.line, flaw.what);
        flaws.into_iter().map(line).collect()
    }

    #[test]
    fn all_that_can_be_said() {
        let text = r#"
description = "Build it"
[params]
feature = { description = "what" }
areas = ["logs", "code"]
depth = 2

[[step]]
name = "plan"
to = "planning"
prompt = "Plan {{ feature }}"
timeout = "30m"

[[step]]
name = "code"
needs = ["plan"]
to = "coding"
prompt = """
Do {{ plan.answer }} in {{ item }}"""
for_each = "{{ areas }}"
check = ["cargo", "test", "{{ depth }}"]
retries = 2
approve = "human"
"#;
        let read = parse("build", text).expect("a workflow");
        assert!(read.warnings.is_empty(), "{:?}", read.warnings);
        let workflow = read.workflow;
        let names: Vec<&str> = workflow
            .params
            .iter()
            .map(|param| param.name.as_str())
            .collect();
        assert_eq!(
            (workflow.name.as_str(), names),
            ("build", vec!["feature", "areas", "depth"])
        );
        assert_eq!(workflow.params[2].default, Some(Value::Text("2".into())));
        let code = &workflow.steps[1];
        assert_eq!(code.for_each, Some(Each::Of(Name::Param("areas".into()))));
        assert_eq!(
            (code.retries, code.approve, code.check.len(), code.line),
            (2, true, 3, 14)
        );
        assert_eq!(
            workflow.steps[0].timeout,
            Some(Duration::from_seconds(1800))
        );
    }

    #[test]
    fn everything_that_is_wrong_is_said_with_its_line() {
        let text = "params = 1\n[[step]]\nname = \"A b\"\nto = \"x\"\nprompt = 3\nretries = \"2\"\n\
                    timeout = \"soon\"\napprove = \"me\"\ncheck = \"cargo test\"\nfor_each = \"{{ x.y }}\"\n\
                    needs = [1]\n[[step]]\nprompt = \"{{\"\n";
        let said = lines(text);
        for (line, what) in [
            (1, "params is a table"),
            (2, "\"A b\" is no name"),
            (5, "prompt is a text"),
            (6, "retries is a whole number"),
            (7, "\"soon\" is not a duration"),
            (8, "approve = \"human\""),
            (9, "check is a list of texts"),
            (10, "{{ x.y }} is no name"),
            (11, "needs is a list"),
            (12, "a step without a name"),
            (13, "without \"}}\""),
        ] {
            let found = said
                .iter()
                .any(|said| said.starts_with(&format!("{line}: ")) && said.contains(what));
            assert!(found, "{line}: {what} in {said:#?}");
        }
        assert_eq!(said.len(), 11, "{said:#?}");
    }

    #[test]
    fn unsound_steps_have_their_line() {
        assert_eq!(lines("\n\nx = [1\n")[0].split(':').next(), Some("3"));
        assert_eq!(lines("")[0], "1: it has no step: write [[step]] and a name");
        let step = |name: &str, more: &str| {
            format!("[[step]]\nname = \"{name}\"\napprove = \"human\"\n{more}\n")
        };
        let twice = lines(&format!("{}{}", step("a", ""), step("a", "")));
        assert_eq!(twice, ["5: step a stands on line 1 already"]);
        let circle = lines(&format!(
            "{}{}",
            step("a", "needs = [\"b\"]"),
            step("b", "needs = [\"a\"]")
        ));
        assert_eq!(circle, ["1: the steps need each other: a → b → a"]);
        let unknown = lines(&format!(
            "{}{}",
            step("plan", ""),
            step("b", "needs = [\"paln\"]")
        ));
        assert_eq!(
            unknown,
            ["5: step b needs paln, which is no step; did you mean plan?"]
        );
    }

    #[test]
    fn unknown_keys_warn_with_the_nearest() {
        let text = "descripton = \"x\"\n[[step]]\nname = \"a\"\napprove = \"human\"\nretris = 1\n\"\\u001b[2J\" = 1\n";
        let mut warnings = parse("x", text).expect("sound").warnings;
        warnings.sort();
        assert!(
            warnings[0].contains("did you mean description?"),
            "{warnings:?}"
        );
        assert!(
            warnings
                .iter()
                .any(|warning| warning.contains("line 5") && warning.contains("retries"))
        );
        assert!(
            warnings.iter().all(|warning| !warning.contains('\u{1b}')),
            "{warnings:?}"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(\\[\\[step\\]\\]\n|name = \"a\"\n|needs = |to = |\"a\"|\\[|\\]|\\{|\\}|x|\n){0,30}") {
            if let Err(flaws) = parse("x", &text) {
                prop_assert!(flaws.iter().all(|flaw| flaw.line >= 1 && flaw.line <= text.lines().count() + 1));
            }
        }
    }
}
