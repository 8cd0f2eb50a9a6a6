//! A workflow drawn: which step waits for which.

use std::collections::BTreeMap;

use serde::Serialize;

use super::run::State;
use super::{Step, Workflow};

/// A step as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drawn {
    /// Its name.
    pub step: String,
    /// What it needs.
    pub needs: Vec<String>,
    /// How many steps are before it on the longest way.
    pub depth: usize,
    /// What it does, in a few words.
    pub does: String,
    /// Where it stands, in a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
}

/// The steps of a sound workflow, each before those that need it; of equals the first written first.
pub fn drawn(workflow: &Workflow, state: impl Fn(&str) -> Option<State>) -> Vec<Drawn> {
    let mut depths: BTreeMap<&str, usize> = BTreeMap::new();
    // In a sound workflow every round finds the depth of one step more.
    for _ in &workflow.steps {
        for step in &workflow.steps {
            let below = step.needs.iter().map(|need| depths.get(need.as_str()));
            let below: Option<Vec<usize>> = below.map(Option::<&usize>::copied).collect();
            if let Some(below) = below {
                let deepest = below.into_iter().max().map_or(0, |depth| depth + 1);
                depths.insert(&step.name, deepest);
            }
        }
    }
    let mut drawn: Vec<Drawn> = workflow
        .steps
        .iter()
        .map(|step| Drawn {
            step: step.name.clone(),
            needs: step.needs.clone(),
            depth: depths.get(step.name.as_str()).copied().unwrap_or(0),
            does: does(step),
            state: state(&step.name),
        })
        .collect();
    drawn.sort_by_key(|step| step.depth);
    drawn
}

/// What a step does, in a few words.
pub fn does(step: &Step) -> String {
    let mut words = Vec::new();
    if step.approve {
        words.push("asks a person".to_owned());
    }
    words.extend(step.to.as_ref().map(|to| format!("to {}", to.source())));
    if let Some(program) = step.check.first() {
        words.push(format!("checks {}", program.source()));
    }
    if step.for_each.is_some() {
        words.push("once for each".to_owned());
    }
    words.join(", ")
}

/// As lines of text.
pub fn text(steps: &[Drawn]) -> String {
    let mut text = String::new();
    let width = |step: &Drawn| step.step.len() + 2 * step.depth;
    let widest = steps.iter().map(width).max().unwrap_or(0);
    for step in steps {
        let indent = "  ".repeat(step.depth);
        let needs = match step.needs.as_slice() {
            [] => String::new(),
            needs => format!("  after {}", needs.join(", ")),
        };
        let state = step.state.map(|state| format!("  [{}]", state.word()));
        text.push_str(&format!(
            "{indent}{}{}  {}{needs}{}\n",
            step.step,
            " ".repeat(widest - width(step)),
            step.does,
            state.unwrap_or_default()
        ));
    }
    text
}

/// For Graphviz.
pub fn dot(name: &str, steps: &[Drawn]) -> String {
    let quoted = |text: &str| {
        let text = crate::domain::escape::one_line(text, 200);
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    };
    let mut text = format!(
        "digraph {} {{\n  rankdir=LR;\n  node [shape=box];\n",
        quoted(name)
    );
    for step in steps {
        let label = quoted(&label(step));
        text.push_str(&format!("  {} [label={label}];\n", quoted(&step.step)));
        for need in &step.needs {
            text.push_str(&format!("  {} -> {};\n", quoted(need), quoted(&step.step)));
        }
    }
    text.push_str("}\n");
    text
}

/// For Mermaid. Steps are numbered: its own words could be a step's name.
pub fn mermaid(steps: &[Drawn]) -> String {
    let place = |name: &str| steps.iter().position(|step| step.step == name);
    let mut text = String::from("flowchart LR\n");
    for (number, step) in steps.iter().enumerate() {
        let label = crate::domain::escape::one_line(&label(step), 200);
        let entity = |c: char| match c {
            '"' | '<' | '>' | '&' | '#' | '`' => format!("#{};", u32::from(c)),
            c => c.to_string(),
        };
        let label: String = label.chars().map(entity).collect();
        text.push_str(&format!("  s{number}[\"{label}\"]\n"));
        for need in step.needs.iter().filter_map(|need| place(need)) {
            text.push_str(&format!("  s{need} --> s{number}\n"));
        }
    }
    text
}

fn label(step: &Drawn) -> String {
    let state = step.state.map(|state| format!(" ({})", state.word()));
    format!("{}{}: {}", step.step, state.unwrap_or_default(), step.does)
}

#[cfg(test)]
mod tests {
    use super::super::template::Template;
    use super::*;

    fn workflow() -> Workflow {
        let step = |name: &str, needs: &[&str], to: &str| Step {
            name: name.to_owned(),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            to: Some(Template::parse(to).expect("a template")),
            ..Step::default()
        };
        Workflow {
            steps: vec![
                step("end", &["a", "b"], "x\"]; evil"),
                step("b", &["a"], "coding"),
                step("a", &[], "planning"),
            ],
            ..Workflow::default()
        }
    }

    #[test]
    fn each_stands_before_those_that_need_it() {
        let steps = drawn(&workflow(), |step| (step == "a").then_some(State::Done));
        assert_eq!(
            text(&steps),
            "a        to planning  [done]\n  b      to coding  after a\n    end  to x\"]; evil  after a, b\n"
        );
        assert_eq!(
            mermaid(&steps),
            "flowchart LR\n  s0[\"a (done): to planning\"]\n  s1[\"b: to coding\"]\n  s0 --> s1\n  \
             s2[\"end: to x#34;]; evil\"]\n  s0 --> s2\n  s1 --> s2\n"
        );
        let dot = dot("w", &steps);
        assert!(
            dot.contains("  \"end\" [label=\"end: to x\\\"]; evil\"];\n  \"a\" -> \"end\";\n"),
            "{dot}"
        );
    }
}
