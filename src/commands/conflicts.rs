//! `ghp conflicts`: whose work cannot be merged with whose, before anybody tries.

mod ask;
mod lifted;

use clap::Args as ClapArgs;
use serde::Serialize;

pub(crate) use lifted::lifted;

use super::approval::paths;
use super::workplaces::{self, Workplace};
use super::{issue, word};
use crate::domain::conflict::{self, Kind, Lifted, Lines, is_lifted};
use crate::domain::id::IssueId;
use crate::domain::issue::Issue;
use crate::domain::shell;
use crate::error::Result;
use crate::git::radar::{self, Sight, Work};
use crate::project::Project;

/// Show whose work clashes with whose, before anybody merges
///
/// Every two agents that are at work are compared, each branch with what is not committed in its worktree, and each
/// branch with the main branch. Where both changed a path since they left the main branch, the two are merged in
/// memory: no worktree, index or object of the repository is touched. The lines are those of the first agent's file.
/// Kinds: content, add/add, delete/modify, rename, mode, binary.
#[derive(Debug, Default, ClapArgs)]
pub struct Args {
    /// Only these files; with --escalate also those that another has changed and you have to
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// Only conflicts of the work on this issue
    #[arg(short, long, value_name = "N")]
    pub issue: Option<IssueId>,
    /// Exit 8 when there are conflicts
    #[arg(long)]
    pub exit_code: bool,
    /// Ask a person, once, who of two agents goes first
    #[arg(long)]
    pub escalate: bool,
}

/// What clashes.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// By pair, those with the main branch last.
    pub conflicts: Vec<Conflict>,
    /// How many pairs of agents' work were compared.
    pub pairs_checked: usize,
    /// What was asked, one line each.
    #[serde(skip)]
    pub asked: Vec<String>,
    /// Whether conflicts end with exit 8.
    #[serde(skip)]
    pub exit_code: bool,
    /// The command to type next, for people.
    #[serde(skip)]
    pub next: Option<String>,
}

/// One file that cannot be merged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflict {
    /// The two agents; one alone conflicts with the main branch.
    pub agents: Vec<String>,
    /// The two branches, in the same order; `HEAD` for a worktree that has none.
    pub branches: Vec<String>,
    /// The file.
    pub path: String,
    /// How.
    pub kind: Kind,
    /// Where, in lines of the first agent's file.
    pub ranges: Vec<Lines>,
    /// The agents among them whose file is not committed.
    pub uncommitted: Vec<String>,
    /// Who goes first, when a person has decided it; for people.
    #[serde(skip)]
    pub first: Option<String>,
}

/// The files that were named, relative to the top; none: all are meant.
pub(super) struct Named(Vec<String>);

impl Named {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this file is among them, or in a folder that is.
    fn means(&self, path: &str) -> bool {
        let is_it = |named: &String| {
            path == named || named.ends_with('/') && path.starts_with(named.as_str())
        };
        self.is_empty() || self.0.iter().any(is_it)
    }
}

/// Runs the verb.
pub fn run(project: &Project, args: Args) -> Result<Report> {
    let by = args.escalate.then(|| project.by()).transpose()?;
    let main = project.config()?.main_branch()?;
    let named = Named(paths::from_top(project, &args.paths)?);
    if let Some(IssueId(number)) = args.issue
        && project
            .store()?
            .load::<Issue>(&number.to_string())?
            .is_none()
    {
        return Err(issue::unknown(number, &project.store()?.stems::<Issue>()?));
    }
    let wanted = |place: &Workplace| args.issue.is_none_or(|issue| place.issue == Some(issue.0));
    let mut places = workplaces::of_live_agents(project)?;
    if !places.iter().any(wanted) {
        places.clear();
    }
    let seats: Vec<_> = places
        .iter()
        .map(|place| (place.agent.as_str(), place.branch.as_deref()))
        .collect();
    let mut pairs = conflict::pairs(&seats);
    pairs.retain(|(first, second)| wanted(&places[*first]) || wanted(&places[*second]));
    let works: Vec<Work> = places
        .iter()
        .map(|place| Work {
            branch: place.branch.clone(),
            worktree: place.worktree.clone(),
        })
        .collect();
    let sight = radar::look(&project.place, &main, &works, &pairs)?;
    for line in &sight.left_out {
        project.warn(line.clone());
    }
    let decided = lifted(project)?;
    let conflicts: Vec<Conflict> = sight
        .clashes
        .iter()
        .filter(|clash| clash.second.is_some() || wanted(&places[clash.first]))
        .filter(|clash| named.means(&clash.path))
        .map(|clash| conflict_of(clash, &places, &sight, &main, &decided))
        .collect();
    let asked = match by {
        Some(by) => ask::all(project, &by, &places, &sight, &named)?,
        None => Vec::new(),
    };
    Ok(Report {
        next: if asked.is_empty() {
            next(&conflicts, &places, &main, args.escalate)
        } else {
            Some("ghp inbox".to_owned())
        },
        conflicts,
        pairs_checked: pairs.len(),
        asked,
        exit_code: args.exit_code,
    })
}

fn conflict_of(
    clash: &radar::Clash,
    places: &[Workplace],
    sight: &Sight,
    main: &str,
    decided: &[Lifted],
) -> Conflict {
    let sides = || std::iter::once(clash.first).chain(clash.second);
    let agent = |side: usize| places[side].agent.to_string();
    let mut branches: Vec<String> = sides().map(|side| branch(&places[side])).collect();
    if clash.second.is_none() {
        branches.push(main.to_owned());
    }
    let agents: Vec<String> = sides().map(agent).collect();
    let first = match agents.as_slice() {
        [one, other] => [(one, other), (other, one)]
            .into_iter()
            .find(|(one, other)| is_lifted(decided, one, other, &clash.path))
            .map(|(one, _)| one.clone()),
        _ => None,
    };
    Conflict {
        agents,
        first,
        branches,
        path: clash.path.clone(),
        kind: clash.kind,
        ranges: clash.ranges.clone(),
        uncommitted: sides()
            .filter(|side| sight.uncommitted[*side].contains(&clash.path))
            .map(agent)
            .collect(),
    }
}

/// What a workplace's branch is called.
fn branch(place: &Workplace) -> String {
    place.branch.clone().unwrap_or_else(|| "HEAD".to_owned())
}

/// What to do about it: ask who goes first, read the answer, or take the main branch in.
fn next(conflicts: &[Conflict], places: &[Workplace], main: &str, asked: bool) -> Option<String> {
    let is_open = |conflict: &Conflict| conflict.agents.len() > 1 && conflict.first.is_none();
    if conflicts.iter().any(is_open) {
        let next = if asked {
            "ghp inbox"
        } else {
            "ghp conflicts --escalate"
        };
        return Some(next.to_owned());
    }
    let behind = conflicts
        .iter()
        .find(|conflict| conflict.agents.len() == 1)?;
    let is_its = |place: &&Workplace| {
        behind.agents[0] == place.agent.as_str() && behind.branches[0] == branch(place)
    };
    let place = places.iter().find(is_its)?;
    Some(match &place.worktree {
        Some(worktree) => format!("git -C {} merge {}", shell::path(worktree), word(main)),
        None => format!("git switch {}", word(&branch(place))),
    })
}
