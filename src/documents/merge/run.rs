//! workflows/runs/ID.json merged by meaning: each step on its own, the later state wins.

use std::collections::BTreeMap;

use serde_json::Value;

use super::three_way;
use crate::documents::front_matter::Malformed;
use crate::documents::workflow_run::{parse, render};
use crate::domain::workflow::run::{Progress, Run, Standing, State};

/// Merges two descendants of `base` (empty: there is none) of the run with this id. A step that only one side changed is
/// that side's; of two the one that was begun more often, then the one that came further. Which side is called ours makes
/// no difference.
pub fn merge_run(id: &str, base: &str, ours: &str, theirs: &str) -> Result<String, Malformed> {
    let read = |text: &str| {
        if text.trim().is_empty() {
            Ok(None)
        } else {
            parse(id, text).map(Some)
        }
    };
    Ok(match (read(base)?, read(ours)?, read(theirs)?) {
        (base, Some(ours), Some(theirs)) => {
            render(&merged(&base.unwrap_or_default(), ours, theirs))
        }
        (_, Some(only), None) | (_, None, Some(only)) => render(&only),
        (_, None, None) => String::new(),
    })
}

fn merged(base: &Run, ours: Run, theirs: Run) -> Run {
    let order: Vec<String> = [base, &ours, &theirs]
        .into_iter()
        .find(|run| !run.steps.is_empty())
        .into_iter()
        .flat_map(|run| run.steps.iter().map(|step| step.step.clone()))
        .collect();
    let mut steps = three_way(&steps(base), steps(&ours), steps(&theirs), progress);
    let fields = three_way(
        &fields(base),
        fields(&ours),
        fields(&theirs),
        Value::to_string,
    );
    let whole = Value::Object(fields.into_iter().collect());
    let mut run: Run =
        serde_json::from_value(whole).unwrap_or_else(|_| unreachable!("a field of either side"));
    run.steps = order.iter().filter_map(|name| steps.remove(name)).collect();
    run.steps.extend(steps.into_values());
    // What ended ended, unless a step goes on in it since.
    let all = |state: State| run.steps.iter().all(|step| step.state == state);
    if !run.steps.is_empty() && all(State::Done) {
        run.state = Standing::Done;
    } else if run.state == Standing::Done {
        run.state = Standing::Running;
    }
    run
}

fn steps(run: &Run) -> BTreeMap<String, Progress> {
    let steps = run.steps.iter().cloned();
    steps.map(|step| (step.step.clone(), step)).collect()
}

/// How far a step has come.
fn progress(step: &Progress) -> (u64, State, usize, String) {
    let begun = step.jobs.iter().map(|job| job.attempts).sum();
    let done = step.jobs.iter().filter(|job| job.state == State::Done);
    let text = serde_json::to_string(step).unwrap_or_default();
    (begun, step.state, done.count(), text)
}

/// Everything but the steps.
fn fields(run: &Run) -> BTreeMap<String, Value> {
    let alone = Run {
        steps: Vec::new(),
        ..run.clone()
    };
    match serde_json::to_value(&alone) {
        Ok(Value::Object(fields)) => fields.into_iter().collect(),
        _ => unreachable!("a run is an object"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(steps: &[(&str, u64, &str)]) -> String {
        let steps: Vec<String> = steps
            .iter()
            .map(|(name, attempts, state)| {
                format!(
                    "{{\"step\":\"{name}\",\"state\":\"{state}\",\"jobs\":[{{\"state\":\"{state}\",\"attempts\":{attempts}}}]}}"
                )
            })
            .collect();
        format!(
            "{{\"id\":\"r\",\"workflow\":\"w\",\"mood\":1,\"steps\":[{}]}}",
            steps.join(",")
        )
    }

    #[test]
    fn each_step_on_its_own_whichever_side_is_ours() {
        let base = run(&[
            ("b", 0, "waiting"),
            ("a", 1, "running"),
            ("c", 0, "waiting"),
        ]);
        let ours = run(&[("b", 1, "running"), ("a", 1, "done"), ("c", 0, "waiting")]);
        let theirs = run(&[("b", 2, "running"), ("a", 1, "failed"), ("c", 0, "waiting")]);
        let merged = merge_run("r", &base, &ours, &theirs).expect("runs");
        assert_eq!(merge_run("r", &base, &theirs, &ours), Ok(merged.clone()));
        let merged = parse("r", &merged).expect("a run");
        let states: Vec<_> = merged
            .steps
            .iter()
            .map(|step| (step.step.as_str(), step.state))
            .collect();
        assert_eq!(
            states,
            [
                ("b", State::Running),
                ("a", State::Done),
                ("c", State::Waiting)
            ]
        );
        assert_eq!(merged.steps[0].jobs[0].attempts, 2);
        assert_eq!(merged.unknown["mood"], 1);
        assert!(merge_run("r", &base, "{", &ours).is_err());
        assert_eq!(
            merge_run("r", "", "", &ours).map(|text| text.is_empty()),
            Ok(false)
        );
    }
}
