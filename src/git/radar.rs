//! The radar: which work cannot be merged with which. Everything is looked at in a throw-away store of objects
//! ([`aside`]); no worktree, no index and no object of the repository is touched.

mod aside;
mod bases;
mod cores;
mod direct;
mod judge;
mod library;
mod memory;
mod program;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use git2::{Oid, Repository};

use super::GitError;
use super::differences::{self, Differences};
use super::place::Place;
use super::work::tip;
use crate::domain::conflict::{Kind, Lines, overlap};
use aside::Aside;
use bases::Left;
use direct::{Attributes, Outcome, Sides};
use judge::Judge;
use memory::Memory;

/// A piece of work: a branch, what a worktree holds, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Work {
    /// The branch, without `refs/heads/`.
    pub branch: Option<String>,
    /// The worktree, whose uncommitted files count as if they were committed.
    pub worktree: Option<PathBuf>,
}

/// Two pieces of work clash in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The first one's place in the list.
    pub first: usize,
    /// The second one's; none: the main branch.
    pub second: Option<usize>,
    /// The file.
    pub path: String,
    /// How.
    pub kind: Kind,
    /// In which of the first one's lines, where there are lines.
    pub ranges: Vec<Lines>,
}

/// What the radar saw.
#[derive(Debug, Default)]
pub struct Sight {
    /// By pair, those with the main branch behind all others; then by path.
    pub clashes: Vec<Clash>,
    /// For each piece of work the files that no commit holds.
    pub uncommitted: Vec<BTreeSet<String>>,
    /// Files that were not looked at, and why, one line each.
    pub left_out: Vec<String>,
    /// The store, for whoever wants the differences.
    aside: Option<Aside>,
    ends: Vec<Option<End>>,
    shared: BTreeMap<(usize, Option<usize>), BTreeSet<String>>,
}

/// Where a piece of work stands.
#[derive(Debug, Clone)]
struct End {
    tip: Oid,
    left: Left,
    /// What it changed since then.
    own: BTreeSet<String>,
    /// The same, with what stood there and what stands there now.
    differences: Differences,
}

/// A merge to try: two pieces of work, and the paths that both changed.
struct Meeting {
    first: usize,
    second: Option<usize>,
    tips: [Oid; 2],
    /// Where they left the main branch: the base of the one, and the other's if that is another.
    bases: Vec<Oid>,
    both: BTreeSet<String>,
    /// The files to merge; none when trees must be merged.
    files: Option<Vec<(String, Sides)>>,
}

/// A file that a trial merge could not settle.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Unsettled {
    path: Vec<u8>,
    /// The base's, the first one's and the second one's: mode and blob.
    stages: [Option<(u32, Oid)>; 3],
    /// What the merge itself calls it: of a rename, or of a file and a folder.
    said: String,
}

/// Looks at these pieces of work: those pairs of them, and each with `main`. A branch or a worktree that has vanished
/// clashes with nothing.
pub fn look(
    place: &Place,
    main: &str,
    works: &[Work],
    pairs: &[(usize, usize)],
) -> Result<Sight, GitError> {
    // What damaged objects there are, git finds; to hash every one that is read takes longer than to merge.
    git2::opts::strict_hash_verification(false);
    let common = &place.common;
    let aside = Aside::beside(common);
    let mut taken = snapshot::all(&aside, works);
    let repository = aside.open()?;
    let at = place.worktree.as_deref().unwrap_or(common);
    let code = Repository::open(at).map_err(|error| GitError::opening(at, &error))?;
    let mut tips = Vec::new();
    for (work, snapshot) in works.iter().zip(&taken) {
        let of_branch = || match &work.branch {
            Some(branch) => Ok(tip(&code, branch)?.map(|commit| commit.id())),
            None => Ok(None),
        };
        tips.push(snapshot.tip.map_or_else(of_branch, |tip| Ok(Some(tip)))?);
    }
    let main = tip(&code, main)?.map(|commit| commit.id());
    let mut memory = Memory::of(common);
    let ends = ends(&aside, &mut memory, main, &tips)?;
    let mut attributes = Attributes::of(&code);
    let mut meetings = meetings(&repository, &mut memory, main, &ends, pairs)?;
    for meeting in &mut meetings {
        meeting
            .require_plain(&mut attributes)
            .map_err(GitError::at("reading the worktree's attributes"))?;
    }
    let clashes = trials(place, &aside, &mut memory, &meetings)?;
    memory.keep();
    Ok(Sight {
        clashes,
        left_out: taken
            .iter_mut()
            .flat_map(|it| it.left_out.drain(..))
            .collect(),
        uncommitted: taken.into_iter().map(|it| it.paths).collect(),
        aside: Some(aside),
        ends,
        shared: meetings
            .into_iter()
            .map(|meeting| ((meeting.first, meeting.second), meeting.both))
            .collect(),
    })
}

/// Where each piece of work stands.
fn ends(
    aside: &Aside,
    memory: &mut Memory,
    main: Option<Oid>,
    tips: &[Option<Oid>],
) -> Result<Vec<Option<End>>, GitError> {
    let known: Vec<Oid> = tips.iter().flatten().copied().collect();
    let left = match main {
        Some(main) => {
            let all: Vec<Oid> = std::iter::once(main).chain(known.iter().copied()).collect();
            let walk = |_: &[Vec<Oid>]| Ok(vec![bases::with(&aside.open()?, main, &known)?]);
            memory.left.fill(&[all], walk)?.pop().unwrap_or_default()
        }
        None => vec![Left::default(); known.len()],
    };
    let apart: Vec<[Oid; 2]> = left
        .iter()
        .zip(&known)
        .filter_map(|(left, tip)| left.base.map(|base| [base, *tip]))
        .collect();
    let some = |apart: &[[Oid; 2]]| -> Result<Vec<Differences>, GitError> {
        let repository = aside.open()?;
        let differing = |[base, tip]: &[Oid; 2]| differences::between(&repository, *base, *tip);
        let found = apart.iter().map(differing).collect::<Result<_, _>>();
        found.map_err(GitError::at("comparing two commits"))
    };
    let find = |apart: &[[Oid; 2]]| cores::spread(apart, 8, some);
    let mut differences = memory.differences.fill(&apart, find)?.into_iter();
    let mut left = left.into_iter();
    let mut end = |tip: Oid| {
        let left = left.next().unwrap_or_default();
        let differences = left.base.and_then(|_| differences.next());
        let differences = differences.unwrap_or_default();
        End {
            tip,
            left,
            own: differences.keys().cloned().collect(),
            differences,
        }
    };
    Ok(tips.iter().map(|tip| tip.map(&mut end)).collect())
}

/// The merges worth trying: where both sides changed a path.
fn meetings(
    repository: &Repository,
    memory: &mut Memory,
    main: Option<Oid>,
    ends: &[Option<End>],
    pairs: &[(usize, usize)],
) -> Result<Vec<Meeting>, GitError> {
    let mut meetings = Vec::new();
    for (first, second) in pairs {
        if let (Some(one), Some(other)) = (&ends[*first], &ends[*second]) {
            let both = overlap(&one.own, &other.own);
            if !both.is_empty() {
                meetings.push(Meeting {
                    first: *first,
                    second: Some(*second),
                    tips: [one.tip, other.tip],
                    bases: bases_of(one, other),
                    files: files_of(one, other, &both),
                    both,
                });
            }
        }
    }
    for (first, end) in ends.iter().enumerate() {
        let (Some(main), Some(end)) = (main, end) else {
            continue;
        };
        let is_behind = |base: &Oid| *base != main && *base != end.tip;
        let Some(base) = end.left.base.filter(is_behind) else {
            continue;
        };
        let own = &end.differences;
        let key = [base, end.tip, main];
        let find = |_: &[[Oid; 3]]| Ok(vec![direct::changed(repository, [base, main], own)?]);
        let changed = memory.standing.fill(&[key], find);
        let changed = changed.map_err(GitError::at("comparing the main branch"))?;
        let changed = changed.into_iter().next().unwrap_or_default();
        if !changed.is_empty() {
            let both = changed.keys().cloned().collect();
            let theirs = |path: &str| changed.get(path).copied().flatten();
            let files = end.left.single_base();
            let files = files.and_then(|_| direct::files(&both, own, own, theirs));
            meetings.push(Meeting {
                first,
                second: None,
                tips: [end.tip, main],
                bases: vec![base],
                files,
                both,
            });
        }
    }
    Ok(meetings)
}

/// The files in which two pieces of work meet, where their merge base is plain: one of them tells what stood there.
fn files_of(one: &End, other: &End, both: &BTreeSet<String>) -> Option<Vec<(String, Sides)>> {
    let base = one.left.shared_base(&other.left)?;
    let of_base = if one.left.base == Some(base) {
        one
    } else {
        other
    };
    let theirs = |path: &str| other.differences.get(path).and_then(|[_, after]| *after);
    direct::files(both, &of_base.differences, &one.differences, theirs)
}

impl Meeting {
    /// Leaves it to a merge of trees when one of its files is merged in some other way than by lines.
    fn require_plain(&mut self, attributes: &mut Attributes<'_>) -> Result<(), git2::Error> {
        for (path, sides) in self.files.iter().flatten() {
            if direct::differ(*sides) && !attributes.is_plain(path)? {
                self.files = None;
                break;
            }
        }
        Ok(())
    }
}

fn bases_of(one: &End, other: &End) -> Vec<Oid> {
    let mut bases: Vec<Oid> = one.left.base.into_iter().chain(other.left.base).collect();
    bases.dedup();
    bases
}

/// What clashes in each merge: file by file where that is exact; else by the `git` program, which knows more of renames and
/// is faster, or by libgit2 where that program is missing or too old.
fn trials(
    place: &Place,
    aside: &Aside,
    memory: &mut Memory,
    meetings: &[Meeting],
) -> Result<Vec<Clash>, GitError> {
    let outcomes = outcomes(aside, memory, meetings)?;
    let of_trees = meetings.iter().filter(|meeting| meeting.files.is_none());
    let tips: Vec<[Oid; 2]> = of_trees.map(|meeting| meeting.tips).collect();
    let unsettled = if tips.is_empty() {
        Vec::new()
    } else {
        match program::merge(place, aside, &tips)? {
            Some(unsettled) => unsettled,
            None => library::merge(place, aside, &tips)?,
        }
    };
    let mut unsettled = unsettled.into_iter();
    let repository = aside.open()?;
    let judge = Judge::new(&repository);
    let mut clashes = Vec::new();
    for meeting in meetings {
        let found = if let Some(files) = &meeting.files {
            let clash = |(path, sides): &(String, Sides)| {
                let (kind, ranges) = outcomes.get(sides)?.clone()?;
                Some((path.clone(), kind, ranges))
            };
            files.iter().filter_map(clash).collect()
        } else {
            let unsettled = unsettled.next().unwrap_or_default();
            let with_main = meeting.second.is_none();
            judge.clashes(unsettled, &meeting.bases, &meeting.both, with_main)?
        };
        clashes.extend(found.into_iter().map(|(path, kind, ranges)| Clash {
            first: meeting.first,
            second: meeting.second,
            path,
            kind,
            ranges,
        }));
    }
    Ok(clashes)
}

/// What merging the lines of these meetings' files comes to, each three contents once.
fn outcomes(
    aside: &Aside,
    memory: &mut Memory,
    meetings: &[Meeting],
) -> Result<HashMap<Sides, Outcome>, GitError> {
    let files = meetings.iter().flat_map(|meeting| &meeting.files).flatten();
    let files = files.filter(|(_, sides)| direct::differ(*sides));
    // By path, so that a core has to itself what it reads.
    let files: BTreeSet<(&str, Sides)> =
        files.map(|(path, sides)| (path.as_str(), *sides)).collect();
    let files: Vec<Sides> = files.into_iter().map(|(_, sides)| sides).collect();
    let some = |files: &[Sides]| {
        let merged = direct::merge(&aside.open()?, files);
        merged.map_err(GitError::at("merging files in memory"))
    };
    let find = |files: &[Sides]| cores::spread(files, 16, some);
    let merged = memory.outcomes.fill(&files, find)?;
    Ok(files.into_iter().zip(merged).collect())
}

impl Sight {
    /// All that a piece of work has changed since it left the main branch, committed or not.
    pub fn changed(&self, work: usize) -> impl Iterator<Item = &String> {
        let end = self.ends.get(work).and_then(Option::as_ref);
        end.into_iter().flat_map(|end| &end.own)
    }

    /// All paths that the two sides of this clash have both changed.
    pub fn shared(&self, clash: &Clash) -> impl Iterator<Item = &String> {
        self.shared
            .get(&(clash.first, clash.second))
            .into_iter()
            .flatten()
    }

    /// What a piece of work made of these paths since it left the main branch, as a patch of at most so many lines;
    /// whether it was cut short is the second value.
    pub fn patch(
        &self,
        work: usize,
        paths: &BTreeSet<String>,
        most: usize,
    ) -> Result<(String, bool), GitError> {
        let (Some(aside), Some(Some(end))) = (&self.aside, self.ends.get(work)) else {
            return Ok((String::new(), false));
        };
        judge::patch(&aside.open()?, end.left.base, end.tip, paths, most)
            .map_err(GitError::at("comparing two commits"))
    }
}

#[cfg(test)]
mod tests;
