//! Where many branches left one: all merge bases in one walk, each commit read once. libgit2 walks again for every pair,
//! which costs more than all the trial merges.

use std::collections::{BinaryHeap, HashMap};

use git2::{ErrorCode, Oid, Repository};
use serde::{Deserialize, Serialize};

use crate::git::GitError;
use crate::git::differences::Id;

/// What is known of a commit: a bit for each tip.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Mark {
    /// `main` reaches it.
    main: bool,
    /// These tips reach it.
    from: u64,
    /// For these tips a merge base below which it lies was found.
    settled: u64,
}

impl Mark {
    fn or(self, other: Mark) -> Mark {
        Mark {
            main: self.main || other.main,
            from: self.from | other.from,
            settled: self.settled | other.settled,
        }
    }
}

/// Where a tip left the main branch.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(from = "Parts", into = "Parts")]
pub(super) struct Left {
    /// The merge base; none when they have nothing in common.
    pub base: Option<Oid>,
    /// Which walk it was in, and its bit there.
    walk: (usize, u64),
    /// The bits of those that share commits with it which the main branch does not have; all, when there were several bases.
    kin: u64,
    /// The bits of those that reach the base.
    reached: u64,
}

/// The same as it is kept.
type Parts = (Option<Id>, (usize, u64), u64, u64);

impl From<Parts> for Left {
    fn from((base, walk, kin, reached): Parts) -> Left {
        Left {
            base: base.map(|id| id.0),
            walk,
            kin,
            reached,
        }
    }
}

impl From<Left> for Parts {
    fn from(left: Left) -> Parts {
        (left.base.map(Id), left.walk, left.kin, left.reached)
    }
}

impl Left {
    /// The base, when it is the only one.
    pub(super) fn single_base(&self) -> Option<Oid> {
        self.base.filter(|_| self.kin != u64::MAX)
    }

    /// The merge base of the two, when it is plain: all that they share is what the main branch had where one of them left it.
    pub(super) fn shared_base(&self, other: &Left) -> Option<Oid> {
        let apart = self.kin != u64::MAX
            && other.kin != u64::MAX
            && self.walk.0 == other.walk.0
            && self.kin & other.walk.1 == 0;
        if !apart {
            None
        } else if self.reached & other.walk.1 != 0 {
            self.base
        } else if other.reached & self.walk.1 != 0 {
            other.base
        } else {
            None
        }
    }
}

/// For each tip where it left `main`.
pub(super) fn with(
    repository: &Repository,
    main: Oid,
    tips: &[Oid],
) -> Result<Vec<Left>, GitError> {
    let mut all = Vec::with_capacity(tips.len());
    for (number, some) in tips.chunks(63).enumerate() {
        let found =
            walk(repository, main, some).map_err(GitError::at("looking for the merge bases"))?;
        for (bit, tip) in some.iter().enumerate() {
            let (candidates, kin) = (&found.candidates[bit], found.kin(bit));
            let walk = (number, 1 << bit);
            let (base, kin) = match candidates.as_slice() {
                [] => (None, kin),
                [base] => (Some(*base), kin),
                // Criss-cross merges, or clocks that disagree.
                _ => (single(repository, main, *tip)?, u64::MAX),
            };
            let reached = base.map_or(0, |base| found.marks.get(&base).map_or(0, |mark| mark.from));
            all.push(Left {
                base,
                walk,
                kin,
                reached,
            });
        }
    }
    Ok(all)
}

fn single(repository: &Repository, main: Oid, tip: Oid) -> Result<Option<Oid>, GitError> {
    match repository.merge_base(main, tip) {
        Ok(base) => Ok(Some(base)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(GitError::at("looking for the merge base")(error)),
    }
}

/// Git's own walk for one pair (the newest commit first, what `main` and the tip both reach is a candidate, what lies
/// below one is none), for all tips at once.
fn walk(repository: &Repository, main: Oid, tips: &[Oid]) -> Result<Walked, git2::Error> {
    let all = u64::MAX >> (64 - tips.len());
    let mut marks: HashMap<Oid, Mark> = HashMap::new();
    let mut queue = BinaryHeap::new();
    let put = |marks: &mut HashMap<Oid, Mark>,
               queue: &mut BinaryHeap<(i64, Oid)>,
               id: Oid,
               mark: Mark|
     -> Result<(), git2::Error> {
        let known = marks.entry(id).or_default();
        let now = known.or(mark);
        if now != *known {
            *known = now;
            queue.push((repository.find_commit(id)?.time().seconds(), id));
        }
        Ok(())
    };
    let of_main = Mark {
        main: true,
        ..Mark::default()
    };
    put(&mut marks, &mut queue, main, of_main)?;
    for (bit, tip) in tips.iter().enumerate() {
        let from = Mark {
            from: 1 << bit,
            ..Mark::default()
        };
        put(&mut marks, &mut queue, *tip, from)?;
    }
    let mut candidates = vec![Vec::new(); tips.len()];
    while queue.iter().any(|(_, id)| marks[id].settled != all) {
        let Some((_, id)) = queue.pop() else { break };
        let mark = marks[&id];
        let common = if mark.main { mark.from } else { 0 };
        for (bit, found) in candidates.iter_mut().enumerate() {
            if (common & !mark.settled) >> bit & 1 == 1 && !found.contains(&id) {
                found.push(id);
            }
        }
        let below = Mark {
            settled: mark.settled | common,
            ..mark
        };
        let parents: Vec<Oid> = repository.find_commit(id)?.parent_ids().collect();
        for parent in parents {
            put(&mut marks, &mut queue, parent, below)?;
        }
    }
    for (bit, found) in candidates.iter_mut().enumerate() {
        found.retain(|id| marks[id].settled >> bit & 1 == 0);
    }
    Ok(Walked { candidates, marks })
}

/// What a walk found.
struct Walked {
    /// For each tip the commits that may be its merge base.
    candidates: Vec<Vec<Oid>>,
    marks: HashMap<Oid, Mark>,
}

impl Walked {
    /// The bits of the tips that share commits with this one which the main branch does not have.
    fn kin(&self, bit: usize) -> u64 {
        let shared = |mark: &&Mark| !mark.main && mark.from >> bit & 1 == 1;
        let all = self.marks.values().filter(shared);
        all.fold(0, |kin, mark| kin | mark.from) & !(1 << bit)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::git::testing::Scratch;

    /// A history: each commit with its parents among the earlier ones, and a clock that may be wrong.
    fn histories() -> impl Strategy<Value = Vec<(Vec<usize>, i64)>> {
        proptest::collection::vec(
            (proptest::collection::vec(any::<usize>(), 0..3), 0..40_i64),
            2..30,
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn as_libgit2_finds_them(history in histories(), skew in any::<bool>()) {
            let scratch = Scratch::repository();
            let repository = Repository::open(scratch.path()).expect("a repository");
            let tree = repository.treebuilder(None).and_then(|tree| tree.write()).expect("a tree");
            let tree = repository.find_tree(tree).expect("a tree");
            let mut ids: Vec<Oid> = Vec::new();
            for (at, (parents, clock)) in history.iter().enumerate() {
                let seconds = if skew { *clock } else { i64::try_from(at).expect("small") * 60 };
                let who = git2::Signature::new("A", "a@x", &git2::Time::new(seconds, 0)).expect("a name");
                let parents: Vec<_> = parents
                    .iter()
                    .filter(|_| at > 0)
                    .map(|parent| ids[parent % at])
                    .map(|id| repository.find_commit(id).expect("a commit"))
                    .collect();
                let parents: Vec<_> = parents.iter().collect();
                let text = at.to_string();
                ids.push(repository.commit(None, &who, &who, &text, &tree, &parents).expect("a commit"));
            }
            let main = *ids.last().expect("some");
            let all = |one, other| -> Vec<Oid> {
                let bases = repository.merge_bases(one, other);
                bases.map(|bases| bases.iter().copied().collect()).unwrap_or_default()
            };
            let left = with(&repository, main, &ids).expect("bases");
            for (tip, left) in ids.iter().zip(&left) {
                let all = all(main, *tip);
                match left.base {
                    Some(base) => prop_assert!(all.contains(&base), "{tip}: {base} of {all:?}"),
                    None => prop_assert!(all.is_empty(), "{tip}: none of {all:?}"),
                }
            }
            for (one, of_one) in ids.iter().zip(&left) {
                for (other, of_other) in ids.iter().zip(&left).filter(|(other, _)| *other != one) {
                    if let Some(base) = of_one.shared_base(of_other) {
                        prop_assert_eq!(&all(*one, *other), &[base]);
                    }
                }
            }
        }
    }
}
