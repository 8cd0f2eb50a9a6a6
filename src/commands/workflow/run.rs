//! `ghp workflow run`: begin a run, and drive it to its end.

use clap::Args as ClapArgs;

pub use super::drive::Report;
use super::{definition, drive, prompts, trust};
use crate::commands::{escalate, matter, one_line, text};
use crate::documents::workflow_run::hash;
use crate::domain::id::IssueId;
use crate::domain::workflow::run::Run;
use crate::error::{Error, Kind, Result};
use crate::host::clock;
use crate::host::watch::Patience;
use crate::project::Project;

/// Run a workflow: each step is delegated when those that it needs are done
///
/// It runs in the foreground and may be killed at any moment: `ghp workflow resume ID` goes on where it stood, and no
/// finished step is done again. How far it is stands on stderr. Exit 1 when a step failed or a person said no.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// A workflow, or a file with one (NAME.toml)
    #[arg(value_name = "NAME|FILE")]
    pub what: String,
    /// What its parameters are
    #[arg(value_name = "KEY=VALUE")]
    pub params: Vec<String>,
    /// Issue it is about (default: the one you work on)
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
    /// Begun twice with the same word, it is one run
    #[arg(long, value_name = "ID")]
    pub request_id: Option<String>,
    /// Drive it for this long at most (exit 9); it stands
    #[arg(long, value_name = "DUR", num_args = 0..=1, default_missing_value = "forever")]
    pub wait: Option<Patience>,
    /// Go on without this terminal, in a session of its own (`ghp session list`, `output`, `stop`)
    #[arg(long)]
    pub detach: bool,
}

/// Runs the verb.
pub fn run(
    project: &Project,
    args: Args,
    emit: &mut dyn FnMut(&Report) -> Result<()>,
) -> Result<()> {
    let by = project.by()?;
    let definition = definition(project, &args.what)?;
    for warning in &definition.warnings {
        project.warn(warning.clone());
    }
    let params = prompts::params(&definition.workflow, &said(&args)?)
        .map_err(|wrong| Error::new(Kind::Usage, wrong).next(show(&args)))?;
    for value in params.values() {
        let value = value.to_string();
        text::checked(&value, "parameter")?;
        text::refuse_secrets(&value, "parameter", &show(&args))?;
    }
    trust::require(project, &definition, &args.what)?;
    let request_id = args.request_id.as_deref();
    let new = Run {
        workflow: definition.workflow.name.clone(),
        source: definition.source,
        from: by.clone(),
        issue: args
            .issue
            .map(|issue| issue.0)
            .or(escalate::own_issue(project)?),
        request_id: request_id
            .map(|id| one_line(id, "request id"))
            .transpose()?,
        params,
        hash: hash(&definition.text),
        steps: Run::unbegun(&definition.workflow),
        definition: definition.text,
        ..Run::default()
    };
    prompts::require_addressees(project, &definition.workflow, &new)?;
    let id = begin(project, &by, new)?;
    if args.detach {
        return drive::detach(project, &id, args.wait, emit);
    }
    drive::drive(project, &id, args.wait.unwrap_or(Patience::Forever), emit)
}

/// `KEY=VALUE` of the command line.
fn said(args: &Args) -> Result<Vec<(String, String)>> {
    let pair = |word: &String| {
        let (name, value) = word.split_once('=').ok_or_else(|| {
            let word = crate::domain::escape::one_line(word, 60);
            let said = format!("\"{word}\" is no KEY=VALUE");
            Error::new(Kind::Usage, said).next(show(args))
        })?;
        Ok((name.to_owned(), value.to_owned()))
    };
    args.params.iter().map(pair).collect()
}

fn show(args: &Args) -> String {
    format!("ghp workflow show {}", crate::commands::word(&args.what))
}

/// Writes the run's document; of the same request the one that is there.
fn begin(project: &Project, by: &str, new: Run) -> Result<String> {
    project.decide(by, "workflow run", |transaction| {
        let runs = transaction.runs()?;
        let same = |run: &&Run| run.request_id.is_some() && run.request_id == new.request_id;
        if let Some(earlier) = runs.iter().filter(same).find(|run| run.from == by) {
            return Ok(earlier.id.clone());
        }
        let now = clock::now();
        let id = loop {
            let id = matter::fresh_id(transaction, &new.workflow, now)?;
            if runs
                .iter()
                .all(|run| run.id[run.id.len().saturating_sub(4)..] != id[id.len() - 4..])
            {
                break id;
            }
        };
        let run = Run {
            id: id.clone(),
            created_at: Some(now),
            ..new.clone()
        };
        transaction.say(format!("runs {}", run.workflow), run.issue);
        transaction.save_run(&run)?;
        Ok(id)
    })
}
