//! The radar: which work cannot be merged with which. Everything is looked at in a throw-away store of objects
//! ([`aside`]); no worktree, no index and no object of the repository is touched.

mod aside;
mod bases;
mod direct;
mod judge;
mod library;
mod program;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use git2::{Oid, Repository};

use super::GitError;
use super::changes::between;
use super::place::Place;
use super::work::tip;
use crate::domain::conflict::{Kind, Lines, overlap};
use aside::Aside;
use bases::Left;
use direct::Files;
use judge::Judge;

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
}

/// A merge to try: two pieces of work, and the paths that both changed.
struct Meeting {
    first: usize,
    second: Option<usize>,
    tips: [Oid; 2],
    /// Where they left the main branch: the base of the one, and the other's if that is another.
    bases: Vec<Oid>,
    /// Their own merge base, where that is plain.
    base: Option<Oid>,
    both: BTreeSet<String>,
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
    let ends = ends(&repository, main, &tips)?;
    let meetings = meetings(&repository, main, &ends, pairs)?;
    let merged = trials(place, &aside, &meetings)?;
    let judge = Judge::new(&repository);
    let mut clashes = Vec::new();
    for (meeting, unsettled) in meetings.iter().zip(merged) {
        let with_main = meeting.second.is_none();
        let found = judge.clashes(unsettled, &meeting.bases, &meeting.both, with_main)?;
        clashes.extend(found.into_iter().map(|(path, kind, ranges)| Clash {
            first: meeting.first,
            second: meeting.second,
            path,
            kind,
            ranges,
        }));
    }
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

fn ends(
    repository: &Repository,
    main: Option<Oid>,
    tips: &[Option<Oid>],
) -> Result<Vec<Option<End>>, GitError> {
    let known: Vec<Oid> = tips.iter().flatten().copied().collect();
    let mut left = match main {
        Some(main) => bases::with(repository, main, &known)?.into_iter(),
        None => Vec::new().into_iter(),
    };
    let mut ends = Vec::new();
    for tip in tips {
        let Some(tip) = *tip else {
            ends.push(None);
            continue;
        };
        let left = left.next().unwrap_or_default();
        let own = left.base.map_or_else(
            || Ok(BTreeSet::new()),
            |base| between(repository, base, tip),
        )?;
        ends.push(Some(End { tip, left, own }));
    }
    Ok(ends)
}

/// The merges worth trying: where both sides changed a path.
fn meetings(
    repository: &Repository,
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
                    base: one.left.shared_base(&other.left),
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
        let both = direct::changed(repository, [base, main], &end.own)
            .map_err(GitError::at("comparing the main branch"))?;
        if !both.is_empty() {
            let tips = [end.tip, main];
            meetings.push(Meeting {
                first,
                second: None,
                tips,
                bases: vec![base],
                base: end.left.single_base(),
                both,
            });
        }
    }
    Ok(meetings)
}

fn bases_of(one: &End, other: &End) -> Vec<Oid> {
    let mut bases: Vec<Oid> = one.left.base.into_iter().chain(other.left.base).collect();
    bases.dedup();
    bases
}

/// What each merge leaves unsettled: file by file where that is exact; else by the `git` program, which knows more of
/// renames and is faster, or by libgit2 where that program is missing or too old.
fn trials(
    place: &Place,
    aside: &Aside,
    meetings: &[Meeting],
) -> Result<Vec<Vec<Unsettled>>, GitError> {
    let merged = direct_trials(place, aside, meetings)?;
    let open = || {
        merged
            .iter()
            .zip(meetings)
            .filter(|(merged, _)| merged.is_none())
    };
    let tips: Vec<[Oid; 2]> = open().map(|(_, meeting)| meeting.tips).collect();
    let mut others = if tips.is_empty() {
        Vec::new()
    } else {
        match program::merge(place, aside, &tips)? {
            Some(merged) => merged,
            None => library::merge(place, aside, &tips)?,
        }
    }
    .into_iter();
    let filled = merged
        .into_iter()
        .map(|merged| merged.or_else(|| others.next()));
    Ok(filled.map(Option::unwrap_or_default).collect())
}

/// What can be told file by file, on every core: reading the files takes most of the time.
fn direct_trials(
    place: &Place,
    aside: &Aside,
    meetings: &[Meeting],
) -> Result<Vec<Option<Vec<Unsettled>>>, GitError> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let some = |meetings: &[Meeting]| -> Result<Vec<Option<Vec<Unsettled>>>, GitError> {
        let repository = aside.open()?;
        let at = place.worktree.as_deref().unwrap_or(&place.common);
        let code = Repository::open(at).map_err(|error| GitError::opening(at, &error))?;
        let mut files = Files::new(&repository, &code);
        let mut one = |meeting: &Meeting| {
            let merged = |base| files.merge(base, meeting.tips, &meeting.both);
            meeting.base.map_or(Ok(None), merged)
        };
        let merged = meetings.iter().map(&mut one).collect::<Result<_, _>>();
        merged.map_err(GitError::at("merging files in memory"))
    };
    if meetings.len() < 8 {
        return some(meetings);
    }
    std::thread::scope(|scope| {
        let parts = meetings.chunks(meetings.len().div_ceil(cores));
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || some(part))).collect();
        let mut merged = Vec::new();
        for thread in threads {
            let part = thread.join();
            merged.extend(part.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(merged)
    })
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
