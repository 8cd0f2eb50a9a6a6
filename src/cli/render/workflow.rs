//! Workflows, and how far their runs have come.

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::workflow::list::{Row, RunRow};
use crate::commands::workflow::show::{RunShown, Shown};
use crate::commands::workflow::{cancel, graph, list, run, show};
use crate::domain::escape::one_line;
use crate::domain::time::span;
use crate::domain::waiting::tail;
use crate::domain::workflow::Value;
use crate::domain::workflow::run::{Job, Progress, Source, Standing, State};
use crate::exit::Exit;

impl Report for list::Report {
    fn text(&self, screen: &mut Screen) {
        let row = |row: &Row| {
            let about = match (&row.problem, &row.description) {
                (Some(problem), _) => (Style::Bad, problem.clone()),
                (None, about) => (Style::Plain, about.clone().unwrap_or_default()),
            };
            vec![
                (Style::Strong, row.name.clone()),
                (Style::Dim, from(row.source).to_owned()),
                (Style::Plain, row.steps.to_string()),
                about,
            ]
        };
        let rows: Vec<_> = self.workflows.iter().map(row).collect();
        screen.table(&["WORKFLOW", "FROM", "STEPS", ""], &rows);
        if self.runs.is_empty() {
            return;
        }
        screen.put("\n");
        let row = |row: &RunRow| {
            vec![
                (Style::Strong, tail(&row.id).to_owned()),
                (Style::Plain, row.workflow.clone()),
                (style(row.state), row.state.word().to_owned()),
                (Style::Plain, format!("{}/{}", row.done, row.steps)),
                (Style::Plain, row.from.clone()),
                (Style::Plain, row.age_seconds.map(span).unwrap_or_default()),
                (
                    Style::Plain,
                    one_line(row.why.as_deref().unwrap_or_default(), 60),
                ),
                (Style::Note, row.next.clone()),
            ]
        };
        let rows: Vec<_> = self.runs.iter().map(row).collect();
        screen.table(
            &["RUN", "WORKFLOW", "STATE", "DONE", "BY", "AGE", "", "NEXT"],
            &rows,
        );
    }

    fn quiet(&self) -> Option<String> {
        let names: Vec<&str> = self.workflows.iter().map(|row| row.name.as_str()).collect();
        Some(names.join("\n"))
    }
}

fn from(source: Source) -> &'static str {
    match source {
        Source::Repository => "repository",
        Source::File => "file",
        Source::BuiltIn => "built in",
    }
}

fn style(state: Standing) -> Style {
    match state {
        Standing::Running => Style::Plain,
        Standing::Failed => Style::Bad,
        Standing::Cancelled => Style::Dim,
        Standing::Done => Style::Good,
    }
}

fn step_style(state: State) -> Style {
    match state {
        State::Waiting | State::Running | State::Checking => Style::Plain,
        State::Asking => Style::Warn,
        State::Skipped => Style::Dim,
        State::Failed => Style::Bad,
        State::Done => Style::Good,
    }
}

impl Report for graph::Report {
    fn text(&self, screen: &mut Screen) {
        screen.text_line(self.text.trim_end());
    }

    fn quiet(&self) -> Option<String> {
        Some(self.text.trim_end().to_owned())
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl Report for show::Report {
    fn text(&self, screen: &mut Screen) {
        match self {
            show::Report::Workflow(workflow) => shown(workflow, screen),
            show::Report::Run(run) => run_shown(run, screen),
        }
    }

    fn quiet(&self) -> Option<String> {
        Some(match self {
            show::Report::Workflow(workflow) => workflow.definition.trim_end().to_owned(),
            show::Report::Run(run) => run.state.word().to_owned(),
        })
    }

    fn warnings(&self) -> &[String] {
        match self {
            show::Report::Workflow(workflow) => &workflow.warnings,
            show::Report::Run(_) => &[],
        }
    }
}

impl Report for run::Report {
    fn text(&self, screen: &mut Screen) {
        match self {
            run::Report::Step(moved) => {
                screen.styled(Style::Strong, &moved.step);
                screen.put("  ");
                screen.styled(step_style(moved.state), moved.state.word());
                if let Some((done, all)) = moved.jobs {
                    screen.put(&format!(" {done}/{all}"));
                }
                if let Some(waits) = &moved.waits {
                    screen.styled(Style::Dim, &format!("  {waits}"));
                }
                screen.put("\n");
            }
            run::Report::Ended(run) => run_shown(run, screen),
            run::Report::Detached(left) => {
                let (run, name) = (tail(&left.run), &left.driver.session.name);
                screen.line(&format!("run {run} goes on by itself, in session {name}"));
                screen.next(&left.driver.next);
            }
        }
    }

    fn is_narration(&self) -> bool {
        matches!(self, run::Report::Step(_))
    }

    fn quiet(&self) -> Option<String> {
        match self {
            run::Report::Step(_) => None,
            run::Report::Ended(run) => Some(run.id.clone()),
            run::Report::Detached(left) => Some(left.run.clone()),
        }
    }

    fn exit(&self) -> Exit {
        run::Report::exit(self)
    }
}

impl Report for cancel::Report {
    fn text(&self, screen: &mut Screen) {
        let already = if self.already { " already" } else { "" };
        let short = tail(&self.run.id);
        screen.line(&format!(
            "run {short} of {} is{already} cancelled",
            self.run.workflow
        ));
    }

    fn quiet(&self) -> Option<String> {
        Some(self.run.id.clone())
    }
}

fn shown(workflow: &Shown, screen: &mut Screen) {
    screen.styled(Style::Strong, &workflow.name);
    screen.styled(Style::Dim, &format!("  {}", from(workflow.source)));
    screen.put("\n\n");
    screen.block(&workflow.definition);
    screen.put("\n");
    screen.next(&workflow.next);
}

/// A run, as a page.
pub(super) fn run_shown(run: &RunShown, screen: &mut Screen) {
    screen.styled(Style::Strong, &run.workflow);
    screen.put("  ");
    screen.styled(style(run.state), run.state.word());
    screen.styled(Style::Dim, &format!("  {}", run.id));
    screen.put("\n");
    let param = |(name, value): (&String, &Value)| {
        let value = one_line(&value.to_string().replace('\n', ", "), 120);
        vec![(Style::Dim, name.clone()), (Style::Plain, value)]
    };
    let params: Vec<_> = run.params.iter().map(param).collect();
    if !params.is_empty() {
        screen.table(&[], &params);
    }
    screen.put("\n");
    let rows: Vec<_> = run.steps.iter().flat_map(rows).collect();
    screen.table(&["STEP", "STATE", "TRIES", "TASK", ""], &rows);
    if let Some(why) = &run.why {
        screen.put("\n");
        screen.line(why);
    }
    if run.state != Standing::Done && run.state != Standing::Cancelled {
        screen.next(&run.next);
    }
}

fn rows(step: &Progress) -> Vec<Vec<(Style, String)>> {
    let row = |name: &str, state: State, job: Option<&Job>, why: Option<&String>| {
        let note = match (job, state) {
            (Some(job), State::Asking) => {
                let question = job.question.as_deref().map(tail).unwrap_or_default();
                format!("ghp answer {question} yes")
            }
            _ => why.cloned().unwrap_or_default(),
        };
        vec![
            (Style::Strong, name.to_owned()),
            (step_style(state), state.word().to_owned()),
            (
                Style::Plain,
                job.map(|job| job.attempts.to_string()).unwrap_or_default(),
            ),
            (
                Style::Plain,
                job.and_then(Job::task)
                    .map(tail)
                    .unwrap_or_default()
                    .to_owned(),
            ),
            (Style::Dim, one_line(&note, 100)),
        ]
    };
    match step.jobs.as_slice() {
        [] => vec![row(&step.step, step.state, None, step.why.as_ref())],
        [job] if job.item.is_none() => {
            vec![row(&step.step, step.state, Some(job), job.why.as_ref())]
        }
        jobs => {
            let mut rows = vec![row(&step.step, step.state, None, step.why.as_ref())];
            rows.extend(jobs.iter().map(|job| {
                let item = one_line(job.item.as_deref().unwrap_or_default(), 40);
                row(&format!("· {item}"), job.state, Some(job), job.why.as_ref())
            }));
            rows
        }
    }
}
