//! `ghp install`: hands git, coding agents' harnesses and CI the command that asks us, and takes it back.
//!
//! A target is a file in this folder and a row of [`TARGETS`].

mod agents_md;
mod claude;
mod codex;
mod codex_config;
mod cursor;
pub(crate) mod editor;
mod gemini;
mod git;
mod github_actions;
mod hook;
mod hooks;
mod opencode;
mod pre_commit;
mod server;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::{Outside, system};
use crate::domain::nearest::nearest;
use crate::error::{Error, Kind, Result};
use crate::git::place::{self, Place};
use crate::host::env;
use crate::host::lock::{self, Lock};
use crate::host::settings::Settings;
use crate::store::error::StoreError;
pub(crate) use hook::Hook;
use hook::HookPlan;

/// A program that can be told of us.
pub(crate) struct Target {
    /// Its word on the command line.
    pub name: &'static str,
    /// What it gives, in one line.
    pub gives: &'static str,
    /// What a person should know once it is there.
    pub note: Option<&'static str>,
    /// What it needs.
    pub needs: Needs,
    /// Where it takes servers of tools.
    pub servers: Option<Servers>,
}

/// Where a harness is told of `ghp mcp`.
pub(crate) struct Servers {
    /// What it gives, in one line.
    pub gives: &'static str,
    /// What a person should know once it is there.
    pub note: &'static str,
    /// The files: for everybody in this worktree, or for the person everywhere.
    pub files: fn(&Site, Reach) -> Result<Vec<Part>>,
}

/// For whom a server is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Everybody who works in this worktree.
    Worktree,
    /// The person, wherever they work.
    Person,
}

/// What a target needs.
pub(crate) enum Needs {
    /// A text in files of the worktree or of the person.
    Files(fn(&Site) -> Result<Vec<Part>>),
    /// Scripts that git runs.
    Hooks(fn(&Site) -> Result<Vec<Hook>>),
}

/// Every target, in the order of the table.
const TARGETS: &[Target] = &[
    git::TARGET,
    claude::TARGET,
    codex::TARGET,
    gemini::TARGET,
    opencode::TARGET,
    cursor::TARGET,
    editor::TARGET,
    agents_md::TARGET,
    github_actions::TARGET,
    pre_commit::TARGET,
];

/// Where things are installed.
pub(crate) struct Site {
    /// The top of the worktree that we stand in; `None`: a bare repository, or the documents.
    worktree: Option<PathBuf>,
    /// The repository's place, for what is git's own.
    pub place: Place,
}

impl Site {
    /// The top of the worktree that we stand in.
    pub(crate) fn worktree(&self) -> Result<&Path> {
        self.worktree.as_deref().ok_or_else(|| {
            Error::new(Kind::Usage, "this is no worktree of the code")
                .hint("go to one, or name it")
                .next("ghp -C DIR install")
        })
    }

    /// The folder that a file of this reach lies beneath.
    pub(crate) fn root(&self, reach: Reach) -> Result<PathBuf> {
        match reach {
            Reach::Worktree => Ok(self.worktree()?.to_owned()),
            Reach::Person => env::home().ok_or_else(|| {
                Error::new(
                    Kind::Failed,
                    "HOME is not set, so nobody knows whose settings",
                )
                .next("ghp install --mcp")
            }),
        }
    }
}

/// A file, or our part of it.
pub(crate) struct Part {
    /// The folder that it must not leave.
    pub root: PathBuf,
    /// The file, relative to that.
    pub path: &'static str,
    /// The mode of a new file.
    pub mode: u32,
    /// The file's text (`None`: there is none) with our part in it, the present text when it is in it already.
    pub put: fn(Option<&str>) -> Result<String, Refusal>,
    /// The file's text without our part, the present text when there is none of it; `None`: nothing else was in it.
    pub take: fn(&str) -> Result<Option<String>, Refusal>,
}

/// Why a file cannot take our part.
pub(crate) enum Refusal {
    /// It is not what it should be: where and why.
    Malformed(String),
    /// It is somebody else's.
    Foreign,
    /// It has another server of our name.
    Taken,
}

/// Tell git, coding agents' harnesses and CI to ask ghp before a change
///
/// Without a target: what is here and what is missing. Everything else in a settings file stays as it is, and git's hooks
/// that were there before still run; --remove takes exactly ours out again. `git` writes hooks where git looks for them (in
/// a bare repository pre-receive), `codex` writes into ~/.codex, the others into the worktree you stand in. Exit 8 with
/// --check: something is missing or old. With --mcp it is about `ghp mcp` in the harness's list of servers instead.
#[derive(Debug, Default, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "options of the command line")]
pub struct Args {
    /// git, claude, codex, gemini, opencode, cursor, editor, agents-md, github-actions or pre-commit (repeatable)
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// `ghp mcp` as a server of tools, in place of hooks
    #[arg(long)]
    pub mcp: bool,
    /// With --mcp: for you in every project, not for everybody in this worktree
    #[arg(long, requires = "mcp")]
    pub user: bool,
    /// Only look whether it is there and as it should be
    #[arg(long)]
    pub check: bool,
    /// Take it out again
    #[arg(long, conflicts_with = "check")]
    pub remove: bool,
    /// Only show what the files would hold
    #[arg(long, conflicts_with_all = ["check", "remove"])]
    pub print: bool,
}

/// How a target stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Here,
    /// Not there.
    Missing,
    /// Of another version, or changed by hand.
    Old,
}

/// What was found or done.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// In the order of the table.
    pub targets: Vec<Installed>,
    /// Whether this was only a look.
    #[serde(skip)]
    pub is_look: bool,
    /// Whether `--check` asked.
    #[serde(skip)]
    pub is_check: bool,
    /// Whether it is about servers.
    #[serde(skip)]
    pub is_mcp: bool,
}

/// One target.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Installed {
    /// Its word.
    pub target: &'static str,
    /// What it gives.
    pub gives: &'static str,
    /// How it stands now.
    pub state: State,
    /// Its files.
    pub files: Vec<Written>,
    /// What a person should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One file of a target.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Written {
    /// Where it is.
    pub path: PathBuf,
    /// How it stands now.
    pub state: State,
    /// Whether it was just changed.
    pub changed: bool,
    /// What it would hold (`--print`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Runs the verb.
pub fn run(outside: &Outside, args: Args) -> Result<Report> {
    let site = site(outside)?;
    let chosen = chosen(&args, &site)?;
    let is_look = args.check || args.print || args.targets.is_empty();
    let _turn = if is_look { None } else { Some(turn(&site)?) };
    // All of them are looked at before the first is written: what cannot be done is said first.
    let mut plans = Vec::new();
    for target in chosen {
        for plan in plans_of(target, &site, &args)? {
            plans.push((target, plan));
        }
    }
    let mut targets: Vec<Installed> = Vec::new();
    for (target, plan) in plans {
        let own = plan.note();
        let written = plan.carry_out(&args, is_look)?;
        let (gives, note) = match &target.servers {
            Some(servers) if args.mcp => (servers.gives, Some(servers.note)),
            _ => (target.gives, target.note),
        };
        let note = own.or_else(|| note.map(str::to_owned));
        let note = note.filter(|_| written.changed && !args.remove);
        match targets.iter_mut().find(|one| one.target == target.name) {
            Some(one) => {
                one.state = one.state.max(written.state);
                one.note = one.note.take().or(note);
                one.files.push(written);
            }
            None => targets.push(Installed {
                target: target.name,
                gives,
                state: written.state,
                note,
                files: vec![written],
            }),
        }
    }
    Ok(Report {
        targets,
        is_look,
        is_check: args.check,
        is_mcp: args.mcp,
    })
}

/// One at a time writes settings, or what another has just put into the same file is lost. All that a person can write lies
/// beneath one folder as good as always.
fn turn(site: &Site) -> Result<Lock> {
    let home = env::home().filter(|home| home.is_dir());
    let folder = home.as_deref().unwrap_or(&site.place.common);
    let taken = lock::folder(folder, Duration::from_secs(10));
    Ok(taken.map_err(StoreError::Lock)?)
}

fn plans_of(target: &Target, site: &Site, args: &Args) -> Result<Vec<Plan>> {
    let all = |parts: Vec<Part>| {
        let plans = parts.into_iter().map(|part| FilePlan::make(part, args));
        plans.map(|plan| plan.map(Plan::File)).collect()
    };
    if args.mcp {
        let reach = if args.user {
            Reach::Person
        } else {
            Reach::Worktree
        };
        let servers = target.servers.as_ref();
        let servers = servers.ok_or_else(|| no_servers(target.name))?;
        return all((servers.files)(site, reach)?);
    }
    match target.needs {
        Needs::Files(files) => all(files(site)?),
        Needs::Hooks(hooks) => {
            let hooks = hooks(site)?.into_iter();
            hooks
                .map(|hook| HookPlan::make(hook).map(Plan::Hook))
                .collect()
        }
    }
}

/// A file or hook, what it holds and what it should.
enum Plan {
    File(FilePlan),
    Hook(HookPlan),
}

impl Plan {
    fn note(&self) -> Option<String> {
        match self {
            Plan::File(_) => None,
            Plan::Hook(plan) => plan.note(),
        }
    }

    fn carry_out(self, args: &Args, is_look: bool) -> Result<Written> {
        match self {
            Plan::File(plan) => plan.carry_out(args, is_look),
            Plan::Hook(plan) => plan.carry_out(args, is_look),
        }
    }
}

/// The targets that are asked for; all that there can be here when none is.
fn chosen(args: &Args, site: &Site) -> Result<Vec<&'static Target>> {
    if args.targets.is_empty() {
        if args.remove || args.print {
            return Err(Error::new(Kind::Usage, "say which target")
                .hint("what is here and what is missing")
                .next("ghp install"));
        }
        let has_place = site.worktree.is_some();
        let is_possible = |target: &&Target| {
            if args.mcp {
                target.servers.is_some() && (args.user || has_place)
            } else {
                has_place || matches!(target.needs, Needs::Hooks(_))
            }
        };
        return Ok(TARGETS.iter().filter(is_possible).collect());
    }
    let find = |name: &String| {
        let found = TARGETS.iter().find(|target| target.name == name);
        found.ok_or_else(|| {
            let shown = crate::domain::escape::one_line(name, 40);
            let error = Error::new(Kind::NotFound, format!("there is no target \"{shown}\""));
            match nearest(name, TARGETS.iter().map(|target| target.name)) {
                Some(near) => error
                    .hint("did you mean")
                    .next(format!("ghp install {near}")),
                None => error.next("ghp install"),
            }
        })
    };
    args.targets.iter().map(find).collect()
}

fn site(outside: &Outside) -> Result<Site> {
    let cwd = match &outside.directory {
        None => env::current_dir(),
        Some(directory) => directory.canonicalize(),
    };
    let place = place::find(&cwd.map_err(system("look where we are"))?)?;
    let worktree = place.worktree.clone();
    let is_documents = |top: &PathBuf| {
        place
            .documents()
            .is_ok_and(|there| there.as_ref() == Some(top))
    };
    let worktree = worktree.filter(|top| !is_documents(top));
    Ok(Site { worktree, place })
}

/// A file, what it holds and what it should.
struct FilePlan {
    part: Part,
    file: Settings,
    shown: PathBuf,
    before: Option<String>,
    /// `None`: it cannot take our part.
    with: Option<String>,
    without: Option<String>,
}

impl FilePlan {
    /// Looks at the file. What cannot be done is an error only where that is what is asked for.
    fn make(part: Part, args: &Args) -> Result<FilePlan> {
        let shown = part.root.join(part.path);
        let file = Settings::find(&part.root, part.path)?;
        let before = file.text()?;
        let refused = |refusal| refused(&shown, refusal);
        let with = match (part.put)(before.as_deref()) {
            Err(_) if args.remove || args.targets.is_empty() => None,
            with => Some(with.map_err(refused)?),
        };
        let without = match before.as_deref().map(part.take) {
            Some(Err(_)) if args.targets.is_empty() => before.clone(),
            Some(without) => without.map_err(refused)?,
            None => None,
        };
        Ok(FilePlan {
            part,
            file,
            shown,
            before,
            with,
            without,
        })
    }

    fn state(&self) -> State {
        if self.before.is_some() && self.before == self.with {
            State::Here
        } else if self.before == self.without {
            State::Missing
        } else {
            State::Old
        }
    }

    fn carry_out(self, args: &Args, is_look: bool) -> Result<Written> {
        let mut state = self.state();
        let mut changed = false;
        if !is_look && args.remove {
            changed = self.before != self.without;
            match &self.without {
                _ if !changed => {}
                Some(text) => self.file.replace(text, self.part.mode)?,
                None => self.file.remove(&self.part.root)?,
            }
            state = State::Missing;
        } else if !is_look && let Some(with) = &self.with {
            changed = state != State::Here;
            if changed {
                self.file.replace(with, self.part.mode)?;
            }
            state = State::Here;
        }
        Ok(Written {
            path: self.shown,
            state,
            changed,
            text: self.with.filter(|_| args.print),
        })
    }
}

fn no_servers(target: &str) -> Error {
    Error::new(Kind::Usage, format!("{target} takes no servers of tools"))
        .hint("see which do")
        .next("ghp install --mcp")
}

fn refused(path: &Path, refusal: Refusal) -> Error {
    let path = path.display();
    match refusal {
        Refusal::Malformed(why) => Error::new(Kind::Unreadable, format!("{path} cannot be read"))
            .because(why)
            .hint("it is left as it is; correct it first, then")
            .next("ghp install"),
        Refusal::Taken => Error::new(
            Kind::Unsafe,
            format!("{path} has another server of the name {}", server::NAME),
        )
        .hint("it is left as it is; give that one another name first, then")
        .next("ghp install --mcp"),
        Refusal::Foreign => Error::new(Kind::Unsafe, format!("{path} is not ours"))
            .hint("it is left as it is; move it away first, then")
            .next("ghp install"),
    }
}
