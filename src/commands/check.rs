//! `ghp check`: may I change this?

mod asked;
mod ground;
mod locate;
pub(super) mod pushed;
mod range;
mod rivals;
mod source;

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::Outside;
use crate::authority::Ruling;
pub use crate::authority::Verdict;
use crate::config::Config;
use crate::domain::agent::Role;
use crate::error::{Error, Kind, Result};
use crate::git::index_changes::Staged;
use crate::git::place::{self, Place};
use crate::git::snapshot::Snapshot;
use crate::host::clock;
use crate::project::{Caller, Project};
use crate::store::layout;
use asked::Asking;
use ground::Ground;
use source::Source;

pub use asked::{at_edit, issue_here};
pub(crate) use locate::{path_of_code, resolve as leads_to};

/// May I change these paths? Says nothing when all is well
///
/// Without paths: what `git status` shows changed. Exit 0 allowed, 3 refused or to be approved first, 4 in conflict with
/// another agent's change, 6 your issue is another's now: stop writing.
#[derive(Debug, Default, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "options of the command line")]
pub struct Args {
    /// Paths, relative to this folder
    #[arg(value_name = "PATH", conflicts_with_all = ["staged", "range"])]
    pub paths: Vec<PathBuf>,
    /// Read paths from standard input, one a line
    #[arg(long, conflicts_with_all = ["staged", "range"])]
    pub stdin: bool,
    /// With --stdin: paths end with NUL
    #[arg(short = 'z', requires = "stdin")]
    pub nul: bool,
    /// Check what the next commit would hold
    #[arg(long, conflicts_with = "range")]
    pub staged: bool,
    /// Check commits, each as the agent that made it
    #[arg(long, value_name = "A..B", allow_hyphen_values = false)]
    pub range: Option<String>,
    /// As if this branch were checked out
    #[arg(long, value_name = "BRANCH")]
    pub branch: Option<String>,
    /// Read the documents from this revision of their branch
    #[arg(long, value_name = "REV")]
    pub documents: Option<String>,
    /// Say for each path which rules were asked
    #[arg(long)]
    pub explain: bool,
}

/// The verdict.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The worst of the paths.
    pub verdict: Verdict,
    /// Who asks; `human` for a person. Absent for an unnamed agent, and where commits are of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// In which role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The issue that the branch names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<u64>,
    /// The branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Each path.
    pub paths: Vec<PathVerdict>,
    /// Whether to show people every rule that was asked.
    #[serde(skip)]
    pub explain: bool,
    /// What there is to say beside it.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// What may be done at one path.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PathVerdict {
    /// Relative to the top of its worktree.
    pub path: String,
    /// Whether it may be changed.
    pub verdict: Verdict,
    /// The rule that spoke.
    pub rule: &'static str,
    /// Why.
    pub reason: String,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Who may approve it.
    pub approvers: Vec<String>,
    /// The command to type next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The commit that changed it, of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The agent that made that commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The rules that were asked, with `--explain`: name and what it said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Heard>,
}

/// A rule that was asked.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Heard {
    /// Its name.
    pub rule: &'static str,
    /// When it speaks.
    #[serde(rename = "speaksOf")]
    pub speaks_of: &'static str,
    /// Whether it did.
    pub spoke: bool,
}

impl Report {
    /// The verdict on commits that cannot be read.
    fn unreadable(branch: &str, error: &Error) -> Report {
        let verdict = PathVerdict {
            path: branch.to_owned(),
            verdict: Verdict::Deny,
            rule: "unreadable",
            reason: format!("its commits cannot be read: {}", error.message),
            owner: None,
            approvers: Vec::new(),
            next: Some("git fsck".to_owned()),
            commit: None,
            agent: None,
            asked: Vec::new(),
        };
        Report {
            verdict: Verdict::Deny,
            agent: None,
            role: None,
            issue: None,
            branch: Some(branch.to_owned()),
            paths: vec![verdict],
            explain: false,
            warnings: Vec::new(),
        }
    }
}

impl PathVerdict {
    fn new(path: impl Into<String>, ruling: Ruling) -> PathVerdict {
        PathVerdict {
            path: path.into(),
            verdict: ruling.verdict,
            rule: ruling.rule,
            reason: ruling.reason,
            owner: ruling.owner,
            approvers: ruling.approvers,
            next: ruling.next,
            commit: None,
            agent: None,
            asked: Vec::new(),
        }
    }
}

/// The worst of them; allowed when there are none.
pub fn worst(paths: &[PathVerdict]) -> Verdict {
    paths
        .iter()
        .map(|path| path.verdict)
        .max()
        .unwrap_or(Verdict::Allow)
}

/// Runs the verb.
pub fn run(outside: &Outside, args: Args) -> Result<Report> {
    let documents = args.documents.as_deref();
    let (mut report, warnings) = ask(outside, documents, args.staged, |asking, caller| {
        if let Some(range) = &args.range {
            range::check(asking, range, args.branch.as_deref())
        } else {
            asking.check(caller, &args)
        }
    })?;
    report.warnings = warnings;
    Ok(report)
}

/// The answer to a question, and what there is to say beside it. `staged`: it is about what the next commit would hold.
fn ask<T>(
    outside: &Outside,
    documents: Option<&str>,
    staged: bool,
    question: impl FnOnce(&mut Asking<'_>, &Caller) -> Result<T>,
) -> Result<(T, Vec<String>)> {
    let project = match outside.project() {
        Ok(project) => Some(project),
        // Without documents of its own this clone may still have their branch.
        Err(error) if error.kind == Kind::NoDocuments => None,
        Err(error) => return Err(error),
    };
    let project = project.as_ref();
    let cwd = directory(outside)?;
    let place = match project {
        Some(project) => project.place.clone(),
        None => place::find(&cwd)?,
    };
    let found;
    let caller = if let Some(project) = project {
        project.caller()?
    } else {
        found = outside.found(&place)?;
        &found.caller
    };
    let staged = match &place.worktree {
        Some(worktree) if staged => Some(Staged::start(worktree, &place)?),
        None if staged => return Err(asked::without_worktree()),
        _ => None,
    };
    let source = source(project, &place, documents)?;
    let loaded;
    let (live, config) = match &source {
        Source::Live(project) => (Some(*project), project.config()?),
        Source::Commit(snapshot) => {
            loaded = Config::load(snapshot.text(layout::CONFIG)?.as_deref(), layout::CONFIG)?;
            (None, &loaded)
        }
    };
    let now = project.map_or_else(clock::now, Project::now);
    let ground = Ground::read(&source, config, now)?;
    let mut asking = Asking::new(&place, &cwd, live, true, ground).with_staged(staged);
    let answer = question(&mut asking, caller)?;
    let mut warnings = std::mem::take(&mut asking.ground.warnings);
    warnings.extend(project.map(Project::warnings).unwrap_or_default());
    Ok((answer, warnings))
}

/// The documents to read: those named, else the live ones, else their branch as it was fetched or lies here.
fn source<'a>(
    project: Option<&'a Project>,
    place: &Place,
    named: Option<&str>,
) -> Result<Source<'a>> {
    let fetched = format!("refs/remotes/origin/{}", layout::BRANCH);
    let local = format!("refs/heads/{}", layout::BRANCH);
    let revisions: &[&str] = match (named, project) {
        (Some(named), _) => &[named],
        (None, Some(project)) => return Ok(Source::Live(project)),
        (None, None) => &[&fetched, &local],
    };
    match (Snapshot::open(&place.common, revisions)?, named) {
        (Some(snapshot), Some(named)) if !snapshot.has_documents()? => Err(Error::new(
            Kind::NotFound,
            format!("{named} holds no documents"),
        )
        .next(format!("ghp check --documents origin/{}", layout::BRANCH))),
        (Some(snapshot), _) => Ok(Source::Commit(snapshot)),
        (None, Some(named)) => Err(Error::new(
            Kind::NotFound,
            format!("there is no revision {named} to read documents from"),
        )
        .next(format!("git fetch origin {}", layout::BRANCH))),
        (None, None) => Err(crate::project::no_documents()),
    }
}

pub(super) fn directory(outside: &Outside) -> Result<PathBuf> {
    let cwd = match &outside.directory {
        None => crate::host::env::current_dir(),
        Some(directory) => directory.canonicalize(),
    };
    cwd.map_err(super::system("find the folder this runs in"))
}
