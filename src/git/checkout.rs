//! An issue's branch, or one for work without an issue, checked out where its agent works. Everything made here can be taken back, because the decision
//! that it is for may still fail. One at a time: a lock of its own, never held together with the store's.

mod error;
#[cfg(test)]
mod tests;
mod undo;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::{BranchType, Config, ConfigLevel, ErrorCode, Oid, Repository};

use super::command::git;
use super::place::Place;
use super::{GitError, checkouts, guarded, uncommitted};
use crate::domain::branch;
use crate::host::lock::{Lock, lock};
use crate::store::layout;
pub use error::CheckoutError;
use undo::{Undo, undo};

/// How long to wait for others who add worktrees; each of them needs well under a second.
const PATIENCE: Duration = Duration::from_mins(1);

/// What is to be checked out, and for whom.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The issue; `None`: work that has none.
    pub issue: Option<u64>,
    /// Its branch.
    pub branch: &'a str,
    /// The branch that a new one begins at.
    pub main: &'a str,
    /// The agent that will work there.
    pub agent: &'a str,
    /// Whether it works there itself already, and says its name there: then the main worktree, where people work too,
    /// gets no label.
    pub is_caller: bool,
    /// The command that makes a worktree of its own instead, to be named in refusals; `None`: this is that worktree.
    pub instead: Option<&'a str>,
}

/// A worktree on the issue's branch, labelled with the agent.
#[derive(Debug)]
pub struct Prepared {
    /// The worktree.
    pub place: Place,
    /// Whether a branch or a worktree was made for it.
    pub created: bool,
    /// Whether anything at all was done.
    pub changed: bool,
    /// Whether the worktree itself was made.
    pub is_new_worktree: bool,
    /// A former holder's worktree that was taken off the branch; its files are as they were.
    pub detached: Option<PathBuf>,
    undo: Vec<Undo>,
}

/// Checks the branch out in the worktree that `place` stands in, which must be clean.
pub fn here(place: &Place, wanted: Wanted<'_>) -> Result<Prepared, CheckoutError> {
    let _lock = locked(&place.common)?;
    here_locked(place, wanted)
}

fn here_locked(place: &Place, wanted: Wanted<'_>) -> Result<Prepared, CheckoutError> {
    let worktree = place
        .worktree
        .clone()
        .ok_or_else(|| CheckoutError::NoWorktree {
            instead: wanted.instead.map(str::to_owned),
        })?;
    let mut steps = Steps::new(place);
    let done = steps.check_out(place, &worktree, wanted);
    steps.finish(done, place.clone())
}

/// Checks the branch out in a worktree at `path`, which is made if there is none. Where the agent's own worktree has the
/// branch already (an accepted handoff gave it), that is its place.
pub fn in_worktree(
    place: &Place,
    path: &Path,
    wanted: Wanted<'_>,
) -> Result<Prepared, CheckoutError> {
    let mut lock = locked(&place.common)?;
    let is_own = |other: &Place| {
        other.git_dir != other.common && other.label().as_deref() == Some(wanted.agent)
    };
    let mut own = checkouts::on_branch(place, wanted.branch)?.into_iter();
    let there = match own.find(is_own) {
        Some(own) => Some(own),
        None => checkouts::at(place, path)?,
    };
    if let Some(there) = there {
        let path = there.worktree.as_deref().unwrap_or(path);
        if is_unfilled(&there, path) {
            drop(lock);
            finish(&there, path, wanted.agent)?;
            lock = locked(&place.common)?;
        }
        let prepared = here_locked(&there, wanted);
        drop(lock);
        return prepared;
    }
    let occupied = match fs::read_dir(path) {
        Ok(mut names) => names.next().is_some(),
        Err(_) => fs::symlink_metadata(path).is_ok(),
    };
    if occupied {
        return Err(CheckoutError::Occupied {
            at: path.to_owned(),
        });
    }
    let mut steps = Steps::new(place);
    let there = match steps.add(place, path, wanted) {
        Ok(there) => there,
        Err(error) => return steps.finish(Err(error), place.clone()),
    };
    let filling = filling(&there);
    // Writing its files may take long, and is nobody else's business.
    drop(lock);
    let filled = filling.and_then(|_held| fill(path, &there.git_dir));
    let lock = filled
        .as_ref()
        .err()
        .map(|_| locked(&place.common))
        .transpose()?;
    let prepared = steps.finish(filled, there);
    drop(lock);
    prepared
}

/// Nobody else writes the files of this new worktree until it is dropped.
fn filling(place: &Place) -> Result<Lock, CheckoutError> {
    Ok(lock(&place.git_dir.join(layout::FILLING), || PATIENCE)?)
}

/// Whether a linked worktree has no files yet: it has no index, and nothing but its link to git.
fn is_unfilled(place: &Place, path: &Path) -> bool {
    let is_link = |entry: io::Result<fs::DirEntry>| entry.is_ok_and(|it| it.file_name() == ".git");
    place.git_dir != place.common
        && !place.git_dir.join("index").exists()
        && fs::read_dir(path).is_ok_and(|mut entries| entries.all(is_link))
}

/// Writes the files of a worktree that has none, unless it is another agent's: whoever made it is about to, or was killed
/// over it. `false`: it had some.
pub fn finish(place: &Place, path: &Path, agent: &str) -> Result<bool, CheckoutError> {
    if !is_unfilled(place, path) || place.label().is_some_and(|label| label != agent) {
        return Ok(false);
    }
    let _held = filling(place)?;
    let is_left = is_unfilled(place, path);
    if is_left {
        fill(path, &place.git_dir)?;
    }
    Ok(is_left)
}

/// Writes the files of a new worktree. Git is told which one: looking for itself it could find another, with work in it.
fn fill(path: &Path, git_dir: &Path) -> Result<(), CheckoutError> {
    let git = git(path)?
        .env("GIT_DIR", git_dir)
        .env("GIT_WORK_TREE", path);
    git.args(["reset", "--hard", "--quiet", "--no-recurse-submodules"])
        .bytes()?;
    Ok(())
}

/// The issue that a branch was made for, as git's configuration says.
pub fn issue_of(place: &Place, branch: &str) -> Result<Option<u64>, GitError> {
    let repository = open(place)?;
    recorded(&repository, branch)
}

impl Prepared {
    /// Takes everything back, last things first; what could not be, in words.
    pub fn undo(self) -> Vec<String> {
        match locked(&self.place.common) {
            Ok(_lock) => undo(&self.place.common, self.undo),
            Err(error) => vec![error.to_string()],
        }
    }
}

/// The steps done so far.
struct Steps {
    common: PathBuf,
    undo: Vec<Undo>,
    is_new_worktree: bool,
    detached: Option<PathBuf>,
}

impl Steps {
    fn new(place: &Place) -> Steps {
        Steps {
            common: place.common.clone(),
            undo: Vec::new(),
            is_new_worktree: false,
            detached: None,
        }
    }

    fn finish(
        self,
        done: Result<(), CheckoutError>,
        place: Place,
    ) -> Result<Prepared, CheckoutError> {
        match done {
            Ok(()) => {
                let created = self
                    .undo
                    .iter()
                    .any(|step| matches!(step, Undo::Branch { .. } | Undo::Worktree(_)));
                let changed = !self.undo.is_empty();
                let Steps {
                    undo,
                    is_new_worktree,
                    detached,
                    ..
                } = self;
                Ok(Prepared {
                    place,
                    created,
                    changed,
                    is_new_worktree,
                    detached,
                    undo,
                })
            }
            Err(error) => {
                let left = undo(&self.common, self.undo);
                if left.is_empty() {
                    Err(error)
                } else {
                    Err(CheckoutError::HalfUndone {
                        error: Box::new(error),
                        left,
                    })
                }
            }
        }
    }

    fn check_out(
        &mut self,
        place: &Place,
        worktree: &Path,
        wanted: Wanted<'_>,
    ) -> Result<(), CheckoutError> {
        refuse_others(place, worktree, wanted)?;
        let head = place.head()?;
        let is_there = head.branch() == Some(wanted.branch);
        if !is_there {
            refuse_unclean(worktree, wanted)?;
        }
        self.branch(place, wanted)?;
        if !is_there {
            self.free(place, worktree, wanted)?;
            self.undo.push(Undo::Switch {
                worktree: worktree.to_owned(),
                back: head,
            });
            let mut switch = git(worktree)?.args(["switch", "--quiet", "--no-guess"]);
            if checkouts::is_kept_by_a_lost_one(place, worktree, wanted.branch)? {
                switch = switch.args(["--ignore-other-worktrees"]);
            }
            switch.args([wanted.branch]).bytes()?;
        }
        self.label(place, wanted)
    }

    fn add(
        &mut self,
        place: &Place,
        path: &Path,
        wanted: Wanted<'_>,
    ) -> Result<Place, CheckoutError> {
        self.free(place, path, wanted)?;
        self.branch(place, wanted)?;
        // Left half made by a failure it is ours to remove: there was nothing before.
        self.undo.push(Undo::Worktree(path.to_owned()));
        let mut add = git(&place.common)?.args(["worktree", "add", "--quiet", "--no-checkout"]);
        if checkouts::is_kept_by_a_lost_one(place, path, wanted.branch)? {
            add = add.args(["--force"]);
        }
        add.args(["--"]).arg(path).arg(wanted.branch).bytes()?;
        self.is_new_worktree = true;
        let there = checkouts::at(place, path)?.ok_or_else(|| CheckoutError::Occupied {
            at: path.to_owned(),
        })?;
        self.label(&there, wanted)?;
        Ok(there)
    }

    /// Takes a former holder's worktree off the branch: its files and commits stay, and it moves the branch no more.
    /// In anybody else's the branch stays.
    fn free(
        &mut self,
        place: &Place,
        worktree: &Path,
        wanted: Wanted<'_>,
    ) -> Result<(), CheckoutError> {
        let target = worktree.canonicalize().ok();
        for other in checkouts::on_branch(place, wanted.branch)? {
            let Some(at) = other
                .worktree
                .clone()
                .filter(|at| at.canonicalize().ok() != target)
            else {
                continue;
            };
            if other.label().is_none_or(|label| label == wanted.agent) {
                return Err(CheckoutError::Elsewhere {
                    branch: wanted.branch.to_owned(),
                    at,
                });
            }
            self.undo.push(Undo::Switch {
                worktree: at.clone(),
                back: other.head()?,
            });
            git(&at)?.args(["switch", "--quiet", "--detach"]).bytes()?;
            self.detached = Some(at);
        }
        Ok(())
    }

    fn label(&mut self, place: &Place, wanted: Wanted<'_>) -> Result<(), CheckoutError> {
        let is_main = place.git_dir == place.common;
        if place.label().is_none() && !(is_main && wanted.is_caller) {
            self.undo.push(Undo::Label(place.clone()));
            place.set_label(Some(wanted.agent))?;
        }
        Ok(())
    }

    /// Makes the branch if there is none, and notes which issue it is for.
    fn branch(&mut self, place: &Place, wanted: Wanted<'_>) -> Result<(), CheckoutError> {
        let name = wanted.branch;
        if !branch::is_name(name) {
            return Err(CheckoutError::BadName {
                name: crate::domain::escape::one_line(name, 80),
                issue: wanted.issue,
            });
        }
        let repository = open(place)?;
        match recorded(&repository, name)? {
            Some(other) if wanted.issue.is_some_and(|issue| issue != other) => {
                return Err(CheckoutError::OtherIssue {
                    branch: name.to_owned(),
                    other,
                    issue: wanted.issue.unwrap_or_default(),
                });
            }
            _ => {}
        }
        match repository.find_branch(name, BranchType::Local) {
            Ok(_) => {}
            Err(error) if error.code() == ErrorCode::NotFound => {
                let at = make(&repository, wanted)?;
                self.undo.push(Undo::Branch {
                    name: name.to_owned(),
                    at,
                });
            }
            Err(error) => return Err(GitError::at("reading a branch")(error).into()),
        }
        if let Some(issue) = wanted.issue
            && recorded(&repository, name)?.is_none()
        {
            self.undo.push(Undo::Record(name.to_owned()));
            guarded::configure(&repository, &[(key(name), issue.to_string())])?;
        }
        Ok(())
    }
}

/// Makes the branch at its remote's, if that was fetched, else at the main one.
fn make(repository: &Repository, wanted: Wanted<'_>) -> Result<Oid, CheckoutError> {
    let name = wanted.branch;
    for (at, _) in name.match_indices('/') {
        if repository
            .find_reference(&format!("refs/heads/{}", &name[..at]))
            .is_ok()
        {
            return Err(CheckoutError::InTheWay {
                name: name[..at].to_owned(),
                branch: name.to_owned(),
            });
        }
    }
    let begins = [
        format!("refs/remotes/origin/{name}"),
        format!("refs/heads/{}", wanted.main),
        format!("refs/remotes/origin/{}", wanted.main),
    ];
    let Some(at) = begins
        .iter()
        .find_map(|begin| repository.refname_to_id(begin).ok())
    else {
        let head = repository
            .head()
            .ok()
            .and_then(|head| head.shorthand().ok().map(str::to_owned));
        return Err(CheckoutError::NoMain {
            main: wanted.main.to_owned(),
            head,
        });
    };
    let made = repository
        .find_commit(at)
        .and_then(|commit| repository.branch(name, &commit, false).map(|_| at));
    Ok(made.map_err(GitError::at("making the branch"))?)
}

fn refuse_others(place: &Place, worktree: &Path, wanted: Wanted<'_>) -> Result<(), CheckoutError> {
    if checkouts::at(place, worktree)?.is_none() {
        // The documents' own worktree, or one that git does not know.
        return Err(CheckoutError::NoWorktree {
            instead: wanted.instead.map(str::to_owned),
        });
    }
    match place.label() {
        Some(other) if other != wanted.agent => Err(CheckoutError::Labelled {
            other: crate::domain::escape::one_line(&other, 64),
            at: worktree.to_owned(),
            instead: wanted.instead.map(str::to_owned),
        }),
        _ => Ok(()),
    }
}

fn refuse_unclean(worktree: &Path, wanted: Wanted<'_>) -> Result<(), CheckoutError> {
    let changed = uncommitted::paths(worktree)?;
    match changed.first() {
        None => Ok(()),
        Some(first) => Err(CheckoutError::Unclean {
            at: worktree.to_owned(),
            first: crate::domain::escape::one_line(first, 60),
            more: changed.len() - 1,
            instead: wanted.instead.map(str::to_owned),
        }),
    }
}

fn open(place: &Place) -> Result<Repository, GitError> {
    Repository::open(&place.common).map_err(|error| GitError::opening(&place.common, &error))
}

/// The repository's own file: a worktree's would not be seen from the others.
fn local_config(repository: &Repository) -> Result<Config, GitError> {
    let config = repository
        .config()
        .and_then(|config| config.open_level(ConfigLevel::Local));
    config.map_err(GitError::at("opening git's configuration"))
}

/// Git gives up at once when two write its configuration, and trips over worktrees that others are adding.
fn locked(common: &Path) -> Result<Lock, CheckoutError> {
    Ok(lock(
        &layout::local_dir(common).join(layout::local::WORKTREES),
        || PATIENCE,
    )?)
}

fn key(branch: &str) -> String {
    format!("branch.{branch}.ghpIssue")
}

fn recorded(repository: &Repository, branch: &str) -> Result<Option<u64>, GitError> {
    match super::settings::read_only(&mut local_config(repository)?)?.get_i64(&key(branch)) {
        Ok(issue) => Ok(u64::try_from(issue).ok().filter(|issue| *issue > 0)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        // A name that git's configuration cannot hold has no note in it.
        Err(error) if error.code() == ErrorCode::InvalidSpec => Ok(None),
        Err(error) => Err(GitError::at("reading git's configuration")(error)),
    }
}
