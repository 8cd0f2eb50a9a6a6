//! Trial merges by libgit2, for a machine whose `git` cannot.

use git2::{ErrorCode, MergeOptions, Oid, Repository};

use super::Unsettled;
use super::aside::Aside;
use crate::git::GitError;
use crate::git::place::Place;

/// What each merge of two commits leaves unsettled. Unrelated histories are not merged.
pub(super) fn merge(
    place: &Place,
    aside: &Aside,
    tips: &[[Oid; 2]],
) -> Result<Vec<Vec<Unsettled>>, GitError> {
    let folder = place.worktree.as_deref().unwrap_or(&place.common);
    let repository = Repository::open(folder).map_err(|error| GitError::opening(folder, &error))?;
    aside.lend(&repository)?;
    tips.iter()
        .map(|[ours, theirs]| one(&repository, *ours, *theirs))
        .collect::<Result<_, _>>()
        .map_err(GitError::at("merging two commits in memory"))
}

fn one(repository: &Repository, ours: Oid, theirs: Oid) -> Result<Vec<Unsettled>, git2::Error> {
    match repository.merge_base(ours, theirs) {
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut options = MergeOptions::new();
    options.find_renames(true);
    let commit = |id| repository.find_commit(id);
    let index = repository.merge_commits(&commit(ours)?, &commit(theirs)?, Some(&options))?;
    let mut files: Vec<Unsettled> = Vec::new();
    for conflict in index.conflicts()? {
        let conflict = conflict?;
        let sides = [conflict.ancestor, conflict.our, conflict.their];
        for (stage, entry) in sides.into_iter().enumerate() {
            let Some(entry) = entry else { continue };
            let at = files.iter().position(|file| file.path == entry.path);
            let at = at.unwrap_or_else(|| {
                files.push(Unsettled {
                    path: entry.path,
                    ..Unsettled::default()
                });
                files.len() - 1
            });
            files[at].stages[stage] = Some((entry.mode, entry.id));
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}
