//! Which paths are asked about, and the verdict on each.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::ground::Ground;
use super::locate::{Located, Search};
use super::rivals::{self, LOOKED_FOR, Others};
use super::source::Source;
use super::{Args, Heard, PathVerdict, Report, worst};
use crate::authority::{self, Asked, Facts, Place as Lies, RULES, Ruling, Stands, Verdict, decide};
use crate::commands::conflicts::lifted;
use crate::error::{Error, Kind, Result};
use crate::git::changes;
use crate::git::ignored::Ignoring;
use crate::git::index_changes::Staged;
use crate::git::place::Place;
use crate::host::input;
use crate::project::{Caller, Project};
use crate::store::layout;

/// The longest list of paths, in bytes.
const MOST_INPUT: u64 = 64 << 20;
/// More files in a folder are refused: they would have to be looked at one by one.
const MOST_FILES: usize = 50_000;

/// A check under way.
pub(super) struct Asking<'a> {
    /// Where the caller stands.
    pub place: &'a Place,
    /// The folder that paths are relative to.
    cwd: &'a Path,
    /// The project, when its documents are read as they are now.
    live: Option<&'a Project>,
    /// Whether others' changes are looked up now, or taken as last noted.
    afresh: bool,
    /// The facts.
    pub ground: Ground,
    /// What is being looked for in the index meanwhile.
    staged: Option<Staged>,
    others: Option<Others>,
    /// The worktree that was last asked what it ignores.
    ignoring: Option<Ignoring>,
    asked: BTreeSet<String>,
    has_rivals: bool,
    has_lifted: bool,
}

/// What may be done at these paths, as an editor asks: documents as they are now, others' changes as last noted.
pub fn at_edit(
    project: &Project,
    caller: &Caller,
    cwd: &Path,
    paths: &[PathBuf],
) -> Result<Report> {
    let source = Source::Live(project);
    let ground = Ground::read(&source, project.config()?, project.now())?;
    let mut asking = Asking::new(&project.place, cwd, Some(project), false, ground);
    asking.check(
        caller,
        &Args {
            paths: paths.to_vec(),
            ..Args::default()
        },
    )
}

/// The issue that the branch checked out here names.
pub fn issue_here(project: &Project) -> Result<Option<u64>> {
    let source = Source::Live(project);
    let mut ground = Ground::read(&source, project.config()?, project.now())?;
    ground.asked_by(project.caller()?);
    let head = project.place.head()?;
    ground.on_branch(&project.place, head.branch())?;
    Ok(ground.facts.branch.issue)
}

impl<'a> Asking<'a> {
    /// A check to be, from the folder `cwd`, in this worktree.
    pub(super) fn new(
        place: &'a Place,
        cwd: &'a Path,
        live: Option<&'a Project>,
        afresh: bool,
        ground: Ground,
    ) -> Asking<'a> {
        Asking {
            place,
            cwd,
            live,
            afresh,
            ground,
            staged: None,
            others: None,
            ignoring: None,
            asked: BTreeSet::new(),
            has_rivals: false,
            has_lifted: false,
        }
    }

    /// With what git finds staged, for which nobody need wait yet.
    pub(super) fn with_staged(mut self, staged: Option<Staged>) -> Asking<'a> {
        self.staged = staged;
        self
    }

    /// The verdict on everything that the arguments name.
    pub(super) fn check(&mut self, caller: &Caller, args: &Args) -> Result<Report> {
        self.ground.asked_by(caller);
        let head = self.head(args.branch.as_deref())?;
        self.ground.on_branch(self.place, head.as_deref())?;
        self.stand_by(self.place.worktree.as_deref());
        let here = self.ground.facts.branch.clone();
        if let (Some(_), Some(project)) = (&self.staged, self.live) {
            self.others = Some(Others::at_work(project, &self.ground)?);
        }
        let names_none = args.paths.is_empty() && !args.stdin;
        let located = if names_none && self.is_among_documents() {
            // Whoever commits in the documents' own worktree is a person at work on them.
            Vec::new()
        } else {
            self.located(args)?
        };
        // Of more nobody is asked one by one.
        if !self.afresh || located.len() <= LOOKED_FOR {
            self.asked = located.iter().map(|at| at.path.clone()).collect();
        }
        if let (Some(others), Some(project)) = (self.others.take(), self.live) {
            self.has_rivals = true;
            self.ground.with_rivals(others.among(project, &self.asked));
        }
        let mut paths = Vec::with_capacity(located.len());
        let mut worktree: Option<PathBuf> = None;
        for at in located {
            if let Some(of) = &at.worktree
                && args.branch.is_none()
                && worktree.as_ref() != Some(&of.git_dir)
            {
                let head = of.head()?;
                self.ground.on_branch(of, head.branch())?;
                self.stand_by(of.worktree.as_deref());
                worktree = Some(of.git_dir.clone());
            }
            paths.push(self.judge(&at, args.explain)?);
        }
        Ok(Report {
            verdict: worst(&paths),
            agent: caller.reported(),
            role: Some(self.ground.facts.role),
            issue: here.issue,
            branch: here.name,
            paths,
            explain: args.explain,
            warnings: Vec::new(),
        })
    }

    /// The branch that is named, else the one checked out; `None`: HEAD is detached.
    pub(super) fn head(&self, named: Option<&str>) -> Result<Option<String>> {
        Ok(match named {
            Some(named) => Some(
                named
                    .strip_prefix("refs/heads/")
                    .unwrap_or(named)
                    .to_owned(),
            ),
            None => self.place.head()?.branch().map(str::to_owned),
        })
    }

    /// Where the caller stands, as seen from the top of a worktree.
    fn stand_by(&mut self, top: Option<&Path>) {
        let Some(top) = top else { return };
        self.ground.facts.stands = match self.cwd.strip_prefix(top) {
            Ok(below) if below.as_os_str().is_empty() => Stands::Below(String::new()),
            Ok(below) => Stands::Below(format!("{}/", below.display())),
            Err(_) => Stands::Elsewhere(top.to_owned()),
        };
    }

    fn is_among_documents(&self) -> bool {
        let documents = self.live.map(Project::documents);
        documents.is_some() && self.place.worktree.as_deref() == documents
    }

    /// What may be done there. What costs more is asked only when it can make a difference.
    pub(super) fn judge(&mut self, at: &Located, explain: bool) -> Result<PathVerdict> {
        let mut asked = Asked {
            path: &at.path,
            place: at.place,
        };
        let mut ruling = decide(asked, &self.ground.facts);
        if rank(&ruling) > rank_of("outside") && ruling.verdict != Verdict::Allow || explain {
            let worktree = at.worktree.as_ref().and_then(|of| of.worktree.as_deref());
            if let Some(worktree) = worktree
                && at.place == Lies::Code
                && self.ignores(worktree, &at.path)?
            {
                asked.place = Lies::Ignored;
                ruling = decide(asked, &self.ground.facts);
            }
        }
        if !self.has_rivals
            && rank(&ruling) > rank_of("conflict")
            && let Some(project) = self.live
        {
            self.has_rivals = true;
            let rivals = if self.afresh {
                Others::at_work(project, &self.ground)?.among(project, &self.asked)
            } else {
                rivals::noted(project, &self.ground, &self.asked)?
            };
            self.ground.with_rivals(rivals);
            ruling = decide(asked, &self.ground.facts);
        }
        if ruling.rule == "conflict"
            && let Some(project) = self.live
            && !self.has_lifted
        {
            self.has_lifted = true;
            self.ground.facts.lifted = lifted(project)?;
            ruling = decide(asked, &self.ground.facts);
        }
        let mut verdict = PathVerdict::new(&at.path, ruling);
        if explain {
            verdict.asked = heard(asked, &self.ground.facts);
        }
        Ok(verdict)
    }

    fn ignores(&mut self, worktree: &Path, path: &str) -> Result<bool> {
        let known = self.ignoring.take().filter(|known| known.is_of(worktree));
        let ignoring = match known {
            Some(known) => known,
            None => Ignoring::open(worktree)?,
        };
        let ignores = ignoring.ignores(path);
        self.ignoring = Some(ignoring);
        Ok(ignores?)
    }

    /// What may be done at a path of a commit: git holds it, so nothing is ignored.
    pub(super) fn judge_commit(&self, path: &str) -> PathVerdict {
        let place = lies(path, self.ground.facts.policy.ignore_case);
        PathVerdict::new(path, decide(Asked { path, place }, &self.ground.facts))
    }

    fn located(&mut self, args: &Args) -> Result<Vec<Located>> {
        let search = Search {
            here: self.place,
            cwd: self.cwd,
            documents: self.live.map(Project::documents),
            me: self.ground.facts.me(),
            ignore_case: self.ground.facts.policy.ignore_case,
        };
        if let Some(staged) = self.staged.take() {
            return Ok(self.here(&search, staged.paths()?));
        }
        if args.paths.is_empty() && !args.stdin {
            let changed = changes::uncommitted(self.worktree()?)?;
            return Ok(self.here(&search, changed));
        }
        let mut named = args.paths.clone();
        if args.stdin {
            named.extend(from_stdin(args.nul)?);
        }
        let mut all = Vec::new();
        for path in named {
            let at = search.locate(&path);
            let files = self.files_of(&path, &at)?;
            if files.is_empty() {
                all.push(at);
            } else {
                all.extend(files.iter().map(|file| search.locate(file)));
            }
        }
        Ok(all)
    }

    /// Paths of this worktree, as git names them: no symlink is followed, for git records the link itself.
    fn here(&self, search: &Search<'_>, paths: BTreeSet<String>) -> Vec<Located> {
        let place = Rc::new(self.place.clone());
        let at = |path: String| Located {
            place: lies(&path, search.ignore_case),
            path,
            worktree: Some(Rc::clone(&place)),
        };
        paths.into_iter().map(at).collect()
    }

    fn worktree(&self) -> Result<&Path> {
        self.place.worktree.as_deref().ok_or_else(without_worktree)
    }

    /// The files of a folder: whoever asks for a folder asks for what is in it.
    fn files_of(&self, path: &Path, at: &Located) -> Result<Vec<PathBuf>> {
        let folder = self.cwd.join(path);
        if at.place != Lies::Code || !folder.is_dir() {
            return Ok(Vec::new());
        }
        let documents = self.live.map(Project::documents);
        let mut files = Vec::new();
        let mut folders = vec![folder];
        while let Some(folder) = folders.pop() {
            // One that cannot be read holds nothing that could be written either.
            let Ok(entries) = std::fs::read_dir(&folder) else {
                continue;
            };
            for entry in entries.flatten() {
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if entry.file_name() == ".git" || Some(entry.path().as_path()) == documents {
                    continue;
                }
                if is_folder {
                    folders.push(entry.path());
                } else {
                    files.push(entry.path());
                }
                if files.len() > MOST_FILES {
                    let said = format!("{} holds more than {MOST_FILES} files", path.display());
                    return Err(Error::new(Kind::Usage, said)
                        .hint("ask for less at a time")
                        .next("ghp check"));
                }
            }
        }
        files.sort();
        Ok(files)
    }
}

/// The error of a bare repository.
pub(super) fn without_worktree() -> Error {
    Error::new(Kind::Usage, "a bare repository has no changes to check")
        .hint("name commits")
        .next("ghp check --range A..B --branch BRANCH")
}

/// Where a path that git holds lies: in a folder that is called like the documents', or among the code.
fn lies(path: &str, ignore_case: bool) -> Lies {
    let first = path.split('/').next().unwrap_or_default();
    if first == layout::DOCUMENTS || ignore_case && first.eq_ignore_ascii_case(layout::DOCUMENTS) {
        Lies::Documents
    } else {
        Lies::Code
    }
}

fn from_stdin(nul: bool) -> Result<Vec<PathBuf>> {
    use std::os::unix::ffi::OsStringExt;
    let bytes = input::all(MOST_INPUT).map_err(crate::commands::system("read the paths"))?;
    if !nul && bytes.contains(&0) {
        return Err(Error::new(Kind::Usage, "a path holds a NUL byte")
            .hint("for paths that end with NUL")
            .next("ghp check --stdin -z"));
    }
    let end = if nul { b'\0' } else { b'\n' };
    let paths = bytes
        .split(|byte| *byte == end)
        .map(|line| {
            if nul {
                line
            } else {
                line.strip_suffix(b"\r").unwrap_or(line)
            }
        })
        .filter(|line| !line.is_empty());
    Ok(paths
        .map(|line| PathBuf::from(std::ffi::OsString::from_vec(line.to_vec())))
        .collect())
}

fn rank_of(rule: &str) -> usize {
    RULES
        .iter()
        .position(|known| known.name == rule)
        .unwrap_or(0)
}

fn rank(ruling: &Ruling) -> usize {
    rank_of(ruling.rule)
}

fn heard(asked: Asked<'_>, facts: &Facts) -> Vec<Heard> {
    authority::explain(asked, facts)
        .into_iter()
        .map(|(rule, ruling)| Heard {
            rule: rule.name,
            speaks_of: rule.speaks_of,
            spoke: ruling.is_some(),
        })
        .collect()
}
