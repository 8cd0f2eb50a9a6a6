//! What the steps of a workflow need of each other: sound before anything runs.

use std::collections::{BTreeMap, BTreeSet};

use super::template::{Name, Template};
use super::{Flaw, ITEM, MOST_RETRIES, MOST_STEPS, Place, Step, Workflow};
use crate::domain::nearest::nearest;

/// Everything that is wrong with a workflow, by line.
pub fn flaws(workflow: &Workflow) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    if workflow.steps.is_empty() {
        flaws.push(flaw(1, "it has no step: write [[step]] and a name"));
    }
    if workflow.steps.len() > MOST_STEPS {
        let line = workflow.steps[MOST_STEPS].line;
        flaws.push(flaw(line, format!("more than {MOST_STEPS} steps")));
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for param in &workflow.params {
        if param.name == ITEM {
            flaws.push(flaw(param.line, "a parameter may not be called item"));
        }
    }
    for step in &workflow.steps {
        if let Some(line) = seen.get(step.name.as_str()) {
            let said = format!("step {} stands on line {line} already", step.name);
            flaws.push(flaw(step.line, said));
        } else {
            seen.insert(&step.name, step.line);
        }
    }
    if flaws.is_empty() {
        for step in &workflow.steps {
            let of_step = needs(workflow, step).into_iter().chain(content(step));
            flaws.extend(of_step.map(|what| flaw(step.line, what)));
        }
    }
    // What is needed is known only when all of it is there.
    if flaws.is_empty() {
        flaws.extend(cycle(workflow));
    }
    if flaws.is_empty() {
        let names = workflow.steps.iter().flat_map(|step| {
            let what = names(workflow, step);
            what.into_iter().map(|what| flaw(step.line, what))
        });
        flaws.extend(names);
    }
    flaws.sort_by_key(|flaw| flaw.line);
    flaws
}

fn flaw(line: usize, what: impl Into<String>) -> Flaw {
    Flaw {
        line,
        what: what.into(),
    }
}

fn needs(workflow: &Workflow, step: &Step) -> Vec<String> {
    let mut said = Vec::new();
    let mut met = BTreeSet::new();
    for need in &step.needs {
        if !met.insert(need) {
            said.push(format!("step {} needs {need} twice", step.name));
        }
        let names = workflow.steps.iter().map(|step| step.name.as_str());
        if !names.clone().any(|name| name == need) {
            let near = nearest(need, names);
            let near = near.map(|near| format!("; did you mean {near}?"));
            said.push(format!(
                "step {} needs {need}, which is no step{}",
                step.name,
                near.unwrap_or_default()
            ));
        }
    }
    said
}

/// Whether the step does anything, and says all that this takes.
fn content(step: &Step) -> Vec<String> {
    let mut said = Vec::new();
    let name = &step.name;
    if step.to.is_some() && step.prompt.is_none() {
        said.push(format!(
            "step {name} has `to` and no `prompt`: say what is to be done"
        ));
    }
    if step.to.is_none() && step.prompt.is_some() && !step.approve {
        said.push(format!(
            "step {name} has a `prompt` and no `to`: say who is to do it"
        ));
    }
    if step.to.is_none() && step.check.is_empty() && !step.approve {
        said.push(format!(
            "step {name} does nothing: give it `to` and `prompt`, a `check`, or approve = \"human\""
        ));
    }
    if step.retries > MOST_RETRIES {
        said.push(format!(
            "step {name} is retried more than {MOST_RETRIES} times"
        ));
    }
    if let Some(program) = step.check.first() {
        if program.names().next().is_some() {
            said.push(format!(
                "step {name}: the program of a check is written out, without {{{{ … }}}}"
            ));
        }
        if *program == Template::default() {
            said.push(format!("step {name}: the program of its check is empty"));
        }
    }
    said
}

/// The steps on a circle of needs, if there is one.
fn cycle(workflow: &Workflow) -> Option<Flaw> {
    let mut left: Vec<&Step> = workflow.steps.iter().collect();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    loop {
        let before = left.len();
        left.retain(|step| {
            let is_ready = step.needs.iter().all(|need| done.contains(need.as_str()));
            if is_ready {
                done.insert(&step.name);
            }
            !is_ready
        });
        if left.is_empty() {
            return None;
        }
        if left.len() == before {
            break;
        }
    }
    // Whoever is left needs somebody who is left: going on so comes back sometime.
    let mut way: Vec<&Step> = vec![left[0]];
    loop {
        let last = way[way.len() - 1];
        let next = left
            .iter()
            .find(|step| last.needs.contains(&step.name) && !done.contains(step.name.as_str()))?;
        if let Some(at) = way.iter().position(|step| step.name == next.name) {
            let mut names: Vec<&str> = way[at..].iter().map(|step| step.name.as_str()).collect();
            names.push(&next.name);
            let said = format!("the steps need each other: {}", names.join(" → "));
            return Some(flaw(next.line, said));
        }
        way.push(next);
    }
}

fn names(workflow: &Workflow, step: &Step) -> Vec<String> {
    let mut said = Vec::new();
    let before = ancestors(workflow, step);
    for (place, name) in step.names() {
        let here = format!("step {}: {{{{ {name} }}}}", step.name);
        match (name, place) {
            (Name::Param(param), _) => {
                let params = workflow.params.iter().map(|param| param.name.as_str());
                if !params.clone().any(|known| known == param) {
                    let near = nearest(param, params);
                    let near = near.map(|near| format!("; did you mean {near}?"));
                    said.push(format!(
                        "{here} is no parameter{}",
                        near.unwrap_or_default()
                    ));
                }
            }
            // What an agent wrote, or was made of it, becomes no word of a command and no addressee.
            (Name::Answer(_), Place::Check | Place::To) => {
                said.push(format!(
                    "{here} may not stand in a check or in `to`: an agent wrote it"
                ));
            }
            (Name::Item, Place::Check) => {
                said.push(format!("{here} may not stand in a check; parameters may"));
            }
            (Name::Item, Place::ForEach) => said.push(format!("{here} is what for_each makes")),
            (Name::Item, _) if step.for_each.is_none() => {
                said.push(format!("{here} stands for nothing without for_each"));
            }
            (Name::Answer(other), _) if !before.contains(other.as_str()) => {
                said.push(if workflow.steps.iter().any(|step| step.name == *other) {
                    format!("{here}, but {other} is not among its needs")
                } else {
                    format!("{here}, but {other} is no step")
                });
            }
            (Name::Item | Name::Answer(_), _) => {}
        }
    }
    said
}

/// The names of all the steps that must be done before this one.
pub fn ancestors<'w>(workflow: &'w Workflow, step: &'w Step) -> BTreeSet<&'w str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = step.needs.iter().map(String::as_str).collect();
    while let Some(name) = open.pop() {
        if found.insert(name) {
            let step = workflow.steps.iter().find(|step| step.name == name);
            open.extend(
                step.into_iter()
                    .flat_map(|step| &step.needs)
                    .map(String::as_str),
            );
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn step(name: &str, needs: &[&str]) -> Step {
        Step {
            name: name.to_owned(),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            approve: true,
            line: 7,
            ..Step::default()
        }
    }

    fn workflow(steps: Vec<Step>) -> Workflow {
        Workflow {
            steps,
            ..Workflow::default()
        }
    }

    fn said(steps: Vec<Step>) -> String {
        let flaws = flaws(&workflow(steps));
        flaws
            .into_iter()
            .map(|flaw| flaw.what)
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn steps_that_need_each_other() {
        assert_eq!(
            said(vec![
                step("d", &["a"]),
                step("a", &["b"]),
                step("b", &["c"]),
                step("c", &["a"])
            ]),
            "the steps need each other: a → b → c → a"
        );
        assert_eq!(
            said(vec![step("a", &["a"])]),
            "the steps need each other: a → a"
        );
        assert_eq!(said(vec![step("b", &["a"]), step("a", &[])]), "");
    }

    #[test]
    fn names_that_stand_for_nothing() {
        let with = |prompt: &str| {
            let mut last = step("code", &["plan"]);
            last.prompt = Some(Template::parse(prompt).expect("a template"));
            said(vec![step("plan", &[]), step("other", &[]), last])
        };
        assert_eq!(with("{{ plan.answer }}"), "");
        assert!(with("{{ other.answer }}").contains("not among its needs"));
        assert!(with("{{ code.answer }}").contains("not among its needs"));
        assert!(with("{{ nobody.answer }}").contains("nobody is no step"));
        assert!(with("{{ item }}").contains("without for_each"));
        assert!(with("{{ feature }}").contains("is no parameter"));
    }

    #[test]
    fn what_agents_wrote_is_no_word_of_a_command() {
        for (word, fine) in [
            ("{{ plan.answer }}", false),
            ("{{ item }}", false),
            ("x", true),
        ] {
            let mut last = step("code", &["plan"]);
            last.for_each = Some(super::super::Each::List(vec!["a".into()]));
            last.check = ["true", word]
                .map(|word| Template::parse(word).expect("a template"))
                .to_vec();
            assert_eq!(
                said(vec![step("plan", &[]), last]).is_empty(),
                fine,
                "{word}"
            );
        }
    }

    proptest! {
        /// Edges to earlier steps only are sound in any order of writing; one edge back makes a circle that is found.
        #[test]
        fn circles_are_found_and_nothing_else(
            edges in prop::collection::vec((0_usize..8, 0_usize..8), 0..20), turn in 0_usize..8, back: bool,
        ) {
            let mut steps: Vec<Step> = (0..8).map(|n| step(&format!("s{n}"), &[])).collect();
            for (a, b) in edges {
                let (low, high) = (a.min(b), a.max(b));
                let need = format!("s{low}");
                if low != high && !steps[high].needs.contains(&need) {
                    steps[high].needs.push(need);
                }
            }
            let target = steps.iter().position(|step| !step.needs.is_empty());
            if let (true, Some(at)) = (back, target) {
                let (needed, name) = (steps[at].needs[0].clone(), steps[at].name.clone());
                let low: usize = needed[1..].parse().expect("a number");
                steps[low].needs.push(name);
            }
            steps.rotate_left(turn);
            let said = said(steps);
            prop_assert_eq!(said.contains("need each other"), back && target.is_some(), "{}", said);
        }
    }
}
