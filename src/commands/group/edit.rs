//! `ghp group edit`: what a group is to achieve.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::registration::register;
use super::{Board, named_or_own, require_coordinator};
use crate::commands::text::refuse_secrets;
use crate::commands::{goal, one_line};
use crate::domain::group::GroupName;
use crate::error::{Error, Kind, Result};
use crate::project::Project;

/// Say what a group is to achieve: its objective in a line, its goal by id
///
/// For its coordinator, an orchestrator or a person.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// The group (default: yours)
    pub name: Option<GroupName>,
    /// What it is to achieve, one line; empty takes it away
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub objective: Option<String>,
    /// The goal that it works on (`ghp goals`); `none` takes it away
    #[arg(long, value_name = "ID")]
    pub goal: Option<String>,
}

/// What it is to achieve now.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The group.
    pub group: String,
    /// In a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objective: Option<String>,
    /// The goal's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = project.by()?;
    let board = Board::of(project, project.now())?;
    let name = args.name.as_ref().map(GroupName::as_str);
    let group = named_or_own(project, &board, name)?;
    if args.objective.is_none() && args.goal.is_none() {
        return Err(Error::new(Kind::Usage, "say what to change")
            .next(format!("ghp group edit {} --objective TEXT", group.name)));
    }
    let what = format!("saying what {} is to achieve", group.name);
    require_coordinator(project, &board, &group, &what)?;
    let objective = args.objective.as_deref();
    let objective = objective
        .map(|text| one_line(text, "objective"))
        .transpose()?;
    let again = format!("ghp group edit {} --objective TEXT", group.name);
    refuse_secrets(
        objective.as_deref().unwrap_or_default(),
        "objective",
        &again,
    )?;
    let id = match args.goal.as_deref() {
        Some(word) => Some(goal::id(project, word)?),
        None => None,
    };
    let report = project.decide(&by, "group edit", |transaction| {
        let given = match &id {
            Some(id) => goal::give(transaction, &group.name, id.as_deref())?,
            None => false,
        };
        let Some(mut now) = transaction.group(&group.name)? else {
            return Err(super::unknown(project, &group.name)?);
        };
        let before = now.objective.clone();
        if let Some(text) = &objective {
            now.objective = Some(text.clone()).filter(|text| !text.is_empty());
        }
        if given || before != now.objective {
            transaction.save_group(&now)?;
            let what = now.objective.as_deref().or(now.goal.as_deref());
            let what = what.unwrap_or("nothing in particular");
            transaction.say(format!("{} is to achieve: {what}", now.name), None);
        }
        Ok(Report {
            group: now.name,
            objective: now.objective,
            goal: now.goal,
        })
    })?;
    register(project, &report.group);
    Ok(report)
}
